"""The values that productions make of what their elements say: filters, dimensions, ranks, limits, dates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final, NamedTuple

from msgspec import Struct

from bot.language.lattice import Name

DIRECTIONS: Final = frozenset(("change", "increase", "decrease", "growth"))
OPERATORS: Final = frozenset((">", ">=", "<", "<="))
Value = object
"""What a symbol of the grammar stands for, of any kind."""


class Dims(NamedTuple):
    """Dimensions to break down by or to name values of: each a choice of columns, the first that the ledger has."""

    choices: tuple[tuple[str, ...], ...]
    plural: bool = False


class JoinedNames(NamedTuple):
    """Names of the ledger joined by and, or, commas."""

    names: tuple[Name, ...]


class FilterSpec(NamedTuple):
    """A filter before its dimension is settled: include or exclude names; or values of a dimension; or a mention."""

    sense: str
    value: Any


class Limit(NamedTuple):
    """An operator and what it is held against."""

    op: str
    amount: Decimal
    currency: str | None = None
    percent: bool = False
    share: Decimal | None = None
    """Of what is unusual also so large a part of the usual, as a fraction."""


class Rank(Struct, frozen=True):
    """How many lines: a number, ``ten`` for "top", ``counted`` by the noun for a superlative."""

    count: int | None
    default: str = "counted"
