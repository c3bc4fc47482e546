"""What a content word does that is put into a sentence which is read: it must change the question or be refused.

``python -m scripts.language_insertions [COUNT]`` puts so many words (4, where none is given) into each sentence of the
corpus, each at a place of its own, and prints the share that changed nothing, with those sentences. ``--deletions``
takes each part out of each sentence instead. The tests do the same with a part of the corpus.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import click

from bot.domain.errors import NotUnderstood
from bot.domain.question import Question
from bot.language import Vocabulary, read
from scripts.language_figures import CORPUS, rows, sampled, vocabulary

WORDS = tuple((CORPUS.parent / "inserted_words.txt").read_text("utf-8").split())
"""Words that could name or restrict a cost, some of them words of ours."""
SAYS_NOTHING = frozenset(("function", "sign"))
"""What the closed list of words and signs are in the tree of a reading."""
CLOSED = frozenset(("help", "unsupported"))
"""Kinds that hold nothing that a word could change."""


class Insertion(NamedTuple):
    """A sentence with a word put into it, what it asked without, and whether it still asks the same."""

    text: str
    word: str
    kind: str
    alike: bool


def meant(text: str, today: str, known: Vocabulary) -> Question | None:
    """The question of a text, or ``None`` where it is refused."""
    try:
        return read(text, today=date.fromisoformat(today), vocabulary=known).question
    except NotUnderstood:
        return None


def read_sentences(known: Vocabulary, one_in: int = 1) -> list[tuple[str, str, Question]]:
    """The single sentences of the corpus that are read, or one of so many, with their day and their question."""
    paths = sorted(CORPUS.glob("dev-*.jsonl"))
    every = [row for path in paths for row in sampled(rows(path), one_in) if "thread" not in row]
    found = [(row["text"], row["today"], meant(row["text"], row["today"], known)) for row in every]
    return [(text, today, question) for text, today, question in found if question and question.kind not in CLOSED]


def insertions(
    sentences: Sequence[tuple[str, str, Question]], known: Vocabulary, count: int, seed: int = 22
) -> Iterator[Insertion]:
    """``count`` words put into each sentence, each at a place of its own; for a sentence and a seed always the same."""
    for text, today, question in sentences:
        chance = random.Random(f"{seed} {text}")
        for word in chance.sample([word for word in WORDS if word not in text], count):
            words = text.split()
            words.insert(chance.randrange(len(words) + 1), word)
            longer = " ".join(words)
            yield Insertion(longer, word, question.kind, meant(longer, today, known) == question)


class Deletion(NamedTuple):
    """A part of a sentence: what it did there, its words, and whether the question stays the same without it."""

    role: str
    words: str
    text: str
    alike: bool


def deletions(sentences: Sequence[tuple[str, str, Question]], known: Vocabulary) -> Iterator[Deletion]:
    """Each part that says something, taken out of its sentence."""
    for text, today, question in sentences:
        reading = read(text, today=date.fromisoformat(today), vocabulary=known)
        for part, node in zip(reading.words, reading.tree, strict=True):
            rest = f"{reading.text[: part.start]} {reading.text[part.end :]}"
            if node.name not in SAYS_NOTHING and any(map(str.isalnum, rest)):
                alike = meant(rest, today, known) == question
                yield Deletion(f"{question.kind} {node.name}", part.text.casefold(), text, alike)


@click.command(help=(__doc__ or "").splitlines()[0])
@click.argument("count", type=int, default=4)
@click.option("--deletions", "takes_out", is_flag=True, help="Take parts out instead.")
def main(count: int, *, takes_out: bool) -> None:
    """Print the share that changed nothing, and what it is."""
    known = vocabulary()
    if takes_out:
        parts = list(deletions(read_sentences(known), known))
        idle = Counter(f"{one.role}: {one.words}" for one in parts if one.alike)
        click.echo(f"{idle.total()} of {len(parts)} changed nothing: {idle.total() / len(parts):.1%}")
        click.echo("\n".join(f"{role} {number}" for role, number in idle.most_common()))
        return
    tried = list(insertions(read_sentences(known), known, count))
    alike = [insertion for insertion in tried if insertion.alike]
    click.echo(f"{len(alike)} of {len(tried)} changed nothing: {len(alike) / len(tried):.1%}")
    click.echo(", ".join(f"{word} {number}" for word, number in Counter(one.word for one in alike).most_common()))
    for insertion in alike:
        click.echo(f"{insertion.word:<14} {insertion.text}")


if __name__ == "__main__":
    main()
