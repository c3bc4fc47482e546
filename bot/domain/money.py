"""Exact money: decimals outside, whole units and attos (1e-18) inside; and rounding it so that it adds up as shown.

Only ``rounded``, ``apportioned`` and ``settled`` round, and nothing here is a float.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation, localcontext
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

ATTOS = 10**18
"""Attos in one unit of a currency or quantity."""
LARGEST = 2**62 - 1
"""Whole units of an amount, or of a running sum of amounts, up to which the ledger's integers hold it: two of them add
up, or are subtracted, within 64 bits."""


def to_attos(amount: Decimal) -> int:
    """The amount in attos.

    Raises:
        ValueError: the amount is not finite, or has more than 18 decimal places that matter.
    """
    try:
        number, parts = amount.as_integer_ratio()
    except (ValueError, OverflowError):
        msg = f"{amount} is not an amount"
        raise ValueError(msg) from None
    attos, lost = divmod(number * ATTOS, parts)
    if lost:
        msg = f"{amount} has more than 18 decimal places"
        raise ValueError(msg)
    return attos


_WIDE = Context(prec=80)
_EXACT = Context(prec=400, traps=[Inexact, InvalidOperation])
"""Adds without rounding, or not at all."""


def from_attos(attos: int) -> Decimal:
    """The exact decimal, without trailing zeros: ``1903050000000000000000`` is ``1903.05``."""
    whole, rest = divmod(attos, ATTOS)
    if not rest:
        return Decimal(whole)
    return _WIDE.normalize(_WIDE.scaleb(Decimal(attos), -18))


_NANO = Decimal("1e-9")


def from_nanos(nanos: int) -> Decimal:
    """The exact decimal of so many billionths: the common case, in a third of the time."""
    whole, rest = divmod(nanos, 10**9)
    return _WIDE.normalize(_WIDE.multiply(Decimal(nanos), _NANO)) if rest else Decimal(whole)


def plain_attos(attos: int) -> str:
    """The amount in plain digits, never with an exponent, without trailing zeros."""
    whole, rest = divmod(abs(attos), ATTOS)
    sign = "-" if attos < 0 else ""
    return f"{sign}{whole}.{rest:018d}".rstrip("0").rstrip(".") if rest else f"{sign}{whole}"


def plain(amount: Decimal) -> str:
    """The decimal in plain digits, never with an exponent, without trailing zeros."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def total(amounts: list[Decimal]) -> Decimal:
    """The exact sum, whatever the context's precision.

    Raises:
        ValueError: as ``to_attos``.
    """
    try:
        with localcontext(_EXACT):
            return from_attos(to_attos(sum(amounts, Decimal(0))))
    except (Inexact, InvalidOperation):
        return from_attos(sum(map(to_attos, amounts)))


Exact = Annotated[Decimal, PlainSerializer(plain, return_type=str, when_used="json")]
"""A decimal that JSON carries as a plain string."""


class Money(BaseModel):
    """An exact amount in one currency (ISO 4217) or, for quantities, one unit."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    amount: Exact
    currency: str


_ROUNDING = Context(prec=60, rounding=ROUND_HALF_UP)
_LEADING = 4
"""So many figures of a column keep their own rounding: three that a sentence names, and what all others came to."""


def rounded(amount: Decimal, digits: int) -> Decimal:
    """The amount with so many decimal places, halves away from zero."""
    return amount.quantize(Decimal(1).scaleb(-digits), context=_ROUNDING)


def apportioned(amounts: Sequence[Decimal], digits: int, whole: Decimal | None = None) -> list[Decimal]:
    """The amounts rounded so that they add up to ``whole``: unless told, their own rounded sum.

    What simple rounding leaves over goes to those nearest to a half, the four largest (of few, half of them) last:
    so the figures that matter are the same in every answer. A zero stays zero; without ``whole`` none moves by a step.
    """
    step = Decimal(1).scaleb(-digits)
    shown = [rounded(amount, digits) for amount in amounts]
    target = rounded(_sum(amounts) if whole is None else whole, digits)
    missing = int(_ROUNDING.divide(_ROUNDING.subtract(target, _sum(shown)), step))
    up = missing > 0
    leading = set(
        sorted(range(len(shown)), key=lambda at: -abs(amounts[at]))[
            : _LEADING if len(shown) > _LEADING else len(shown) // 2
        ]
    )
    fitting = [at for at, amount in enumerate(amounts) if amount and (amount > shown[at] if up else amount < shown[at])]
    others = [at for at, amount in enumerate(amounts) if amount and at not in set(fitting)]
    fitting.sort(key=lambda at: (at in leading, -abs(amounts[at] - shown[at]), at))
    for at in [*fitting, *others][: abs(missing)]:
        shown[at] += step if up else -step
    return shown


def settled(amounts: Sequence[Decimal], digits: int, other: int | None = None) -> list[Decimal]:
    """Each amount rounded by itself, never bent for another; what that leaves over goes to ``other``.

    ``other`` is the place of the one that stands for the rest; where it is too small to take it, it does not.
    """
    shown = [rounded(amount, digits) for amount in amounts]
    if other is None:
        return shown
    left = _ROUNDING.subtract(rounded(_sum(amounts), digits), _sum(shown))
    if abs(left) < abs(amounts[other]):
        shown[other] = _ROUNDING.add(shown[other], left)
    return shown


def left_over(amounts: Sequence[Decimal], shown: Sequence[Decimal], digits: int) -> Decimal:
    """By how much more the figures shown add up to than their sum as it is shown."""
    return _ROUNDING.subtract(_sum(shown), rounded(_sum(amounts), digits))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    result = Decimal(0)
    for amount in amounts:
        result = _ROUNDING.add(result, amount)
    return result
