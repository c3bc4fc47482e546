"""When a change began, and which days make most of it.

Statistics in floats over days of a bill; the results are dates, and estimates rounded to cents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from bot.domain.aggregate import cents
from bot.domain.answers.explanations import StandoutDay
from bot.domain.period import DAY, Period

_STEP = 0.5
"""Part of the deviation from the usual that a step must explain before a day is named for it."""
_MOST = 0.6
"""Part of the change that the named days explain together."""
_ENDED = 1.25
"""How much better a step that ends must tell the period than one that lasts, before it is said to have ended."""
_WEEK = 7
_GONE = DAY * 7
"""After so many days without a charge, something has ended."""
_SHORT = 100
_ZERO = 1e-9

Daily = Mapping[date, float]


class ChangePoint(NamedTuple):
    """When it was otherwise than before: from ``since`` up to ``until``; None is the period's own edge."""

    since: date | None = None
    until: date | None = None


def turn(daily: Daily, period: Period, against: Period) -> ChangePoint:
    """The days on which the amounts left the usual, for good or for a while.

    Nothing is said where they were different all along, or never took one clear step.
    """
    days = list(period)
    if (clear := _came_or_went(daily, period)) is not None:
        return ChangePoint(clear)
    usual = _usual(daily, period, against)
    off = [daily.get(day, 0.0) - usual[day] for day in days]
    whole = sum(difference * difference for difference in off)
    if whole <= _ZERO:
        return ChangePoint()
    windows = list(_windows(off))
    gain, start, end = max(windows)
    lasting = max(window for window in windows if window[2] == len(off))
    if gain < _ENDED * lasting[0]:
        gain, start, end = lasting
    if gain < _STEP * whole or (start, end) == (0, len(off)):
        return ChangePoint()
    return ChangePoint(days[start] if start else None, days[end] if end < len(days) else None)


def _windows(off: Sequence[float]) -> Iterator[tuple[float, int, int]]:
    """How much of the squared deviation a step over some days takes away; over long periods, to their end only."""
    sums = [0.0, *accumulate(off)]
    last = len(off)
    for start in range(last):
        for end in range(start + 1, last + 1) if last <= _SHORT else (last,):
            rise = sums[end] - sums[start]
            yield rise * rise / (end - start), start, end


def _came_or_went(daily: Daily, period: Period) -> date | None:
    """The first day of what did not exist before, the day after the last of what ended."""
    spent = sorted(day for day, amount in daily.items() if abs(amount) > _ZERO and day < period.end)
    if spent and spent[0] in period:
        return spent[0]
    if spent and period.last - spent[-1] >= _GONE:
        return spent[-1] + DAY
    return None


def _usual(daily: Daily, period: Period, against: Period) -> dict[date, float]:
    """What each day of the period would have come to, had it gone on as before, in the week's rhythm."""
    rhythm = _rhythm(daily, against)
    per_day = sum(daily.get(day, 0.0) for day in against) / against.days
    return {day: per_day * rhythm[day.weekday()] for day in period}


def _rhythm(daily: Daily, against: Period) -> list[float]:
    """The weekdays' part of an average day; flat where less than a week is known."""
    days = list(against)
    mean = sum(daily.get(day, 0.0) for day in days) / len(days)
    if len(days) < _WEEK or abs(mean) <= _ZERO:
        return [1.0] * _WEEK
    sums, counts = [0.0] * _WEEK, [0] * _WEEK
    for day in days:
        sums[day.weekday()] += daily.get(day, 0.0) / mean
        counts[day.weekday()] += 1
    return [weekday_sum / count for weekday_sum, count in zip(sums, counts, strict=True)]


def telling_days(
    daily: Mapping[date, Decimal], period: Period, against: Period, limit: int = 3
) -> tuple[StandoutDay, ...]:
    """The few days that together make most of the change of a total; none where it is spread evenly."""
    amounts = {day: float(amount) for day, amount in daily.items()}
    usual = _usual(amounts, period, against)
    off = {day: amounts.get(day, 0.0) - usual[day] for day in period}
    change = sum(amounts.get(day, 0.0) for day in period) - sum(amounts.get(day, 0.0) for day in against)
    if abs(change) <= _ZERO or period.days <= limit:
        return ()
    ranked = sorted((day for day in off if off[day] * change > 0), key=lambda day: -abs(off[day]))[:limit]
    if sum(off[day] for day in ranked) / change < _MOST:
        return ()
    return tuple(
        StandoutDay(day, daily.get(day, Decimal(0)), cents(usual[day]), cents(off[day] / change)) for day in ranked
    )
