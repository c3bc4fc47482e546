"""What a team may teach: a phrase of its own, that hides no word of the language, for names that the ledger knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

from bot.domain.errors import NotUnderstood
from bot.domain.question import Filter, Question
from bot.language.dates.calendar_words import WORDS as CALENDAR
from bot.language.entities import PART, Vocabulary
from bot.language.grammar import grammar
from bot.language.lexicon import lexicon
from bot.language.normalize import plain, tokenize
from bot.language.numbers import WORDS as NUMBERS
from bot.language.parser import read
from bot.language.semantics.constructors import constructors
from bot.language.spelling import corrected

_LONGEST: Final = 60
_MOST_WORDS: Final = 5
_QUOTES: Final = "\"'“”„\u2018\u2019«»`"
_TAUGHT: Final = re.compile(
    rf"\s*(?:[{_QUOTES}](?P<quoted>[^=]+?)[{_QUOTES}]|(?P<bare>[^=]+?))\s*=\s*(?P<means>.+)", re.DOTALL
)
_EXAMPLE: Final = '"blue cluster" = production'


class Taught(NamedTuple):
    """A phrase in the form in which it is kept, what was said of it, and the filters that says."""

    phrase: str
    expression: str
    filters: tuple[Filter, ...]
    others: tuple[str, ...] = ()
    """What the expression could have meant too."""


def parts(text: str) -> tuple[str, str]:
    """The phrase and the expression of ``"blue cluster" = production``.

    Raises:
        NotUnderstood: there is no equals sign, or nothing on a side of it.
    """
    match = _TAUGHT.fullmatch(text)
    if match is None:
        raise NotUnderstood("An alias is a phrase, an equals sign and what it stands for.", f"Example: {_EXAMPLE}")
    return (match["quoted"] or match["bare"]).strip(), match["means"].strip().strip(_QUOTES).strip()


def folded(phrase: str) -> str:
    """The phrase as it is kept: without case, quotes and leading article."""
    return " ".join(plain(phrase.strip().strip(_QUOTES)).casefold().removeprefix("the ").split())


def taught(phrase: str, expression: str, *, today: date, vocabulary: Vocabulary) -> Taught:
    """What an alias would be.

    Raises:
        NotUnderstood: the phrase has a meaning already, or the expression is none of names alone.
    """
    kept = folded(phrase)
    _check_phrase(kept, vocabulary)
    try:
        reading = read(expression, today=today, vocabulary=vocabulary)
    except NotUnderstood as error:
        raise NotUnderstood(
            f"{expression!r} is nothing that I know: {error.message}",
            error.hint,
            unknown=error.unknown,
            suggestions=[name for name in error.suggestions if name in _names(vocabulary)],
        ) from None
    question = reading.question
    plainly = read("spend", today=today, vocabulary=vocabulary).question
    if not question.where or question.model_copy(update={"where": ()}) != plainly:
        raise NotUnderstood(
            f"{expression!r} is more than names of services, accounts, tags and similar.",
            f"An alias stands for names alone. Example: {_EXAMPLE}",
            unknown=[expression],
        )
    if kept in _phrases(expression):
        raise NotUnderstood(f"{phrase!r} can't stand for itself.", f"Example: {_EXAMPLE}", unknown=[phrase])
    return Taught(
        kept, " ".join(expression.split()), question.where, tuple(part.label for part in reading.alternatives)
    )


def used(text: str, question: Question, vocabulary: Vocabulary) -> list[tuple[str, Sequence[Filter]]]:
    """The taught phrases that a text which was read holds, and what each stood for."""
    if not vocabulary.taught:
        return []
    spoken = _phrases(text)
    held = {(part.dimension, value) for part in question.where for value in part.values}
    return [
        (phrase, filters)
        for phrase, filters in vocabulary.taught.items()
        if phrase in spoken and any((part.dimension, value) in held for part in filters for value in part.values)
    ]


def shown(filters: Iterable[Filter]) -> str:
    """Filters in a few signs, for a reading: ``core or data · not staging``."""
    return " · ".join(
        f"{'not ' if part.exclude else ''}{' or '.join(value or '(none)' for value in part.values)}" for part in filters
    )


def _check_phrase(phrase: str, vocabulary: Vocabulary) -> None:
    words = [token.norm for token in tokenize(phrase).tokens]
    if not words or len(phrase) > _LONGEST or len(words) > 2 * _MOST_WORDS:
        raise NotUnderstood(
            f"An alias is one to {_MOST_WORDS} words, {_LONGEST} letters at most.", f"Example: {_EXAMPLE}"
        )
    if any(not (word[0].isalnum() or word in "-_./") for word in words):
        raise NotUnderstood(f"{phrase!r} has signs that no alias may have.", f"Example: {_EXAMPLE}", unknown=[phrase])
    mended = [token.norm for token in corrected(tokenize(phrase), vocabulary, lexicon()).tokens]
    if all(_ours(word) for word in mended) or _phrase_of_ours(mended):
        raise NotUnderstood(
            f"{phrase!r} is made of words that have a meaning in questions, and would hide it.",
            'Add a word that has none: "blue cluster" rather than "cluster".',
            unknown=[phrase],
        )
    named = any(match.degree < PART for match in vocabulary.matches(phrase).values())
    if (named and phrase not in vocabulary.taught) or vocabulary.tag(phrase) or _counted(phrase, vocabulary):
        raise NotUnderstood(
            f"{phrase!r} is a name that the bills know already, and would be hidden.",
            "Choose another phrase.",
            unknown=[phrase],
        )
    if vocabulary.alias(phrase):
        raise NotUnderstood(
            f"{phrase!r} is a name that every ledger knows: it may come with the next bill.",
            "Choose another phrase, or put it into ALIASES_FILE.",
            unknown=[phrase],
        )


def _ours(word: str) -> bool:
    """Whether a word has a meaning by itself, whatever the ledger holds."""
    known = word in lexicon().single or word in grammar(constructors).literals or word in CALENDAR or word in NUMBERS
    return known or not any(letter.isalpha() for letter in word)


def _phrase_of_ours(words: Sequence[str]) -> bool:
    return any(lexeme.words == tuple(words) for lexeme in lexicon().by_first.get(words[0], ()))


def _counted(phrase: str, vocabulary: Vocabulary) -> bool:
    return tuple(phrase.split()) in vocabulary.units


def _phrases(text: str) -> set[str]:
    """Every run of words of a text that an alias could be."""
    words = plain(text).casefold().replace("?", " ").replace(",", " ").split()
    found = {" ".join(words[at:end]) for at in range(len(words)) for end in range(at + 1, at + 1 + 2 * _MOST_WORDS)}
    return found | {phrase.removesuffix("'s").rstrip(".!:;") for phrase in found}


def _names(vocabulary: Vocabulary) -> frozenset[str]:
    return frozenset(name for dimension in vocabulary.dimensions for name in vocabulary.values(dimension))
