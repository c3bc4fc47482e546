"""How budgets stand on a day.

``state`` is ``over``; ``will run out`` (forecast above the limit); ``at risk`` (the forecast's upper bound is);
``within``; ``open`` (nothing wrong so far, and no forecast); or ``unknown``: parts of the spend are missing, and what
is known is not over. Only known spend is ever called within. ``runs_out`` is the day on which it ran or will run out.
``source`` is ``spend``: a vendor's own budgets are notes, not these.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from bot.domain.answers.basis import AnswerBasis
from bot.domain.answers.gaps import Gap
from bot.domain.period import Period

Every = Literal["month", "quarter", "year"]
BudgetState = Literal["over", "will run out", "at risk", "within", "open", "unknown"]
_PARTS = Decimal("0.0001")


class BilledIn(Struct, frozen=True):
    """Spend in another currency than the limit's, without a rate."""

    currency: str


MissingSpend = Gap | BilledIn
"""What the spend of a budget lacks."""


class BudgetStatus(Struct, frozen=True):
    """How a budget stands; see the module for its fields."""

    name: str
    currency: str
    limit: Decimal
    every: Every
    period: Period
    spent: Decimal
    state: BudgetState
    forecast: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    runs_out: date | None = None
    passed: tuple[tuple[Literal["actual", "forecast"], Decimal], ...] = ()
    missing: tuple[MissingSpend, ...] = ()
    owner: str = ""
    channel: str = ""
    source: str = "spend"
    day: date = date.min
    """The day it stands so on."""

    @property
    def left(self) -> Decimal:
        """What is left of the limit; below zero where it is passed."""
        return self.limit - self.spent

    @property
    def share(self) -> Decimal | None:
        """The part of the limit that is spent; None where the limit is zero."""
        return (self.spent / self.limit).quantize(_PARTS) if self.limit else None


class BudgetsAnswer(AnswerBasis, frozen=True, kw_only=True):
    """Every budget that the question fits, the fullest first."""

    budgets: tuple[BudgetStatus, ...] = ()
