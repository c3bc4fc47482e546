"""Why a bill changed between two periods: drivers that add up to the change, to the atto.

``kind`` of a driver is ``calendar``, ``new``, ``vanished``, ``moved``, ``volume``, ``mix``, ``price``, ``credit``,
``purchase``, ``transfer`` (what another key has less, or more) or ``other`` (tax, adjustments, and last all that is too
small to name: the values of its key are None). Over the drivers of a currency ``amount``, ``against`` and ``change``
each add up to the totals exactly, and in each driver ``amount`` less ``against`` is ``change``. What the calendar makes
is one driver; in all others it is taken out of ``amount`` and stands in ``calendar``, so that ``billed`` is what was
paid. Of several parts of a key, the first carries the bill before: ``volume`` is Δq·p₀, ``price`` is q₁·Δp of what was
used before and now, ``mix`` what a unit costs more or less because more of other things was used. ``share`` is the part
of the change, None where that is zero. ``since`` and ``until`` (the first day after) are the days on which it was
otherwise than before, None where that is not one stretch of days, or reaches the period's edge. ``places`` are values
of other dimensions that hold at least four fifths of the key's change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from msgspec import Struct

from bot.domain.answers.basis import AnswerBasis
from bot.domain.answers.figures import Total
from bot.domain.money import total

DriverKind = Literal[
    "calendar", "new", "vanished", "moved", "volume", "mix", "price", "credit", "purchase", "transfer", "other"
]
USAGE_KINDS = frozenset[DriverKind]({"new", "vanished", "moved", "volume", "mix", "price"})
"""Kinds of drivers that are usage of something: no calendar, no fees, credits or taxes."""
DriverEventKind = Literal["new model", "model gone", "commitment began", "commitment lapsed", "price changed"]
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
    """By what part a unit became dearer; ``quantity`` units of it were used now, None where there are several units.

    ``mixed`` where another mix of what was used may be part of it: no finer quantities are known.
    """

    part: float
    quantity: Decimal | None = None
    unit: str = ""
    mixed: bool = False


class MixChange(Struct, frozen=True):
    """More of what costs more a unit was used, or more of what costs less."""

    dearer: bool


class CalendarChange(Struct, frozen=True):
    """What other days make: estimates that add up to the driver's change.

    ``length`` is what more or fewer ``days`` make, ``weekdays`` what other weekdays among them do; ``counts`` are the
    number of Mondays to Sundays now and before.
    """

    days: int
    against_days: int
    length: Decimal
    weekdays: Decimal
    counts: tuple[tuple[int, int], ...]


class TransferDetail(Struct, frozen=True):
    """What moved between this key and another: ``amount`` came from it, or went to it where that is below zero."""

    other: Mapping[str, str | None]
    amount: Decimal


class OfSort(Struct, frozen=True):
    """What sort of charge it is, where that is not usage."""

    sort: ChargeSort


class Others(Struct, frozen=True):
    """So many keys that are too small to name."""

    count: int


DriverDetail = QuantityChange | PriceChange | MixChange | CalendarChange | TransferDetail | OfSort | Others


class DriverPlace(Struct, frozen=True):
    """A value of another dimension that holds most of a driver's change: ``change`` is its part, exactly as billed."""

    dimension: str
    value: str
    change: Decimal
    share: Decimal


class DriverEvent(Struct, frozen=True):
    """Something that is known to have happened on a day: ``name`` is the model or the commitment's id."""

    kind: DriverEventKind
    day: date
    name: str


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
    calendar: Decimal = Decimal(0)
    places: tuple[DriverPlace, ...] = ()
    events: tuple[DriverEvent, ...] = ()

    @property
    def billed(self) -> Decimal:
        """What it cost in the period, with what the calendar made of it."""
        return total([self.amount, self.calendar])


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


class ExplainAnswer(AnswerBasis, frozen=True, kw_only=True):
    """What drove a change: one explanation a currency, the largest first, with the totals they add up to."""

    kind: ClassVar[str] = "explain"

    totals: tuple[Total, ...] = ()
    explanations: tuple[Explanation, ...] = ()

    @property
    def drivers(self) -> tuple[Driver, ...]:
        """Those of all currencies, in order."""
        return tuple(driver for explanation in self.explanations for driver in explanation.drivers)

    @property
    def billed_in(self) -> set[str]:
        """The currencies of its drivers, and of totals that are not converted."""
        billed = {total.currency for total in self.totals if total.currency and not total.converted}
        return billed | {driver.currency for driver in self.drivers}
