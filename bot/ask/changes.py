"""Answers of the kind ``explain``: what drove a change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bot import wording
from bot.ask.costs import answer as figures_of
from bot.ask.figures import Figures, Reader
from bot.costs.answer import Answer
from bot.costs.cell import Cell
from bot.costs.explain import Candidate, choose, explain, leading
from bot.costs.period import DAY, Period
from bot.costs.question import Filter, Question
from bot.ledger.group import Group

_WAYS = (
    ("ServiceName",),
    ("SubAccountName",),
    ("x_Model",),
    ("SkuId",),
    ("RegionId",),
    ("SubAccountName", "ServiceName"),
    ("ServiceName", "SkuId"),
    ("ServiceProviderName", "ServiceName"),
)
"""Breakdowns tried for where a change concentrates."""
_SORT = "ChargeCategory"
_SIMPLE = 2
"""At most so many dimensions beside the charge category."""


def answer(question: Question, reader: Reader) -> Answer:
    """The drivers of the change between ``against`` and ``period``, with the totals they add up to."""
    if question.period is None or question.against is None:
        return Answer()
    plain = question.model_copy(update={"kind": "cost", "by": (), "grain": None, "top": None, "threshold": None})
    whole = figures_of(plain, reader)
    candidates = list(_candidates(question, reader))
    if not candidates or not whole.totals:
        return whole
    best = choose(candidates)
    days = _days(question.period, question.against)
    told = explain(
        best,
        period=question.period,
        against=question.against,
        days=days,
        daily=_daily(question, reader, best, days),
        totals=_totals(question, reader, days),
        money=wording.money,
    )
    drivers = [_plainly(driver.as_json()) for each in told for driver in each.drivers]
    return whole.model_copy(update={"drivers": tuple(drivers), "notes": (*whole.notes, *(t.sentence for t in told))})


def _plainly(driver: dict[str, Any]) -> dict[str, Any]:
    """Without the charge category where it is the usual one: that tells nobody anything."""
    key = {name: value for name, value in driver["key"].items() if name != _SORT or value not in ("Usage", None)}
    return {**driver, "key": key}


def _candidates(question: Question, reader: Reader) -> Iterator[Candidate]:
    """Every breakdown whose sources all tell it, so that all add up to the same totals."""
    ways = [tuple(question.by)] if question.by else [way for way in _WAYS if not _held(question, way)]
    for way in ways:
        by = (*way, _SORT) if _SORT not in way and len(way) <= _SIMPLE else way
        found = _cells(question, reader, by) or _cells(question, reader, way)
        if found and (question.by or _tells(found)):
            yield Candidate(by if len(found[0].key) == len(by) else way, tuple(found))


def _tells(cells: Sequence[Cell]) -> bool:
    """Whether most of the money has a name in this breakdown."""
    whole = sum(abs(amount) for cell in cells for amount in cell.amounts)
    unnamed = sum(abs(amount) for cell in cells if "" in cell.key for amount in cell.amounts)
    return 2 * unnamed <= whole


def _held(question: Question, way: Sequence[str]) -> bool:
    """Whether a filter leaves one value of a dimension, so that it explains nothing."""
    return any(each.dimension in way and len(each.values) == 1 and not each.exclude for each in question.where)


def _cells(question: Question, reader: Reader, by: Sequence[str]) -> list[Cell]:
    now, then = _both(question, reader, by)
    if any(not gap.what.startswith("no data") for gap in (*now.gaps, *then.gaps)):
        return []
    amounts: dict[tuple[tuple[str, ...], str], list[Group | None]] = {}
    for place, figures in enumerate((then, now)):
        for group in figures.groups:
            amounts.setdefault((group.key, group.unit), [None, None])[place] = group
    return [
        Cell(key, unit, tuple(each.amounts[0] if each else Decimal(0) for each in pair))
        for (key, unit), pair in amounts.items()
    ]


def _both(question: Question, reader: Reader, by: Sequence[str]) -> tuple[Figures, Figures]:
    assert question.period is not None  # noqa: S101 - answer() has looked
    assert question.against is not None  # noqa: S101
    now = reader.gather(question, [question.period.start, question.period.end], by)
    then = reader.gather(question, [question.against.start, question.against.end], by)
    return now, then


def _days(period: Period, against: Period) -> list[date]:
    start, end = min(period.start, against.start), max(period.end, against.end)
    return list(Period(start=start, end=end))


def _edges(days: Sequence[date]) -> list[date]:
    return [*days, days[-1] + DAY]


def _daily(question: Question, reader: Reader, best: Candidate, days: Sequence[date]) -> list[Cell]:
    keys = set(leading(best))
    narrowed = tuple(
        Filter(dimension=dimension, values=tuple(sorted({key[n] for key in keys})))
        for n, dimension in enumerate(best.dimensions)
    )
    asked = question.model_copy(update={"where": (*question.where, *narrowed)})
    found = reader.gather(asked, _edges(days), best.dimensions)
    return [Cell(each.key, each.unit, each.amounts) for each in found.groups if each.key in keys]


def _totals(question: Question, reader: Reader, days: Sequence[date]) -> list[Cell]:
    return [Cell((), each.unit, each.amounts) for each in reader.gather(question, _edges(days), ()).groups]
