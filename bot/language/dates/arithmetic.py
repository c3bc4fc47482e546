"""Spans told from other spans: the one before, like for like, a unit earlier (``domain.period_arithmetic``)."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from bot.domain.period_arithmetic import like_for_like as _like_for_like
from bot.domain.period_arithmetic import previous, under_way_on
from bot.domain.period_arithmetic import shifted as _shifted
from bot.language.dates.expressions import Anchored, Clock, DateRange, Unit, Weekday, unit_around

DAYS_OF_UNIT: Final[dict[Unit, int]] = {
    "day": 1, "weekend": 2, "week": 7, "month": 30, "quarter": 91, "half": 182, "year": 365, "span": 0,
}  # fmt: skip
"""About how long each unit is."""


def under_way(span: DateRange, clock: Clock) -> bool:
    """Whether today is in it and it ends with today."""
    return under_way_on(span.period, clock.today)


def like_for_like(period: DateRange, whole: DateRange) -> DateRange:
    """The first days of an earlier unit, as many as the period has, at most all of them."""
    found = _like_for_like(period.period, whole.period)
    return DateRange(found.start, found.end)


def just_before(period: DateRange, clock: Clock) -> DateRange:
    """The calendar period before a whole one; the same days of last month for this month; else as many days."""
    found = previous(period.period, clock.today)
    return DateRange(found.start, found.end)


def shifted(period: DateRange, unit: Unit) -> DateRange:
    """The same days a unit earlier; a week of last year keeps its weekdays."""
    by_weeks = unit == "year" and period.unit == "week"
    found = _shifted(period.period, unit, keep_weekdays=by_weeks)
    return DateRange(found.start, found.end, "week" if by_weeks else "span")


def anchored(period: DateRange, expression: Anchored, clock: Clock) -> DateRange:
    """As in "the month before", "the same period last year", told from a period."""
    if expression.weekday is not None:
        return Weekday(expression.weekday).span(replace(clock, today=period.start))
    if expression.unit == "span":
        return _unit_before(period, clock) if expression.unit_of else just_before(period, clock)
    if expression.same:
        return shifted(period, expression.unit)
    start, end = unit_around(period.start, expression.unit, clock.week_start, -1)
    if under_way(period, clock):
        return like_for_like(period, DateRange(start, end))
    size = (period.end - period.start).days
    if size > DAYS_OF_UNIT[expression.unit] * 2:
        return just_before(period, clock)
    return DateRange(start, end) if size * 2 > DAYS_OF_UNIT[expression.unit] else shifted(period, expression.unit)


def _unit_before(period: DateRange, clock: Clock) -> DateRange:
    """As in "this week vs last": the unit before, like for like."""
    if period.unit not in {"week", "quarter", "year"} or not under_way(period, clock):
        return just_before(period, clock)
    return like_for_like(period, DateRange(*unit_around(period.start, period.unit, clock.week_start, -1)))


def paced(period: DateRange | None, unit: Unit, clock: Clock) -> tuple[DateRange, DateRange]:
    """Month over month and the like: the period, or the latest, and the one before, like for like."""
    if period is None:
        complete = unit in {"day", "week"}
        period = DateRange(*unit_around(clock.today, unit, clock.week_start, -1 if complete else 0)).clipped(clock)
    if unit == "year":
        return period, shifted(period, unit)
    start, end = unit_around(period.start, unit, clock.week_start)
    before = DateRange(*unit_around(start, unit, clock.week_start, -1))
    if under_way(period, clock) and period.start == start:
        return period, like_for_like(period, before)
    return period, before if (period.start, period.end) == (start, end) else just_before(period, clock)
