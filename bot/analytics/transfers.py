"""Load that moved: one key has less, another as much more, in the same place or from the same day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from bot.domain.answers.explanations import USAGE_KINDS, Driver, Explanation, TransferDetail
from bot.domain.money import total
from bot.domain.period import DAY

_ALIKE = Decimal("0.75")
"""The smaller side is at least this part of the larger."""
_MUCH = Decimal("0.1")
"""Each side is at least this part of all that moved."""
_TOGETHER = 2 * DAY
"""Both sides changed within so many days."""


class _Side(NamedTuple):
    """All drivers of one key."""

    key: Mapping[str, str | None]
    drivers: tuple[Driver, ...]
    change: Decimal


def with_transfers(explanation: Explanation) -> Explanation:
    """The same, where two keys' changes are told as load that moved from one to the other.

    Their drivers become one of kind ``transfer`` each; sums stay what they are.
    """
    sides = list(_sides(explanation.drivers))
    least = _MUCH * sum((abs(side.change) for side in sides), Decimal(0))
    sides = [side for side in sides if abs(side.change) >= least]
    paired: dict[tuple[str | None, ...], tuple[_Side, Decimal]] = {}
    for loss in sorted((side for side in sides if side.change < 0), key=lambda side: side.change):
        gains = [side for side in sides if side.change > 0 and _values(side) not in paired and _moved(loss, side)]
        if gains:
            gain = min(gains, key=lambda side: abs(side.change + loss.change))
            moved = min(gain.change, -loss.change)
            paired[_values(loss)], paired[_values(gain)] = (gain, moved), (loss, -moved)
    if not paired:
        return explanation
    drivers: list[Driver] = []
    for side in _sides(explanation.drivers, usage=False):
        match = paired.get(_values(side))
        drivers += [_merged(side, *match)] if match else side.drivers
    return replace(explanation, drivers=tuple(drivers))


def _sides(drivers: Sequence[Driver], *, usage: bool = True) -> Iterator[_Side]:
    """The drivers by key, in order; with ``usage`` only keys of which all is usage."""
    keys: dict[tuple[object, ...], list[Driver]] = {}
    for driver in drivers:
        known = None not in driver.key.values()
        keys.setdefault(tuple(driver.key.values()) if known else (driver.kind,), []).append(driver)
    for parts in keys.values():
        if not usage or (None not in parts[0].key.values() and all(part.kind in USAGE_KINDS for part in parts)):
            yield _Side(parts[0].key, tuple(parts), total([part.change for part in parts]))


def _values(side: _Side) -> tuple[str | None, ...]:
    return tuple(side.key.values())


def _moved(loss: _Side, gain: _Side) -> bool:
    """Whether what one key lost is what another gained."""
    sizes = sorted((-loss.change, gain.change))
    differing = sum(one != other for one, other in zip(_values(loss), _values(gain), strict=True))
    if differing != 1 or sizes[0] < _ALIKE * sizes[1]:
        return False
    first, second = loss.drivers[0], gain.drivers[0]
    shared = {(place.dimension, place.value) for place in first.places} & {
        (place.dimension, place.value) for place in second.places
    }
    same_day = bool(first.since and second.since and abs(first.since - second.since) <= _TOGETHER)
    both = first.since == second.since and first.until == second.until
    return same_day or (both and bool(shared)) or (second.kind == "new" and first.kind == "vanished")


def _merged(side: _Side, other: _Side, moved: Decimal) -> Driver:
    """One driver of all parts of a key."""
    parts = side.drivers
    return replace(
        parts[0],
        kind="transfer",
        amount=total([part.amount for part in parts]),
        against=total([part.against for part in parts]),
        change=side.change,
        share=sum((part.share for part in parts if part.share is not None), Decimal(0))
        if parts[0].share is not None
        else None,
        detail=TransferDetail(other.key, moved),
        calendar=total([part.calendar for part in parts]),
    )
