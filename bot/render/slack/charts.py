"""An answer's figures as one native chart: at most 12 series of 20 points, labels of 20 characters.

Coordinates are floats; they are drawn, never added up. What a chart leaves out or thins, its note says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from bot import render
from bot.blockkit.build import Block, cut
from bot.domain.answers import BudgetsAnswer, CostAnswer, ExplainAnswer, Forecast, ForecastAnswer, Line, Point
from bot.domain.money import total
from bot.domain.period import DAY, Period
from bot.domain.question import Question
from bot.render.drivers import driver_label
from bot.render.slack.tables import one_measure, pivot

MOST_POINTS = 20
MOST_SERIES = 6
"""More would be told apart by nobody; Slack's limit is 12."""
MOST_BARS = 10
_LABEL, _TITLE, _LEAST = 20, 50, 6
_FEWEST_POINTS = 3
"""Two points are no course."""
_VENDORS = ("Amazon ", "AWS ", "Google ", "Azure ", "Cloud ")


class Chart(Struct, frozen=True):
    """A chart and what must be said beside it (``""`` for nothing)."""

    block: Block
    note: str = ""


def axes(
    kind: str,
    title: str,
    categories: Sequence[str],
    series: Mapping[str, Sequence[float]],
    y_label: str,
) -> Block:
    """A bar, line or area chart; labels and names are shortened and kept distinct."""
    names = labels(categories)
    drawn = [
        {"name": name, "data": [{"label": at, "value": one} for at, one in zip(names, values, strict=True)]}
        for name, values in zip(labels(list(series)), series.values(), strict=True)
    ]
    return {
        "type": "data_visualization",
        "title": cut(title, _TITLE),
        "chart": {
            "type": kind,
            "series": drawn,
            "axis_config": {"categories": names, **({"y_label": cut(y_label, _TITLE)} if y_label else {})},
        },
    }


def labels(names: Sequence[str]) -> list[str]:
    """The names in 20 characters each, the vendor's prefix dropped first; what would read alike keeps its end too."""
    taken: set[str] = set()
    result = []
    heads = [_shortened(name) for name in names]
    for name, head in zip(names, heads, strict=True):
        chosen = head if heads.count(head) == 1 else _both_ends(name)
        short, number = chosen or "–", 2
        while short in taken:
            suffix = f" {number}"
            short = cut(chosen, _LABEL - len(suffix)) + suffix
            number += 1
        taken.add(short)
        result.append(short)
    return result


def _both_ends(name: str) -> str:
    """The start and the end of a name: ``claude_co…user_amara``."""
    name = render.brief(name)
    return name if len(name) <= _LABEL else f"{name[: _LABEL // 2 - 1]}…{name[-_LABEL // 2 :]}"


def _shortened(name: str) -> str:
    name = render.brief(name)
    first, apart, second = name.partition(" · ")
    if apart and len(name) > _LABEL:
        return cut(f"{cut(first, max(_LABEL - len(apart) - len(second), _LEAST))}{apart}{second}", _LABEL)
    for vendor in _VENDORS:
        if len(name) > _LABEL and name.startswith(vendor):
            name = name.removeprefix(vendor)
    return cut(name, _LABEL)


def over_time(question: Question, points: Sequence[Point]) -> Chart | None:
    """A series: bars for a few steps of one thing, lines for more."""
    starts = sorted({point.start for point in points})
    if not question.grain or len(starts) <= 1:
        return None
    end = question.period.end if question.period else starts[-1] + DAY
    columns = pivot(points, MOST_SERIES)
    buckets, note = _buckets(question, starts, end)
    series = {
        name: [_mean([found.get(start, Decimal(0)) for start in bucket]) for bucket in buckets.values()]
        for name, found in columns.items()
    }
    if set(series) == {"Total"}:
        series = {_metric(question): series["Total"]}
    kind = "bar" if len(series) == 1 and len(buckets) <= MOST_POINTS // 2 else "line"
    measure = points[0].currency or points[0].unit or ""
    y_label = f"{measure} per {'day' if note else question.grain}"
    title = f"{_metric(question)} by {question.grain}"
    return Chart(axes(kind, title, list(buckets), series, y_label), note)


def _mean(amounts: Sequence[Decimal]) -> float:
    return round(float(total(list(amounts)) / len(amounts)), 6)


def _buckets(question: Question, starts: Sequence[date], end: date) -> tuple[dict[str, list[date]], str]:
    """Steps by the label of the point they are drawn as, and how that is said when it is not one each."""
    grain = question.grain or "day"
    if len(starts) <= MOST_POINTS:
        return {render.step(start, grain, end): [start] for start in starts}, ""
    if grain != "day":
        recent = starts[-MOST_POINTS:]
        note = f"The chart shows the latest {len(recent)} of {len(starts)} {grain}s."
        return {render.step(start, grain, end): [start] for start in recent}, note
    width = -(-len(starts) // MOST_POINTS)
    runs = [list(starts[at : at + width]) for at in range(0, len(starts), width)]
    named = {render.period(Period(start=run[0], end=run[-1] + DAY), year=False): run for run in runs}
    return named, f"Each point of the chart is the average of {width} days."


def _metric(question: Question) -> str:
    name = "Quantity" if question.metric == "ConsumedQuantity" else "Cost"
    return {"tax": "Tax", "credits": "Credits"}.get(question.charges, name)


def breakdown(question: Question, answer: CostAnswer) -> Chart | None:
    """Bars a line, side by side with what they are compared with; the small ones are added up."""
    lines, note = one_measure(answer.lines)
    if len(lines) <= 1:
        return None
    measure = lines[0].currency or lines[0].unit or ""
    dimensions = list(lines[0].key)
    title = f"{_metric(question)} by {' and '.join(map(render.dimension, dimensions))}"
    if len(dimensions) > 1 and not _sparse(lines, dimensions):
        return Chart(_crossed(title, lines, dimensions, measure), note)
    bars = _bars(lines)
    moved = question.order != "cost" or question.only is not None
    if moved and "Other" in bars:
        del bars["Other"]
        if len(bars) == 1:
            return None  # one bar says nothing
        note = " ".join(filter(None, (note, "The chart leaves out Other, which is far larger than the changes.")))
    now = _metric(question) if not question.period else render.period(question.period, year=False)
    series = {now: [float(amount) for amount, _ in bars.values()]}
    if question.against and any(line.against is not None for line in lines):
        before = render.period(question.against, year=False)
        name = before if before != now else render.period(question.against)
        series[name] = [float(against) for _, against in bars.values()]
    return Chart(axes("bar", title, list(bars), series, measure), note)


def _bars(lines: Sequence[Line]) -> dict[str, tuple[Decimal, Decimal]]:
    kept = [line for line in lines if not line.other][:MOST_BARS]
    bars = {render.label(line.key): (line.amount, line.against or Decimal(0)) for line in kept}
    beyond = [line for line in lines if not any(line is one for one in kept)]
    if beyond:
        amount = total([line.amount for line in beyond])
        bars["Other"] = (amount, total([line.against or Decimal(0) for line in beyond]))
    return bars


def _crossed(title: str, lines: Sequence[Line], dimensions: Sequence[str], measure: str) -> Block:
    """Two dimensions: the first along the axis, the second as series; the small ones are added up."""
    first, second = dimensions
    names = {
        (name, text): render.value(text, name) for name in dimensions for text in {line.key[name] for line in lines}
    }
    named = [(names[first, line.key[first]], names[second, line.key[second]], line.amount) for line in lines]
    rows = _largest(((along, amount) for along, _, amount in named), MOST_BARS)
    columns = _largest(((across, amount) for _, across, amount in named), MOST_SERIES)
    cells: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for along, across, amount in named:
        cells[across if across in columns else "Other", along if along in rows else "Other"].append(amount)
    every = [*rows, "Other"]
    grid = {column: {row: total(cells.get((column, row), [])) for row in every} for column in [*columns, "Other"]}
    used = [row for row in every if any(grid[column][row] for column in grid)]
    series = {column: [float(found[row]) for row in used] for column, found in grid.items() if any(found.values())}
    return axes("bar", title, used or rows, series or {"Cost": [0.0] * len(used or rows)}, measure)


def _sparse(lines: Sequence[Line], dimensions: Sequence[str]) -> bool:
    """Whether most values of one dimension never meet those of the other, so that pairs are told best one by one."""
    first, second = ({line.key[name] for line in lines if not line.other} for name in dimensions)
    return 2 * sum(not line.other for line in lines) < len(first) * len(second)


def _largest(amounts: Iterable[tuple[str, Decimal]], most: int) -> list[str]:
    sums: dict[str, list[Decimal]] = defaultdict(list)
    for name, amount in amounts:
        sums[name].append(amount)
    sums.pop("Other", None)
    whole = {name: abs(total(found)) for name, found in sums.items()}
    return sorted(whole, key=lambda name: -whole[name])[:most]


def changes(answer: ExplainAnswer) -> Chart | None:
    """The drivers of a change, upwards and downwards."""
    sums: dict[str, list[Decimal]] = defaultdict(list)
    for driver in answer.drivers:
        sums[driver_label(driver)].append(driver.change)
    found = [(name, total(parts)) for name, parts in sums.items()][:MOST_BARS]
    if len(found) <= 1:
        return None
    series = {"Change": [float(amount) for _, amount in found]}
    return Chart(axes("bar", "What changed", [name for name, _ in found], series, answer.drivers[0].currency))


def budgets(answer: BudgetsAnswer) -> Chart | None:
    """Spent and limit of each budget, where they are of one currency."""
    found = answer.budgets[:MOST_BARS]
    currencies = {status.currency for status in found}
    if not found or len(currencies) > 1:
        return None
    series = {"Spent": [float(status.spent) for status in found]}
    if any(status.forecast is not None for status in found):
        series["Forecast"] = [float(status.forecast or 0) for status in found]
    series["Limit"] = [float(status.limit) for status in found]
    return Chart(axes("bar", "Budgets", [status.name for status in found], series, currencies.pop()))


def running(answer: ForecastAnswer) -> Chart | None:
    """A forecast as a running total over the whole period: what is billed, then what is expected."""
    found = answer.forecast
    if found is None:
        return None
    days = {point.start: point.amount for point in answer.series if point.currency == found.currency}
    last = found.actual_through or date.min
    ahead = sorted(found.days) if isinstance(found, Forecast) else []
    gain = found.correction if isinstance(found, Forecast) else Decimal(0)  # of billed days, when they are restated
    for at, (start, amount) in enumerate(ahead):
        billed = days.get(start, Decimal(0)) if start <= last else Decimal(0)  # of a day not over, the rest is ahead
        days[start] = billed + amount + (gain if at == 0 else Decimal(0))
    starts = sorted(days)
    if not answer.series or len(starts) < _FEWEST_POINTS:
        return None
    sums, so_far = [], Decimal(0)
    for start in starts:
        so_far += days[start]
        sums.append(so_far)
    width = -(-len(starts) // MOST_POINTS)
    kept = sorted({*range(len(starts) - 1, -1, -width)})
    names = [render.day(starts[at]) for at in kept]
    points = {"Total": [float(sums[at]) for at in kept]}
    chart = axes("area", "Running total with forecast", names, points, found.currency)
    through = f"Billed through {render.day(last)}, forecast after that." if last > date.min else ""
    return Chart(chart, through)
