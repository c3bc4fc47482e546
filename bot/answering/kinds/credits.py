"""Answers of the kind ``credits``: what was granted, what is left, when it runs out; and what was used, by name.

Where the vendor tells what is left, its word is taken; else what a person told (``[[credit]]`` in ``sources.toml``),
less the credits on the bill since then. A grant is of a whole source: who sees or asks for a part of one is told only
what that part used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise

from bot import render
from bot.analytics.credits import Grant, Granted, Outlook, Use, boundaries, outlooks, pace, remaining
from bot.answering import vendor_insights
from bot.answering.query import Figures, Reader
from bot.domain.answer import Answer, Gap, Line, Total
from bot.domain.feed import BEFORE_CREDITS, Feed, Freshness, choose
from bot.domain.money import total
from bot.domain.period import DAY, Period
from bot.domain.question import Filter, Question
from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.ledger.result import Group

_PROVIDER, _NAME, _TYPE = "ServiceProviderName", "ChargeDescription", "x_CreditType"
_CREDIT = Filter(dimension="ChargeCategory", values=("Credit",))
_EVERYONES = frozenset(("FREE_TIER", "SUBSCRIPTION_BENEFIT"))
"""Types of Google's credits that everybody has, and that are taken from no grant."""
_LATELY = DAY * 61
_TELL = "Tell it in sources.toml: [[credit]] with source, amount, start and, if it ends, expires."
_WHOLE = "Credits are granted to a whole source; of a part of one only what it used is told."
_NOT_NAMED = "its bill need not name credits, so neither those granted nor those used are known"


@dataclass
class _Told:
    """What is known of one source's credits."""

    used: Sequence[Group] = ()
    """By provider and name."""
    grants: tuple[Outlook, ...] = ()
    gaps: list[Gap] = field(default_factory=list)
    fresh: list[Freshness] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def answer(question: Question, reader: Reader, ledger: Ledger, granted: Sequence[Granted]) -> Answer:
    """The grants of every source that the question touches, and the credits used in its period."""
    period = question.period
    if period is None:
        return Answer()
    question = question.model_copy(update={"by": ()})
    whole = not reader.scope.where and all(each.dimension == _PROVIDER for each in question.where)
    told = [
        _Source(source, vendor, reader.within(Scope(sources=(source,))), ledger).told(
            question, period, [each for each in granted if each.source == source], whole=whole
        )
        for source, vendor in reader.touched(question).items()
    ]
    lines = _lines([group for each in told for group in each.used])
    currencies = sorted({each.currency or "" for each in lines})
    return Answer(
        totals=tuple(
            Total(currency=unit, amount=total([each.amount for each in lines if each.currency == unit]))
            for unit in currencies
        ),
        lines=lines,
        values=tuple(outlook.as_json() for each in told for outlook in each.grants),
        as_of=tuple(fresh for each in told for fresh in each.fresh),
        gaps=(*(gap for each in told for gap in each.gaps), *reader.silent(question.where)),
        notes=(
            *(note for each in told for note in each.notes),
            *_used(lines if any(each.grants for each in told) else ()),
            *(() if whole else (_WHOLE,)),
        ),
    )


def _lines(used: Sequence[Group]) -> tuple[Line, ...]:
    """What was used by provider and name, over all sources; the most first."""
    amounts: dict[tuple[tuple[str, ...], str], list[Decimal]] = {}
    for each in used:
        amounts.setdefault((each.key, each.unit), []).append(each.amounts[0])
    lines = (
        Line(key=dict(zip((_PROVIDER, _NAME), key, strict=True)), currency=unit, amount=total(found))
        for (key, unit), found in amounts.items()
    )
    return tuple(sorted(lines, key=lambda each: (each.currency, each.amount, *each.key.values())))


def _used(lines: Sequence[Line]) -> Iterator[str]:
    """What was used by name, where the table is of what is left."""
    if lines:
        told = [
            f"{each.key[_NAME] or each.key[_PROVIDER]} {render.money(-each.amount, each.currency or 'USD')}"
            for each in lines
        ]
        yield f"Used: {render.listed(told, most=5)}."


@dataclass(frozen=True)
class _Source:
    source: str
    vendor: str
    reader: Reader
    """Of this source alone."""
    ledger: Ledger

    @property
    def _through(self) -> date:
        """The last day that the bill has told of, and that is over."""
        return self.reader.told_through(Figures(fresh=self.reader.freshness()))

    def told(self, question: Question, period: Period, granted: Sequence[Granted], *, whole: bool) -> _Told:
        asked = question.model_copy(update={"kind": "cost", "where": (*question.where, _CREDIT), "charges": "net"})
        figures = self.reader.gather(asked, [period.start, period.end], ())
        feed = self._naming(asked)
        found = _Told(fresh=self.reader.freshness(), gaps=figures.gaps)
        if feed:
            by = (_PROVIDER, _NAME)
            found.used = self._totals(feed, asked, [period.start, period.end], by)
        if whole:
            self._grants(found, asked, feed, granted)
        return found

    def _naming(self, asked: Question) -> Feed | None:
        """The finest feed that tells credits apart, where there are any: the one that names them, if one does."""
        feeds = [feed for _, feeds in self.reader.sources() for feed in reversed(feeds)]
        wanted = [each.dimension for each in (*asked.where, *self.reader.scope.where)]
        feed = choose(feeds, wanted)
        return feed if feed and "Credit" in self.ledger.query.labels(feed, "ChargeCategory") else None

    def _totals(self, feed: Feed, asked: Question, edges: Sequence[date], by: Sequence[str]) -> Sequence[Group]:
        where = (*asked.where, *self.reader.scope.where)
        return self.ledger.totals(feed, "BilledCost", edges, by=by, where=where)

    def _grants(self, found: _Told, asked: Question, feed: Feed | None, granted: Sequence[Granted]) -> None:
        """What is left by the vendor's word or else by ours, and what is missing of it."""
        own = vendor_insights.credits_left(self.ledger, self.source)
        asked_ = vendor_insights.asked(self.ledger, self.source, "credit")
        told = bool(own) or (asked_ is not None and not asked_.what)
        if own:
            today = self.reader.today
            grants = [each for each in own if each.left > 0 and (each.expires or today) >= today]
            found.notes += self._own_word(grants, own[0].told, typed=bool(granted))
            found.gaps += self._old(own[0].told, asked_)
        else:
            grants = list(remaining(granted, self._uses(feed, asked, granted)))
            found.notes += self._typed(grants, told=told)
            found.gaps += [] if told and not granted else self._missing(granted, feed, asked_)
        for unit in sorted({each.currency for each in grants}):
            mine = (each for each in grants if each.currency == unit)
            found.grants += outlooks(mine, self.reader.today, pace(self._daily(feed, asked, unit)))

    def _own_word(self, grants: Sequence[Grant], on: date | None, *, typed: bool) -> Iterator[str]:
        """Whose word it is, and of when."""
        if not grants:
            yield f"{self.vendor} says that no credits are left."
        elif on:
            yield f"{self.vendor} told what is left on {render.day(on)}; what this month has used is its estimate."
        if typed:
            yield f"{self.vendor} itself tells what is left; sources.toml is not used for it."

    def _old(self, on: date | None, refused: Gap | None) -> Iterator[Gap]:
        """That the vendor did not say it again when it was asked last, and why."""
        if on and refused and refused.what:
            what = f"its credits left are those of {render.day(on)}, and cannot be read since: {refused.what}"
            yield Gap(source=self.source, what=what.rstrip("."), hint=refused.hint)

    def _typed(self, grants: Sequence[Grant], *, told: bool) -> Iterator[str]:
        if told:
            yield f"{self.vendor} {'tells of no credits' if grants else 'says that no credits are left'}."
        if grants:
            through = render.day(self._through)
            yield f"{self.vendor}: what sources.toml says was granted, less the credits on the bill through {through}."

    def _uses(self, feed: Feed | None, asked: Question, granted: Sequence[Granted]) -> list[Use]:
        """What was used between the days on which grants begin or end, by name."""
        end = self.reader.today + DAY
        edges = sorted({day for day in boundaries(granted) if day < end} | {end})
        if feed is None or len(edges) == 1:
            return []
        groups = self._totals(feed, asked, edges, (_NAME, _TYPE))
        return [
            Use(start, each.key[0], each.unit, -amount)
            for each in groups
            if each.key[1] not in _EVERYONES
            for (start, _), amount in zip(pairwise(edges), each.amounts, strict=True)
            if amount
        ]

    def _daily(self, feed: Feed | None, asked: Question, currency: str) -> list[Decimal]:
        """What was used of grants on each of the last two months' days that are told; none where no bill tells it."""
        if feed is None and self.vendor in BEFORE_CREDITS:
            return []
        end = self._through + DAY
        start = max(end - _LATELY, self.reader.first_day() or end)
        if start >= end:
            return []
        days = Period(start=start, end=end).edges("day")
        groups = self._totals(feed, asked, days, (_TYPE,)) if feed else ()
        mine = [each.amounts for each in groups if each.unit == currency and each.key[0] not in _EVERYONES]
        return [-total([each[n] for each in mine]) for n in range(len(days) - 1)]

    def _missing(self, granted: Sequence[Granted], feed: Feed | None, refused: Gap | None) -> list[Gap]:
        """Why what is left is not known, or may be less."""
        if granted:
            return self._unseen(granted, feed)
        if refused:
            what = f"its credits left cannot be read: {refused.what.rstrip('.')}"
            return [Gap(source=self.source, what=what, hint=refused.hint)]
        if feed is None and self.vendor not in BEFORE_CREDITS:
            return []
        what = "what was granted is not known, only what is used" if feed else _NOT_NAMED
        return [Gap(source=self.source, what=what, hint=_TELL)]

    def _unseen(self, granted: Sequence[Granted], feed: Feed | None) -> list[Gap]:
        """What may have been used of the grants that the ledger does not know of."""
        first, days = min(each.start for each in granted), self.ledger.covered(feed) if feed else None
        billed = self.ledger.query.labels(feed, "BillingCurrency") if feed else []
        if days and days.start > first:
            known, used = (render.day(each, year=True) for each in (days.start, first))
            what = f"no data before {known}, and credits may have been used since {used}"
        elif billed and (other := sorted({each.amount.currency for each in granted} - set(billed))):
            what = f"its bill is in {' and '.join(billed)}, so nothing is taken from a grant in {' and '.join(other)}"
        elif feed is None and self.vendor in BEFORE_CREDITS:
            what = _NOT_NAMED
        else:
            return []
        return [Gap(source=self.source, what=what, hint="What is left may be less than told here.")]
