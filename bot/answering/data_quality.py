"""How far the ledger's figures can be trusted: restated days, feeds that disagree, pulls that failed.

The kinds of memory are those that a sync writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Literal

from bot.analytics.completion import Earlier
from bot.analytics.completion import settling as settling_of
from bot.domain.answers.gaps import Gap, MissingDimensions, NoDataAfter, NoDataBefore, NoDataYet
from bot.domain.answers.notes import FeedsDisagree, LiveDisagrees, MoreRestated, Restated, ViewMissing
from bot.domain.errors import Unavailable
from bot.domain.feed import PROVIDER_NAMES, Feed
from bot.domain.money import total
from bot.domain.period import DAY, Period
from bot.domain.question import Filter
from bot.domain.scope import EVERYTHING, Scope
from bot.ledger import Ledger
from bot.ledger.kv_store import KeyValueStore, notes_of
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
    for source, revision in ledger.restatements.within(Period(start=date.min, end=today), since):
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
    """By what factor a source's days still grow, by currency and age; ``synced`` is when it was last synced.

    Days count from the first on which one was told differently: by then the source was being watched. Where too few
    of an age are known, it has no factor (see ``analytics.completion``).
    """
    earlier: dict[str, list[Earlier]] = defaultdict(list)
    today = synced.astimezone(UTC).date()
    for currency, figure in ledger.restatements.earlier_figures(bill, today - _WATCHED):
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


def live_disagreements(
    source: str, asked: Iterable[Group], ledger: Iterable[Group], *, whole: bool
) -> list[LiveDisagrees]:
    """The currencies in which what a source answered when asked adds up to something else than the ledger has.

    Unless ``whole``, both are without the filters that the ledger cannot check.
    """
    sums: list[dict[str, Decimal]] = []
    for groups in (asked, ledger):
        by_currency: dict[str, Decimal] = defaultdict(Decimal)
        for group in groups:
            by_currency[group.unit] = total([by_currency[group.unit], *group.amounts])
        sums.append(by_currency)
    answered, kept = sums
    return [
        LiveDisagrees(source, currency, ledger=kept[currency], asked=answered[currency], whole=whole)
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


def early(source: str, covered: Period | None, period: Period) -> Gap | None:
    """That the first days are not known, or none is."""
    if covered is None:
        return Gap(source, NoDataYet())
    return None if period.start >= covered.start else Gap(source, NoDataBefore(covered.start))


def late(ledger: Ledger, source: str, through: date | None, period: Period, today: date) -> Gap | None:
    """That the newest of the days that are over are missing; or nothing at all is known, today included.

    ``through`` is the last day with data, None where that is not known.
    """
    expected = max(min(period.last, today - DAY), period.start)
    if through is None or through >= expected:
        return None
    return Gap(source, NoDataAfter(through, through >= period.start, failed_at(ledger, source)))


def missing_dimensions(feeds: Sequence[Feed], needed: Collection[str]) -> MissingDimensions:
    """Which dimensions the source does not tell apart, or only each by itself."""
    closest = min((feed.missing(needed) for feed in feeds), key=len)
    together = all(any(not feed.missing([name]) for feed in feeds) for name in closest)
    apart = [name for name in needed if any(feed.missing([name]) for feed in feeds)]
    return MissingDimensions(tuple(sorted(apart if together else closest)), together)


_APART = frozenset({"ServiceName", "SkuId", "SubAccountName", "RegionId", "x_Model", "ResourceId"})
"""Whoever names one of these names something that has been seen, so not what a silent source would tell."""


def silent(
    declared: Mapping[str, str], reporting: Collection[str], where: Sequence[Filter], memory: KeyValueStore
) -> Iterator[Gap]:
    """A gap for each declared source (with its provider's name) that has told nothing and might have been meant."""
    for source, provider in declared.items():
        if source not in reporting and all(_may_mean(provider, condition) for condition in where):
            yield Gap(source, NoDataYet(_state(memory, source)))


def _may_mean(provider: str, condition: Filter) -> bool:
    if condition.dimension == "ServiceProviderName":
        anybody = provider not in PROVIDER_NAMES.values()  # a warehouse may hold any vendor's charges
        return anybody or (provider in condition.values) != condition.exclude
    return condition.exclude or condition.dimension not in _APART


def never_landed(declared: Mapping[str, str], reporting: Collection[str], memory: KeyValueStore) -> str:
    """Which declared sources have told nothing yet, so that their names mean nothing either; ``""`` for none."""
    missing = [
        f"{provider} has no data yet. {_reason(memory, name)}"
        for name, provider in declared.items()
        if name not in reporting
    ]
    return f"If it is a name from one of these, I can't know it yet: {' '.join(missing)}" if missing else ""


def none_yet(memory: KeyValueStore) -> Unavailable:
    """What is said where the ledger holds nothing at all."""
    hints = {_reason(memory, source) for source in memory.all("sync")}
    if memory.all("lease"):
        hint = _UNDER_WAY
    elif hints:
        hint = hints.pop()
    else:
        hint = "The bot's operator can run spend sync, or import a FOCUS file with spend import."
    return Unavailable("I have no bills yet.", hint)


_UNDER_WAY = "They are being synced now. Ask again in a minute."


def _reason(memory: KeyValueStore, source: str) -> str:
    if memory.get("lease", source):
        return "Its bills are being synced now."
    last = memory.get("sync", source) or {}
    if last.get("status") == "ceiling":
        return "The monthly ceiling for paid requests is reached. Raise API_SPEND_CEILING, or wait for next month."
    if last.get("error"):
        return f"Its sync is failing. Admins see why in App Home; so does spend sync {source} in the terminal."
    return f"Run: spend sync {source}"


def _state(memory: KeyValueStore, source: str) -> Literal["not synced", "syncing", "failing", "ceiling reached"]:
    if memory.get("lease", source):
        return "syncing"
    last = memory.get("sync", source) or {}
    if last.get("status") == "ceiling":
        return "ceiling reached"
    return "failing" if last.get("error") else "not synced"
