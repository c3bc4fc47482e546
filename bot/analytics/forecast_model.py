"""The numbers behind a forecast: what a series will come to over a window of days, and how sure that is.

Several simple forecasters (levels of different memory, with and without trend, plain means) are weighed by
how well each did at every earlier day of the series itself, for the very window asked; the interval is what
the weighed forecast missed by on those days (conformal), blended with a prior where they are few. Floats, causal
throughout. numpy is imported with this module, so its users import it inside functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from bot.analytics.forecast_history import (
    DRIFT,
    FACTOR,
    FACTORS_AHEAD,
    FLOOR,
    GROWTH,
    IRREGULAR,
    LEAST_OUTLIER,
    LINES,
    MEMORIES,
    NOTHING,
    SETTLING,
    SHORTEST_MONTH,
    excess_of,
    from_the_start,
    growth_of,
    irregular,
    levels,
    line,
    monthly_charges,
    multiplies,
    rhythm,
    trailing_mean,
)
from bot.analytics.seasonality import (
    WEEK,
    Floats,
    Places,
    spread_of,
    trailing_median,
)

_DAMPING = 0.98
_LAG = 0.7
"""What part of a level's lag behind a trend is made up for."""
_FIRST = 21
"""The first day that is forecast from in a back-test."""
_FARTHEST = 62
"""Windows are back-tested up to so many days ahead, and half the history; beyond, the interval is widened."""
_APART = 15
_JUDGED = 120
"""Forecasters are weighed by those of their forecasts that came out within so many days."""
_FAITH = 20
"""How many judged forecasts the prior weighs as much as."""
_SHARPNESS = 6
_LOSS = 1.5
"""Errors count with this power, so that large ones count more."""
_PRIOR = np.array([1.2, 1.05, 1, 1, 1.3, 1.1, 1, 1.1, 1.2, 1.3, 1.6, 1.4])
_PRIOR_OF_NEW = np.array([2, 1.5, 1.1, 0.9, 3, 3, 3, 3, 3, 3, 3, 3])
_PRIOR_OF_SELDOM = np.array([1.5, 1.2, 1, 1])
"""How far forecasters usually miss, relative to each other; the second up to ``_NEW`` days of history."""
_NEW = 45
_LONGEST_MONTHS = 62
_LEAST_SIZE = 0.1
"""Misses are measured against the forecast, or this part of the usual where that is more."""
_WINDOWS = (28, 56, 112, 365)
"""What comes now and then is forecast by means of so many days."""
_SELDOM, _UNEXPLAINED = 0.2, 0.3
"""Such a part of the days without a charge, and such a part of them that no rhythm explains, make it seldom."""
_ENDED = 4
"""After so many times the usual gap without a charge, nothing more is expected."""
_LINE_DAMPING = 0.997
"""What a day ahead adds of a line's slope is such a part of the day before."""
_LARGEST = 60.0
"""No logarithm of a forecast is larger."""
_RESTS = 0.1
"""A day of the rhythm on which less than this part of the usual comes rests."""
_BEYOND = np.array([0.5, 0.85])
"""How the band widens downwards and upwards beyond what could be back-tested: bills grow more than they shrink."""
_LEVEL_DOUBT = 0.04
"""The variance of a level, in that of a day, once there are some months of them."""
_SCARCE = 0.25
"""Few windows do not reach as far into the tails as many would."""
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
    lines: tuple[Floats, ...]
    """The logarithm of each day's level, and what it gains a day, as straight lines have them."""
    relative: bool
    """Whether monthly charges are multiples of what is usual on their days."""
    irregular: Floats
    """What comes a day, on average, on days out of the usual that no month repeats."""
    period: int

    def paths(self, origins: Places, ahead: int) -> Floats:
        """Origins by forecasters by days ahead."""
        steps = np.arange(1, ahead + 1)
        week = self.week[np.maximum(origins[:, None] + _latest_known(steps, self.period)[None], 0)]
        month = np.minimum((steps - 1) // SHORTEST_MONTH, len(self.charges) - 1)
        charges = self.charges[month[None], origins[:, None] + steps[None]]
        if self.relative:
            charges = charges * self.levels[origins, 1, None] * week
        charges = charges + self.irregular[origins, None]
        growth = self.growth[origins]
        grown = np.exp(growth[:, None] * np.cumsum(_DAMPING**steps)[None]) * week
        levels = self.levels[origins]
        flat = [levels[:, at, None] * week + charges for at in range(len(MEMORIES))]
        rising = [
            (levels[:, at] * np.exp(growth * _LAG * (1 - memory) / memory))[:, None] * grown + charges
            for at, memory in enumerate(MEMORIES)
        ]
        raw = self.raw[origins]
        plain = [np.repeat(raw[:, 0, None], ahead, axis=1), raw[:, 1, None] * week]
        straight = [
            np.exp(np.minimum(line[origins, 0, None] + line[origins, 1, None] * _straight(steps), _LARGEST)) * week
            + charges
            for line in self.lines
        ]
        return np.stack([*flat, *rising, *straight, *plain], axis=1)


def project(amounts: Floats, days: Sequence[date], start: int, stop: int, level: float) -> Projection:
    """The days from ``start`` to ``stop`` ahead (1 is the day after the last, both in), with an interval.

    ``days`` are consecutive and go with ``amounts``; there are at least 14. ``level`` is the part of outcomes
    that the interval shall hold.
    """
    sign = -1.0 if amounts.sum() < 0 else 1.0
    known, window = amounts * sign, _Window(start, stop)
    regular = _members(known, days, stop)
    seldom = _seldom(known, regular)
    members: _Members | _Means = seldom or regular
    tested = window.within(max(1, min(_FARTHEST, (len(known) - _FIRST) // 2)))
    origins = _origins(len(known), tested.stop)
    sums = members.paths(origins, tested.stop)[:, :, tested.start - 1 :].sum(axis=2)
    actual = _actual(known, origins, tested)
    prior, loss = (_PRIOR_OF_SELDOM, 2.0) if seldom else (_PRIOR_OF_NEW if len(known) < _NEW else _PRIOR, _LOSS)
    weights = _weights(sums, actual, origins, tested.stop, prior, loss)
    missed = _missed((sums * weights[:-1]).sum(axis=1), actual)
    daily = weights[-1] @ members.paths(np.array([len(known) - 1]), stop)[0]
    total = float(daily[start - 1 :].sum())
    below, above = _band(missed, members.spread, window, tested, len(known), level)
    size = max(abs(total), _LEAST_SIZE * float(np.mean(np.abs(actual))))
    bounds = sorted((sign * (total + size * below), sign * (total + size * above)))
    return Projection(daily * sign, bounds[0], bounds[1], len(origins))


class _Means(Struct, frozen=True):
    """Forecasters of what comes now and then, by no rhythm: means of the days before."""

    means: Floats
    spread: float

    def paths(self, origins: Places, ahead: int) -> Floats:
        """Origins by forecasters by days ahead."""
        return np.repeat(self.means[origins][:, :, None], ahead, axis=2)


def _seldom(known: Floats, members: _Members) -> _Means | None:
    """Forecasters of its own for what comes on some days by no rhythm; None where that is not so."""
    lately = slice(-IRREGULAR, None)
    factors, charges = members.week[: len(known)][lately], members.charges[0, : len(known)][lately]
    idle, factors_rest = known[lately] == 0, factors < _RESTS
    unexplained = np.where(idle, factors > _UNEXPLAINED, factors_rest & (charges == 0)).sum()
    if idle.mean() < _SELDOM or unexplained < _UNEXPLAINED * max((~idle).sum(), 1):
        return None
    charged = np.flatnonzero(known)
    since = np.arange(len(known)) - np.maximum.accumulate(np.where(known != 0, np.arange(len(known)), 0))
    gap = np.arange(1, len(known) + 1) / np.maximum(np.cumsum(known != 0), 1)
    going = since <= _ENDED * gap + WEEK
    means = np.column_stack([trailing_mean(known, window) for window in _WINDOWS]) * going[:, None]
    return _Means(means, float(np.std(known[charged]) / max(float(np.mean(known)), NOTHING)))


def _origins(days: int, ahead: int) -> Places:
    """The days to back-test from, the latest included; of windows that overlap far, not every one."""
    latest = max(days - ahead - 1, 0)
    first = max(0, min(_FIRST, latest))
    return np.arange(latest, first - 1, -max(1, ahead // _APART))[::-1]


def _members(known: Floats, days: Sequence[date], ahead: int) -> _Members:
    factors_known, period = rhythm(known)
    week = from_the_start(factors_known, len(known))
    level = trailing_median((known / np.where(week[: len(known)] < _RESTS, np.nan, week[: len(known)]))[None], SETTLING)
    expected = level * week[: len(known)]
    spread = np.nan_to_num(spread_of(known[None], expected)[0], nan=LEAST_OUTLIER)
    excess, runs = excess_of(known, week, expected[0], spread, days)
    factors = np.maximum(week[: len(known)], FACTOR)
    steady = known - excess
    by_memory, raw = levels(steady, known, factors, runs)
    usually = np.maximum(np.abs(expected[0]), NOTHING)
    relative = multiplies(excess, usually, days)
    charges = monthly_charges(excess / usually if relative else excess, days, ahead)
    return _Members(
        week=week,
        levels=by_memory,
        raw=np.column_stack([trailing_mean(known, SHORTEST_MONTH), raw]),
        growth=growth_of(by_memory[:, 2], by_memory[:, -1]),
        charges=charges,
        relative=relative,
        spread=float(spread[-1]),
        lines=tuple(line(steady, factors, runs, window) for window in LINES),
        irregular=irregular(excess, days),
        period=period,
    )


def _straight(steps: Places) -> Floats:
    """Days ahead as a line counts them: fewer and fewer, since no growth goes on for ever."""
    counted: Floats = np.cumsum(_LINE_DAMPING**steps)[None]
    return counted


def _latest_known(steps: Places, period: int) -> Places:
    """Where the factor of a day ahead stands: factors are known some days ahead, then a period back."""
    place = (steps - 1) % period + 1
    return np.where(place > FACTORS_AHEAD[period], place - period, place)


def _actual(known: Floats, origins: Places, window: _Window) -> Floats:
    sums = np.concatenate([[0.0], np.cumsum(known)])
    last = len(known) - 1
    actual: Floats = sums[np.minimum(origins + window.stop, last) + 1] - sums[np.minimum(origins + window.start, last)]
    return actual


def _weights(  # noqa: PLR0913 - what they rest on
    sums: Floats, actual: Floats, origins: Places, ahead: int, prior: Floats, loss: float
) -> Floats:
    """Each forecaster's weight at each origin and, last, now: from what had come out by then."""
    size = np.mean(np.abs(actual)) + NOTHING
    errors = (np.abs(actual[:, None] - sums) / size) ** loss
    before = np.concatenate([np.zeros((1, errors.shape[1])), np.cumsum(errors, axis=0)])
    judged = np.append(np.searchsorted(origins, origins - ahead, side="right"), len(origins))
    since = np.searchsorted(origins, origins[np.maximum(judged - 1, 0)] - _JUDGED, side="right")
    missed, count = before[judged] - before[since], np.maximum(judged - since, 0)[:, None]
    typical = np.where(count > 0, np.median(missed, axis=1, keepdims=True) / np.maximum(count, 1), 1.0)
    mean = (missed + _FAITH * typical * prior) / (count + _FAITH)
    weights = 1 / np.maximum(mean, NOTHING + 0.02 * mean.max(axis=1, keepdims=True)) ** _SHARPNESS
    normal: Floats = weights / weights.sum(axis=1, keepdims=True)
    return normal


def _missed(forecast: Floats, actual: Floats) -> Floats:
    """By what part of the forecast the outcome was off, at each origin."""
    size = np.maximum(np.abs(forecast), _LEAST_SIZE * np.mean(np.abs(actual)) + NOTHING)
    off: Floats = (actual - forecast) / size
    return off


def _band(  # noqa: PLR0913 - all that an interval rests on
    missed: Floats, spread: float, window: _Window, tested: _Window, days: int, level: float
) -> tuple[float, float]:
    """How far below and above the forecast the outcome may be, as parts of it."""
    tail = (1 - level) / 2
    length, reach = window.stop - window.start + 1, window.start + window.stop
    level_doubt = _LEVEL_DOUBT if days >= _LONGEST_MONTHS else 1 / WEEK
    variance = spread**2 * (1 / length + level_doubt) + DRIFT**2 * reach / 3 + (GROWTH * reach) ** 2 + FLOOR**2
    prior = NormalDist().inv_cdf(1 - tail) * float(np.sqrt(variance))
    windows = max((days - _FIRST) / tested.stop - 2, 0.0)
    outer = max(tail - _SCARCE / (windows + 1), 0.0)
    seen = np.quantile(missed, [outer, 1 - outer]) * ((window.stop + 1) / (tested.stop + 1)) ** _BEYOND
    surprise = 1.25 if days < _LONGEST_MONTHS else 1.0
    blend = [
        (windows * seen[at] + _PRIOR_WINDOWS * guess) / (windows + _PRIOR_WINDOWS)
        for at, guess in enumerate((-prior, prior * surprise))
    ]
    return float(min(blend[0], 0.0)), float(max(blend[1], 0.0))
