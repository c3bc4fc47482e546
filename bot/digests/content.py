"""What a digest is made of: answers and facts picked from them. ``render.digest`` makes the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from bot.answering.ports import Answers
from bot.answering.service import AnswerResult
from bot.digests.model import Digest
from bot.digests.period import DigestTimes
from bot.domain.answers import Anomaly, BudgetStatus, CostAnswer, Driver, Line, Reconciliation, Total
from bot.domain.conversion import as_asked
from bot.domain.feed import Freshness
from bot.domain.period import Period
from bot.domain.question import Question
from bot.domain.scope import Scope


@dataclass(frozen=True)
class Detail:
    """One question of the digest: its answer, or why there is none."""

    asked: str
    result: AnswerResult | None = None
    why: str = ""


@dataclass(frozen=True)
class Mover:
    """A service that moved, and the driver that made most of it, where one did."""

    line: Line
    cause: Driver | None = None


@dataclass(frozen=True)
class Overview:
    """What the digest's period came to, what moved and why, the month, what is unusual."""

    lead: AnswerResult
    """The period against the one before, by provider."""
    scope: Scope
    """What is compared: without sources that lack the period, where others have it."""
    behind: tuple[Freshness, ...] = ()
    """Sources without data for all of the period."""
    narrowed: bool = False
    """Whether those are left out on both sides of what is compared."""
    silent: bool = False
    """Whether no source has data for the period."""
    averages: tuple[Total, ...] = ()
    """The mean of the periods before; nothing where one of them is not known."""
    month: CostAnswer | None = None
    forecast: AnswerResult | None = None
    movers: tuple[Mover, ...] = ()
    budgets: tuple[BudgetStatus, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    chart: AnswerResult | None = None


@dataclass(frozen=True)
class RestatedTotals:
    """What the last digest said of its period, and what that comes to now."""

    period: Period
    was: Mapping[str, Decimal]
    now: Mapping[str, Decimal]


@dataclass(frozen=True)
class DigestContent:
    """One digest; ``posted_totals`` are what the next one may find restated."""

    digest: Digest
    period: str
    times: DigestTimes
    details: tuple[Detail, ...] = ()
    overview: Overview | None = None
    """None for a digest of questions alone."""
    behind: tuple[Freshness, ...] = ()
    """Sources that the questions touch and that have no data for all of the period, where there is no overview."""
    restated: RestatedTotals | None = None
    skipped: tuple[date, ...] = ()
    """The first days of the periods that no digest was posted for."""
    unknown: tuple[str, ...] = ()
    """Names in its scope that the ledger does not know."""
    invoices: tuple[Reconciliation, ...] = ()
    """The closed month against invoices that no earlier digest has announced."""
    posted_totals: Mapping[str, Any] = field(default_factory=dict)

    @property
    def lead(self) -> AnswerResult | None:
        """The answer that opens it."""
        if self.overview:
            return self.overview.lead
        return next((detail.result for detail in self.details if detail.result), None)


@dataclass(frozen=True)
class DigestContext:
    """What building leans on: who answers, within which scope, about which days."""

    answers: Answers
    scope: Scope
    times: DigestTimes

    def ask(self, question: Question, scope: Scope | None = None) -> AnswerResult:
        """The answer within the scope, as billed; what it comes to in the currency of answers stands beside."""
        return self.answers.answer(question, scope=scope or self.scope, today=self.times.today)

    def costs(self, question: Question, scope: Scope | None = None) -> CostAnswer:
        """The answer to a cost question, in the currency that answers are given in."""
        answer = as_asked(self.ask(question, scope).answer)
        if not isinstance(answer, CostAnswer):
            raise TypeError(question.kind)
        return answer

    def fresh(self) -> tuple[Freshness, ...]:
        """How current each source is that charges in scope can come from."""
        return self.ask(Question(period=self.times.period)).answer.as_of

    def late(self, fresh: Iterable[Freshness] | None = None) -> list[Freshness]:
        """Those without data for all of the digest's days."""
        last = self.times.period.last
        known = self.fresh() if fresh is None else fresh
        return [source for source in known if source.data_through is None or source.data_through < last]
