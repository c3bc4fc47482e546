"""Anomalies, budgets, forecasts and invoices, each in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import assert_never

from bot.analytics.budget import Budget
from bot.domain.answers.anomalies import Anomaly
from bot.domain.answers.budgets import ROLLING, AmongPeers, BilledIn, BudgetState, BudgetStatus, Every, MissingSpend
from bot.domain.answers.forecasts import NEEDED_DAYS, Forecast, TooShort
from bot.domain.answers.gaps import Gap
from bot.domain.answers.invoices import Reconciliation
from bot.domain.feed import PROVIDER_NAMES
from bot.render.drivers import named
from bot.render.gaps import what
from bot.render.labels import listed
from bot.render.numbers import MoneyFormat, money, to_the_cent

BUDGET_STATES: Mapping[BudgetState, str] = {
    "over": "Exceeded",
    "will run out": "Forecast to exceed",
    "at risk": "At risk",
    "within": "On track",
    "open": "No forecast yet",
    "unknown": "Incomplete",
}
"""What a budget's state is called in a table."""


def anomaly(found: Anomaly, amount: MoneyFormat = money) -> str:
    """``Amazon Bedrock in data-platform: $540 a day more than usual since Tue 17 Nov, $16,200 a month``."""
    size = amount(abs(found.change), found.currency)
    happened = {
        "new": f"new, {size} a day",
        "drop": f"dropped to zero from {amount(abs(found.expected), found.currency)} a day",
    }.get(found.kind, f"{size} a day {'more' if found.change > 0 else 'less'} than usual")
    name = named(found.key)
    if found.ongoing:
        month = f", {amount(abs(found.per_month), found.currency)} a month if it continues"
        return f"{name}: {happened} since {_weekday(found.period.start)}{month}"
    if found.period.days == 1:
        return f"{name}: {happened} on {_weekday(found.period.start)}"
    total = amount(abs(found.total), found.currency)
    return f"{name}: {happened}, {_weekday(found.period.start)} to {_weekday(found.period.last)}, {total} in total"


def _weekday(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def budget(status: BudgetStatus, amount: MoneyFormat = money) -> str:
    """``chat: $2,700 of $3,000 spent (90% with 67% of the month gone), on pace to run out on the 26th …``."""
    spent, limit = amount(status.spent, status.currency), amount(status.limit, status.currency)
    known = "at least " if status.missing else ""
    return f"{status.name}: {known}{spent} of {limit} spent{_pace(status)}, {_verdict(status, amount)}"


def _pace(status: BudgetStatus) -> str:
    """`` (90% with 67% of the month gone)``: the part that is spent beside the part of the days that have begun."""
    if status.share is None:
        return ""
    used = f"{100 * status.share:.0f}%"
    if status.elapsed is None:
        return f" ({used} in {status.every})"
    return (
        f" ({used})"
        if status.elapsed >= 1
        else f" ({used} with {100 * status.elapsed:.0f}% of the {status.every} gone)"
    )


def overrun(status: BudgetStatus, amount: MoneyFormat = money) -> str:
    """What is forecast: ``chat: on pace to run out on the 26th, $410 over by the end ($3,410 of $3,000)``."""
    expected, limit = amount(status.forecast or status.limit, status.currency), amount(status.limit, status.currency)
    return f"{status.name}: {_verdict(status, amount)} ({expected} of {limit})"


def contributors(status: BudgetStatus, amount: MoneyFormat = money) -> str:
    """``Largest: OpenAI API $1,200 and S3 $300``; nothing where that is not known."""
    parts = [f"{part.value} {amount(part.amount, status.currency)}" for part in status.contributors]
    largest = f"Largest: {listed(parts)}" if parts else ""
    person = _among_peers(status.person, status.currency, amount) if status.person else ""
    return ". ".join(filter(None, (largest, person)))


def _among_peers(person: AmongPeers, currency: str, amount: MoneyFormat) -> str:
    """``Most by one person: Priya $1,200, where the median of 4 others is $300``."""
    median = amount(person.median, currency)
    return (
        f"Most by one person: {person.name} {amount(person.amount, currency)}, "
        f"where the median of {person.others} others is {median}"
    )


def _verdict(status: BudgetStatus, amount: MoneyFormat) -> str:
    on = f" on {_on(status.runs_out, status.every)}" if status.runs_out else ""
    match status.state:
        case "over":
            return f"ran out{on}" if on else "over the limit"
        case "will run out":
            return _ahead(status, on, amount)
        case "at risk":
            return f"may exceed the limit (up to {amount(status.high or status.limit, status.currency)})"
        case "within":
            return f"forecast {amount(status.forecast, status.currency)}" if status.forecast else "on track"
        case "unknown":
            return f"incomplete ({'; '.join(map(missing_spend, status.missing))})"
        case "open":
            return "no forecast yet"
        case _:
            assert_never(status.state)


def _ahead(status: BudgetStatus, on: str, amount: MoneyFormat) -> str:
    """``on pace to run out on the 26th, $410 over by the end``."""
    late = status.runs_out is not None and status.runs_out < status.day  # some of its days have no data yet
    out = f"probably ran out{on}" if late else f"on pace to run out{on}" if on else "forecast to exceed the limit"
    return f"{out}, {amount(status.over_by, status.currency)} over by the end" if status.over_by else out


def missing_spend(missing: MissingSpend) -> str:
    """What the spend of a budget lacks: ``gcp: no data yet``."""
    match missing:
        case Gap():
            return f"{missing.source}: {what(missing)}"
        case BilledIn():
            return f"costs billed in {missing.currency}"
        case _:
            assert_never(missing)


def _on(day: date, every: Every) -> str:
    if every != "month":
        return f"{day.day} {day:%b}"
    last = {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10 if day.day not in {11, 12, 13} else 0, "th")
    return f"the {day.day}{last}"


def forecast(found: Forecast | TooShort, amount: MoneyFormat = money) -> str:
    """Both parts and the whole, or why there is none: ``$8,100 so far and about $1,900 to come: about $10,000 …``."""
    if isinstance(found, TooShort):
        history = f"only {found.history_days} day{'' if found.history_days == 1 else 's'} of history"
        so_far = f"; {amount(found.actual, found.currency)} so far" if found.actual_through else ""
        return f"{history}, and a forecast needs {NEEDED_DAYS}{so_far}"
    actual, rest, whole = (amount(size, found.currency) for size in (found.actual, found.rest, found.total))
    start, last = found.period.start, found.period.last
    until = f"{start.day} {start:%b} to {last.day} {last:%b %Y}"
    if not found.days and not found.correction:
        return f"{actual} for {until}, nothing more to come"
    low, high = (amount(size, found.currency) for size in (found.low, found.high))
    band = f"{100 * found.level:.0f}% likely between {low} and {high}"
    so_far = f"{actual} so far and about {rest} to come: " if found.actual_through else ""
    return f"{so_far}about {whole} for {until} ({band})"


def reconciliation(found: Reconciliation, amount: MoneyFormat = to_the_cent) -> str:
    """Whether they agree, and if not, what makes the difference; whose word the invoice is."""
    return f"{_agreement(found, amount)}{_whose_word(found, amount)}"


def _whose_word(found: Reconciliation, amount: MoneyFormat) -> str:
    if found.vendors is None:
        return ""
    numbers, vendor = ", ".join(found.vendors.ids), PROVIDER_NAMES.get(found.source, found.source)
    if not found.typed:
        return f" ({vendor} invoice {numbers})"
    total = found.vendors.total
    if total.amount == found.invoice:
        return f" ({vendor} reports the same: {numbers})"
    return f" ({vendor} reports {amount(total.amount, total.currency)}: {numbers})"


def _agreement(found: Reconciliation, amount: MoneyFormat) -> str:
    invoice, charged = amount(found.invoice, found.currency), amount(found.charged, found.currency)
    month = f"{found.period.start:%B %Y}{'' if found.closed else ' (the month is not closed yet)'}"
    if found.agrees:
        return f"{month}: the charges match the invoice, {invoice}"
    size: Decimal = abs(found.difference)
    way = "more" if found.difference > 0 else "less"
    start = f"{month}: the invoice is {invoice}, {amount(size, found.currency)} {way} than the charges, {charged}"
    if not found.pieces:
        return f"{start}; no single group of charges explains the difference"
    pieces = ", ".join(f"{named(piece.key)} {amount(piece.amount, found.currency)}" for piece in found.pieces)
    return f"{start}; not on the invoice: {pieces}"


def budget_limit(budget: Budget, amount: MoneyFormat = money) -> str:
    """``$3,000 a month for OpenAI, project Chat App``."""
    about = f" for {budget.words}" if budget.words else ""
    per = f"in any {budget.every}" if budget.every in ROLLING else f"a {budget.every}"
    return f"{amount(budget.limit.amount, budget.limit.currency)} {per}{about}"
