"""The ledger's own words: every value of every dimension with what it cost lately, for reading and for autocomplete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from bot.answering import reference_data
from bot.answering.query import LedgerReader
from bot.domain.feed import WAREHOUSE, Feed, choose
from bot.domain.money import total
from bot.domain.period import DAY
from bot.domain.question import DIMENSIONS, Filter
from bot.domain.scope import Scope
from bot.language import Vocabulary
from bot.ledger import Ledger

_LATELY = 90 * DAY
_MOST_RESOURCES = 20_000
_ALSO = {
    "SubAccountName": "SubAccountId",
    "BillingAccountName": "BillingAccountId",
    "RegionId": "RegionName",
    "SkuId": "SkuMeter",
}
"""Where else a value's further names stand."""


class VocabularyEntry(Struct, frozen=True):
    """One value, what it cost over the last 90 days of the ledger, and what else it is called."""

    dimension: str
    value: str
    cost: Decimal
    also: tuple[str, ...] = ()


def vocabulary(
    ledger: Ledger,
    scope: Scope,
    aliases: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    units: Sequence[str] = (),
    taught: Mapping[str, Sequence[Filter]] | None = None,
) -> Vocabulary:
    """All the words in scope, ready for reading; ``aliases`` are added to those that ship.

    ``units`` are what the business counts, ``taught`` the names that stand for filters.
    """
    with ledger.reading():
        reader = LedgerReader(ledger, scope, date.max)
        feeds = [feed for _, found in reader.sources() for feed in found]
        known = entries(ledger, scope)
        tag_keys = sorted({key for feed in feeds for key in ledger.query.tag_keys(feed)})
        first_day = reader.first_day() or date.max
    return Vocabulary(
        [(entry.dimension, entry.value, entry.cost, entry.also) for entry in known],
        tag_keys=tag_keys,
        first_day=first_day,
        aliases=aliases,
        listed=reference_data.models,
        units=units,
        any_resource=any(feed.name == WAREHOUSE for feed in feeds),
        taught=taught,
    )


def entries(ledger: Ledger, scope: Scope) -> list[VocabularyEntry]:
    """Every value in scope, once."""
    reader = LedgerReader(ledger, scope, date.max)
    found: dict[tuple[str, str], list[Decimal]] = {}
    for _, feeds in reader.sources():
        for dimension in _reported_dimensions(ledger, feeds):
            for value, cost in _values(ledger, scope, feeds, dimension):
                found.setdefault((dimension, value), []).append(cost)
    further = _further(ledger)
    resources = [VocabularyEntry("ResourceId", value, Decimal(0)) for value in _resources(ledger, scope)]
    return resources + [
        VocabularyEntry(dimension, value, total(costs), further.get((dimension, value), ()))
        for (dimension, value), costs in found.items()
        if value
    ]


def _reported_dimensions(ledger: Ledger, feeds: Iterable[Feed]) -> list[str]:
    tags = {f"Tags/{key}" for feed in feeds for key in ledger.query.tag_keys(feed)}
    return [*(name for name in DIMENSIONS if name != "ResourceId"), *sorted(tags)]


def _values(ledger: Ledger, scope: Scope, feeds: list[Feed], dimension: str) -> list[tuple[str, Decimal]]:
    feed = choose(feeds, {dimension, *(condition.dimension for condition in scope.where)})
    days = ledger.query.days(feed) if feed else None
    if feed is None or days is None or not any(ledger.query.labels(feed, dimension)):
        return []
    edges = [days.start, max(days.start, days.end - _LATELY), days.end]
    groups = ledger.totals(
        feed, "BilledCost", edges if edges[1] > edges[0] else edges[1:], by=[dimension], where=scope.where
    )
    return list(zip(groups.names(0), groups.column(-1), strict=True)) if groups else []


def _further(ledger: Ledger) -> dict[tuple[str, str], tuple[str, ...]]:
    names: dict[tuple[str, str], set[str]] = {}
    for dimension, column in _ALSO.items():
        query = f'SELECT DISTINCT "{dimension}", "{column}" FROM series'  # noqa: S608 - our own column names
        for value, also in ledger.connection().execute(query):
            if also and also != value:
                names.setdefault((dimension, value), set()).add(also)
    return {key: tuple(sorted(also)) for key, also in names.items()}


def _resources(ledger: Ledger, scope: Scope) -> list[str]:
    """Resource ids, for those who may see everything (a scope cannot narrow them cheaply)."""
    if scope.where or scope.sources is not None:
        return []
    query = "SELECT DISTINCT ResourceId FROM detail WHERE ResourceId <> '' LIMIT ?"
    return [row[0] for row in ledger.connection().execute(query, (_MOST_RESOURCES,))]
