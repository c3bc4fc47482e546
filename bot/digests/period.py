"""Which days a digest is about, and what they are compared with: whole days, weeks, months that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bot.digests.schedule import Every
from bot.domain.period import DAY, Grain, Period, add_months
from bot.domain.period_arithmetic import month_before
from bot.domain.question import Question

_CHARTED = {"day": 14, "week": 8, "month": 6}
_AVERAGED = {"day": 7, "week": 4, "month": 3}


@dataclass(frozen=True)
class DigestTimes:
    """The days of one digest. All of them are over, so that like is compared with like."""

    every: Every
    today: date
    period: Period
    against: Period
    average: Period
    """The periods before, of which the average is told."""
    averaged: int
    """How many of them there are."""
    month: Period
    """The month of the period's last day, up to that day."""
    month_before: Period
    chart: Period

    @property
    def grain(self) -> Grain:
        """A step of the chart."""
        return self.every


def today(now: datetime, zone: ZoneInfo) -> date:
    """The day it is for a digest: that of its timezone, but never one that has not begun for the billers (UTC)."""
    return min(now.astimezone(zone).date(), now.astimezone(UTC).date())


def times(every: Every, day: date, week_start: int = 0) -> DigestTimes:
    """The days for a digest made on ``day``: yesterday, the last whole week, the last whole month."""
    start, end = _latest(every, day, week_start)
    count, drawn = _AVERAGED[every], _CHARTED[every]
    before = _back(every, start, 7 if every == "day" else 1)
    month = Period(start=(end - DAY).replace(day=1), end=end)
    return DigestTimes(
        every=every,
        today=day,
        period=Period(start=start, end=end),
        against=Period(start=before, end=_back(every, before, -1)),
        average=Period(start=_back(every, start, count), end=start),
        averaged=count,
        month=month,
        month_before=month_before(month),
        chart=Period(start=_back(every, start, drawn - 1), end=end),
    )


def _latest(every: Every, day: date, week_start: int) -> tuple[date, date]:
    if every == "day":
        return day - DAY, day
    if every == "week":
        end = day - DAY * ((day.weekday() - week_start) % 7)
        return end - DAY * 7, end
    end = day.replace(day=1)
    return add_months(end, -1), end


def _back(every: Every, start: date, count: int) -> date:
    if every == "month":
        return add_months(start, -count)
    return start - DAY * (7 * count if every == "week" else count)


# --- questions that were asked on one day, asked again on another -----------------------------------------------


def moved(question: Question, asked: date, day: date) -> Question:
    """The question as it would be asked on ``day``: "this month" is the month of that day.

    Calendar periods (a month, quarter or year, whole or so far) keep their distance in months, weeks and all other
    days their distance in days.
    """
    if question.usage is not None:
        usage = question.usage.model_copy(update={"period": _moved(question.usage.period, asked, day)})
        question = question.model_copy(update={"usage": usage})
    if question.period is None:
        return question
    period = _moved(question.period, asked, day)
    against = None
    if question.against is not None:
        against = _against(question.period, question.against, period, asked, day)
    return question.model_copy(update={"period": period, "against": against})


def _against(was: Period, against: Period, period: Period, asked: date, day: date) -> Period:
    if against == was.before():
        return period.before()
    if was.start.day == 1 and against == month_before(was):
        return month_before(period)
    return _moved(against, asked, day)


def _moved(period: Period, asked: date, day: date) -> Period:
    for unit in ("year", "quarter", "month", "week"):
        first, last = _index(period.start, unit), _index(period.end, unit)
        rolling = unit == "week" and period.end == asked
        if _start(first, unit) == period.start and _start(last, unit) == period.end and not rolling:
            ahead = _index(day, unit) - _index(asked, unit)
            return Period(start=_start(first + ahead, unit), end=_start(last + ahead, unit))
    for unit in ("month", "quarter", "year", "week"):
        if period.start == _start(_index(asked, unit), unit) and period.end == asked + DAY:
            return Period(start=_start(_index(day, unit), unit), end=day + DAY)
    return Period(start=period.start + (day - asked), end=period.end + (day - asked))


_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _index(day: date, unit: str) -> int:
    """The number of the week, month, quarter or year that a day is in."""
    if unit == "week":
        return (day.toordinal() - 1) // 7
    return (day.year * 12 + day.month - 1) // _MONTHS[unit]


def _start(index: int, unit: str) -> date:
    """The first day of it."""
    if unit == "week":
        return date.fromordinal(index * 7 + 1)
    year, month = divmod(index * _MONTHS[unit], 12)
    return date(year, month + 1, 1)
