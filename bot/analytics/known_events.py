"""Known events from days: what was first or last charged within them, and the day on which a price changed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_GONE = 3
"""After so many days without a charge, a commitment has lapsed, or a model is used no more."""
_APART = 4.0
"""A price stepped where its two levels are so many times further apart than the days on either side differ."""
_STEP = 0.01
"""And by at least this part."""
_FEW = 3


def first_charged(amounts: NDArray[np.float64]) -> int | None:
    """The place of the first day with a charge; None where there is none."""
    days = np.flatnonzero(amounts)
    return int(days[0]) if len(days) else None


def ended(amounts: NDArray[np.float64]) -> int | None:
    """The place of the first day after the last charge; None where it had not ended by the last day."""
    days = np.flatnonzero(amounts)
    return int(days[-1]) + 1 if len(days) and len(amounts) - 1 - days[-1] >= _GONE else None


def price_step(cost: NDArray[np.float64], quantity: NDArray[np.float64]) -> int | None:
    """The place of the day from which a unit cost another price; None where no one step explains the prices."""
    used = np.flatnonzero((quantity > 0) & (cost > 0))
    if len(used) < 2 * _FEW:
        return None
    prices = np.log(cost[used] / quantity[used])
    count = np.arange(1, len(prices))
    sums = np.cumsum(prices)[:-1]
    early, late = sums / count, (prices.sum() - sums) / (len(prices) - count)
    gains = np.abs(late - early) * np.sqrt(count * (len(prices) - count))
    gains[: _FEW - 1] = gains[len(gains) - _FEW + 1 :] = 0.0
    at = int(np.argmax(gains)) + 1
    step = abs(float(np.median(prices[at:]) - np.median(prices[:at])))
    spread = float(
        np.median(np.abs(np.concatenate([prices[:at] - np.median(prices[:at]), prices[at:] - np.median(prices[at:])])))
    )
    return int(used[at]) if step >= max(_STEP, _APART * spread) else None
