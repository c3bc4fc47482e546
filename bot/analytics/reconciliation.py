"""Compare a closed month with its invoice: the difference, and the charges behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations

from bot.domain.aggregate import Cell
from bot.domain.answers.invoices import Piece, Reconciliation, VendorInvoice
from bot.domain.money import Money, from_attos, to_attos
from bot.domain.period import Period

_GROUPS = 40
"""So many of the largest groups of a dimension are tried together."""
_TOGETHER = 3


def reconcile(  # noqa: PLR0913 - the invoice, the charges, and what is known of both
    period: Period,
    invoice: Money | VendorInvoice,
    dimensions: Sequence[str],
    cells: Sequence[Cell],
    *,
    source: str,
    closed: bool = True,
    vendors: VendorInvoice | None = None,
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
