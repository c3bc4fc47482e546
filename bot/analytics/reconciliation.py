"""A closed month against its invoice: the difference, and which charges make it up.

JSON::

    {"period": {"start", "end"}, "currency", "invoice", "told_by": "you" | "vendor", "invoices": [ids], "charged",
     "difference", "agrees", "source", "closed", "pieces": [{"key": {dimension: value}, "amount"}], "explained"}

``invoice`` is what somebody typed in, or else what the vendor itself tells of its ``invoices``. ``difference`` is what
the invoice has more than the charges. ``pieces`` are the fewest groups of charges that come to it: leaving them out of
the charges gives the invoice's figure. ``explained`` is false where none do.
All amounts are exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

from bot.domain.aggregate import Cell, MoneyFormat, plain_money
from bot.domain.explanation import named
from bot.domain.feed import PROVIDER_NAMES
from bot.domain.money import Money, from_attos, plain, to_attos
from bot.domain.period import Period

_GROUPS = 40
"""So many of the largest groups of a dimension are tried together."""
_TOGETHER = 3


@dataclass(frozen=True)
class Piece:
    """Charges that the invoice leaves out (or, below zero, credits that it does not grant)."""

    key: dict[str, str]
    amount: Decimal


@dataclass(frozen=True)
class Invoiced:
    """What the vendor itself tells that it invoiced for a month, and the numbers of the invoices."""

    total: Money
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Reconciliation:
    """How an invoice and the charges of its month agree; see the module for its fields."""

    period: Period
    currency: str
    invoice: Decimal
    charged: Decimal
    agrees: bool
    closed: bool
    source: str
    pieces: tuple[Piece, ...] = ()
    vendors: Invoiced | None = None
    """What the vendor tells: the invoice itself, or what stands beside the one typed in."""
    typed: bool = True

    @property
    def difference(self) -> Decimal:
        """What the invoice has more."""
        return from_attos(to_attos(self.invoice) - to_attos(self.charged))

    def as_json(self) -> dict[str, Any]:
        """The public form."""
        return {
            "period": {"start": self.period.start.isoformat(), "end": self.period.end.isoformat()},
            "currency": self.currency,
            "invoice": plain(self.invoice),
            "told_by": "you" if self.typed else "vendor",
            "invoices": list(self.vendors.ids) if self.vendors else [],
            "charged": plain(self.charged),
            "difference": plain(self.difference),
            "agrees": self.agrees,
            "closed": self.closed,
            "source": self.source,
            "pieces": [{"key": each.key, "amount": plain(each.amount)} for each in self.pieces],
            "explained": self.agrees or bool(self.pieces),
        }

    def sentence(self, money: MoneyFormat = plain_money) -> str:
        """Whether they agree, and if not, what makes the difference; whose word the invoice is."""
        return f"{self._verdict(money)}{self._basis(money)}"

    def _basis(self, money: MoneyFormat) -> str:
        if self.vendors is None:
            return ""
        numbers, vendor = ", ".join(self.vendors.ids), PROVIDER_NAMES.get(self.source, self.source)
        if not self.typed:
            return f" ({vendor} itself tells it: {numbers})"
        told = self.vendors.total
        if told.amount == self.invoice:
            return f" (as {vendor} itself tells: {numbers})"
        return f" ({vendor} itself tells {money(told.amount, told.currency)}: {numbers})"

    def _verdict(self, money: MoneyFormat) -> str:
        invoice, charged = money(self.invoice, self.currency), money(self.charged, self.currency)
        month = f"{self.period.start:%B %Y}"
        open_ = "" if self.closed else " (the month is not closed yet)"
        if self.agrees:
            return f"{month}{open_}: the charges agree with the invoice, {invoice}"
        size = money(abs(self.difference), self.currency)
        way = "more" if self.difference > 0 else "less"
        start = f"{month}{open_}: the invoice says {invoice}, {size} {way} than the charges, {charged}"
        if not self.pieces:
            return f"{start}; no single group of charges makes up the difference"
        pieces = ", ".join(f"{named(each.key)} {money(each.amount, self.currency)}" for each in self.pieces)
        return f"{start}; it leaves out {pieces}"


def reconcile(  # noqa: PLR0913 - the invoice, the charges, and what is known of both
    period: Period,
    invoice: Money | Invoiced,
    dimensions: Sequence[str],
    cells: Sequence[Cell],
    *,
    source: str,
    closed: bool = True,
    vendors: Invoiced | None = None,
    tolerance: Decimal = Decimal("0.01"),
) -> Reconciliation:
    """The month's charges against what its invoice says: as somebody typed it in, or as the vendor tells.

    ``vendors`` is what the vendor tells beside what was typed in.
    ``cells`` have one amount each, the billed cost of the month (of the invoice month, where a source tells
    one), told apart by ``dimensions``, the most telling first (charge category, service, account).
    """
    typed = isinstance(invoice, Money)
    says = invoice if isinstance(invoice, Money) else invoice.total
    mine = [cell for cell in cells if cell.unit == says.currency]
    charged = sum(to_attos(cell.amounts[0]) for cell in mine)
    over = charged - to_attos(says.amount)
    agrees = abs(over) <= to_attos(tolerance)
    return Reconciliation(
        period=period,
        currency=says.currency,
        invoice=says.amount,
        charged=from_attos(charged),
        agrees=agrees,
        closed=closed,
        source=source,
        pieces=() if agrees else _pieces(dimensions, mine, over, to_attos(tolerance)),
        vendors=vendors if isinstance(invoice, Money) else invoice,
        typed=typed,
    )


def _pieces(dimensions: Sequence[str], cells: Sequence[Cell], over: int, tolerance: int) -> tuple[Piece, ...]:
    """The fewest groups that come to what is charged over the invoice, from the first dimension that has them."""
    groups = list(_groups(dimensions, cells))
    for count in range(1, _TOGETHER + 1):
        for dimension in groups:
            for chosen in combinations(dimension, count):
                if abs(sum(amount for _, amount in chosen) - over) <= tolerance:
                    return tuple(Piece(key, from_attos(amount)) for key, amount in chosen)
    return ()


def _groups(dimensions: Sequence[str], cells: Sequence[Cell]) -> Iterator[list[tuple[dict[str, str], int]]]:
    """By each dimension, and last by all of them together: the largest groups and what they come to."""
    cuts: list[tuple[int, ...]] = [(at,) for at in range(len(dimensions))]
    if len(dimensions) > 1:
        cuts.append(tuple(range(len(dimensions))))
    for cut in cuts:
        sums: dict[tuple[str, ...], int] = {}
        for cell in cells:
            key = tuple(cell.key[at] for at in cut)
            sums[key] = sums.get(key, 0) + to_attos(cell.amounts[0])
        largest = sorted(sums.items(), key=lambda group: -abs(group[1]))[:_GROUPS]
        yield [
            ({dimensions[at]: value for at, value in zip(cut, key, strict=True)}, amount)
            for key, amount in largest
            if amount
        ]
