"""The facts beside an answer's figures, a sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import assert_never

from bot.domain.answers import notes as facts
from bot.domain.answers.notes import Note
from bot.domain.answers.vendor_insights import VendorAnomaly, VendorBudget, VendorForecast, VendorInsight
from bot.domain.money import plain
from bot.domain.period import DAY
from bot.render.gaps import priced_by
from bot.render.labels import METRICS, day, listed, period, source
from bot.render.numbers import money, request_cost, share
from bot.render.sentences import forecast

_CENTS, _FINE = 2, 6
"""Digits that show a change: it may be less than what people are usually shown."""
_TWO_DIGITS = 10
_AS_BILLED = {
    "explain": "Changes are shown as billed, in",
    "anomalies": "Anomalies are shown as billed, in",
    "budgets": "Budgets are shown in the currency of their limit,",
    "savings": "Savings are shown as billed, in",
    "credits": "Credits are shown as granted and billed, in",
    "invoice": "Invoices are shown as issued, in",
    "price": "Prices are shown as charged, in",
    "commitments": "Commitments are shown as billed, in",
    "recommendations": "Savings are shown as the provider estimates them, in",
}
_EVERY = {"daily": "a day", "weekly": "a week", "monthly": "a month", "quarterly": "a quarter", "annually": "a year"}
_ORDINALS = {1: "st", 21: "st", 31: "st", 2: "nd", 22: "nd", 3: "rd", 23: "rd"}
_WAYS = {"negotiated": "negotiated rates"}


def note(fact: Note) -> str:
    """The sentence for a fact."""
    match fact:
        case facts.FeedsDisagree():
            there, here = (money(amount, fact.currency, digits=_CENTS) for amount in (fact.bill, fact.feed))
            count = f"{fact.days} of these days" if fact.days > 1 else "one of these days"
            name, when = source(fact.source), day(fact.day)
            return f"{name}'s bill disagrees on {count}: {when} is {here} here and {there} on the bill."
        case facts.LiveDisagrees():
            asked, kept = (money(amount, fact.currency, digits=_CENTS) for amount in (fact.asked, fact.ledger))
            difference = money(fact.asked - fact.ledger, fact.currency, digits=_CENTS, signed=True)
            total = "in total" if fact.whole else "for these days without that filter"
            return f"{source(fact.source)} reports {asked} {total}; the ledger has {kept} ({difference})."
        case facts.BilledStandsIn():
            return f"{_sources(fact.sources)}: {METRICS[fact.metric]} is not available, so billed cost is used instead."
        case facts.KnownPart():
            known = f"{METRICS[fact.metric]} is known for {share(fact.part, Decimal(1))} of the usage"
            rest = "savings are counted on that part" if fact.savings else "billed cost is used for the rest"
            return f"{source(fact.source)}: {known}; {rest}."
        case facts.EstimatedSplit():
            verb = "does" if len(fact.sources) == 1 else "do"
            does = f"{_sources(fact.sources)} {verb} not bill this separately"
            return f"Estimate: {does}, so the bill is split by metered usage at list prices."
        case facts.AskedLive():
            providers = " and ".join(map(source, fact.sources))
            return f"From a live query to {providers}: the ledger does not have this breakdown."
        case facts.ViewMissing():
            return f"{source(fact.source)}: no {fact.view}. {fact.message}"
        case facts.LimitPerCurrency():
            return "The limit applies to each amount in its own currency or unit."
        case facts.Restated():
            digits = _CENTS if abs(fact.now - fact.was) >= Decimal("0.01") else _FINE
            was, now = (money(amount, fact.currency, digits=digits) for amount in (fact.was, fact.now))
            return f"{source(fact.source)} restated {day(fact.day)} from {was} to {now}."
        case facts.MoreRestated():
            return f"{fact.count} more {'day was' if fact.count == 1 else 'days were'} restated."
        case facts.PaidRequestsPlanned():
            ceiling = f" of ${plain(fact.ceiling)}" if fact.ceiling is not None else ""
            expected = (
                f"{request_cost(fact.expected)} planned through the {fact.last_day}{_ORDINALS.get(fact.last_day, 'th')}"
            )
            return f"Paid requests this month: {request_cost(fact.spent)}{ceiling} used, {expected}."
        case facts.RatesUsed():
            first, last = (day(limit, year=True) for limit in (fact.first, fact.last))
            days = first if first == last else f"{first} to {last}"
            late = f"; {fact.carried} later days use the last known rate" if fact.carried else ""
            return f"Converted to {fact.currency} at daily rates, {days} ({fact.source}){late}."
        case facts.NoRate():
            return f"There is no exchange rate from {fact.currency} to {fact.to}, so it is shown as billed."
        case facts.ShownAsBilled():
            return f"{_AS_BILLED[fact.kind]} {listed(fact.currencies)}, not in {fact.asked}."
        case facts.DaysThatStandOut():
            days, size = listed(list(map(day, fact.days))), money(abs(fact.off), fact.currency)
            return f"Unusual days: {days}, {size} {'more' if fact.off > 0 else 'less'} than usual in total."
        case facts.DaysUnfinished():
            one = fact.days.days == 1
            days = day(fact.days.last) if one else f"{day(fact.days.start)} to {day(fact.days.last)}"
            return f"{days} {'is' if one else 'are'} not complete yet and may still grow."
        case facts.RateEffect():
            size = money(fact.part, fact.currency, signed=True)
            rates = f"Changed exchange rates between {fact.billed} and {fact.currency}"
            return f"{rates} account for {size} of the change in {fact.currency}."
        case facts.NothingToForecastFrom():
            return "There is no history to forecast from yet."
        case facts.GrowthExpected():
            verb, how = "is" if fact.days.days == 1 else "are", "grow" if fact.percent > 0 else "shrink"
            size_ = abs(fact.percent)
            part = f"{size_:.{0 if size_ >= _TWO_DIGITS else 1}f}".removesuffix(".0")
            return (
                f"{period(fact.days, year=False)} {verb} expected to {how} by {part}%, as provisional days usually do."
            )
        case facts.OtherForecast():
            sentence = forecast(fact.forecast)
            return f"{'As billed: ' if fact.as_billed else ''}{sentence[:1].upper()}{sentence[1:]}."
        case facts.FutureRate():
            return f"Future amounts are converted at the last known rate, of {day(fact.day, year=True)}."
        case facts.BudgetConverted():
            return f"{fact.budget}: {note(fact.note)}"
        case facts.OffList():
            what = " ".join(value for _, value in fact.what).replace("_", " ")
            return f"{what}: {abs(100 * fact.part):.0f}% {'below' if fact.part < 0 else 'above'} the list price."
        case facts.KeptForMonth():
            return "Storage is priced for one month."
        case facts.PricedOtherwise():
            return f"Not included, since priced by another unit: {priced_by(fact.prices)}."
        case facts.NoListPrice():
            return "No list price is known for this, so these are the prices we paid."
        case facts.NotUsedLately():
            return "We used none of this in the last 30 days, so only list prices are shown."
        case facts.Coverage():
            return f"Commitment coverage: {100 * fact.part:.0f}% of eligible usage."
        case facts.Utilization():
            return f"Commitment utilization: {100 * fact.part:.0f}%."
        case facts.SavingsUnknown():
            parts = [
                f"{listed([_WAYS.get(way, way) for way in ways], most=9)} for {_sources(sources)}"
                for sources, ways in fact.unknown
            ]
            return f"Not known: {'; '.join(parts)}."
        case facts.DiscountsIncludeCommitments():
            names = listed(sorted(map(source, fact.sources)))
            return f"{names} discounts include commitment savings, which the bill does not separate."
        case facts.NoCreditsLeft():
            return f"{fact.vendor} reports no credits remaining."
        case facts.VendorHasNoCredits():
            return f"{fact.vendor} reports no credits."
        case facts.LeftAsOf():
            return f"Balance reported by {fact.vendor} on {day(fact.day)}; this month's usage is its estimate."
        case facts.DeclaredNotUsed():
            return f"{fact.vendor} reports its own balance, so its credits in sources.toml are not used."
        case facts.DeclaredLessUsed():
            through = day(fact.through)
            return f"{fact.vendor}: credits granted in sources.toml, less those on the bill through {through}."
        case facts.CreditsUsed():
            used = [_used(line.key, -line.amount, line.currency or "USD") for line in fact.lines]
            return f"Used: {listed(used, most=5)}."
        case facts.CreditsAreOfWholeSources():
            return "Credits apply to a whole source, so a filtered view shows only the credits it used."
        case facts.InvoicesAreOfWholeSources():
            return "An invoice covers everything a source charged, so a filtered view can't be compared with it."
        case facts.ReportedByVendor():
            return f"{fact.vendor}'s own figures, as of {day(fact.day, year=True)}."
        case facts.ReachFromCharges():
            names = listed(sorted(map(source, fact.sources)))
            return f"Computed from the charges of {names}: coverage at contracted prices, spot usage left out."
        case VendorForecast() | VendorAnomaly() | VendorBudget():
            return _insight(fact)
        case _:
            assert_never(fact)


def _used(key: Mapping[str, str | None], amount: Decimal, currency: str) -> str:
    provider, name = key.values()
    return f"{name or provider} {money(amount, currency)}"


def _sources(names: tuple[str, ...]) -> str:
    return listed(list(map(source, names)))


def _insight(fact: VendorInsight) -> str:
    sentence = _insight_sentence(fact)
    if fact.read_on is None:
        return f"{sentence}."
    return f"{sentence} (as of {day(fact.read_on)}; newer data could not be read)."


def _insight_sentence(fact: VendorInsight) -> str:
    match fact:
        case VendorForecast():
            amount, low, high = (money(size, fact.currency) for size in (fact.amount, fact.low, fact.high))
            first, last = day(fact.days.start), day(fact.days.end - DAY)
            return f"{fact.vendor}'s own forecast for {first} to {last}: {amount}, 80% likely between {low} and {high}"
        case VendorAnomaly():
            what = f"{fact.service} in {' · '.join(fact.where)}" if fact.where else fact.service
            impact = money(fact.impact, fact.currency)
            days = period(fact.days)
            return f"{fact.vendor}'s own anomaly detection: {what}, {days}, {impact} more than expected"
        case VendorBudget():
            every = _EVERY.get(fact.every, fact.every)
            about = f"for {fact.about}" if fact.about else ""
            limit = " ".join(filter(None, (money(fact.limit, fact.currency), every, about)))
            spent = f"{money(fact.spent, fact.currency)} of {limit} spent" if fact.spent is not None else limit
            expected = f", {money(fact.expected, fact.currency)} forecast" if fact.expected is not None else ""
            return f"{fact.vendor}'s own budget “{fact.name}”: {spent}{expected}"
        case _:
            assert_never(fact)
