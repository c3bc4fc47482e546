"""What a reading says of itself reads back as the same question, and what a button carries is what its words say."""

from contextlib import suppress
from datetime import date

import pytest

from bot.domain.errors import NotUnderstood
from bot.language import describe, read, read_thread
from bot.render.slack.followups import next_questions
from scripts.language_figures import CORPUS, compared, rows, sampled, vocabulary

TODAY = date(2026, 11, 22)
ONE_IN = 3
"""The part of the corpus whose questions are tried."""


@pytest.fixture(scope="module")
def bill():
    """The names of the bill that the corpus asks about."""
    return vocabulary()


@pytest.fixture(scope="module")
def questions(bill):
    """What the corpus's texts of that day are read as, each question once, without those that hold only their kind."""
    found = set()
    for row in (
        row
        for path in sorted(CORPUS.glob("dev-*.jsonl"))
        for row in sampled(rows(path), ONE_IN)
        if row["today"] == f"{TODAY}"
    ):
        with suppress(NotUnderstood):
            found.add(read_thread([*row.get("thread", ()), row["text"]], today=TODAY, vocabulary=bill).question)
    return sorted((question for question in found if question.kind not in {"help", "unsupported"}), key=repr)


def again(text, known, previous=None):
    """The question of a text, compared; or the refusal in words."""
    try:
        question = read(text, today=TODAY, vocabulary=known, previous=previous).question
    except NotUnderstood as refusal:
        return f"refused: {', '.join(refusal.unknown)} ({refusal.message})"
    return compared(question.model_dump(mode="json"))


def test_what_a_reading_says_of_itself_reads_back_as_the_same_question(questions, bill):
    """``read_as`` is in the language's own words: typed, it gives the question it describes."""
    differing = {
        describe(question): read_again
        for question in questions
        if (read_again := again(describe(question), bill)) != compared(question.model_dump(mode="json"))
    }
    assert ONE_IN * len(questions) >= 900
    assert differing == {}


def test_a_button_asks_what_its_words_ask_in_the_thread(questions, bill):
    """Each button below an answer carries the question that its words give when they are typed there."""
    differing = {}
    for question in questions:
        for words, carried in next_questions(question, TODAY):
            text = again(words, bill, question)
            if words != "Costs" and text != compared(carried.model_dump(mode="json")):
                differing[f"{describe(question)} → {words}"] = text
    assert differing == {}
