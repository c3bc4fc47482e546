"""Answers of the kind ``credits``: what was granted, what is left, when it runs out; and what was used, by name.

Where the vendor tells what is left, its word is taken; else what a person told (``[[credit]]`` in ``sources.toml``),
less the credits on the bill since then. A grant is of a whole source: who sees or asks for a part of one is told only
what that part used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct, field

from bot.analytics.credits import CreditUse, DeclaredCredit, balances, boundaries, pace, remaining
from bot.answering import vendor_insights
from bot.answering.dispatch import AnswerRequest
from bot.answering.query import Figures, LedgerReader
from bot.answering.vendor_insights import VendorReply
from bot.domain.answers.credits import CreditBalance, CreditGrant, CreditsAnswer
from bot.domain.answers.figures import Line, Total
from bot.domain.answers.gaps import (
    CreditsNotNamed,
    CurrenciesDiffer,
    Gap,
    GapCause,
    GrantsUnknown,
    StaleCredits,
    UnreadableCredits,
    UsesUnknown,
)
from bot.domain.answers.notes import (
    CreditsAreOfWholeSources,
    CreditsUsed,
    DeclaredLessUsed,
    DeclaredNotUsed,
    LeftAsOf,
    NoCreditsLeft,
    Note,
    VendorHasNoCredits,
)
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


class _SourceCredits(Struct):
    """What is known of one source's credits."""

    used: Sequence[Group] = ()
    """By provider and name."""
    grants: tuple[CreditBalance, ...] = ()
    gaps: list[Gap] = field(default_factory=list)
    fresh: list[Freshness] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def answer(request: AnswerRequest) -> CreditsAnswer:
    """The grants of every source that the question touches, and the credits used in its period."""
    question, reader, ledger = request.question, request.reader, request.ledger
    granted = request.settings.declared_credits()
    period = question.period
    if period is None:
        return CreditsAnswer()
    question = question.model_copy(update={"by": ()})
    whole = not reader.scope.where and all(condition.dimension == _PROVIDER for condition in question.where)
    read = [
        _Source(source, vendor, reader.within(Scope(sources=(source,))), ledger).read(
            question, period, [declared for declared in granted if declared.source == source], whole=whole
        )
        for source, vendor in reader.touched(question).items()
    ]
    lines = _lines([group for source in read for group in source.used])
    currencies = sorted({line.currency or "" for line in lines})
    return CreditsAnswer(
        totals=tuple(
            Total(currency=unit, amount=total([line.amount for line in lines if line.currency == unit]))
            for unit in currencies
        ),
        lines=lines,
        balances=tuple(balance for source in read for balance in source.grants),
        as_of=tuple(fresh for source in read for fresh in source.fresh),
        gaps=(*(gap for source in read for gap in source.gaps), *reader.silent(question.where)),
        notes=(
            *(note for source in read for note in source.notes),
            *((CreditsUsed(lines),) if lines and any(source.grants for source in read) else ()),
            *(() if whole else (CreditsAreOfWholeSources(),)),
        ),
    )


def _lines(used: Sequence[Group]) -> tuple[Line, ...]:
    """What was used by provider and name, over all sources; the most first."""
    amounts: dict[tuple[tuple[str, ...], str], list[Decimal]] = {}
    for group in used:
        amounts.setdefault((group.key, group.unit), []).append(group.amounts[0])
    lines = (
        Line(key=dict(zip((_PROVIDER, _NAME), key, strict=True)), currency=unit, amount=total(found))
        for (key, unit), found in amounts.items()
    )
    return tuple(sorted(lines, key=lambda line: (line.currency, line.amount, *line.key.values())))


class _Source(Struct, frozen=True):
    source: str
    vendor: str
    reader: LedgerReader
    """Of this source alone."""
    ledger: Ledger

    @property
    def _through(self) -> date:
        """The last day that the bill has told of, and that is over."""
        return self.reader.data_through_of(Figures(fresh=self.reader.freshness()))

    def read(
        self, question: Question, period: Period, granted: Sequence[DeclaredCredit], *, whole: bool
    ) -> _SourceCredits:
        asked = question.model_copy(update={"kind": "cost", "where": (*question.where, _CREDIT), "charges": "net"})
        figures = self.reader.gather(asked, [period.start, period.end], ())
        feed = self._naming(asked)
        found = _SourceCredits(fresh=self.reader.freshness(), gaps=figures.gaps)
        if feed:
            by = (_PROVIDER, _NAME)
            found.used = self._totals(feed, asked, [period.start, period.end], by)
        if whole:
            self._grants(found, asked, feed, granted)
        return found

    def _naming(self, asked: Question) -> Feed | None:
        """The finest feed that tells credits apart, where there are any: the one that names them, if one does."""
        feeds = [feed for _, feeds in self.reader.sources() for feed in reversed(feeds)]
        wanted = [condition.dimension for condition in (*asked.where, *self.reader.scope.where)]
        feed = choose(feeds, wanted)
        return feed if feed and "Credit" in self.ledger.query.labels(feed, "ChargeCategory") else None

    def _totals(self, feed: Feed, asked: Question, edges: Sequence[date], by: Sequence[str]) -> Sequence[Group]:
        where = (*asked.where, *self.reader.scope.where)
        return self.ledger.totals(feed, "BilledCost", edges, by=by, where=where)

    def _grants(
        self, found: _SourceCredits, asked: Question, feed: Feed | None, granted: Sequence[DeclaredCredit]
    ) -> None:
        """What is left by the vendor's word or else by ours, and what is missing of it."""
        own = vendor_insights.credits_left(self.ledger, self.source)
        asked_ = vendor_insights.asked(self.ledger, self.source, "credit")
        reported = bool(own) or (asked_ is not None and not asked_.message)
        if own:
            today = self.reader.today
            grants = [grant for grant in own if grant.left > 0 and (grant.expires or today) >= today]
            found.notes += self._own_word(grants, own[0].reported, typed=bool(granted))
            found.gaps += self._old(own[0].reported, asked_)
        else:
            grants = list(remaining(granted, self._uses(feed, asked, granted)))
            found.notes += self._typed(grants, reported=reported)
            found.gaps += [] if reported and not granted else self._missing(granted, feed, asked_)
        for unit in sorted({grant.currency for grant in grants}):
            mine = (grant for grant in grants if grant.currency == unit)
            found.grants += balances(mine, self.reader.today, pace(self._daily(feed, asked, unit)))

    def _own_word(self, grants: Sequence[CreditGrant], on: date | None, *, typed: bool) -> Iterator[Note]:
        """Whose word it is, and of when."""
        if not grants:
            yield NoCreditsLeft(self.vendor)
        elif on:
            yield LeftAsOf(self.vendor, on)
        if typed:
            yield DeclaredNotUsed(self.vendor)

    def _old(self, on: date | None, refused: VendorReply | None) -> Iterator[Gap]:
        """That the vendor did not say it again when it was asked last, and why."""
        if on and refused and refused.message:
            yield Gap(self.source, StaleCredits(on, refused.message, refused.hint))

    def _typed(self, grants: Sequence[CreditGrant], *, reported: bool) -> Iterator[Note]:
        if reported:
            yield VendorHasNoCredits(self.vendor) if grants else NoCreditsLeft(self.vendor)
        if grants:
            yield DeclaredLessUsed(self.vendor, self._through)

    def _uses(self, feed: Feed | None, asked: Question, granted: Sequence[DeclaredCredit]) -> list[CreditUse]:
        """What was used between the days on which grants begin or end, by name."""
        end = self.reader.today + DAY
        edges = sorted({day for day in boundaries(granted) if day < end} | {end})
        if feed is None or len(edges) == 1:
            return []
        groups = self._totals(feed, asked, edges, (_NAME, _TYPE))
        return [
            CreditUse(start, group.key[0], group.unit, -amount)
            for group in groups
            if group.key[1] not in _EVERYONES
            for (start, _), amount in zip(pairwise(edges), group.amounts, strict=True)
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
        mine = [group.amounts for group in groups if group.unit == currency and group.key[0] not in _EVERYONES]
        return [-total([amounts[n] for amounts in mine]) for n in range(len(days) - 1)]

    def _missing(self, granted: Sequence[DeclaredCredit], feed: Feed | None, refused: VendorReply | None) -> list[Gap]:
        """Why what is left is not known, or may be less."""
        cause = self._unseen(granted, feed) if granted else self._unknown(feed, refused)
        return [Gap(self.source, cause)] if cause else []

    def _unknown(self, feed: Feed | None, refused: VendorReply | None) -> GapCause | None:
        if refused:
            return UnreadableCredits(refused.message, refused.hint)
        if feed is None and self.vendor not in BEFORE_CREDITS:
            return None
        return GrantsUnknown(named=feed is not None)

    def _unseen(self, granted: Sequence[DeclaredCredit], feed: Feed | None) -> GapCause | None:
        """What may have been used of the grants that the ledger does not know of."""
        first, days = min(declared.start for declared in granted), self.ledger.covered(feed) if feed else None
        billed = self.ledger.query.labels(feed, "BillingCurrency") if feed else []
        if days and days.start > first:
            return UsesUnknown(days.start, first)
        if billed and (other := sorted({declared.amount.currency for declared in granted} - set(billed))):
            return CurrenciesDiffer(tuple(billed), tuple(other))
        return CreditsNotNamed() if feed is None and self.vendor in BEFORE_CREDITS else None
