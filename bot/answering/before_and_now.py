"""The sums of two periods side by side, whether the one ends before the other begins or they overlap."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from bot.answering.query import LedgerReader
from bot.domain.aggregate import Cell
from bot.domain.period import Period
from bot.domain.question import Filter, Question

if TYPE_CHECKING:
    from bot.ledger.query import Courses


def columns(
    reader: LedgerReader, question: Question, against: Period, period: Period, by: Sequence[str]
) -> list[Courses]:
    """The sums of each combination, a source at a time: the first column is before, the last one now."""
    if against.end <= period.start:
        return reader.courses(question, _edges(against, period), by)[0]
    pairs = (reader.courses(question, [days.start, days.end], by)[0] for days in (against, period))
    return [
        before._replace(amounts=np.column_stack([before.amounts, now.amounts]))
        for before, now in zip(*pairs, strict=True)
    ]


def cells(  # noqa: PLR0913 - what is read, of which days, and of which keys
    reader: LedgerReader,
    question: Question,
    against: Period,
    period: Period,
    by: Sequence[str],
    metric: str | None = None,
    only: Collection[tuple[str, ...]] | None = None,
) -> list[Cell]:
    """The exact sums of each combination before and now; of those that are named, if any are."""
    if against.end <= period.start:
        groups = reader.gather(question, _edges(against, period), by, metric, only).groups
        pairs = ((group, (group.amounts[0], group.amounts[-1])) for group in groups)
        return [Cell(group.key, group.unit, pair) for group, pair in pairs if any(pair)]
    amounts: dict[tuple[tuple[str, ...], str], list[Decimal]] = {}
    for place, days in enumerate((against, period)):
        for group in reader.gather(question, [days.start, days.end], by, metric, only).groups:
            amounts.setdefault((group.key, group.unit), [Decimal(0)] * 2)[place] = group.amounts[0]
    return [Cell(key, unit, tuple(pair)) for (key, unit), pair in amounts.items()]


def narrowed(question: Question, names: Sequence[str], keys: Collection[tuple[str, ...]]) -> Question:
    """The question about the values that the keys have in these dimensions."""
    filters = tuple(
        Filter(dimension=name, values=tuple(sorted({key[at] for key in keys}))) for at, name in enumerate(names)
    )
    return question.model_copy(update={"where": (*question.where, *filters)})


def _edges(against: Period, period: Period) -> list[date]:
    return sorted({against.start, against.end, period.start, period.end})
