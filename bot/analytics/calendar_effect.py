"""What the calendar alone makes of a change: a period of more days, or of other weekdays, than the one before it.

Estimates in cents, from the level and the week's rhythm of what was charged before. Only what is charged on most days
follows the calendar: a monthly fee, a tax line or a single purchase costs the same in a longer month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from statistics import median
from typing import NamedTuple

from bot.domain.aggregate import cents
from bot.domain.answers.explanations import CalendarChange
from bot.domain.money import from_attos, to_attos
from bot.domain.period import DAY, Period

HISTORY = 84
"""So many days before the end of the earlier period say what the week's rhythm is."""
_REGULAR = 0.6
"""What is charged on fewer of the days does not follow the calendar."""
_LUMP = 3.0
"""A day of more than so many usual days counts as so many."""
_WEEK, _WEEKS = 7, 3
_CLEAR, _SLIGHT = 2.5, 0.03
"""A rhythm is seen where weekdays differ by so many standard errors, and by so much of a day."""
_LEAST = 0.2
"""Of a period whose weekdays usually cost less than this part of a day, nothing is scaled."""


class CalendarPart(NamedTuple):
    """In attos: what another number of days makes of a change, and what other weekdays do."""

    length: int = 0
    weekdays: int = 0

    @property
    def whole(self) -> int:
        """Both together."""
        return self.length + self.weekdays


def calendar_part(daily: Mapping[date, float], period: Period, against: Period) -> CalendarPart:
    """What ``period`` would have cost more than ``against`` had nothing changed but the calendar.

    ``daily`` holds every day of both periods; days before them, where it has them, tell the rhythm better. Zero for
    what is not charged on most days, and for what is not charged in the period at all.
    """
    level = _regular(daily, against)
    if not level or not any(daily.get(day) for day in period):
        return CalendarPart()
    rhythm = _rhythm(daily, against.end)
    usual, other = (sum(rhythm[day.weekday()] for day in days) for days in (against, period))
    if usual < _LEAST * against.days:
        usual, other = against.days, period.days
    length = level * (period.days / against.days - 1)
    weekdays = level * (other / usual - 1) - length
    return CalendarPart(*(to_attos(cents(part)) for part in (length, weekdays)))


def calendar_change(parts: Sequence[CalendarPart], period: Period, against: Period) -> CalendarChange:
    """What the parts of all keys come to, with the days and weekdays that differ."""
    counts = ([sum(day.weekday() == weekday for day in days) for weekday in range(_WEEK)] for days in (period, against))
    return CalendarChange(
        days=period.days,
        against_days=against.days,
        length=from_attos(sum(part.length for part in parts)),
        weekdays=from_attos(sum(part.weekdays for part in parts)),
        counts=tuple(zip(*counts, strict=True)),
    )


def _regular(daily: Mapping[date, float], against: Period) -> float:
    """What the earlier period came to, days far above the usual cut; zero for what is not charged on most days."""
    amounts = [daily.get(day, 0.0) for day in against]
    charged = [abs(amount) for amount in amounts if amount]
    if len(charged) < _REGULAR * len(amounts):
        return 0.0
    most = _LUMP * median(charged)
    return sum(max(-most, min(most, amount)) for amount in amounts)


def _rhythm(daily: Mapping[date, float], end: date) -> list[float]:
    """Each weekday's part of an average day, Monday first; all alike where no rhythm is clear."""
    first = min(daily, default=end)
    weeks = min((end - first).days, HISTORY) // _WEEK
    rows: list[list[float]] = []
    for week in range(1, weeks + 1):
        start = end - DAY * (_WEEK * week)
        row = [0.0] * _WEEK
        for day in (start + DAY * n for n in range(_WEEK)):
            row[day.weekday()] = daily.get(day, 0.0)
        if mean := sum(row) / _WEEK:
            rows.append([amount / mean for amount in row])
    flat = [1.0] * _WEEK
    if len(rows) < _WEEKS:
        return flat
    factors = [median(column) for column in zip(*rows, strict=True)]
    scale = sum(factors) / _WEEK
    if scale <= 0 or min(factors) < 0:
        return flat
    factors = [factor / scale for factor in factors]
    within = median(abs(row[at] - factors[at]) for row in rows for at in range(_WEEK)) / len(rows) ** 0.5
    between = (sum((factor - 1) ** 2 for factor in factors) / _WEEK) ** 0.5
    return factors if between >= max(_CLEAR * within, _SLIGHT) else flat
