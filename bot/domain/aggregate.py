"""A cell: the amounts of one value (or pair) of a breakdown, over the columns its receiver names.

The columns are consecutive days, or (against, period); every cell handed in together has the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

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
