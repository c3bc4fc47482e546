"""What was typed, freed of Slack's markup and cut into tokens. Nothing here knows about costs."""

from __future__ import annotations

import html
import re
import unicodedata
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
