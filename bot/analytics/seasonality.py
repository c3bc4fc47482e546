"""The week's rhythm, the usual of each day, and charges that come once a month, for many series at once.

Arrays are series by days. Everything is causal: what is said of a day rests on the days before it. numpy is
imported with this module, so its users import it inside functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

WEEK = 7
FORTNIGHT = 14
_FORTNIGHTS = 6
"""How many fortnights a day's factor rests on."""
_WEEKS = 8
"""How many weeks a weekday's factor rests on."""
_KNOWN = 4
"""A day's share of its week (three days on either side) is known so many days later."""
_LEVEL = 14
_SPREAD = 6
"""How many weeks the spread rests on."""
BLOCK = 64
"""So many series at a time stay in the processor's cache."""
_FACTOR = 0.1
"""A weekday on which less than this part of the usual comes says nothing about the level."""
_NOTHING = 1e-9
_LOUDER = 1.6
"""A monthly charge may grow by so much before it is news."""


class Usual(NamedTuple):
    """``week`` factors reach four days beyond the last; ``expected`` and ``spread`` (relative) are per day."""

    week: Floats
    level: Floats
    expected: Floats
    spread: Floats


def weekly(amounts: Floats, weeks: int = _WEEKS) -> Floats:
    """Each day's factor on its weekday's account: the middle of the last weeks' ratios to their week.

    Four days longer than the amounts. 1 where too little is known, and where a week comes to nothing.
    """
    series, days = amounts.shape
    if days < 2 * WEEK:
        return np.ones((series, days + _KNOWN))
    padded = np.pad(amounts, ((0, 0), (3, 3)), mode="reflect")
    around = _middle([padded[:, lag : lag + days] for lag in range(WEEK)], trim=0.5)
    ratio = np.divide(amounts, around, out=np.full_like(amounts, np.nan), where=np.abs(around) > _NOTHING)
    extended = np.pad(ratio, ((0, 0), (0, _KNOWN)), constant_values=np.nan)
    seen = [before(extended, WEEK * week) for week in range(1, weeks + 1)]
    known = np.sum(np.isfinite(seen), axis=0)
    return np.clip(np.where(known > 0, _middle(seen, trim=0.25), 1.0), 0.0, 20.0)


def usual(amounts: Floats) -> Usual:
    """What each day would come to, had nothing happened, and how far days usually are from it."""
    parts = [_usual(amounts[at : at + BLOCK]) for at in range(0, len(amounts), BLOCK)]
    return Usual(*(np.concatenate(field) for field in zip(*parts, strict=True)))


def _usual(amounts: Floats) -> Usual:
    week = weekly(amounts)
    days = amounts.shape[1]
    factors = np.where(week[:, :days] < _FACTOR, np.nan, week[:, :days])
    level = trailing_median(amounts / factors, _LEVEL)
    expected = level * week[:, :days]
    return Usual(week, level, expected, spread_of(amounts, expected))


def spread_of(amounts: Floats, expected: Floats, over: int = _SPREAD) -> Floats:
    """How far days usually are from what was expected, as a part of it, as of each day; NaN where it is not known.

    It rests on the weeks before, so many of them.
    """
    off = np.abs(amounts - expected) / np.maximum(np.abs(expected), _NOTHING)
    weeks = _middle([before(off, lag) for lag in range(1, WEEK + 1)], trim=0.5)
    weeks[:, 0] = np.nan_to_num(off[:, 0])
    return 1.4826 * _middle([before(weeks, WEEK * week) for week in range(over)], trim=0.5 if over == _SPREAD else 0.25)


def fortnightly(amounts: Floats, ahead: int = 0) -> Floats:
    """Each day's factor on account of its place in the fortnight, from up to six before; NaN where none is known.

    It reaches up to seven days ``ahead``.
    """
    series, days = amounts.shape
    if days < 3 * FORTNIGHT:
        return np.full((series, days + ahead), np.nan)
    padded = np.pad(amounts, ((0, 0), (WEEK + 1, WEEK)), mode="reflect")
    sums = np.cumsum(padded, axis=1)
    inner = sums[:, FORTNIGHT : FORTNIGHT + days] - sums[:, 1 : days + 1]
    outer = sums[:, FORTNIGHT + 1 :] - sums[:, :days]
    around = (inner + outer) / (2 * FORTNIGHT)
    ratio = np.divide(amounts, around, out=np.full_like(amounts, np.nan), where=np.abs(around) > _NOTHING)
    ratio = np.pad(ratio, ((0, 0), (0, ahead)), constant_values=np.nan)
    factors = _middle([before(ratio, FORTNIGHT * step) for step in range(1, _FORTNIGHTS + 1)], trim=0.25)
    return np.clip(factors, 0.0, 20.0)


def trailing_median(amounts: Floats, window: int) -> Floats:
    """The median of up to ``window`` days before each day; the first day's own amount where there is none."""
    found = _middle([before(amounts, lag) for lag in range(1, window + 1)], trim=0.5)
    found[:, 0] = amounts[:, 0]
    return np.nan_to_num(found)


def before(amounts: Floats, lag: int) -> Floats:
    """Each day's amount so many days before; NaN where that is before the first."""
    shifted = np.full_like(amounts, np.nan)
    shifted[:, lag:] = amounts[:, : max(0, amounts.shape[1] - lag)]
    return shifted


def _middle(samples: Sequence[Floats], trim: float) -> Floats:
    """The mean of what is left, place by place, when NaN and a ``trim`` part at either end are left out.

    A trim of a half is the median. NaN where there is no sample.
    """
    ordered = _sorted([np.where(np.isnan(sample), np.inf, sample) for sample in samples])
    cut = min(int(len(ordered) * trim), (len(ordered) - 1) // 2)
    inner = ordered[cut : len(ordered) - cut]
    found: Floats = np.add.reduce(inner) / len(inner)
    short = np.isinf(ordered[-1]).any(axis=0)
    if short.any():
        found[:, short] = _middle_of_some(np.array([value[:, short] for value in ordered]), trim)
    return found


def _middle_of_some(ordered: Floats, trim: float) -> Floats:
    """The same where infinities stand for what is missing."""
    count = np.sum(np.isfinite(ordered), axis=0)
    cut = np.minimum((count * trim).astype(np.int64), np.maximum(count - 1, 0) // 2)
    place = np.arange(len(ordered))[:, None, None]
    inside = (place >= cut) & (place < count - cut)
    left = count - 2 * cut
    total = np.sum(np.where(inside, ordered, 0.0), axis=0)
    middle: Floats = np.divide(total, left, out=np.full_like(total, np.nan), where=left > 0)
    return middle


def _sorted(samples: list[Floats]) -> list[Floats]:
    """The samples sorted place by place, by a network: a few dozen whole-array steps, no small sorts."""
    for low, high in _comparators(len(samples)):
        one, other = samples[low], samples[high]
        samples[low], samples[high] = np.minimum(one, other), np.maximum(one, other)
    return samples


@cache
def _comparators(size: int) -> tuple[tuple[int, int], ...]:
    """Batcher's odd-even merge sort, cut to ``size`` samples."""
    width = 1 << (size - 1).bit_length()
    found = []
    run = 1
    while run < width:
        step = run
        while step:
            for low in range(step % run, width - step, 2 * step):
                found += [
                    (at, at + step)
                    for at in range(low, min(low + step, width - step))
                    if at // (2 * run) == (at + step) // (2 * run) and at + step < size
                ]
            step //= 2
        run *= 2
    return tuple(found)


def month_back(days: Sequence[date], months: int, *, from_end: bool = False) -> Places:
    """For each day, the index of the same day (or the same day counted from the end) so many months before.

    -1 where it lies before the first day. The days are consecutive; a month without such a day gives its nearest.
    """
    return _month_back(days[0], len(days), months, from_end)


@lru_cache(maxsize=64)
def _month_back(first: date, count: int, months: int, from_end: bool) -> Places:
    days = np.datetime64(first) + np.arange(count)
    month = days.astype("datetime64[M]")
    start, end = (month - months).astype("datetime64[D]"), (month - months + 1).astype("datetime64[D]")
    if from_end:
        there = np.maximum(start, end - ((month + 1).astype("datetime64[D]") - days))
    else:
        there = np.minimum(start + (days - month.astype("datetime64[D]")), end - 1)
    places: Places = np.maximum((there - np.datetime64(first)).astype(np.int64), -1)
    return places
