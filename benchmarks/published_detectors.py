"""Detectors of published libraries, for the comparison in ``benchmarks.anomaly``; needs the extra ``benchmarks``.

Both take a series whole, so that a day knows the days after it, which no alert can: they are better here than in use.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import ruptures
from statsmodels.tsa.seasonal import STL

from benchmarks.anomaly import SINCE, Told, runs
from benchmarks.series import Bills, Floats


def _without_week(series: Floats) -> tuple[Floats, Floats]:
    """Trend and remainder of a robust STL of the whole series, in which a day knows the days after it."""
    parts = STL(series, period=7, robust=True).fit()
    return np.asarray(parts.trend), np.asarray(parts.resid)


def stl_with_mad(made: Bills) -> list[Told]:
    """Days whose remainder is beyond six median absolute deviations, and off by a fifth."""
    flags = np.zeros(made.amounts.shape, dtype=np.bool_)
    for row, series in enumerate(made.amounts):
        trend, rest = _without_week(series)
        spread = 1.4826 * np.median(np.abs(rest - np.median(rest)))
        flags[row] = (np.abs(rest) > 6 * max(spread, 1e-9)) & (np.abs(rest) > 0.2 * np.abs(trend))
    return runs(flags)


def stl_with_pelt(made: Bills) -> list[Told]:
    """Change points of the series without its week, found by kernel PELT, where the level changes by a fifth."""
    result = []
    for row, series in enumerate(made.amounts):
        trend, rest = _without_week(series)
        level = trend + rest
        spread = 1.4826 * np.median(np.abs(np.diff(level))) / np.sqrt(2)
        scaled = level / max(float(spread), 1e-9)
        edges = [0, *ruptures.KernelCPD(kernel="linear", min_size=3).fit(scaled).predict(pen=6 * np.log(len(series)))]
        means = [float(np.mean(level[a:b])) for a, b in pairwise(edges)]
        for at, (one, other) in zip(edges[1:-1], pairwise(means), strict=True):
            if at >= SINCE and abs(other - one) > 0.2 * abs(one):
                result.append(Told(row, at, at))
    return result
