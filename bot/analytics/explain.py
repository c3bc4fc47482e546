"""What drove a change between two periods: drivers that add up to it, to the atto.

``explain`` breaks the change into drivers over the dimension (or pair) that ``driver_dimension.choose`` took. Where a
candidate also tells ``ChargeCategory`` or ``ChargeFrequency``, credits, purchases, tax and adjustments become drivers
of their own; where quantities are known, what changed is told apart from what it was charged at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from operator import or_
from typing import NamedTuple

from msgspec import Struct

from bot.analytics.change_point import Turn, telling_days, turn
from bot.analytics.driver_dimension import ABOUT, Movement, named_dimensions
from bot.analytics.price_volume import Priced, Use
from bot.domain.aggregate import Cell, cents
from bot.domain.answers.explanations import (
    ChargeSort,
    Driver,
    DriverDetail,
    DriverKind,
    Explanation,
    OfSort,
    Others,
    StandoutDay,
)
from bot.domain.answers.notes import LengthsDiffer
from bot.domain.money import from_attos, to_attos
from bot.domain.period import DAY, Period

_SLIGHT = 200
"""What is below a two-hundredth of all movement is not worth a line."""
_MINOR = 20
"""A price or volume part below a twentieth of a key's change is not told apart."""


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


class _Part(NamedTuple):
    """A driver before it is drawn, in attos."""

    key: tuple[str | None, ...]
    kind: DriverKind
    against: int
    amount: int
    detail: DriverDetail | None = None

    @property
    def change(self) -> int:
        return self.amount - self.against


def leading(candidate: Candidate, limit: int = 8) -> tuple[tuple[str, ...], ...]:
    """The keys whose days are worth fetching for ``explain``: those that moved most, over all currencies."""
    moved = sorted(candidate.cells, key=lambda cell: -abs(cell.amounts[1] - cell.amounts[0]))
    return tuple(dict.fromkeys(cell.key for cell in moved))[:limit]


def explain(  # noqa: PLR0913 - what is known, and how it is drawn
    candidate: Candidate,
    *,
    period: Period,
    against: Period,
    days: Sequence[date] = (),
    daily: Sequence[Cell] = (),
    totals: Sequence[Cell] = (),
    complete_through: date | None = None,
    limit: int = 8,
) -> tuple[Explanation, ...]:
    """One explanation a currency, the largest change first.

    ``daily`` holds cells of the candidate's leading keys, ``totals`` the total of each currency (key
    ``()``), both over ``days``, which should cover both periods; without them nothing is said about when.
    Days after ``complete_through`` are partial, and no turn is seen on them.
    """
    when = _When(period, against, tuple(days), daily, totals, complete_through or period.last)
    explanations = [
        _explain(candidate, currency, when, limit)
        for currency in sorted({cell.unit for cell in (*candidate.cells, *candidate.rest)})
    ]
    return tuple(sorted(explanations, key=lambda explanation: -abs(explanation.change)))


class _When(NamedTuple):
    """What is known by the day."""

    period: Period
    against: Period
    days: tuple[date, ...]
    daily: Sequence[Cell]
    totals: Sequence[Cell]
    complete_through: date

    @property
    def whole(self) -> Period | None:
        """The days of the period that are over."""
        end = min(self.period.end, self.complete_through + DAY)
        return Period(start=self.period.start, end=end) if end > self.period.start else None

    def turns(self, currency: str) -> dict[tuple[str, ...], Turn]:
        return {cell.key: self._turn(cell) for cell in self.daily if cell.unit == currency}

    def _turn(self, cell: Cell) -> Turn:
        amounts = {day: float(amount) for day, amount in zip(self.days, cell.amounts, strict=True)}
        return turn(amounts, self.whole, self.against) if self.whole else Turn()

    def lengths(self, before: Decimal, currency: str) -> LengthsDiffer | None:
        longer = self.period.days - self.against.days
        if not longer:
            return None
        part = abs(cents(before * longer / self.against.days))
        return LengthsDiffer(self.period.days, self.against.days, part, currency)

    def telling(self, currency: str) -> tuple[StandoutDay, ...]:
        for cell in self.totals:
            if cell.unit == currency and self.whole:
                daily = dict(zip(self.days, cell.amounts, strict=True))
                return telling_days(daily, self.whole, self.against)
        return ()


def _explain(candidate: Candidate, currency: str, when: _When, limit: int) -> Explanation:
    cells = [cell for cell in candidate.cells if cell.unit == currency]
    rest = [cell for cell in candidate.rest if cell.unit == currency]
    before, now = (sum(to_attos(cell.amounts[at]) for cell in (*cells, *rest)) for at in (0, 1))
    turns = when.turns(currency)
    drivers = tuple(
        _drawn(part, candidate.dimensions, currency, now - before, turns.get(_whole(part.key), Turn()))
        for part in _parts(candidate, cells, rest, limit)
    )
    change = from_attos(now - before)
    return Explanation(
        currency=currency,
        dimensions=candidate.named,
        amount=from_attos(now),
        against=from_attos(before),
        change=change,
        drivers=drivers,
        days=when.telling(currency),
        lengths=when.lengths(from_attos(before), currency),
    )


def _whole(key: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(value or "" for value in key) if None not in key else ()


def _drawn(part: _Part, dimensions: tuple[str, ...], currency: str, change: int, when: Turn) -> Driver:
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
    )


def _parts(candidate: Candidate, cells: Sequence[Cell], rest: Sequence[Cell], limit: int) -> list[_Part]:
    """The drivers, largest keys first, and the rest as one; they add up to the cells and what they leave."""
    ranked = sorted(cells, key=lambda cell: (-abs(cell.amounts[1] - cell.amounts[0]), cell.key))
    moved = [abs(to_attos(cell.amounts[1]) - to_attos(cell.amounts[0])) for cell in ranked]
    shown = [cell for cell, move in zip(ranked, moved, strict=True) if move and move * _SLIGHT >= sum(moved)][:limit]
    least = sum(moved) // _SLIGHT
    parts = chain.from_iterable(
        _parts_of(cell, _about(candidate, cell.key), Use.of(cell, candidate.quantities, candidate.priced), least)
        for cell in shown
    )
    keys = {cell.key for cell in shown}
    small = [cell for cell in ranked if cell.key not in keys]
    return [*parts, *_rest(candidate.dimensions, [*small, *rest], len(small) + candidate.others)]


def _rest(dimensions: tuple[str, ...], cells: Sequence[Cell], count: int) -> list[_Part]:
    before, now = (sum(to_attos(cell.amounts[at]) for cell in cells) for at in (0, 1))
    if not (before or now):
        return []
    return [_Part((None,) * len(dimensions), "other", before, now, Others(count))]


def _about(candidate: Candidate, key: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(candidate.dimensions, key, strict=True) if name in ABOUT}


def _parts_of(cell: Cell, about: Mapping[str, str], use: Use, least: int) -> list[_Part]:
    before, now = (to_attos(amount) for amount in cell.amounts)
    kind, sort = _sort_of_charge(about, before, now)
    if kind is None and (split := use.split(before, now)):
        volume, details = split
        minor = min(abs(volume), abs(now - before - volume))
        if abs(now - before) >= _MINOR * minor or minor < least:
            quantity = abs(volume) >= abs(now - before - volume)
            if quantity:
                return [_Part(cell.key, "volume", before, now, details.volume)]
            return [_Part(cell.key, "price", before, now, details.price)]
        return [
            _Part(cell.key, "volume", before, before + volume, details.volume),
            _Part(cell.key, "price", 0, now - before - volume, details.price),
        ]
    return [_Part(cell.key, kind or _movement(before, now), before, now, OfSort(sort) if sort else None)]


def _sort_of_charge(about: Mapping[str, str], before: int, now: int) -> tuple[DriverKind | None, ChargeSort | None]:
    """The kind of what is not usage, and its sort; None for usage and where it is not known."""
    often = about.get("ChargeFrequency", "")
    match about.get("ChargeCategory", ""):
        case "Credit":
            return "credit", "credit" if before and now else "new credit" if now else "ended credit"
        case "Adjustment":
            return ("credit", "refund") if before + now < 0 else ("other", "adjustment")
        case "Purchase":
            return "purchase", _PURCHASES.get(often, "purchase")
        case "Tax":
            return "other", "tax"
        case _:
            return None, "one-off" if often == "One-Time" else None


_PURCHASES: Mapping[str, ChargeSort] = {"One-Time": "one-off purchase", "Recurring": "recurring purchase"}


def _movement(before: int, now: int) -> DriverKind:
    if not before:
        return "new"
    return "moved" if now else "vanished"
