"""Answers of the kind ``budgets``: what each has come to, and when it runs out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from statistics import median

from msgspec.structs import replace

from bot.analytics.budget import Budget, status
from bot.answering.conversion import Exchange
from bot.answering.dispatch import AnswerRequest
from bot.answering.kinds import cost
from bot.answering.kinds.forecast import Outlook
from bot.answering.kinds.forecast_conversion import Foreign
from bot.answering.query import LedgerReader
from bot.domain.answers.budgets import (
    ROLLING,
    AmongPeers,
    BilledIn,
    BudgetsAnswer,
    BudgetStatus,
    Contributor,
    MissingSpend,
)
from bot.domain.answers.figures import Line
from bot.domain.answers.forecasts import Forecast, TooShort
from bot.domain.answers.notes import BudgetConverted
from bot.domain.conversion import as_asked
from bot.domain.period import Period
from bot.domain.question import Question

_CONTRIBUTORS = ("ServiceName", "SubAccountName")
_MOST = 3
_PEOPLE = 3
"""Fewer people are no peers to compare with."""


def answer(request: AnswerRequest) -> BudgetsAnswer:
    """Every budget that the question's filters fit, as it stands on the last day asked about."""
    question, reader, budgets = request.question, request.reader, request.settings.budgets()
    day = min(question.period.last, reader.today) if question.period else reader.today
    mine = [budget for budget in budgets if not reader.scope.team or budget.team in ("", reader.scope.team)]
    seen = [budget for budget in mine if _fits(question, budget) and reader.sees_all(budget.about)]
    standing = [_status(budget, reader, day) for budget in seen]
    standing.sort(key=lambda standing_of: (standing_of[0].share is None, -(standing_of[0].share or 0)))
    return BudgetsAnswer(
        budgets=tuple(status_now for status_now, _ in standing),
        as_of=tuple(reader.freshness()),
        notes=tuple(note for _, converted in standing for note in converted),
    )


def _fits(question: Question, budget: Budget) -> bool:
    """Whether a budget is about what was asked: all of them, where nothing was named."""
    asked = {
        (condition.dimension, value)
        for condition in question.where
        if not condition.exclude
        for value in condition.values
    }
    about = {
        (condition.dimension, value)
        for condition in budget.question.where
        if not condition.exclude
        for value in condition.values
    }
    return not asked or bool(asked & about)


def _status(budget: Budget, parent: LedgerReader, day: date) -> tuple[BudgetStatus, list[BudgetConverted]]:
    """How it stands, and what was converted to see it: what is billed in another currency than its limit's."""
    reader, limit = parent.within(budget.scope), budget.limit.currency
    daily = budget.spending(day).model_copy(update={"grain": "day"})
    found = cost.figures(daily, reader)
    foreign = any(total.currency != limit for total in found.totals)
    if foreign and daily.period:
        found = as_asked(cost.figures(daily, reader, exchange=Exchange(reader, limit, [daily.period])))
    spent = {total.currency: total.amount for total in found.totals}
    missing: list[MissingSpend] = [*found.gaps]
    missing += [BilledIn(other or "") for other in spent if other != limit]
    standing = status(
        budget,
        day,
        spent.get(limit, Decimal(0)),
        forecast=None if budget.every in ROLLING else _forecast(budget, reader, budget.period(day), foreign=foreign),
        daily=[(point.start, point.amount) for point in found.series if point.currency == limit],
        missing=missing,
    )
    if standing.passed and not foreign:
        contributors = tuple(_contributors(budget, reader, day))
        standing = replace(standing, contributors=contributors, person=_person(budget, reader, day))
    return standing, [BudgetConverted(budget.name, note) for note in found.notes] if foreign else []


def _contributors(budget: Budget, reader: LedgerReader, day: date) -> Iterator[Contributor]:
    """What most of the spend is: by service, or by account where it is about one service."""
    named = {condition.dimension for condition in budget.question.where if len(condition.values) == 1}
    dimension = next((name for name in _CONTRIBUTORS if name not in named), _CONTRIBUTORS[0])
    lines = _parts(budget, reader, day, dimension)
    for line in sorted(lines, key=lambda line: -line.amount)[:_MOST]:
        if line.amount > 0:
            yield Contributor(dimension, line.key[dimension] or "", line.amount)


def _person(budget: Budget, reader: LedgerReader, day: date) -> AmongPeers | None:
    """Who spent most among at least three people, beside the median of the others; None where people are not known."""
    spent = sorted(
        (line for line in _parts(budget, reader, day, "x_UserName") if line.amount > 0), key=lambda line: line.amount
    )
    if len(spent) < _PEOPLE:
        return None
    *others, most = spent
    name = most.key["x_UserName"] or ""
    return AmongPeers(name, most.amount, median(line.amount for line in others), len(others))


def _parts(budget: Budget, reader: LedgerReader, day: date, dimension: str) -> list[Line]:
    """The lines of what is spent by a dimension, in the budget's currency, without what names none."""
    question = budget.spending(day).model_copy(update={"by": (dimension,)})
    lines = cost.figures(question, reader).lines
    return [line for line in lines if line.currency == budget.limit.currency and line.key.get(dimension)]


def _forecast(budget: Budget, reader: LedgerReader, period: Period, *, foreign: bool) -> Forecast | TooShort | None:
    outlook = Outlook.of(budget.question, reader, period)
    if outlook is None or not outlook.forecasts:
        return None
    converted = Foreign(outlook, budget.limit.currency).whole() if foreign else None
    return converted or next(
        (forecast for forecast in outlook.forecasts if forecast.currency == budget.limit.currency), None
    )
