"""Answers in words, the same in the terminal, in Slack and in digests.

Everything here rounds for people and is pure; nothing here computes a figure that the answer lacks.
"""

from bot.wording.figures import (
    amount_of,
    apportioned,
    asked_for,
    change,
    figure,
    money,
    money_of,
    per,
    percent,
    places,
    price,
    quantity,
    rounded,
    share,
    to_the_cent,
    total_of,
)
from bot.wording.headlines import as_shown, headline, subject
from bot.wording.names import CHARGES, METRICS, day, dimension, label, listed, period, source, step, value

__all__ = [
    "CHARGES",
    "METRICS",
    "amount_of",
    "apportioned",
    "as_shown",
    "asked_for",
    "change",
    "day",
    "dimension",
    "figure",
    "headline",
    "label",
    "listed",
    "money",
    "money_of",
    "per",
    "percent",
    "period",
    "places",
    "price",
    "quantity",
    "rounded",
    "share",
    "source",
    "step",
    "subject",
    "to_the_cent",
    "total_of",
    "value",
]
