"""Volume against price: what another quantity made of a change, and what another price for it did."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from bot.domain.aggregate import Cell
from bot.domain.answers.explanations import PriceChange, QuantityChange
from bot.domain.money import to_attos


class Priced(NamedTuple):
    """One thing used under a key at one price (a SKU): what it cost and how much of it was used, then and now."""

    key: tuple[str, ...]
    currency: str
    cost: tuple[Decimal, Decimal]
    quantity: tuple[Decimal, Decimal]


class Split(NamedTuple):
    """What the quantity alone made of a change, in attos, with what is known of quantity and price."""

    attos: int
    details: Details


class Details(NamedTuple):
    """How the quantity changed, where it has one unit, and how the price did."""

    volume: QuantityChange | None
    price: PriceChange


class Use(NamedTuple):
    """What was used under a key: a quantity where it is measured in one unit, or its SKUs with theirs."""

    quantity: Cell | None
    priced: list[Priced]

    @classmethod
    def of(cls, cell: Cell, quantities: Sequence[Cell], priced: Sequence[Priced]) -> Use:
        """What of it belongs to one cell; two units have no common price."""
        measured = [used for used in quantities if used.key == cell.key and used.unit and any(used.amounts)]
        skus = [sku for sku in priced if (sku.key, sku.currency) == (cell.key, cell.unit)]
        return cls(measured[0] if len(measured) == 1 else None, skus)

    def split(self, before: int, now: int) -> Split | None:
        """What the quantity alone made of the change, in attos; None where no price can be told."""
        if self.quantity is not None:
            return _split(before, now, self.quantity)
        return _split_by_sku(before, now, self.priced)


def _split(before: int, now: int, quantity: Cell) -> Split | None:
    """What the quantity alone made of the change, in attos; None where no price can be told."""
    was, is_ = (to_attos(amount) for amount in quantity.amounts)
    if min(was, is_) <= 0 or before * now <= 0:
        return None
    volume = round_half_even(before * (is_ - was), was)
    price = (now / is_) / (before / was) - 1
    used, using = quantity.amounts
    details = Details(QuantityChange(used, using, quantity.unit), PriceChange(price, using, quantity.unit))
    return Split(volume, details)


def _split_by_sku(before: int, now: int, priced: Sequence[Priced]) -> Split | None:
    """The same over SKUs: of each, q₁·Δp is price; all else, SKUs that came and went included, is quantity."""
    if before * now <= 0:
        return None
    price, measured = 0, 0
    for sku in priced:
        was, is_ = (to_attos(quantity) for quantity in sku.quantity)
        old, new = (to_attos(cost) for cost in sku.cost)
        if was > 0 and is_ > 0 and old * new > 0:
            price += new - round_half_even(old * is_, was)
            measured += new
    if not measured or 2 * abs(measured) < abs(now):
        return None
    dearer = price / (measured - price) if measured != price else 0.0
    return Split(now - before - price, Details(None, PriceChange(dearer)))


def round_half_even(numerator: int, denominator: int) -> int:
    """The nearest integer to a fraction with a positive denominator, halves to the even one."""
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2))
