"""What the calendar alone makes of a change: a period of more days, or of other weekdays, than the one before it.

Estimates in cents, from the level and the week's rhythm of what was charged before. Only what is charged on most days
follows the calendar: a monthly fee, a tax line or a single purchase costs the same in a longer month.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.domain.aggregate import cents
from bot.domain.answers.explanations import CalendarChange
from bot.domain.money import from_attos, to_attos
from bot.domain.period import Period

HISTORY = 84
"""So many days before the end of the earlier period say what the week's rhythm is."""
_REGULAR = 0.6
"""What is charged on fewer of the days does not follow the calendar."""
_LUMP = 3.0
"""A day of more than so many usual days counts as so many."""
_WEEK, _WEEKS = 7, 3
_CLEAR, _SLIGHT = 2.5, 0.03
"""A rhythm is seen where weekdays differ by so many standard errors, and by so much of a day."""
_NOTHING = 1e-9
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


def calendar_parts(
    amounts: NDArray[np.float64], days: Sequence[date], period: Period, against: Period
) -> list[CalendarPart]:
    """For each series what ``period`` would have cost more than ``against``, had nothing changed but the calendar.

    ``amounts`` are series by consecutive ``days``, which cover both periods; days before them, where there are some,
    tell the rhythm better. Zero for what is not charged on most days, and for what is not charged in the period at all.
    """
    first = days[0]
    then, now = (slice((span.start - first).days, (span.end - first).days) for span in (against, period))
    level = np.where(amounts[:, now].any(axis=1), _regular(amounts[:, then]), 0.0)
    rhythm = _rhythm(amounts[:, : then.stop], against.end)
    usual, other = (rhythm[:, [day.weekday() for day in span]].sum(axis=1) for span in (against, period))
    known = usual >= _LEAST * against.days
    longer = period.days / against.days
    ratio = np.where(known, np.divide(other, usual, out=np.ones_like(usual), where=known), longer)
    length, weekdays = level * (longer - 1), level * (ratio - longer)
    return [
        CalendarPart(to_attos(cents(one)), to_attos(cents(two)))
        for one, two in zip(length.tolist(), weekdays.tolist(), strict=True)
    ]


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


def _regular(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """What an earlier period came to, days far above the usual cut; zero for what is not charged on most days."""
    sizes = np.where(amounts != 0, np.abs(amounts), np.nan)
    often = np.isfinite(sizes).sum(axis=1) >= _REGULAR * amounts.shape[1]
    most = np.zeros(len(amounts))
    most[often] = _LUMP * np.nanmedian(sizes[often], axis=1)
    cut: NDArray[np.float64] = np.clip(amounts, -most[:, None], most[:, None]).sum(axis=1)
    return cut


def _rhythm(amounts: NDArray[np.float64], end: date) -> NDArray[np.float64]:
    """Each weekday's part of an average day, Monday first; all alike where no rhythm is clear.

    ``amounts`` are series by the days up to ``end``.
    """
    series, days = amounts.shape
    weeks = min(days, HISTORY) // _WEEK
    flat = np.ones((series, _WEEK))
    if weeks < _WEEKS:
        return flat
    rows = amounts[:, days - weeks * _WEEK :].reshape(series, weeks, _WEEK)
    mean = rows.mean(axis=2, keepdims=True)
    shares = np.divide(rows, mean, out=np.ones_like(rows), where=np.abs(mean) > _NOTHING)
    factors = np.median(shares, axis=1)
    scale = factors.mean(axis=1, keepdims=True)
    factors = np.divide(factors, scale, out=np.ones_like(factors), where=scale > _NOTHING)
    within = np.median(np.abs(shares - factors[:, None, :]).reshape(series, -1), axis=1) / weeks**0.5
    between = ((factors - 1) ** 2).mean(axis=1) ** 0.5
    clear = (between >= np.maximum(_CLEAR * within, _SLIGHT)) & (factors.min(axis=1) >= 0)
    return np.roll(np.where(clear[:, None], factors, flat), end.weekday(), axis=1)
