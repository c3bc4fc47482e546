"""Slips of the finger: a word nobody knows that is nearly one that somebody does. Never in digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Final

from bot.language import calendar_words, numbers
from bot.language.lexicon import Lexicon
from bot.language.meanings import Role
from bot.language.text import Text, Token
from bot.language.vocabulary import Vocabulary

_SHORTEST: Final = 4
_LONG: Final = 9
_CLEAR: Final = 7
"""Letters from which on a slip may stand for a word that makes a question one we do not answer."""
_SCRAP: Final = 2
_ALIKE: Final = 0.75
_MEANT: Final = {Role.SPEND: 0, Role.DIM: 0, Role.GRAIN: 0, Role.FILLER: 3, Role.LIST: 3}
"""How readily a role is taken for what was meant, where two words are as near; 2 for the others."""
_MOST: Final = 12
"""How many words of one text are looked up; a text of more unknown words is not a question."""


class Speller:
    """Mends the words of one text."""

    def __init__(self, vocabulary: Vocabulary, lexicon: Lexicon, *, listed: bool = False) -> None:
        """``listed``: models that only have list prices are known too."""
        self._vocabulary, self._lexicon, self._listed = vocabulary, lexicon, listed
        self._left = _MOST

    def corrected(self, text: Text) -> Text:
        """The text with its unknown words mended where that is clear."""
        around = ("", *(token.norm for token in text.tokens), "")
        tokens = [
            each
            for at, token in enumerate(text.tokens)
            for each in self._mended(token, before=around[at], after=around[at + 2])
        ]
        return Text(text.plain, tuple(tokens))

    def _mended(self, token: Token, *, before: str, after: str) -> list[Token]:
        word = token.norm
        if not token.word or len(word) < _SHORTEST or self._known(word) or not word.isalpha() or self._left <= 0:
            return [token]
        self._left -= 1
        near_own, near_named = _own_alike(word, self._lexicon), self._vocabulary.near(word)
        if fitting := self._fitting(word, [*near_named, *near_own], before, after):
            return [replace(token, norm=fitting)]
        own, named = self._nearest(word, near_own), self._nearest(word, near_named)
        split = None if own else self._two_words(word)
        if split:
            return [replace(token, norm=split[0]), replace(token, norm=split[1], glued=False)]
        near = [each for each in (own, named) if each]
        return [replace(token, norm=min(near)[-1])] if near else [token]

    def _nearest(self, word: str, candidates: Sequence[str]) -> tuple[int, int, int, int, str] | None:
        """The likeliest of these words, and how likely: by distance, slip, what people ask for, and likeness."""
        close = [
            (distance, _slip(word, name), self._rarity(name), _same_start(word, name), name)
            for name, distance in _close(word, candidates)
        ]
        return min(close, default=None)

    def _fitting(self, word: str, candidates: Sequence[str], before: str, after: str) -> str:
        """The word that makes a name with the one beside it: in "clod run" it is cloud, not cold."""
        close = sorted({(distance, name) for name, distance in _close(word, candidates)})
        names = self._vocabulary.matches
        follows = (name for _, name in close if after and names(f"{name} {after}"))
        led = (name for _, name in close if before and names(f"{before} {name}"))
        return next(follows, "") or next(led, "")

    def _rarity(self, name: str) -> int:
        """What people ask for first, small words last."""
        roles = self._lexicon.alone(name)
        return min((_MEANT.get(role, 2) for role in roles), default=1)

    def _known(self, word: str) -> bool:
        if self._listed and self._vocabulary.lists(word):
            return True
        return word in _own_words(self._lexicon) or self._vocabulary.knows(word) or word in self._lexicon.never_typos

    def _two_words(self, word: str) -> tuple[str, str] | None:
        own = _own_words(self._lexicon)
        for cut in range(_SCRAP, len(word) - _SCRAP):
            if word[:cut] in own and word[cut:] in own and len(word) - cut > _SCRAP:
                return word[:cut], word[cut:]
        return None


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


def _own_alike(word: str, lexicon: Lexicon) -> Sequence[str]:
    """The words of ours that begin like it."""
    by_initial = _own_by_initial(lexicon)
    return by_initial.get(word[0], ()) + (by_initial.get(word[1], ()) if word[1] != word[0] else ())


def closest(word: str, choices: Sequence[str], count: int = 3) -> list[str]:
    """The names most like a word, for "closest: …"."""
    from rapidfuzz import process  # noqa: PLC0415 - only for words nobody knows
    from rapidfuzz.distance import JaroWinkler  # noqa: PLC0415

    found = process.extract(word, choices, scorer=JaroWinkler.similarity, limit=count, score_cutoff=_ALIKE)
    return [name for name, _, _ in found]


def _close(word: str, candidates: Sequence[str]) -> list[tuple[str, int]]:
    """The candidates that a slip or two away can be, and how far they are."""
    from rapidfuzz import process  # noqa: PLC0415 - only for words nobody knows
    from rapidfuzz.distance import OSA  # noqa: PLC0415

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
