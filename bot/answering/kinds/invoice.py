"""A month of a source against its invoice: charges by the month they are invoiced in, and what makes a difference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.analytics.reconciliation import reconcile
from bot.answering.dispatch import AnswerRequest
from bot.domain.aggregate import Cell
from bot.domain.answers.gaps import Gap, NoInvoice, NotComparable, StaleInvoices
from bot.domain.answers.invoices import InvoiceAnswer, Reconciliation, VendorInvoice
from bot.domain.answers.notes import InvoicesAreOfWholeSources
from bot.domain.errors import NotUnderstood
from bot.domain.feed import Feed, choose
from bot.domain.money import Money, total
from bot.domain.period import Period, add_months, month_of
from bot.domain.question import Filter
from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.ledger.kv_store import INVOICE, INVOICED, month_key

_BREAKDOWN = ("ChargeCategory", "ServiceName", "SubAccountName")
"""What a difference is put down to, the most telling first."""
_BILLED = "x_BillingMonth"
"""``start/end`` of the invoice's month, where it is not the day's own."""
_PROVIDER = "ServiceProviderName"
"""Kinds of memory that a sync keeps what vendors invoiced in."""
_MOST_MONTHS = 13
_AROUND = timedelta(days=400)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def month(text: str, today: date) -> Period:
    """The month of ``2026-10``, ``October``, ``Oct 2026``; without a year the latest that has begun.

    Raises:
        NotUnderstood: it names none.
    """
    name = text.strip().casefold()
    if found := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", name):
        first = date(int(found[1]), int(found[2]), 1)
    elif (found := re.fullmatch(r"([a-z]{3,9})\.?\s*(\d{4})?", name)) and found[1][:3] in _MONTHS:
        number = _MONTHS.index(found[1][:3]) + 1
        first = date(int(found[2]) if found[2] else today.year - (number > today.month), number, 1)
    else:
        raise NotUnderstood(f"{text!r} is not a month.", "Use a month like 2026-10 or October.")
    return Period(start=first, end=add_months(first, 1))


def answer(request: AnswerRequest) -> InvoiceAnswer:
    """Every month of the period against what vendors themselves tell that they invoiced for it."""
    question, reader, ledger = request.question, request.reader, request.ledger
    if question.period is None:
        return InvoiceAnswer()
    if reader.scope.where or any(condition.dimension != _PROVIDER for condition in question.where):
        return InvoiceAnswer(notes=(InvoicesAreOfWholeSources(),))
    months, found, gaps = _months(question.period, reader.today), [], list(reader.silent(question.where))
    touched, lacking = reader.touched(question), dict[str, list[Period]]()
    for source in touched:
        invoiced_by_month = {month: vendors(ledger, source, month) for month in months}
        for month, invoiced in invoiced_by_month.items():
            for invoice in invoiced:
                try:
                    found.append(_compared(ledger, reader.scope, source, month, invoice))
                except NotUnderstood as error:
                    gaps.append(Gap(source, NotComparable(error.message, error.hint)))
        if uninvoiced := [month for month, invoiced in invoiced_by_month.items() if not invoiced]:
            lacking[source] = uninvoiced
        gaps += _old(ledger, source, [month for month, invoiced in invoiced_by_month.items() if invoiced])
    gaps += [
        _unknown(ledger, source, uninvoiced, source if len(lacking) == 1 else "SOURCE")
        for source, uninvoiced in lacking.items()
    ]
    return InvoiceAnswer(
        reconciliations=tuple(found),
        as_of=tuple(fresh for fresh in reader.freshness() if fresh.source in touched),
        gaps=tuple(gaps),
    )


def _months(period: Period, today: date) -> list[Period]:
    """The calendar months that a period touches, as far as they are over; a period within this month is it."""
    first = period.start.replace(day=1)
    months = [month_of(add_months(first, n)) for n in range(_MOST_MONTHS) if add_months(first, n) < period.end]
    return [month for month in months if month.end <= today] or months[:1]


def _unknown(ledger: Ledger, source: str, months: Sequence[Period], name: str) -> Gap:
    """No invoice is known: why, and how to compare nevertheless; ``name`` is what to type for the source."""
    asked = ledger.memory.get(INVOICED, source) or {}
    message, hint = str(asked.get("message") or ""), str(asked.get("hint") or "")
    return Gap(source, NoInvoice(tuple(months), name, message, hint))


def _old(ledger: Ledger, source: str, months: Sequence[Period]) -> Iterator[Gap]:
    """That the vendor's invoices could not be read when it was asked last, so that these are what it said before."""
    asked = ledger.memory.get(INVOICED, source) or {}
    if asked.get("message") and months:
        at = min(datetime.fromisoformat(_kept(ledger, source, month)["at"]).date() for month in months)
        yield Gap(source, StaleInvoices(at, asked["message"], asked["hint"]))


def _kept(ledger: Ledger, source: str, month: Period) -> Mapping[str, Any]:
    return ledger.memory.get(INVOICE, month_key(source, month)) or {"invoices": []}


def vendors(ledger: Ledger, source: str, month: Period) -> tuple[VendorInvoice, ...]:
    """What a vendor tells that it invoiced for a month, one for each currency."""
    by_currency: dict[str, list[Mapping[str, Any]]] = {}
    for invoice in _kept(ledger, source, month)["invoices"]:
        by_currency.setdefault(invoice["currency"], []).append(invoice)
    return tuple(
        VendorInvoice(
            Money(amount=total([Decimal(invoice["amount"]) for invoice in invoices]), currency=currency),
            tuple(invoice["id"] for invoice in invoices),
        )
        for currency, invoices in sorted(by_currency.items())
    )


def reconciled(ledger: Ledger, scope: Scope, source: str, period: Period, invoice: Money | None) -> Reconciliation:
    """The charges of a source that are invoiced in a month, against what its invoice says.

    A figure that somebody types in is taken before what the vendor tells, which then stands beside it; without
    one (None) the vendor's word is taken.

    Raises:
        NotUnderstood: there is no such source, nothing is known of that month or in that currency, or no invoice is;
            or the vendor's are in several currencies.
    """
    known = sorted({feed.source for feed in ledger.feeds() if scope.sees(feed.source)})
    name = next((name for name in known if name.casefold() == source.casefold()), None)
    if name is None:
        raise NotUnderstood(f"There is no source {source!r}.", f"Available: {', '.join(known) or 'none yet'}.")
    invoices = () if scope.where else vendors(ledger, name, period)
    if invoice is None:
        if scope.where:
            raise NotUnderstood(
                "An invoice covers everything a source charged, and you may see only part of it.", "Ask an admin."
            )
        if not invoices:
            asked = ledger.memory.get(INVOICED, name) or {}
            why = f" ({asked['message'].rstrip('.')})" if asked.get("message") else ""
            typed = f"Enter its total with the slash command: reconcile {period.start:%Y-%m} {name} 1234.56."
            hint = f"{typed} {asked.get('hint', '')}".strip()
            raise NotUnderstood(f"{name}: no invoice for {period.start:%B %Y} is known{why}.", hint)
        if len(invoices) > 1:
            currencies, month_ = " and ".join(invoice.total.currency for invoice in invoices), f"{period.start:%B %Y}"
            hint = f'For each currency, ask "reconcile {month_} on {name}".'
            raise NotUnderstood(f"{name} was invoiced in {currencies} for {month_}.", hint)
        return _compared(ledger, scope, name, period, invoices[0])
    beside = next((one for one in invoices if one.total.currency == invoice.currency), None)
    return _compared(ledger, scope, name, period, invoice, beside)


def _compared(  # noqa: PLR0913 - whose month, and what is known of its invoice
    ledger: Ledger,
    scope: Scope,
    name: str,
    period: Period,
    invoice: Money | VendorInvoice,
    beside: VendorInvoice | None = None,
) -> Reconciliation:
    feeds = [feed for feed in ledger.feeds() if feed.source == name]
    needed = [condition.dimension for condition in scope.where]
    cuts = (_BREAKDOWN[:size] for size in range(len(_BREAKDOWN), -1, -1))
    dimensions, feed = next(
        ((cut, found) for cut in cuts if (found := choose(feeds, [*cut, *needed])) is not None), ((), None)
    )
    if feed is None:
        raise NotUnderstood(f"{name} can't be broken down to what you may see.", "Ask an admin.")
    cells = _invoiced(ledger, scope, feed, period, dimensions)
    currencies = sorted({cell.unit for cell in cells})
    currency = (invoice if isinstance(invoice, Money) else invoice.total).currency
    if currency not in currencies:
        what = f"is billed in {' and '.join(currencies)}" if currencies else "has no charges in the ledger"
        raise NotUnderstood(f"{name} {what} in {period.start:%B %Y}, so there is nothing to compare.")
    fresh = next((freshness for freshness in ledger.freshness() if freshness.source == name), None)
    closed = fresh is not None and fresh.final_through is not None and fresh.final_through >= period.last
    return reconcile(period, invoice, dimensions, cells, source=name, closed=closed, vendors=beside)


def _invoiced(ledger: Ledger, scope: Scope, feed: Feed, period: Period, by: tuple[str, ...]) -> list[Cell]:
    """What is invoiced in the month: its days, without what another month's invoice has, with what is of other days."""
    months = [label for label in ledger.query.labels(feed, _BILLED) if label]
    mine = tuple(label for label in months if label.startswith(period.start.isoformat()))
    amounts: dict[tuple[tuple[str, ...], str], list[Decimal]] = {}
    asked = [((period.start, period.end), ("", *mine))]
    if mine:
        asked += [((period.start - _AROUND, period.start), mine), ((period.end, period.end + _AROUND), mine)]
    for edges, billed in asked:
        where = (*scope.where, *([Filter(dimension=_BILLED, values=billed)] if months else []))
        for group in ledger.totals(feed, "BilledCost", edges, by=by, where=where):
            amounts.setdefault((group.key, group.unit), []).append(group.amounts[0])
    return [Cell(key, unit, (total(parts),)) for (key, unit), parts in amounts.items()]
