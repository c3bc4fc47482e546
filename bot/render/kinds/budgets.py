"""Budgets in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.blockkit.build import cut, number_cell, text_cell
from bot.domain.answers import BudgetsAnswer, BudgetStatus
from bot.domain.question import Question
from bot.render.labels import day, listed
from bot.render.numbers import money, whole_percent
from bot.render.sentences import BUDGET_STATES, missing_spend
from bot.render.slack.cells import MOST_TEXT, CellAmount, money_cell, name_cell
from bot.render.slack.tables import MOST_ROWS, Rows, header

_NAMED = 3


def summary(_question: Question, answer: BudgetsAnswer) -> str:
    """``None of 2 budgets is exceeded, and none is forecast to be. Used: chat 78% ($200 of $255) and …``."""
    found = answer.budgets
    if not found:
        return (
            "No budgets are set here. Your providers have budgets of their own."
            if answer.notes
            else "No budgets are set."
        )
    used = [
        f"{status.name} {whole_percent(status.share or Decimal(0))}"
        f" ({'at least ' if status.missing else ''}{_money(status, status.spent)} of {_money(status, status.limit)})"
        for status in found[:_NAMED]
    ]
    more = [f"{len(found) - _NAMED} more"] if len(found) > _NAMED else []
    return f"{_verdict(found)} Used: {listed(used + more)}."


def _money(status: BudgetStatus, amount: Decimal) -> str:
    return money(amount, status.currency)


def _verdict(found: Sequence[BudgetStatus]) -> str:
    """Which budgets are exceeded, and which are forecast to be."""
    spent = [status for status in found if status.spent > status.limit]
    ahead = [status for status in found if status not in spent and (status.forecast or Decimal(0)) > status.limit]
    many = len(found) > 1
    whole = not any(status.missing for status in found)
    known = "exceeded" if whole else "known to be exceeded"
    none = f"None of {len(found)} budgets is {known}" if many else f"The budget is not {known}"
    if not spent and not ahead:
        sure = whole and all(status.forecast is not None for status in found)
        expected = f", and {'none is' if many else 'is not'} forecast to be" if sure else ""
        return f"{none}{expected}."
    over = [f"{status.name} ({_money(status, status.spent)} of {_money(status, status.limit)})" for status in spent]
    will_be = [
        f"{status.name} ({_money(status, status.forecast or Decimal(0))} of {_money(status, status.limit)})"
        for status in ahead
    ]
    first = f"Exceeded: {listed(over)}." if over else f"{none} yet."
    then = f"Forecast to exceed: {listed(will_be)}." if will_be else ""
    return " ".join(filter(None, (first, then)))


def table(_question: Question, answer: BudgetsAnswer) -> tuple[str, Rows]:
    """A row a budget."""
    rows = [header("Budget", "Used", "Spent", "Limit", "Forecast", "Runs out", "Status")]
    for status in answer.budgets[:MOST_ROWS]:
        share = status.share
        used = text_cell("–") if share is None else number_cell(float(share), whole_percent(share))
        missing = f", without {listed(list(map(missing_spend, status.missing)))}" if status.missing else ""
        rows.append(
            [
                name_cell(status.name),
                used,
                *(
                    money_cell(CellAmount(amount, status.currency))
                    for amount in (status.spent, status.limit, status.forecast)
                ),
                text_cell(day(status.runs_out) if status.runs_out else "–"),
                text_cell(cut(f"{BUDGET_STATES[status.state]}{missing}", MOST_TEXT)),
            ]
        )
    return "Budgets", rows
