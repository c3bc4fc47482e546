"""What was typed, freed of markup and cut into tokens; names, folded to be compared. Nothing here knows about costs."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

JOINERS: Final = frozenset("-_./:")
"""What may stand inside a name: ``us-east-1``, ``ACME_WH``, ``gpt-4.1``, ``EBS:VolumeUsage``."""

_ANGLES = re.compile(r"<([^<>|\n]*)(?:\|([^<>\n]*))?>")
_EMOJI = re.compile(r"(?<![^\s:]):[a-z0-9_+'-]*[a-z+][a-z0-9_+'-]*:(?![^\s:,.!?])")
_MARKS = re.compile(r"[*`~]+|(?<!\w)_+|_+(?!\w)")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201b": "'", "\u2032": "'", "\u02bc": "'", '"': " "})
_QUOTES.update(str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", " ")))
_QUOTES.update(str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-")))
_QUOTES.update(str.maketrans({"\u2014": " - ", "\u2015": " - ", "\u2026": " "}))
_TOKEN = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[@#](?=[^\W\d])[\w.-]*\w(?:'s)?|[^\W_]+(?:'[^\W_]+)*|\S")
"""Somebody or some place that is mentioned, a word, or a sign."""
_MEASURED = re.compile(r"(\d+)([kmgtp]i?bs?|hrs|hours|tokens)|(top)(\d+)")
"""A number and its unit, or a rank and its number, with no space between them."""
_SUFFIXES = {"s": "", "re": "", "ve": "", "d": "", "m": "", "ll": "will"}


class Token(Struct, frozen=True):
    """One word or sign. ``norm`` is what is compared; ``glued``: no space before it."""

    text: str
    norm: str
    start: int
    end: int
    glued: bool
    corrected: bool = False
    """Whether its spelling was."""

    @property
    def word(self) -> bool:
        """Whether it is letters or digits and not a sign."""
        return self.norm[:1].isalnum()


class TokenizedText(Struct, frozen=True):
    """Plain text and its tokens; positions are in ``plain``."""

    plain: str
    tokens: tuple[Token, ...]

    def between(self, start: int, end: int) -> str:
        """What was typed from token ``start`` up to but without token ``end``."""
        return self.plain[self.tokens[start].start : self.tokens[end - 1].end]


def plain(typed: str) -> str:
    """The words a reader of the message would see: no mentions, links, emphasis, emoji, control characters."""
    text = _ANGLES.sub(_angle, typed)
    text = html.unescape(text)
    text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
    text = "".join(map(_visible, text))
    text = _EMOJI.sub(" ", text)
    return " ".join(_MARKS.sub("", text).split())


def tokenize(text: str) -> TokenizedText:
    """Cut plain text into words and signs."""
    tokens: list[Token] = []
    last = -1
    for match in _TOKEN.finditer(text):
        norm = match.group().casefold()
        token = Token(match.group(), norm, match.start(), match.end(), match.start() == last)
        tokens.extend(_apart(token))
        last = match.end()
    return TokenizedText(text, tuple(tokens))


def _angle(match: re.Match[str]) -> str:
    target, label = match.group(1), match.group(2)
    if target in {"!channel", "!here", "!everyone"}:
        return " "
    if target.startswith(("@", "#", "!subteam")):
        sign = "#" if target[0] == "#" else "@"
        return f" {sign}{'_'.join((label or target.rpartition('^')[2].lstrip('@#')).lstrip('@#').split())}"
    if target.startswith("!"):
        return label or " "
    if target.startswith(("http:", "https:", "mailto:", "tel:")):
        return label or " "
    return match.group()


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in {"Cf", "Mn", "Me"}:
        return ""
    return " " if category in {"Cc", "Cs", "Co", "Cn", "So", "Sk", "Zl", "Zp"} else character


def _part(token: Token, start: int, end: int) -> Token:
    """The letters of a word from one to another."""
    at = token.start
    return replace(token, text=token.text[start:end], norm=token.norm[start:end], start=at + start, end=at + end)


def _apart(token: Token) -> list[Token]:
    """A word with an apostrophe as what it stands for: "what'll" is what + will, "month's" is month; "2tb" as two."""
    if measured := _MEASURED.fullmatch(token.norm):
        size = max(measured.end(1), measured.end(3))
        return [_part(token, 0, size), replace(_part(token, size, len(token.text)), glued=True)]
    base, quote, suffix = token.norm.partition("'")
    if not quote or not base:
        return [token]
    if suffix == "t" and base.endswith("n"):
        return [replace(token, norm=f"{base}t")]
    meant = _SUFFIXES.get(suffix)
    if meant is None:
        return [replace(token, norm=token.norm.replace("'", ""))]
    first = replace(token, norm=base)
    return [first, replace(token, norm=meant, glued=False)] if meant else [first]


_SPACES: Final = str.maketrans(dict.fromkeys("-_./:()", " "))
WORDS = re.compile(r"[^\W_]+|,")
_PIECES = re.compile(r"[a-z]{1,2}\d+(?![a-z])|\d+[a-z]{1,2}(?![a-z])|[^\W\d_]+|\d+")
"""The words and numbers of a model's name; "o4" and "4o" are neither cut nor the same."""
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNSAID: Final = frozenset(("claude", "latest"))
"""What people leave out of a model's name."""
ModelVersion = tuple[tuple[str, ...], tuple[str, ...]]


class ValueLines:
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


def version_of(name: str) -> ModelVersion:
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
