"""What drove a change between two periods: drivers that add up to it, to the atto.

``explain`` breaks the change into drivers over the dimension (or pair) that ``driver_dimension.choose`` took. Where a
candidate also tells ``ChargeCategory`` or ``ChargeFrequency``, credits, purchases, tax and adjustments become drivers
of their own; where quantities are known, what changed is told apart from what it was charged at. What the calendar
alone makes is one driver, taken out of all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from operator import or_

from msgspec import Struct

from bot.analytics.change_point import ChangePoint
from bot.analytics.driver_dimension import ABOUT, Movement, named_dimensions
from bot.analytics.driver_parts import DriverPart, parts_of
from bot.analytics.driver_timing import CalendarEffect, Timing
from bot.analytics.price_volume import Priced, Use
from bot.domain.aggregate import Cell
from bot.domain.answers.explanations import Driver, Explanation, Others
from bot.domain.money import from_attos, to_attos

_SLIGHT = 200
"""What is below a two-hundredth of all movement is not worth a line."""


class Candidate(Struct, frozen=True):
    """One way to break the change down. Amounts of its cells are (against, period).

    Every candidate's ``cells`` and ``rest`` add up to the same totals; ``rest`` is what ``others`` keys that moved
    too little to be told apart came to, a cell a currency. ``quantities`` carry the units consumed; ``priced`` is what
    is known where a key is measured in several.
    """

    dimensions: tuple[str, ...]
    cells: tuple[Cell, ...]
    quantities: tuple[Cell, ...] = ()
    priced: tuple[Priced, ...] = ()
    rest: tuple[Cell, ...] = ()
    others: int = 0

    @property
    def named(self) -> tuple[str, ...]:
        """The dimensions that a change may be put down to."""
        return named_dimensions(self.dimensions)

    def movements(self) -> list[Movement]:
        """The movement of each currency."""
        about = [name in ABOUT for name in self.dimensions]
        return [
            Movement(
                [float(cell.amounts[0]) for cell in mine],
                [float(cell.amounts[1]) for cell in mine],
                [all(map(or_, map(bool, cell.key), about)) for cell in mine],
            )
            for currency in {cell.unit for cell in self.cells}
            if (mine := [cell for cell in self.cells if cell.unit == currency])
        ]


def leading(candidate: Candidate, limit: int = 16) -> tuple[tuple[str, ...], ...]:
    """The keys whose days are worth fetching for ``explain``: those that moved most, over all currencies."""
    moved = sorted(candidate.cells, key=lambda cell: -abs(cell.amounts[1] - cell.amounts[0]))
    return tuple(dict.fromkeys(cell.key for cell in moved))[:limit]


def explain(candidate: Candidate, timing: Timing, limit: int = 8) -> tuple[Explanation, ...]:
    """One explanation a currency, the largest change first; ``timing`` has the days of the candidate's leading keys."""
    explanations = [
        _explain(candidate, currency, timing, limit)
        for currency in sorted({cell.unit for cell in (*candidate.cells, *candidate.rest)})
    ]
    return tuple(sorted(explanations, key=lambda explanation: -abs(explanation.change)))


def _explain(candidate: Candidate, currency: str, timing: Timing, limit: int) -> Explanation:
    cells = [cell for cell in candidate.cells if cell.unit == currency]
    rest = [cell for cell in candidate.rest if cell.unit == currency]
    before, now = (sum(to_attos(cell.amounts[at]) for cell in (*cells, *rest)) for at in (0, 1))
    drivers = tuple(
        _drawn(part, candidate.dimensions, currency, now - before, timing.turn(part.key, currency))
        for part in _parts(candidate, cells, rest, timing.calendar(currency), limit)
    )
    return Explanation(
        currency=currency,
        dimensions=candidate.named,
        amount=from_attos(now),
        against=from_attos(before),
        change=from_attos(now - before),
        drivers=drivers,
        days=timing.telling(currency),
    )


def _drawn(part: DriverPart, dimensions: tuple[str, ...], currency: str, change: int, when: ChangePoint) -> Driver:
    return Driver(
        key=dict(zip(dimensions, part.key, strict=True)),
        currency=currency,
        kind=part.kind,
        amount=from_attos(part.amount),
        against=from_attos(part.against),
        change=from_attos(part.change),
        share=Decimal(f"{part.change / change:.4f}") if change else None,
        since=when.since,
        until=when.until,
        detail=part.detail,
        calendar=from_attos(part.calendar),
    )


def _parts(
    candidate: Candidate, cells: Sequence[Cell], rest: Sequence[Cell], calendar: CalendarEffect, limit: int
) -> list[DriverPart]:
    """The calendar, the drivers, largest keys first, and the rest as one; they add up to the cells and what they leave.

    What moved by no more than the calendar makes of it stands with the rest.
    """
    effects = calendar.parts
    moved = {cell.key: _attos(cell)[1] - _attos(cell)[0] - effects[cell.key].whole for cell in cells}
    ranked = sorted(cells, key=lambda cell: (-abs(moved[cell.key]), cell.key))
    most = sum(map(abs, moved.values()))
    shown = [cell for cell in ranked if moved[cell.key] and abs(moved[cell.key]) * _SLIGHT >= most][:limit]
    parts = list(
        chain.from_iterable(
            parts_of(
                cell,
                _sort_of(candidate, cell.key),
                Use.of(cell, candidate.quantities, candidate.priced),
                effects[cell.key].whole,
                most // _SLIGHT,
            )
            for cell in shown
        )
    )
    keys = {cell.key for cell in shown}
    small = [cell for cell in ranked if cell.key not in keys]
    left = sum(effects[cell.key].whole for cell in small) + calendar.rest.whole
    made = sum(effects[cell.key].whole for cell in cells) + calendar.rest.whole
    parts += _rest(candidate.dimensions, [*small, *rest], left, len(small) + candidate.others)
    if change := calendar.change:
        parts.insert(0, DriverPart((None,) * len(candidate.dimensions), "calendar", 0, made, change))
    return parts


def _attos(cell: Cell) -> tuple[int, int]:
    return to_attos(cell.amounts[0]), to_attos(cell.amounts[1])


def _rest(dimensions: tuple[str, ...], cells: Sequence[Cell], calendar: int, count: int) -> list[DriverPart]:
    before, now = (sum(to_attos(cell.amounts[at]) for cell in cells) for at in (0, 1))
    if not (before or now or calendar):
        return []
    return [DriverPart((None,) * len(dimensions), "other", before, now - calendar, Others(count), calendar)]


def _sort_of(candidate: Candidate, key: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(candidate.dimensions, key, strict=True) if name in ABOUT}
