"""A query put to a vendor because no feed has the breakdown, and its result."""

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
class LiveQuery:
    """Charges of some days by these dimensions and filters; ``daily`` or else by calendar month."""

    by: tuple[str, ...]
    where: tuple[Filter, ...]
    days: Period
    daily: bool


@dataclass(frozen=True)
class LiveResult:
    """What a vendor answered at an instant, for which days, and what asking cost; ``error`` where it failed."""

    charges: Sequence[Charge]
    days: Period
    at: datetime
    requests: int = 0
    cost: Decimal = Decimal(0)
    error: CostError | None = None
