"""Facts that stand beside the figures of an answer, each a value; ``render.notes`` makes the sentences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bot.domain.answers.figures import Line
from bot.domain.answers.forecasts import Forecast, TooShort
from bot.domain.period import Period
from bot.domain.prices import Price

# --- of costs ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FeedsDisagree:
    """On some of the days a feed differs from its source's bill; the day on which it does most."""

    source: str
    days: int
    day: date
    currency: str
    bill: Decimal
    feed: Decimal


@dataclass(frozen=True)
class BilledStandsIn:
    """Sources without the price asked for, so that the billed cost stands in."""

    sources: tuple[str, ...]
    metric: str


@dataclass(frozen=True)
class KnownPart:
    """The part of a source's usage for which it gives a metric; for savings, the part they are counted on."""

    source: str
    metric: str
    part: Decimal
    savings: bool = False


@dataclass(frozen=True)
class EstimatedSplit:
    """Sources whose bill does not split like this: metered use at list prices divides it."""

    sources: tuple[str, ...]


@dataclass(frozen=True)
class AskedLive:
    """Sources that were asked just now, since no feed of theirs has it."""

    sources: tuple[str, ...]


@dataclass(frozen=True)
class ViewMissing:
    """An optional view of the source that could not be read, though this answer would use it, and why."""

    source: str
    view: str
    message: str


@dataclass(frozen=True)
class LimitPerCurrency:
    """The threshold was held against each amount in its own currency or unit."""


@dataclass(frozen=True)
class Restated:
    """A day that a vendor restated lately."""

    source: str
    day: date
    currency: str
    was: Decimal
    now: Decimal


@dataclass(frozen=True)
class PaidRequestsPlanned:
    """What paid requests have cost this month in USD, of which ceiling, and what is expected yet to its last day."""

    spent: Decimal
    ceiling: Decimal | None
    expected: Decimal
    last_day: int


@dataclass(frozen=True)
class MoreRestated:
    """How many more days were restated."""

    count: int


# --- of currencies ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RatesUsed:
    """Amounts were converted at each day's rate of these days; ``carried`` later days at the last one known."""

    currency: str
    first: date
    last: date
    source: str
    carried: int = 0


@dataclass(frozen=True)
class NoRate:
    """A currency without a rate, so that it stands as billed."""

    currency: str
    to: str


@dataclass(frozen=True)
class ShownAsBilled:
    """The figures of this kind are not converted: they stand in these currencies."""

    kind: str
    currencies: tuple[str, ...]
    asked: str


# --- of changes -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DaysThatStandOut:
    """The days that make most of a change, and how far they are from the usual together."""

    days: tuple[date, ...]
    off: Decimal
    currency: str


@dataclass(frozen=True)
class LengthsDiffer:
    """What periods of unequal length alone make of a change (an estimate)."""

    days: int
    against_days: int
    part: Decimal
    currency: str


@dataclass(frozen=True)
class DaysUnfinished:
    """The last days of the period are not complete yet."""

    days: Period


@dataclass(frozen=True)
class RateEffect:
    """What other rates than before make of the change in the currency asked for."""

    billed: str
    currency: str
    part: Decimal


# --- of forecasts -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NothingToForecastFrom:
    """No day is known yet."""


@dataclass(frozen=True)
class GrowthExpected:
    """Billed days are expected to be restated by this percentage in all."""

    days: Period
    percent: float


@dataclass(frozen=True)
class OtherForecast:
    """The forecast of another currency, or ``as_billed`` of what was converted."""

    forecast: Forecast | TooShort
    as_billed: bool = False


@dataclass(frozen=True)
class FutureRate:
    """What is to come is converted at the rate of this day, the last one known."""

    day: date


# --- of budgets -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BudgetConverted:
    """How a budget's spend was converted."""

    budget: str
    note: Note


# --- of prices --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OffList:
    """How far what was paid is from the list price, as a part of it."""

    what: tuple[tuple[str, str], ...]
    part: Decimal


@dataclass(frozen=True)
class KeptForMonth:
    """A size was taken to be stored for a month."""


@dataclass(frozen=True)
class PricedOtherwise:
    """Prices by another unit, left out."""

    prices: tuple[Price, ...]


@dataclass(frozen=True)
class NoListPrice:
    """Only what was paid is known."""


@dataclass(frozen=True)
class NotUsedLately:
    """None of it was used in the last 30 days: the prices are the lists'."""


# --- of savings -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Coverage:
    """The part of what commitments could cover that is covered."""

    part: Decimal


@dataclass(frozen=True)
class Utilization:
    """The part of the commitments that was used."""

    part: Decimal


@dataclass(frozen=True)
class SavingsUnknown:
    """Ways of saving that these sources do not tell."""

    unknown: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    """Pairs of sources and ways."""


@dataclass(frozen=True)
class DiscountsIncludeCommitments:
    """Sources whose discounts and commitments are not told apart."""

    sources: tuple[str, ...]


# --- of credits -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NoCreditsLeft:
    """The vendor says that no credits are left."""

    vendor: str


@dataclass(frozen=True)
class VendorHasNoCredits:
    """The vendor knows of no credits, though some were declared."""

    vendor: str


@dataclass(frozen=True)
class LeftAsOf:
    """The day of the vendor's word on what is left."""

    vendor: str
    day: date


@dataclass(frozen=True)
class DeclaredNotUsed:
    """The vendor's word is taken, not what was declared."""

    vendor: str


@dataclass(frozen=True)
class DeclaredLessUsed:
    """What was declared, less the credits on the bill through a day."""

    vendor: str
    through: date


@dataclass(frozen=True)
class CreditsUsed:
    """What was used, by name."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class CreditsAreOfWholeSources:
    """Of a part of a source only what it used is known."""


# --- of invoices ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InvoicesAreOfWholeSources:
    """An invoice cannot be compared with a part of a source."""


# --- what vendors say themselves --------------------------------------------------------------------------------


@dataclass(frozen=True)
class VendorForecast:
    """The vendor's own forecast of some days."""

    vendor: str
    currency: str
    days: Period
    amount: Decimal
    low: Decimal
    high: Decimal
    read_on: date | None = None
    """The day it was read, where it could not be read since."""


@dataclass(frozen=True)
class VendorAnomaly:
    """A finding of the vendor's own anomaly detection."""

    vendor: str
    currency: str
    days: Period
    service: str
    where: tuple[str, ...]
    impact: Decimal
    read_on: date | None = None


@dataclass(frozen=True)
class VendorBudget:
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
Note = (
    FeedsDisagree
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
    | LengthsDiffer
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
    | VendorInsight
)
