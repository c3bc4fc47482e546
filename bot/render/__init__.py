"""Answers in words, the same in the terminal, in Slack and in digests.

Everything here rounds for people and is pure; nothing here computes a figure that the answer lacks.
"""

from bot.render.labels import CHARGES, METRICS, brief, day, dimension, label, listed, period, source, step, value
from bot.render.numbers import (
    amount_of,
    apportioned,
    asked_for,
    change,
    figure,
    left_over,
    money,
    money_of,
    moved_by,
    per,
    percent,
    places,
    places_of,
    price,
    quantity,
    rounded,
    settled,
    share,
    to_the_cent,
    total_of,
)
from bot.render.provenance import begun, expected, gaps, over, told_through
from bot.render.rounding import as_shown
from bot.render.summaries import headline, subject

__all__ = [
    "CHARGES",
    "METRICS",
    "amount_of",
    "apportioned",
    "as_shown",
    "asked_for",
    "begun",
    "brief",
    "change",
    "day",
    "dimension",
    "expected",
    "figure",
    "gaps",
    "headline",
    "label",
    "left_over",
    "listed",
    "money",
    "money_of",
    "moved_by",
    "over",
    "per",
    "percent",
    "period",
    "places",
    "places_of",
    "price",
    "quantity",
    "rounded",
    "settled",
    "share",
    "source",
    "step",
    "subject",
    "to_the_cent",
    "told_through",
    "total_of",
    "value",
]
