"""Forecasters of the library statsforecast, for ``benchmarks.forecast_kinds``; needs the extra ``benchmarks``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from statsforecast.models import MSTL, AutoETS

from benchmarks.series import Floats

_WEEK = 7


def auto_ets(known: Floats, _days: Sequence[date], ahead: int) -> tuple[float, float, float]:
    """Error, trend and season of exponential smoothing, chosen by the library."""
    return _sum(AutoETS(season_length=_WEEK).forecast(known, ahead)["mean"])


def mstl(known: Floats, _days: Sequence[date], ahead: int) -> tuple[float, float, float]:
    """The week's season taken out by STL, the rest by exponential smoothing."""
    return _sum(MSTL(season_length=_WEEK).forecast(known, ahead)["mean"])


def _sum(daily: Floats) -> tuple[float, float, float]:
    total = float(np.sum(daily))
    return total, total, total
