"""A month in review: some ten facts, each the answer to a question of its own, the most money first.

A fact holds its question with its answer, so that its figures are those of the question to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from bot.answering.ports import Answers
from bot.digests.content import Detail, DigestContent, DigestContext
from bot.digests.model import Digest
from bot.digests.period import times
from bot.domain.answers import (
    AnomaliesAnswer,
    Answer,
    BudgetsAnswer,
    CostAnswer,
    CreditsAnswer,
    ExplainAnswer,
    SavingsAnswer,
)
from bot.domain.errors import CostError
from bot.domain.period import DAY, Period, add_months, month_of
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING, Scope

NAME = "review"
_MOST = 10


def review(answers: Answers, month: date, today: date, scope: Scope = EVERYTHING) -> DigestContent:
    """The review of the month around a day, as far as whoever reads it may see; of the current one, what there is.

    Raises:
        Unavailable: there are no bills yet.
    """
    after = month_of(month).end
    context = DigestContext(answers, scope, times("month", after))
    digest = Digest(name=NAME, channel="here", cron="0 9 1 * *", review=True)
    return DigestContent(
        digest=digest,
        period=f"{month_of(month).start:%Y-%m}",
        times=context.times,
        details=review_details(context, today),
    )


def review_details(context: DigestContext, today: date) -> tuple[Detail, ...]:
    """The facts of the context's month, the total first and then the most money first."""
    found: list[tuple[Decimal, Detail]] = []
    for name, question in _questions(context, today):
        try:
            result = context.answers.answer(question, scope=context.scope, today=today)
        except CostError as error:
            found.append((Decimal(0), Detail(name, why=str(error))))
            continue
        size = money_of(question, result.answer)
        if size:
            found.append((size, Detail(name, result)))
    first, rest = found[:1], sorted(found[1:], key=lambda fact: -fact[0])
    return tuple(detail for _, detail in (*first, *rest)[:_MOST])


def _questions(context: DigestContext, today: date) -> Iterator[tuple[str, Question]]:
    """What is asked of the month: so far, where it is not over."""
    month = context.times.period
    days = Period(start=month.start, end=min(month.end, today + DAY)) if today >= month.start else month
    before = Period(start=add_months(days.start, -1), end=min(days.start, add_months(days.start, -1) + DAY * days.days))
    before = before if days.end < month.end else Period(start=add_months(month.start, -1), end=month.start)
    year = Period(start=add_months(days.start, -12), end=add_months(days.end, -12))
    by_service = Question(period=days, against=before, by=("ServiceName",), order="change")
    yield "In total", Question(period=days)
    yield "Against the month before", Question(period=days, against=before)
    yield "Against the year before", Question(period=days, against=year)
    yield "Why it changed", Question(kind="explain", period=days, against=before)
    yield "Budgets", Question(kind="budgets", period=days)
    yield "New services", by_service.model_copy(update={"only": "new"})
    yield "Services that are gone", by_service.model_copy(update={"only": "gone"})
    yield "Unusual costs", Question(kind="anomalies", period=days)
    yield "Savings and commitments", Question(kind="savings", period=days)
    yield "Credits and refunds", Question(period=days, charges="credits")
    final = min((fresh.final_through or date.min for fresh in context.fresh()), default=date.min)
    if final < days.last:
        yield "Still provisional", Question(period=Period(start=max(days.start, final + DAY), end=days.end))


def money_of(question: Question, answer: Answer) -> Decimal:
    """How much money an answer is about, in its largest currency; zero where it says nothing."""
    return max(_sizes(question, answer), default=Decimal(0))


def _sizes(question: Question, answer: Answer) -> Iterator[Decimal]:
    match answer:
        case CostAnswer() if question.only:
            yield from (abs(line.amount - (line.against or 0)) for line in answer.lines if not line.other)
        case CostAnswer() if question.against:
            yield from (abs(total.amount - total.against) for total in answer.totals if total.against)
        case CostAnswer() | CreditsAnswer():
            yield from (abs(total.amount) for total in answer.totals)
        case ExplainAnswer():
            yield from (abs(driver.change) for driver in answer.drivers if None not in driver.key.values())
        case BudgetsAnswer():
            yield from (abs(status.over_by or status.left) for status in answer.budgets)
        case AnomaliesAnswer():
            yield from (abs(anomaly.total) for anomaly in answer.anomalies)
        case SavingsAnswer():
            yield from (abs(saved.total) for saved in answer.savings)
        case _:
            return
