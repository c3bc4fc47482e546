"""A cell: the amounts of one value (or pair) of a breakdown, over the columns its receiver names.

The columns are consecutive days, or (against, period); every cell handed in together has the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

MoneyFormat = Callable[[Decimal, str], str]
"""Draws an amount of a currency for people."""

_CENT = Decimal("0.01")


class Cell(NamedTuple):
    """``key`` holds one value a dimension; ``unit`` is a currency, or the unit of a quantity."""

    key: tuple[str, ...]
    unit: str
    amounts: tuple[Decimal, ...]


class Course(NamedTuple):
    """The same in floats, for statistics over more series than anybody reads."""

    key: tuple[str, ...]
    unit: str
    amounts: Sequence[float]


def cents(estimate: float | Decimal) -> Decimal:
    """An estimate as a decimal of two places; bills are never passed through here."""
    return Decimal(estimate).quantize(_CENT, ROUND_HALF_EVEN)


def plain_money(amount: Decimal, currency: str) -> str:
    """The amount with its ISO code, for where nobody handed in a format of their own: ``1,234.50 USD``."""
    return f"{amount:,.2f} {currency}"
