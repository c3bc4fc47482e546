"""Numbers as people type them: ``$1,000``, ``1.5k``, ``€2m``, ``500 bucks``, ``40%``, ``ten``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from bot.language.normalize import TokenizedText


class TypedNumber(NamedTuple):
    """A number as typed: a plain ``count``, an ``amount`` with a sign or a scale, or a ``percent``."""

    kind: Literal["count", "amount", "percent"]
    value: Decimal


_NUMBER = re.compile(
    r"(?P<sign>[$€£¥])?\s?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:\s?(?P<scale>k|m|mm|mio|mil|mln|bn|b(?=\s(?:\w+\s){0,2}tok)|hundred|thousand|grand|million|billion)s?(?![\w]))?"
    r"(?P<percent>\s?%|\s?percent\b|\s?pct\b)?"
    r"(?P<unit>\s?(?:usd|eur|gbp|dollars?|bucks?|euros?|pounds?)(?!\w)|\s?[$€£])?",
    re.IGNORECASE,
)
_SCALES: Final = {
    "hundred": 2, "k": 3, "thousand": 3, "grand": 3, "m": 6, "mm": 6, "mio": 6, "mil": 6, "mln": 6, "million": 6,
    "b": 9, "bn": 9, "billion": 9,
}  # fmt: skip
WORDS: Final = {
    "one": 1, "two": 2, "couple": 2, "three": 3, "few": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "fifteen": 15,
    "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90,
}  # fmt: skip
_MONEY: Final = frozenset(("dollars", "dollar", "bucks", "usd", "euros", "euro", "eur", "pounds", "gbp"))
_LONGEST: Final = 15


def number_at(text: TokenizedText, at: int) -> tuple[int, TypedNumber] | None:
    """The number that starts at a token, and the token after it."""
    token = text.tokens[at]
    if scaled := _in_words(text, at):
        return scaled
    if token.norm in WORDS:
        return at + 1, TypedNumber("count", Decimal(WORDS[token.norm]))
    if not (token.norm[0].isdigit() or token.norm in "$€£¥"):
        return None
    match = _NUMBER.match(text.plain, token.start)
    if not match or len(match["digits"]) > _LONGEST:
        return None
    end = _token_ending(text, at, match.end())
    return None if end is None else (end, _number(match))


def _in_words(text: TokenizedText, at: int) -> tuple[int, TypedNumber] | None:
    """Ten million, a thousand, half a million, a couple of thousand."""
    norms = [token.norm for token in text.tokens[at : at + 5]]
    value, taken = Decimal(WORDS.get(norms[0], 1)), 1
    if norms[0] == "half" and norms[1:2] == ["a"]:
        value, taken = Decimal("0.5"), 2
    elif norms[0] == "a" and norms[1:2] and norms[1] in WORDS:
        value, taken = Decimal(WORDS[norms[1]]), 2
    elif norms[0] in _SCALES and norms[1:2] in (["token"], ["tokens"]):
        taken = 0
    elif (
        norms[0].isdecimal()
        and len(norms[0]) < _LONGEST
        and text.tokens[at + 1 : at + 2]
        and text.tokens[at + 1].corrected
    ):
        value = Decimal(norms[0])
    elif norms[0] not in WORDS and norms[0] != "a":
        return None
    taken += norms[taken : taken + 1] == ["of"]
    scale = norms[taken].removesuffix("s") if taken < len(norms) else ""
    if len(scale) <= len("mil") or scale not in _SCALES:
        return None
    money = taken + 1 < len(norms) and norms[taken + 1] in _MONEY
    return at + taken + 1 + money, TypedNumber("amount", value.scaleb(_SCALES[scale]))


def _number(match: re.Match[str]) -> TypedNumber:
    digits = Decimal(match["digits"].replace(",", ""))
    value = digits.scaleb(_SCALES[match["scale"].casefold()]) if match["scale"] else digits
    if match["percent"]:
        return TypedNumber("percent", value)
    exact = Decimal(format(value.normalize(), "f"))
    money = match["sign"] or match["scale"] or match["unit"]
    return TypedNumber("amount" if money else "count", exact)


def _token_ending(text: TokenizedText, at: int, position: int) -> int | None:
    for index in range(at, min(at + 9, len(text.tokens))):
        if text.tokens[index].end == position:
            return index + 1
        if text.tokens[index].end > position:
            return None
    return None
