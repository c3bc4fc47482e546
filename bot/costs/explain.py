"""Why a bill changed between two periods: drivers that add up to the change, to the atto.

``choose`` takes the dimension (or pair) that concentrates the change most, ``explain`` breaks the change
into drivers over it. Where a candidate also tells ``ChargeCategory`` or ``ChargeFrequency``, credits,
purchases, tax and adjustments become drivers of their own; where quantities are known, what changed is told
apart from what it was charged at.

A driver's JSON::

    {"key": {dimension: value}, "currency", "kind", "amount", "against", "change", "share", "since", "until", "note"}

``kind`` is ``new``, ``vanished``, ``moved``, ``volume``, ``price``, ``credit``, ``purchase`` or ``other``
(tax, adjustments, and last all that is too small to name: the values of its key are null). Over the drivers
of a currency ``amount``, ``against`` and ``change`` each add up to the totals exactly, and in each driver
``amount`` less ``against`` is ``change``. Of a pair, ``volume`` is Δq·p₀ and carries the bill before,
``price`` is q₁·Δp: what the other price (or another mix of prices) costs at the quantity now. ``share`` is
the part of the change, null where that is zero. ``since`` and ``until`` (the first day after) are the days on which it
was otherwise than before, null where that is not one stretch of days, or reaches the period's edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any, Literal, NamedTuple

from bot.costs.cell import Cell, MoneyFormat, cents, plain_money
from bot.costs.money import from_attos, plain, to_attos
from bot.costs.period import Period
from bot.costs.telling import headline
from bot.costs.turning import Day, Turn, telling_days, turn

DriverKind = Literal["new", "vanished", "moved", "volume", "price", "credit", "purchase", "other"]

_ABOUT = ("ChargeCategory", "ChargeFrequency")
"""Dimensions that say what sort of charge it is; a change is never explained by them alone."""
_LEADERS = 3
"""How many keys a reader takes in: concentration is measured over so many."""
_HARDER = 0.05
"""What a second dimension, or one of terse names, must add in concentration before it is worth reading."""
_TERSE = {"SkuId", "ResourceId"}
_TELLS_MORE = 0.02
"""By how much a later candidate must beat an earlier one."""
_SLIGHT = 200
"""What is below a two-hundredth of all movement is not worth a line."""
_MINOR = 20
"""A price or volume part below a twentieth of a key's change is not told apart."""


@dataclass(frozen=True)
class Candidate:
    """One way to break the change down. Amounts of ``cells`` and ``quantities`` are (against, period).

    Every candidate's cells add up to the same totals. ``quantities`` carry the units consumed.
    """

    dimensions: tuple[str, ...]
    cells: tuple[Cell, ...]
    quantities: tuple[Cell, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The dimensions that a change may be put down to."""
        return tuple(each for each in self.dimensions if each not in _ABOUT)


@dataclass(frozen=True)
class Driver:
    """One part of a change; see the module for what its fields promise."""

    key: Mapping[str, str | None]
    currency: str
    kind: DriverKind
    amount: Decimal
    against: Decimal
    change: Decimal
    share: Decimal | None = None
    since: date | None = None
    until: date | None = None
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """The public form."""
        return {
            "key": dict(self.key),
            "currency": self.currency,
            "kind": self.kind,
            "amount": plain(self.amount),
            "against": plain(self.against),
            "change": plain(self.change),
            "share": None if self.share is None else plain(self.share),
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "note": self.note,
        }


@dataclass(frozen=True)
class Explanation:
    """The change of one currency, its drivers, the days that make most of it, and one sentence first."""

    sentence: str
    currency: str
    dimensions: tuple[str, ...]
    amount: Decimal
    against: Decimal
    change: Decimal
    drivers: tuple[Driver, ...]
    days: tuple[Day, ...] = ()
    note: str = ""
    """What periods of unequal length alone make of the change."""


class _Part(NamedTuple):
    """A driver before it is drawn, in attos."""

    key: tuple[str | None, ...]
    kind: DriverKind
    against: int
    amount: int
    note: str = ""

    @property
    def change(self) -> int:
        return self.amount - self.against


def choose(candidates: Sequence[Candidate]) -> Candidate:
    """The candidate in which the fewest keys hold the most of the movement, beyond their size.

    Order is preference: a later one must tell more. A dimension on which everything names the
    same value tells nothing and loses to any other.

    Raises:
        ValueError: there is none.
    """
    if not candidates:
        msg = "there is no dimension to explain the change by"
        raise ValueError(msg)
    best, best_score = candidates[0], _concentration(candidates[0])
    for each in candidates[1:]:
        score = _concentration(each)
        if score > best_score + _TELLS_MORE:
            best, best_score = each, score
    return best


def _concentration(candidate: Candidate) -> float:
    """How much more of the movement than of the bill its leading keys hold, 0 to 1, over all currencies."""
    currencies = {cell.unit for cell in candidate.cells}
    scores = [_excess(candidate, currency) for currency in currencies]
    mean = sum(scores) / len(scores) if scores else 0.0
    return mean - _HARDER * (len(candidate.named) - 1 + len(_TERSE & set(candidate.named)))


def _excess(candidate: Candidate, currency: str) -> float:
    """Keys that name nothing ("no model") count as movement, but lead nowhere."""
    moved = size = 0.0
    leaders = []
    for key, unit, amounts in candidate.cells:
        if unit == currency:
            before, now = float(amounts[0]), float(amounts[1])
            moved += abs(now - before)
            size += abs(before) + abs(now)
            if all(value for name, value in zip(candidate.dimensions, key, strict=True) if name not in _ABOUT):
                leaders.append((abs(now - before), abs(before) + abs(now)))
    if not moved:
        return 0.0
    return sum(max(0.0, move / moved - weight / size) for move, weight in sorted(leaders, reverse=True)[:_LEADERS])


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
    money: MoneyFormat = plain_money,
    limit: int = 8,
) -> tuple[Explanation, ...]:
    """One explanation a currency, the largest change first.

    ``daily`` holds cells of the candidate's leading keys, ``totals`` the total of each currency (key
    ``()``), both over ``days``, which should cover both periods; without them nothing is said about when.
    """
    when = _When(period, against, tuple(days), daily, totals)
    told = [
        _explain(candidate, currency, when, money, limit)
        for currency in sorted({cell.unit for cell in candidate.cells})
    ]
    return tuple(sorted(told, key=lambda each: -abs(each.change)))


class _When(NamedTuple):
    """What is known by the day."""

    period: Period
    against: Period
    days: tuple[date, ...]
    daily: Sequence[Cell]
    totals: Sequence[Cell]

    def turns(self, currency: str) -> dict[tuple[str, ...], Turn]:
        return {cell.key: self._turn(cell) for cell in self.daily if cell.unit == currency}

    def _turn(self, cell: Cell) -> Turn:
        amounts = {day: float(amount) for day, amount in zip(self.days, cell.amounts, strict=True)}
        return turn(amounts, self.period, self.against)

    def lengths(self, before: Decimal, currency: str, money: MoneyFormat) -> str:
        longer = self.period.days - self.against.days
        if not longer:
            return ""
        part = money(abs(cents(before * longer / self.against.days)), currency)
        word = "longer" if longer > 0 else "shorter"
        return f"{self.period.days} days against {self.against.days}: being {word} makes about {part} of the change"

    def telling(self, currency: str) -> tuple[Day, ...]:
        for cell in self.totals:
            if cell.unit == currency:
                daily = dict(zip(self.days, cell.amounts, strict=True))
                return telling_days(daily, self.period, self.against)
        return ()


def _explain(candidate: Candidate, currency: str, when: _When, money: MoneyFormat, limit: int) -> Explanation:
    cells = [cell for cell in candidate.cells if cell.unit == currency]
    before = sum(to_attos(cell.amounts[0]) for cell in cells)
    now = sum(to_attos(cell.amounts[1]) for cell in cells)
    turns = when.turns(currency)
    drivers = tuple(
        _drawn(part, candidate.dimensions, currency, now - before, turns.get(_whole(part.key), Turn()))
        for part in _parts(candidate, cells, limit)
    )
    change = from_attos(now - before)
    return Explanation(
        sentence=headline(change, currency, drivers, money),
        currency=currency,
        dimensions=candidate.named,
        amount=from_attos(now),
        against=from_attos(before),
        change=change,
        drivers=drivers,
        days=when.telling(currency),
        note=when.lengths(from_attos(before), currency, money),
    )


def _whole(key: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(each or "" for each in key) if None not in key else ()


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
        note=part.note,
    )


def _parts(candidate: Candidate, cells: Sequence[Cell], limit: int) -> list[_Part]:
    """The drivers, largest keys first, and the rest as one; they add up to the cells."""
    quantities = _single_units(candidate.quantities)
    ranked = sorted(cells, key=lambda cell: (-abs(cell.amounts[1] - cell.amounts[0]), cell.key))
    moved = [abs(to_attos(cell.amounts[1]) - to_attos(cell.amounts[0])) for cell in ranked]
    shown = [cell for cell, move in zip(ranked, moved, strict=True) if move and move * _SLIGHT >= sum(moved)][:limit]
    parts = chain.from_iterable(
        _parts_of(cell, _about(candidate, cell.key), quantities.get(cell.key)) for cell in shown
    )
    return [*parts, *_rest(candidate.dimensions, ranked, shown)]


def _rest(dimensions: tuple[str, ...], ranked: Sequence[Cell], shown: Sequence[Cell]) -> list[_Part]:
    keys = {cell.key for cell in shown}
    rest = [cell for cell in ranked if cell.key not in keys]
    before, now = (sum(to_attos(cell.amounts[at]) for cell in rest) for at in (0, 1))
    if not (before or now):
        return []
    note = f"{len(rest)} others"
    return [_Part((None,) * len(dimensions), "other", before, now, note)]


def _about(candidate: Candidate, key: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(candidate.dimensions, key, strict=True) if name in _ABOUT}


def _single_units(quantities: Iterable[Cell]) -> dict[tuple[str, ...], Cell]:
    """Quantities of the keys that are measured in one unit only; two units have no common price."""
    found: dict[tuple[str, ...], list[Cell]] = {}
    for cell in quantities:
        if cell.unit and any(cell.amounts):
            found.setdefault(cell.key, []).append(cell)
    return {key: cells[0] for key, cells in found.items() if len(cells) == 1}


def _parts_of(cell: Cell, about: Mapping[str, str], quantity: Cell | None) -> list[_Part]:
    before, now = (to_attos(each) for each in cell.amounts)
    kind, note = _sort_of_charge(about, before + now)
    if kind is None and quantity is not None and (split := _split(before, now, quantity)):
        volume, notes = split
        bigger = abs(now - before) >= _MINOR * min(abs(volume), abs(now - before - volume))
        if bigger:
            one: DriverKind = "volume" if abs(volume) >= abs(now - before - volume) else "price"
            return [_Part(cell.key, one, before, now, notes[one])]
        return [
            _Part(cell.key, "volume", before, before + volume, notes["volume"]),
            _Part(cell.key, "price", 0, now - before - volume, notes["price"]),
        ]
    return [_Part(cell.key, kind or _movement(before, now), before, now, note)]


def _sort_of_charge(about: Mapping[str, str], billed: int) -> tuple[DriverKind | None, str]:
    """The kind of what is not usage, and a word for it; None for usage and where it is not known."""
    often = {"One-Time": "one-off", "Recurring": "recurring"}.get(about.get("ChargeFrequency", ""), "")
    match about.get("ChargeCategory", ""):
        case "Credit":
            return "credit", "credit"
        case "Adjustment":
            return ("credit", "refund or adjustment") if billed < 0 else ("other", "adjustment")
        case "Purchase":
            return "purchase", f"{often} purchase".strip()
        case "Tax":
            return "other", "tax"
        case _:
            return None, often if often == "one-off" else ""


def _movement(before: int, now: int) -> DriverKind:
    if not before:
        return "new"
    return "moved" if now else "vanished"


def _split(before: int, now: int, quantity: Cell) -> tuple[int, dict[str, str]] | None:
    """What the quantity alone made of the change, in attos; None where no price can be told."""
    was, is_ = (to_attos(each) for each in quantity.amounts)
    if min(was, is_) <= 0 or before * now <= 0:
        return None
    volume = round_half_even(before * (is_ - was), was)
    price = (now / is_) / (before / was) - 1
    notes = {
        "volume": f"{_count(quantity.amounts[0])} → {_count(quantity.amounts[1])} {quantity.unit}",
        "price": f"{100 * price:+.0f} % for each of {_count(quantity.amounts[1])} {quantity.unit}",
    }
    return volume, notes


def round_half_even(numerator: int, denominator: int) -> int:
    """The nearest integer to a fraction with a positive denominator, halves to the even one."""
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2))


def _count(quantity: Decimal) -> str:
    """A quantity short enough to read: ``1.2M``, ``830k``, ``744``, ``0.5``."""
    size = float(quantity)
    for limit, word in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(size) >= limit:
            return f"{size / (1e3 if word == 'k' else limit):.3g}{word}"
    return plain(cents(quantity))
