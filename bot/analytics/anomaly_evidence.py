"""What tells a change from chance, in many series at once: heavy tails, means of several days, and slow rises.

Arrays are series by days, and everything is causal. numpy is imported with this module.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bot.analytics.anomaly_baseline import Baseline
from bot.analytics.seasonality import WEEK, Flags, Floats, Places, before

_WINDOWS = ((3, 2.9), (5, 2.5))
"""The mean of so many days must be off by so many spreads of a day,"""
_PART = 0.4
"""and each of them by this part of what their mean must."""
_WEEKLY = 1.55
"""The mean of a week must be off by so many spreads of a day."""
_LEAST_DAYS = 4
"""So many days of a week must tell."""
_WILDEST, _WILD = 4.0, 6.0
"""No day adds more than so many spreads to the mean of a few, or of a week, so that one alone makes no shift."""
_BEGINS = 1
"""A shift begins no earlier than so many days before the window it was seen in."""
_TAIL = 112
"""The tail is read from so many days,"""
_RANKS = 5
"""from the mean of the second to the fifth largest,"""
_BEYOND, _LEAST, _BEYONDS = 2.0, -2.3, (2.5, 9.0)
"""and chance goes beyond that by a factor the larger, the farther that is from the middle already."""
_MOST = 18.0
"""What is off by so many spreads is news, whatever the tail."""
_MONTH = 28
_RISEN = 0.3
"""A slow change is reported when the level has changed by this part in four weeks,"""
_STEADY = 2.0
"""and by so many spreads of a day,"""
_MOST_OF_RISE = 0.6
"""unless one week made more than this part of it,"""
_BACKWARDS = 0.1
"""or went the other way by more than this part of it."""
_NOTHING = 1e-9


def heavy_tail(scores: Floats, flags: Flags) -> Flags:
    """Those flags that are no part of their series' tail; ``scores`` are deviations in spreads of a day."""
    kept = flags.copy()
    sizes = np.abs(scores)
    for row, day in zip(*np.nonzero(flags), strict=True):
        earlier = np.sort(sizes[row, max(0, day - _TAIL) : day])
        if len(earlier) >= _MONTH:
            high = float(earlier[-_RANKS:-1].mean())
            heavy = high / max(float(np.median(earlier)), _NOTHING)
            kept[row, day] = sizes[row, day] > min(np.clip(_BEYOND * heavy + _LEAST, *_BEYONDS) * high, _MOST)
    return kept


class Evidence(NamedTuple):
    """Running sums of what days came to, and of their rhythm, without those that the calendar has a reason for.

    No day counts as wilder than some spreads.
    """

    off: Floats
    noise: Floats
    usual: Baseline
    tame: Floats
    rhythm: Floats
    counted: Floats

    @classmethod
    def of(cls, off: Floats, noise: Floats, usual: Baseline) -> Evidence:
        """The evidence in deviations; ``noise`` is the spread of a day."""
        most = _WILD * noise * np.abs(usual.expected)
        counted = ~usual.excused & np.isfinite(usual.expected)
        tame = np.where(counted, usual.expected + np.clip(off, -most, most), 0.0)
        factors = np.where(counted, usual.factors, 0.0)
        return cls(off, noise, usual, *(np.cumsum(part, axis=1, dtype=np.float64) for part in (tame, factors, counted)))

    def level(self, until: int, window: int) -> Floats:
        """The level of so many days up to so many before each day; NaN where they are not known."""
        found: Floats = _over(self.tame, until, window) / np.maximum(_over(self.rhythm, until, window), _NOTHING)
        return found


def shifted(evidence: Evidence, amount: float, share: float) -> Places:
    """How many days tell, on their last one, that the level is another: the fewest that do, negative for less; or 0.

    Few days are held against the level before them; seven against the four weeks before, which have every
    weekday as often, so that noise in the rhythm is out of it.
    """
    usual = evidence.usual
    actual = np.where(usual.excused, np.nan, evidence.off + usual.expected)
    found = _gathered(evidence, amount, share)
    for window, spreads in reversed(_WINDOWS):
        level, spread = before(usual.level, window - 1), before(evidence.noise, window - 1)
        sizes = [level * _lagged(usual.factors, lag) for lag in range(window)]
        offs = [np.nan_to_num(_lagged(actual, lag) - size) for lag, size in enumerate(sizes)]
        whole = np.maximum(np.add.reduce(sizes), _NOTHING)
        most = [_WILDEST * spread * size for size in sizes]
        tame = np.add.reduce([np.clip(part, -end, end) for part, end in zip(offs, most, strict=True)])
        mean = np.add.reduce(offs)
        sign = np.sign(mean)
        enough = np.logical_and.reduce(
            [sign * part >= _PART * share * size for part, size in zip(offs, sizes, strict=True)]
        )
        enough &= (sign * tame >= spreads * spread * whole) & (whole > 2 * _NOTHING)
        enough &= sign * mean >= np.maximum(share * whole, window * amount)
        found = np.where(enough, sign * window, found)
    return found.astype(np.int64)


def _lagged(amounts: Floats, lag: int) -> Floats:
    return before(amounts, lag) if lag else amounts


def _gathered(evidence: Evidence, amount: float, share: float) -> Floats:
    """The same from a week against the four weeks before it."""
    now, then = evidence.level(0, WEEK), evidence.level(WEEK, _MONTH)
    days, change = _over(evidence.counted, 0, WEEK), np.abs(now - then)
    spread = before(evidence.noise, WEEK - 1) * np.sqrt(WEEK / np.maximum(days, 1)) * np.abs(then)
    enough = (change >= _WEEKLY * spread) & (change >= share * np.abs(then)) & (days >= _LEAST_DAYS)
    enough &= (change * _over(evidence.rhythm, 0, WEEK) >= days * amount) & (then > _NOTHING)
    return np.where(enough, np.sign(np.nan_to_num(now - then)) * WEEK, 0.0)


def _over(sums: Floats, until: int, window: int) -> Floats:
    """What a running sum came to in so many days up to so many before each day; NaN where they are not known."""
    upto = before(sums, until) if until else sums
    return upto - before(upto, window)


def onset(windows: Places, judged: Flags, off: Floats, whole: Flags) -> Places:
    """The first day of each shift, as its days tell best; -1 where there is none."""
    first = np.full(windows.shape, -1, dtype=np.int64)
    ups = windows > 0
    for row, day in zip(*np.nonzero((windows != 0) & judged & (whole | ups)), strict=True):
        window = abs(int(windows[row, day]))
        if window == _WINDOWS[0][0]:
            first[row, day] = day - window + 1
            continue
        back = off[row, max(0, day - window + 1 - _BEGINS) : day + 1][::-1]
        gain = np.cumsum(back) * np.sign(windows[row, day]) / np.sqrt(np.arange(1, len(back) + 1))
        first[row, day] = day - int(np.argmax(gain))
    return first


def risen(evidence: Evidence, amount: float, share: float) -> Places:
    """The first day of each slow rise or fall that is reported on a day; -1 where there is none.

    It takes four weeks, and no week of them makes most of it: that is a shift.
    """
    weeks = [evidence.level(WEEK * at, WEEK) for at in range(9)]
    change, earlier = weeks[0] - weeks[4], weeks[4] - weeks[8]
    size, sign = np.maximum(np.abs(weeks[4]), _NOTHING), np.sign(np.nan_to_num(change))
    steps = [sign * (weeks[at] - weeks[at + 1]) for at in range(4)]
    whole = sign * change
    enough = whole >= np.maximum(max(share, _RISEN), _STEADY * before(evidence.noise, _MONTH)) * size
    enough &= (whole - np.maximum(np.nan_to_num(sign * earlier), 0.0) >= share * size) & (whole >= amount)
    enough &= np.maximum.reduce(steps) <= _MOST_OF_RISE * whole
    enough &= (weeks[4] > _NOTHING) & (np.minimum.reduce(steps) >= -_BACKWARDS * whole)
    first = np.arange(enough.shape[1]) - (_MONTH - 1)
    return np.where(enough, np.maximum(first, 0)[None], -1)
