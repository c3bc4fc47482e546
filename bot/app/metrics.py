"""What an operator watches, in Prometheus's format: questions, latency, age of data, money spent on requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.coordination.exactly_once import DeliveryFailed
from bot.domain.errors import CostError
from bot.domain.labels import KINDS
from bot.domain.question import Question
from bot.ledger.month_plan import month_plan

if TYPE_CHECKING:
    from bot.answering.service import AnswerResult, AnswerService
    from bot.answering.teaching import Sentences, Teaching
    from bot.ledger import Ledger

REGISTRY = CollectorRegistry()
_questions = Counter("spend_questions", "Questions asked.", ["kind", "outcome"], registry=REGISTRY)
_seconds = Histogram(
    "spend_answer_seconds",
    "From words (or a question) to an answer.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    registry=REGISTRY,
)
posts = Counter("spend_posts", "Digests and alerts posted.", ["what", "outcome"], registry=REGISTRY)
_age = Gauge("spend_sync_age_seconds", "Since the source was last synced.", ["source"], registry=REGISTRY)
_behind = Gauge("spend_data_behind_days", "Days the source's data is behind.", ["source"], registry=REGISTRY)
_spending = Gauge("spend_requests_usd", "USD spent on paid requests this month.", registry=REGISTRY)
_planned = Gauge("spend_requests_planned_usd", "USD planned for paid requests to the month's end.", registry=REGISTRY)
_ceiling = Gauge("spend_requests_ceiling_usd", "USD that paid requests may cost a month.", registry=REGISTRY)
_made = Gauge("spend_requests_made", "Requests made to vendors this month.", registry=REGISTRY)

# Failures stand at zero from the start: Prometheus sees no increase in a series that begins at one.
for _kind in (*KINDS, "unread"):
    _questions.labels(_kind, "bug")
for _what in ("digest", "alert"):
    for _outcome in ("posted", "failed", "unsure"):
        posts.labels(_what, _outcome)


def exposition(ledger: Ledger, now: datetime) -> bytes:
    """Every metric, those of the ledger as they are now."""
    today = now.astimezone(UTC).date()
    for fresh in ledger.freshness():
        _age.labels(fresh.source).set((now - fresh.synced).total_seconds())
        if fresh.data_through:
            _behind.labels(fresh.source).set((today - fresh.data_through).days)
    _spending.set(float(ledger.requests.spent(today)))
    plan = month_plan(ledger.memory, ledger.requests, now)
    _planned.set(float(plan.expected) if plan else 0)
    _ceiling.set(float(plan.ceiling) if plan and plan.ceiling is not None else float("inf"))
    _made.set(ledger.requests.made(today))
    return generate_latest(REGISTRY)


_Given = ParamSpec("_Given")


class CountedAnswers:
    """An answer service whose every answer is counted and timed."""

    def __init__(self, service: AnswerService) -> None:
        self._service = service
        self.ask = _asked(service.ask)
        self.answer = _answered(service.answer)
        self.closest = service.closest
        self.sees_all = service.sees_all
        self.reconcile = service.reconcile
        self.today = service.today
        self.console_links = service.console_links

    @property
    def teaching(self) -> Teaching:
        """As ``AnswerService.teaching``."""
        return self._service.teaching

    @property
    def sentences(self) -> Sentences:
        """As ``AnswerService.sentences``."""
        return self._service.sentences


@contextmanager
def posting(what: str) -> Iterator[None]:
    """Counts a message posted in the block as ``posted``, ``failed``, or ``unsure`` where nobody can tell."""
    try:
        yield
    except DeliveryFailed as error:
        posts.labels(what, "failed" if error.sure else "unsure").inc()
        raise
    posts.labels(what, "posted").inc()


def _asked(ask: Callable[_Given, AnswerResult]) -> Callable[_Given, AnswerResult]:
    def counted(*given: _Given.args, **more: _Given.kwargs) -> AnswerResult:
        with _counted() as seen:
            reply = ask(*given, **more)
            seen.append(reply.question.kind)
            return reply

    return counted


def _answered(
    answer: Callable[Concatenate[Question, _Given], AnswerResult],
) -> Callable[Concatenate[Question, _Given], AnswerResult]:
    def counted(question: Question, /, *given: _Given.args, **more: _Given.kwargs) -> AnswerResult:
        with _counted() as seen:
            seen.append(question.kind)
            return answer(question, *given, **more)

    return counted


@contextmanager
def _counted() -> Iterator[list[str]]:
    seen: list[str] = []
    start = time.perf_counter()
    outcome = "bug"
    try:
        yield seen
        outcome = "answered"
    except CostError as error:
        outcome = type(error).__name__
        raise
    finally:
        _seconds.observe(time.perf_counter() - start)
        _questions.labels(seen[0] if seen else "unread", outcome).inc()
