"""What became of a file that was imported."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from msgspec import Struct, field

from bot.domain.errors import InvalidFile
from bot.domain.period import Period


class ReplacedDelivery(Struct, frozen=True):
    """What a delivery took the place of."""

    file: str
    at: datetime
    charges: int
    totals: Mapping[str, Decimal]
    """What was billed, by currency."""


class Imported(Struct, frozen=True):
    """What became of one file."""

    file: str
    charges: int = 0
    days: Period | None = None
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    """What was billed, by currency."""
    rounded: int = 0
    """How many amounts had digits beyond 1e-18."""
    replaced: tuple[ReplacedDelivery, ...] = ()
    already: bool = False
    """It was in the ledger before, and nothing changed."""
    error: InvalidFile | None = None
    """Why it was refused; nothing of it is in the ledger then."""

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies that it bills in."""
        return tuple(sorted(self.totals))
