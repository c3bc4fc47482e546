"""What vendors report beside their bills, kept in the ledger: how commitments are used, and what is recommended.

Of commitments the planner decides how often they are worth asking for; recommendations are free, and asked for once a
day at most. A refusal fails nothing: it is a note, and what was known before stands.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from bot.domain.commitments import COMMITMENTS, RECOMMENDATIONS
from bot.domain.errors import CeilingReached, CostError
from bot.domain.feed import Feed, Note
from bot.domain.money import plain
from bot.domain.period import Period
from bot.ledger import Ledger
from bot.ledger.kv_store import keep_notes
from bot.providers import BillContext, HasNotes, Provider, Recommends, ReportsCommitments
from bot.sync.request_budget import SourceMeter
from bot.sync.selection import BY_ACCOUNT, COMMITTED, RECOMMENDED, lately

_LATELY = timedelta(days=40)
_STATUS = "CommitmentDiscountStatus"


def keep_commitments(  # noqa: PLR0913 - where they come from, and where they go
    provider: Provider, bill: Feed, ledger: Ledger, now: datetime, meter: SourceMeter, *, accounts: bool
) -> None:
    """Asks for what the vendor reports, and remembers what that cost; by account too if ``accounts``.

    At the ceiling for paid requests it stops; what was reported so far is kept, and the next sync asks again.
    """
    if not isinstance(provider, ReportsCommitments) or _charges_say(ledger, bill.source, now):
        return
    labels = ledger.query.labels
    context = BillContext(
        accounts=[account for account in labels(bill, "SubAccountId") if account],
        services=labels(bill, "ServiceName"),
        currency=next(iter(labels(bill, "BillingCurrency")), "USD"),
    )
    costs = {"": Decimal(0), "SubAccountId": Decimal(0)}
    before = meter.cost
    try:
        for statement in provider.commitments(context, accounts=accounts):
            costs["SubAccountId" if accounts and statement.dimension == "SubAccountId" else ""] += meter.cost - before
            before = meter.cost
            ledger.vendor_reports.keep_statement(bill.source, statement, now.date())
    except CeilingReached:
        return
    costs[""] += meter.cost - before
    notes = [note for note in provider.notes() if note.feed == COMMITMENTS] if isinstance(provider, HasNotes) else []
    keep_notes(ledger.memory, bill.source, notes, {COMMITMENTS}, now)
    at = now.isoformat()
    ledger.memory.put(COMMITTED, bill.source, {"at": at, "cost": plain(costs[""])})
    if accounts:
        ledger.memory.put(BY_ACCOUNT, bill.source, {"at": at, "cost": plain(costs["SubAccountId"])})


def _charges_say(ledger: Ledger, source: str, now: datetime) -> bool:
    """Whether the last weeks' charges of a feed say what commitments cover, so that nobody need be asked."""
    last = Period(start=now.date() - _LATELY, end=now.date())
    feeds = [feed for feed in ledger.feeds() if feed.source == source and not feed.missing([_STATUS])]
    covered = [(feed, ledger.covered(feed)) for feed in feeds]
    return any(
        days.meet(last) is not None and _STATUS not in ledger.query.unknown_columns(feed, last)
        for feed, days in covered
        if days is not None
    )


def keep_recommendations(provider: Provider, ledger: Ledger, now: datetime) -> None:
    """Asks for what the vendor recommends, unless that was done within a day."""
    if not isinstance(provider, Recommends) or lately(ledger, RECOMMENDED, provider.source, now):
        return
    notes = []
    try:
        report = provider.recommendations()
    except CeilingReached:
        return
    except CostError as error:
        notes = [Note(RECOMMENDATIONS, error.message, error.hint, RECOMMENDATIONS)]
    else:
        if report is not None:
            ledger.vendor_reports.keep_recommendations(provider.source, report, now.date())
    keep_notes(ledger.memory, provider.source, notes, {RECOMMENDATIONS}, now)
    ledger.memory.put(RECOMMENDED, provider.source, {"at": now.isoformat()})
