"""A place in a text that reads small things: words, counts, years, units with a number."""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from bot.language import numbers
from bot.language.dates.calendar_words import HOURS, ORDINAL, SHORT, UNITS, WHOLE
from bot.language.dates.expressions import Moment, Unit
from bot.language.normalize import TokenizedText

Counted = tuple[int, Unit | Literal["hour"], int]
"""The place after "30 days", the unit, the number."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_COUNT: Final = 3
_LAST_DAY: Final = 31
_DIGITS_OF_YEAR: Final = 4


class DateMatch(NamedTuple):
    """A moment and the token after it."""

    end: int
    moment: Moment


class DateCursor:
    """Looks at the words of one text. Hyphens inside words ("month-to-date") are passed over."""

    def __init__(self, text: TokenizedText) -> None:
        self._text = text
        self._norms = [token.norm for token in text.tokens]

    def norm(self, at: int) -> str:
        """The word at a place, "" beyond the end."""
        return self._norms[at] if 0 <= at < len(self._norms) else ""

    def skip(self, at: int, words: str) -> int:
        """The place after the words that stand here, or here."""
        wanted = words.split()
        if self.norm(at) != wanted[0]:
            return at
        places = [self.step(at, n) for n in range(len(wanted) + 1)]
        matches = all(self.norm(place) == word for place, word in zip(places, wanted, strict=False))
        return places[-1] if matches else at

    def step(self, at: int, count: int = 1) -> int:
        """The place so many words on; a hyphen between words counts for nothing."""
        for _ in range(count):
            at += 1
            if self.norm(at) in {"-", "'"} and self._inside_word(at):
                at += 1
        return at

    def _inside_word(self, at: int) -> bool:
        """A hyphen between letters, not between two numbers ("oct 5-9")."""
        return self._glued(at) and not (self.norm(at - 1).isdecimal() and self.norm(at + 1).isdecimal())

    def over(self, at: int, words: frozenset[str]) -> int:
        """The place after any of these words."""
        while self.norm(at) in words:
            at = self.step(at)
        return at

    def count(self, at: int) -> tuple[int, int] | None:
        """A small count in digits or words, and the place after it."""
        at = self.skip(at, "a")
        word = self.norm(at)
        if word in numbers.WORDS:
            return numbers.WORDS[word], self.skip(self.step(at), "of")
        cut = self.norm(at + 1) in {",", "."} and self._glued(at + 1)
        if word.isdecimal() and len(word) <= _COUNT and not cut:
            return int(word), self.step(at)
        return None

    def counted(self, at: int) -> Counted | None:
        """A number and a unit: 30 days, two weeks, 7d."""
        short = self.counted_short(self.norm(at))
        if short:
            return (self.step(at), *short)
        found = self.count(at)
        if found is None:
            return None
        after = self.over(found[1], WHOLE)
        word = self.norm(after)
        unit = _unit({"m": "month", "q": "quarter"}.get(word, word))
        return (self.step(after), unit, found[0]) if unit else None

    def counted_short(self, word: str) -> tuple[Unit | Literal["hour"], int] | None:
        """A unit and a number in one word: 7d, 3m."""
        short = SHORT.match(word)
        unit = _unit({"m": "month", "q": "quarter"}.get(short[2], short[2])) if short else None
        return (unit, int(short[1])) if short and unit else None

    def day(self, at: int) -> tuple[int, int] | None:
        """A day of the month ("3rd", "3"; not "3.5" or "3,000"), and the place after it."""
        word = self.norm(at)
        ordinal = ORDINAL.match(word)
        number = int(ordinal[1]) if ordinal else int(word) if word.isdecimal() and len(word) < _COUNT else 0
        if not 1 <= number <= (_LAST_DAY if ordinal else 99):
            return None
        cut = self.norm(at + 1) in {".", ","} and self._glued(at + 1)
        rest = self.norm(at + 2)
        if not ordinal and cut and rest.isdecimal() and len(rest) != _DIGITS_OF_YEAR:
            return None
        return number, self.step(at)

    def year(self, at: int) -> int | None:
        """A year in four digits that is no part of a longer number."""
        sign = self.norm(at + 1) in {"-", ".", ","} and self._glued(at + 1)
        if _YEAR.fullmatch(self.norm(at)) and not (sign and self.norm(at + 2).isdecimal()):
            return int(self.norm(at))
        return None

    def unit(self, at: int) -> Unit | None:
        """The unit of time that stands here."""
        return UNITS.get(self.norm(at))

    def _glued(self, at: int) -> bool:
        tokens = self._text.tokens
        return at + 1 < len(tokens) and tokens[at].glued and tokens[at + 1].glued


def _unit(word: str) -> Unit | Literal["hour"] | None:
    return "hour" if word in HOURS else UNITS.get(word)
