"""Quantity, mix and price: what another quantity made of a change, what another mix of things did, and other prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from bot.domain.aggregate import Cell
from bot.domain.answers.explanations import PriceChange, QuantityChange
from bot.domain.money import to_attos


class Priced(NamedTuple):
    """One thing used under a key at one price (a SKU): what it cost and how much of it was used, then and now."""

    key: tuple[str, ...]
    currency: str
    unit: str
    cost: tuple[Decimal, Decimal]
    quantity: tuple[Decimal, Decimal]


class VolumeSplit(NamedTuple):
    """What quantity and mix alone made of a change, in attos, with what is known of quantity and price."""

    volume: int
    mix: int
    details: Details


class Details(NamedTuple):
    """How the quantity changed, where it has one unit, and how the price did."""

    volume: QuantityChange | None
    price: PriceChange


class Use(NamedTuple):
    """What was used under a key: a quantity where it is measured in one unit, and its SKUs with theirs."""

    quantity: Cell | None
    priced: Sequence[Priced]

    @classmethod
    def of(cls, cell: Cell, quantities: Sequence[Cell], priced: Sequence[Priced]) -> Use:
        """What of it belongs to one cell; two units have no common price."""
        measured = [amount for amount in quantities if amount.key == cell.key and amount.unit and any(amount.amounts)]
        skus = [sku for sku in priced if (sku.key, sku.currency) == (cell.key, cell.unit)]
        return cls(measured[0] if len(measured) == 1 else None, skus)

    def split(self, before: int, now: int) -> VolumeSplit | None:
        """What quantity and mix made of the change, in attos; None where no price is known."""
        if before * now <= 0:
            return None
        finer = _split_by_sku(before, now, self.priced)
        if self.quantity is None:
            return finer
        whole = _split(before, now, self.quantity)
        if whole is None or finer is None:
            return whole
        price = now - before - finer.volume - finer.mix
        details = Details(whole.details.volume, finer.details.price)
        return VolumeSplit(whole.volume, now - before - price - whole.volume, details)


def _split(before: int, now: int, quantity: Cell) -> VolumeSplit | None:
    """Over one unit: what is not the quantity is price or mix."""
    was, is_ = (to_attos(amount) for amount in quantity.amounts)
    if min(was, is_) <= 0:
        return None
    volume = round_half_even(before * (is_ - was), was)
    price = (now / is_) / (before / was) - 1
    used, using = quantity.amounts
    details = Details(QuantityChange(used, using, quantity.unit), PriceChange(price, using, quantity.unit, mixed=True))
    return VolumeSplit(volume, 0, details)


def _split_by_sku(before: int, now: int, priced: Iterable[Priced]) -> VolumeSplit | None:
    """Over SKUs: of each, q₁·Δp is price; what a unit's quantity alone would make is volume, the rest is mix.

    What is measured in no unit, or only before or only now, is volume. None where half of the cost has no price.
    """
    units: dict[str, list[Priced]] = defaultdict(list)
    for sku in priced:
        units[sku.unit].append(sku)
    price = mix = measured = 0
    for skus in units.values():
        pairs = [tuple(map(to_attos, (*sku.cost, *sku.quantity))) for sku in skus]
        old, new, was, is_ = (sum(column) for column in zip(*pairs, strict=True))
        dearer = 0
        for old_cost, new_cost, old_quantity, quantity in pairs:
            if min(old_quantity, quantity) > 0 and old_cost * new_cost > 0:
                dearer += new_cost - round_half_even(old_cost * quantity, old_quantity)
                measured += new_cost
        price += dearer
        if min(was, is_) > 0 and old * new > 0:
            mix += new - old - dearer - round_half_even(old * (is_ - was), was)
    if not measured or 2 * abs(measured) < abs(now):
        return None
    part = price / (measured - price) if measured != price else 0.0
    return VolumeSplit(now - before - price - mix, mix, Details(None, PriceChange(part)))


def round_half_even(numerator: int, denominator: int) -> int:
    """The nearest integer to a fraction with a positive denominator, halves to the even one."""
    whole, rest = divmod(numerator, denominator)
    return whole + (2 * rest > denominator or (2 * rest == denominator and whole % 2))
