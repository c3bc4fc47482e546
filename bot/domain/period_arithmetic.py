"""Periods told from other periods: the one before, like for like, shifted; for language, buttons and digests alike."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

from bot.domain.period import DAY, Period, add_months

ComparedUnit = Literal["day", "month", "whole_month", "quarter", "year"]
Shift = Literal["day", "week", "month", "quarter", "half", "year", "weekend", "span"]
_MONTHS: Final[dict[str, int]] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_LONGER: Final[tuple[tuple[ComparedUnit, int], ...]] = (("quarter", 3), ("year", 12))
_YEAR_OF_WEEKS: Final = DAY * 7 * 52


def under_way_on(period: Period, today: date) -> bool:
    """Whether ``today`` is in the period and nothing after it."""
    return period.start <= today < period.end <= today + DAY


def like_for_like(period: Period, whole: Period) -> Period:
    """The first days of an earlier period, as many as ``period`` has, at most all of them."""
    return Period(start=whole.start, end=min(whole.start + DAY * period.days, whole.end))


def previous(period: Period, today: date | None) -> Period:
    """What a change is explained against: the period just before.

    The same days of last month for the month under way, calendar months before whole ones, else as many days. Where
    ``today`` is not known, days from the first of a month that are not all of it are a month under way.
    """
    if _month_to_date(period, today):
        return same_days_of_last_month(period)
    months = whole_months(period)
    return Period(start=add_months(period.start, -months), end=period.start) if months else period.before()


def compared(period: Period, today: date | None) -> tuple[Period, ComparedUnit, int]:
    """What a period is set beside, like for like: the days, and how many of which unit before they are.

    A month, quarter or year under way has the same days of the one before (or all of it, where it is shorter); whole
    calendar months have those before; other days as many just before. ``today`` as for ``previous``.
    """
    if _month_to_date(period, today):
        return same_days_of_last_month(period), "month", 1
    months = whole_months(period)
    if not months or (today is not None and under_way_on(period, today)):
        for unit, length in _LONGER:
            start, ends = add_months(period.start, -length), add_months(period.start, length)
            begins = period.start.day == 1 and period.start.month % length == 1
            now = period.end < ends if today is None else under_way_on(period, today) and period.end <= ends
            if begins and now:
                return like_for_like(period, Period(start=start, end=period.start)), unit, 1
    if months:
        return Period(start=add_months(period.start, -months), end=period.start), "whole_month", months
    return period.before(), "day", period.days


def whole_months(period: Period) -> int:
    """How many calendar months it is; 0 where it begins or ends within one."""
    if (period.start.day, period.end.day) != (1, 1):
        return 0
    return (period.end.year - period.start.year) * 12 + period.end.month - period.start.month


def month_before(month: Period) -> Period:
    """Of the month before: all of it for a whole month, else as many days from its start."""
    start = add_months(month.start, -1)
    return Period(start=start, end=month.start) if whole_months(month) == 1 else same_days_of_last_month(month)


def month_under_way(period: Period) -> bool:
    """Whether it is a month from its first day on, but not to its last."""
    return period.start.day == 1 and period.end < add_months(period.start, 1)


def _month_to_date(period: Period, today: date | None) -> bool:
    """Whether it is the month under way, up to today."""
    if today is None:
        return month_under_way(period)
    return (period.start, period.end) == (today.replace(day=1), today + DAY)


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
