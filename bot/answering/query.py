"""Figures from the ledger for a question's parts: one feed a source, chosen by grain, gaps said."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from bot.answering import data_quality
from bot.answering.data_quality import early, late, missing_dimensions
from bot.answering.live_query import Counter, grouped
from bot.answering.scoped_sources import IN_EVERY_FEED, ScopedSources
from bot.domain.answers.gaps import DaysFolded, Gap, GapCause, LiveOffer, LiveQueryFailed
from bot.domain.answers.notes import (
    FeedsDisagree,
    LiveDisagrees,
    ViewMissing,
)
from bot.domain.charge import TELLING, UNKNOWN_COSTS
from bot.domain.errors import KeptByMonth
from bot.domain.feed import WAREHOUSE, Feed, Freshness, choose
from bot.domain.live_query import LiveQuery
from bot.domain.money import total
from bot.domain.period import DAY, Period
from bot.domain.question import Filter, Question
from bot.domain.scope import EVERYTHING, Scope
from bot.ledger import Ledger
from bot.ledger.result import Group, Groups, joined, renamed

if TYPE_CHECKING:
    from bot.ledger.query import Courses


_PRICES = frozenset({"ListCost", "ContractedCost"})
_JOINING = ("cost", "values")
"""Kinds of questions whose breakdowns add up what is spelled in several ways."""


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
        own = set(self.question.by) - IN_EVERY_FEED
        return self.metric != "ConsumedQuantity" and set(self.by) <= own

    @property
    def measures(self) -> bool:
        """Whether quantities, or the units they are told in, are asked for."""
        return self.metric == "ConsumedQuantity" or "ConsumedUnit" in self.by

    def wanted(self, *, daily: bool) -> LiveQuery:
        """What to ask a vendor for: always the question's own breakdown, so that it is asked once."""
        return LiveQuery(self.question.by, self.where, Period(start=self.edges[0], end=self.edges[-1]), daily)


class LedgerReader(ScopedSources):
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
        super().__init__(ledger, scope, today, expected or {})
        self._counter, self._daily = counter, daily

    def within(self, scope: Scope) -> LedgerReader:
        """The same, narrowed further."""
        if scope == EVERYTHING:
            return self
        narrowed = LedgerReader(
            self._ledger,
            self._scope.within(scope),
            self.today,
            self._counter,
            daily=self._daily,
            expected=self._expected,
        )
        narrowed._settling, narrowed._sees_all = self._settling, self._sees_all
        return narrowed

    def offline(self) -> LedgerReader:
        """The same, asking no vendor anything."""
        reader: LedgerReader = copy(self)
        reader._counter = None
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
            feed = self._measuring(feeds, needed, asked.question.unit) if asked.measures else choose(feeds, needed)
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

    def _measuring(self, feeds: Sequence[Feed], needed: Collection[str], unit: str | None) -> Feed | None:
        """The first feed that covers the dimensions and tells quantities, in the unit asked for where one does.

        Without any, the first that covers them.
        """
        units = {feed: self._ledger.query.labels(feed, "ConsumedUnit") for feed in feeds}
        of_unit = [feed for feed in feeds if unit in units[feed]]
        measuring = [feed for feed in feeds if any(units[feed])]
        return choose(of_unit, needed) or choose(measuring, needed) or choose(feeds, needed)

    def _read(self, figures: Figures, asked: _Sum, feed: Feed) -> None:
        """Add what the feed says, and how fresh it is."""
        try:
            groups = self._ledger.totals(
                feed, asked.metric, asked.edges, by=asked.by, where=asked.where, only=asked.only
            )
        except KeptByMonth as folded:
            figures.gaps.append(Gap(feed.source, DaysFolded(folded.day)))
            return
        figures.feeds.append(feed)
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
            try:
                series = self._ledger.query.courses(feed, question.metric, edges, by=by, where=where, only=only)
            except KeptByMonth as folded:
                figures.gaps.append(Gap(source, DaysFolded(folded.day)))
                continue
            figures.feeds.append(feed)
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

    @staticmethod
    def _needed(question: Question, by: Sequence[str], where: Sequence[Filter]) -> set[str]:
        """Every dimension that a feed must tell apart for this."""
        needed = {*by, *(condition.dimension for condition in where)} - IN_EVERY_FEED
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
        figures.doubts += self._disagreements(self._counter, asked, bill, answered)
        figures.feeds.append(bill)
        begun = early(bill.source, result.days, wanted.days)
        figures.gaps += [begun] if begun else []
        self._note(figures, self._fresh.get(bill.source), synced=result.at, feed="asked just now")
        return None

    def _disagreements(
        self, counter: Counter, asked: _Sum, bill: Feed, answered: Sequence[Group]
    ) -> Sequence[LiveDisagrees]:
        """Where what the vendor says adds up to something else than the ledger has.

        Where the ledger cannot filter as asked, both are compared without those filters.
        """
        kept = [one for one in asked.where if one.dimension in IN_EVERY_FEED or not bill.missing([one.dimension])]
        if len(kept) < len(asked.where):
            control = self._control(asked, bill)
            result = counter.result(bill.source, control) if control else None
            if result is None or result.error is not None:
                return []
            groups = grouped(result.charges, asked.metric, asked.edges, ())
            answered = [Group(key, unit, tuple(map(total, steps)), 0) for (key, unit), steps in groups.items()]
        totals = self._ledger.totals(bill, asked.metric, asked.edges, where=kept)
        whole = len(kept) == len(asked.where)
        return data_quality.live_disagreements(bill.source, answered, totals, whole=whole)

    def _control(self, asked: _Sum, bill: Feed) -> LiveQuery | None:
        """The same without the filters that the ledger cannot check; None where there are none, or nobody may see it.

        Only of a warehouse: of a vendor that bills by the request it would be a second paid one.
        """
        rare = set(bill.missing({one.dimension for one in asked.where} - IN_EVERY_FEED))
        if bill.name != WAREHOUSE or not rare or any(one.dimension in rare for one in self._scope.where):
            return None
        where = tuple(one for one in asked.where if one.dimension not in rare)
        return LiveQuery((), where, Period(start=asked.edges[0], end=asked.edges[-1]), self._daily)

    def _offer(self, counter: Counter, asked: _Sum, wanted: LiveQuery, bill: Feed) -> LiveOffer | None:
        """The live request that would fill the gap, with its price."""
        control = self._control(asked, bill)
        queries = [wanted, control] if control else [wanted]
        price = counter.offer(bill.source, queries, times=2 if asked.question.against else 1)
        if price is None:
            return None
        vendor = next(iter(self._ledger.query.labels(bill, "ServiceProviderName")), bill.source)
        return LiveOffer(vendor, price)

    def known_part(self, question: Question, feed: Feed, edges: Sequence[date], metric: str) -> Decimal | None:
        """For what part of the usage a feed tells a price, from 0 to 1; None where that is not noted by the charge.

        Where several currencies are billed, the least of their parts.
        """
        days = Period(start=edges[0], end=edges[-1])
        if feed.missing(["ChargeCategory"]) or not self._ledger.query.notes_unknown(feed, metric, days):
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

    def data_through_of(self, figures: Figures) -> date:
        """The last day that every source used has told of, and that is over."""
        through = [fresh.data_through for fresh in figures.fresh if fresh.data_through]
        return min([*through, self.today - DAY])

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
