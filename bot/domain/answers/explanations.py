"""Why a bill changed between two periods: drivers that add up to the change, to the atto.

``kind`` of a driver is ``new``, ``vanished``, ``moved``, ``volume``, ``price``, ``credit``, ``purchase`` or ``other``
(tax, adjustments, and last all that is too small to name: the values of its key are None). Over the drivers of a
currency ``amount``, ``against`` and ``change`` each add up to the totals exactly, and in each driver ``amount`` less
``against`` is ``change``. Of a pair, ``volume`` is Δq·p₀ and carries the bill before, ``price`` is q₁·Δp: what the
other price (or another mix of prices) costs at the quantity now. ``share`` is the part of the change, None where that
is zero. ``since`` and ``until`` (the first day after) are the days on which it was otherwise than before, None where
that is not one stretch of days, or reaches the period's edge.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from bot.domain.answers.basis import AnswerBasis
from bot.domain.answers.figures import Total
from bot.domain.answers.notes import LengthsDiffer

DriverKind = Literal["new", "vanished", "moved", "volume", "price", "credit", "purchase", "other"]
ChargeSort = Literal[
    "credit", "new credit", "ended credit", "refund", "adjustment", "purchase", "one-off", "recurring purchase",
    "one-off purchase", "tax",
]  # fmt: skip


class QuantityChange(Struct, frozen=True):
    """How much was used before and now."""

    before: Decimal
    now: Decimal
    unit: str


class PriceChange(Struct, frozen=True):
    """By what part a unit became dearer; ``quantity`` units of it were used now, None where there are several units."""

    part: float
    quantity: Decimal | None = None
    unit: str = ""


class OfSort(Struct, frozen=True):
    """What sort of charge it is, where that is not usage."""

    sort: ChargeSort


class Others(Struct, frozen=True):
    """So many keys that are too small to name."""

    count: int


DriverDetail = QuantityChange | PriceChange | OfSort | Others


class Driver(Struct, frozen=True):
    """One part of a change; see the module for what its fields promise."""

    key: Mapping[str, str | None]
    currency: str
    kind: DriverKind
    amount: Decimal
    against: Decimal
    change: Decimal
    share: Decimal | None = None
    since: date | None = None
    until: date | None = None
    detail: DriverDetail | None = None


class StandoutDay(Struct, frozen=True):
    """A day that makes much of a change; ``usual`` is what its weekday came to in the period before (an estimate)."""

    day: date
    amount: Decimal
    usual: Decimal
    share: Decimal


class Explanation(Struct, frozen=True):
    """The change of one currency, its drivers, and the days that make most of it."""

    currency: str
    dimensions: tuple[str, ...]
    amount: Decimal
    against: Decimal
    change: Decimal
    drivers: tuple[Driver, ...]
    days: tuple[StandoutDay, ...] = ()
    lengths: LengthsDiffer | None = None
    """What periods of unequal length alone make of the change."""


class ExplainAnswer(AnswerBasis, frozen=True, kw_only=True):
    """What drove a change: one explanation a currency, the largest first, with the totals they add up to."""

    totals: tuple[Total, ...] = ()
    explanations: tuple[Explanation, ...] = ()

    @property
    def drivers(self) -> tuple[Driver, ...]:
        """Those of all currencies, in order."""
        return tuple(driver for explanation in self.explanations for driver in explanation.drivers)
