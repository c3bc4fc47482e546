"""Exact money: decimals outside, whole units and attos (1e-18) inside.

Nothing here rounds, and nothing here is a float.
"""

from __future__ import annotations

from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
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
