"""How far the ledger's figures can be trusted: restated days, feeds that disagree, pulls that failed.

The kinds of memory are those that a sync writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal

from bot.analytics.completion import Earlier
from bot.analytics.completion import settling as settling_of
from bot.domain.answers.notes import FeedsDisagree, LiveDisagrees, MoreRestated, Restated, ViewMissing
from bot.domain.feed import Feed
from bot.domain.money import total
from bot.domain.period import DAY, Period
from bot.domain.scope import EVERYTHING, Scope
from bot.ledger import Ledger
from bot.ledger.notes import notes_of
from bot.ledger.result import Group

_SYNC, _WARNING = "sync", "warning"
_LATELY = 7 * DAY
_WATCHED = 60 * DAY
"""Older days tell nothing of how a source restates now."""
_MOST = 5


def restated(
    ledger: Ledger, today: date, scope: Scope = EVERYTHING, since: datetime | None = None
) -> Iterator[Restated | MoreRestated]:
    """What days were and are, by source, where a vendor told them differently within a week; the largest first."""
    since = since or datetime.combine(today - _LATELY, time(), UTC)
    changed: dict[tuple[str, date, str], tuple[Decimal, Decimal]] = {}
    for source, revision in ledger.restated(Period(start=date.min, end=today), since):
        if not scope.sees(source):
            continue
        key = (source, revision.day, revision.currency)
        changed[key] = (changed[key][0] if key in changed else revision.was, revision.now)
    moved = [(key, was, now) for key, (was, now) in changed.items() if was != now]
    moved.sort(key=lambda move: (-abs(move[2] - move[1]), move[0]))
    for (source, day, currency), was, now in moved[:_MOST]:
        yield Restated(source, day, currency, was, now)
    if (more := len(moved) - _MOST) > 0:
        yield MoreRestated(more)


def settling(ledger: Ledger, bill: Feed, synced: datetime) -> Mapping[str, Mapping[int, float]]:
    """By what factor a source's days still grow, by currency and age; ``told`` is its last telling.

    Days count from the first on which one was told differently: by then the source was being watched. Where too few
    of an age are known, it has no factor (see ``costs.restatement``).
    """
    earlier: dict[str, list[Earlier]] = defaultdict(list)
    today = synced.astimezone(UTC).date()
    for currency, figure in ledger.told_before(bill, today - _WATCHED):
        earlier[currency].append(figure)
    since = min((figure.until.date() for found in earlier.values() for figure in found), default=today)
    if since >= today:
        return {}
    days = list(Period(start=since, end=today))
    groups = ledger.totals(bill, "BilledCost", [*days, today])
    now = {group.unit: dict(zip(days, group.amounts, strict=True)) for group in groups}
    return {
        currency: settling_of(found, now.get(currency, {}), synced.astimezone(UTC))
        for currency, found in earlier.items()
    }


def disagreement(ledger: Ledger, feed: Feed, period: Period) -> FeedsDisagree | None:
    """That the feed and its source's bill differ on some of the days, and by how much at most; None if not."""
    known = ledger.memory.get(_WARNING, f"{feed.source}/{feed.name}") or {}
    days = [day for day in known.get("days", []) if date.fromisoformat(day["day"]) in period]
    if not days:
        return None
    worst = max(days, key=lambda day: abs(Decimal(day["bill"]) - Decimal(day["feed"])))
    amounts = Decimal(worst["bill"]), Decimal(worst["feed"])
    return FeedsDisagree(feed.source, len(days), date.fromisoformat(worst["day"]), worst["currency"], *amounts)


def live_disagreements(source: str, asked: Iterable[Group], ledger: Iterable[Group]) -> list[LiveDisagrees]:
    """The currencies in which what a source answered when asked adds up to something else than the ledger has."""
    sums: list[dict[str, Decimal]] = []
    for groups in (asked, ledger):
        by_currency: dict[str, Decimal] = defaultdict(Decimal)
        for group in groups:
            by_currency[group.unit] = total([by_currency[group.unit], *group.amounts])
        sums.append(by_currency)
    answered, kept = sums
    return [
        LiveDisagrees(source, currency, ledger=kept[currency], asked=answered[currency])
        for currency in sorted({*answered, *kept})
        if kept[currency] != answered[currency]
    ]


def missing_views(ledger: Ledger, source: str, columns: Collection[str]) -> list[ViewMissing]:
    """What optional views of the source could not bring, of what an answer by these columns would have used."""
    notes = [note for note in notes_of(ledger.memory, source) if note.concerns(columns)]
    return list(dict.fromkeys(ViewMissing(source, note.view, note.message) for note in notes))


def failed_at(ledger: Ledger, source: str) -> datetime | None:
    """When the last pull of the source failed (UTC); None if it did not."""
    last = ledger.memory.get(_SYNC, source) or {}
    if last.get("status") not in ("failed", "ceiling"):
        return None
    return datetime.fromisoformat(last["at"]).astimezone(UTC)
