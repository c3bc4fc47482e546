"""Days with a name: Christmas, Black Friday, Easter, the weekend or the week around them.

Only those whose day a rule tells; Thanksgiving, Labor Day and Memorial Day are those of the United States.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final, Literal

from bot.domain.period import DAY
from bot.language.dates.expressions import Clock, DateRange, Moment, unit_around

Around = Literal["day", "over", "weekend", "week"]
_Rule = Callable[[int], date]


def _fixed(month: int, day: int) -> _Rule:
    return lambda year: date(year, month, day)


def _weekday(month: int, weekday: int, nth: int, after: int = 0) -> _Rule:
    """The nth such weekday of a month (-1 is the last), and so many days on."""

    def found(year: int) -> date:
        days = [week[weekday] for week in calendar.monthcalendar(year, month) if week[weekday]]
        return date(year, month, days[nth]) + timedelta(days=after)

    return found


def _easter(year: int) -> date:
    from dateutil.easter import easter  # seldom asked

    found: date = easter(year)
    return found


def _after_easter(days: int) -> _Rule:
    return lambda year: _easter(year) + timedelta(days=days)


_THURSDAY: Final = calendar.THURSDAY
_RULES: Final[dict[str, _Rule]] = {
    "christmas": _fixed(12, 25), "christmas eve": _fixed(12, 24), "boxing day": _fixed(12, 26),
    "new year": _fixed(1, 1), "new year eve": _fixed(12, 31), "valentines day": _fixed(2, 14),
    "halloween": _fixed(10, 31), "independence day": _fixed(7, 4), "singles day": _fixed(11, 11),
    "thanksgiving": _weekday(11, _THURSDAY, 3), "black friday": _weekday(11, _THURSDAY, 3, after=1),
    "cyber monday": _weekday(11, _THURSDAY, 3, after=4), "labor day": _weekday(9, calendar.MONDAY, 0),
    "memorial day": _weekday(5, calendar.MONDAY, -1), "easter": _easter, "good friday": _after_easter(-2),
    "easter monday": _after_easter(1),
}  # fmt: skip
_OVER: Final = {"christmas": (-1, 2), "new year": (-1, 1), "easter": (-2, 2), "thanksgiving": (0, 4)}
"""The days from and to (exclusive) that are meant by "over Christmas" and, but for the first two, by its weekend."""
_ALSO: Final = {
    "xmas": "christmas", "christmas day": "christmas", "xmas day": "christmas", "xmas eve": "christmas eve",
    "new years": "new year", "new year day": "new year", "new years day": "new year", "nye": "new year eve",
    "new years eve": "new year eve", "valentine day": "valentines day", "thanksgiving day": "thanksgiving",
    "turkey day": "thanksgiving", "easter sunday": "easter", "labour day": "labor day", "blackfriday": "black friday",
}  # fmt: skip
FEASTS: Final = {**{name: name for name in _RULES}, **_ALSO}
FEASTS_BY_FIRST: Final[dict[str, list[str]]] = {}
for _name in FEASTS:
    FEASTS_BY_FIRST.setdefault(_name.split()[0], []).append(_name)
"""What a feast is called, and its name in the table."""


class Feast(Moment, frozen=True):
    """A named day, or the days around it; without a year the latest that has begun, or the next to come."""

    name: str
    around: Around = "day"
    over: bool = False
    """The latest that is over: "last christmas" said on the day."""

    def span(self, clock: Clock) -> DateRange:
        """Its days."""
        if self.year is not None:
            return self._of(self.year, clock)
        year = clock.today.year
        found = [self._of(of_year, clock) for of_year in range(year - 2, year + 2)]
        if clock.ahead:
            return next(span for span in found if span.end > clock.today)
        begun = [span for span in found if (span.end if self.over else span.start) <= clock.today]
        return begun[-1]

    def before(self, span: DateRange, clock: Clock) -> DateRange:
        """The one a year before a span of it."""
        found = (self._of(span.start.year - back, clock) for back in range(3))
        return next(day for day in found if day.end <= span.start)

    def _of(self, year: int, clock: Clock) -> DateRange:
        day = _RULES[self.name](year)
        if self.around == "week":
            return DateRange(*unit_around(day, "week", clock.week_start), "week")
        if self.around == "day":
            return DateRange(day, day + DAY, "day")
        if self.name in _OVER and (self.around == "over" or self.name not in {"christmas", "new year"}):
            first, end = _OVER[self.name]
            return DateRange(day + DAY * first, day + DAY * end)
        if self.around == "over":
            return DateRange(day, day + DAY, "day")
        return _weekend(day)


def _weekend(day: date) -> DateRange:
    """From the day, where it is a Friday, or else from the Saturday nearest after it, to Sunday."""
    saturday = day + DAY * ((calendar.SATURDAY - day.weekday()) % 7)
    start = day if day.weekday() in {calendar.FRIDAY, calendar.SATURDAY} else saturday
    return DateRange(start, saturday + DAY * 2)
