"""The numbers behind anomalies: which days of which series are out of their usual, and what it would have been.

Arrays are series by days; what is said of a day rests on the days before it. numpy is imported with this
module, so its users import it inside functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from bot.analytics.anomaly_baseline import Baseline, Calendar, baseline
from bot.analytics.anomaly_evidence import Evidence, heavy_tail, onset, risen, shifted
from bot.analytics.seasonality import BLOCK, Flags, Floats, Places, before

_SPIKE = 5.5
"""How many times its usual spread a day must be off."""
_QUIET = 0.03
"""No series is taken to be steadier than this part of its level."""
_WARM_UP = 28
_BUSY = 16
"""Of the last four weeks, so many days must have charges before a day can be too low."""
_SEEN = 0.25
_LOUDER = 2.0
"""An irregular charge may pass its peak by so much before it is news."""
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
_ADAPTS = 28
"""So many days after a span its return may still look unusual."""
_TELLING = 0.1
"""A day of the rhythm with less than this part of the usual says nothing of the level."""
_NOTHING = 1e-9


class Limits(Struct, frozen=True):
    """What a deviation must come to before it is reported, in money a day and as a part of the usual."""

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
    """Both are means a day, without what came for a reason in the calendar."""
    is_new: bool
    ongoing: bool


class _Flagged(NamedTuple):
    """Flags by series and day; ``shift`` and ``drift`` have the first day of what was found there, else -1."""

    day: Flags
    shift: Places
    drift: Places
    new: Flags

    def any(self) -> Flags:
        """Where any of them stands."""
        found: Flags = self.day | (self.shift >= 0) | (self.drift >= 0) | self.new
        return found

    def start(self, seen: int) -> int:
        """Where what is seen on a day of one series began."""
        if self.day[seen] or self.new[seen]:
            return seen
        return int(self.shift[seen] if self.shift[seen] >= 0 else self.drift[seen])


def scan(amounts: Floats, days: Sequence[date], complete: int, since: int, limits: Limits) -> list[AnomalySpan]:
    """Every span that was first seen on day ``since`` or later.

    ``complete`` is how many days are whole: on later ones nothing is called too little.
    """
    calendar = Calendar.of(days)
    found = []
    for at in range(0, len(amounts), BLOCK):
        block = amounts[at : at + BLOCK]
        found += [span._replace(row=span.row + at) for span in _scan(block, calendar, complete, limits)]
    return [span for span in found if span.seen >= since]


class _Series(NamedTuple):
    """One series: its amounts, and what they rest on."""

    row: int
    known: Floats
    level: Floats
    factors: Floats
    excused: Flags

    def usual_since(self, start: int, *, long: bool = False) -> Floats:
        """What every day would have come to, had it gone on as on one, or as in the four weeks before (``long``)."""
        level = self.level[start]
        if long and start >= _NEW_USUAL:
            span = slice(start - _NEW_USUAL, start)
            telling = (self.factors[span] >= _TELLING) & ~self.excused[span]
            level = np.median(self.known[span][telling] / self.factors[span][telling]) if telling.any() else level
        expected: Floats = level * self.factors
        return expected


def _scan(amounts: Floats, calendar: Calendar, complete: int, limits: Limits) -> Iterator[AnomalySpan]:
    sign = np.where(amounts.sum(axis=1) < 0, -1.0, 1.0)
    known = amounts * sign[:, None]
    usual = baseline(known, calendar, limits.amount, limits.share)
    flagged = _flags(known, usual, complete, limits)
    for row in np.flatnonzero(flagged.any().any(axis=1)):
        series = _Series(int(row), known[row], usual.level[row], usual.factors[row], usual.excused[row])
        for span in _spans(series, _Flagged(*(flags[row] for flags in flagged)), complete, limits):
            yield span._replace(actual=span.actual * sign[row], expected=span.expected * sign[row])


def _flags(known: Floats, usual: Baseline, complete: int, limits: Limits) -> _Flagged:
    expected = usual.expected
    off = np.where(usual.excused, 0.0, known - expected)
    size = np.maximum(np.abs(expected), _NOTHING)
    noise = np.maximum(np.nan_to_num(usual.spread, nan=1.0), _QUIET)
    least = np.maximum(limits.amount, limits.share * np.abs(expected))
    seasoned, busy = _history(known)
    judged = seasoned & ~usual.excused
    peak = np.maximum.accumulate(np.nan_to_num(before(known, 1)), axis=1)
    irregular = (noise > _IRREGULAR) | ~busy | (expected <= _NOTHING)
    beyond = ~irregular | (known > _LOUDER * peak)
    whole = np.arange(known.shape[1]) < complete
    old = np.arange(known.shape[1]) >= _WARM_UP
    new = old & (peak <= _GONE * least) & (known >= np.maximum(limits.amount, _NOTHING))
    up = judged & ~new & beyond & (off >= least) & (off > _SPIKE * noise * size)
    factor = np.where(known <= _GONE * expected, _SPIKE / 2, _SPIKE)
    fell = busy & (known <= _DIP * expected) & (-off >= least) & (-off > factor * noise * size) & ~irregular
    fell &= judged & whole & ~usual.resting
    days = heavy_tail(off / (noise * size), up | fell)
    evidence = Evidence.of(off, noise, usual)
    shift = onset(shifted(evidence, limits.amount, limits.share), seasoned & busy & beyond, off, whole)
    drift = np.where(judged & busy & ~irregular & whole, risen(evidence, limits.amount, limits.share), -1)
    return _Flagged(days, shift, drift, new)


def _history(known: Floats) -> tuple[Flags, Flags]:
    """Where a series is four weeks old, and where it was seldom without a charge of late."""
    days = np.arange(known.shape[1])
    charged = known != 0
    seasoned = days[None] - np.argmax(charged, axis=1)[:, None] >= _WARM_UP
    count = np.cumsum(charged, axis=1)
    earlier = np.where(days >= _WARM_UP, np.roll(count, _WARM_UP, axis=1), 0)
    return seasoned, count - earlier >= _BUSY


def _spans(series: _Series, flagged: _Flagged, complete: int, limits: Limits) -> Iterator[AnomalySpan]:
    """The flagged days of one series as spans, each cause once."""
    latest: AnomalySpan | None = None
    for seen in np.flatnonzero(flagged.any()):
        start = flagged.start(int(seen))
        if latest and _of(latest, start, int(seen), series):
            continue
        span = _span(series, start, int(seen), complete, is_new=bool(flagged.new[seen]))
        if abs(span.actual - span.expected) >= max(limits.amount, limits.share * abs(span.expected)):
            latest = span
            yield span


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
    """The span from its start to where most of the deviation is gone for two days; a partial day ends none.

    Days with a reason in the calendar count as usual ones.
    """
    expected = series.usual_since(start, long=seen - start > _PAUSE)
    known = np.where(series.excused & (not is_new), expected, series.known)
    off = known - expected
    first = off[start : seen + 1].mean()
    weight = expected / max(float(expected[start : seen + 1].mean()), _NOTHING) if not is_new else np.ones_like(off)
    left = (off * np.sign(first) >= _BACK * abs(first) * weight) | series.excused
    last = min(max(complete, seen + 1), start + _NEW_USUAL)
    end = seen + 1
    while end < last and left[end : end + _PAUSE + 1].any():
        end += 1
    ongoing = end >= last
    if not ongoing and left[start:end].any():
        end = start + int(np.flatnonzero(left[start:end])[-1]) + 1
    usual_then = 0.0 if is_new else float(expected[start:end].mean())
    return AnomalySpan(series.row, start, end, seen, float(known[start:end].mean()), usual_then, is_new, ongoing)
