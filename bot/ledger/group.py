"""What the ledger answers with: a named tuple, since one answer may hold thousands."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Group(NamedTuple):
    """One combination of the breakdown: amounts in ``unit`` (a currency, or a unit of quantity) per interval."""

    key: tuple[str, ...]
    unit: str
    amounts: tuple[Decimal, ...]
    charges: int
    """How many charges there are in all: tells zero from nothing."""
