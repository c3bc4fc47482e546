"""Savings in words and as a table."""

from __future__ import annotations

from decimal import Decimal

from bot.blockkit.build import Block, text_cell
from bot.domain.answers import CostAnswer, Savings, SavingsAnswer
from bot.domain.money import apportioned, rounded, total
from bot.domain.question import Question
from bot.render.kinds import cost
from bot.render.labels import about, listed
from bot.render.numbers import money, places, whole_percent
from bot.render.slack.tables import Rows, cell, header

_SAVED = {
    "negotiated": "Negotiated rates",
    "commitments": "Commitments",
    "unused": "Unused commitments",
    "discounts": "Discounts",
    "credits": "Credits",
    "refunds": "Refunds",
    "total": "Total",
}


def summary(question: Question, answer: SavingsAnswer) -> str:
    """``At least $1,204 saved on AWS, October 2026.``."""
    if not answer.savings:
        return cost.no_data(question, CostAnswer(gaps=answer.gaps))
    saved = listed([money(savings.total, savings.currency) for savings in answer.savings])
    least = "At least " if any(savings.unknown for savings in answer.savings) else ""
    return f"{least}{saved} saved {about(question)}."


def table(_question: Question, answer: SavingsAnswer) -> tuple[str, Rows]:
    """What each way of saving came to, a column a currency."""
    found = answer.savings
    rows = [header("Savings from", *(savings.currency for savings in found))]
    columns = [_saved(savings) for savings in found]
    for key, name in _SAVED.items():
        if any(key in column for column in columns):
            rows.append([text_cell(name), *(column.get(key, text_cell("")) for column in columns)])
    for name, shares in (
        ("Commitment coverage", [savings.coverage for savings in found]),
        ("Commitment utilization", [savings.utilization for savings in found]),
    ):
        if any(share is not None for share in shares):
            rows.append([text_cell(name), *(text_cell("–" if one is None else whole_percent(one)) for one in shares)])
    return "Savings", rows if found else []


def _saved(found: Savings) -> dict[str, Block]:
    """The parts of one currency and their total, rounded so that they add up as shown."""
    exact: dict[str, Decimal] = {key: amount for key in _SAVED if (amount := getattr(found, key)) is not None}
    whole, parts = found.total, {key: amount for key, amount in exact.items() if key != "total"}
    digits = places(max(map(abs, exact.values()), default=whole), found.currency)
    shown = dict(zip(parts, apportioned(list(parts.values()), digits), strict=True))
    if total(list(parts.values())) != whole:
        shown = {key: rounded(amount, digits) for key, amount in parts.items()}
    shown["total"] = rounded(whole, digits)
    return {key: cell(shown[key], (found.currency, None), amount, digits) for key, amount in exact.items()}
