"""Every word of a question has its part in the reading: nothing that is typed is dropped in silence."""

import json
from itertools import permutations
from pathlib import Path

import pytest
from chance import seeded

from scripts.language_coverage import unused, witnesses
from scripts.language_figures import compared, vocabulary
from scripts.language_insertions import deletions, insertions, meant, read_sentences
from scripts.language_swaps import apart

HERE = Path(__file__).parent
INSERTED = 2
"""Words put into each sentence, each at a place of its own."""
SWAPPED = 4
"""One phrase of the lexicon in so many is tried; all of them in ``scripts.language_swaps``."""
ALIKE = 0.02
"""The most that may change nothing, and each of them is on the reviewed list."""
ONE_IN = 4
"""The part of the corpus that is tried here; all of it in ``scripts.language_insertions``."""
MODIFIERS = {
    "period": ("last month", "in october", "last 7 days"),
    "where": ("aws", "in us-east-1", "for the core team"),
    "where not": ("without s3", "excluding production"),
    "by": ("by service", "by team"),
    "metric": ("amortized", "at list price"),
    "top": ("top 3",),
    "currency": ("in EUR",),
    "threshold": ("over $100",),
}
"""Parts of a question that may stand in any order."""


@pytest.fixture(scope="module")
def bill():
    """The names of the bill that the corpus asks about."""
    return vocabulary()


@pytest.fixture(scope="module")
def plain(bill):
    """A quarter of the corpus's single sentences that are read as a question, with that question."""
    return read_sentences(bill, ONE_IN)


def listed(name):
    """The lines of a reviewed list: the text of each, without its reason."""
    lines = (HERE / name).read_text("utf-8").splitlines()
    return {line.split("\t")[0] for line in lines if line and not line.startswith("#")}


def test_a_word_put_into_a_sentence_changes_the_question_or_is_refused(plain, bill):
    """Of content words put anywhere into sentences that are read, at most 2 % change nothing, each of them reviewed."""
    tried = list(insertions(plain, bill, INSERTED))
    alike = [insertion for insertion in tried if insertion.alike]
    reviewed = listed("inserted_alike.tsv")
    assert len(alike) <= ALIKE * len(tried), alike
    assert [one for one in alike if f"{one.kind} {one.word}" not in reviewed] == []


def test_a_part_taken_out_of_a_sentence_changes_the_question(plain, bill):
    """Each part that was consumed matters, but for the reviewed ones that say what is so without them."""
    reviewed = listed("deleted_alike.tsv")
    idle = [
        one for one in deletions(plain, bill) if one.alike and not reviewed & {one.role, f"{one.role}: {one.words}"}
    ]
    assert not idle


def test_the_order_of_modifiers_does_not_matter(bill):
    """Parts of a question mean the same in every order, with commas between them or without.

    After what is left out a comma has to stand: "excluding production aws" does not say where that ends.
    """
    chance = seeded(7)
    for number in range(40):
        chosen = [chance.choice(MODIFIERS[slot]) for slot in chance.sample(sorted(MODIFIERS), 4)]
        between = " " if number % 2 and not set(chosen) & set(MODIFIERS["where not"]) else ", "
        orders = [between.join(order) for order in permutations(chosen)]
        questions = [meant(order, "2026-11-22", bill) for order in orders]
        assert None not in questions, chosen
        different = {json.dumps(compared(question.model_dump(mode="json")), default=str) for question in questions}
        assert len(different) == 1, chosen


def test_the_corpus_is_read(plain):
    """The sentences that the promises above are tried on are most of the corpus, so that they mean something."""
    assert ONE_IN * len(plain) >= 800


def test_the_phrases_of_a_line_of_the_lexicon_say_the_same(plain, bill):
    """In the place of another phrase of its line, a phrase gives the same question, or is refused there."""
    different = {one.phrase: one for one in apart(plain, bill, SWAPPED)}
    assert different.keys() <= listed("phrases_apart.tsv"), different


def test_every_production_and_every_line_of_the_lexicon_is_used(bill):
    """What no sentence uses is either wrong or not needed; the few kept ones that use everything still do."""
    found = unused(bill, witnesses())
    assert (found.productions, found.lines) == ([], []), "python -m scripts.language_coverage --write"
