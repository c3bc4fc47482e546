"""Answers of the kind ``cost``: totals, breakdowns, series and comparisons."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bot import wording
from bot.ask.figures import Figures, Reader
from bot.costs.answer import Answer, Gap, Line, Lines, Point, Total
from bot.costs.money import total
from bot.costs.period import Period
from bot.costs.question import Question, Threshold
from bot.ledger.group import Group, Groups, beside

_NOTHING = Decimal(0)
_PASSES = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


def answer(question: Question, reader: Reader, *, week_start: int = 0) -> Answer:
    """The figures of a cost question."""
    period = question.period
    if period is None:
        return Answer()
    now = reader.gather(question, [period.start, period.end])
    then = reader.gather(question, [question.against.start, question.against.end]) if question.against else None
    told = now.groups if then is None else beside(now.groups, then.groups)
    lines = _lines(question, told) if question.by else ()
    series, stepped = _series(question, reader, lines, week_start)
    gaps = _unique([*now.gaps, *_dated(then, question.against), *_hourly(question, stepped)])
    return Answer(
        totals=tuple(_totals(question, told) or _zeros(question, reader, now)),
        lines=lines,
        series=tuple(series),
        as_of=tuple(now.fresh),
        gaps=tuple(gaps),
        notes=tuple(_notes(question, now)),
    )


def _figure(question: Question, unit: str) -> dict[str, str]:
    return {"unit" if question.metric == "ConsumedQuantity" else "currency": unit}


def _totals(question: Question, told: Groups) -> list[Total]:
    return [Total(**each) for each in _sums(question, told)]


def _sums(question: Question, told: Groups) -> Iterator[dict[str, Any]]:
    """The fields of a figure for all groups of each unit."""
    for unit in told.units():
        against = told.sum(unit, interval=1) if question.against else None
        yield {**_figure(question, unit), "amount": told.sum(unit), "against": against}


def _zeros(question: Question, reader: Reader, now: Figures) -> list[Total]:
    """Zero, where it is known: every source that could have charged was told for all of the period."""
    if now.gaps or question.metric == "ConsumedQuantity":
        return []
    against = _NOTHING if question.against else None
    return [Total(currency=each, amount=_NOTHING, against=against) for each in reader.currencies(now.feeds)]


def _lines(question: Question, told: Groups) -> Lines:
    """Dearest (or most moved) first, of credits the largest; then what ``top`` and the threshold cut off."""
    order = told.by_size(change=_by_change(question), ascending=question.charges == "credits")
    kept, cut = _cut(question, told, order)
    others = _others(question, told.take(cut))

    def line(place: int) -> Line:
        return _line(question, told, kept[place]) if place < len(kept) else others[place - len(kept)]

    return Lines(len(kept) + len(others), line)


def _by_change(question: Question) -> bool:
    return question.order == "change" and question.against is not None


def _line(question: Question, told: Groups, at: int) -> Line:
    return Line(
        key=dict(zip(question.by, told.key(at), strict=True)),
        **_figure(question, told.unit(at)),
        amount=told.amount(at),
        against=told.amount(at, interval=1) if question.against else None,
    )


def _cut(question: Question, told: Groups, order: list[int]) -> tuple[list[int], list[int]]:
    """Which are shown, and which are not."""
    if question.threshold is None:
        return order[: question.top], order[question.top :] if question.top else []
    kept = [at for at in order if passes(question.threshold, told.amount(at))][: question.top]
    shown = set(kept)
    return kept, [at for at in order if at not in shown]


def passes(threshold: Threshold | None, amount: Decimal) -> bool:
    """Whether an amount passes; without a threshold every one does."""
    return threshold is None or bool(_PASSES[threshold.op](amount, threshold.amount))


def _others(question: Question, cut: Groups) -> list[Line]:
    return [Line(key=dict.fromkeys(question.by), other=True, **each) for each in _sums(question, cut)]


def _series(
    question: Question, reader: Reader, lines: Sequence[Line], week_start: int
) -> tuple[list[Point], Figures | None]:
    """Every step of every line (or of the whole), zeros included."""
    if question.grain is None or question.period is None:
        return [], None
    edges = question.period.edges(question.grain, week_start)
    figures = reader.gather(question, edges)
    groups = _of_lines(question, figures.groups, lines) if question.by else _whole(figures.groups, len(edges) - 1)
    points = [
        Point(
            start=start,
            key=dict(zip(question.by, key, strict=True)) if question.by else {},
            **_figure(question, unit),
            amount=amounts[step],
            provisional=_moves(figures, end),
        )
        for key, unit, amounts in groups
        for step, (start, end) in enumerate(pairwise(edges))
    ]
    if question.threshold and not question.by:
        points = [point for point in points if passes(question.threshold, point.amount)]
    return points, figures


_Steps = tuple[tuple[str | None, ...], str, Sequence[Decimal]]


def _of_lines(question: Question, groups: Sequence[Group], lines: Sequence[Line]) -> list[_Steps]:
    by_key = {(each.key, each.unit): each.amounts for each in groups}
    shown = {(tuple(line.key.values()), line.currency or line.unit or "") for line in lines if not line.other}
    rest = [each for each in groups if (each.key, each.unit) not in shown]
    steps: list[_Steps] = []
    for line in lines:
        key, unit = tuple(line.key[each] for each in question.by), line.currency or line.unit or ""
        if line.other:
            columns = zip(*(each.amounts for each in rest if each.unit == unit), strict=True)
            steps.append((key, unit, [total(list(column)) for column in columns]))
        elif (found := by_key.get((tuple(each or "" for each in key), unit))) is not None:
            steps.append((key, unit, found))
    return [each for each in steps if each[2]]


def _whole(groups: Sequence[Group], steps: int) -> list[_Steps]:
    units = sorted({each.unit for each in groups})
    return [
        ((), unit, [total([each.amounts[n] for each in groups if each.unit == unit]) for n in range(steps)])
        for unit in units
    ]


def _moves(figures: Figures, end: date) -> bool:
    return figures.provisional_from is not None and end > figures.provisional_from


def _dated(then: Figures | None, against: Period | None) -> list[Gap]:
    """Gaps of the period compared with: only days it lacks, and saying so."""
    if then is None or against is None:
        return []
    about = f" (for {against.start} to {against.last})"
    return [gap.model_copy(update={"what": gap.what + about}) for gap in then.gaps if gap.what.startswith("no data")]


def _hourly(question: Question, figures: Figures | None) -> list[Gap]:
    if question.grain != "hour" or figures is None:
        return []
    hint = "The series is by day."
    return [
        Gap(source=feed.source, what="its charges are told by day, not by hour", hint=hint) for feed in figures.feeds
    ]


def _notes(question: Question, figures: Figures) -> list[str]:
    notes = list(figures.doubts)
    if figures.copied:
        names = wording.listed(list(map(wording.source, figures.copied)))
        notes.append(f"{names}: {wording.METRICS[question.metric]} is not told, what was billed stands in for it.")
    if figures.estimated:
        does = f"{' and '.join(map(wording.source, figures.estimated))} does not bill this apart"
        notes.append(f"Estimated split: {does}, so metered use at list prices divides the bill.")
    if figures.asked:
        vendors = " and ".join(map(wording.source, figures.asked))
        notes.append(f"{vendors} told this when asked just now: no feed in the ledger does.")
    return notes


def _unique(gaps: Sequence[Gap]) -> list[Gap]:
    return list({(gap.source, gap.what): gap for gap in gaps}.values())
