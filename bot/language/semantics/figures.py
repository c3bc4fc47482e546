"""Values of figures: limits, quantities, units, shares, changes and measures side by side."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from bot.language.chart import REJECTED
from bot.language.lattice import BusinessCount, TypedAmount
from bot.language.semantics.values import DIRECTIONS, OPERATORS, FilterSpec, JoinedNames, Limit, Value

_SIDES: Final = 2
_VERSION: Final = 100
"""A smaller number behind a name is rather part of it: "opus 9 tokens"."""


def last_given(*values: Value) -> Value:
    """The last value that is not empty."""
    given = [value for value in values if value is not None and value != ""]
    return given[-1] if given else None


def concatenated(*values: Value) -> tuple[Value, ...]:
    """Names and filters, and what rows of them hold."""
    found: list[Value] = []
    for value in values:
        if isinstance(value, JoinedNames | FilterSpec):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(value)
    return tuple(found)


def charges_filter(value: str) -> Value:
    """Taxes as a part or a whole of a share."""
    if value == "tax":
        return (FilterSpec("value", ("ChargeCategory", "Tax")),)
    return REJECTED


def change_of(*values: Value) -> Value:
    """The direction of a change; the noun "growth", whose value is empty, is an increase."""
    return next((value for value in values if value in DIRECTIONS), "increase" if "" in values else REJECTED)


def limit_of(*values: Value) -> Limit:
    """An amount that limits; at least so much where no operator stands beside it."""
    op = next((value for value in values if isinstance(value, str) and value in OPERATORS), ">=")
    amount = next(value for value in values if isinstance(value, TypedAmount))
    return Limit(op, amount.value, amount.currency)


def percent_limit(*values: Value) -> Limit:
    """A limit in percent."""
    op = next((value for value in values if isinstance(value, str) and value in OPERATORS), ">=")
    return Limit(op, next(value for value in values if isinstance(value, Decimal)), None, percent=True)


def limit_and_share(*values: Value) -> Limit:
    """A limit by amount and by part of the usual."""
    percent: Decimal = next(value for value in values if isinstance(value, Decimal))
    return limit_of(*values)._replace(share=percent / 100)


def quantity_of(*values: Value) -> Value:
    """So much of a unit, of what is named beside it; a small number behind a name is rather part of it."""
    amount = next(value for value in values if isinstance(value, TypedAmount))
    names = next((value for value in values if isinstance(value, JoinedNames)), None)
    unit = next(value for value in values if isinstance(value, str) and value[:1].isupper())
    unit = unit.replace("-Mo", "-Months")
    small = not amount.scaled and amount.value < _VERSION and unit == "Tokens"
    return REJECTED if amount.currency or small else ("quantity", amount.value, unit, names)


def quantity_typed(amount: TypedAmount, names: JoinedNames) -> Value:
    """As in "500k input": of a type of token."""
    if amount.currency or not amount.scaled or not all("x_TokenType" in name.matches for name in names.names):
        return REJECTED
    return ("quantity", amount.value, "Tokens", names)


def quantity_pair(*values: Value) -> Value:
    """So much of one type of token, and so much of another."""
    amounts = [value for value in values if isinstance(value, TypedAmount)]
    names = [value for value in values if isinstance(value, JoinedNames)]
    if any(amount.currency for amount in amounts):
        return REJECTED
    if not all(len(group.names) == 1 and "x_TokenType" in group.names[0].matches for group in names):
        return REJECTED
    return ("quantity_pair", tuple(amount.value for amount in amounts), tuple(names))


def metered_credits(*values: Value) -> Value:
    """As in "how many credits did snowflake use": of who meters in credits, and not of who grants them."""
    names = next(value for value in values if isinstance(value, JoinedNames))
    metered = all(
        any("snowflake" in value.casefold() for match in name.matches.values() for value in match.values)
        for name in names.names
    )
    return ("unit_of", "Credits", names) if metered else REJECTED


def unit_of(*values: Value) -> Value:
    """A unit of what is named beside it."""
    names = next(value for value in values if isinstance(value, JoinedNames))
    unit = next(value for value in values if isinstance(value, str))
    return ("unit_of", unit, names)


def usage_at(*values: Value) -> Value:
    """A consumption, and the model at whose price it is valued."""
    items = next((value for value in values if isinstance(value, tuple) and not isinstance(value, JoinedNames)), None)
    names = next((value for value in values if isinstance(value, JoinedNames)), None)
    if items is None or names is None:
        return REJECTED
    kinds = {item[0] for item in items}
    if not (kinds & {"include", "when"}) or ("usage" not in kinds and "when" not in kinds):
        return REJECTED
    return ("usage_at", items, names)


def unit_cost_of(*values: Value) -> Value:
    """What a cost is told per one of, and what is named between."""
    units = [
        value for value in values if isinstance(value, str) and value and (value[0].isupper() or value == "vCPU-Hours")
    ]
    units += [value.name for value in values if isinstance(value, BusinessCount)]
    names = next((value for value in values if isinstance(value, JoinedNames)), None)
    unit = units[-1] if units else ("Tokens" if "mtok" in values else None)
    return ("per", unit, names)


def share_of_groups(*values: Value) -> Value:
    """Two groups of what was named: the whole stands before the part, or after it for "does X make up of Y"."""
    groups = [value for value in values if isinstance(value, tuple) and not isinstance(value, JoinedNames)]
    groups = groups if len(groups) == _SIDES else [(), *groups]
    whole, part = groups[-2], groups[-1]
    if "does" in values[:2] or "do" in values[:2] or "did" in values[:2]:
        whole, part = part, whole
    return ("share", part, whole) if part else REJECTED


def share_as(*values: Value) -> Value:
    """A part and its whole, as in "AI as a share of AWS"."""
    groups = [value for value in values if isinstance(value, tuple) and not isinstance(value, JoinedNames)]
    return ("share", groups[0], groups[-1]) if groups[0] and len(groups) > 1 else REJECTED


def share_part(*values: Value) -> Value:
    """A part of everything."""
    for value in values:
        if isinstance(value, JoinedNames):
            return ("share", (value,), ())
        if isinstance(value, tuple) and value:
            return ("share", value, ())
    return REJECTED


def measures_beside(*values: Value) -> Value:
    """Two different measures to stand side by side."""
    named = [
        value
        for value in values
        if value in {"gross", "net", "BilledCost", "EffectiveCost", "ListCost", "ContractedCost"}
    ]
    return tuple(named) if len(named) == _SIDES and named[0] != named[1] else REJECTED
