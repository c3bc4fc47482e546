"""Where a change is concentrated: the value of another dimension that holds most of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HOLDS = 0.8
"""A place holds at least this part of the change."""
_ELSEWHERE = 0.5
"""What all others grew by, as a part of what the place did, up to which the place stands out."""
_NOTHING = 1e-9


class Concentration(NamedTuple):
    """The index of the value that holds most of a change, and its part of it."""

    at: int
    share: float


def concentrated(before: NDArray[np.float64], now: NDArray[np.float64], calendar: float) -> Concentration | None:
    """Which of several values holds most of the change of all, what the calendar makes left aside.

    None where no value holds four fifths of it, or where all grew alike and one is merely the largest.
    """
    whole = float(before.sum())
    usual = before * (1 + calendar / whole) if abs(whole) > _NOTHING else before
    moved = now - usual
    change = float(moved.sum())
    if not len(moved) or abs(change) <= _NOTHING:
        return None
    at = int(np.argmax(moved * np.sign(change)))
    share = float(moved[at]) / change
    if share < HOLDS:
        return None
    others, elsewhere = whole - float(before[at]), change - float(moved[at])
    if len(moved) > 1 and abs(before[at]) > _NOTHING and abs(others) > _NOTHING:
        here, there = float(moved[at]) / abs(float(before[at])), elsewhere / abs(others)
        if there / here > _ELSEWHERE:
            return None
    return Concentration(at, share)
