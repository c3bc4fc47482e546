"""The answer of the kind ``price``: list prices beside what was paid; times a quantity, where one was named."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from msgspec import Struct

from bot.domain.answers.basis import AnswerBasis
from bot.domain.answers.figures import Line, Total
from bot.domain.parts import Fact
from bot.domain.prices import Price


class Quote(Struct, frozen=True):
    """A price, a quantity in its unit, and what that comes to (exact)."""

    price: Price
    quantity: Decimal
    total: Decimal
    kept: bool = False
    """A size was taken to be kept for a month, because it is priced so."""


class PriceAnswer(AnswerBasis, frozen=True, kw_only=True):
    """Prices, or what a quantity comes to at each of them."""

    kind: ClassVar[str] = "price"

    prices: tuple[Price, ...] = ()
    quotes: tuple[Quote, ...] = ()
    totals: tuple[Total, ...] = ()
    lines: tuple[Line, ...] = ()
    """Of past usage at other prices: what it comes to by model, beside what was paid."""
    facts: tuple[Fact, ...] = ()
    """What of that usage has no price."""

    @property
    def billed_in(self) -> set[str]:
        """The currencies of its figures, which are never converted."""
        return {price.currency for price in (*self.prices, *(quote.price for quote in self.quotes))}
