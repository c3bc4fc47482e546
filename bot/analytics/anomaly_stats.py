"""The numbers behind anomalies: which days of which series are out of their usual, and what it would have been.

Arrays are series by days; what is said of a day rests on the days before it. numpy is imported with this
module, so its users import it inside functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from bot.analytics.seasonality import BLOCK, Flags, Floats, Places, Usual, before, month_back, usual

_SPIKE = 5.5
_SHIFT = 3.6
"""How many times its usual spread a day, or the mean of three, must be off."""
_QUIET = 0.03
"""No series is taken to be steadier than this part of its level."""
_EDGE = 2
"""Days at either end of a month on which bills are written."""
_THREE = 3
_MEAN_OF_THREE = 0.67
"""The spread of a mean of three days around a level that is itself estimated, in spreads of a day."""
_MIN_PART_OF_THREE = 0.4
"""Each of the three must be off by this part of what their mean must."""
_WARM_UP = 28
_BUSY = 16
"""Of the last four weeks, so many days must have charges before a day can be too low."""
_PEAKS = 56
_LOUDER = 2.0
"""A monthly charge may grow by so much, an irregular one pass its peak by so much, before it is news."""
_IRREGULAR = 0.4
_GONE = 0.05
"""Less than this part of the usual is nothing."""
_DIP = 0.6
"""A fall that lasts a day or two must leave less than this part of the usual."""
_BACK = 0.5
"""A finding ends when less than this part of its deviation is left."""
_PAUSE = 2
_NEW_USUAL = 28
"""What goes on for so long is the usual from then on."""
_ADAPTS = 14
"""So many days after a span its return may still look unusual."""
_NOTHING = 1e-9


class Limits(Struct, frozen=True):
    """What a deviation must come to before it is told, in money a day and as a part of the usual."""

    amount: float
    share: float


class AnomalySpan(NamedTuple):
    """Days of one series out of the usual: from ``start`` up to ``end``, first seen on ``seen``.

    It is ``ongoing`` where it did not end before the last day, or before it had become the usual.
    """

    row: int
    start: int
    end: int
    seen: int
    actual: float
    expected: float
    """Both are means a day."""
    is_new: bool
    ongoing: bool


class _Flagged(NamedTuple):
    """Flags by series and day; ``shift`` stands on the third day of what it found."""

    up: Flags
    down: Flags
    shift: Flags
    new: Flags

    def any(self) -> Flags:
        """Where any of them stands."""
        return self.up | self.down | self.shift | self.new


def scan(amounts: Floats, days: Sequence[date], complete: int, since: int, limits: Limits) -> list[AnomalySpan]:
    """Every span that was first seen on day ``since`` or later.

    ``complete`` is how many days are whole: on later ones nothing is called too little.
    """
    calendar = _Calendar.of(days)
    found = []
    for at in range(0, len(amounts), BLOCK):
        block = amounts[at : at + BLOCK]
        found += [span._replace(row=span.row + at) for span in _scan(block, calendar, complete, limits)]
    return [span for span in found if span.seen >= since]


class _Calendar(NamedTuple):
    """Where each day's like stands in the months before, and which days bills are written on."""

    likes: tuple[tuple[Places, Places], ...]
    edge: Flags

    @classmethod
    def of(cls, days: Sequence[date]) -> _Calendar:
        likes = tuple(
            (month_back(days, 1, from_end=from_end), month_back(days, 2, from_end=from_end))
            for from_end in (False, True)
        )
        edge = np.array([day.day <= _EDGE or (day + timedelta(days=_EDGE)).day <= _EDGE for day in days])
        return cls(likes, edge)


class _Series(NamedTuple):
    """One series: its amounts, and what they rest on."""

    row: int
    known: Floats
    level: Floats
    week: Floats

    def usual_since(self, start: int) -> Floats:
        """What every day would have come to, had it gone on as it was on one."""
        expected: Floats = self.level[start] * self.week[: len(self.known)]
        return expected


def _scan(amounts: Floats, calendar: _Calendar, complete: int, limits: Limits) -> Iterator[AnomalySpan]:
    sign = np.where(amounts.sum(axis=1) < 0, -1.0, 1.0)
    known = amounts * sign[:, None]
    baseline = usual(known)
    flagged = _flags(known, baseline, calendar, complete, limits)
    for row in np.flatnonzero(flagged.any().any(axis=1)):
        series = _Series(int(row), known[row], baseline.level[row], baseline.week[row])
        for span in _spans(series, _Flagged(*(flags[row] for flags in flagged)), complete, limits):
            yield span._replace(actual=span.actual * sign[row], expected=span.expected * sign[row])


def _flags(known: Floats, baseline: Usual, calendar: _Calendar, complete: int, limits: Limits) -> _Flagged:
    expected = baseline.expected
    off = known - expected
    size = np.maximum(np.abs(expected), _NOTHING)
    noise = np.maximum(np.nan_to_num(baseline.spread, nan=1.0), _QUIET)
    least = np.maximum(limits.amount, limits.share * np.abs(expected))
    monthly = _monthly(off, least, calendar)
    seasoned, busy = _history(known)
    judged = seasoned & ~monthly
    peak = _peak(known)
    irregular = (noise > _IRREGULAR) | ~busy | (expected <= _NOTHING)
    beyond = ~irregular | (known > _LOUDER * peak)
    whole = np.arange(known.shape[1]) < complete
    old = np.arange(known.shape[1]) >= _WARM_UP
    new = old & ~monthly & (peak <= _GONE * least) & (known >= np.maximum(limits.amount, _NOTHING))
    up = judged & ~new & beyond & (off >= least) & (off > _SPIKE * noise * size)
    factor = np.where(known <= _GONE * expected, _SPIKE / 2, _SPIKE)
    fell = busy & (known <= _DIP * expected) & (-off >= least) & (-off > factor * noise * size) & ~irregular
    shift = judged & busy & _shifted(np.where(monthly, 0.0, off), expected, noise, limits) & beyond
    shift &= whole | (off > 0)
    return _Flagged(up, judged & fell & whole, shift, new)


def _history(known: Floats) -> tuple[Flags, Flags]:
    """Where a series is four weeks old, and where it was seldom without a charge of late."""
    days = np.arange(known.shape[1])
    charged = known != 0
    seasoned = days[None] - np.argmax(charged, axis=1)[:, None] >= _WARM_UP
    count = np.cumsum(charged, axis=1)
    earlier = np.where(days >= _WARM_UP, np.roll(count, _WARM_UP, axis=1), 0)
    return seasoned, count - earlier >= _BUSY


def _monthly(off: Floats, least: Floats, calendar: _Calendar) -> Flags:
    """Days whose deviation came on the like day of the month before, too, and was about as large.

    At a month's edge once is enough (and before there is a month to look back to, none); else it takes twice.
    """
    found = np.zeros(off.shape, dtype=np.bool_)
    large = np.where(np.abs(off) >= least / 2, off, 0.0)
    near = np.stack([large, np.roll(large, 1, axis=1), np.roll(large, -1, axis=1)])
    for last, one_before in calendar.likes:
        once = calendar.edge[None] & _alike(off, near.max(axis=0), near.min(axis=0), last)
        twice = [_alike(off, large, large, place) for place in (last, one_before)]
        found |= once | twice[0] & (twice[1] | (one_before < 0)[None])
        found |= (calendar.edge & (last < 0))[None]
    return found


def _alike(off: Floats, high: Floats, low: Floats, place: Places) -> Flags:
    there = np.maximum(place, 0)
    alike = np.where(off > 0, off <= _LOUDER * high[:, there], off >= _LOUDER * low[:, there])
    found: Flags = alike & (place >= 0)[None]
    return found


def _peak(known: Floats) -> Floats:
    """The largest amount of the eight weeks before each day."""
    peak, window = before(known, 1), 1
    peak = np.nan_to_num(peak)
    while window < _PEAKS:
        step = min(window, _PEAKS - window)
        peak = np.maximum(peak, np.nan_to_num(before(peak, step)))
        window += step
    return peak


def _shifted(off: Floats, expected: Floats, noise: Floats, limits: Limits) -> Flags:
    """The third of three days that are all off the same way, and enough so in the mean."""
    offs = np.stack([off, *(np.nan_to_num(before(off, lag)) for lag in (1, 2))])
    usual_of_three = expected + sum(np.nan_to_num(before(expected, lag)) for lag in (1, 2))
    size = np.maximum(np.abs(usual_of_three), _NOTHING)
    mean = np.abs(offs.sum(axis=0))
    least = _THREE * np.maximum(offs.min(axis=0), -offs.max(axis=0))
    enough = mean >= size * np.maximum(limits.share, _SHIFT * _MEAN_OF_THREE * noise)
    found: Flags = (
        enough
        & (least >= _MIN_PART_OF_THREE * limits.share * size)
        & (mean >= _THREE * limits.amount)
        & (expected > _NOTHING)
    )
    return found


def _spans(series: _Series, flagged: _Flagged, complete: int, limits: Limits) -> Iterator[AnomalySpan]:
    """The flagged days of one series as spans, each cause once."""
    latest: AnomalySpan | None = None
    for seen in np.flatnonzero(flagged.any()):
        start = int(seen) if not flagged.shift[seen] else max(0, int(seen) - _THREE + 1)
        if latest and _of(latest, start, int(seen), series):
            continue
        latest = _span(series, start, int(seen), complete, is_new=bool(flagged.new[seen]))
        if abs(latest.actual - latest.expected) >= max(limits.amount, limits.share * abs(latest.expected)):
            yield latest


def _of(span: AnomalySpan, start: int, seen: int, series: _Series) -> bool:
    """Whether what starts so soon after a span is a part of it, or only the return from it."""
    if seen < span.end:
        return True
    now, then = series.known[seen], series.usual_since(span.start)[seen] * (not span.is_new)
    rise = span.actual - span.expected
    if (now - then) * rise > abs(rise) * rise * _BACK / 2:
        return start <= span.end + _PAUSE
    return start <= span.end + _ADAPTS


def _span(series: _Series, start: int, seen: int, complete: int, *, is_new: bool) -> AnomalySpan:
    """The span from its start to where most of the deviation is gone for two days; a partial day ends none."""
    known, expected = series.known, series.usual_since(start)
    off = known - expected
    first = off[start : seen + 1].mean()
    weight = expected / max(float(expected[start : seen + 1].mean()), _NOTHING) if not is_new else np.ones_like(off)
    left = off * np.sign(first) >= _BACK * abs(first) * weight
    last = min(max(complete, seen + 1), start + _NEW_USUAL)
    end = seen + 1
    while end < last and left[end : end + _PAUSE + 1].any():
        end += 1
    ongoing = end >= last
    if not ongoing and left[start:end].any():
        end = start + int(np.flatnonzero(left[start:end])[-1]) + 1
    usual_then = 0.0 if is_new else float(expected[start:end].mean())
    return AnomalySpan(series.row, start, end, seen, float(known[start:end].mean()), usual_then, is_new, ongoing)
