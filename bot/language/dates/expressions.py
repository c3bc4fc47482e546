"""What a date phrase names, before it is known which year or whether the future is meant."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from bot.domain.errors import NotUnderstood
from bot.domain.period import DAY, Period, add_months

Unit = Literal["day", "week", "month", "quarter", "half", "year", "weekend", "span"]
MONTHS_IN = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_WEEKS_A_YEAR = 52
_HOURS_A_DAY = 24
ROLLING_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 90, "half": 182, "year": 365}


class Clock(Struct, frozen=True):
    """The asker's today and customs. ``ahead``: a month without a year is the one under way or to come."""

    today: date
    week_start: int = 0
    first_day: date = date(2000, 1, 1)
    ahead: bool = False
    fiscal_month: int | None = None
    """The month that fiscal years begin in, where it is set."""

    @property
    def tomorrow(self) -> date:
        """Where periods under way end."""
        return self.today + DAY


class DateRange(Struct, frozen=True):
    """Days, end exclusive, and the calendar unit they are (``span`` for none)."""

    start: date
    end: date
    unit: Unit = "span"

    def clipped(self, clock: Clock) -> DateRange:
        """A period under way ends tomorrow, unless the future is asked about."""
        if not clock.ahead and self.start <= clock.today < self.end:
            return replace(self, end=clock.tomorrow)
        return self

    @property
    def period(self) -> Period:
        """The same as a period."""
        return Period(start=self.start, end=self.end)


class Moment(Struct, frozen=True, kw_only=True):
    """A named stretch of time; ``year`` is None where it was not said."""

    year: int | None = None
    borrowed: bool = False
    """The year was said of the other end of a range."""

    def span(self, clock: Clock) -> DateRange:
        """The whole of it."""
        raise NotImplementedError

    @property
    def relative(self) -> bool:
        """Whether it is told from today (last week) and not by name (October)."""
        return False


BILLED_YEARS = range(1990, 2200)
"""Years that a bill can be of."""


class Day(Moment, frozen=True):
    """3 November, or the 3rd of a month told elsewhere."""

    day: int
    month: int | None = None

    def span(self, clock: Clock) -> DateRange:
        """The latest such day that has begun."""
        if self.month is None:
            return one_day(self._of_some_month(clock))
        if self.year is not None:
            return one_day(billed_day(self.year, self.month, self.day))
        if self.day > _longest(self.month):
            raise no_such_date(f"{self.day} {calendar.month_name[self.month]}")
        first = clock.today.year + (1 if clock.ahead else 0)
        for year in range(first, first - 9, -1):
            if self.day <= calendar.monthrange(year, self.month)[1]:
                found = date(year, self.month, self.day)
                if found <= clock.today or (clock.ahead and year == first and not self._to_come(clock)):
                    return one_day(found)
        raise no_such_date(f"{self.day} {calendar.month_name[self.month]}")

    def _to_come(self, clock: Clock) -> bool:
        return (self.month or 0, self.day) >= (clock.today.month, clock.today.day)

    def _of_some_month(self, clock: Clock) -> date:
        start = clock.today.replace(day=1)
        for back in range(13):
            month = add_months(start, -back)
            if self.day <= calendar.monthrange(month.year, month.month)[1]:
                found = month.replace(day=self.day)
                if found <= clock.today:
                    return found
        raise no_such_date(f"a {self.day}th")


class Part(Moment, frozen=True):
    """A calendar month, quarter or half by its number."""

    unit: Literal["month", "quarter", "half"]
    number: int
    over: bool = False
    """The latest that is over: "last November" said in November."""

    def span(self, clock: Clock) -> DateRange:
        """The latest that has begun; when looking ahead, the one under way or the next."""
        length = MONTHS_IN[self.unit]
        year = clock.today.year if self.year is None else self.year
        start = billed_day(year, (self.number - 1) * length + 1, 1)
        end = add_months(start, length)
        if self.year is None and clock.ahead and end <= clock.today:
            start, end = add_months(start, 12), add_months(end, 12)
        elif self.year is None and not clock.ahead and (end if self.over else start) > clock.today:
            start, end = add_months(start, -12), add_months(end, -12)
        return DateRange(start, end, self.unit)


class Shifted(Moment, frozen=True):
    """A month, quarter or day of this (0), last (-1) or next year."""

    of: Moment
    years: int

    def span(self, clock: Clock) -> DateRange:
        """The one in that year."""
        return replace(self.of, year=clock.today.year + self.years).span(clock)


class Year(Moment, frozen=True):
    """A calendar year."""

    def span(self, clock: Clock) -> DateRange:  # noqa: ARG002 - a year needs no clock
        """All of it."""
        year = self.year or 1
        return DateRange(date(year, 1, 1), date(year + 1, 1, 1), "year")


class Relative(Moment, frozen=True):
    """This (0), last (-1) or next (1) calendar unit. ``before``: said as "previous"."""

    unit: Unit
    offset: int
    before: bool = False
    whole: bool = False

    def span(self, clock: Clock) -> DateRange:
        """The whole unit around or beside today."""
        start, end = unit_around(clock.today, self.unit, clock.week_start, self.offset)
        return DateRange(start, end, self.unit)

    @property
    def relative(self) -> bool:
        """Told from today."""
        return True


class Back(Moment, frozen=True):
    """This or that unit, so long before: "this day last year", "this month last year"."""

    of: Relative
    unit: Unit

    def span(self, clock: Clock) -> DateRange:
        """The whole unit; a week of last year is the one 52 weeks before, with the same weekdays."""
        start = self.of.span(clock).start
        if self.unit in MONTHS_IN and self.of.unit != "week":
            back = add_months(start, -MONTHS_IN[self.unit])
        elif self.unit in MONTHS_IN:
            back = start - timedelta(weeks=round(MONTHS_IN[self.unit] * _WEEKS_A_YEAR / 12))
        else:
            back = start - timedelta(weeks=1)
        return DateRange(*unit_around(back, self.of.unit, clock.week_start), self.of.unit)

    @property
    def relative(self) -> bool:
        """Told from today."""
        return True


class SoFar(Moment, frozen=True):
    """As much of an earlier unit as has passed of this one: "last mtd", "ytd last year", "mtd last year"."""

    unit: Unit
    of: Unit
    """How far back: the unit itself, or a larger one."""

    def span(self, clock: Clock) -> DateRange:
        """From its start on; at most all of it."""
        start, _ = unit_around(clock.today, self.unit, clock.week_start)
        earlier = Relative(self.unit, -1) if self.of == self.unit else Back(Relative(self.unit, 0), self.of)
        whole = earlier.span(clock)
        end = whole.start + (clock.tomorrow - start)
        if self.of == "year" and self.unit != "week":
            end = add_months(clock.today, -MONTHS_IN["year"]) + DAY
        return DateRange(whole.start, min(end, whole.end), self.unit)

    @property
    def relative(self) -> bool:
        """Told from today."""
        return True


class Rolling(Moment, frozen=True):
    """The last ``count`` complete units; without a number said, days of about that length."""

    unit: Unit
    count: int = 1
    counted: bool = True

    def span(self, clock: Clock) -> DateRange:
        """The complete ones before the current one."""
        if self.unit == "day" or not self.counted:
            days = self.count if self.unit == "day" else ROLLING_DAYS[self.unit]
            return DateRange(clock.today - DAY * days, clock.today)
        start, _ = unit_around(clock.today, self.unit, clock.week_start, -self.count)
        end, _ = unit_around(clock.today, self.unit, clock.week_start, 0)
        return DateRange(start, end, self.unit if self.count == 1 else "span")

    @property
    def relative(self) -> bool:
        """Told from today."""
        return True


class Hours(Moment, frozen=True):
    """The past so many hours, on whole days: yesterday and today for 24."""

    count: int

    def span(self, clock: Clock) -> DateRange:
        """The days that these hours touch."""
        return DateRange(clock.today - DAY * (self.count // _HOURS_A_DAY), clock.tomorrow)


class Ahead(Moment, frozen=True):
    """The next ``count`` whole units after this one."""

    unit: Unit
    count: int

    def span(self, clock: Clock) -> DateRange:
        """Only a forecast can tell of it."""
        if self.unit == "day":
            return DateRange(clock.tomorrow, clock.tomorrow + DAY * self.count)
        start, _ = unit_around(clock.today, self.unit, clock.week_start, 1)
        end, _ = unit_around(clock.today, self.unit, clock.week_start, 1 + self.count)
        return DateRange(start, end, self.unit if self.count == 1 else "span")


class Weekday(Moment, frozen=True):
    """A day of the week: the latest before today, or the next one."""

    number: int
    weeks: int | None = None
    """Of this week (0) or last week (-1), where that was said."""
    coming: bool = False

    def span(self, clock: Clock) -> DateRange:
        """That day."""
        if self.weeks is not None:
            start, _ = unit_around(clock.today, "week", clock.week_start, self.weeks)
            return one_day(start + DAY * ((self.number - start.weekday()) % 7))
        if self.coming:
            return one_day(clock.today + DAY * ((self.number - clock.today.weekday() - 1) % 7 + 1))
        return one_day(clock.today - DAY * ((clock.today.weekday() - self.number - 1) % 7 + 1))


class Now(Moment, frozen=True):
    """The end of a range that is still under way: "from September to now"."""

    def span(self, clock: Clock) -> DateRange:
        """Today."""
        return DateRange(clock.today, clock.tomorrow, "day")


class Always(Moment, frozen=True):
    """All that the ledger knows."""

    def span(self, clock: Clock) -> DateRange:
        """From its first day to today."""
        return DateRange(min(clock.first_day, clock.today), clock.tomorrow)


class Anchored(Moment, frozen=True):
    """Told from the period beside it: "the month before", "the same period last year"."""

    unit: Unit
    """The step back; ``span`` is the period's own length."""
    same: bool = False
    """The same days a step earlier, and not the whole of the step before."""
    unit_of: bool = False
    """Said without a unit ("vs last"): the unit of the period itself."""
    of: Unit = "month"
    """Said of this unit ("the same day last year"): the one under way, with no period beside it."""
    weekday: int | None = None
    """The latest such day of the week before the period ("the Friday before")."""

    def span(self, clock: Clock) -> DateRange:
        """Without a period beside it, the one before today's."""
        unit: Unit = "month" if self.unit == "span" else self.unit
        return Relative(unit, -1).span(clock)

    @property
    def relative(self) -> bool:
        """Told from something else."""
        return True


def unit_around(day: date, unit: Unit, week_start: int, offset: int = 0) -> tuple[date, date]:
    """The start and end of the calendar unit ``offset`` steps from the one around a day."""
    if unit in {"day", "span"}:
        start = day + DAY * offset
        return start, start + DAY
    if unit == "week":
        start = day - DAY * ((day.weekday() - week_start) % 7) + timedelta(weeks=offset)
        return start, start + DAY * 7
    if unit == "weekend":
        started = day - DAY * ((day.weekday() - calendar.SATURDAY) % 7)
        if offset < 0 and day.weekday() < calendar.SATURDAY:
            offset += 1
        start = started + timedelta(weeks=offset)
        return start, start + DAY * 2
    length = MONTHS_IN[unit]
    start = date(day.year, (day.month - 1) // length * length + 1, 1)
    start = add_months(start, length * offset)
    return start, add_months(start, length)


def no_such_date(what: str) -> NotUnderstood:
    """The refusal of a date that the calendar lacks."""
    return NotUnderstood(
        f"There is no {what} in the calendar.",
        'Name a day that exists, such as "3 Nov" or "2026-11-03".',
        unknown=[what],
    )


def one_day(day: date) -> DateRange:
    """A day as a range."""
    return DateRange(day, day + DAY, "day")


def billed_day(year: int, month: int, day: int) -> date:
    """A day that a bill can be of.

    Raises:
        NotUnderstood: the calendar has no such day, or no bill covers it.
    """
    if year not in BILLED_YEARS:
        raise NotUnderstood(
            f"No bill covers {year:04d}-{month:02d}-{day:02d}.",
            f"Name a day from {BILLED_YEARS[0]} to {BILLED_YEARS[-1]}.",
            unknown=[f"{year:04d}"],
        )
    try:
        return date(year, month, day)
    except ValueError:
        raise no_such_date(f"{year:04d}-{month:02d}-{day:02d}") from None


def _longest(month: int) -> int:
    return calendar.monthrange(2024, month)[1]
