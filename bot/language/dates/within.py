"""Dates within others: days of a month, weeks by their numbers, the edges and halves of something."""

from __future__ import annotations

import calendar
from datetime import date

from bot.domain.period import DAY, add_months
from bot.language.dates.expressions import (
    MONTHS_IN,
    Clock,
    DateRange,
    Day,
    Moment,
    Relative,
    billed_day,
    no_such_date,
    one_day,
    unit_around,
)


class DaysOfMonth(Moment, frozen=True):
    """From one day of a month to another of it: 1-15 October."""

    first: int
    last: int
    month: int

    def span(self, clock: Clock) -> DateRange:
        """The latest such days that have begun."""
        start = Day(day=self.first, month=self.month, year=self.year).span(clock).start
        end = Day(day=self.last, month=self.month, year=start.year).span(clock).end
        if start >= end:
            raise no_such_date(f"{self.first}-{self.last} {calendar.month_name[self.month]}")
        return DateRange(start, end)


class DayIn(Moment, frozen=True):
    """The 20th of last month."""

    day: int
    of: Relative

    def span(self, clock: Clock) -> DateRange:
        """That day of that month; none where the month is shorter."""
        month = self.of.span(clock)
        found = month.start + DAY * (self.day - 1)
        if found >= month.end:
            raise no_such_date(f"{self.day}th in {month.start:%B %Y}")
        return one_day(found)


class WeekOf(Moment, frozen=True):
    """The week around a day, or a week by its ISO number."""

    day: Moment | None = None
    number: int = 1
    last: int = 0
    """The last of several weeks by their numbers; 0 of one alone."""

    def span(self, clock: Clock) -> DateRange:
        """That week."""
        if self.day is None:
            year = self.year or clock.today.year
            day = _iso_monday(year, self.number)
            if self.year is None and day > clock.today and not clock.ahead:
                day = _iso_monday(year - 1, self.number)
            weeks = max(self.last - self.number, 0) + 1
            return DateRange(day, day + DAY * 7 * weeks, "week" if weeks == 1 else "span")
        start, end = unit_around(self.day.span(clock).start, "week", clock.week_start, 0)
        return DateRange(start, end, "week")


class EdgeOf(Moment, frozen=True):
    """The beginning or the end of something."""

    of: Moment
    first: bool
    days: int = 1
    nth: int = 0
    closing: bool = False
    """Said as the end and not as the last day: where the future is asked about, all of it is meant."""

    def span(self, clock: Clock) -> DateRange:
        """Its first or last days."""
        whole = self.of.span(clock)
        if self.closing and clock.ahead:
            return whole
        if self.first:
            start = whole.start + DAY * self.days * self.nth
            return DateRange(start, start + DAY * self.days, "day" if self.days == 1 else "span")
        return DateRange(whole.end - DAY * self.days, whole.end, "day" if self.days == 1 else "span")


class Half(Moment, frozen=True):
    """The first or the second half of something: whole months where they are even, else days, the odd one later."""

    of: Moment
    first: bool

    def span(self, clock: Clock) -> DateRange:
        """Its days."""
        whole = self.of.span(clock)
        months = MONTHS_IN.get(whole.unit, 0)
        days = DAY * ((whole.end - whole.start).days // 2)
        middle = whole.start + days if months % 2 or not months else add_months(whole.start, months // 2)
        return DateRange(whole.start, middle) if self.first else DateRange(middle, whole.end)


def _iso_monday(year: int, week: int) -> date:
    try:
        return date.fromisocalendar(billed_day(year, 1, 1).year, week, 1)
    except ValueError:
        raise no_such_date(f"week {week} of {year}") from None
