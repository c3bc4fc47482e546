"""What vendors say themselves beside the bill: their own forecasts, findings and budgets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec import Struct

from bot.domain.period import Period


class VendorForecast(Struct, frozen=True):
    """The vendor's own forecast of some days."""

    vendor: str
    currency: str
    days: Period
    amount: Decimal
    low: Decimal
    high: Decimal
    read_on: date | None = None
    """The day it was read, where it could not be read since."""


class VendorAnomaly(Struct, frozen=True):
    """A finding of the vendor's own anomaly detection."""

    vendor: str
    currency: str
    days: Period
    service: str
    where: tuple[str, ...]
    impact: Decimal
    read_on: date | None = None


class VendorBudget(Struct, frozen=True):
    """A budget that is set at the vendor."""

    vendor: str
    currency: str
    name: str
    limit: Decimal
    every: str
    about: str
    spent: Decimal | None = None
    expected: Decimal | None = None
    read_on: date | None = None


VendorInsight = VendorForecast | VendorAnomaly | VendorBudget
