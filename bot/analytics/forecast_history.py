"""What the days of a series show before any is forecast: rhythm, levels, growth, monthly charges, unusual days.

Floats, causal throughout. numpy is imported with this module, so its users import it inside functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from bot.analytics.seasonality import FORTNIGHT, WEEK, Floats, Places, fortnightly, month_back, weekly

MEMORIES = (0.025, 0.06, 0.12, 0.25)
"""What part of a level is the newest day's."""
_SLOW, _QUICK = 0.03, 0.3
_STEEPEST = 0.02
"""Growth a day is held to this."""
FACTORS_AHEAD = {7: 4, 14: 7}
"""Days ahead for which ``rhythm.weekly`` knows a factor."""
_TREND_FROM, _TREND_FULL = 28, 60
"""A trend is believed from so many days of history on, fully after so many more."""
OUTLIER, LEAST_OUTLIER = 4.0, 0.3
_SHIFT = 3
"""From so many days on, what is out of the usual is the new usual."""
SETTLING = 14
FACTOR = 0.05
SHORTEST_MONTH = 28
LINES = (56, 21)
"""Straight lines are drawn through so many days,"""
_LEAST_LINE = 14
"""at the least so many."""
IRREGULAR = 112
"""What is out of the usual now and then is averaged over so many days,"""
_STEEPEST_LINE = 0.05
_BETTER = 0.8
"""The fortnight is the rhythm where days are nearer to those a fortnight before than to a week before by so much."""
NOTHING = 1e-9
DRIFT, GROWTH, FLOOR = 0.004, 0.0003, 0.005
"""Of the prior of the interval: what levels wander a day, what growth is off by a day, what is always off."""
_ALIKE = 0.8
"""Charges are multiples where those are apart by less than this part of what they are in money."""
_SEVERAL = 4
"""where there were so many of it."""
_WEEKS = 16
"""How many weeks a weekday's factor rests on."""


def rhythm(known: Floats) -> tuple[Floats, int]:
    """The week's factors, or the fortnight's where those foretell better, beyond the last day; and which."""
    week = weekly(known[None], _WEEKS)
    lately = known[-2 * LINES[0] :]
    apart = [np.abs(lately[lag:] - lately[:-lag]).mean() if len(lately) > 2 * lag else 0.0 for lag in (WEEK, FORTNIGHT)]
    if len(known) < 4 * FORTNIGHT or apart[1] >= _BETTER * apart[0]:
        return week[0], WEEK
    found = fortnightly(known[None], WEEK)[0]
    return np.where(np.isfinite(found), found, np.append(week[0], np.ones(WEEK - FACTORS_AHEAD[WEEK]))), FORTNIGHT


def line(steady: Floats, factors: Floats, runs: Places, window: int) -> Floats:
    """A straight line through the logarithms of up to so many days: where it stands on each day, and its slope."""
    level = steady / factors
    floor = np.maximum(FLOOR * np.maximum.accumulate(np.maximum(level, 0.0)), NOTHING)
    logs, at = np.log(np.maximum(level, floor)), np.arange(len(steady), dtype=np.float64)
    sums = [np.cumsum(part) for part in (np.ones_like(at), at, logs, at * at, at * logs)]
    resets = np.maximum.accumulate(np.where(runs == _SHIFT, np.arange(len(steady)) - _SHIFT + 1, 0))
    start = np.maximum(np.arange(len(steady)) - window + 1, resets)
    count, day, log, square, both = (
        total - np.where(start > 0, total[np.maximum(start - 1, 0)], 0.0) for total in sums
    )
    spread = count * square - day * day
    slope = np.where(count >= _LEAST_LINE, (count * both - day * log) / np.maximum(spread, 1.0), 0.0)
    slope = np.clip(slope, -_STEEPEST_LINE, _STEEPEST_LINE)
    ends: Floats = log / count + slope * (np.arange(len(steady)) - day / count)
    return np.column_stack([ends, slope])


def from_the_start(week: Floats, days: int) -> Floats:
    """The factors with the first two weeks', when nothing was known, taken from the weeks after."""
    filled = week.copy()
    for day in range(min(SETTLING, days) - 1, -1, -1):
        if day + WEEK < len(filled):
            filled[day] = filled[day + WEEK]
    return filled


def excess_of(
    known: Floats, week: Floats, expected: Floats, spread: Floats, days: Sequence[date]
) -> tuple[Floats, Places]:
    """What is out of the usual, day by day, and for how many days it has been so; three days are a new usual.

    Unless they came in the month before, too, or were over within a week.
    """
    first = min(SETTLING, len(known))
    early = np.median(known[:first]) / max(np.median(week[:first]), FACTOR) * week[:first]
    expected = np.concatenate([early, expected[first:]])
    spread = np.where(np.arange(len(known)) < first, spread[min(2 * SETTLING, len(known) - 1)], spread)
    off = known - expected
    out = np.abs(off) > np.maximum(OUTLIER * spread, LEAST_OUTLIER) * np.maximum(abs(expected), NOTHING)
    likes = [month_back(days, 1, from_end=from_end) for from_end in (False, True)]
    again = np.logical_or.reduce([(place >= 0) & out[place] & (off[place] * off > 0) for place in likes])
    runs = np.zeros(len(known), dtype=np.int64)
    for begins in map(int, np.flatnonzero(out & ~again)):
        if not runs[begins]:
            length = _length(known, week, begins, expected[begins], spread[begins])
            runs[begins : begins + length] = np.arange(1, length + 1)
            lasts = length >= WEEK or begins + length == len(known)
            out[begins : begins + length] = length < _SHIFT or not lasts
    return np.where(out, off, 0.0), runs


def _length(known: Floats, week: Floats, first: int, expected: float, spread: float) -> int:
    """For how many days on what is out of the usual stays so, against the usual of its first; two weeks at most."""
    usually = expected / max(week[first], FACTOR) * week[first : min(first + SETTLING, len(known))]
    off = (known[first : first + len(usually)] - usually) * np.sign(known[first] - expected)
    back = np.flatnonzero(off <= max(OUTLIER * spread, LEAST_OUTLIER) * np.abs(usually) / 2)
    return max(1, int(back[0]) if len(back) else len(usually))


def levels(steady: Floats, raw: Floats, factors: Floats, runs: Places) -> tuple[Floats, Floats]:
    """Exponentially weighted levels up to each day: one column a memory, the slow one last; one of ``raw``.

    A level is the amounts' mean over the factors' mean, so a day on which nothing is usual says nothing. A
    new usual starts the means anew; where it was none (it ended before the median knew it), they go back.
    """
    memories = np.array([*MEMORIES, _SLOW, _QUICK])
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


def growth_of(fast: Floats, slow: Floats) -> Floats:
    """Growth a day in logs, from how far a quick level is ahead of a slow one."""
    ages = [(1 - memory) / memory for memory in (_SLOW, MEMORIES[2])]
    rising = np.log(np.maximum(fast, NOTHING) / np.maximum(slow, NOTHING)) / (ages[0] - ages[1])
    growth = np.where((fast > NOTHING) & (slow > NOTHING), rising, 0.0)
    belief = np.clip((np.arange(len(fast)) - _TREND_FROM) / _TREND_FULL, 0, 1)
    held: Floats = np.clip(growth, -_STEEPEST, _STEEPEST) * belief
    return held


def trailing_mean(amounts: Floats, window: int) -> Floats:
    """The mean of up to so many days, each day's own included."""
    sums = np.concatenate([[0.0], np.cumsum(amounts)])
    end = np.arange(1, len(amounts) + 1)
    means: Floats = (sums[end] - sums[np.maximum(end - window, 0)]) / np.minimum(end, window)
    return means


def irregular(excess: Floats, days: Sequence[date]) -> Floats:
    """What days out of the usual that no month repeats add to a day, on average, where there were several of them."""
    excess = np.maximum(excess, 0.0)
    for from_end in (False, True):
        like = month_back(days, 1, from_end=from_end)
        both = np.flatnonzero((like >= 0) & (excess * excess[like] > 0))
        excess[both] = excess[like[both]] = 0.0
    often = trailing_mean((excess != 0).astype(np.float64), IRREGULAR) * IRREGULAR >= _SEVERAL
    return np.where(often, trailing_mean(excess, IRREGULAR), 0.0)


def multiplies(excess: Floats, usually: Floats, days: Sequence[date]) -> bool:
    """Whether what comes again at a month's end or start is more alike in multiples of the usual than in money."""
    apart = np.zeros(2)
    for from_end in (False, True):
        like = month_back(days, 1, from_end=from_end)
        both = np.flatnonzero((like >= 0) & (excess * excess[like] > 0))
        for at, size in enumerate((np.ones_like(usually), usually)):
            logs = np.log(np.abs(excess) / size, where=excess != 0, out=np.zeros_like(excess))
            apart[at] += np.abs(logs[both] - logs[like[both]]).sum()
    return bool(apart[1] < _ALIKE * apart[0])


def monthly_charges(excess: Floats, days: Sequence[date], ahead: int) -> Floats:
    """Charges that come on the same day of each month, for every day known and ahead.

    Row k rests on what is k+1 months back or more, so a window that reaches k months ahead stays causal.
    """
    calendar = [*days, *(days[-1] + timedelta(days=step) for step in range(1, ahead + 1))]
    known = np.append(excess, np.zeros(ahead))
    firsts = np.array([day.day == 1 for day in calendar])
    rows = []
    for months in range(1, -(-ahead // SHORTEST_MONTH) + 1):
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
