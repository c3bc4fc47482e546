"""A question asked in words, by button, shortcut and digest is one question, whatever day it is."""

from datetime import date

import pytest

from bot.digests.period import moved
from bot.language import read
from bot.render.slack.followups import next_questions
from bot.slack.listeners.messages import why
from scripts.language_figures import vocabulary

BILL = vocabulary()
DAYS = [
    date(2026, 11, 22),  # within month, quarter and year
    date(2026, 11, 30),  # a month's last day
    date(2026, 12, 31),  # a year's last day
    date(2026, 10, 1),  # a quarter's first day
    date(2027, 1, 1),  # a year's first day
    date(2026, 3, 31),  # a day that the month before lacks
    date(2024, 2, 29),
]
LATER = [date(2026, 11, 23), date(2026, 12, 2), date(2027, 1, 15), date(2027, 3, 31)]
PERIODS = [
    "this month", "last month", "this quarter", "last quarter", "this year", "last year", "last week", "this week",
    "yesterday", "last 7 days", "last 30 days", "past two months", "last 3 months", "Q3", "october",
]  # fmt: skip


def asked(words, today, previous=None):
    """What the words ask on a day."""
    return read(words, today=today, vocabulary=BILL, previous=previous).question


def button(question, words, today):
    """What the button with these words asks below an answer; None where there is none."""
    return next((carried for label, carried in next_questions(question, today) if label == words), None)


@pytest.mark.parametrize("today", DAYS, ids=str)
@pytest.mark.parametrize("words", PERIODS)
def test_why_is_asked_of_the_same_two_periods_every_way(words, today):
    """Typed whole, typed in the thread, pressed below the answer, and by the shortcut on a message."""
    before = asked(f"aws spend {words}", today)
    typed = asked(f"why did aws spend go up {words}", today)
    pressed = button(before, "Why?", today)
    assert (pressed.period, pressed.against) == (typed.period, typed.against)
    assert pressed == asked("why?", today, before)
    assert why(before, today) == pressed


@pytest.mark.parametrize("today", DAYS, ids=str)
@pytest.mark.parametrize("words", PERIODS)
def test_a_comparison_that_a_button_offers_is_the_one_of_its_words(words, today):
    """As in "vs last month", "vs 7 days before": each is what its label, typed in the thread, compares."""
    before = asked(f"aws spend {words} by service", today)
    for label, pressed in next_questions(before, today):
        if label.startswith("vs "):
            typed = asked(label, today, before)
            assert (label, pressed.period, pressed.against) == (label, typed.period, typed.against)


@pytest.mark.parametrize(
    "words",
    [
        "aws spend this month", "spend last month by service", "this month vs last month", "spend this quarter",
        "last week vs the week before", "spend yesterday", "last 7 days by day", "aws last 30 days",
        "month to date vs last month by provider", "this year by month", "last quarter by account",
    ],
)  # fmt: skip
@pytest.mark.parametrize("later", LATER, ids=str)
def test_a_digest_asks_what_its_words_would_ask_on_its_day(words, later):
    """A question that was scheduled on one day is, on a later one, the question of the same words said then."""
    today = date(2026, 11, 18)
    assert moved(asked(words, today), today, later) == asked(words, later)
