"""Which feeds a sync pulls, and how much of each: by hand all of them; on the clock what is due and worth its price."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.feed import Feed
from bot.domain.period import add_months
from bot.ledger import Ledger
from bot.ledger.kv_store import notes_of
from bot.providers import Horizon, Provider
from bot.sync.plan import RequestPlan
from bot.sync.pull import due

LOOKED, INSIGHTS, EXTENDED = "looked", "insights", "extended"
"""Kinds of memory, by source: when it was last asked which feeds there are; for what of its own it asks money to say;
for a month further back."""
COMMITTED, BY_ACCOUNT, RECOMMENDED = "commitments", "commitments by account", "recommendations"
"""Kinds of memory, by source: when the vendor was last asked how commitments are used, the same by account, and what it
recommends."""
_DAILY, _MONTHLY = timedelta(hours=20), timedelta(days=25)

Find = Callable[[], Sequence[Feed]]


@dataclass(frozen=True)
class PullTurn:
    """A feed to pull: its open days alone, or all that may be restated; ``since`` a day where it is new."""

    feed: Feed
    open_days: bool = False
    since: date | None = None


@dataclass(frozen=True)
class Selection:
    """What a sync does about one source."""

    turns: Sequence[PullTurn]
    looked: bool = False
    """Whether the provider was asked which feeds there are."""
    insights: bool = True
    """Whether what the vendor asks money to say beside its bill may be asked for."""
    extend: Sequence[Feed] = field(default_factory=list)
    """Feeds to bring a further month of."""
    commitments: bool = True
    """Whether the vendor may be asked how commitments are used, for money,"""
    by_account: bool = True
    """and how by each account."""


def by_hand(ledger: Ledger, source: str, now: datetime, find: Find) -> Selection:
    """Every feed, whole; how commitments are used once a day at most, and by account once a month."""
    return Selection(
        [PullTurn(feed) for feed in find()],
        looked=True,
        commitments=not lately(ledger, COMMITTED, source, now),
        by_account=not lately(ledger, BY_ACCOUNT, source, now, _MONTHLY),
    )


def on_the_clock(ledger: Ledger, provider: Provider, now: datetime, ceiling: Decimal | None, find: Find) -> Selection:
    """What is due. Which views there are is asked anew once a day at most, since asking may cost requests.

    Raises:
        CeilingReached: the bill is overdue, and what is left of the month's money does not pay for it.
    """
    known = [feed for feed in ledger.feeds() if feed.source == provider.source]
    horizons = {feed: provider.horizon(feed, now) for feed in known}
    plan = plan_of(ledger, provider.source, horizons, now, ceiling)
    if plan is not None:
        plan.check()
        return _planned(ledger, provider, now, plan, horizons, find)
    views_due = any(_is_due(ledger, feed, horizons, now) for feed in known[1:])
    if known and not views_due and lately(ledger, LOOKED, provider.source, now):
        return Selection([PullTurn(feed) for feed in known[:1] if _is_due(ledger, feed, horizons, now)])
    bill, *views = find()
    horizons |= {feed: provider.horizon(feed, now) for feed in (bill, *views)}
    turns = [
        PullTurn(feed, since=_first(horizons[feed], now) if feed not in known else None)
        for feed in (bill, *views)
        if feed is bill or _is_due(ledger, feed, horizons, now)
    ]
    return Selection(turns, looked=True)


def plan_of(
    ledger: Ledger, source: str, horizons: Mapping[Feed, Horizon], now: datetime, ceiling: Decimal | None
) -> RequestPlan | None:
    """The plan of a source whose requests are paid and whose bill has landed; None for any other."""
    paid = {feed: horizon for feed, horizon in horizons.items() if horizon.open}
    if not paid:
        return None
    known = {name: ledger.memory.get(kind, source) for name, kind in _TASKS.items()}
    lasts = {name: _at(last) for name, last in known.items()}
    costs = {name: Decimal(last["cost"]) for name, last in known.items() if last and "cost" in last}
    return RequestPlan(ledger, source, paid, now, ceiling, lasts=lasts, costs=costs)


_TASKS = {
    "views": LOOKED,
    "insights": INSIGHTS,
    "history": EXTENDED,
    "commitments": COMMITTED,
    "commitments by account": BY_ACCOUNT,
}


def _planned(  # noqa: PLR0913 - what a choice depends on
    ledger: Ledger,
    provider: Provider,
    now: datetime,
    plan: RequestPlan,
    horizons: dict[Feed, Horizon],
    find: Find,
) -> Selection:
    refused = any(not note.feed for note in notes_of(ledger.memory, provider.source))  # refusals cost nothing
    looked = plan.task("views") or (refused and not lately(ledger, LOOKED, provider.source, now))
    feeds = list(find()) if looked else list(horizons)
    turns = []
    for feed in feeds:
        if feed not in horizons:
            turns.append(PullTurn(feed, since=_first(provider.horizon(feed, now), now)))
        elif horizons[feed].open is None:
            turns += [PullTurn(feed)] if _is_due(ledger, feed, horizons, now) else []
        elif plan.due(feed):
            turns.append(PullTurn(feed, open_days=not plan.whole(feed)))
    extend = [feed for feed, horizon in horizons.items() if horizon.open] if plan.task("history") else []
    insights, committed = plan.task("insights"), plan.task("commitments")
    return Selection(turns, looked, insights, extend, committed, plan.task("commitments by account"))


def _first(horizon: Horizon, now: datetime) -> date | None:
    """How far back a first pull on the clock reaches where asking costs money: further months follow one by one."""
    return max(horizon.deepest, add_months(now.date().replace(day=1), -1)) if horizon.open else None


def lately(ledger: Ledger, kind: str, source: str, now: datetime, within: timedelta = _DAILY) -> bool:
    """Whether something that is done once a day (or once ``within``) has been."""
    last = _at(ledger.memory.get(kind, source))
    return last is not None and now - last < within


def _at(known: Mapping[str, Any] | None) -> datetime | None:
    return datetime.fromisoformat(str(known["at"])) if known else None


def _is_due(ledger: Ledger, feed: Feed, horizons: Mapping[Feed, Horizon], now: datetime) -> bool:
    return due(ledger, feed, horizons[feed], now)
