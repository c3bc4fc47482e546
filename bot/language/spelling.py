"""Slips of the finger: a word nobody knows that is nearly one that somebody does.

Never in digits, and never where the word typed is an English word of its own (``english.txt``): "host" is no "cost".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from bot.language import numbers
from bot.language.dates import calendar_words
from bot.language.entities import Vocabulary
from bot.language.lexicon import Lexicon
from bot.language.normalize import Token, TokenizedText

_SHORTEST: Final = 4
_LONG: Final = 9
_SCRAP: Final = 2
_ALIKE: Final = 0.75
_MAX_LOOKUPS: Final = 12
"""Words of one text that are looked up; a text of more unknown words is not a question."""


def corrected(text: TokenizedText, vocabulary: Vocabulary, lexicon: Lexicon, *, listed: bool = False) -> TokenizedText:
    """The text with its unknown words corrected where that is clear; positions stay those of what was typed.

    ``listed``: models that only have list prices are known too.
    """
    known = [_known(token, vocabulary, lexicon) or (listed and vocabulary.lists(token.norm)) for token in text.tokens]
    if all(known):
        return text
    speller = _Speller(vocabulary, lexicon)
    norms = ("", *(token.norm for token in text.tokens), "")
    tokens = [
        mended
        for at, token in enumerate(text.tokens)
        for mended in ([token] if known[at] else speller.correct(token, before=norms[at], after=norms[at + 2]))
    ]
    return TokenizedText(text.plain, tuple(tokens))


def _known(token: Token, vocabulary: Vocabulary, lexicon: Lexicon) -> bool:
    word = token.norm
    if len(word) < _SHORTEST or not word.isalpha():
        return True
    return word in _own_words(lexicon) or vocabulary.knows(word)


class _Speller:
    def __init__(self, vocabulary: Vocabulary, lexicon: Lexicon) -> None:
        self._vocabulary, self._lexicon, self._left = vocabulary, lexicon, _MAX_LOOKUPS

    def correct(self, token: Token, *, before: str, after: str) -> list[Token]:
        word = token.norm
        if self._left <= 0:
            return [token]
        self._left -= 1
        own, named = _own_alike(word, self._lexicon), self._vocabulary.near(word)
        if fitting := self._fitting(word, [*named, *own], before, after):
            return [replace(token, norm=fitting, corrected=True)]
        if word in english() or word.removesuffix("s") in english():
            return [token]
        near = [found for found in (self._nearest(word, own), self._nearest(word, named)) if found]
        if not near and (split := self._two_words(word)):
            first, second = split
            return [
                replace(token, norm=first, corrected=True),
                replace(token, norm=second, glued=False, corrected=True),
            ]
        return [replace(token, norm=min(near)[-1], corrected=True)] if near else [token]

    def _nearest(self, word: str, candidates: Sequence[str]) -> tuple[int, int, int, int, str] | None:
        """The likeliest of these words: by distance, kind of slip, what carries meaning first, and likeness."""
        close = [
            (distance, _slip(word, name), int(name in self._lexicon.function_words), _same_start(word, name), name)
            for name, distance in _close(word, candidates)
        ]
        return min(close, default=None)

    def _fitting(self, word: str, candidates: Sequence[str], before: str, after: str) -> str:
        """The word that makes a name with the one beside it: in "clod run" it is cloud."""
        close = sorted({(distance, name) for name, distance in _close(word, candidates)})
        names = self._vocabulary.matches
        follows = (name for _, name in close if after and names(f"{name} {after}"))
        led = (name for _, name in close if before and names(f"{before} {name}"))
        return next(follows, "") or next(led, "")

    def _two_words(self, word: str) -> tuple[str, str] | None:
        own = _own_words(self._lexicon)
        for cut in range(_SCRAP, len(word) - _SCRAP):
            if word[:cut] in own and word[cut:] in own and len(word) - cut > _SCRAP:
                return word[:cut], word[cut:]
        return None


def closest(word: str, choices: Sequence[str], count: int = 3) -> list[str]:
    """The names most like a word, for "closest: …"."""
    from rapidfuzz import process  # only for words nobody knows
    from rapidfuzz.distance import JaroWinkler

    found = process.extract(word, choices, scorer=JaroWinkler.similarity, limit=count, score_cutoff=_ALIKE)
    return [name for name, _, _ in found]


@cache
def english() -> frozenset[str]:
    """Common English words, which are what they are and no slips."""
    return frozenset(files(__package__).joinpath("english.txt").read_text("ascii").split())


@cache
def _own_words(lexicon: Lexicon) -> frozenset[str]:
    return lexicon.words | calendar_words.WORDS | frozenset(numbers.WORDS)


@cache
def _by_initial(lexicon: Lexicon) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for word in sorted(_own_words(lexicon)):
        if word.isalpha() and len(word) >= _SHORTEST:
            found.setdefault(word[0], []).append(word)
    return {initial: tuple(words) for initial, words in found.items()}


def _own_alike(word: str, lexicon: Lexicon) -> Sequence[str]:
    """The words of ours that begin like it."""
    by_initial = _by_initial(lexicon)
    return by_initial.get(word[0], ()) + (by_initial.get(word[1], ()) if word[1] != word[0] else ())


def _close(word: str, candidates: Sequence[str]) -> list[tuple[str, int]]:
    """The candidates that a slip or two away can be, and how far they are."""
    from rapidfuzz import process  # only for words nobody knows
    from rapidfuzz.distance import OSA

    allowed = 2 if len(word) >= _LONG else 1
    found = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=allowed, limit=8)
    return [(name, int(distance)) for name, distance, _ in found if _plausible(word, name, distance)]


def _slip(word: str, name: str) -> int:
    """How likely a slip: letters swapped, one lost, one typed twice, one too many, one for another."""
    if sorted(word) == sorted(name):
        return 0
    if len(name) != len(word):
        return 1 if len(name) > len(word) or _doubled(word, name) else 2
    return 3


def _doubled(word: str, name: str) -> bool:
    return any(a == b and word[:at] + word[at + 1 :] == name for at, (a, b) in enumerate(pairwise(word)))


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
