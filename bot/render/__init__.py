"""Answers in words and pictures: the same in the terminal, in Slack and in digests.

Everything here rounds for people and is pure; nothing here computes a figure that the answer lacks. No other room
makes sentences.
"""

from bot.render.gaps import gaps
from bot.render.labels import CHARGES, KINDS, METRICS, brief, day, dimension, label, listed, period, source, step, value
from bot.render.notes import note
from bot.render.numbers import (
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
from bot.render.provenance import begun, data_through, expected, over
from bot.render.rounding import as_shown
from bot.render.subject import subject
from bot.render.summaries import headline

__all__ = [
    "CHARGES",
    "KINDS",
    "METRICS",
    "as_shown",
    "asked_for",
    "begun",
    "brief",
    "change",
    "data_through",
    "day",
    "dimension",
    "expected",
    "figure",
    "gaps",
    "headline",
    "label",
    "listed",
    "money",
    "moved_by",
    "note",
    "over",
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
