"""How far the ledger's figures can be trusted: restated days, feeds that disagree, pulls that failed.

The kinds of memory are those that a sync writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

from bot import render
from bot.analytics.completion import Earlier
from bot.analytics.completion import settling as settling_of
from bot.domain.feed import Feed
from bot.domain.period import DAY, Period
from bot.domain.scope import EVERYTHING, Scope
from bot.ledger import Ledger
from bot.ledger.notes import notes_of

_SYNC, _WARNING = "sync", "warning"
_LATELY = 7 * DAY
_WATCHED = 60 * DAY
"""Older days tell nothing of how a source restates now."""
_MOST = 5
_CENTS, _FINE = 2, 6
"""Digits that show a change: it may be less than what people are usually shown."""


def restated(ledger: Ledger, today: date, scope: Scope = EVERYTHING, since: datetime | None = None) -> Iterator[str]:
    """What days were and are, by source, where a vendor told them differently within a week; the largest first."""
    since = since or datetime.combine(today - _LATELY, time(), UTC)
    changed: dict[tuple[str, date, str], tuple[Decimal, Decimal]] = {}
    for source, each in ledger.restated(Period(start=date.min, end=today), since):
        if not scope.sees(source):
            continue
        key = (source, each.day, each.currency)
        changed[key] = (changed[key][0] if key in changed else each.was, each.now)
    moved = [(key, was, now) for key, (was, now) in changed.items() if was != now]
    moved.sort(key=lambda each: (-abs(each[2] - each[1]), each[0]))
    for (source, day, currency), was, now in moved[:_MOST]:
        digits = _CENTS if abs(now - was) >= Decimal("0.01") else _FINE
        then, present = (render.money(each, currency, digits=digits) for each in (was, now))
        yield f"{source}: {render.day(day)} was {then}, is {present}."
    if (more := len(moved) - _MOST) > 0:
        yield f"{more} more {'day was' if more == 1 else 'days were'} restated."


def settling(ledger: Ledger, bill: Feed, told: datetime) -> Mapping[str, Mapping[int, float]]:
    """By what factor a source's days still grow, by currency and age; ``told`` is its last telling.

    Days count from the first on which one was told differently: by then the source was being watched. Where too few
    of an age are known, it has no factor (see ``costs.restatement``).
    """
    earlier: dict[str, list[Earlier]] = defaultdict(list)
    today = told.astimezone(UTC).date()
    for currency, each in ledger.told_before(bill, today - _WATCHED):
        earlier[currency].append(each)
    since = min((each.until.date() for found in earlier.values() for each in found), default=today)
    if since >= today:
        return {}
    days = list(Period(start=since, end=today))
    groups = ledger.totals(bill, "BilledCost", [*days, today])
    now = {each.unit: dict(zip(days, each.amounts, strict=True)) for each in groups}
    return {
        currency: settling_of(found, now.get(currency, {}), told.astimezone(UTC)) for currency, found in earlier.items()
    }


def disagreement(ledger: Ledger, feed: Feed, period: Period) -> str:
    """That the feed and its source's bill differ on some of the days, and by how much at most; ``""`` if not."""
    known = ledger.memory.get(_WARNING, f"{feed.source}/{feed.name}") or {}
    days = [each for each in known.get("days", []) if date.fromisoformat(each["day"]) in period]
    if not days:
        return ""
    worst = max(days, key=lambda each: abs(Decimal(each["bill"]) - Decimal(each["feed"])))
    there, here = (render.money(Decimal(worst[name]), worst["currency"], digits=_CENTS) for name in ("bill", "feed"))
    day = render.day(date.fromisoformat(worst["day"]))
    count = f"{len(days)} of these days" if len(days) > 1 else "one of these days"
    return (
        f"{render.source(feed.source)} tells {count} differently in its bill: {day} is {here} here and {there} there."
    )


def missing_views(ledger: Ledger, source: str, columns: Collection[str]) -> list[str]:
    """What optional views of the source could not bring, of what an answer by these columns would have used."""
    notes = [note for note in notes_of(ledger.memory, source) if note.concerns(columns)]
    return list(dict.fromkeys(note.sentence(render.source(source)) for note in notes))


def failure(ledger: Ledger, source: str) -> str:
    """That the last pull of the source failed, and who knows why; ``""`` if it did not."""
    last = ledger.memory.get(_SYNC, source) or {}
    if last.get("status") not in ("failed", "ceiling"):
        return ""
    at = datetime.fromisoformat(last["at"]).astimezone(UTC)
    return f"Its last pull failed ({render.day(at.date())}, {at:%H:%M} UTC); spend doctor says why."
