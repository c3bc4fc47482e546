"""What is put to a vendor itself because no feed tells it apart: what is wanted, and what came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.charge import Charge
from bot.domain.errors import CostError
from bot.domain.period import Period
from bot.domain.question import Filter


@dataclass(frozen=True)
class Wanted:
    """Charges of some days, told apart and filtered like this; ``daily`` or else by calendar month."""

    by: tuple[str, ...]
    where: tuple[Filter, ...]
    days: Period
    daily: bool


@dataclass(frozen=True)
class Told:
    """What a vendor told at an instant, of which days, and what asking cost; ``error`` where it told nothing."""

    charges: Sequence[Charge]
    days: Period
    at: datetime
    requests: int = 0
    cost: Decimal = Decimal(0)
    error: CostError | None = None
