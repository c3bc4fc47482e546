"""Charts of cost answers with parts: running sums beside last month's, unit costs and shares as lines, two measures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from bot import render
from bot.domain.answers import CostAnswer, Line, Point
from bot.domain.parts import BudgetLine
from bot.domain.question import Question
from bot.render import parts
from bot.render.slack.charts import MOST_BARS, MOST_POINTS, Chart, axes, over_time
from bot.render.slack.tables import one_measure

_ZERO = Decimal(0)
_FEW = 2
_Amount = Callable[[Line | Point], Decimal | None]


def chart(question: Question, answer: CostAnswer) -> Chart | None:
    """The chart of an answer with parts, or None where it would say nothing."""
    if question.cumulative:
        return _running(question, answer)
    if any(parts.STEP in line.key for line in answer.lines):
        return _around(question, answer)
    named = _named(question, answer)
    if question.grain and answer.series:
        return _line(question, answer.series, *named)
    return _bars(question, answer.lines, *named)


def _around(question: Question, answer: CostAnswer) -> Chart | None:
    """The steps around the first of the ranks, each a point of its own."""
    points, note = one_measure(answer.series)
    starts = sorted({point.start for point in points})
    first = next((line.key[parts.STEP] or "" for line in answer.lines if not line.other), "")
    if len(starts) > MOST_POINTS and first:
        at = next((n for n, start in enumerate(starts) if start.isoformat() == first), 0)
        begin = min(max(at - MOST_POINTS // 2, 0), len(starts) - MOST_POINTS)
        kept = set(starts[begin : begin + MOST_POINTS])
        points = [point for point in points if point.start in kept]
        note = f"{note} The chart shows the {len(kept)} {question.grain}s around it.".strip()
    drawn = over_time(question, points)
    return Chart(drawn.block, " ".join(filter(None, (drawn.note, note)))) if drawn else None


def _named(question: Question, answer: CostAnswer) -> tuple[str, str, list[tuple[str, _Amount]]]:
    """The title, the unit of the axis, and each series with its amounts."""
    first = next(iter((*answer.totals, *answer.series, *answer.lines)), None)
    currency, unit = (first.currency or "", first.unit or "") if first else ("", "")
    if question.share_of is not None:
        return (
            "Share",
            "%",
            [("Share", lambda figure: figure.share.share * 100 if figure.share and figure.share.share else _ZERO)],
        )
    if question.per is not None:
        count = parts.per_so_many(answer)
        per = f"per {parts.per_unit(unit, count)}"
        return f"Cost {per}", currency, [(f"P{per[1:]}", lambda figure: figure.amount * count)]
    if question.beside is not None:
        one, other = (name[:1].upper() + name[1:].removesuffix(" and refunds") for name in parts.measures(question))
        return (
            f"{one} and {other.lower()}",
            currency,
            [(one, lambda figure: figure.amount), (other, lambda figure: figure.beside)],
        )
    name = f"Average per {question.average}"
    series: list[tuple[str, _Amount]] = [(name, lambda figure: figure.amount)]
    if question.against and question.period and not question.grain:
        now, then = (render.period(days, year=False) for days in (question.period, question.against))
        series = [(now, lambda figure: figure.amount), (then, lambda figure: figure.against)]
    return name, currency or unit, series


def _line(
    question: Question, points: Sequence[Point], title: str, y_label: str, series: Sequence[tuple[str, _Amount]]
) -> Chart | None:
    """A line over the steps; of a breakdown a line for each of its first few values."""
    points, note = one_measure(points)
    starts = sorted({point.start for point in points})
    if len(starts) < _FEW:
        return None
    kept, thinned = starts[-MOST_POINTS:], ""
    if len(starts) > len(kept):
        thinned = f"The chart shows the latest {len(kept)} of {len(starts)} {question.grain}s."
    end = question.period.end if question.period else None
    names = [render.step(start, question.grain or "day", end) for start in kept]
    drawn: dict[str, list[float]] = {}
    keys = list(dict.fromkeys(tuple(point.key.items()) for point in points))[:6]
    for key in keys:
        found = {point.start: point for point in points if tuple(point.key.items()) == key}
        for name, amount in series:
            label = name if len(keys) == 1 else render.label(dict(key))
            if all(start in found for start in kept):
                drawn[label] = [float(amount(found[start]) or _ZERO) for start in kept]
    if not drawn:
        return None
    return Chart(axes("line", title, names, drawn, y_label), " ".join(filter(None, (note, thinned))))


def _bars(
    question: Question, lines: Sequence[Line], title: str, y_label: str, series: Sequence[tuple[str, _Amount]]
) -> Chart | None:
    """A bar a line, side by side where there are two measures."""
    lines, note = one_measure([line for line in lines if not line.other])
    kept = lines[:MOST_BARS]
    if len(kept) < _FEW:
        return None
    drawn = {name: [float(amount(line) or _ZERO) for line in kept] for name, amount in series}
    by = " and ".join(render.dimension(name) for name in question.by)
    return Chart(axes("bar", f"{title} by {by}", [render.label(line.key) for line in kept], drawn, y_label), note)


def _running(question: Question, answer: CostAnswer) -> Chart | None:
    """The sum so far as a line, beside that of the period compared with."""
    whole = [point for point in answer.series if not any(point.key.values())]
    points, note = one_measure(whole or answer.series)
    starts = sorted({point.start for point in points})
    if len(starts) < _FEW or not question.period:
        return None
    width = -(-len(starts) // MOST_POINTS)
    kept = sorted(range(len(starts) - 1, -1, -width))
    found = {point.start: point for point in points if tuple(point.key.items()) == tuple(points[0].key.items())}
    end = question.period.end
    names = [render.step(starts[at], question.grain or "day", end) for at in kept]
    drawn = {render.period(question.period, year=False): [float(found[starts[at]].amount) for at in kept]}
    if question.against and any(point.against is not None for point in points):
        then = render.period(question.against, year=question.against.start.year != question.period.start.year)
        drawn[then] = [float(found[starts[at]].against or _ZERO) for at in kept]
    measure = points[0].currency or points[0].unit or ""
    budget = next((fact for fact in answer.facts if isinstance(fact, BudgetLine) and fact.currency == measure), None)
    if budget is not None:
        drawn["Budget"] = [float(budget.limit)] * len(kept)
    return Chart(axes("line", "Running total", names, drawn, measure), note)
