"""Answers of the kind ``budgets``: what each has come to, and when it runs out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from bot import render
from bot.analytics.budget import Budget, Status, status
from bot.analytics.forecast import Forecast, TooShort
from bot.answering.conversion import Exchange
from bot.answering.kinds import cost
from bot.answering.kinds.forecast import Outlook
from bot.answering.kinds.forecast_conversion import Foreign
from bot.answering.query import Reader
from bot.domain.answer import Answer
from bot.domain.conversion import as_asked
from bot.domain.period import Period
from bot.domain.question import Question


def answer(question: Question, reader: Reader, budgets: Sequence[Budget]) -> Answer:
    """Every budget that the question's filters fit, as it stands on the last day asked about."""
    day = min(question.period.last, reader.today) if question.period else reader.today
    mine = [each for each in budgets if not reader.scope.team or each.team in ("", reader.scope.team)]
    seen = [each for each in mine if _fits(question, each) and reader.sees_all(each.about)]
    standing = [_status(each, reader, day) for each in seen]
    standing.sort(key=lambda each: (each[0].share is None, -(each[0].share or 0)))
    return Answer(
        budgets=tuple({**each.as_json(), "note": each.sentence(render.money)} for each, _ in standing),
        as_of=tuple(reader.freshness()),
        notes=tuple(note for _, converted in standing for note in converted),
    )


def _fits(question: Question, budget: Budget) -> bool:
    """Whether a budget is about what was asked: all of them, where nothing was named."""
    asked = {(each.dimension, value) for each in question.where if not each.exclude for value in each.values}
    about = {(each.dimension, value) for each in budget.question.where if not each.exclude for value in each.values}
    return not asked or bool(asked & about)


def _status(budget: Budget, asker: Reader, day: date) -> tuple[Status, list[str]]:
    """How it stands, and what was converted to see it: what is billed in another currency than its limit's."""
    reader, limit = asker.within(budget.scope), budget.limit.currency
    daily = budget.spending(day).model_copy(update={"grain": "day"})
    found = cost.answer(daily, reader)
    foreign = any(each.currency != limit for each in found.totals)
    if foreign and daily.period:
        found = as_asked(cost.answer(daily, reader, exchange=Exchange(reader, limit, [daily.period])))
    spent = {each.currency: each.amount for each in found.totals}
    missing = [f"{gap.source}: {gap.what}" for gap in found.gaps]
    missing += [f"what is billed in {other}" for other in spent if other != limit]
    standing = status(
        budget,
        day,
        spent.get(limit, Decimal(0)),
        forecast=_forecast(budget, reader, budget.period(day), foreign=foreign),
        daily=[(each.start, each.amount) for each in found.series if each.currency == limit],
        missing=missing,
    )
    return standing, [f"{budget.name}: {note}" for note in found.notes] if foreign else []


def _forecast(budget: Budget, reader: Reader, period: Period, *, foreign: bool) -> Forecast | TooShort | None:
    outlook = Outlook.of(budget.question, reader, period)
    if outlook is None or not outlook.foretold:
        return None
    told = Foreign(outlook, budget.limit.currency).whole() if foreign else None
    return told or next((each for each in outlook.foretold if each.currency == budget.limit.currency), None)
