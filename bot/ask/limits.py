"""Answers of the kind ``budgets``: what each has come to, and when it runs out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from bot import wording
from bot.ask import costs, outlook
from bot.ask.figures import Reader
from bot.costs.answer import Answer
from bot.costs.budget import Budget, Status, status
from bot.costs.forecast import Forecast, TooShort
from bot.costs.period import DAY, Period
from bot.costs.question import Filter, Question
from bot.costs.scope import Scope


def answer(question: Question, reader: Reader, budgets: Sequence[Budget]) -> Answer:
    """Every budget that the question's filters fit, as it stands on the last day asked about."""
    day = min(question.period.last, reader.today) if question.period else reader.today
    seen = [each for each in budgets if not reader.scope.team or each.team in ("", reader.scope.team)]
    standing = [_status(each, reader, day) for each in seen if _fits(question, each)]
    standing.sort(key=lambda each: (each.share is None, -(each.share or 0)))
    return Answer(
        budgets=tuple({**each.as_json(), "note": each.sentence(wording.money)} for each in standing),
        as_of=tuple(reader.freshness()),
    )


def _hidden(budget: Budget, scope: Scope) -> list[str]:
    """What the asker may not see of it is missing, and never counted as unspent."""
    own = budget.scope
    sources = scope.sources is not None and not set(own.sources or ("",)) <= set(scope.sources)
    within = [each for each in (*own.where, *budget.question.where) if not each.exclude]
    hidden = [each for each in scope.where if each not in own.where and not any(_implies(one, each) for one in within)]
    return ["what you may not see"] if sources or hidden else []


def _implies(one: Filter, other: Filter) -> bool:
    """Whether all that passes the one passes the other."""
    same = one.dimension == other.dimension and not other.exclude
    return same and set(one.values) <= set(other.values)


def _fits(question: Question, budget: Budget) -> bool:
    """Whether a budget is about what was asked: all of them, where nothing was named."""
    asked = {(each.dimension, value) for each in question.where if not each.exclude for value in each.values}
    about = {(each.dimension, value) for each in budget.question.where if not each.exclude for value in each.values}
    return not asked or bool(asked & about)


def _status(budget: Budget, asker: Reader, day: date) -> Status:
    reader = asker.within(budget.scope)
    found = costs.answer(budget.spending(day), reader)
    spent = {each.currency: each.amount for each in found.totals}
    missing = [f"{gap.source}: {gap.what}" for gap in found.gaps]
    missing += _hidden(budget, asker.scope)
    missing += [f"what is billed in {other}" for other in spent if other != budget.limit.currency]
    period = budget.period(day)
    return status(
        budget,
        day,
        spent.get(budget.limit.currency, Decimal(0)),
        forecast=_forecast(budget, reader, period),
        daily=_daily(budget, reader, day),
        missing=missing,
    )


def _forecast(budget: Budget, reader: Reader, period: Period) -> Forecast | TooShort | None:
    first = reader.first_day()
    days = outlook.known_days(period, first, reader) if first else []
    if not days:
        return None
    told = outlook.Outlook(budget.question, reader, period, days).foretold
    return next((each for each in told if each.currency == budget.limit.currency), None)


def _daily(budget: Budget, reader: Reader, day: date) -> list[tuple[date, Decimal]]:
    days = list(Period(start=budget.period(day).start, end=day + DAY))
    groups = reader.gather(budget.question, [*days, day + DAY], ()).groups
    amounts = next((each.amounts for each in groups if each.unit == budget.limit.currency), ())
    return list(zip(days, amounts, strict=False))
