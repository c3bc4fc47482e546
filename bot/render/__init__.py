"""Answers in words and pictures: the same in the terminal, in Slack and in digests.

Everything here rounds for people and is pure; nothing here computes a figure that the answer lacks. No other room
makes sentences.
"""

from bot.render.gaps import gaps
from bot.render.kinds import headline
from bot.render.labels import (
    CHARGES,
    KINDS,
    METRICS,
    brief,
    data_through,
    day,
    dimension,
    label,
    listed,
    period,
    source,
    step,
    subject,
    value,
)
from bot.render.notes import note
from bot.render.numbers import (
    as_shown,
    asked_for,
    change,
    figure,
    money,
    moved_by,
    per,
    percent,
    places,
    places_of,
    quantity,
    share,
    to_the_cent,
    total_of,
    unit_price,
)

__all__ = [
    "CHARGES",
    "KINDS",
    "METRICS",
    "as_shown",
    "asked_for",
    "brief",
    "change",
    "data_through",
    "day",
    "dimension",
    "figure",
    "gaps",
    "headline",
    "label",
    "listed",
    "money",
    "moved_by",
    "note",
    "per",
    "percent",
    "period",
    "places",
    "places_of",
    "quantity",
    "share",
    "source",
    "step",
    "subject",
    "to_the_cent",
    "total_of",
    "unit_price",
    "value",
]
