"""What an answer lacks, in words: what is missing, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import assert_never

from bot.domain.answers.gaps import (
    CreditsNotNamed,
    CurrenciesDiffer,
    DaysFolded,
    Gap,
    GapCause,
    GrantsUnknown,
    LiveOffer,
    LiveQueryFailed,
    MissingDimensions,
    NeverSynced,
    NoDataAfter,
    NoDataBefore,
    NoDataYet,
    NoHours,
    NoInvoice,
    NoListPriceOf,
    NoModelNamed,
    NoPrice,
    NoQuantities,
    NotComparable,
    NotMeasuredIn,
    NotReportedBy,
    OnlyVendorKnows,
    OtherUnits,
    ReportedByMonth,
    ShortHistory,
    StaleCredits,
    StaleInvoices,
    UnreadableCredits,
    UsesUnknown,
)
from bot.domain.live_query import data_size
from bot.domain.prices import Price
from bot.render.drivers import named
from bot.render.labels import day, dimension, listed, period, source
from bot.render.numbers import request_cost

_NAMED, _UNITS = 3, 5
_CENT = Decimal("0.01")
_STATES = {
    "not synced": "Run: spend sync {source}",
    "syncing": "Its bills are being synced now. Ask again in a minute.",
    "failing": "Its sync is failing. Admins see why in App Home; so does spend sync {source} in the terminal.",
    "ceiling reached": (
        "The monthly ceiling for paid requests is reached. Raise API_SPEND_CEILING, or wait for next month."
    ),
}

_EXPORT = "Leave it out. A FOCUS or CUR 2.0 data export has it for every breakdown."
_ONLY_VENDORS = {
    "commitments": "commitment coverage and utilization are not in the bills here",
    "recommendations": "recommendations are not in the bills here",
}
_HINTS = {
    "commitments": {
        "AWS": "The next sync reads it from Cost Explorer. A FOCUS or CUR 2.0 data export has it day by day.",
        "Google Cloud": "The detailed billing export has it, as does committed use analysis in the console.",
        "": "A FOCUS 1.1 file with CommitmentDiscountStatus has it.",
    },
    "recommendations": {
        "AWS": "The next sync reads them from Cost Optimization Hub.",
        "Google Cloud": "See the FinOps hub in the console.",
        "": "Ask what changed, or which services cost most.",
    },
}


def gaps(missing: Iterable[Gap], *, hints: bool = True) -> list[str]:
    """What is missing from an answer, a sentence or two each; what several sources lack alike is said once."""
    lacking: dict[str, list[str]] = {}
    for gap in missing:
        sentence = f"{what(gap).rstrip('.')}. {hint(gap) if hints else ''}".strip()
        lacking.setdefault(sentence, []).append(source(gap.source))
    return [f"{listed(list(dict.fromkeys(sources)), most=8)}: {sentence}" for sentence, sources in lacking.items()]


def what(gap: Gap) -> str:
    """What the source lacks, without its name: ``no data before 3 Nov 2026``."""
    about = f" (for {period(gap.compared)})" if gap.compared else ""
    return f"{_sentences(gap.cause, gap.source)[0]}{about}"


def hint(gap: Gap) -> str:
    """What to do about it; ``""`` where there is nothing."""
    return _sentences(gap.cause, gap.source)[1]


def _sentences(cause: GapCause, name: str) -> tuple[str, str]:
    match cause:
        case NoDataYet():
            return "no data yet", _STATES[cause.state].format(source=name)
        case NeverSynced():
            return "never synced", f"Run: spend sync {name}"
        case NoDataBefore():
            return f"no data before {day(cause.day, year=True)}", "Earlier days are not in this answer."
        case NoDataAfter():
            return _after(cause)
        case DaysFolded():
            return f"days before {day(cause.day, year=True)} are kept by the month", "Ask for whole months there."
        case MissingDimensions():
            return _unsplit(cause)
        case LiveQueryFailed():
            return f"the live query failed: {cause.message.rstrip('.')}", cause.hint
        case NoHours():
            return "only daily data is available, not hourly", "Shown by day instead."
        case NoQuantities():
            sentence = "usage quantities are not available, only costs"
            return sentence, "Ask for the cost, or set up a data export."
        case NotMeasuredIn():
            more = f" and {len(cause.units) - _UNITS} more" if len(cause.units) > _UNITS else ""
            measured = ", ".join(cause.units[:_UNITS])
            return f"nothing here is measured in {cause.unit}", f"Available units: {measured}{more}."
        case ShortHistory():
            sentence = f"history begins on {cause.first}, too late to know the usual cost for all of this period"
            return sentence, "Anomalies may be missing."
        case NoPrice():
            named_ = "Name a model, or a SKU that was used in the last 30 days." if cause.of_skus else "Name a model."
            return "no price is known for this", named_
        case OtherUnits():
            asked = " and ".join(map(_one, cause.asked))
            sentence = f"no price per {asked}, only {priced_by(cause.prices)}"
            return sentence, f"Give the quantity in {cause.prices[0].unit}."
        case NoModelNamed():
            return "no model is named", "Name a model."
        case NoListPriceOf():
            return f"no list price of {cause.model} is known", "Name a model with a published price."
        case OnlyVendorKnows():
            if cause.message:
                return f"{cause.what} could not be read: {cause.message.rstrip('.')}", cause.hint
            hints = _HINTS[cause.what]
            return _ONLY_VENDORS[cause.what], hints.get(cause.vendor, hints[""])
        case NotReportedBy():
            names = " and ".join(map(_dimension, cause.dimensions))
            if cause.what == "recommendations":
                return f"recommendations are not reported by {names}", "Leave it out."
            return f"{cause.what} of {cause.about} is not reported by {names}", _EXPORT
        case ReportedByMonth():
            known = f"this shows {period(cause.shown)}" if cause.shown else "there are no figures for these days"
            return f"commitments are reported month by month: {known}", "Ask for whole months, or for this month."
        case NotComparable():
            return cause.message.rstrip("."), cause.hint
        case NoInvoice():
            return _no_invoice(cause)
        case StaleInvoices():
            sentence = f"invoices are as of {day(cause.day)}; newer ones could not be read: {cause.message}"
            return sentence.rstrip("."), cause.hint
        case StaleCredits():
            sentence = f"the credit balance is as of {day(cause.day)}; a newer one could not be read: {cause.message}"
            return sentence.rstrip("."), cause.hint
        case UnreadableCredits():
            return f"the credit balance could not be read: {cause.message.rstrip('.')}", cause.hint
        case GrantsUnknown():
            sentence = "credit grants are not known, only credits used" if cause.named else _NOT_NAMED
            return (
                sentence,
                "Declare them in sources.toml: [[credit]] with source, amount, start and, if they expire, expires.",
            )
        case UsesUnknown():
            known, used = (day(first, year=True) for first in (cause.known_from, cause.granted_from))
            return f"no data before {known}, and credits may have been used since {used}", _LESS
        case CurrenciesDiffer():
            billed, granted = " and ".join(cause.billed), " and ".join(cause.granted)
            return f"the bill is in {billed}, so usage is not deducted from grants in {granted}", _LESS
        case CreditsNotNamed():
            return _NOT_NAMED, _LESS
        case _:
            assert_never(cause)


_LESS = "The remaining balance may be lower than shown."
_NOT_NAMED = "the bill may not list credits, so neither grants nor usage are known"


def _after(cause: NoDataAfter) -> tuple[str, str]:
    last = day(cause.day, year=True)
    sentence = f"no data since {last}" if cause.within else f"no data after {last}"
    failed = cause.failed_at
    why = (
        f"Its last sync failed ({day(failed.date())}, {failed:%H:%M} UTC): run spend doctor to see why."
        if failed
        else ""
    )
    return sentence, f"The newest days are missing from this answer. {why}".rstrip()


def _offered(offer: LiveOffer) -> str:
    price = offer.price
    if not price.warehouse:
        most = request_cost(price.most)
        return f"Ask {offer.vendor} now ({request_cost(price.least)}); a very long reply may cost up to {most}."
    if price.size is None:
        return "Ask the warehouse. How much it will read is not known beforehand."
    if price.limit is not None:
        size, limit = data_size(price.size), data_size(price.limit)
        return f"That would read {size} of the warehouse; one query may read {limit}. Ask for fewer days."
    cost = ""
    if price.most:
        cost = f", about {request_cost(price.most)}" if price.most >= _CENT else ", under $0.01"
    return f"Ask the warehouse: reads {data_size(price.size)}{cost}."


def _unsplit(cause: MissingDimensions) -> tuple[str, str]:
    names = " and ".join(sorted(map(_dimension, cause.dimensions)))
    names += " together" if cause.together else " here"
    sentence = f"costs can't be broken down by {names}, so they are not in this answer"
    if cause.offer:
        return sentence, _offered(cause.offer)
    if cause.finer_feed:
        return sentence, "Leave it out, or set up a data export."
    return sentence, "Leave it out."


def _dimension(name: str) -> str:
    return f"{dimension(name)} tag" if name.startswith("Tags/") else dimension(name)


def _no_invoice(cause: NoInvoice) -> tuple[str, str]:
    """No invoice is known: why, and how to compare nevertheless."""
    why = f" ({cause.message.rstrip('.')})" if cause.message else ""
    months = listed([f"{month.start:%B %Y}" for month in cause.months])
    command = f"reconcile {cause.months[-1].start:%Y-%m} {cause.name} 1234.56"
    return (
        f"no invoice for {months} is known{why}",
        f"Enter its total with the slash command: {command}. {cause.hint}".strip(),
    )


def priced_by(prices: Sequence[Price]) -> str:
    """What is priced by which unit: ``Amazon S3 (per GB-Month), … and 2 more``."""
    named_prices = [f"{named(price.what)} (per {_one(price.unit)})" for price in prices[:_NAMED]]
    more = len(prices) - _NAMED
    return ", ".join([*named_prices, *([f"{more} more"] if more > 0 else [])])


def _one(unit: str) -> str:
    return unit.removesuffix("s") or unit
