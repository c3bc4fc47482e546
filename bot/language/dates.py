"""The grammar of date phrases: tokens in, a moment out. One function a form; the longest match wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, Literal, NamedTuple

from bot.language import numbers
from bot.language.moments import (
    Ahead,
    Always,
    Anchored,
    Day,
    Edge,
    Hours,
    Moment,
    Part,
    Relative,
    Rolling,
    Shifted,
    Unit,
    Weekday,
    WeekOf,
    Year,
)
from bot.language.text import Text

Order = Literal["MDY", "DMY", "YMD"]


class Match(NamedTuple):
    """A moment and the token after it."""

    end: int
    moment: Moment


_NAMES: Final = (
    "jan january", "feb febr february", "mar march", "apr april", "may", "jun june", "jul july",
    "aug august", "sep sept september", "oct october", "nov november", "dec december",
)  # fmt: skip
MONTHS: Final = {name: n for n, names in enumerate(_NAMES, 1) for name in names.split()}
_DAYS: Final = (
    "mon monday mondays", "tue tues tuesday tuesdays", "wed weds wednesday wednesdays",
    "thu thur thurs thursday thursdays", "fri friday fridays", "sat saturday saturdays", "sun sunday sundays",
)  # fmt: skip
WEEKDAYS: Final = {name: n for n, names in enumerate(_DAYS) for name in names.split()}
UNITS: Final[dict[str, Unit]] = {
    name: unit
    for unit, names in (
        ("day", "day days d"),
        ("week", "week weeks wk wks w"),
        ("month", "month months mo mos mth mths mnth mnths"),
        ("quarter", "quarter quarters qtr qtrs"),
        ("half", "semester semesters"),
        ("year", "year years yr yrs y"),
        ("weekend", "weekend weekends"),
    )
    for name in names.split()
}  # type: ignore[assignment]  # the literals are the units
_HOURS: Final = frozenset("hour hours hr hrs h".split())
_PAST: Final = frozenset("past trailing rolling".split())
_LAST: Final = frozenset("last previous prior preceding prev latest lst".split())
_PREVIOUS: Final = frozenset("previous prior preceding prev".split())
_THIS: Final = frozenset("this current present ongoing running".split())
_NEXT: Final = frozenset("next coming upcoming following".split())
_WHOLE: Final = frozenset("full complete completed whole entire calendar most recent".split())
_ORDINALS: Final = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)$")
_SHORT = re.compile(r"(\d{1,3})(d|days?|w|wks?|weeks?|m|mos?|mths?|months?|q|qtrs?|y|yrs?|years?|h|hrs?|hours?)$")
_QUARTER = re.compile(r"q([1-4])(?:(\d{4}|\d{2}))?$|([1-4])q(\d{4}|\d{2})?$")
_YEAR_QUARTER = re.compile(r"(\d{4})q([1-4])$")
_NUMERIC: Final = tuple(
    (name, re.compile(pattern + r"(?:t\d\d:\d\d(?::\d\d)?z?)?(?![\w/]|[-.]\d)", re.IGNORECASE))
    for name, pattern in (
        ("ymd", r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})"),
        ("ym", r"(\d{4})[-/](\d{1,2})"),
        ("compact", r"((?:19|20)\d\d)(\d\d)(\d\d)?"),
        ("abc", r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})"),
        ("ab", r"(\d{1,2})/(\d{1,2})"),
        ("my", r"(\d{1,2})[-/](\d{4})"),
    )
)
_PHRASES: Final[dict[str, Moment]] = {
    "today": Relative("day", 0), "tdy": Relative("day", 0), "tonight": Relative("day", 0),
    "this morning": Relative("day", 0), "this afternoon": Relative("day", 0), "this evening": Relative("day", 0),
    "yesterday": Relative("day", -1), "yday": Relative("day", -1), "yest": Relative("day", -1),
    "ytday": Relative("day", -1), "last night": Relative("day", -1),
    "day before yesterday": Relative("day", -2), "the day before yesterday": Relative("day", -2),
    "tomorrow": Ahead("day", 1),
    "wtd": Relative("week", 0), "mtd": Relative("month", 0), "qtd": Relative("quarter", 0),
    "ytd": Relative("year", 0), "td": Relative("day", 0),
    "eom": Relative("month", 0, whole=True), "eoq": Relative("quarter", 0, whole=True),
    "eoy": Relative("year", 0, whole=True), "eow": Relative("week", 0, whole=True),
    "year end": Relative("year", 0, whole=True), "month end": Relative("month", 0, whole=True),
    "quarter end": Relative("quarter", 0, whole=True),
    "the weekend": Relative("weekend", 0), "weekend": Relative("weekend", 0),
    "all time": Always(), "of all time": Always(), "ever": Always(), "lifetime": Always(),
    "all history": Always(), "the beginning": Always(), "day one": Always(), "beginning of time": Always(),
    "the beginning of time": Always(), "inception": Always(), "the start": Always(), "all of time": Always(),
    "this time last year": Anchored("year", same=True), "this time last month": Anchored("month", same=True),
    "previous period": Anchored("span"), "prior period": Anchored("span"), "preceding period": Anchored("span"),
    "last period": Anchored("span"), "the period before": Anchored("span"), "period before": Anchored("span"),
    "the one before": Anchored("span"), "the previous one": Anchored("span"), "earlier period": Anchored("span"),
    "fortnight": Rolling("week", 2), "half year": Rolling("month", 6), "half a year": Rolling("month", 6),
}  # fmt: skip
_BY_FIRST: Final[dict[str, list[tuple[tuple[str, ...], Moment]]]] = {}
for _phrase, _moment in _PHRASES.items():
    _BY_FIRST.setdefault(_phrase.split()[0], []).append((tuple(_phrase.split()), _moment))


def _may_begin(word: str) -> bool:
    return word in WORDS or any(character.isdecimal() for character in word)


class Reader:
    """Reads date phrases in one text. Signs inside words ("month-to-date") are passed over."""

    def __init__(self, text: Text, order: Order) -> None:
        self._text, self._order = text, order
        self._norms = [token.norm for token in text.tokens]
        self._found: dict[int, Match | None] = {}

    def at(self, at: int) -> Match | None:
        """The longest moment that starts at a token."""
        if at not in self._found and not _may_begin(self.norm(at)):
            self._found[at] = None
        elif at not in self._found:
            self._found[at] = None  # a form that asks again for the same place finds nothing
            matches = [match for form in _FORMS for match in form(self, at)]
            best = max(matches, key=lambda match: match.end, default=None)
            if best and self.norm(best.end - 1) == "-":
                best = Match(best.end - 1, best.moment)
            self._found[at] = best
        return self._found[at]

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
            after = self.step(at)
            return numbers.WORDS[word], self.skip(after, "of")
        if word.isdecimal() and len(word) <= 3 and self.norm(at + 1) not in {",", "."}:
            return int(word), self.step(at)
        if word.isdecimal() and len(word) <= 3 and not self._glued(at + 1):
            return int(word), self.step(at)
        return None

    def _glued(self, at: int) -> bool:
        tokens = self._text.tokens
        return at + 1 < len(tokens) and tokens[at].glued and tokens[at + 1].glued

    def phrases(self, at: int) -> Iterator[Match]:
        """Fixed phrases."""
        for words, moment in _BY_FIRST.get(self.norm(at), ()):
            end = self.skip(at, " ".join(words))
            if end != at:
                yield Match(end, moment)

    def to_date(self, at: int) -> Iterator[Match]:
        """Month to date; the year so far."""
        start = self.skip(at, "the")
        unit = UNITS.get(self.norm(start))
        if unit:
            after = self.step(start)
            for words in ("to date", "so far", "till date", "until now", "till now", "up to now"):
                if (end := self.skip(after, words)) != after:
                    yield Match(end, Relative(unit, 0))

    def relative(self, at: int) -> Iterator[Match]:
        """This week, last quarter, past month, next year; with a count: last 30 days."""
        at = self.skip(at, "the")
        word = self.norm(at)
        if word not in _PAST | _LAST | _THIS | _NEXT:
            return
        after = self.over(self.step(at), _WHOLE | (_PAST if word in _LAST else frozenset()))
        counted = self.counted(after)
        if counted and word not in _THIS:
            end, unit, count = counted
            yield Match(end, _some(word, unit, count))
        unit = UNITS.get(self.norm(after))
        if unit:
            yield Match(self._trailing(self.step(after)), _one_unit(word, unit))
        elif self.norm(after) in _HOURS and word not in _NEXT:
            yield Match(self.step(after), Relative("day", 0))

    def _trailing(self, at: int) -> int:
        for words in ("so far", "to date", "till date", "until now"):
            at = self.skip(at, words)
        return at

    def counted(self, at: int) -> tuple[int, Unit | Literal["hour"], int] | None:
        """A number and a unit: 30 days, two weeks, 7d."""
        short = _SHORT.match(self.norm(at))
        if short:
            letter = {"m": "month", "q": "quarter"}.get(short[2], short[2])
            unit = "hour" if letter in _HOURS else UNITS.get(letter)
            return None if unit is None else (self.step(at), unit, int(short[1]))
        found = self.count(at)
        if found is None:
            return None
        count, after = found
        after = self.over(after, _WHOLE)
        word = self.norm(after)
        unit = "hour" if word in _HOURS else UNITS.get(word)
        if unit is None and word in {"m", "q"}:
            unit = "month" if word == "m" else "quarter"
        return None if unit is None else (self.step(after), unit, count)

    def ago(self, at: int) -> Iterator[Match]:
        """30 days (the last ones), 2 weeks ago, a year ago, a month earlier."""
        counted = self.counted(at)
        one = self.norm(at) in {"a", "one"} and UNITS.get(self.norm(self.step(at)))
        if one:
            counted = (self.step(at, 2), one, 1)
        if counted is None:
            return
        end, unit, count = counted
        if self.norm(end) in {"ago", "earlier", "back"} and unit != "hour":
            yield Match(self.step(end), Relative(unit, -count))
        elif not one and not re.fullmatch(r"\d+[mqy]", self.norm(at)) and 0 < count:
            yield Match(end, _some("last", unit, count))

    def before_last(self, at: int) -> Iterator[Match]:
        """The month before last; the week before (the one beside it); week before that."""
        start = self.skip(at, "the")
        unit = UNITS.get(self.norm(start))
        after = self.step(start)
        if unit and self.norm(after) in {"before", "prior", "earlier"}:
            end = self.skip(after, "before last")
            if end != after:
                yield Match(end, Relative(unit, -2))
            after = self.step(after)
            if UNITS.get(self.norm(after)) is None:
                yield Match(self.skip(self.skip(after, "that"), "it"), Anchored(unit))

    def same(self, at: int) -> Iterator[Match]:
        """The same period last year; the same month of the previous year; same days last month."""
        start = self.skip(at, "the")
        if self.norm(start) != "same":
            return
        after = self.step(start)
        if self.norm(after) in UNITS or self.norm(after) in {"period", "time", "timeframe", "dates", "span"}:
            after = self.step(after)
            for word in ("in", "of", "from", "the"):
                after = self.skip(after, word)
            found = self.at(after) if self.norm(after) not in UNITS else None
            if found and isinstance(found.moment, Relative):
                yield Match(found.end, Anchored(found.moment.unit, same=True))
            else:
                unit = UNITS.get(self.norm(after))
                if unit and self.norm(self.step(after)) in {"before", "earlier", "ago"}:
                    yield Match(self.step(after, 2), Anchored(unit, same=True))

    def the_unit(self, at: int) -> Iterator[Match]:
        """The month (this one)."""
        unit = UNITS.get(self.norm(self.step(at)))
        if self.norm(at) == "the" and unit and unit != "day":
            yield Match(self.step(at, 2), Relative(unit, 0))

    def month(self, at: int) -> Iterator[Match]:
        """October, Oct 2025, last October, the month of October."""
        start = self.skip(self.skip(self.skip(at, "the"), "month of"), "the")
        pick = self.norm(start) if self.norm(start) in _LAST | _THIS | _NEXT else ""
        start = self.step(start) if pick else start
        number = MONTHS.get(self.norm(start))
        if number is None:
            return
        after = self.step(start)
        after = self.skip(after, ".") if self.norm(after) == "." and self._glued(after) else after
        yield self._dated(after, Part("month", number))
        found = self._day_number(self.skip(after, "the"))
        if found:
            day, end = found
            yield self._dated(self.skip(end, ",") if self._year(self.skip(end, ",")) else end, Day(day, number))

    def day_first(self, at: int) -> Iterator[Match]:
        """3 Nov, 3rd of November 2026, the 3rd."""
        start = self.skip(at, "the")
        found = self._day_number(start)
        if not found:
            return
        day, after = found
        month = MONTHS.get(self.norm(self.skip(after, "of")))
        if month:
            end = self.step(self.skip(after, "of"))
            yield self._dated(self.skip(end, ",") if self._year(self.skip(end, ",")) else end, Day(day, month))
        elif _ORDINAL.match(self.norm(start)):
            yield Match(after, Day(day))

    def _day_number(self, at: int) -> tuple[int, int] | None:
        word = self.norm(at)
        match = _ORDINAL.match(word)
        if match:
            return int(match[1]), self.step(at)
        # "nov 3.5" and "nov 3,000" are no days
        if word.isdecimal() and len(word) <= 2 and int(word) > 0:
            sign = self.norm(at + 1)
            if (
                sign in {".", ","}
                and self._glued(at + 1)
                and self.norm(at + 2).isdecimal()
                and len(self.norm(at + 2)) != 4
            ):
                return None
            return int(word), self.step(at)
        return None

    def quarter(self, at: int) -> Iterator[Match]:
        """Q3, Q3 2025, 2025Q3, 3Q25, third quarter of 2025, H1."""
        start = self.skip(at, "the")
        word = self.norm(start)
        if match := _QUARTER.match(word):
            year = match[2] or match[4]
            moment = Part("quarter", int(match[1] or match[3]), year=_full(year) if year else None)
            yield Match(self.step(start), moment) if year else self._dated(self.step(start), moment)
        if match := _YEAR_QUARTER.match(word):
            yield Match(self.step(start), Part("quarter", int(match[2]), year=int(match[1])))
        if word in {"h1", "h2"}:
            yield self._dated(self.step(start), Part("half", int(word[1])))
        number = _ORDINALS.get(word)
        after = self.step(start)
        if number and UNITS.get(self.norm(after)) == "quarter":
            yield self._dated(self.step(after), Part("quarter", number))
        if number and number <= 2 and self.norm(after) == "half":
            end = self.step(after)
            of = self.at(self.skip(self.skip(end, "of"), "the")) if self.norm(end) == "of" else None
            if of and isinstance(of.moment, Year | Relative) and (of.moment.year or of.moment.unit == "year"):  # type: ignore[union-attr]
                yield Match(of.end, replace(Part("half", number), year=of.moment.year))
            elif of is None:
                yield self._dated(end, Part("half", number))
        if re.fullmatch(r"(19|20)\d\d", word) and re.fullmatch(r"q[1-4]|h[12]", self.norm(after)):
            unit: Literal["quarter", "half"] = "quarter" if self.norm(after)[0] == "q" else "half"
            yield Match(self.step(after), Part(unit, int(self.norm(after)[1]), year=int(word)))

    def year(self, at: int) -> Iterator[Match]:
        """2025, the year 2025."""
        start = self.skip(self.skip(at, "the"), "year")
        year = self._year(start)
        if year and len(self.norm(start)) == 4:
            yield Match(self.step(start), Year(year=year))
            month = MONTHS.get(self.norm(self.step(start)))
            if month and self._year(self.step(start, 2)) is None:
                day = self._day_number(self.step(start, 2))
                yield (
                    Match(self.step(start, 2), Part("month", month, year=year))
                    if day is None
                    else Match(day[1], Day(day[0], month, year=year))
                )

    def _year(self, at: int) -> int | None:
        word = self.norm(at)
        if re.fullmatch(r"(19|20)\d\d", word) and not (
            self.norm(at + 1) in {"-", ".", ","} and self._glued(at + 1) and self.norm(at + 2).isdecimal()
        ):
            return int(word)
        return None

    def _dated(self, at: int, moment: Part | Day) -> Match:
        """With the year that follows, where one does."""
        after = at
        for word in (",", "of", "in", "the"):
            after = self.skip(after, word)
        if self.norm(after) == "'" and re.fullmatch(r"\d\d", self.norm(after + 1)):
            return Match(after + 2, replace(moment, year=_full(self.norm(after + 1))))
        year = self._year(after)
        if year:
            return Match(self.step(after), replace(moment, year=year))
        word, unit = self.norm(after), UNITS.get(self.norm(self.step(after)))
        if unit == "year" and word in _THIS | _LAST | _NEXT:
            shift = 0 if word in _THIS else 1 if word in _NEXT else -1
            return Match(self.step(after, 2), Shifted(moment, shift))
        return Match(at, moment)

    def weekday(self, at: int) -> Iterator[Match]:
        """Monday, last Friday, Friday last week, next Tuesday."""
        start = self.skip(at, "the")
        pick = self.norm(start) if self.norm(start) in _LAST | _THIS | _NEXT | _PAST else ""
        start = self.step(start) if pick else start
        number = WEEKDAYS.get(self.norm(start))
        if number is None:
            return
        after = self.step(start)
        yield Match(after, Weekday(number, coming=pick in _NEXT))
        of = self.skip(after, "of")
        if UNITS.get(self.norm(self.step(of))) == "week" and self.norm(of) in _LAST | _THIS:
            yield Match(self.step(of, 2), Weekday(number, weeks=-1 if self.norm(of) in _LAST else 0))
        dated = self.at(self.skip(after, ","))
        if dated and isinstance(dated.moment, Day):
            yield dated

    def week(self, at: int) -> Iterator[Match]:
        """Week of Nov 3, week 45, w45, the first week of October."""
        start = self.skip(at, "the")
        word = self.norm(start)
        if UNITS.get(word) == "week":
            for form in ("of", "starting", "beginning", "commencing", "ending", "of the"):
                after = self.skip(self.step(start), form)
                found = self.at(after) if after != self.step(start) else None
                if found and isinstance(found.moment, Day):
                    yield Match(found.end, WeekOf(found.moment))
            number = self.norm(self.step(start))
            if number.isdecimal() and 1 <= int(number[:3]) <= 53:
                yield self._week_dated(self.step(start, 2), int(number))
        if re.fullmatch(r"(?:w|wk|cw|kw)\d\d", word):
            yield self._week_dated(self.step(start), int(word[-2:]))
        nth = _ORDINALS.get(word, -1 if word in _LAST else 0)
        after = self.step(start)
        if nth and UNITS.get(self.norm(after)) == "week" and self.norm(self.step(after)) in {"of", "in"}:
            of = self.at(self.step(after, 2))
            if of and isinstance(of.moment, Part | Relative):
                yield Match(of.end, Edge(of.moment, first=nth > 0, days=7, nth=max(nth - 1, 0)))

    def _week_dated(self, at: int, number: int) -> Match:
        year = self._year(self.skip(at, "of"))
        return Match(self.step(self.skip(at, "of")) if year else at, WeekOf(number=number, year=year))

    def edge(self, at: int) -> Iterator[Match]:
        """The beginning of the year, end of month, rest of the quarter."""
        start = self.skip(at, "the")
        word = self.norm(start)
        first = word in {"beginning", "start", "first"}
        if not (first or word in {"end", "rest", "remainder", "close", "last"}):
            return
        after = self.step(start)
        if word in {"first", "last"}:
            if self.norm(after) not in {"day", "days"}:
                return
            after = self.step(after)
        if self.norm(after) != "of":
            return
        after = self.step(after)
        unit = UNITS.get(self.norm(after))
        found = self.at(after)
        if unit:
            found = Match(self.step(after), Relative(unit, 0))
        if found and first:
            yield Match(found.end, Edge(found.moment, first=True))
        elif found and isinstance(found.moment, Relative) and found.moment.offset == 0 and word != "last":
            yield Match(found.end, replace(found.moment, whole=True))
        elif found:
            yield Match(found.end, Edge(found.moment, first=False))

    def numeric(self, at: int) -> Iterator[Match]:
        """2026-11-03, 2026-10, 202610, 11/03, 03.11.2026, 10/2026."""
        if at >= len(self._norms):
            return
        token = self._text.tokens[at]
        if not token.norm[0].isdecimal():
            return
        for name, pattern in _NUMERIC:
            match = pattern.match(self._text.plain, token.start)
            if match:
                moment = self._numeric(name, match)
                end = next((n + 1 for n in range(at, min(at + 12, len(self._norms)))
                            if self._text.tokens[n].end == match.end()), None)  # fmt: skip
                if moment and end:
                    yield Match(end, moment)

    def _numeric(self, name: str, match: re.Match[str]) -> Moment | None:
        groups = [int(group) if group and group.isdecimal() else 0 for group in match.groups()]
        if name == "ymd":
            return Day(groups[3], groups[2] or 99, year=groups[0])
        if name == "ym":
            return Part("month", groups[1], year=groups[0]) if 1 <= groups[1] <= 12 else Day(1, 99, year=groups[0])
        if name == "compact":
            if not 1 <= groups[1] <= 12:
                return None
            return Day(groups[2], groups[1], year=groups[0]) if groups[2] else Part("month", groups[1], year=groups[0])
        if name == "my":
            return Part("month", groups[0], year=groups[1]) if 1 <= groups[0] <= 12 else None
        a, b = (groups[0], groups[2]) if name == "abc" else (groups[0], groups[1])
        dotted = name == "abc" and match[2] == "."
        month, day = (b, a) if self._order == "DMY" or dotted else (a, b)
        if month > 12 >= day:
            month, day = day, month
        year = _full(match[4]) if name == "abc" else None
        if year is None and not (1 <= month <= 12 and 1 <= day <= 31):
            return None
        return Day(day, month or 99, year=year)


def _full(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def _some(word: str, unit: Unit | Literal["hour"], count: int) -> Moment:
    if unit == "hour":
        return Hours(count)
    if count == 0:
        return Relative(unit, 0)
    return Ahead(unit, count) if word in _NEXT else Rolling(unit, count)


def _one_unit(word: str, unit: Unit) -> Moment:
    if word in _THIS:
        return Relative(unit, 0)
    if word in _NEXT:
        return Ahead(unit, 1)
    if word in _PAST and unit not in {"weekend"}:
        return Rolling(unit, 1, counted=False)
    return Relative(unit, -1, before=word in _PREVIOUS)


_Form = Callable[[Reader, int], Iterator[Match]]
_FORMS: Final[tuple[_Form, ...]] = (
    Reader.phrases,
    Reader.to_date,
    Reader.relative,
    Reader.ago,
    Reader.before_last,
    Reader.same,
    Reader.the_unit,
    Reader.month,
    Reader.day_first,
    Reader.quarter,
    Reader.year,
    Reader.weekday,
    Reader.week,
    Reader.edge,
    Reader.numeric,
)
WORDS: Final = frozenset(
    {*MONTHS, *WEEKDAYS, *UNITS, *_HOURS, *_PAST, *_LAST, *_THIS, *_NEXT, *_WHOLE, *_ORDINALS}
    | {word for phrase in _PHRASES for word in phrase.split()}
    | {"beginning", "start", "end", "rest", "remainder", "same", "period", "ago", "earlier"}
)
"""Every word that this grammar knows."""
