"""Splitting a bill by who used it, where the vendor bills coarser than it meters.

A vendor that bills by account and model but meters by key or person leaves the split to the customer: each
billed amount is shared out by metered usage (at list price where one line holds several kinds of token),
scaled so that the parts add up to the bill to the last digit. What nobody is known to have used stays
unattributed. Everything here is exact and pure; list prices are handed in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct, field

from bot.domain.money import from_attos, to_attos

UNATTRIBUTED = ""
"""The owner of what nobody is known to have used."""

BY_QUANTITY = "metered usage"
BY_PRICE = "metered usage at list price"

Price = Callable[[str, str], Decimal | None]
"""From model and token type, the list price of a thousand, or None where no catalogue has one.

Of a thousand, never of a day's tokens together: models with long-context prices charge by the length of one
request, and a day's sum would pass every threshold.
"""

_Where = tuple[date, str, str]


def split(amount: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The amount shared out in proportion to the weights, adding up exactly (largest remainder, in attos).

    Ties go to the owner first in order of name, so that the same question has the same answer. Without a
    positive weight all of it is unattributed; negative weights count for nothing.
    """
    heavy = {owner: Fraction(weight) for owner, weight in sorted(weights.items()) if weight > 0}
    attos, whole = to_attos(amount), sum(heavy.values())
    if not whole:
        return {UNATTRIBUTED: from_attos(attos)}
    sign = -1 if attos < 0 else 1
    parts = {owner: divmod(abs(attos) * weight, whole) for owner, weight in heavy.items()}
    left = abs(attos) - sum(part for part, _ in parts.values())
    first = set(sorted(parts, key=lambda owner: -parts[owner][1])[:left])
    return {owner: from_attos(sign * (part + (owner in first))) for owner, (part, _) in parts.items()}


def worth(quantities: Mapping[str, Decimal], model: str, price: Price) -> Decimal:
    """What quantities by token type cost at list price; types without a price count for nothing."""
    known = ((quantity, price(model, kind)) for kind, quantity in quantities.items())
    return sum((quantity * unit_price for quantity, unit_price in known if unit_price is not None), Decimal(0)) / 1000


class AllocatedShare(Struct, frozen=True):
    """Part of a billed amount. ``estimate`` says how it was found, ``""`` where nothing was shared out."""

    owner: str
    cost: Decimal
    quantity: Decimal
    estimate: str


class Meters(Struct):
    """Metered usage by day, account and model, in quantities by owner and token type."""

    price: Price
    _usage: dict[_Where, dict[str, dict[str, Decimal]]] = field(default_factory=dict)

    def add(self, where: _Where, owner: str, kind: str, quantity: Decimal) -> None:
        """Notes usage on a day, in an account, of a model."""
        owners = self._usage.setdefault(where, {})
        kinds = owners.setdefault(owner, defaultdict(Decimal))
        kinds[kind] += quantity

    def shares(self, where: _Where, kind: str, cost: Decimal, quantity: Decimal) -> list[AllocatedShare]:
        """A billed amount (and the quantity billed) by owner.

        Shared by the metered quantity of that token type, or of the only one metered of the model; else by
        the worth of all that was metered of it.
        """
        owners = self._usage.get(where, {})
        metered = {token_type for kinds in owners.values() for token_type in kinds}
        how, chosen = BY_QUANTITY, kind if kind in metered or len(metered) != 1 else min(metered)
        weights = {owner: kinds.get(chosen, Decimal(0)) for owner, kinds in owners.items()}
        if not any(weights.values()):
            how = BY_PRICE
            weights = {owner: worth(kinds, where[2], self.price) for owner, kinds in owners.items()}
        if not any(weight > 0 for owner, weight in weights.items() if owner != UNATTRIBUTED):
            return [AllocatedShare(UNATTRIBUTED, cost, quantity, "")]
        quantities = split(quantity, weights)
        return [AllocatedShare(owner, part, quantities[owner], how) for owner, part in split(cost, weights).items()]

    def __contains__(self, where: object) -> bool:
        return where in self._usage
