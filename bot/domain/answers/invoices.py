"""Compare a closed month with its invoice: the difference, and the charges behind it.

``invoice`` is what somebody typed in, or else the vendor's own figure. ``difference`` is what the invoice has more
than the charges. ``pieces`` are the fewest groups of charges that come to it: leaving them out of the charges gives
the invoice's figure. All amounts are exact.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from msgspec import Struct

from bot.domain.answers.basis import AnswerBasis
from bot.domain.money import Money, from_attos, to_attos
from bot.domain.period import Period


class Piece(Struct, frozen=True):
    """Charges that the invoice leaves out (or, below zero, credits that it does not grant)."""

    key: dict[str, str]
    amount: Decimal


class VendorInvoice(Struct, frozen=True):
    """What the vendor itself says that it invoiced for a month, and the numbers of the invoices."""

    total: Money
    ids: tuple[str, ...]


class Reconciliation(Struct, frozen=True):
    """How an invoice and the charges of its month agree; see the module for its fields."""

    period: Period
    currency: str
    invoice: Decimal
    charged: Decimal
    agrees: bool
    closed: bool
    source: str
    pieces: tuple[Piece, ...] = ()
    vendors: VendorInvoice | None = None
    """What the vendor says: the invoice itself, or what stands beside the one typed in."""
    typed: bool = True

    @property
    def difference(self) -> Decimal:
        """What the invoice has more."""
        return from_attos(to_attos(self.invoice) - to_attos(self.charged))


class InvoiceAnswer(AnswerBasis, frozen=True, kw_only=True):
    """Every month of a period against what vendors invoiced for it."""

    kind: ClassVar[str] = "invoice"

    reconciliations: tuple[Reconciliation, ...] = ()

    @property
    def billed_in(self) -> set[str]:
        """The currencies of its figures, which are never converted."""
        return {reconciliation.currency for reconciliation in self.reconciliations}
