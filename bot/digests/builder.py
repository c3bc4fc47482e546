"""Builds a digest: asks its questions and picks from the answers. Every figure is an answer's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bot.answering.service import AnswerResult
from bot.digests.content import Detail, DigestContent, DigestContext, Overview, RestatedTotals
from bot.digests.model import Asked, Digest
from bot.digests.period import moved
from bot.digests.summary import overview
from bot.domain.answers import CostAnswer, InvoiceAnswer, Reconciliation
from bot.domain.errors import CostError
from bot.domain.feed import Freshness
from bot.domain.period import Period, add_months, month_of
from bot.domain.question import Question
from bot.domain.scope import Scope

INVOICES = "invoices"
"""Where a posted digest keeps which invoices it announced."""


def late(digest: Digest, context: DigestContext) -> list[Freshness]:
    """The sources of a digest without data for all of its days: those of its scope, or of its questions."""
    if digest.overview:
        return context.late()
    return context.late(_behind(tuple(_detail(asked, context) for asked in digest.questions)))


def _behind(details: Sequence[Detail]) -> list[Freshness]:
    sources = {fresh.source: fresh for detail in details if detail.result for fresh in detail.result.answer.as_of}
    return list(sources.values())


def build(  # noqa: PLR0913 - what a digest depends on
    digest: Digest,
    period: str,
    context: DigestContext,
    *,
    before: Mapping[str, Any] | None = None,
    skipped: Sequence[date] = (),
    unknown: Sequence[str] = (),
    announced: Collection[str] = (),
) -> DigestContent:
    """The digest. ``before`` are the totals that the last one said, ``skipped`` the periods none was posted for.

    ``announced`` are the invoices that earlier ones compared with their month, as ``posted_totals`` have them.
    """
    if digest.review:
        from bot.digests.review import review_details  # it builds digests too

        facts = review_details(context, context.times.today)
        return DigestContent(digest, period, context.times, facts, skipped=tuple(skipped), unknown=tuple(unknown))
    details = tuple(_detail(asked, context) for asked in digest.questions)
    whole = overview(context) if digest.overview else None
    invoices = _invoices(context, announced) if whole else {}
    return DigestContent(
        digest=digest,
        period=period,
        times=context.times,
        details=details or (_usual(context) if digest.overview else ()),
        overview=whole,
        behind=() if whole else tuple(context.late(_behind(details))),
        restated=_restated(before, context),
        skipped=tuple(skipped),
        unknown=tuple(unknown),
        invoices=tuple(invoices.values()),
        posted_totals={**(_posted(whole, context) if whole and not whole.silent else {}), INVOICES: list(invoices)},
    )


def _detail(asked: str | Asked, context: DigestContext) -> Detail:
    try:
        if isinstance(asked, Asked):
            question = moved(asked.question, asked.on, context.times.today)
            result = context.ask(question)
            return Detail(result.read_as, result)
        return Detail(asked, context.answers.ask(asked, today=context.times.today, scope=context.scope))
    except CostError as error:
        return Detail(asked if isinstance(asked, str) else "a question", why=str(error))


def _usual(context: DigestContext) -> tuple[Detail, ...]:
    """The questions of a digest that names none."""
    times = context.times
    asked: list[tuple[str, Question]] = [
        ("By service", Question(period=times.period, against=times.against, by=("ServiceName",), top=15)),
        ("By account", Question(period=times.period, against=times.against, by=("SubAccountName",), top=15)),
        ("Why", Question(kind="explain", period=times.period, against=times.against)),
        ("The month", Question(period=times.month, against=times.month_before, by=("ServiceProviderName",))),
    ]
    details = [_answered(name, lambda question=question: context.ask(question)) for name, question in asked]  # type: ignore[misc]  # binds this question
    return tuple(detail for detail in details if detail.why or (detail.result and _has_totals(detail.result)))


def _has_totals(result: AnswerResult) -> bool:
    return bool(getattr(result.answer, "totals", ()))


def _answered(name: str, make: Callable[[], AnswerResult]) -> Detail:
    try:
        return Detail(name, make())
    except CostError as error:
        return Detail(name, why=str(error))


def _totals(result: AnswerResult) -> dict[str, Decimal]:
    totals = result.answer.totals if isinstance(result.answer, CostAnswer) else ()
    return {total.currency: total.amount for total in totals if total.currency}


def _posted(whole: Overview, context: DigestContext) -> dict[str, object]:
    """What the next digest needs, to find out what was restated since; of no use to one for other readers."""
    days, sources = context.times.period, [fresh.source for fresh in whole.lead.answer.as_of]
    totals = {currency: str(amount) for currency, amount in _totals(whole.lead).items()}
    edges = {"start": days.start.isoformat(), "end": days.end.isoformat()}
    return {**edges, "totals": totals, "sources": sources, "scope": _scope(context.scope)}


def _invoices(context: DigestContext, announced: Collection[str]) -> dict[str, Reconciliation]:
    """Last month against each invoice that there is by now and that was not announced, by what it is announced as."""
    month = month_of(add_months(context.times.today.replace(day=1), -1))
    answer = context.ask(Question(kind="invoice", period=month)).answer
    compared = answer.reconciliations if isinstance(answer, InvoiceAnswer) else ()
    named = {f"{found.source} {found.period.start:%Y-%m} {found.currency}": found for found in compared}
    return {name: found for name, found in named.items() if name not in announced}


def _scope(scope: Scope) -> dict[str, object]:
    return scope.model_dump(mode="json", exclude={"team"})


def _restated(before: Mapping[str, Any] | None, context: DigestContext) -> RestatedTotals | None:
    """What the last digest said of its period, and what it comes to now; None where it said nothing.

    What was posted for readers who see more, less or something else is neither compared nor quoted.
    """
    if not before or not before.get("totals") or before.get("scope") != _scope(context.scope):
        return None
    days = Period(start=date.fromisoformat(before["start"]), end=date.fromisoformat(before["end"]))
    was = {currency: Decimal(amount) for currency, amount in before["totals"].items()}
    return RestatedTotals(days, was, _totals(context.ask(Question(period=days))))
