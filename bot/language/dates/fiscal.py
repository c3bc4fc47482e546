"""Fiscal years and quarters: this fiscal year, FY26, fiscal Q2. A fiscal year is named for the year it ends in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

from bot.domain.errors import NotUnderstood
from bot.domain.period import add_months
from bot.language.dates.calendar_words import LAST, NEXT, PAST, QUARTER, THIS
from bot.language.dates.cursor import DateMatch
from bot.language.dates.expressions import Clock, DateRange, Moment
from bot.language.dates.numeric import full_year
from bot.language.dates.within import Half

if TYPE_CHECKING:
    from bot.language.dates.reader import DateReader

_FY: Final = re.compile(r"fy([12]\d{3}|\d{2})?$")
_FY_QUARTER: Final = re.compile(r"fy([12]\d{3}|\d{2})q([1-4])$")
_QUARTER_FIRST: Final = re.compile(r"(?:f?q([1-4])|([1-4])q)$")
_FISCAL_QUARTER: Final = re.compile(r"fq([1-4])$")
_SHORT_YEAR: Final = re.compile(r"[12]\d|3[0-5]$")
_HALVES: Final = frozenset(("h1", "h2"))
_TO_DATE: Final = ("to date", "so far", "until now")


class Fiscal(Moment, frozen=True):
    """A fiscal year or quarter: by its number and year, or told from today; ``word`` is how it was said."""

    unit: Literal["quarter", "year"]
    word: str
    number: int | None = None
    """Which quarter, where it was said."""
    offset: int | None = None
    """This (0), last (-1) or next (1); None where a year or number names it."""

    def span(self, clock: Clock) -> DateRange:
        """The whole of it; of a quarter without a year the latest that has begun, or looking ahead the next to end.

        Raises:
            NotUnderstood: it is not set when fiscal years begin.
        """
        if clock.fiscal_month is None:
            raise NotUnderstood(
                "I don't know which month your fiscal year begins in.",
                'Set FISCAL_YEAR_START (for example "april"), or name the months.',
                unknown=[self.word],
            )
        year = self.year
        if year is None:
            now = _year_around(clock.today, clock.fiscal_month)
            if self.unit == "quarter" and self.number is None:
                months = (clock.today.year - now.year) * 12 + clock.today.month - now.month
                start = add_months(now, months // 3 * 3 + 3 * (self.offset or 0))
                return DateRange(start, add_months(start, 3), "quarter")
            start = add_months(now, 12 * (self.offset or 0))
        else:
            start = date(year if clock.fiscal_month == 1 else year - 1, clock.fiscal_month, 1)
        if self.number is None:
            return DateRange(start, add_months(start, 12), "year")
        start = add_months(start, 3 * (self.number - 1))
        if year is None and self.offset is None and clock.ahead and add_months(start, 3) <= clock.today:
            start = add_months(start, 12)
        elif year is None and self.offset is None and not clock.ahead and start > clock.today:
            start = add_months(start, -12)
        return DateRange(start, add_months(start, 3), "quarter")

    @property
    def relative(self) -> bool:
        """Told from today."""
        return self.offset is not None


def _year_around(day: date, month: int) -> date:
    """The first day of the fiscal year that a day is in."""
    return date(day.year if day.month >= month else day.year - 1, month, 1)


def fiscal(reader: DateReader, at: int) -> Iterator[DateMatch]:
    """This fiscal year, fiscal year 2026, fiscal 2026, fiscal Q2, last fiscal quarter, FY26, FYTD, FY26 Q2, Q2 FY26."""
    start = reader.skip(at, "the")
    pick = reader.norm(start)
    offset = 0 if pick in THIS else 1 if pick in NEXT else -1 if pick in LAST | PAST else None
    start = reader.step(start) if offset is not None else start
    word = reader.norm(start)
    if word == "fiscal":
        yield from _fiscal(reader, start, offset)
    elif word == "fytd":
        yield DateMatch(reader.step(start), Fiscal(unit="year", word=word, offset=0))
    elif match := _FY_QUARTER.match(word):
        quarter = Fiscal(unit="quarter", word=word, number=int(match[2]), year=full_year(match[1]))
        yield DateMatch(reader.step(start), quarter)
    elif found := _named(reader, start):
        yield from _with_quarter(reader, *found, offset, word)
    elif word in _HALVES:
        following = _named(reader, reader.skip(reader.step(start), "of"))
        if following is not None and following[1] is not None:
            yield DateMatch(following[0], Half(Fiscal(unit="year", word=word, year=following[1]), first=word == "h1"))
    elif match := _FISCAL_QUARTER.match(word):
        yield _quarter_of(reader, reader.step(start), int(match[1]), word)
    elif match := _QUARTER_FIRST.match(word):
        after = reader.skip(reader.step(start), "of")
        following = _named(reader, after)
        if following is not None and following[1] is not None:
            yield DateMatch(
                following[0], Fiscal(unit="quarter", word=reader.norm(after), number=_number(match), year=following[1])
            )


def _fiscal(reader: DateReader, start: int, offset: int | None) -> Iterator[DateMatch]:
    """What follows "fiscal": year, quarter, Q2, 2026, YTD."""
    after = reader.step(start)
    word = reader.norm(after)
    unit = reader.unit(after)
    if unit == "year":
        end = reader.step(after)
        year = reader.year(end) or _short_year(reader, end)
        if year:
            yield DateMatch(reader.step(end), Fiscal(unit="year", word="fiscal", year=year))
        for words in _TO_DATE:
            end = reader.skip(end, words)
        yield DateMatch(end, Fiscal(unit="year", word="fiscal", offset=offset or 0))
    elif unit == "quarter":
        counted = reader.norm(reader.step(after))
        if re.fullmatch("[1-4]", counted):
            yield _quarter_of(reader, reader.step(after, 2), int(counted), "fiscal")
        yield DateMatch(reader.step(after), Fiscal(unit="quarter", word="fiscal", offset=offset or 0))
    elif (match := QUARTER.match(word)) and not (match[2] or match[4]):
        yield _quarter_of(reader, reader.step(after), int(match[1] or match[3]), "fiscal")
    elif match:
        year = full_year(match[2] or match[4])
        number = int(match[1] or match[3])
        yield DateMatch(reader.step(after), Fiscal(unit="quarter", word="fiscal", number=number, year=year))
    elif year := reader.year(after):
        yield from _with_quarter(reader, reader.step(after), year, None, "fiscal")
    elif word in {"ytd", "qtd"}:
        yield DateMatch(
            reader.step(after), Fiscal(unit="year" if word == "ytd" else "quarter", word="fiscal", offset=0)
        )


def _quarter_of(reader: DateReader, after: int, number: int, word: str) -> DateMatch:
    """A fiscal quarter, and the year that may follow it."""
    there = reader.skip(reader.skip(after, "of"), "fiscal")
    there = reader.step(there) if there != after and reader.unit(there) == "year" else there
    year = reader.year(there) or _short_year(reader, there)
    if year:
        return DateMatch(reader.step(there), Fiscal(unit="quarter", word=word, number=number, year=year))
    named = _named(reader, there)
    if named is not None and named[1] is not None:
        return DateMatch(named[0], Fiscal(unit="quarter", word=word, number=number, year=named[1]))
    return DateMatch(after, Fiscal(unit="quarter", word=word, number=number))


def _named(reader: DateReader, at: int) -> tuple[int, int | None] | None:
    """FY26, FY 2026 or FY alone: the place after it and its year."""
    match = _FY.match(reader.norm(at))
    if match is None:
        return None
    after = reader.step(at)
    if match[1]:
        return after, full_year(match[1])
    year = reader.year(after) or _short_year(reader, after)
    return (reader.step(after), year) if year else (after, None)


def _with_quarter(
    reader: DateReader, after: int, year: int | None, offset: int | None, word: str
) -> Iterator[DateMatch]:
    """A fiscal year that was named, and a quarter of it where one follows."""
    if year is None:
        if offset is not None:
            yield DateMatch(after, Fiscal(unit="year", word=word, offset=offset))
        return
    match = _QUARTER_FIRST.match(reader.norm(after))
    if match:
        yield DateMatch(reader.step(after), Fiscal(unit="quarter", word=word, number=_number(match), year=year))
    yield DateMatch(after, Fiscal(unit="year", word=word, year=year))


def _number(match: re.Match[str]) -> int:
    return int(match[1] or match[2])


def _short_year(reader: DateReader, at: int) -> int | None:
    """A year in two digits: FY 26, and not the 26 of "26 days"."""
    word = reader.norm(at)
    return full_year(word) if _SHORT_YEAR.fullmatch(word) and reader.unit(reader.step(at)) is None else None
