"""Which breakdown tells a change best: the one in which the fewest keys hold the most of the movement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ABOUT = ("ChargeCategory", "ChargeFrequency")
"""Dimensions that say what sort of charge it is; a change is never explained by them alone."""
_LEADERS = 3
"""How many keys a reader takes in: concentration is measured over so many."""
_HARDER = 0.05
"""What a second dimension, or one of terse names, must add in concentration before it is worth reading."""
_TERSE = {"SkuId", "ResourceId"}
_HIDDEN = 0.5
"""A breakdown that shows less than this part of what moves in another one hides it."""
_TELLS_MORE = 0.02
"""By how much a later candidate must beat an earlier one."""


class Movement(NamedTuple):
    """What every key of a breakdown came to before and now, in one currency, and whether it names anything."""

    before: Sequence[float] | NDArray[np.float64]
    now: Sequence[float] | NDArray[np.float64]
    named: Sequence[bool] | NDArray[np.bool_]


class Breakdown(Protocol):
    """One way to break a change down, as far as choosing needs to know."""

    @property
    def dimensions(self) -> tuple[str, ...]:
        """What it tells apart."""

    def movements(self) -> Iterable[Movement]:
        """The movement of each currency."""


def named_dimensions(dimensions: Iterable[str]) -> tuple[str, ...]:
    """Those that a change may be put down to, without those that say what sort of charge it is."""
    return tuple(name for name in dimensions if name not in ABOUT)


_Way = TypeVar("_Way", bound=Breakdown)


def choose(ways: Sequence[_Way]) -> _Way:
    """The breakdown in which the fewest keys hold the most of the movement, beyond their size.

    Order is preference: a later one must tell more. A dimension on which everything names the
    same value tells nothing and loses to any other.

    Raises:
        ValueError: there is none.
    """
    if not ways:
        msg = "there is no dimension to explain the change by"
        raise ValueError(msg)
    visible = max(map(_moved, filter(_is_plain, ways)), default=0.0)
    best, best_score = ways[0], _visibility(ways[0], visible) * _concentration(ways[0])
    for way in ways[1:]:
        score = _visibility(way, visible) * _concentration(way)
        if score > best_score + _TELLS_MORE:
            best, best_score = way, score
    return best


def _is_plain(way: Breakdown) -> bool:
    """Whether it is by one dimension whose names say something."""
    named = named_dimensions(way.dimensions)
    return len(named) == 1 and not _TERSE & set(named)


def _moved(way: Breakdown) -> float:
    """All that moved in it, upwards and downwards, over all currencies."""
    import numpy as np  # statistics only

    return sum(float(np.abs(np.asarray(move.now) - np.asarray(move.before)).sum()) for move in way.movements())


def _visibility(way: Breakdown, visible: float) -> float:
    """Less than 1 where most of what moves in another dimension cancels out in this one."""
    return min(1.0, _moved(way) / (_HIDDEN * visible)) if visible else 1.0


def _concentration(way: Breakdown) -> float:
    """How much more of the movement than of the bill its leading keys hold, 0 to 1, over all currencies."""
    scores = [_excess(movement) for movement in way.movements()]
    mean = sum(scores) / len(scores) if scores else 0.0
    named = named_dimensions(way.dimensions)
    return mean - _HARDER * (len(named) - 1 + len(_TERSE & set(named)))


def _excess(movement: Movement) -> float:
    """Keys that name nothing ("no model") count as movement, but lead nowhere."""
    import numpy as np  # statistics only

    before, now = (np.asarray(column, dtype=np.float64) for column in movement[:2])
    moves, sizes = abs(now - before), abs(before) + abs(now)
    if not moves.any():
        return 0.0
    beyond = np.where(movement.named, moves / moves.sum() - sizes / sizes.sum(), 0.0)
    leaders = np.lexsort((sizes, np.where(movement.named, moves, -1.0)))[-_LEADERS:]
    return float(np.maximum(beyond[leaders], 0.0).sum())
