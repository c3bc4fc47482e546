"""What commitments, discounts and credits saved.

``negotiated`` is list less contracted cost; ``commitments`` contracted less effective cost of what they cover, less
``unused``, what was paid for commitments nobody used; ``discounts`` the same of what no commitment covers (of all
usage, where a source does not tell what commitments cover); ``credits`` and ``refunds`` what they took off the bill.
``coverage`` is the part of the usage that could be covered (of services where commitments cover anything, spot left
out) that is, at contracted prices; ``utilization`` the part of the commitments that was used. A part is added up over
the sources that have it; those that do not are named in ``unknown``, and where none does it is None and left out of
``total``. Amounts are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar, NamedTuple

from msgspec import Struct, field

from bot.domain.answers.basis import AnswerBasis
from bot.domain.answers.figures import Total
from bot.domain.money import total

PARTS = ("negotiated", "commitments", "discounts", "credits", "refunds")
"""What adds up to the total; ``unused`` is within ``commitments`` already."""
_DIGITS = Decimal("0.0001")


class SavedShare(NamedTuple):
    """A part and what it is a part of."""

    part: Decimal
    whole: Decimal

    @property
    def ratio(self) -> Decimal | None:
        """From 0 to 1, to four places; None of nothing."""
        return (self.part / self.whole).quantize(_DIGITS) if self.whole > 0 else None


_NONE = SavedShare(Decimal(0), Decimal(0))


class Savings(Struct, frozen=True):
    """One currency's savings; None is not known. See the module for the fields."""

    currency: str
    negotiated: Decimal | None = None
    commitments: Decimal | None = None
    unused: Decimal | None = None
    discounts: Decimal | None = None
    credits: Decimal | None = None
    refunds: Decimal | None = None
    covered: SavedShare = _NONE
    used: SavedShare = _NONE
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def total(self) -> Decimal:
        """All that is known to be saved."""
        return total([amount for name in PARTS if (amount := getattr(self, name)) is not None])

    @property
    def coverage(self) -> Decimal | None:
        """The part of what could be covered that is; None where nothing could be, or it is not known."""
        return self.covered.ratio

    @property
    def utilization(self) -> Decimal | None:
        """The part of the commitments that was used; None where there are none, or it is not known."""
        return self.used.ratio


class SavingsAnswer(AnswerBasis, frozen=True, kw_only=True):
    """What was saved in a period, one total a currency."""

    kind: ClassVar[str] = "savings"

    totals: tuple[Total, ...] = ()
    savings: tuple[Savings, ...] = ()

    @property
    def billed_in(self) -> set[str]:
        """The currencies of its figures, which are never converted."""
        return {savings.currency for savings in self.savings}
