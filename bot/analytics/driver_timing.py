"""What the days say of a change: when each key was otherwise than before, and what the calendar makes of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from bot.analytics.calendar_effect import CalendarPart, calendar_change, calendar_parts
from bot.analytics.change_point import ChangePoint, telling_days, turn
from bot.domain.aggregate import Cell
from bot.domain.answers.explanations import CalendarChange, StandoutDay
from bot.domain.period import DAY, Period

_VISIBLE = 0.0025
"""What is less than this part of everything charged is not told as the calendar's."""


class CalendarEffect(NamedTuple):
    """What the calendar makes of each key whose days are known, and of all others together."""

    parts: Mapping[tuple[str, ...], CalendarPart]
    rest: CalendarPart
    change: CalendarChange | None
    """What is told of it; None where it makes nothing worth telling."""


class Timing(NamedTuple):
    """The two periods, and what is known by the day: of leading keys, and of each currency's total (key ``()``).

    ``daily`` and ``totals`` are over ``days``, which should cover both periods and, for a short one, the weeks before;
    without them nothing is said about when, nor of the calendar. Days after ``complete_through`` (by default none) are
    partial, and no turn is seen on them.
    """

    period: Period
    against: Period
    days: tuple[date, ...] = ()
    daily: Sequence[Cell] = ()
    totals: Sequence[Cell] = ()
    complete_through: date | None = None

    @property
    def complete(self) -> Period | None:
        """The days of the period that are over."""
        end = min(self.period.end, (self.complete_through or self.period.last) + DAY)
        return Period(start=self.period.start, end=end) if end > self.period.start else None

    def turn(self, key: tuple[str | None, ...], currency: str) -> ChangePoint:
        """When a key was otherwise than before; nothing of one whose days are not known."""
        for cell in self.daily:
            if (cell.key, cell.unit) == (key, currency) and (complete := self.complete):
                return turn(self._by_day(list(map(float, cell.amounts))), complete, self.against)
        return ChangePoint()

    def _by_day(self, amounts: Sequence[float]) -> dict[date, float]:
        return dict(zip(self.days, amounts, strict=True))

    def telling(self, currency: str) -> tuple[StandoutDay, ...]:
        """The days that make most of the change of a currency's total."""
        complete = self.complete
        for cell in self.totals:
            if cell.unit == currency and complete:
                return telling_days(dict(zip(self.days, cell.amounts, strict=True)), complete, self.against)
        return ()

    def calendar(self, currency: str) -> CalendarEffect:
        """What the calendar makes of a currency's change."""
        whole = [cell for cell in self.totals if cell.unit == currency]
        if not whole:
            return CalendarEffect(defaultdict(CalendarPart), CalendarPart(), None)
        keys = [cell for cell in self.daily if cell.unit == currency]
        amounts = np.array([cell.amounts for cell in (*keys, whole[0])], dtype=np.float64)
        size = float(np.abs(amounts[-1]).sum()) * self.period.days / len(self.days)
        amounts[-1] -= amounts[:-1].sum(axis=0)
        parts = calendar_parts(amounts, self.days, self.period, self.against)
        change = calendar_change(parts, self.period, self.against)
        if float(max(abs(change.length), abs(change.weekdays))) <= _VISIBLE * size:
            return CalendarEffect(defaultdict(CalendarPart), CalendarPart(), None)
        by_key = {cell.key: part for cell, part in zip(keys, parts, strict=False)}
        return CalendarEffect(defaultdict(CalendarPart, by_key), parts[-1], change)
