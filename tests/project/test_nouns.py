"""The same thing has the same noun in every sentence that people read, in plain American English."""

import re
import tomllib
from pathlib import Path

import pytest

from scripts.messages import page, sentences

TABLE = tomllib.loads(Path(__file__).with_name("nouns.toml").read_text())
WORDS = [(use, avoid) for section in ("nouns", "plain") for use, avoid in TABLE[section].items()]


def worded(sentence):
    """What people read of a sentence: without what fills it."""
    return re.sub(r"\{[^}]*\}", "", sentence.text)


@pytest.mark.parametrize(("use", "avoid"), WORDS, ids=[use for use, _ in WORDS])
def test_one_thing_has_one_noun(use, avoid):
    """No sentence of the program uses another word for it; states of the code that nobody reads are left out."""
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, avoid))})\b", re.IGNORECASE)
    allowed = tuple(TABLE["allowed"])
    found = [
        f"{sentence.path}:{sentence.line}: {sentence.text}"
        for sentence in sentences()
        if pattern.search(worded(sentence)) and not sentence.text.startswith(allowed)
    ]
    assert not found, f"use “{use}”"


def test_the_page_lists_what_people_read():
    """An answer's sentence, a refusal, a form's hint, a setting and an error are all on the page."""
    text = page()
    for part in (
        "No cost anomalies",
        "I don't know any service",
        "Quiet from",
        "Location of the ledger",
        "Redeliver it.",
    ):
        assert part in text
