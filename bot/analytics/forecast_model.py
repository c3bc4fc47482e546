"""The numbers behind a forecast: what a series will come to over a window of days, and how sure that is.

Several simple forecasters (levels of different memory, with and without trend, plain means) are weighed by
how well each did at every earlier day of the series itself, for the very window asked; the interval is what
the weighed forecast missed by on those days (conformal), blended with a prior where they are few. Floats, causal
throughout. numpy is imported with this module, so its users import it inside functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from bot.analytics.seasonality import WEEK, Floats, Places, month_back, usual

_MEMORIES = (0.06, 0.12, 0.25)
"""What part of a level is the newest day's."""
_SLOW, _QUICK = 0.03, 0.3
_DAMPING = 0.98
_STEEPEST = 0.02
"""Growth a day is held to this."""
_FACTORS_AHEAD = 4
"""Days ahead for which ``rhythm.weekly`` knows a factor."""
_LAG = 0.7
"""What part of a level's lag behind a trend is made up for."""
_TREND_FROM, _TREND_FULL = 28, 60
"""A trend is believed from so many days of history on, fully after so many more."""
_FIRST = 21
"""The first day that is forecast from in a back-test."""
_FARTHEST = 62
"""Windows are back-tested up to so many days ahead, and half the history; beyond, the interval is widened."""
_APART = 15
_JUDGED = 120
"""Forecasters are weighed by those of their forecasts that came out within so many days."""
_FAITH = 20
"""How many judged forecasts the prior weighs as much as."""
_SHARPNESS = 4
_PRIOR = np.array([1.05, 1, 1, 1.1, 1, 1.1, 1.6, 1.4])
_PRIOR_OF_NEW = np.array([1.5, 1.1, 0.9, 3, 3, 3, 3, 3])
"""How far forecasters usually miss, relative to each other; the second up to ``_NEW`` days of history."""
_NEW = 45
_OUTLIER, _LEAST_OUTLIER = 4.0, 0.3
_SHIFT = 3
"""From so many days on, what is out of the usual is the new usual."""
_SETTLING = 14
_FACTOR = 0.05
_SHORTEST_MONTH = 28
_LONGEST_MONTHS = 62
_LEAST_SIZE = 0.1
"""Misses are measured against the forecast, or this part of the usual where that is more."""
_NOTHING = 1e-9
_DRIFT, _GROWTH, _FLOOR = 0.004, 0.0003, 0.01
"""Of the prior of the interval: what levels wander a day, what growth is off by a day, what is always off."""
_BEYOND = np.array([0.5, 0.85])
"""How the band widens downwards and upwards beyond what could be back-tested: bills grow more than they shrink."""
_PRIOR_WINDOWS = 2
"""How many windows of history the prior of the interval weighs as much as."""


class Projection(NamedTuple):
    """``daily`` means from the day after the last; ``low`` and ``high`` bound the window's sum."""

    daily: Floats
    low: float
    high: float
    backtests: int


class _Window(NamedTuple):
    """Days ahead of the last known one, 1 being the next: from ``start`` to ``stop``, both in."""

    start: int
    stop: int

    def within(self, farthest: int) -> _Window:
        """As much of it as lies no farther, its length kept where it fits."""
        stop = min(self.stop, farthest)
        return _Window(max(1, min(self.start, stop - (self.stop - self.start))), stop)


class _Members(Struct, frozen=True):
    """What every forecaster needs, on each day: its level; shared are the week, growth and monthly charges."""

    week: Floats
    levels: Floats
    raw: Floats
    growth: Floats
    charges: Floats
    spread: float

    def paths(self, origins: Places, ahead: int) -> Floats:
        """Origins by forecasters by days ahead."""
        steps = np.arange(1, ahead + 1)
        week = self.week[np.maximum(origins[:, None] + _latest_known(steps)[None], 0)]
        month = np.minimum((steps - 1) // _SHORTEST_MONTH, len(self.charges) - 1)
        charges = self.charges[month[None], origins[:, None] + steps[None]]
        growth = self.growth[origins]
        grown = np.exp(growth[:, None] * np.cumsum(_DAMPING**steps)[None]) * week
        levels = self.levels[origins]
        flat = [levels[:, at, None] * week + charges for at in range(len(_MEMORIES))]
        rising = [
            (levels[:, at] * np.exp(growth * _LAG * (1 - memory) / memory))[:, None] * grown + charges
            for at, memory in enumerate(_MEMORIES)
        ]
        raw = self.raw[origins]
        plain = [np.repeat(raw[:, 0, None], ahead, axis=1), raw[:, 1, None] * week]
        return np.stack([*flat, *rising, *plain], axis=1)


def project(amounts: Floats, days: Sequence[date], start: int, stop: int, level: float) -> Projection:
    """The days from ``start`` to ``stop`` ahead (1 is the day after the last, both in), with an interval.

    ``days`` are consecutive and go with ``amounts``; there are at least 14. ``level`` is the part of outcomes
    that the interval shall hold.
    """
    sign = -1.0 if amounts.sum() < 0 else 1.0
    known, window = amounts * sign, _Window(start, stop)
    members = _members(known, days, stop)
    tested = window.within(max(1, min(_FARTHEST, (len(known) - _FIRST) // 2)))
    origins = _origins(len(known), tested.stop)
    sums = members.paths(origins, tested.stop)[:, :, tested.start - 1 :].sum(axis=2)
    actual = _actual(known, origins, tested)
    weights = _weights(sums, actual, origins, tested.stop, new=len(known) < _NEW)
    missed = _missed((sums * weights[:-1]).sum(axis=1), actual)
    daily = weights[-1] @ members.paths(np.array([len(known) - 1]), stop)[0]
    total = float(daily[start - 1 :].sum())
    below, above = _band(missed, members.spread, window, tested, len(known), level)
    size = max(abs(total), _LEAST_SIZE * float(np.mean(np.abs(actual))))
    bounds = sorted((sign * (total + size * below), sign * (total + size * above)))
    return Projection(daily * sign, bounds[0], bounds[1], len(origins))


def _origins(days: int, ahead: int) -> Places:
    """The days to back-test from, the latest included; of windows that overlap far, not every one."""
    latest = max(days - ahead - 1, 0)
    first = max(0, min(_FIRST, latest))
    return np.arange(latest, first - 1, -max(1, ahead // _APART))[::-1]


def _members(known: Floats, days: Sequence[date], ahead: int) -> _Members:
    baseline = usual(known[None])
    week = _from_the_start(baseline.week[0], len(known))
    spread = np.nan_to_num(baseline.spread[0], nan=_LEAST_OUTLIER)
    excess, runs = _excess(known, week, baseline.expected[0], spread)
    factors = np.maximum(week[: len(known)], _FACTOR)
    steady = known - excess
    levels, raw = _levels(steady, known, factors, runs)
    growth = _growth(levels[:, 1], levels[:, -1])
    return _Members(
        week=week,
        levels=levels,
        raw=np.column_stack([_trailing_mean(known, _SHORTEST_MONTH), raw]),
        growth=growth,
        charges=_charges(excess, days, ahead),
        spread=float(spread[-1]),
    )


def _latest_known(steps: Places) -> Places:
    """Where the factor of a weekday ahead stands: factors are known four days ahead, then a week back."""
    weekday = (steps - 1) % WEEK + 1
    return np.where(weekday > _FACTORS_AHEAD, weekday - WEEK, weekday)


def _from_the_start(week: Floats, days: int) -> Floats:
    """The factors with the first two weeks', when nothing was known, taken from the weeks after."""
    filled = week.copy()
    for day in range(min(_SETTLING, days) - 1, -1, -1):
        if day + WEEK < len(filled):
            filled[day] = filled[day + WEEK]
    return filled


def _excess(known: Floats, week: Floats, expected: Floats, spread: Floats) -> tuple[Floats, Places]:
    """What is out of the usual, day by day, and for how many days it has been so; three days are a new usual."""
    first = min(_SETTLING, len(known))
    early = np.median(known[:first]) / max(np.median(week[:first]), _FACTOR) * week[:first]
    expected = np.concatenate([early, expected[first:]])
    spread = np.where(np.arange(len(known)) < first, spread[min(2 * _SETTLING, len(known) - 1)], spread)
    off = known - expected
    out = np.abs(off) > np.maximum(_OUTLIER * spread, _LEAST_OUTLIER) * np.maximum(abs(expected), _NOTHING)
    runs = np.zeros(len(known), dtype=np.int64)
    for day in np.flatnonzero(out):
        runs[day] = runs[day - 1] + 1 if day and off[day] * off[day - 1] > 0 else 1
    return np.where(out & (runs < _SHIFT), off, 0.0), runs


def _levels(steady: Floats, raw: Floats, factors: Floats, runs: Places) -> tuple[Floats, Floats]:
    """Exponentially weighted levels up to each day: one column a memory, the slow one last; one of ``raw``.

    A level is the amounts' mean over the factors' mean, so a day on which nothing is usual says nothing. A
    new usual starts the means anew; where it was none (it ended before the median knew it), they go back.
    """
    memories = np.array([*_MEMORIES, _SLOW, _QUICK])
    pairs = np.stack(
        [np.column_stack([steady] * (len(memories) - 1) + [raw]), np.tile(factors[:, None], len(memories))], 1
    )
    fresh = np.stack([np.tile(raw[:, None], len(memories)), pairs[:, 1]], 1)
    found, age, mean = np.empty_like(pairs), 0, pairs[:WEEK].mean(axis=0)
    kept = mean, age
    for day, amounts in enumerate(pairs):
        age += 1
        if runs[day] == _SHIFT:
            kept, mean, age = (mean, age), fresh[day - _SHIFT + 1 : day].mean(axis=0), _SHIFT
        elif day and runs[day] < _SHIFT <= runs[day - 1] < WEEK:
            mean, age = kept
        mean = mean + np.maximum(memories, 1 / age) * (amounts - mean)
        found[day] = mean
    levels = found[:, 0] / found[:, 1]
    return levels[:, :-1], levels[:, -1]


def _growth(fast: Floats, slow: Floats) -> Floats:
    """Growth a day in logs, from how far a quick level is ahead of a slow one."""
    ages = [(1 - memory) / memory for memory in (_SLOW, _MEMORIES[1])]
    rising = np.log(np.maximum(fast, _NOTHING) / np.maximum(slow, _NOTHING)) / (ages[0] - ages[1])
    growth = np.where((fast > _NOTHING) & (slow > _NOTHING), rising, 0.0)
    belief = np.clip((np.arange(len(fast)) - _TREND_FROM) / _TREND_FULL, 0, 1)
    held: Floats = np.clip(growth, -_STEEPEST, _STEEPEST) * belief
    return held


def _trailing_mean(amounts: Floats, window: int) -> Floats:
    sums = np.concatenate([[0.0], np.cumsum(amounts)])
    end = np.arange(1, len(amounts) + 1)
    means: Floats = (sums[end] - sums[np.maximum(end - window, 0)]) / np.minimum(end, window)
    return means


def _charges(excess: Floats, days: Sequence[date], ahead: int) -> Floats:
    """Charges that come on the same day of each month, for every day known and ahead.

    Row k rests on what is k+1 months back or more, so a window that reaches k months ahead stays causal.
    """
    calendar = [*days, *(days[-1] + timedelta(days=step) for step in range(1, ahead + 1))]
    known = np.append(excess, np.zeros(ahead))
    firsts = np.array([day.day == 1 for day in calendar])
    rows = []
    for months in range(1, -(-ahead // _SHORTEST_MONTH) + 1):
        by_date = _recurring(known, calendar, months, sure=firsts, from_end=False)
        by_end = _recurring(known, calendar, months, sure=np.roll(firsts, -1), from_end=True)
        rows.append(np.where(np.abs(by_date) >= np.abs(by_end), by_date, by_end))
    return np.array(rows)


def _recurring(excess: Floats, calendar: Sequence[date], months: int, *, sure: Floats, from_end: bool) -> Floats:
    """The last charge where the month before had one too; where no month is known before, only if ``sure``."""
    places = [month_back(calendar, months + more, from_end=from_end) for more in (0, 1)]
    last, one_before = (np.where(place >= 0, excess[np.maximum(place, 0)], np.nan) for place in places)
    alone = np.isnan(one_before) & sure
    with np.errstate(invalid="ignore"):
        comes = (last != 0) & np.isfinite(last) & (alone | (last * one_before > 0))
    return np.where(comes, np.nan_to_num(last), 0.0)


def _actual(known: Floats, origins: Places, window: _Window) -> Floats:
    sums = np.concatenate([[0.0], np.cumsum(known)])
    last = len(known) - 1
    actual: Floats = sums[np.minimum(origins + window.stop, last) + 1] - sums[np.minimum(origins + window.start, last)]
    return actual


def _weights(sums: Floats, actual: Floats, origins: Places, ahead: int, *, new: bool) -> Floats:
    """Each forecaster's weight at each origin and, last, now: from what had come out by then."""
    size = np.mean(np.abs(actual)) + _NOTHING
    errors = np.abs(actual[:, None] - sums) / size
    before = np.concatenate([np.zeros((1, errors.shape[1])), np.cumsum(errors, axis=0)])
    judged = np.append(np.searchsorted(origins, origins - ahead, side="right"), len(origins))
    since = np.searchsorted(origins, origins[np.maximum(judged - 1, 0)] - _JUDGED, side="right")
    missed, count = before[judged] - before[since], np.maximum(judged - since, 0)[:, None]
    typical = np.where(count > 0, np.median(missed, axis=1, keepdims=True) / np.maximum(count, 1), 1.0)
    prior = _PRIOR_OF_NEW if new else _PRIOR
    mean = (missed + _FAITH * typical * prior) / (count + _FAITH)
    weights = 1 / np.maximum(mean, _NOTHING + 0.02 * mean.max(axis=1, keepdims=True)) ** _SHARPNESS
    normal: Floats = weights / weights.sum(axis=1, keepdims=True)
    return normal


def _missed(forecast: Floats, actual: Floats) -> Floats:
    """By what part of the forecast the outcome was off, at each origin."""
    size = np.maximum(np.abs(forecast), _LEAST_SIZE * np.mean(np.abs(actual)) + _NOTHING)
    off: Floats = (actual - forecast) / size
    return off


def _band(  # noqa: PLR0913 - all that an interval rests on
    missed: Floats, spread: float, window: _Window, tested: _Window, days: int, level: float
) -> tuple[float, float]:
    """How far below and above the forecast the outcome may be, as parts of it."""
    tail = (1 - level) / 2
    length, reach = window.stop - window.start + 1, window.start + window.stop
    variance = spread**2 * (1 / length + 1 / WEEK) + _DRIFT**2 * reach / 3 + (_GROWTH * reach) ** 2 + _FLOOR**2
    prior = NormalDist().inv_cdf(1 - tail) * float(np.sqrt(variance))
    windows = max((days - _FIRST) / tested.stop - 2, 0.0)
    seen = np.quantile(missed, [tail, 1 - tail]) * ((window.stop + 1) / (tested.stop + 1)) ** _BEYOND
    surprise = 1.25 if days < _LONGEST_MONTHS else 1.0
    blend = [
        (windows * seen[at] + _PRIOR_WINDOWS * guess) / (windows + _PRIOR_WINDOWS)
        for at, guess in enumerate((-prior, prior * surprise))
    ]
    return float(min(blend[0], 0.0)), float(max(blend[1], 0.0))
