"""Periods told from other periods: the one before, like for like, shifted; for language, buttons and digests alike."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from bot.domain.period import DAY, Period, add_months

Shift = Literal["day", "week", "month", "quarter", "half", "year", "weekend", "span"]
_MONTHS: Final[dict[str, int]] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_YEAR_OF_WEEKS: Final = DAY * 7 * 52


def under_way_on(period: Period, today: date) -> bool:
    """Whether ``today`` is in the period and nothing after it."""
    return period.start <= today < period.end <= today + DAY


def like_for_like(period: Period, whole: Period) -> Period:
    """The first days of an earlier period, as many as ``period`` has, at most all of them."""
    return Period(start=whole.start, end=min(whole.start + DAY * period.days, whole.end))


def previous(period: Period, today: date) -> Period:
    """The period just before: calendar months before whole ones, the same days of last month, else as many days."""
    first = today.replace(day=1)
    if (period.start, period.end) == (first, today + DAY):
        return same_days_of_last_month(period)
    if period.start.day == 1 and period.end.day == 1:
        months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
        return Period(start=add_months(period.start, -months), end=period.start)
    return Period(start=period.start - DAY * period.days, end=period.start)


def same_days_of_last_month(period: Period) -> Period:
    """As many days from the start of the month before the one that the period begins in."""
    first = period.start.replace(day=1)
    return like_for_like(period, Period(start=add_months(first, -1), end=first))


def shifted(period: Period, unit: Shift, *, keep_weekdays: bool = False) -> Period:
    """The same days a unit earlier; with ``keep_weekdays`` a year is 52 weeks."""
    if unit == "year" and keep_weekdays:
        return Period(start=period.start - _YEAR_OF_WEEKS, end=period.end - _YEAR_OF_WEEKS)
    if unit in _MONTHS:
        start, end = (add_months(day, -_MONTHS[unit]) for day in (period.start, period.end))
        return Period(start=start, end=end if end > start else start + DAY)
    step = DAY * (7 if unit == "week" else 1)
    return Period(start=period.start - step, end=period.end - step)
