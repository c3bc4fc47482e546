"""What each day of many series would have come to, had nothing happened, for the search for anomalies.

The rhythm is the week's, or the fortnight's where that predicted the days before better (payroll, sprints). Days that
have a reason in the calendar are left out of the level: charges that come once a month, and days on which people
rest. Arrays are series by days, and everything is causal. numpy is imported with this module, so its users import it
inside functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from bot.analytics.seasonality import (
    BLOCK,
    FORTNIGHT,
    WEEK,
    Flags,
    Floats,
    Places,
    before,
    fortnightly,
    month_back,
    spread_of,
    trailing_median,
    weekly,
)

_LEVEL = 14
_FACTOR = 0.1
"""A day of the rhythm on which less than this part of the usual comes says nothing about the level."""
_COMPARED = 56
"""Rhythms are compared by what they missed in so many days,"""
_LEAST_COMPARED = 21
"""and not before so many."""
_BETTER = 0.8
"""The fortnight is the rhythm where it misses less than this part of what the week does."""
_WORST = 1.0
"""A miss counts as no more than this part of the level."""
_LOUDER = 2.0
_FAINTER = 0.4
"""A monthly charge may grow by so much, or shrink to such a part, and is still its like."""
_SPREAD = 12
"""How many weeks the spread rests on."""
_CHANCE = 3.0
"""What is off by fewer spreads needs no reason."""
_EDGE = 4
"""Bills and batches are written on so many days at either end of a month."""
_RESTING = 0.8
"""What comes on a day of rest is less than this part of the usual."""
_MARGIN = 5.0
"""So many spreads about the level of the weekend, a day is still one of rest."""
_YEAR_END = ((12, 22), (1, 5))
"""Between these days offices rest for longer than a day."""
_NOTHING = 1e-9


class Baseline(NamedTuple):
    """``factors`` and ``spread`` are relative to the level; ``excused`` days have a reason in the calendar.

    ``resting`` are those that look like a day of the weekend: a day of it alone is no news.
    """

    factors: Floats
    level: Floats
    expected: Floats
    spread: Floats
    excused: Flags
    resting: Flags


class Calendar(NamedTuple):
    """Where each day's like stands in the months before, which days bills are written on, and when offices rest."""

    likes: tuple[tuple[Places, Places], ...]
    edge: Flags
    year_end: Flags

    @classmethod
    def of(cls, days: Sequence[date]) -> Calendar:
        """The calendar of consecutive days."""
        likes = tuple(
            (month_back(days, 1, from_end=from_end), month_back(days, 2, from_end=from_end))
            for from_end in (False, True)
        )
        edge = np.array([day.day <= _EDGE or (day + timedelta(days=_EDGE)).day <= _EDGE for day in days])
        first, last = _YEAR_END
        year_end = np.array([(day.month, day.day) >= first or (day.month, day.day) <= last for day in days])
        return cls(likes, edge, year_end)


def baseline(known: Floats, calendar: Calendar, amount: float, share: float) -> Baseline:
    """The baseline of each series; a deviation is large from ``amount``, and from a ``share`` of the usual."""
    parts = [_baseline(known[at : at + BLOCK], calendar, amount, share) for at in range(0, len(known), BLOCK)]
    return Baseline(*(np.concatenate(field) for field in zip(*parts, strict=True)))


def _baseline(known: Floats, calendar: Calendar, amount: float, share: float) -> Baseline:
    factors, level = _rhythm(known)
    first = _settled(known, factors, level, known, calendar, amount, share)
    aside = first.excused | first.resting
    again = np.flatnonzero(aside.any(axis=1))
    if not len(again):
        return first
    regular = np.where(aside[again], np.nan, known[again])
    again_level = _level(regular, factors[again])
    second = _settled(known[again], factors[again], again_level, regular, calendar, amount, share)
    for whole, part in zip(first, second, strict=True):
        whole[again] = part
    return first


def _rhythm(known: Floats) -> tuple[Floats, Floats]:
    """Each day's factor and level: its weekday's, or its place's in the fortnight where that misses less."""
    days = known.shape[1]
    factors = weekly(known)[:, :days]
    level = _level(known, factors)
    weeks, fortnights = (np.abs(known[:, FORTNIGHT:] - known[:, FORTNIGHT - lag : -lag]) for lag in (WEEK, FORTNIGHT))
    rows = np.flatnonzero(fortnights.sum(axis=1) < _BETTER * weeks.sum(axis=1))
    if len(rows):
        other = fortnightly(known[rows])
        other_level = _level(known[rows], other)
        better = _better(known[rows], (factors[rows], level[rows]), (other, other_level))
        factors[rows] = np.where(better, other, factors[rows])
        level[rows] = np.where(better, other_level, level[rows])
    return factors, level


def _better(known: Floats, week: tuple[Floats, Floats], fortnight: tuple[Floats, Floats]) -> Flags:
    """Where the second rhythm missed less in the days before."""
    regular = np.isfinite(fortnight[0]) & (np.arange(known.shape[1]) >= _LEAST_COMPARED)
    missed = []
    for factors, level in (week, fortnight):
        size = np.maximum(np.abs(level), _NOTHING)
        miss = np.minimum(np.abs(known - level * factors) / size, _WORST)
        missed.append(_lately(np.cumsum(np.where(regular, np.nan_to_num(miss), 0.0), axis=1)))
    enough = _lately(np.cumsum(regular, axis=1, dtype=np.float64)) >= _LEAST_COMPARED
    found: Flags = (missed[1] < _BETTER * missed[0]) & enough & regular
    return found


def _lately(sums: Floats) -> Floats:
    """What a running sum gained in the days before each."""
    upto = np.nan_to_num(before(sums, 1))
    return upto - np.nan_to_num(before(upto, _COMPARED))


def _level(known: Floats, factors: Floats) -> Floats:
    return trailing_median(known / np.where(factors < _FACTOR, np.nan, factors), _LEVEL)


def _settled(  # noqa: PLR0913 - what is known of the days
    known: Floats, factors: Floats, level: Floats, regular: Floats, calendar: Calendar, amount: float, share: float
) -> Baseline:
    expected = level * factors
    spread = spread_of(regular, expected, _SPREAD)
    scale = np.maximum(np.abs(expected), _NOTHING)
    off = known - expected
    least = np.maximum(np.maximum(amount, share * scale) / 2, _CHANCE * np.nan_to_num(spread, nan=1.0) * scale)
    large = np.where(np.abs(off) >= least, off, 0.0)
    monthly = _monthly(large, calendar) | _monthly(large / scale, calendar)
    resting = _resting(known, factors, level, np.nan_to_num(spread, nan=1.0))
    return Baseline(factors, level, expected, spread, monthly | (resting & calendar.year_end), resting)


def _monthly(large: Floats, calendar: Calendar) -> Flags:
    """Days whose large deviation came on the like day of the month before, too, and was about as large.

    At a month's edge once is enough (and before there is a month to look back to, none); else it takes twice.
    """
    rows, days = np.nonzero(large)
    off, edge, found = large[rows, days], calendar.edge[days], np.zeros(len(rows), dtype=np.bool_)
    for likes in calendar.likes:
        last, one_before = (place[days] for place in likes)
        there, beside, twice = (
            _alike(off, large[rows, np.clip(place, 0, None)]) & (place >= 0)
            for place in (last, np.where(last > 0, last - 1, last), one_before)
        )
        beside |= _alike(off, large[rows, np.clip(last + 1, 0, large.shape[1] - 1)]) & (last >= 0)
        found |= edge & (there | beside | (last < 0))
        found |= there & (twice | (one_before < 0))
    whole = np.zeros(large.shape, dtype=np.bool_)
    whole[rows, days] = found
    return whole


def _alike(off: Floats, like: Floats) -> Flags:
    """Whether a deviation is of the size of a large one elsewhere: from a part of it to some times as much."""
    size, sign = np.abs(like), np.sign(like)
    found: Flags = (sign * off >= _FAINTER * size) & (sign * off <= _LOUDER * size) & (like != 0)
    return found


def _resting(known: Floats, factors: Floats, level: Floats, spread: Floats) -> Flags:
    """Days of less than usual that are like the least day of the week before."""
    least = np.nan_to_num(np.minimum.reduce([before(factors, lag) for lag in range(1, WEEK + 1)]), nan=1.0)
    margin = _MARGIN * np.minimum(spread, 0.2) * least
    part = known / np.maximum(level, _NOTHING)
    found: Flags = (least < _RESTING * factors) & (part < _RESTING * factors) & (part >= least - margin)
    found &= part <= least + np.maximum(margin, (factors - least) / 2)
    return found
