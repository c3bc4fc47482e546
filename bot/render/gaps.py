"""What an answer lacks, in words: what is missing, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import assert_never

from bot.domain.answers.gaps import (
    CreditsNotNamed,
    CurrenciesDiffer,
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
from bot.domain.prices import Price
from bot.render.drivers import named
from bot.render.labels import day, dimension, listed, period, source
from bot.render.numbers import data_size

_NAMED, _UNITS = 3, 5
_CENT = Decimal("0.01")
_STATES = {
    "not pulled": "Run: spend sync {source}",
    "being pulled": "Its bills are being pulled right now.",
    "failing": "Pulling it fails; an admin sees why in App Home, and whoever runs me with: spend sync {source}",
    "ceiling reached": (
        "The month's ceiling for paid requests is reached: raise API_SPEND_CEILING, or wait for next month."
    ),
}

_EXPORT = "Ask without it; a FOCUS or CUR 2.0 data export tells it for any breakdown."
_ONLY_VENDORS = {
    "commitments": "the bills here do not tell how far commitments cover usage, nor how far they are used",
    "recommendations": "the bills here do not tell what the vendor would recommend",
}
_HINTS = {
    "commitments": {
        "AWS": "The next sync asks Cost Explorer for it; a FOCUS or CUR 2.0 data export would tell it day by day.",
        "Google Cloud": "The detailed export to BigQuery would tell it, or its committed-use discount analysis.",
        "": "A FOCUS 1.1 file with CommitmentDiscountStatus would tell it.",
    },
    "recommendations": {
        "AWS": "The next sync asks Cost Optimization Hub for them.",
        "Google Cloud": "Recommender, the FinOps hub of the console, has them.",
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
        case MissingDimensions():
            return _unsplit(cause)
        case LiveQueryFailed():
            return f"it was asked just now, in vain: {cause.message.rstrip('.')}", cause.hint
        case NoHours():
            return "charges are told by day, not by hour", "The series is by day."
        case NoQuantities():
            sentence = "costs are told here, but not how much was used"
            return sentence, "Ask for the cost, or turn on a finer feed (a data export)."
        case NotMeasuredIn():
            more = f" and {len(cause.units) - _UNITS} more" if len(cause.units) > _UNITS else ""
            measured = ", ".join(cause.units[:_UNITS])
            return f"nothing here is measured in {cause.unit}", f"Measured here: {measured}{more}."
        case ShortHistory():
            sentence = f"history begins on {cause.first}, too late to tell what is usual throughout this period"
            return sentence, "This is not an all-clear."
        case NoPrice():
            named_ = "Name a model, or a SKU that was used in the last 30 days." if cause.of_skus else "Name a model."
            return "no price is known for that", named_
        case OtherUnits():
            asked = " and ".join(map(_one, cause.asked))
            sentence = f"nothing there is priced by the {asked}, but {priced_by(cause.prices)}"
            return sentence, f"Ask for so many {cause.prices[0].unit}."
        case NoModelNamed():
            return "no model is named", "Name one."
        case NoListPriceOf():
            return f"no list price of {cause.model} is known", "Name a model of a known maker."
        case OnlyVendorKnows():
            if cause.message:
                return f"its {cause.what} could not be read: {cause.message.rstrip('.')}", cause.hint
            hints = _HINTS[cause.what]
            return _ONLY_VENDORS[cause.what], hints.get(cause.vendor, hints[""])
        case NotReportedBy():
            names = " and ".join(map(_dimension, cause.dimensions))
            whose = f"{cause.what} of {cause.about}" if cause.what != "recommendations" else "recommendations"
            return f"{whose} is not reported by {names}".replace("recommendations is", "recommendations are"), (
                "Ask without it." if cause.what == "recommendations" else _EXPORT
            )
        case ReportedByMonth():
            known = f"shown are {period(cause.shown)}" if cause.shown else "none of these days is known so"
            return f"commitments are reported month by month: {known}", "Ask for whole months, or for this month."
        case NotComparable():
            return cause.message.rstrip("."), cause.hint
        case NoInvoice():
            return _no_invoice(cause)
        case StaleInvoices():
            sentence = f"its invoices are those told on {day(cause.day)}, and cannot be read since: {cause.message}"
            return sentence.rstrip("."), cause.hint
        case StaleCredits():
            sentence = f"its credits left are those of {day(cause.day)}, and cannot be read since: {cause.message}"
            return sentence.rstrip("."), cause.hint
        case UnreadableCredits():
            return f"its credits left cannot be read: {cause.message.rstrip('.')}", cause.hint
        case GrantsUnknown():
            sentence = "what was granted is not known, only what is used" if cause.named else _NOT_NAMED
            return sentence, "Tell it in sources.toml: [[credit]] with source, amount, start and, if it ends, expires."
        case UsesUnknown():
            known, used = (day(first, year=True) for first in (cause.known_from, cause.granted_from))
            return f"no data before {known}, and credits may have been used since {used}", _LESS
        case CurrenciesDiffer():
            billed, granted = " and ".join(cause.billed), " and ".join(cause.granted)
            return f"its bill is in {billed}, so nothing is taken from a grant in {granted}", _LESS
        case CreditsNotNamed():
            return _NOT_NAMED, _LESS
        case _:
            assert_never(cause)


_LESS = "What is left may be less than told here."
_NOT_NAMED = "its bill need not name credits, so neither those granted nor those used are known"


def _after(cause: NoDataAfter) -> tuple[str, str]:
    last = day(cause.day, year=True)
    sentence = f"no data since {last}" if cause.within else f"no data after {last}"
    failed = cause.failed_at
    why = f"Its last pull failed ({day(failed.date())}, {failed:%H:%M} UTC); spend doctor says why." if failed else ""
    return sentence, f"Its newest days are still missing from this answer. {why}".rstrip()


def _offered(offer: LiveOffer) -> str:
    price = offer.price
    if not price.warehouse:
        return f"Ask {offer.vendor} now (${price.least:.2f}); a very long reply costs up to ${price.most:.2f}."
    if price.size is None:
        return "Ask the warehouse; how much that reads is not known beforehand."
    cost = ""
    if price.most:
        cost = f", about ${price.most:.2f}" if price.most >= _CENT else ", under $0.01"
    return f"Ask the warehouse: reads {data_size(price.size)}{cost}."


def _unsplit(cause: MissingDimensions) -> tuple[str, str]:
    names = " and ".join(sorted(map(_dimension, cause.dimensions)))
    names += " together" if cause.together else " here"
    sentence = f"costs are not told apart by {names}, so they are not in this answer"
    if cause.offer:
        return sentence, _offered(cause.offer)
    if cause.finer_feed:
        return sentence, "Ask without it, or turn on a finer feed (a data export)."
    return sentence, "Ask without it."


def _dimension(name: str) -> str:
    return f"{dimension(name)} tag" if name.startswith("Tags/") else dimension(name)


def _no_invoice(cause: NoInvoice) -> tuple[str, str]:
    """No invoice is known: why, and how to compare nevertheless."""
    why = f" ({cause.message.rstrip('.')})" if cause.message else ""
    months = listed([f"{month.start:%B %Y}" for month in cause.months])
    typed = (
        f"Type in what it says, after the slash command: reconcile {cause.months[-1].start:%Y-%m} {cause.name} 1234.56."
    )
    return f"no invoice of {months} is known{why}", f"{typed} {cause.hint}".strip()


def priced_by(prices: Sequence[Price]) -> str:
    """What is priced by which unit: ``Amazon S3 (by the GB-Month), … and 2 more``."""
    named_prices = [f"{named(price.what)} (by the {_one(price.unit)})" for price in prices[:_NAMED]]
    more = len(prices) - _NAMED
    return ", ".join([*named_prices, *([f"{more} more"] if more > 0 else [])])


def _one(unit: str) -> str:
    return unit.removesuffix("s") or unit
