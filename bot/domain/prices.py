"""Unit prices: what was paid, from our own charges, beside what lists say. Each with its source and date.

``amount`` is the price of ``per`` units ("1.25 USD per 1000000 Tokens"). List prices are exact; paid ones are the
cost divided by the quantity of the days from ``since`` to ``as_of``, to twelve significant digits. What is paid for
several token types together (``mixed``) names no type in ``what``; its note has the part of each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Context, Decimal
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from bot.domain.aggregate import Cell
from bot.domain.money import total
from bot.domain.period import Period

_DIGITS = Context(prec=12)
_EXACT = Context(prec=60)
_MILLION = 1_000_000
_BY_THE_MILLION = frozenset({"token", "tokens", "character", "characters"})
_OWN = "our own charges"


class Tiers(Struct, frozen=True):
    """Longer prompts cost more: pairs of a price and the tokens from which it holds."""

    tiers: tuple[tuple[Decimal, int], ...]


class BeyondUse(Struct, frozen=True):
    """The price holds beyond so much a month."""

    quantity: str


class UsedMix(Struct, frozen=True):
    """The mix in which several token types were used: each with its part of the whole."""

    parts: tuple[tuple[str, Decimal], ...]


class Together(Struct, frozen=True):
    """The price of several quantities together."""


PriceNote = Tiers | BeyondUse | UsedMix | Together


class Price(Struct, frozen=True):
    """What ``per`` units of something cost; see the module for its fields."""

    what: Mapping[str, str]
    kind: Literal["paid", "list"]
    currency: str
    amount: Decimal
    unit: str
    source: str
    as_of: date
    per: int = 1
    since: date | None = None
    note: PriceNote | None = None

    def of(self, quantity: Decimal) -> Decimal:
        """What so many units cost at this price: ten million tokens at 3 USD a million are 30 USD."""
        return _EXACT.divide(_EXACT.multiply(self.amount, quantity), Decimal(self.per))


def paid(
    dimensions: Sequence[str], costs: Sequence[Cell], quantities: Sequence[Cell], period: Period
) -> tuple[Price, ...]:
    """What was paid for a unit, by key and currency, from our own charges of a period.

    Cells have one amount each. A key that is measured in two units, or of which nothing was used, has no price.
    """
    measured: dict[tuple[str, ...], list[Cell]] = {}
    for cell in quantities:
        if cell.unit and cell.amounts[0] > 0:
            measured.setdefault(cell.key, []).append(cell)
    prices = []
    for cost in costs:
        known = measured.get(cost.key, [])
        if len(known) == 1 and cost.amounts[0] > 0:
            prices.append(_paid(dict(zip(dimensions, cost.key, strict=True)), cost, known[0], period))
    return tuple(prices)


def _paid(what: dict[str, str], cost: Cell, quantity: Cell, period: Period) -> Price:
    per = per_of(quantity.unit)
    whole = _EXACT.multiply(cost.amounts[0], Decimal(per))
    return Price(
        what=what,
        kind="paid",
        currency=cost.unit,
        amount=_DIGITS.divide(whole, quantity.amounts[0]),
        unit=quantity.unit,
        source=_OWN,
        as_of=period.last,
        per=per,
        since=period.start,
    )


def mixed(
    dimensions: Sequence[str], costs: Sequence[Cell], quantities: Sequence[Cell], period: Period
) -> tuple[Price, ...]:
    """What was paid for a unit of all that the last dimension tells apart, in the mix in which it was used."""
    costly, used = _outer(costs), _outer(quantities)
    found = []
    for (key, currency), paid_for in costly.items():
        units = {unit: cells for (other, unit), cells in used.items() if other == key and unit}
        if len(units) != 1 or len(paid_for) <= 1:
            continue
        ((unit, cells),) = units.items()
        whole = Cell(key, unit, (_sum(cells),))
        if whole.amounts[0] > 0 and {cell.key for cell in cells} >= {cell.key for cell in paid_for}:
            what = dict(zip(dimensions[:-1], key, strict=True))
            price = _paid(what, Cell(key, currency, (_sum(paid_for),)), whole, period)
            found.append(replace(price, note=_mix(cells, whole.amounts[0])))
    return tuple(found)


_Outer = dict[tuple[tuple[str, ...], str], list[Cell]]


def _outer(cells: Sequence[Cell]) -> _Outer:
    found: _Outer = defaultdict(list)
    for cell in cells:
        if cell.amounts[0] > 0:
            found[cell.key[:-1], cell.unit].append(cell)
    return found


def _sum(cells: Iterable[Cell]) -> Decimal:
    return total([cell.amounts[0] for cell in cells])


def _mix(cells: Sequence[Cell], whole: Decimal) -> UsedMix:
    parts = sorted(cells, key=lambda cell: -cell.amounts[0])
    return UsedMix(tuple((cell.key[-1], cell.amounts[0] / whole) for cell in parts))


def per_of(unit: str) -> int:
    """How many units a price is told for: a million tokens or characters, one of anything else."""
    return _MILLION if unit.casefold() in _BY_THE_MILLION else 1


def off_list(prices: Iterable[Price]) -> dict[tuple[tuple[str, str], ...], Decimal]:
    """How far what was paid is from the list, as a part of it, for what has both in one currency and unit."""
    listed: dict[tuple[Any, ...], Decimal] = {}
    bought: dict[tuple[Any, ...], Decimal] = {}
    for price in prices:
        group = listed if price.kind == "list" else bought
        group.setdefault(
            (tuple(sorted(price.what.items())), price.currency, price.unit.casefold()), price.of(Decimal(1))
        )
    return {
        same[0]: (bought[same] / listed[same] - 1).quantize(Decimal("0.0001")) for same in bought if listed.get(same)
    }
