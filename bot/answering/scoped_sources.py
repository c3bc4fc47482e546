"""The sources, feeds and values that a scope sees, how current they are, and what filters can leave of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Final

from bot.answering import data_quality
from bot.answering.data_quality import silent
from bot.domain.answers import LastMatched
from bot.domain.answers.gaps import Gap
from bot.domain.answers.notes import (
    MoreRestated,
    PaidRequestsPlanned,
    Restated,
    ViewMissing,
)
from bot.domain.charge import UNKNOWN_COSTS
from bot.domain.errors import KeptByMonth
from bot.domain.feed import Feed, Freshness, choose
from bot.domain.parts import Joined
from bot.domain.period import Grain, Period
from bot.domain.question import Charges, Filter, Question
from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.ledger.kv_store import notes_of
from bot.ledger.month_plan import month_plan

_CHARGES: dict[Charges, tuple[Filter, ...]] = {
    "net": (),
    "gross": (Filter(dimension="x_Credit", values=("credit",), exclude=True),),
    "credits": (Filter(dimension="x_Credit", values=("credit",)),),
    "tax": (Filter(dimension="ChargeCategory", values=("Tax",)),),
}
IN_EVERY_FEED = frozenset({"x_Credit", "ConsumedUnit", "BillingCurrency", "CommitmentDiscountType", UNKNOWN_COSTS})
"""Columns that every charge has, so that no grain names them; a commitment's type is where its status is."""

_COARSE_TO_FINE: tuple[Grain, ...] = ("month", "day")


class ScopedSources:
    """One ledger within one scope; what the scope leaves nothing of is not even named."""

    def __init__(self, ledger: Ledger, scope: Scope, today: date, expected: Mapping[str, str]) -> None:
        """``expected`` are the sources that are pulled, each with its provider's name."""
        self._expected = expected
        self._ledger, self._scope, self.today = ledger, scope, today
        self._sees_all = not scope.where
        self._known: dict[str, tuple[str, ...]] = {}
        self._passes: dict[tuple[str, tuple[Filter, ...]], bool] = {}
        self._settling: dict[str, Mapping[str, Mapping[int, float]]] = {}
        self._fresh = {fresh.source: fresh for fresh in ledger.freshness() if scope.sees(fresh.source)}

    @property
    def scope(self) -> Scope:
        """What may be seen."""
        return self._scope

    def sources(self) -> Iterable[tuple[str, list[Feed]]]:
        """Every source in scope, with its feeds."""
        seen = [feed for feed in self._ledger.feeds() if self._scope.sees(feed.source)]
        return [(source, list(feeds)) for source, feeds in groupby(seen, key=lambda feed: feed.source)]

    def silent(self, where: Sequence[Filter] = ()) -> list[Gap]:
        """The sources in scope that are pulled and have told nothing yet."""
        reporting = {source for source, _ in self.sources()}
        expected = {source: name for source, name in self._expected.items() if self._scope.sees(source)}
        return list(silent(expected, reporting, where, self._ledger.memory))

    def last_matched(self, question: Question, feeds: Sequence[Feed]) -> LastMatched:
        """When something that matches the question's filters last came to any amount in these feeds."""
        steps = (self._last_step(feed, question.metric, self._where(question)) for feed in feeds)
        return LastMatched(max(filter(None, steps), key=lambda step: step.end, default=None))

    def _last_step(self, feed: Feed, metric: str, where: Sequence[Filter]) -> Period | None:
        """The last day, or the month where days are folded, with any amount."""
        within = self._ledger.query.days(feed)
        if within is None:
            return None
        last: Period | None = None
        for grain in _COARSE_TO_FINE:
            edges = (last or within).edges(grain)
            try:
                groups = self._ledger.totals(feed, metric, edges, where=where)
            except KeptByMonth:
                break
            matching = [step for at, step in enumerate(pairwise(edges)) if groups and any(groups.column(at))]
            if not matching:
                return None
            last = Period(start=matching[-1][0], end=matching[-1][1])
        return last

    def knows_credits(self) -> bool:
        """Whether any charge in scope is a credit or a refund."""
        feeds = [feed for _, feeds in self.sources() for feed in feeds]
        return any("credit" in self._ledger.query.labels(feed, "x_Credit") for feed in feeds)

    def sees(self, source: str) -> bool:
        """Whether anything of the source may be seen."""
        return self._scope.sees(source)

    def covered(self, feed: Feed) -> Period | None:
        """The days that the feed was told of."""
        return self._ledger.covered(feed)

    def sees_all(self, about: Scope) -> bool:
        """Whether all that a budget or a digest is about may be seen.

        What names its sources is about those; else what names accounts, services and the like is about the sources that
        know them, and what names nothing is about everything.
        """
        if about.sources is None:
            holding = self._holding(about.where)
            about = about if holding is None else about.within(Scope(sources=holding))
        return self._scope.covers(about)

    def _holding(self, where: Sequence[Filter]) -> tuple[str, ...] | None:
        """The sources that may have charges which pass; None where nothing is named, or nobody knows what is."""
        named = [condition for condition in where if not condition.exclude]
        if not named:
            return None
        found = {
            feed.source
            for feed in self._ledger.feeds()
            if all(
                set(condition.values) & set(self._ledger.query.labels(feed, condition.dimension)) for condition in named
            )
        }
        return tuple(sorted(found)) or None

    def unknown_columns(self, feed: Feed, period: Period) -> frozenset[str]:
        """What usage of those days does not tell in a feed, as ``Query.unknown_columns``."""
        return self._ledger.query.unknown_columns(feed, period)

    def touched(self, question: Question) -> dict[str, str]:
        """The sources that a question is about, each with its vendor's name."""
        where = self._where(question)
        return {
            source: next(iter(self._ledger.query.labels(feeds[0], "ServiceProviderName")), source)
            for source, feeds in self.sources()
            if self._touches(feeds, where)
        }

    def restated(self) -> list[Restated | MoreRestated]:
        """Which days vendors told differently of late, for who may see all of them."""
        if self._scope.where:
            return []
        return list(data_quality.restated(self._ledger, self.today, self._scope))

    def request_plan(self) -> PaidRequestsPlanned | None:
        """What paid requests have cost and will cost this month; None for who sees a part, or where none is paid."""
        at = max((fresh.synced for fresh in self._fresh.values()), default=None)
        whole = self._sees_all and self._scope.sources is None  # the plan is of all sources together
        plan = month_plan(self._ledger.memory, self._ledger.requests, at) if at and whole else None
        return PaidRequestsPlanned(plan.spent, plan.ceiling, plan.expected, plan.last_day) if plan else None

    def missing_views(self) -> list[ViewMissing]:
        """What optional views of the sources in scope could not bring, once each."""
        notes = ((source, note) for source in self._touched() for note in notes_of(self._ledger.memory, source))
        return list(dict.fromkeys(ViewMissing(source, note.view, note.message) for source, note in notes))

    def settling(self, source: str, unit: str) -> Mapping[int, float]:
        """By what factor the days of the source's whole bill still grow, by age; nothing for who sees a part of it."""
        if not self._sees_all:
            return {}
        if source not in self._settling:
            bill, fresh = dict(self.sources())[source][0], self._fresh.get(source)
            factors = data_quality.settling(self._ledger, bill, fresh.synced) if fresh else {}
            self._settling[source] = factors
        return self._settling[source].get(unit, {})

    def freshness(self) -> list[Freshness]:
        """How current every source in scope is."""
        return [self._fresh[source] for source in self._touched() if source in self._fresh]

    def undated(self) -> list[str]:
        """The sources in scope that nothing is known of but their charges."""
        return [source for source in self._touched() if source not in self._fresh]

    def _touched(self) -> list[str]:
        """The sources in scope; one that the scope's filters leave nothing of is not even named."""
        return [source for source, feeds in self.sources() if self._touches(feeds, self._scope.where)]

    def currencies(self, feeds: Iterable[Feed]) -> list[str]:
        """The currencies that the feeds bill in."""
        return sorted({label for feed in feeds for label in self._ledger.query.labels(feed, "BillingCurrency")})

    def first_day(self) -> date | None:
        """The first day with charges in scope that is told by itself."""
        days = [days.start for _, feeds in self.sources() for feed in feeds if (days := self._ledger.covered(feed))]
        first, detailed = min(days, default=None), self._ledger.detail_from()
        return max(first, detailed) if first and detailed else first

    def _touches(self, feeds: Sequence[Feed], where: Sequence[Filter]) -> bool:
        """Whether any charge of the source could pass the filters, as far as its feeds can tell."""
        alike: dict[str, list[Filter]] = {}
        for condition in where:
            alike.setdefault(condition.dimension, []).append(condition)
        return all(self._passing(feeds, tuple(filters)) for filters in alike.values())

    def _passing(self, feeds: Sequence[Feed], alike: tuple[Filter, ...]) -> bool:
        known = (feeds[0].source, alike)
        if known not in self._passes:
            self._passes[known] = self._could_pass(feeds, alike)
        return self._passes[known]

    def _could_pass(self, feeds: Sequence[Feed], alike: tuple[Filter, ...]) -> bool:
        """Whether a value of the dimension that all these filters are on passes every one of them."""
        dimension = alike[0].dimension
        if dimension == "ResourceId" or dimension in IN_EVERY_FEED:
            return True
        able = choose(feeds, [dimension])
        if able is None:
            return True
        values = self._ledger.query.labels(able, dimension)
        return any(all((value in condition.values) != condition.exclude for condition in alike) for value in values)

    def tag_keys(self) -> list[str]:
        """Every tag key that a source in scope knows, in order."""
        feeds = [feed for _, feeds in self.sources() for feed in feeds]
        return sorted({key for feed in feeds for key in self._ledger.query.tag_keys(feed)})

    def _where(self, question: Question) -> tuple[Filter, ...]:
        return (*map(self._spelled, question.where), *_CHARGES[question.charges], *self._scope.where)

    def _spelled(self, condition: Filter) -> Filter:
        """The filter with all spellings of its values."""
        if condition.dimension not in JOINED:
            return condition
        wanted = {folded(condition.dimension, value) for value in condition.values}
        others = [one for one in self._values(condition.dimension) if folded(condition.dimension, one) in wanted]
        more = tuple(one for one in others if one not in condition.values)
        return condition.model_copy(update={"values": (*condition.values, *more)}) if more else condition

    def values_of(self, dimension: str) -> tuple[str, ...]:
        """Every value of a dimension that the sources in scope know."""
        return self._values(dimension)

    def _values(self, dimension: str) -> tuple[str, ...]:
        """Every value of a dimension in all feeds of all sources in scope that tell it."""
        if dimension not in self._known:
            wanted = [dimension, *(condition.dimension for condition in self._scope.where)]
            feeds = [feed for _, feeds in self.sources() for feed in feeds if not feed.missing(wanted)]
            self._known[dimension] = tuple(sorted({value for feed in feeds for value in self._seen(feed, dimension)}))
        return self._known[dimension]

    def _seen(self, feed: Feed, dimension: str) -> Sequence[str]:
        """The values of a dimension in a feed, as far as the scope sees charges of theirs."""
        if not self._scope.where:
            return self._ledger.query.labels(feed, dimension)
        days = self._ledger.query.days(feed)
        if days is None:
            return ()
        edges = [days.start, days.end]
        groups = self._ledger.totals(feed, "BilledCost", edges, by=[dimension], where=self._scope.where)
        return groups.names(0) if len(groups) else ()

    def _names(self, dimension: str) -> Mapping[str, str]:
        """What the spellings of a dimension's values are told by, where a value has several."""
        if dimension not in JOINED:
            return {}
        return {spelling: first for first, *rest in same(dimension, self._values(dimension)) for spelling in rest}

    def joined(self, question: Question) -> list[Joined]:
        """What is spelled in several ways among the values that are told apart or filtered by."""
        split = dict.fromkeys(name for name in question.by if name in JOINED)
        wanted = {
            condition.dimension: {folded(condition.dimension, value) for value in condition.values}
            for condition in question.where
        }
        found: list[Joined] = []
        for name in dict.fromkeys([*split, *(name for name in wanted if name in JOINED)]):
            found += [
                Joined(dimension=name, value=spellings[0], spellings=spellings)
                for spellings in same(name, self._values(name))
                if name not in wanted or folded(name, spellings[0]) in wanted[name]
            ]
        return found


# --- spellings: vendors and exports spell a model, a service and a provider differently; the ledger keeps them all ---

JOINED: Final = ("x_Model", "ServiceName", "ServiceProviderName")
"""The dimensions whose values are joined; accounts and tags are what they are called."""
_PROVIDERS: Final = {
    "amazon-web-services": "aws",
    "google-cloud-platform": "google-cloud",
    "gcp": "google-cloud",
    "azure": "microsoft-azure",
}
_RESELLER = re.compile(r"^(?:[a-z]+[./])+(?=[a-z])")
"""Who offers or made it, before the model's own name: ``us.anthropic.``, ``openai/``."""
_REVISION = re.compile(r"-v\d+:\d+$")
_BETWEEN = re.compile(r"[\s_./\-]+")


@lru_cache(maxsize=65_536)
def folded(dimension: str, value: str) -> str:
    """What all spellings of one thing have in common; of dimensions that are not joined the value itself.

    ``Claude Sonnet 5``, ``claude-sonnet-5`` and ``anthropic.claude-sonnet-5-v1:0`` are one model.
    """
    if dimension not in JOINED or not value:
        return value
    spelling = value.casefold().strip()
    if dimension == "x_Model":
        spelling = _REVISION.sub("", _RESELLER.sub("", spelling))
    spelling = _BETWEEN.sub("-", spelling).strip("-")
    return _PROVIDERS.get(spelling, spelling) if dimension == "ServiceProviderName" else spelling


def same(dimension: str, values: Iterable[str]) -> list[tuple[str, ...]]:
    """The values that are spelled in more than one way, all spellings of each together; the one to tell it by first."""
    found: dict[str, set[str]] = {}
    for value in values:
        if value:
            found.setdefault(folded(dimension, value), set()).add(value)
    return [
        tuple(sorted(spellings, key=lambda value: _readable(dimension, value)))
        for spellings in found.values()
        if len(spellings) > 1
    ]


def _readable(dimension: str, value: str) -> tuple[int, int, str]:
    """How well a spelling tells what it is: a model by its id, anything else as it is written in full."""
    if dimension == "x_Model":
        return int(value != value.casefold() or " " in value), len(value), value
    return -len(value), -sum(map(str.isupper, value)), value
