"""A month of a source against its invoice: charges by the month they are invoiced in, and what makes a difference."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

from bot.costs.cell import Cell
from bot.costs.errors import NotUnderstood
from bot.costs.feed import Feed, choose
from bot.costs.money import Money, total
from bot.costs.period import Period, add_months
from bot.costs.question import Filter
from bot.costs.reconcile import Reconciliation, reconcile
from bot.costs.scope import Scope
from bot.ledger import Ledger

_TOLD_APART = ("ChargeCategory", "ServiceName", "SubAccountName")
"""What a difference is put down to, the most telling first."""
_BILLED = "x_BillingMonth"
"""``start/end`` of the invoice's month, where it is not the day's own."""
_AROUND = timedelta(days=400)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def month(text: str, today: date) -> Period:
    """The month of ``2026-10``, ``October``, ``Oct 2026``; without a year the latest that has begun.

    Raises:
        NotUnderstood: it names none.
    """
    told = text.strip().casefold()
    if found := re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", told):
        first = date(int(found[1]), int(found[2]), 1)
    elif (found := re.fullmatch(r"([a-z]{3,9})\.?\s*(\d{4})?", told)) and found[1][:3] in _MONTHS:
        number = _MONTHS.index(found[1][:3]) + 1
        first = date(int(found[2]) if found[2] else today.year - (number > today.month), number, 1)
    else:
        raise NotUnderstood(f"{text!r} is no month.", "Write it like 2026-10 or October.")
    return Period(start=first, end=add_months(first, 1))


def reconciled(ledger: Ledger, scope: Scope, source: str, period: Period, invoice: Money) -> Reconciliation:
    """The charges of a source that are invoiced in a month, against what its invoice says.

    Raises:
        NotUnderstood: there is no such source, or nothing is known of that month or in that currency.
    """
    known = sorted({feed.source for feed in ledger.feeds() if scope.sees(feed.source)})
    name = next((each for each in known if each.casefold() == source.casefold()), None)
    if name is None:
        raise NotUnderstood(f"There is no source {source!r}.", f"There are: {', '.join(known) or 'none yet'}.")
    feeds = [feed for feed in ledger.feeds() if feed.source == name]
    needed = [each.dimension for each in scope.where]
    cuts = (_TOLD_APART[:size] for size in range(len(_TOLD_APART), -1, -1))
    dimensions, feed = next(
        ((cut, found) for cut in cuts if (found := choose(feeds, [*cut, *needed])) is not None), ((), feeds[0])
    )
    cells = _invoiced(ledger, scope, feed, period, dimensions)
    currencies = sorted({each.unit for each in cells})
    if invoice.currency not in currencies:
        what = f"is billed in {' and '.join(currencies)}" if currencies else "has no charges in the ledger"
        raise NotUnderstood(f"{name} {what} in {period.start:%B %Y}, so there is nothing to compare.")
    fresh = next((each for each in ledger.freshness() if each.source == name), None)
    closed = fresh is not None and fresh.final_through is not None and fresh.final_through >= period.last
    return reconcile(period, invoice, dimensions, cells, source=name, closed=closed)


def _invoiced(ledger: Ledger, scope: Scope, feed: Feed, period: Period, by: tuple[str, ...]) -> list[Cell]:
    """What is invoiced in the month: its days, without what another month's invoice has, with what is of other days."""
    months = [each for each in ledger.query.labels(feed, _BILLED) if each]
    mine = tuple(each for each in months if each.startswith(period.start.isoformat()))
    amounts: dict[tuple[tuple[str, ...], str], list[Decimal]] = {}
    asked = [((period.start, period.end), ("", *mine))]
    if mine:
        asked += [((period.start - _AROUND, period.start), mine), ((period.end, period.end + _AROUND), mine)]
    for edges, billed in asked:
        where = (*scope.where, *([Filter(dimension=_BILLED, values=billed)] if months else []))
        for group in ledger.totals(feed, "BilledCost", edges, by=by, where=where):
            amounts.setdefault((group.key, group.unit), []).append(group.amounts[0])
    return [Cell(key, unit, (total(each),)) for (key, unit), each in amounts.items()]
