"""The grammar of date phrases: tokens in, a moment out. One method a form; the longest match wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, Literal

from msgspec.structs import replace

from bot.language import numbers
from bot.language.dates import relative
from bot.language.dates.calendar_words import (
    ABBREVIATED,
    BY_FIRST,
    HOURS,
    LAST,
    MONTHS,
    NEXT,
    ORDINAL,
    ORDINALS,
    PAST,
    PREVIOUS,
    QUARTER,
    RANKS,
    THIS,
    WEEKDAYS,
    WHOLE,
    WORDS,
    YEAR_QUARTER,
)
from bot.language.dates.cursor import DateCursor, DateMatch
from bot.language.dates.expressions import (
    MONTHS_IN,
    Ahead,
    Anchored,
    Day,
    Hours,
    Moment,
    Part,
    Relative,
    Rolling,
    Shifted,
    SoFar,
    Unit,
    Weekday,
    Year,
)
from bot.language.dates.fiscal import fiscal
from bot.language.dates.holidays import FEASTS, FEASTS_BY_FIRST, Around, Feast
from bot.language.dates.numeric import Order, full_year, numeric_dates
from bot.language.dates.public_holidays import NATIONAL, Named, public_holiday
from bot.language.dates.within import DayIn, DaysOfMonth, WeekOf
from bot.language.normalize import TokenizedText

_TO_DATE: Final = ("to date", "so far", "till date", "until now", "till now", "up to now")
_BEFORE_WHAT: Final = frozenset(
    ("credit", "credits", "refund", "refunds", "tax", "taxes", "discount", "discounts", "any", "applying",
     "promotional", "promo")
)  # fmt: skip
"""What "before" may be of: "last Monday before credits" is Monday."""
_STEPS: Final = frozenset(("by", "per", "each", "every"))
"""After these a unit is a step and no period: "by week so far this year"."""
_DAY_OF: Final = frozenset(("of", "when", "that", "before", "after", "we", "i", "it", "on"))
"""After these "for the day" is not today."""
_EVERY: Final = frozenset(("every", "each", "all"))
"""After these a weekday is many days, which make no period."""
_MODAL: Final = frozenset(("i", "we", "you", "be", "have", "it", "they", "not"))
"""After these "may" is no month."""
_SIGNS: Final = 12
"""Tokens that a date in figures has at most."""


class DateReader(DateCursor):
    """Reads the date phrases of one text."""

    def __init__(self, text: TokenizedText, order: Order, holidays: Named | None = None) -> None:
        super().__init__(text)
        self._order = order
        self.holidays = holidays or {}
        """The public holidays that are read by name."""
        self._holiday_words = frozenset(words[0] for words in self.holidays if words)
        self._found: dict[int, DateMatch | None] = {}

    def at(self, at: int) -> DateMatch | None:
        """The longest moment that starts at a token."""
        if at not in self._found and not self._may_begin(at):
            self._found[at] = None
        elif at not in self._found:
            self._found[at] = None  # a form that asks again for the same place finds nothing
            matches = [match for form in _FORMS for match in form(self, at)]
            best = max(matches, key=lambda match: match.end, default=None)
            if best and self.norm(best.end - 1) == "-":
                best = DateMatch(best.end - 1, best.moment)
            self._found[at] = best
        return self._found[at]

    def every(self, at: int) -> list[DateMatch]:
        """Every moment that starts at a token; the longest where several end alike."""
        if not self._may_begin(at):
            return []
        longest = self.at(at)
        found = {match.end: match for form in _FORMS for match in form(self, at) if self.norm(match.end - 1) != "-"}
        if longest is not None:
            found[longest.end] = longest
        return list(found.values())

    def _may_begin(self, at: int) -> bool:
        """Whether any moment could begin with the word at a place."""
        return _may_begin(self.norm(at)) or self.norm(at) in self._holiday_words

    def phrases(self, at: int) -> Iterator[DateMatch]:
        """Fixed phrases."""
        for words, moment in BY_FIRST.get(self.norm(at), ()):
            end = self.skip(at, " ".join(words))
            if end != at:
                yield DateMatch(end, moment)

    def to_date(self, at: int) -> Iterator[DateMatch]:
        """Month to date; the year so far."""
        start = self.skip(at, "the")
        unit = self.unit(start)
        if unit and self.norm(at - 1) not in _STEPS:
            after = self.step(start)
            for words in _TO_DATE:
                if (end := self.skip(after, words)) != after:
                    yield DateMatch(end, Relative(unit, 0))

    def relative(self, at: int) -> Iterator[DateMatch]:
        """This week, last quarter, past month, next year; with a count: last 30 days."""
        at = self.skip(at, "the")
        word = self.norm(at)
        if word == "most" and self.norm(self.step(at)) == "recent":
            at, word = self.step(at), "last"
        if word not in PAST | LAST | THIS | NEXT:
            return
        after = self.over(self.step(at), WHOLE | (PAST if word in LAST else frozenset()))
        counted = self.counted(after)
        if counted and word not in THIS:
            end, unit, count = counted
            yield DateMatch(end, _some(word, unit, count))
        named = self.unit(after)
        if named:
            end = self._trailing(self.step(after))
            so_far = word in LAST and end != self.step(after) and named in MONTHS_IN
            yield DateMatch(end, SoFar(named, named) if so_far else _one_unit(word, named))
            month = MONTHS.get(self.norm(end)) if named == "year" else None
            if month and word in THIS | LAST:
                of = Part("month", month)
                yield DateMatch(self.step(end), Shifted(of, 0 if word in THIS else -1))
        elif self.norm(after) in HOURS and word not in NEXT:
            yield DateMatch(self.step(after), Relative("day", 0))

    def _trailing(self, at: int) -> int:
        for words in ("so far", "to date", "till date", "until now"):
            at = self.skip(at, words)
        return at

    def ago(self, at: int) -> Iterator[DateMatch]:
        """30 days (the last ones), 2 weeks ago, a year ago, a month relative."""
        counted = self.counted(at)
        one = self.norm(at) in {"a", "one"} and self.unit(self.step(at))
        if one:
            counted = (self.step(at, 2), one, 1)
        if counted is None:
            return
        end, unit, count = counted
        if self.norm(end) in {"ago", "earlier", "back"} and unit != "hour":
            yield DateMatch(self.step(end), Relative(unit, -count))
        elif self.norm(end) in {"before", "prior", "preceding"} and self._ends(self.step(end)):
            yield DateMatch(self.skip(self.skip(self.step(end), "that"), "those"), Anchored("span"))
        elif not one and not re.fullmatch(r"\d+[mqy]", self.norm(at)) and count > 0 and self.norm(at - 1) not in RANKS:
            yield DateMatch(end, _some("last", unit, count))

    def _ends(self, at: int) -> bool:
        """Whether nothing follows that "before" could be of: not "before credits"."""
        return self.norm(at) not in _BEFORE_WHAT

    def abbreviated(self, at: int) -> Iterator[DateMatch]:
        """L7D, l30d, past7days, t12m."""
        match = ABBREVIATED.match(self.norm(at))
        if match:
            counted = self.counted_short(match[1] + match[2])
            if counted:
                yield DateMatch(self.step(at), _some("last", *counted))

    def feast(self, at: int) -> Iterator[DateMatch]:
        """Christmas, last black friday, easter 2025; (over) new year; the thanksgiving weekend."""
        start = self.skip(at, "the")
        word = self.norm(start)
        start = self.step(start) if word in LAST | THIS | NEXT else start
        for name in FEASTS_BY_FIRST.get(self.norm(start), ()):
            after = self.skip(start, name)
            if after == start or (FEASTS[name] in NATIONAL and self._kept_otherwise(name)):
                continue
            around: Around = "over" if self.norm(at - 1) == "over" else "day"
            unit = self.unit(after)
            if unit in {"week", "weekend"}:
                around, after = "week" if unit == "week" else "weekend", self.step(after)
            found = self._dated(after, Feast(FEASTS[name], around, over=word in LAST))
            this = word in THIS and found.moment == Feast(FEASTS[name], around)
            yield DateMatch(found.end, Shifted(found.moment, 0)) if this else found

    def _kept_otherwise(self, name: str) -> bool:
        """Whether the asker's own country has a holiday of this name."""
        return any(tuple(spoken.split()) in self.holidays for spoken in (name, f"{name} day", FEASTS[name]))

    def the_unit(self, at: int) -> Iterator[DateMatch]:
        """The month (this one); for the day."""
        unit = self.unit(self.step(at))
        today = self.norm(at - 1) in {"for", "of"} and self.norm(self.step(at, 2)) not in _DAY_OF
        if self.norm(at) == "the" and unit and (unit != "day" or today):
            yield DateMatch(self.step(at, 2), Relative(unit, 0))

    def month(self, at: int) -> Iterator[DateMatch]:
        """October, Oct 2025, last October, the month of October; Nov 3, Nov 3rd 2026."""
        start = self.skip(self.skip(self.skip(at, "the"), "month of"), "the")
        over = self.norm(start) in LAST
        start = self.step(start) if self.norm(start) in LAST | THIS | NEXT else start
        number = MONTHS.get(self.norm(start))
        after = self.step(start)
        if number is None or (self.norm(start) == "may" and self.norm(after) in _MODAL):
            return
        after = self.skip(after, ".") if self.norm(after) == "." and self._glued(after) else after
        yield self._dated(after, Part("month", number, over=over))
        found = self.day(self.skip(after, "the"))
        if found:
            yield self._dated(self._comma(found[1]), Day(found[0], number))
            last = self.day(found[1] + 1) if self.norm(found[1]) == "-" else None
            if last and self.year(found[1] + 1) is None:
                yield self._dated(self._comma(last[1]), DaysOfMonth(found[0], last[0], number))

    def _comma(self, at: int) -> int:
        """Past a comma, if a year follows it."""
        after = self.skip(at, ",")
        return after if self.year(after) else at

    def day_first(self, at: int) -> Iterator[DateMatch]:
        """3 Nov, 3rd of November 2026, the 3rd."""
        start = self.skip(at, "the")
        found = self.day(start)
        if not found:
            return
        day, after = found
        month = MONTHS.get(self.norm(self.skip(after, "of")))
        if month:
            yield self._dated(self._comma(self.step(self.skip(after, "of"))), Day(day, month))
        elif ORDINAL.match(self.norm(start)):
            of = self.skip(self.skip(after, "of"), "in")
            unit, word = self.unit(self.step(of)), self.norm(of)
            if of != after and unit == "month" and word in THIS | LAST:
                yield DateMatch(self.step(of, 2), DayIn(day, Relative("month", -1 if word in LAST else 0)))
            yield DateMatch(after, Day(day))

    def quarter(self, at: int) -> Iterator[DateMatch]:
        """Q3, Q3 2025, 2025Q3, 3Q25, 2025 H1, third quarter of 2025, first half."""
        start = self.skip(at, "the")
        word, after = self.norm(start), self.step(start)
        if match := QUARTER.match(word):
            year = match[2] or match[4]
            moment = Part("quarter", int(match[1] or match[3]), year=full_year(year) if year else None)
            short = None if year else re.fullmatch(r"[12]\d|3[0-5]", self.norm(after))
            if short and self.unit(self.step(after)) is None:
                yield DateMatch(self.step(after), replace(moment, year=full_year(short[0])))
            yield DateMatch(after, moment) if year else self._dated(after, moment)
        if match := YEAR_QUARTER.match(word):
            yield DateMatch(after, Part("quarter", int(match[2]), year=int(match[1])))
        if word in {"h1", "h2"}:
            yield self._dated(after, Part("half", int(word[1])))
        number, unit = ORDINALS.get(word), "half" if self.norm(after) == "half" else self.unit(after)
        if number and (unit == "quarter" or (unit == "half" and number in {1, 2})):
            yield self._dated(self.step(after), Part(unit, number))

    def calendar_year(self, at: int) -> Iterator[DateMatch]:
        """2025, the year 2025; 2025 October; 2025 Q3."""
        start = self.skip(self.skip(at, "the"), "year")
        year = self.year(start)
        if not year:
            return
        after = self.step(start)
        yield DateMatch(after, Year(year=year))
        if week := re.fullmatch(r"(?:w|wk|cw|kw)(\d\d?)", self.norm(after)):
            yield DateMatch(self.step(after), WeekOf(number=int(week[1]), year=year))
        month = MONTHS.get(self.norm(after))
        if month and self.year(self.step(after)) is None:
            day = self.day(self.step(after))
            named = Day(day[0], month, year=year) if day else Part("month", month, year=year)
            yield DateMatch(day[1] if day else self.step(after), named)
        if re.fullmatch(r"q[1-4]|h[12]", self.norm(after)):
            unit: Literal["quarter", "half"] = "quarter" if self.norm(after)[0] == "q" else "half"
            yield DateMatch(self.step(after), Part(unit, int(self.norm(after)[1]), year=year))

    def _dated(self, at: int, moment: Part | Day | DaysOfMonth | Feast) -> DateMatch:
        """With the year that follows, where one does."""
        after = at
        for word in (",", "of", "in", "the"):
            after = self.skip(after, word)
        if self.norm(after) == "'" and re.fullmatch(r"\d\d", self.norm(after + 1)):
            return DateMatch(after + 2, replace(moment, year=full_year(self.norm(after + 1))))
        year = self.year(after)
        if year:
            return DateMatch(self.step(after), replace(moment, year=year))
        word, unit = self.norm(after), self.unit(self.step(after))
        if unit == "year" and word in THIS | LAST | NEXT:
            shift = 0 if word in THIS else 1 if word in NEXT else -1
            return DateMatch(self.step(after, 2), Shifted(moment, shift))
        return DateMatch(at, moment)

    def weekday(self, at: int) -> Iterator[DateMatch]:
        """Monday, last Friday, Friday last week, next Tuesday."""
        start = self.skip(at, "the")
        pick = self.norm(start) if self.norm(start) in LAST | THIS | NEXT | PAST else ""
        start = self.step(start) if pick else start
        number = WEEKDAYS.get(self.norm(start))
        if number is None or self.norm(at - 1) in _EVERY:
            return
        after = self.step(start)
        yield DateMatch(after, Weekday(number, coming=pick in NEXT))
        if self.norm(after) in {"before", "prior", "earlier"} and self._ends(self.step(after)):
            yield DateMatch(self.skip(self.step(after), "that"), Anchored("week", weekday=number))
        of = self.skip(after, "of")
        if self.unit(self.step(of)) == "week" and self.norm(of) in LAST | THIS:
            yield DateMatch(self.step(of, 2), Weekday(number, weeks=-1 if self.norm(of) in LAST else 0))
        dated = self.at(self.skip(after, ","))
        if dated and isinstance(dated.moment, Day):
            yield dated

    def _hangs_on_name(self, at: int) -> bool:
        """Whether a hyphen joins it to a word that is none of the calendar's: "INV-2026-77" holds no date."""
        name = self.norm(at - 2)
        joined = at > 1 and self._glued(at - 1) and self.norm(at - 1) in _HYPHENS
        return joined and name[:1].isalpha() and name not in WORDS

    def numeric(self, at: int) -> Iterator[DateMatch]:
        """2026-11-03, 2026-10, 202610, 11/03, 03.11.2026, 10/2026."""
        if not self.norm(at)[:1].isdecimal() or self._hangs_on_name(at):
            return
        tokens = self._text.tokens
        for position, moment in numeric_dates(self._text.plain, tokens[at].start, self._order):
            for last in range(at, min(at + _SIGNS, len(tokens))):
                if tokens[last].end == position:
                    yield DateMatch(last + 1, moment)


_HYPHENS: Final = frozenset("-_")


def _may_begin(word: str) -> bool:
    return word in WORDS or word in numbers.WORDS or word == "a" or any(character.isdecimal() for character in word)


def _some(word: str, unit: Unit | Literal["hour"], count: int) -> Moment:
    if unit == "hour":
        return Hours(count)
    if count == 0:
        return Relative(unit, 0)
    return Ahead(unit, count) if word in NEXT else Rolling(unit, count)


def _one_unit(word: str, unit: Unit) -> Moment:
    if word in THIS:
        return Relative(unit, 0)
    if word in NEXT:
        return Ahead(unit, 1)
    if word in PAST and unit != "weekend":
        return Rolling(unit, 1, counted=False)
    return Relative(unit, -1, before=word in PREVIOUS)


_Form = Callable[[DateReader, int], Iterator[DateMatch]]
_FORMS: Final[tuple[_Form, ...]] = (
    DateReader.phrases,
    DateReader.to_date,
    DateReader.relative,
    DateReader.ago,
    relative.bare,
    DateReader.abbreviated,
    relative.before_last,
    relative.same,
    relative.so_far,
    relative.back,
    DateReader.feast,
    public_holiday,
    DateReader.the_unit,
    DateReader.month,
    DateReader.day_first,
    DateReader.quarter,
    fiscal,
    DateReader.calendar_year,
    DateReader.weekday,
    relative.week,
    relative.nth_week,
    relative.half,
    relative.edge_days,
    relative.edge,
    DateReader.numeric,
)
