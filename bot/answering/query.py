"""Figures from the ledger for a question's parts: one feed a source, chosen by grain, gaps said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import combinations, groupby
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from bot.answering import data_quality
from bot.answering.coverage import early, late, missing_dimensions
from bot.answering.live_query import Counter, grouped
from bot.answering.sources import silent
from bot.domain.answers.gaps import Gap, GapCause, LiveOffer, LiveQueryFailed
from bot.domain.answers.notes import (
    FeedsDisagree,
    LiveDisagrees,
    MoreRestated,
    PaidRequestsPlanned,
    Restated,
    ViewMissing,
)
from bot.domain.charge import TELLING, UNKNOWN_COSTS
from bot.domain.feed import Feed, Freshness, choose
from bot.domain.live_query import LiveQuery
from bot.domain.money import total
from bot.domain.parts import Joined
from bot.domain.period import DAY, Period
from bot.domain.question import Charges, Filter, Question
from bot.domain.scope import EVERYTHING, Scope
from bot.domain.spellings import JOINED, folded, same
from bot.ledger import Ledger
from bot.ledger.month_plan import month_plan
from bot.ledger.notes import notes_of
from bot.ledger.result import Group, Groups, joined, renamed

if TYPE_CHECKING:
    from bot.ledger.query import Courses

_CHARGES: dict[Charges, tuple[Filter, ...]] = {
    "net": (),
    "gross": (Filter(dimension="x_Credit", values=("credit",), exclude=True),),
    "credits": (Filter(dimension="x_Credit", values=("credit",)),),
    "tax": (Filter(dimension="ChargeCategory", values=("Tax",)),),
}


_PRICES = frozenset({"ListCost", "ContractedCost"})
_JOINING = ("cost", "values")
"""Kinds of questions whose breakdowns add up what is spelled in several ways."""
_IN_EVERY_FEED = frozenset({"x_Credit", "ConsumedUnit", "BillingCurrency", "CommitmentDiscountType", UNKNOWN_COSTS})
"""Columns that every charge has, so that no grain names them; a commitment's type is where its status is."""


class Figures(Struct, dict=True):
    """What the ledger says, and what that is based on."""

    groups_by_source: dict[str, Groups] = field(default_factory=dict)
    """What each source says."""
    feeds: list[Feed] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    fresh: list[Freshness] = field(default_factory=list)
    provisional_from: date | None = None
    """The first day that a source used may still restate."""
    estimated: list[str] = field(default_factory=list)
    """Sources whose bill does not tell what was asked for, so that it was split by an estimate."""
    asked: list[str] = field(default_factory=list)
    """Sources that told it when asked for this answer, since no feed of theirs does."""
    doubts: list[FeedsDisagree | LiveDisagrees | ViewMissing] = field(default_factory=list)
    """Feeds that disagree with their source's bill, and views that are missing."""
    copied: list[str] = field(default_factory=list)
    """Sources that do not tell the price asked for, so that what they billed stands in."""
    known_parts: dict[str, Decimal] = field(default_factory=dict)
    """For what part of its usage a source tells it all the same, from 0 to 1."""

    @cached_property
    def groups(self) -> Groups:
        """Equal keys of several sources added up, exactly; to be looked at once all have told."""
        return joined(self.groups_by_source.values())


class _Sum(Struct, frozen=True):
    """What is to be added up: the charges that pass ``where``, between ``edges``, by ``by``."""

    question: Question
    edges: tuple[date, ...]
    by: tuple[str, ...]
    where: tuple[Filter, ...]
    metric: str
    only: Collection[tuple[str, ...]] | None = None

    @property
    def askable(self) -> bool:
        """Whether a vendor that told the question's own breakdown would have told this."""
        own = set(self.question.by) - _IN_EVERY_FEED
        return self.metric != "ConsumedQuantity" and set(self.by) <= own

    @property
    def measures(self) -> bool:
        """Whether quantities, or the units they are told in, are asked for."""
        return self.metric == "ConsumedQuantity" or "ConsumedUnit" in self.by

    def wanted(self, *, daily: bool) -> LiveQuery:
        """What to ask a vendor for: always the question's own breakdown, so that it is asked once."""
        return LiveQuery(self.question.by, self.where, Period(start=self.edges[0], end=self.edges[-1]), daily)


class Reader:
    """Reads one ledger for one scope."""

    def __init__(  # noqa: PLR0913 - everything figures may depend on
        self,
        ledger: Ledger,
        scope: Scope,
        today: date,
        counter: Counter | None = None,
        *,
        daily: bool = False,
        expected: Mapping[str, str] | None = None,
    ) -> None:
        """``counter`` is where vendors are asked what no feed tells: day by day if ``daily``, else by month.

        ``expected`` are the sources that are pulled, each with its provider's name.
        """
        self._expected = expected or {}
        self._ledger, self._scope, self.today = ledger, scope, today
        self._sees_all = not scope.where
        self._counter, self._daily = counter, daily
        self._known: dict[str, tuple[str, ...]] = {}
        self._passes: dict[tuple[str, tuple[Filter, ...]], bool] = {}
        self._settling: dict[str, Mapping[str, Mapping[int, float]]] = {}
        self._fresh = {fresh.source: fresh for fresh in ledger.freshness() if scope.sees(fresh.source)}

    @property
    def scope(self) -> Scope:
        """What may be seen."""
        return self._scope

    def within(self, scope: Scope) -> Reader:
        """The same, narrowed further."""
        if scope == EVERYTHING:
            return self
        narrowed = Reader(
            self._ledger,
            self._scope.within(scope),
            self.today,
            self._counter,
            daily=self._daily,
            expected=self._expected,
        )
        narrowed._settling, narrowed._sees_all = self._settling, self._sees_all
        return narrowed

    def offline(self) -> Reader:
        """The same, asking no vendor anything."""
        reader = copy(self)
        reader._counter = None  # noqa: SLF001 - of its own kind
        return reader

    def gather(
        self,
        question: Question,
        edges: Sequence[date],
        by: Sequence[str] | None = None,
        metric: str | None = None,
        only: Collection[tuple[str, ...]] | None = None,
    ) -> Figures:
        """Amounts between consecutive edges per combination of ``by`` (the question's own by default).

        ``only`` names the combinations wanted, where not all are.
        """
        by = question.by if by is None else tuple(by)
        where = self._where(question)
        asked = _Sum(question, tuple(edges), by, where, metric or question.metric, only)
        figures = Figures()
        for source, feeds in self.sources():
            if not self._touches(feeds, where):
                continue
            needed = self._needed(question, by, where)
            feed = self._measuring(feeds, needed) if asked.measures else choose(feeds, needed)
            figures.doubts += data_quality.missing_views(self._ledger, source, {*needed, asked.metric})
            if feed is not None:
                self._read(figures, asked, feed)
            elif (cause := self._ask(figures, asked, feeds, needed)) is None:
                figures.asked.append(source)
            else:
                figures.gaps.append(Gap(source, cause))
        figures.gaps += self.silent(where)
        if only is None and question.kind in _JOINING:
            names = [self._names(name) for name in by]
            figures.groups_by_source = {
                source: renamed(groups, names) for source, groups in figures.groups_by_source.items()
            }
        return figures

    def _measuring(self, feeds: Sequence[Feed], needed: Collection[str]) -> Feed | None:
        """The first feed that covers the dimensions and tells quantities; without one, the first that covers them."""
        measuring = [feed for feed in feeds if any(self._ledger.query.labels(feed, "ConsumedUnit"))]
        return choose(measuring, needed) or choose(feeds, needed)

    def _read(self, figures: Figures, asked: _Sum, feed: Feed) -> None:
        """Add what the feed says, and how fresh it is."""
        figures.feeds.append(feed)
        groups = self._ledger.totals(feed, asked.metric, asked.edges, by=asked.by, where=asked.where, only=asked.only)
        self._used(figures, feed, asked.edges)
        period = Period(start=asked.edges[0], end=asked.edges[-1])
        if asked.metric in _PRICES and groups and asked.metric in self.unknown_columns(feed, period):
            figures.copied.append(feed.source)
            part = self.known_part(asked.question, feed, (asked.edges[0], asked.edges[-1]), asked.metric)
            if part is not None:
                figures.known_parts[feed.source] = part
            if not groups.amounts.any():  # a price of 0 for everything is one that nobody knows
                groups = self._ledger.totals(feed, "BilledCost", asked.edges, by=asked.by, where=asked.where)
        figures.groups_by_source[feed.source] = groups

    def _used(self, figures: Figures, feed: Feed, edges: Sequence[date]) -> None:
        """Note what a feed's figures rest on."""
        if any(self._ledger.query.labels(feed, "x_Estimate")):
            figures.estimated.append(feed.source)
        period = Period(start=edges[0], end=edges[-1])
        if not self._scope.where and (doubt := data_quality.disagreement(self._ledger, feed, period)):
            figures.doubts.append(doubt)
        self._date(figures, feed.source, feed, period)

    def courses(
        self,
        question: Question,
        edges: Sequence[date],
        by: Sequence[str],
        only: Collection[tuple[str, ...]] | None = None,
    ) -> tuple[list[Courses], Figures]:
        """The same as floats, an array a feed, for statistics over all combinations; figures without groups."""
        figures, where, found = Figures(), self._where(question), []
        for source, feeds in self.sources():
            if not self._touches(feeds, where):
                continue
            needed = self._needed(question, by, where)
            feed = choose(feeds, needed)
            if feed is None:
                figures.gaps.append(Gap(source, replace(missing_dimensions(feeds, needed), finer_feed=False)))
                continue
            figures.feeds.append(feed)
            series = self._ledger.query.courses(feed, question.metric, edges, by=by, where=where, only=only)
            found += [series] if series is not None else []
            self._used(figures, feed, edges)
        figures.gaps += self.silent(where)
        return found, figures

    def tells(self, question: Question, by: Sequence[str]) -> bool:
        """Whether every source that the question touches tells all of this apart."""
        where = self._where(question)
        needed = self._needed(question, by, where)
        touched = [feeds for _, feeds in self.sources() if self._touches(feeds, where)]
        return all(choose(feeds, needed) is not None for feeds in touched)

    def values_of(self, dimension: str) -> tuple[str, ...]:
        """Every value of a dimension that the sources in scope know."""
        return self._values(dimension)

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

    @staticmethod
    def _needed(question: Question, by: Sequence[str], where: Sequence[Filter]) -> set[str]:
        """Every dimension that a feed must tell apart for this."""
        needed = {*by, *(condition.dimension for condition in where)} - _IN_EVERY_FEED
        return needed | ({"ChargeCategory"} if question.charges != "net" else set())

    def _ask(self, figures: Figures, asked: _Sum, feeds: Sequence[Feed], needed: Collection[str]) -> GapCause | None:
        """Add what the vendor says if it may be asked; else why the gap stays."""
        bill, missing = feeds[0], missing_dimensions(feeds, needed)
        if self._counter is None or not asked.askable:
            return missing
        wanted = asked.wanted(daily=self._daily)
        result = self._counter.result(bill.source, wanted)
        if result is None:
            return replace(missing, offer=self._offer(self._counter, asked, wanted, bill))
        if result.error is not None:
            return LiveQueryFailed(result.error.message, result.error.hint)
        groups = grouped(result.charges, asked.metric, asked.edges, asked.by)
        answered = [
            Group(key, unit, tuple(total(step) for step in steps), sum(map(len, steps)))
            for (key, unit), steps in groups.items()
        ]
        figures.groups_by_source[bill.source] = Groups.of(answered)
        if not bill.missing({condition.dimension for condition in asked.where} - _IN_EVERY_FEED):
            kept = self._ledger.totals(bill, asked.metric, asked.edges, where=asked.where)
            figures.doubts += data_quality.live_disagreements(bill.source, answered, kept)
        figures.feeds.append(bill)
        begun = early(bill.source, result.days, wanted.days)
        figures.gaps += [begun] if begun else []
        self._note(figures, self._fresh.get(bill.source), synced=result.at, feed="asked just now")
        return None

    def _offer(self, counter: Counter, asked: _Sum, wanted: LiveQuery, bill: Feed) -> LiveOffer | None:
        """The live request that would fill the gap, with its price."""
        price = counter.offer(bill.source, wanted, times=2 if asked.question.against else 1)
        if price is None:
            return None
        vendor = next(iter(self._ledger.query.labels(bill, "ServiceProviderName")), bill.source)
        return LiveOffer(vendor, price)

    def sources(self) -> Iterable[tuple[str, list[Feed]]]:
        """Every source in scope, with its feeds."""
        seen = [feed for feed in self._ledger.feeds() if self._scope.sees(feed.source)]
        return [(source, list(feeds)) for source, feeds in groupby(seen, key=lambda feed: feed.source)]

    def silent(self, where: Sequence[Filter] = ()) -> list[Gap]:
        """The sources in scope that are pulled and have told nothing yet."""
        reporting = {source for source, _ in self.sources()}
        expected = {source: name for source, name in self._expected.items() if self._scope.sees(source)}
        return list(silent(expected, reporting, where, self._ledger.memory))

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
        """What usage of those days does not tell in a feed, as ``Query.untold``."""
        return self._ledger.query.untold(feed, period)

    def known_part(self, question: Question, feed: Feed, edges: Sequence[date], metric: str) -> Decimal | None:
        """For what part of the usage a feed tells a price, from 0 to 1; None where that is not noted by the charge.

        Where several currencies are billed, the least of their parts.
        """
        if feed.missing(["ChargeCategory"]):
            return None
        usage = (*self._where(question), Filter(dimension="ChargeCategory", values=("Usage",)))
        costs = [name for name in TELLING if name.endswith("Cost")]
        texts = [", ".join(sorted(some)) for n in range(1, 4) for some in combinations(costs, n) if metric in some]
        without = (*usage, Filter(dimension=UNKNOWN_COSTS, values=tuple(texts)))
        whole, lacking = (
            {row.unit: row.amounts[0] for row in self._ledger.totals(feed, "BilledCost", edges, by=(), where=where)}
            for where in (usage, without)
        )
        parts = [1 - lacking.get(unit, Decimal(0)) / amount for unit, amount in whole.items() if amount > 0]
        return min(parts) if any(lacking.values()) and parts and 0 < min(parts) < 1 else None

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

    def data_through_of(self, figures: Figures) -> date:
        """The last day that every source used has told of, and that is over."""
        through = [fresh.data_through for fresh in figures.fresh if fresh.data_through]
        return min([*through, self.today - DAY])

    def first_day(self) -> date | None:
        """The first day with charges in scope."""
        days = [days.start for _, feeds in self.sources() for feed in feeds if (days := self._ledger.covered(feed))]
        return min(days, default=None)

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
        if dimension == "ResourceId" or dimension in _IN_EVERY_FEED:
            return True
        able = choose(feeds, [dimension])
        if able is None:
            return True
        values = self._ledger.query.labels(able, dimension)
        return any(all((value in condition.values) != condition.exclude for condition in alike) for value in values)

    def _date(self, figures: Figures, source: str, feed: Feed, period: Period) -> None:
        """Note freshness, what is provisional, and days nothing is known of."""
        fresh = self._fresh.get(source)
        covered = self._ledger.covered(feed)
        self._note(figures, fresh, feed=feed.name)
        found = early(source, covered, period), late(self._ledger, source, _through(fresh, covered), period, self.today)
        figures.gaps += [gap for gap in found if gap]

    def _note(self, figures: Figures, fresh: Freshness | None, **more: object) -> None:
        if fresh is None:
            return
        figures.fresh.append(fresh.model_copy(update=more))
        if fresh.final_through is not None:
            moving = fresh.final_through + DAY
            figures.provisional_from = min(figures.provisional_from or moving, moving)


def _through(fresh: Freshness | None, covered: Period | None) -> date | None:
    """The last day that a feed has told of; while the source's first pull is under way, the last that has landed."""
    if fresh is None or fresh.data_through is None:
        return covered.last if covered and fresh is None else None
    return min(fresh.data_through, covered.last) if covered else fresh.data_through
