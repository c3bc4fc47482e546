"""What is out of the usual: spikes, dips, level shifts, drops to zero and new spend, in money.

``kind`` is ``spike`` or ``dip`` (one or two days), ``shift`` (three or more), ``drop`` (to nothing) or ``new``. Days
are half-open; ``seen`` is the first day on which it could be known; ``ongoing`` is true where it had not ended by the
last day known, or within four weeks. ``amount``, ``expected`` and ``change`` are means a day, ``per_month`` is
``change`` times 30, ``total`` what it came to over its days, ``share`` the change as a part of the usual (None where
there was none). All are estimates in cents. ``also`` are keys of the same cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from msgspec import Struct

from bot.domain.aggregate import cents
from bot.domain.answers.basis import AnswerBasis
from bot.domain.period import Period

AnomalyKind = Literal["spike", "dip", "shift", "drop", "new"]
_MONTH = 30


class Anomaly(Struct, frozen=True):
    """One thing out of the usual; see the module for its fields."""

    key: Mapping[str, str]
    currency: str
    kind: AnomalyKind
    period: Period
    seen: date
    ongoing: bool
    provisional: bool
    amount: Decimal
    expected: Decimal
    also: tuple[Mapping[str, str], ...] = ()

    @property
    def change(self) -> Decimal:
        """More (or less) than usual, a day."""
        return self.amount - self.expected

    @property
    def total(self) -> Decimal:
        """More (or less) than usual, over its days."""
        return self.change * self.period.days

    @property
    def per_month(self) -> Decimal:
        """What it comes to in 30 days, if it stays."""
        return self.change * _MONTH

    @property
    def at_stake(self) -> Decimal:
        """What it came to; of what goes on, at least a month of it."""
        return max(self.total, self.per_month, key=abs) if self.ongoing else self.total

    @property
    def share(self) -> Decimal | None:
        """The change as a part of the usual."""
        return cents(self.change / self.expected) if self.expected else None


class AnomaliesAnswer(AnswerBasis, frozen=True, kw_only=True):
    """What first went out of the usual in a period, one anomaly a cause, the most money first."""

    kind: ClassVar[str] = "anomalies"

    anomalies: tuple[Anomaly, ...] = ()

    @property
    def billed_in(self) -> set[str]:
        """The currencies of its figures, which are never converted."""
        return {anomaly.currency for anomaly in self.anomalies}
