"""Unit prices: what was paid, told by our own charges, beside what lists say. Each with its source and date.

JSON::

    {"what": {dimension: value}, "kind": "paid" | "list", "currency", "amount", "per", "unit", "source", "as_of",
     "since", "note"}

``amount`` is the price of ``per`` units ("1.25 USD per 1000000 Tokens"). List prices are exact; paid ones are the
cost divided by the quantity of the days from ``since`` to ``as_of``, to twelve significant digits. What is paid for
several token types together (``mixed``) names no type in ``what``, and in ``note`` the part of each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Context, Decimal
from typing import Any, Literal

from bot.domain.aggregate import Cell
from bot.domain.explanation import named
from bot.domain.money import plain, total
from bot.domain.period import Period

_DIGITS = Context(prec=12)
_EXACT = Context(prec=60)
_MILLION = 1_000_000
_BY_THE_MILLION = frozenset({"token", "tokens", "character", "characters"})
_OWN = "our own charges"


@dataclass(frozen=True)
class Price:
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
    note: str = ""

    def of(self, quantity: Decimal) -> Decimal:
        """What so many units cost at this price: ten million tokens at 3 USD a million are 30 USD."""
        return _EXACT.divide(_EXACT.multiply(self.amount, quantity), Decimal(self.per))

    def as_json(self) -> dict[str, Any]:
        """The public form."""
        return {
            "what": dict(self.what),
            "kind": self.kind,
            "currency": self.currency,
            "amount": plain(self.amount),
            "per": self.per,
            "unit": self.unit,
            "source": self.source,
            "as_of": self.as_of.isoformat(),
            "since": self.since.isoformat() if self.since else None,
            "note": self.note,
        }

    def sentence(self) -> str:
        """``gpt-5 · input: 1.25 USD per million Tokens (list price, genai-prices 0.2.3, 22 Nov 2026)``."""
        per = (
            f"million {self.unit}"
            if self.per == _MILLION
            else f"{self.per if self.per > 1 else ''} {self.unit}".strip()
        )
        when = f"{self.as_of.day} {self.as_of:%b %Y}"
        if self.since and self.since != self.as_of:
            when = f"{self.since.day} {self.since:%b} to {when}"
        kind = "list price" if self.kind == "list" else "paid"
        note = f"; {self.note}" if self.note else ""
        return (
            f"{named(self.what)}: {plain(self.amount)} {self.currency} per {per} ({kind}, {self.source}, {when}{note})"
        )


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
        if len(units) != 1 or len(paid_for) < 2:  # noqa: PLR2004 - one alone is no mix
            continue
        ((unit, cells),) = units.items()
        whole = Cell(key, unit, (_sum(cells),))
        if whole.amounts[0] > 0 and {each.key for each in cells} >= {each.key for each in paid_for}:
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


def _mix(cells: Sequence[Cell], whole: Decimal) -> str:
    parts = sorted(cells, key=lambda cell: -cell.amounts[0])
    told = [f"{100 * cell.amounts[0] / whole:.0f}% {cell.key[-1].replace('_', ' ')}" for cell in parts]
    return f"mixed as we used it: {', '.join(told)}"


def per_of(unit: str) -> int:
    """How many units a price is told for: a million tokens or characters, one of anything else."""
    return _MILLION if unit.casefold() in _BY_THE_MILLION else 1


def off_list(prices: Iterable[Price]) -> dict[tuple[tuple[str, str], ...], Decimal]:
    """How far what was paid is from the list, as a part of it, for what has both in one currency and unit."""
    listed: dict[tuple[Any, ...], Decimal] = {}
    bought: dict[tuple[Any, ...], Decimal] = {}
    for each in prices:
        group = listed if each.kind == "list" else bought
        group.setdefault((tuple(sorted(each.what.items())), each.currency, each.unit.casefold()), each.of(Decimal(1)))
    return {
        same[0]: (bought[same] / listed[same] - 1).quantize(Decimal("0.0001")) for same in bought if listed.get(same)
    }
