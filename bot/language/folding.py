"""How names are folded to be compared: cut at signs and humps, without case; models by their numbers and words."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

_SPACES: Final = str.maketrans(dict.fromkeys("-_./:()", " "))
WORDS = re.compile(r"[^\W_]+|,")
_PIECES = re.compile(r"[a-z]{1,2}\d+(?![a-z])|\d+[a-z]{1,2}(?![a-z])|[^\W\d_]+|\d+")
"""The words and numbers of a model's name; "o4" and "4o" are neither cut nor the same."""
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNSAID: Final = frozenset(("claude", "latest"))
"""What people leave out of a model's name."""
Version = tuple[tuple[str, ...], tuple[str, ...]]


class Lines:
    """The values of one dimension as lines of one text, so that they are searched at once."""

    def __init__(self, values: list[str]) -> None:
        self.values = values
        self._folded = [value.casefold().replace("\n", " ") for value in values]
        self._text = "\n" + "\n".join(self._folded) + "\n"
        self._starts = list(accumulate((len(value) + 1 for value in self._folded), initial=1))

    def like(self, pieces: list[str]) -> Iterator[int]:
        """The numbers of the values in which these pieces stand in order, the outer ones at the ends."""
        ends = [f"\n{pieces[0]}", *pieces[1:]]
        ends[-1] += "\n"
        sought = max(ends, key=len)
        at = self._text.find(sought)
        while at >= 0:
            number = max(bisect(self._starts, at + (sought[0] == "\n")) - 1, 0)
            if _like(self._folded[number], pieces):
                yield number
            at = self._text.find(sought, at + 1)


def _like(value: str, pieces: list[str]) -> bool:
    if len(pieces) == 1:
        return value == pieces[0]
    first, *middle, last = pieces
    if not (value.startswith(first) and value.endswith(last) and len(value) >= len(first) + len(last)):
        return False
    return all(piece in value[len(first) :] for piece in middle)


def version_of(name: str) -> Version:
    """A model's name, its numbers in their order and its words in any: "sonnet 4.5" is claude-sonnet-4-5."""
    parts = _PIECES.findall(name.casefold())
    words = [part for part in parts if not part.isdecimal() and part not in _UNSAID]
    return tuple(part for part in parts if part.isdecimal()), tuple(sorted(words))


def fold(name: str) -> str:
    """A name without case, spaces and signs."""
    return "".join(WORDS.findall(name.casefold()))


def cut_at_humps(name: str) -> list[str]:
    """A value's words: cut at signs and humps."""
    return WORDS.findall(HUMP.sub(" ", name).casefold())


def cut_at_signs(name: str) -> list[str]:
    """A value's words, cut at signs only."""
    return WORDS.findall(name.casefold())


def unlike(typed: str, name: str) -> int:
    """How far a value is written from what was typed: 0 the same, 1 other signs, 2 other cuts."""
    typed, name = typed.casefold(), name.casefold()
    if typed == name:
        return 0
    return 1 if typed.translate(_SPACES).split() == name.translate(_SPACES).split() else 2


def stands_inside(words: tuple[str, ...], name: list[str]) -> bool:
    """Whether the words stand side by side in a name and cut no version number apart."""
    length = len(words)
    for start in range(len(name) - length + 1):
        if tuple(name[start : start + length]) == words:
            before = name[start - 1] if start else ""
            after = name[start + length] if start + length < len(name) else ""
            cut = (words[0].isdigit() and before.isdigit()) or (
                after.isdigit() and len(words) > 1 and words[-1].isdigit()
            )
            if not cut:
                return True
    return False


def forms_of(name: str) -> set[tuple[str, ...]]:
    """The words of a name, its last one in one and in many: ``order``, ``orders``."""
    *first, last = name.casefold().split() or [""]
    single = f"{last[:-3]}y" if last.endswith("ies") else last.removesuffix("s")
    many = f"{single[:-1]}ies" if single.endswith("y") and single[-2:-1] not in set("aeiou") else f"{single}s"
    return {(*first, word) for word in (last, single, many) if word}
