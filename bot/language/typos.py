"""Slips of the finger: a word nobody knows that is nearly one that somebody does. Never in digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from bot.language import calendar_words, numbers
from bot.language.lexicon import Lexicon
from bot.language.text import Text, Token
from bot.language.vocabulary import Vocabulary

_SHORTEST: Final = 4
_LONG: Final = 9
_CLEAR: Final = 7
"""Letters from which on a slip may stand for a word that makes a question one we do not answer."""
_SCRAP: Final = 2
_ALIKE: Final = 0.75
_MOST: Final = 12
"""How many words of one text are looked up; a text of more unknown words is not a question."""


class Speller:
    """Mends the words of one text."""

    def __init__(self, vocabulary: Vocabulary, lexicon: Lexicon) -> None:
        self._vocabulary, self._lexicon = vocabulary, lexicon
        self._left = _MOST

    def corrected(self, text: Text) -> Text:
        """The text with its unknown words mended where that is clear."""
        tokens = [each for token in text.tokens for each in self._mended(token)]
        return Text(text.plain, tuple(tokens))

    def _mended(self, token: Token) -> list[Token]:
        word = token.norm
        if not token.word or len(word) < _SHORTEST or self._known(word) or not word.isalpha() or self._left <= 0:
            return [token]
        self._left -= 1
        mended = nearest_word(word, self._lexicon)
        split = None if mended else self._two_words(word)
        if split:
            return [replace(token, norm=split[0]), replace(token, norm=split[1], glued=False)]
        mended = mended or self._nearest_name(word)
        return [replace(token, norm=mended)] if mended else [token]

    def _known(self, word: str) -> bool:
        return word in _own_words(self._lexicon) or self._vocabulary.knows(word) or word in self._lexicon.never_typos

    def _two_words(self, word: str) -> tuple[str, str] | None:
        own = _own_words(self._lexicon)
        for cut in range(_SCRAP, len(word) - _SCRAP):
            if word[:cut] in own and word[cut:] in own and len(word) - cut > _SCRAP:
                return word[:cut], word[cut:]
        return None

    def _nearest_name(self, word: str) -> str | None:
        return _nearest(word, self._vocabulary.near(word))


@cache
def _own_words(lexicon: Lexicon) -> frozenset[str]:
    return lexicon.words | calendar_words.WORDS | frozenset(numbers.WORDS)


@cache
def _own_by_initial(lexicon: Lexicon) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for word in sorted(_own_words(lexicon)):
        if word.isalpha() and len(word) >= _SHORTEST and not (len(word) < _CLEAR and lexicon.refuses(word)):
            found.setdefault(word[0], []).append(word)
    return {initial: tuple(words) for initial, words in found.items()}


def nearest_word(word: str, lexicon: Lexicon) -> str | None:
    """The word of ours that was meant, if it is clear."""
    by_initial = _own_by_initial(lexicon)
    candidates = by_initial.get(word[0], ()) + (by_initial.get(word[1], ()) if word[1] != word[0] else ())
    return _nearest(word, candidates)


def closest(word: str, choices: Sequence[str], count: int = 3) -> list[str]:
    """The names most like a word, for "closest: …"."""
    from rapidfuzz import process  # noqa: PLC0415 - only for words nobody knows
    from rapidfuzz.distance import JaroWinkler  # noqa: PLC0415

    found = process.extract(word, choices, scorer=JaroWinkler.similarity, limit=count, score_cutoff=_ALIKE)
    return [name for name, _, _ in found]


def _nearest(word: str, candidates: Sequence[str]) -> str | None:
    from rapidfuzz import process  # noqa: PLC0415 - only for words nobody knows
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    allowed = 2 if len(word) >= _LONG else 1
    found = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=allowed, limit=5)
    close = [
        (distance, _same_start(word, name), name) for name, distance, _ in found if _plausible(word, name, distance)
    ]
    return min(close)[2] if close else None


def _same_start(word: str, name: str) -> int:
    return -sum(1 for a, b in zip(word, name, strict=False) if a == b)


def _plausible(word: str, name: str, distance: float) -> bool:
    if len(name) < _SHORTEST:
        return False
    if word[0] != name[0] and sorted(word[:2]) != sorted(name[:2]):
        return False
    if len(word) == _SHORTEST and len(name) == _SHORTEST:
        return sorted(word) == sorted(name)  # four letters may only be swapped
    return distance <= (2 if min(len(word), len(name)) >= _LONG - 1 else 1)
