"""How budgets stand on a day.

``state`` is ``over``; ``will run out`` (forecast above the limit); ``at risk`` (the forecast's upper bound is);
``within``; ``open`` (nothing wrong so far, and no forecast); or ``unknown``: parts of the spend are missing, and what
is known is not over. Only known spend is ever called within. ``runs_out`` is the day on which it ran or will run out.
``source`` is ``spend``: a vendor's own budgets are notes, not these. ``elapsed`` is the part of the period's days that
have begun, ``over_by`` what the forecast is above the limit. ``contributors`` are what most of the spend is, the most
money first, as the question about the budget's spend by that dimension gives it; ``person`` is who spent most, beside
the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from msgspec import Struct

from bot.domain.answers.basis import AnswerBasis
from bot.domain.answers.gaps import Gap
from bot.domain.period import Period

Every = Literal["month", "quarter", "year", "7 days", "30 days", "90 days"]
"""What a limit is for: a calendar period, or the days up to today."""
ROLLING: Mapping[Every, int] = {"7 days": 7, "30 days": 30, "90 days": 90}
BudgetState = Literal["over", "will run out", "at risk", "within", "open", "unknown"]
_PARTS = Decimal("0.0001")


class BilledIn(Struct, frozen=True):
    """Spend in another currency than the limit's, without a rate."""

    currency: str


MissingSpend = Gap | BilledIn
"""What the spend of a budget lacks."""


class Contributor(Struct, frozen=True):
    """A part of a budget's spend."""

    dimension: str
    value: str
    amount: Decimal


class AmongPeers(Struct, frozen=True):
    """The person with most of a budget's spend, and the median of the ``others`` who have any."""

    name: str
    amount: Decimal
    median: Decimal
    others: int


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
    contributors: tuple[Contributor, ...] = ()
    person: AmongPeers | None = None

    @property
    def elapsed(self) -> Decimal | None:
        """The part of the period's days that have begun; None where it rolls on with the days."""
        begun = min((self.day - self.period.start).days + 1, self.period.days)
        return None if self.every in ROLLING else (Decimal(begun) / self.period.days).quantize(_PARTS)

    @property
    def over_by(self) -> Decimal | None:
        """What the forecast is above the limit; None where it is not, or there is none."""
        return self.forecast - self.limit if self.forecast is not None and self.forecast > self.limit else None

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

    kind: ClassVar[str] = "budgets"

    budgets: tuple[BudgetStatus, ...] = ()

    @property
    def billed_in(self) -> set[str]:
        """The currencies of its figures, which are never converted."""
        return {budget.currency for budget in self.budgets}
