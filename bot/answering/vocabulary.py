"""The ledger's own words: every value of every dimension with what it cost lately, for reading and for autocomplete."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec import Struct

from bot.answering import reference_data
from bot.answering.query import LedgerReader
from bot.domain.errors import CostError
from bot.domain.feed import WAREHOUSE, Feed, choose
from bot.domain.money import total
from bot.domain.period import DAY
from bot.domain.question import DIMENSIONS
from bot.domain.scope import EVERYTHING, Scope
from bot.language import Vocabulary
from bot.ledger import Ledger

if TYPE_CHECKING:
    from bot.answering.service import Defaults
    from bot.domain.business_unit import BusinessUnit

_Made = TypeVar("_Made")

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


class _Versioned(Generic[_Made]):
    """What is made of the ledger, by key: kept until its version changes."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[Hashable, _Made]] = {}

    def get(self, key: Hashable, version: Hashable, make: Callable[[], _Made]) -> _Made:
        """What is kept of this version, or made now."""
        known = self._kept.get(key)
        if known is None or known[0] != version:
            known = self._kept[key] = (version, make())
        return known[1]


class KnownNames:
    """All that a question may name, by scope; kept until the ledger changes."""

    def __init__(
        self,
        ledger: Ledger,
        defaults: Defaults,
        aliases: Mapping[str, Mapping[str, Sequence[str]]] | None,
        today: Callable[[], date],
    ) -> None:
        """``aliases`` are names that people use, beside those that ship."""
        self._ledger, self._defaults, self._aliases, self._today = ledger, defaults, aliases, today
        self._vocabularies = _Versioned[Vocabulary]()
        self._units = _Versioned[tuple[str, ...]]()
        self._offered = _Versioned[list[VocabularyEntry]]()

    def vocabulary(self, scope: Scope) -> Vocabulary:
        """The words as far as the scope sees, ready for reading."""
        units = self._unit_names(scope)
        version = (self._ledger.generation(), self._ledger.aliases_version())
        make = partial(self._made, scope, units, taught=version[1] > 0)
        return self._vocabularies.get((scope, scope.team, units), version, make)

    def closest(self, dimension: str, prefix: str, scope: Scope) -> list[str]:
        """Values of a dimension that hold the letters, dearest first."""
        wanted = prefix.casefold()
        known = self._offered.get(scope, self._ledger.generation(), partial(entries, self._ledger, scope))
        found = [e for e in known if e.dimension == dimension and wanted in e.value.casefold() and e.value]
        return [entry.value for entry in sorted(found, key=lambda entry: -entry.cost)]

    def _made(self, scope: Scope, units: Sequence[str], *, taught: bool) -> Vocabulary:
        ledger = self._ledger
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
            aliases=self._aliases,
            listed=reference_data.models,
            units=units,
            any_resource=any(feed.name == WAREHOUSE for feed in feeds),
            taught=ledger.aliases.meanings(scope.team) if taught else {},
        )

    def _unit_names(self, scope: Scope) -> tuple[str, ...]:
        """What the business counts, as far as whoever sees the scope is told of it."""
        return self._units.get((scope, scope.team), self._ledger.generation(), partial(self._visible_units, scope))

    def _visible_units(self, scope: Scope) -> tuple[str, ...]:
        if scope == EVERYTHING:
            return tuple(self._defaults.unit_names(scope.team))
        from bot.answering.parts.unit_costs import visible  # only where not all is seen

        units: Sequence[BusinessUnit] = ()
        with suppress(CostError):  # a question about one says what is wrong with the file
            units = self._defaults.units()
        return tuple(unit.name for unit in visible(units, LedgerReader(self._ledger, scope, self._today())))


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
