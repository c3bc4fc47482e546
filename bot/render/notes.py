"""The facts beside an answer's figures, a sentence each."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import assert_never

from bot.domain.answers import notes as facts
from bot.domain.answers.notes import Note
from bot.domain.money import plain
from bot.domain.period import DAY
from bot.render.gaps import priced_by
from bot.render.labels import METRICS, day, listed, period, source
from bot.render.numbers import money, share
from bot.render.sentences import forecast

_CENTS, _FINE = 2, 6
"""Digits that show a change: it may be less than what people are usually shown."""
_AS_BILLED = {
    "explain": "What moved is told as billed, in",
    "anomalies": "What is unusual is told as billed, in",
    "budgets": "Budgets are told in the currency of their limit,",
    "savings": "What was saved is told as billed, in",
    "credits": "Credits are told as billed and granted, in",
    "invoice": "Invoices are told as issued, in",
    "price": "Prices are told as charged, in",
    "commitments": "Commitments are shown as billed, in",
    "recommendations": "Savings are shown as the vendor estimates them, in",
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
            return f"{name} tells {count} differently in its bill: {when} is {here} here and {there} there."
        case facts.LiveDisagrees():
            asked, kept = (money(amount, fact.currency, digits=_CENTS) for amount in (fact.asked, fact.ledger))
            difference = money(fact.asked - fact.ledger, fact.currency, digits=_CENTS, signed=True)
            return f"{source(fact.source)} answered {asked} in all; the ledger has {kept} ({difference})."
        case facts.BilledStandsIn():
            return f"{_sources(fact.sources)}: {METRICS[fact.metric]} is not told, what was billed stands in for it."
        case facts.KnownPart():
            known = f"{METRICS[fact.metric]} is known for {share(fact.part, Decimal(1))} of the usage"
            rest = "savings are counted on that part" if fact.savings else "what was billed stands in for the rest"
            return f"{source(fact.source)}: {known}; {rest}."
        case facts.EstimatedSplit():
            verb = "does" if len(fact.sources) == 1 else "do"
            does = f"{_sources(fact.sources)} {verb} not bill this apart"
            return f"Estimated split: {does}, so metered use at list prices divides the bill."
        case facts.AskedLive():
            vendors = " and ".join(map(source, fact.sources))
            return f"{vendors} told this when asked just now: no feed in the ledger does."
        case facts.ViewMissing():
            return f"{source(fact.source)}: no {fact.view}. {fact.message}"
        case facts.LimitPerCurrency():
            return "The limit is held against each amount in its own currency or unit."
        case facts.Restated():
            digits = _CENTS if abs(fact.now - fact.was) >= Decimal("0.01") else _FINE
            was, now = (money(amount, fact.currency, digits=digits) for amount in (fact.was, fact.now))
            return f"{fact.source}: {day(fact.day)} was {was}, is {now}."
        case facts.MoreRestated():
            return f"{fact.count} more {'day was' if fact.count == 1 else 'days were'} restated."
        case facts.PaidRequestsPlanned():
            ceiling = f" of ${plain(fact.ceiling)}" if fact.ceiling is not None else ""
            expected = f"${fact.expected:.2f} planned to the {fact.last_day}{_ORDINALS.get(fact.last_day, 'th')}"
            return f"${fact.spent:.2f}{ceiling} used for paid requests, {expected}."
        case facts.RatesUsed():
            first, last = (day(limit, year=True) for limit in (fact.first, fact.last))
            days = first if first == last else f"{first} to {last}"
            late = f"; {fact.carried} later days at the last rate known" if fact.carried else ""
            return f"Converted to {fact.currency} at each day's rate of {days} ({fact.source}){late}."
        case facts.NoRate():
            return f"There is no rate from {fact.currency} to {fact.to}, so it stands as billed."
        case facts.ShownAsBilled():
            return f"{_AS_BILLED[fact.kind]} {listed(fact.currencies)}, not in {fact.asked}."
        case facts.DaysThatStandOut():
            days, size = listed(list(map(day, fact.days))), money(abs(fact.off), fact.currency)
            return f"Days that stand out: {days}, {size} {'more' if fact.off > 0 else 'less'} than usual in all."
        case facts.DaysUnfinished():
            one = fact.days.days == 1
            days = day(fact.days.last) if one else f"{day(fact.days.start)} to {day(fact.days.last)}"
            return f"{days} {'is' if one else 'are'} not complete yet, and will still grow."
        case facts.RateEffect():
            size = money(fact.part, fact.currency, signed=True)
            return (
                f"Other rates between {fact.billed} and {fact.currency} make {size} of the change in {fact.currency}."
            )
        case facts.NothingToForecastFrom():
            return "There are no days to forecast from yet."
        case facts.GrowthExpected():
            verb, how = "is" if fact.days.days == 1 else "are", "grow" if fact.percent > 0 else "shrink"
            size_ = abs(fact.percent)
            part = f"{size_:.{0 if size_ >= 10 else 1}f}".removesuffix(".0")  # noqa: PLR2004 - two digits do
            return f"{period(fact.days, year=False)} {verb} expected to {how} by {part}%, as such days did before."
        case facts.OtherForecast():
            sentence = forecast(fact.forecast)
            return f"{'As billed: ' if fact.as_billed else ''}{sentence[:1].upper()}{sentence[1:]}."
        case facts.FutureRate():
            return f"What is to come is converted at the rate of {day(fact.day, year=True)}, the last one known."
        case facts.BudgetConverted():
            return f"{fact.budget}: {note(fact.note)}"
        case facts.OffList():
            what = " ".join(value for _, value in fact.what).replace("_", " ")
            return f"{what}: {abs(100 * fact.part):.0f}% {'below' if fact.part < 0 else 'above'} the list price."
        case facts.KeptForMonth():
            return "What is stored is kept for one month."
        case facts.PricedOtherwise():
            return f"Priced by another unit, and not in this: {priced_by(fact.prices)}."
        case facts.NoListPrice():
            return "No list price is known for that; these are what we paid."
        case facts.NotUsedLately():
            return "We used none of it in the last 30 days: this is what the lists say."
        case facts.Coverage():
            return f"{100 * fact.part:.0f}% of what commitments could cover is covered."
        case facts.Utilization():
            return f"{100 * fact.part:.0f}% of the commitments were used."
        case facts.SavingsUnknown():
            parts = [
                f"{listed([_WAYS.get(way, way) for way in ways], most=9)} for {_sources(sources)}"
                for sources, ways in fact.unknown
            ]
            return f"Not known: {'; '.join(parts)}."
        case facts.DiscountsIncludeCommitments():
            names = listed(sorted(map(source, fact.sources)))
            return f"Discounts of {names} include what commitments saved: these are not told apart there."
        case facts.NoCreditsLeft():
            return f"{fact.vendor} says that no credits are left."
        case facts.VendorHasNoCredits():
            return f"{fact.vendor} tells of no credits."
        case facts.LeftAsOf():
            return f"{fact.vendor} told what is left on {day(fact.day)}; what this month has used is its estimate."
        case facts.DeclaredNotUsed():
            return f"{fact.vendor} itself tells what is left; sources.toml is not used for it."
        case facts.DeclaredLessUsed():
            through = day(fact.through)
            return f"{fact.vendor}: what sources.toml says was granted, less the credits on the bill through {through}."
        case facts.CreditsUsed():
            used = [_used(line.key, -line.amount, line.currency or "USD") for line in fact.lines]
            return f"Used: {listed(used, most=5)}."
        case facts.CreditsAreOfWholeSources():
            return "Credits are granted to a whole source; of a part of one only what it used is told."
        case facts.InvoicesAreOfWholeSources():
            return "An invoice is of all that a source charged, so a part of one cannot be compared with it."
        case facts.ReportedByVendor():
            return f"{fact.vendor}'s own figures, as of {day(fact.day, year=True)}."
        case facts.ReachFromCharges():
            names = listed(sorted(map(source, fact.sources)))
            return f"Computed from the charges of {names}: coverage at contracted prices, spot usage left out."
        case facts.VendorForecast() | facts.VendorAnomaly() | facts.VendorBudget():
            return _insight(fact)
        case _:
            assert_never(fact)


def _used(key: Mapping[str, str | None], amount: Decimal, currency: str) -> str:
    provider, name = key.values()
    return f"{name or provider} {money(amount, currency)}"


def _sources(names: tuple[str, ...]) -> str:
    return listed(list(map(source, names)))


def _insight(fact: facts.VendorInsight) -> str:
    sentence = _insight_sentence(fact)
    if fact.read_on is None:
        return f"{sentence}."
    return f"{sentence} (as of {day(fact.read_on)}; it could not be read since)."


def _insight_sentence(fact: facts.VendorInsight) -> str:
    match fact:
        case facts.VendorForecast():
            amount, low, high = (money(size, fact.currency) for size in (fact.amount, fact.low, fact.high))
            first, last = day(fact.days.start), day(fact.days.end - DAY)
            return f"{fact.vendor}'s own forecast of {first} to {last}: {amount}, 80% sure between {low} and {high}"
        case facts.VendorAnomaly():
            what = f"{fact.service} in {' · '.join(fact.where)}" if fact.where else fact.service
            impact = money(fact.impact, fact.currency)
            days = period(fact.days)
            return f"{fact.vendor}'s own anomaly detection: {what}, {days}, {impact} more than it expected"
        case facts.VendorBudget():
            every = _EVERY.get(fact.every, fact.every)
            about = f"for {fact.about}" if fact.about else ""
            limit = " ".join(filter(None, (money(fact.limit, fact.currency), every, about)))
            spent = f"{money(fact.spent, fact.currency)} of {limit} spent" if fact.spent is not None else limit
            expected = f", {money(fact.expected, fact.currency)} expected" if fact.expected is not None else ""
            return f"{fact.vendor}'s own budget “{fact.name}”: {spent}{expected}"
        case _:
            assert_never(fact)
