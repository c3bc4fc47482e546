"""What an answer lacks: a source, and the cause as a value. Sentences are made in ``render``."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from bot.domain.live_query import LivePrice
from bot.domain.period import Period
from bot.domain.prices import Price


class NoDataYet(Struct, frozen=True):
    """The source has never delivered a charge; ``state`` is what is known of its pulls."""

    state: Literal["not synced", "syncing", "failing", "ceiling reached"] = "not synced"


class NeverSynced(Struct, frozen=True):
    """The source has charges, but no sync of it is known."""


class NoDataBefore(Struct, frozen=True):
    """The first days of the period are not in the ledger."""

    day: date


class NoDataAfter(Struct, frozen=True):
    """The newest days that are over are missing; ``within``: the period has days up to it that are known.

    ``failed_at`` is when the last pull failed, where it did.
    """

    day: date
    within: bool
    failed_at: datetime | None = None


class DaysFolded(Struct, frozen=True):
    """The ledger keeps what is before ``day`` by the month, and the question is about parts of months there."""

    day: date


class LiveOffer(Struct, frozen=True):
    """A request that would fill a gap, and what it costs."""

    vendor: str
    price: LivePrice


class MissingDimensions(Struct, frozen=True):
    """No feed of the source has these dimensions; ``together``: it has each, but not in one feed."""

    dimensions: tuple[str, ...]
    together: bool
    offer: LiveOffer | None = None
    finer_feed: bool = True
    """Whether turning on a finer feed would help."""


class LiveQueryFailed(Struct, frozen=True):
    """The vendor was asked and answered with an error."""

    message: str
    hint: str


class NoHours(Struct, frozen=True):
    """The source has days, no hours."""


class NoQuantities(Struct, frozen=True):
    """The source bills this without a quantity."""


class NotMeasuredIn(Struct, frozen=True):
    """Nothing is measured in the unit asked for; ``units`` are those that are."""

    unit: str
    units: tuple[str, ...]


class ShortHistory(Struct, frozen=True):
    """The history before the period is too short to know what is usual."""

    first: date


class NoPrice(Struct, frozen=True):
    """No price is known; ``of_skus``: a SKU that was used could be named too."""

    of_skus: bool = False


class OtherUnits(Struct, frozen=True):
    """There are prices, none by the units that were asked about."""

    asked: tuple[str, ...]
    prices: tuple[Price, ...]


class NoModelNamed(Struct, frozen=True):
    """No model is named whose prices could be taken."""


class NoListPriceOf(Struct, frozen=True):
    """No list price of the model is known."""

    model: str


class OnlyVendorKnows(Struct, frozen=True):
    """The bills of this vendor do not say it; ``message`` and ``hint`` say why where the vendor was asked."""

    what: Literal["commitments", "recommendations"]
    vendor: str
    message: str = ""
    hint: str = ""


class NotReportedBy(Struct, frozen=True):
    """The vendor does not report it by these dimensions: of ``what``, for the whole of ``about`` alone."""

    what: Literal["coverage", "utilization", "recommendations"]
    about: str
    dimensions: tuple[str, ...]


class ReportedByMonth(Struct, frozen=True):
    """The vendor reports commitments by month: of the days asked about only ``shown`` are known so; None for none."""

    shown: Period | None


class NotComparable(Struct, frozen=True):
    """An invoice could not be compared with the charges."""

    message: str
    hint: str


class NoInvoice(Struct, frozen=True):
    """No invoice of these months is known; ``message`` and ``hint`` say why where the vendor was asked.

    ``name`` is what to type for the source.
    """

    months: tuple[Period, ...]
    name: str
    message: str = ""
    hint: str = ""


class StaleInvoices(Struct, frozen=True):
    """The vendor's invoices could not be read lately: what is known is of a day."""

    day: date
    message: str
    hint: str


class StaleCredits(Struct, frozen=True):
    """The vendor's remaining credits could not be read lately: what is known is of a day."""

    day: date
    message: str
    hint: str


class UnreadableCredits(Struct, frozen=True):
    """The vendor was asked for the remaining credits, and refused."""

    message: str
    hint: str


class GrantsUnknown(Struct, frozen=True):
    """What was granted is not known; ``named``: what is used is."""

    named: bool


class UsesUnknown(Struct, frozen=True):
    """Credits may have been used before the first day that the ledger knows."""

    known_from: date
    granted_from: date


class CurrenciesDiffer(Struct, frozen=True):
    """The bill is in other currencies than a grant, so that nothing is taken from it."""

    billed: tuple[str, ...]
    granted: tuple[str, ...]


class CreditsNotNamed(Struct, frozen=True):
    """The bill does not name credits, so that uses of a grant are not known."""


GapCause = (
    DaysFolded
    | NoDataYet
    | NeverSynced
    | NoDataBefore
    | NoDataAfter
    | MissingDimensions
    | LiveQueryFailed
    | NoHours
    | NoQuantities
    | NotMeasuredIn
    | ShortHistory
    | NoPrice
    | OtherUnits
    | NoModelNamed
    | NoListPriceOf
    | OnlyVendorKnows
    | NotReportedBy
    | ReportedByMonth
    | NotComparable
    | NoInvoice
    | StaleInvoices
    | StaleCredits
    | UnreadableCredits
    | GrantsUnknown
    | UsesUnknown
    | CurrenciesDiffer
    | CreditsNotNamed
)
NO_DATA = (NoDataYet, NoDataBefore, NoDataAfter)
"""Causes that are days without data."""


class Gap(Struct, frozen=True):
    """What one source lacks of an answer."""

    source: str
    cause: GapCause
    compared: Period | None = None
    """The period compared with, where that is what lacks it."""

    @property
    def price(self) -> Decimal | None:
        """USD of the live request that would fill it, where one would and is allowed to."""
        offer = self.cause.offer if isinstance(self.cause, MissingDimensions) else None
        return offer.price.least if offer and offer.price.limit is None else None
