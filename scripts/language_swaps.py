"""Whether the phrases of a line of the lexicon say the same: each is put in the place of another that a sentence uses.

``python -m scripts.language_swaps`` prints those that gave another question wherever they stood, and the same nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple
from zlib import crc32

import click

from bot.domain.question import Question
from bot.language import Vocabulary, read
from bot.language.lexicon import Lexeme, lexicon
from scripts.language_coverage import folded
from scripts.language_figures import vocabulary
from scripts.language_insertions import meant, read_sentences

CARRIERS = 3
"""Sentences that a phrase is tried in."""


class Use(NamedTuple):
    """A phrase where it stands in a sentence, and what that sentence asks."""

    before: str
    after: str
    lexeme: Lexeme
    today: str
    question: Question


class Apart(NamedTuple):
    """A phrase that gives another question than the one whose place it took."""

    phrase: str
    instead_of: str
    text: str


def apart(sentences: Sequence[tuple[str, str, Question]], known: Vocabulary, one_in: int = 1) -> Iterator[Apart]:
    """Every phrase (or one in so many) that is read in the place of others of its line, but never as they are."""
    places = _places(sentences, known)
    for lexeme in dict.fromkeys(item for lexemes in lexicon().by_first.values() for item in lexemes):
        phrase, other = " ".join(lexeme.words), None
        if crc32(phrase.encode()) % one_in:
            continue
        for use in _carriers(places.get((lexeme.symbol, lexeme.value, lexeme.plural), ()), lexeme):
            text = f"{use.before}{phrase}{use.after}"
            question = meant(text, use.today, known)
            if question == use.question:
                break
            if question is not None:
                other = other or Apart(f"{lexeme.symbol}: {phrase}", " ".join(use.lexeme.words), text)
        else:
            if other is not None:
                yield other


def _carriers(uses: Iterable[Use], lexeme: Lexeme) -> list[Use]:
    """Sentences with other phrases of the line, each phrase once."""
    by_phrase = {use.lexeme.words: use for use in uses if use.lexeme.words != lexeme.words}
    return list(by_phrase.values())[:CARRIERS]


def _places(
    sentences: Sequence[tuple[str, str, Question]], known: Vocabulary
) -> dict[tuple[str, str, bool], list[Use]]:
    """Where phrases of each line stand in sentences that are read."""
    by_words: dict[tuple[str, str], list[Lexeme]] = {}
    for lexeme in (item for lexemes in lexicon().by_first.values() for item in lexemes):
        by_words.setdefault((lexeme.symbol, folded(" ".join(lexeme.words))), []).append(lexeme)
    found: dict[tuple[str, str, bool], list[Use]] = {}
    for text, today, question in sentences:
        reading = read(text, today=date.fromisoformat(today), vocabulary=known)
        for word, part in zip(reading.words, reading.tree, strict=True):
            for node in part.walk():
                start = reading.text.find(node.text, word.start, word.end)
                for lexeme in by_words.get((node.name, folded(node.text)), ()) if not node.children else ():
                    use = Use(reading.text[:start], reading.text[start + len(node.text) :], lexeme, today, question)
                    found.setdefault((lexeme.symbol, lexeme.value, lexeme.plural), []).append(use)
    return found


@click.command(help=(__doc__ or "").splitlines()[0])
def main() -> None:
    """Print the phrases that say something else."""
    known = vocabulary()
    for one in apart(read_sentences(known), known):
        click.echo(f"{one.phrase:<40} for {one.instead_of:<24} {one.text}")


if __name__ == "__main__":
    main()
