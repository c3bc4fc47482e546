"""The budget that a running total runs towards: the one about the same costs and the period they lie in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from bot.analytics.budget import Budget
from bot.answering.query import LedgerReader
from bot.domain.answers import CostAnswer
from bot.domain.parts import BudgetLine, ratio
from bot.domain.question import Filter, Question
from bot.domain.scope import EVERYTHING


def with_budget(question: Question, found: CostAnswer, budgets: Iterable[Budget], reader: LedgerReader) -> CostAnswer:
    """The answer with the tightest budget that is about exactly these costs, where there is one that may be seen."""
    fitting = [budget for budget in budgets if _is_about(budget, question, reader)]
    spent = {total.currency: total.amount for total in found.totals}
    lines = [
        BudgetLine(
            name=budget.name,
            currency=budget.limit.currency,
            limit=budget.limit.amount,
            used=ratio(spent[budget.limit.currency], budget.limit.amount),
        )
        for budget in fitting
        if budget.limit.currency in spent
    ]
    lines.sort(key=lambda line: line.limit)
    return replace(found, facts=(*found.facts, lines[0])) if lines and len(spent) == 1 else found


def _is_about(budget: Budget, question: Question, reader: LedgerReader) -> bool:
    """Whether it limits these costs over the period that they begin with, and the person asking sees all of that."""
    period, about = question.period, budget.question
    if period is None or question.by or budget.scope != EVERYTHING:
        return False
    whole = budget.period(period.start)
    team = reader.scope.team
    return (
        whole.start == period.start
        and period.end <= whole.end
        and _alike(about.where, question.where)
        and (about.metric, about.charges) == (question.metric, question.charges)
        and (not team or budget.team in ("", team))
        and reader.sees_all(budget.about)
    )


def _alike(one: Sequence[Filter], other: Sequence[Filter]) -> bool:
    def filter_keys(filters: Sequence[Filter]) -> set[tuple[str, frozenset[str], bool]]:
        return {(condition.dimension, frozenset(condition.values), condition.exclude) for condition in filters}

    return filter_keys(one) == filter_keys(other)
