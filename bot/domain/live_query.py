"""A query put to a vendor because no feed has the breakdown, and its result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from bot.domain.charge import Charge
from bot.domain.errors import CostError
from bot.domain.period import Period
from bot.domain.question import Filter


class LiveQuery(Struct, frozen=True):
    """Charges of some days by these dimensions and filters; ``daily`` or else by calendar month."""

    by: tuple[str, ...]
    where: tuple[Filter, ...]
    days: Period
    daily: bool


class LiveResult(Struct, frozen=True):
    """What a vendor answered at an instant, for which days, and what asking cost; ``error`` where it failed."""

    charges: Sequence[Charge]
    days: Period
    at: datetime
    requests: int = 0
    cost: Decimal = Decimal(0)
    error: CostError | None = None
