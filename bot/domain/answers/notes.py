"""Facts that stand beside the figures of an answer, each a value; ``render.notes`` makes the sentences."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec import Struct

from bot.domain.answers.figures import Line
from bot.domain.answers.forecasts import Forecast, TooShort
from bot.domain.answers.vendor_insights import VendorInsight
from bot.domain.period import Period
from bot.domain.prices import Price

# --- of costs ---------------------------------------------------------------------------------------------------


class FeedsDisagree(Struct, frozen=True):
    """On some of the days a feed differs from its source's bill; the day on which it does most."""

    source: str
    days: int
    day: date
    currency: str
    bill: Decimal
    feed: Decimal


class LiveDisagrees(Struct, frozen=True):
    """What a source answered when asked does not add up to what the ledger has of the same days."""

    source: str
    currency: str
    ledger: Decimal
    asked: Decimal
    whole: bool = True
    """Whether this is about the answer; else about the same without the filters that the ledger cannot check."""


class BilledStandsIn(Struct, frozen=True):
    """Sources without the price asked for, so that the billed cost stands in."""

    sources: tuple[str, ...]
    metric: str


class KnownPart(Struct, frozen=True):
    """The part of a source's usage for which it gives a metric; for savings, the part they are counted on."""

    source: str
    metric: str
    part: Decimal
    savings: bool = False


class EstimatedSplit(Struct, frozen=True):
    """Sources whose bill does not split like this: metered use at list prices divides it."""

    sources: tuple[str, ...]


class AskedLive(Struct, frozen=True):
    """Sources that were asked just now, since no feed of theirs has it."""

    sources: tuple[str, ...]


class ViewMissing(Struct, frozen=True):
    """An optional view of the source that could not be read, though this answer would use it, and why."""

    source: str
    view: str
    message: str


class LimitPerCurrency(Struct, frozen=True):
    """The threshold was held against each amount in its own currency or unit."""


class Restated(Struct, frozen=True):
    """A day that a vendor restated lately."""

    source: str
    day: date
    currency: str
    was: Decimal
    now: Decimal


class PaidRequestsPlanned(Struct, frozen=True):
    """What paid requests have cost this month in USD, of which ceiling, and what is expected yet to its last day."""

    spent: Decimal
    ceiling: Decimal | None
    expected: Decimal
    last_day: int


class MoreRestated(Struct, frozen=True):
    """How many more days were restated."""

    count: int


# --- of currencies ----------------------------------------------------------------------------------------------


class RatesUsed(Struct, frozen=True):
    """Amounts were converted at each day's rate of these days; ``carried`` later days at the last one known."""

    currency: str
    first: date
    last: date
    source: str
    carried: int = 0


class NoRate(Struct, frozen=True):
    """A currency without a rate, so that it stands as billed."""

    currency: str
    to: str


class ShownAsBilled(Struct, frozen=True):
    """The figures of this kind are not converted: they stand in these currencies."""

    kind: str
    currencies: tuple[str, ...]
    asked: str


# --- of changes -------------------------------------------------------------------------------------------------


class DaysThatStandOut(Struct, frozen=True):
    """The days that make most of a change, and how far they are from the usual together."""

    days: tuple[date, ...]
    off: Decimal
    currency: str


class DaysUnfinished(Struct, frozen=True):
    """The last days of the period are not complete yet."""

    days: Period


class RateEffect(Struct, frozen=True):
    """What other rates than before make of the change in the currency asked for."""

    billed: str
    currency: str
    part: Decimal


# --- of forecasts -----------------------------------------------------------------------------------------------


class NothingToForecastFrom(Struct, frozen=True):
    """No day is known yet."""


class GrowthExpected(Struct, frozen=True):
    """Billed days are expected to be restated by this percentage in all."""

    days: Period
    percent: float


class OtherForecast(Struct, frozen=True):
    """The forecast of another currency, or ``as_billed`` of what was converted."""

    forecast: Forecast | TooShort
    as_billed: bool = False


class FutureRate(Struct, frozen=True):
    """What is to come is converted at the rate of this day, the last one known."""

    day: date


# --- of budgets -------------------------------------------------------------------------------------------------


class BudgetConverted(Struct, frozen=True):
    """How a budget's spend was converted."""

    budget: str
    note: Note


# --- of prices --------------------------------------------------------------------------------------------------


class OffList(Struct, frozen=True):
    """How far what was paid is from the list price, as a part of it."""

    what: tuple[tuple[str, str], ...]
    part: Decimal


class KeptForMonth(Struct, frozen=True):
    """A size was taken to be stored for a month."""


class PricedOtherwise(Struct, frozen=True):
    """Prices by another unit, left out."""

    prices: tuple[Price, ...]


class NoListPrice(Struct, frozen=True):
    """Only what was paid is known."""


class NotUsedLately(Struct, frozen=True):
    """None of it was used in the last 30 days: the prices are the lists'."""


# --- of savings -------------------------------------------------------------------------------------------------


class Coverage(Struct, frozen=True):
    """The part of what commitments could cover that is covered."""

    part: Decimal


class Utilization(Struct, frozen=True):
    """The part of the commitments that was used."""

    part: Decimal


class SavingsUnknown(Struct, frozen=True):
    """Ways of saving that these sources do not tell."""

    unknown: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    """Pairs of sources and ways."""


class DiscountsIncludeCommitments(Struct, frozen=True):
    """Sources whose discounts and commitments are not told apart."""

    sources: tuple[str, ...]


# --- of credits -------------------------------------------------------------------------------------------------


class NoCreditsLeft(Struct, frozen=True):
    """The vendor says that no credits are left."""

    vendor: str


class VendorHasNoCredits(Struct, frozen=True):
    """The vendor knows of no credits, though some were declared."""

    vendor: str


class LeftAsOf(Struct, frozen=True):
    """The day of the vendor's word on what is left."""

    vendor: str
    day: date


class DeclaredNotUsed(Struct, frozen=True):
    """The vendor's word is taken, not what was declared."""

    vendor: str


class DeclaredLessUsed(Struct, frozen=True):
    """What was declared, less the credits on the bill through a day."""

    vendor: str
    through: date


class CreditsUsed(Struct, frozen=True):
    """What was used, by name."""

    lines: tuple[Line, ...]


class CreditsAreOfWholeSources(Struct, frozen=True):
    """Of a part of a source only what it used is known."""


# --- of invoices ------------------------------------------------------------------------------------------------


class InvoicesAreOfWholeSources(Struct, frozen=True):
    """An invoice cannot be compared with a part of a source."""


# --- what vendors report of commitments ------------------------------------------------------------------------


class ReportedByVendor(Struct, frozen=True):
    """These are the vendor's own figures, as it reported them on a day."""

    vendor: str
    day: date


class ReachFromCharges(Struct, frozen=True):
    """How commitments of these sources reach was computed from their charges."""

    sources: tuple[str, ...]


Note = (
    FeedsDisagree
    | LiveDisagrees
    | BilledStandsIn
    | KnownPart
    | EstimatedSplit
    | AskedLive
    | ViewMissing
    | LimitPerCurrency
    | Restated
    | MoreRestated
    | PaidRequestsPlanned
    | RatesUsed
    | NoRate
    | ShownAsBilled
    | DaysThatStandOut
    | DaysUnfinished
    | RateEffect
    | NothingToForecastFrom
    | GrowthExpected
    | OtherForecast
    | FutureRate
    | BudgetConverted
    | OffList
    | KeptForMonth
    | PricedOtherwise
    | NoListPrice
    | NotUsedLately
    | Coverage
    | Utilization
    | SavingsUnknown
    | DiscountsIncludeCommitments
    | NoCreditsLeft
    | VendorHasNoCredits
    | LeftAsOf
    | DeclaredNotUsed
    | DeclaredLessUsed
    | CreditsUsed
    | CreditsAreOfWholeSources
    | InvoicesAreOfWholeSources
    | ReportedByVendor
    | ReachFromCharges
    | VendorInsight
)
