"""The cube: per feed, metric and day the running total of every series, so that any range is one subtraction.

A blob is a little-endian int64 vector over the feed's series (``position``), cumulative from the first day up to and
with that day. Mostly one limb of nanos; where a currency or unit outgrows that, or digits go below 1e-9, three:
whole units, nanos, attos below a nano. A NULL blob says "the same as BilledCost". Series that came later
than a blob are zeros beyond its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import OutOfRange
from bot.domain.money import LARGEST
from bot.ledger.backend import Connection
from bot.ledger.columns import Ints

COUNT = "x_Charges"
"""The metric that counts charges: tells zero from nothing."""
METRICS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ConsumedQuantity", COUNT)

NANO = 10**9
"""Attos in a nano, and nanos in a whole one."""
_NANO_LIMIT = 4 * 10**9
"""Whole units up to which two totals in nanos surely add up within an int64."""
_WIDE = b"\x03"
_SLIM = b"\x01"
_COUNT = b"\x00"


Limbs = Ints
"""Exact amounts as three rows that never overflow: whole units, nanos, attos below a nano."""


def sum_out_of_range(name: str) -> OutOfRange:
    """What is said where amounts add up to more than the ledger can hold."""
    return OutOfRange(
        f"Amounts of {name} add up to more than the ledger can hold.",
        f"It holds totals up to {LARGEST:,} in either direction: look for a wrong amount in the bill.",
    )


def check_sums(name: str, whole: Ints, starts: NDArray[np.intp]) -> None:
    """Passes where whole units within the range, added up from each of the starts to the next, stay within it.

    Raises:
        OutOfRange: they do not.
    """
    if len(whole) and max(int(whole.max()), -int(whole.min())) < LARGEST // len(whole):
        return
    high, low = np.add.reduceat(whole >> 32, starts), np.add.reduceat(whole & 0xFFFFFFFF, starts)
    sums = [(int(above) << 32) + int(below) for above, below in zip(high, low, strict=True)]
    if any(not -LARGEST <= total < LARGEST for total in sums):
        raise sum_out_of_range(name)


def _checked(limbs: Limbs, name: str) -> Limbs:
    """The amounts, carried, if they are within the range."""
    if len(limbs[0]) and not -LARGEST <= int(limbs[0].min()) <= int(limbs[0].max()) < LARGEST:
        raise sum_out_of_range(name)
    return limbs


def _carried(limbs: Limbs) -> Limbs:
    """The same amounts, in place, with nanos and rest below a whole one of the row above."""
    for row in (2, 1):
        over = limbs[row] // NANO
        limbs[row] -= over * NANO
        limbs[row - 1] += over
    return limbs


def pack(limbs: Limbs, *, count: bool = False) -> bytes:
    """The shortest blob that holds the amounts exactly."""
    if count:
        counts: bytes = limbs[0].tobytes()
        return _COUNT + counts
    nanos = _nanos(limbs)
    return _SLIM + nanos.tobytes() if nanos is not None else _WIDE + limbs.tobytes()


def _nanos(limbs: Limbs) -> Ints | None:
    """The amounts in nanos, where that is exact and leaves room to add."""
    if limbs[2].any() or max(limbs[0].max(initial=0), -limbs[0].min(initial=0)) >= _NANO_LIMIT:
        return None
    nanos: Ints = limbs[0] * NANO + limbs[1]
    return nanos


def _plus(blob: bytes | None, limbs: Limbs, nanos: Ints | None, metric: str) -> bytes:
    """The blob with amounts added; ``nanos`` are the same amounts, where they have such.

    Raises:
        OutOfRange: the sums are more than the ledger holds.
    """
    count = metric == COUNT
    if nanos is not None and not count and (blob is None or blob[:1] == _SLIM):
        sums = nanos.copy()
        if blob is not None:
            stored = np.frombuffer(blob, dtype="<i8", offset=1)
            sums[: len(stored)] += stored
        if max(sums.max(initial=0), -sums.min(initial=0)) < _NANO_LIMIT * NANO:
            return _SLIM + sums.tobytes()
    return pack(_checked(_carried(unpack(blob, limbs.shape[1]) + limbs), metric), count=count)


def unpack(blob: bytes | None, size: int) -> Limbs:
    """The blob as limbs over ``size`` series."""
    limbs = np.zeros((3, size), dtype=np.int64)
    if blob is None:
        return limbs
    body = np.frombuffer(blob, dtype="<i8", offset=1)
    match blob[:1]:
        case b"\x00":
            limbs[0, : len(body)] = body
        case b"\x01":
            limbs[0, : len(body)], limbs[1, : len(body)] = body // NANO, body % NANO
        case _:
            limbs[:, : len(body) // 3] = body.reshape(3, -1)
    return limbs


class Changes:
    """What a write adds to (or takes from) each day and series, gathered until it is folded in."""

    def __init__(self) -> None:
        self._days: list[Ints] = []
        self._positions: list[Ints] = []
        self._amounts: dict[str, list[tuple[Ints, Ints]]] = {metric: [] for metric in METRICS}
        self.rows = 0

    def add(self, days: Ints, positions: Ints, amounts: Mapping[str, tuple[Ints, Ints]], sign: int = 1) -> None:
        """Note facts added (``sign`` 1) or taken away (-1); a metric left out is zero."""
        self._days.append(days)
        self._positions.append(positions)
        self.rows += len(days)
        none = np.zeros(len(days), dtype=np.int64)
        for metric in METRICS:
            whole, attos = amounts.get(metric, (none, none))
            self._amounts[metric].append((whole, attos) if sign == 1 else (whole * sign, attos * sign))

    def fold(self, connection: Connection, feed: int, size: int) -> None:
        """Bring the cube to agree with the facts, from the first changed day on."""
        if not self.rows:
            return
        changes = self._by_day(size)
        first, last = min(changes), max(changes)
        query = "SELECT DISTINCT day FROM cube WHERE feed = ? AND metric = ? AND day >= ?"
        stored = {row[0] for row in connection.execute(query, (feed, COUNT, first))}
        below = _all(connection, feed, first - 1)
        running = {metric: np.zeros((3, size), dtype=np.int64) for metric in METRICS}
        copies = self._copies()
        nanos: dict[str, Ints | None] = {}
        for day in sorted({*stored, *changes}):
            if day in stored:
                below = _all(connection, feed, day)
            for metric, (where, amounts) in changes.get(day, {}).items():
                running[metric][:, where] += amounts
                _checked(_carried(running[metric]), metric)
                nanos[metric] = _nanos(running[metric])
            blobs: dict[str, bytes] = {}
            for metric in METRICS:
                if metric in copies and below[metric] == below["BilledCost"]:
                    blobs[metric] = blobs["BilledCost"]
                    continue
                own = "BilledCost" if metric in copies else metric
                blobs[metric] = _plus(below[metric], running[own], nanos[own], metric)
            _write(connection, feed, day, blobs)
            if day >= last and not any(sums.any() for sums in running.values()):
                return  # what was taken away has been added again: every later day is as it was

    def _copies(self) -> frozenset[str]:
        """The metrics whose amounts are the billed ones, throughout."""
        billed = self._amounts["BilledCost"]
        return frozenset(
            metric
            for metric, pairs in self._amounts.items()
            if metric != "BilledCost"
            and all(one[0] is other[0] and one[1] is other[1] for one, other in zip(pairs, billed, strict=True))
        )

    def _by_day(self, size: int) -> dict[int, dict[str, tuple[Ints, Limbs]]]:
        """Day to metric to (positions, amounts), each position once."""
        days, positions = np.concatenate(self._days), np.concatenate(self._positions)
        order = np.lexsort((positions, days))
        keys = days[order] * size + positions[order]
        starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
        at_day, at_position = days[order][starts], positions[order][starts]
        cuts = np.flatnonzero(np.r_[True, at_day[1:] != at_day[:-1], True])
        by_day: dict[int, dict[str, tuple[Ints, Limbs]]] = {int(at_day[cut]): {} for cut in cuts[:-1]}
        copies = self._copies()
        for metric, pairs in self._amounts.items():
            if metric in copies:
                continue
            whole = np.concatenate([pair[0] for pair in pairs])[order]
            attos = np.concatenate([pair[1] for pair in pairs])[order]
            check_sums(metric, whole, starts)
            sums = _sum(whole, attos, starts)
            for start, end in pairwise(cuts):
                by_day[int(at_day[start])][metric] = (at_position[start:end], sums[:, start:end])
        return by_day


def _all(connection: Connection, feed: int, day: int) -> dict[str, bytes | None]:
    return {metric: load(connection, feed, metric, day) for metric in METRICS}


def _write(connection: Connection, feed: int, day: int, blobs: Mapping[str, bytes]) -> None:
    billed = blobs["BilledCost"]
    rows = [
        (feed, metric, day, None if metric != "BilledCost" and blob == billed else blob)
        for metric, blob in blobs.items()
    ]
    connection.executemany(
        "INSERT INTO cube VALUES (?, ?, ?, ?) ON CONFLICT (feed, metric, day) DO UPDATE SET sums = excluded.sums", rows
    )


def _sum(whole: Ints, attos: Ints, starts: Ints) -> Limbs:
    nano, rest = np.divmod(attos, NANO)
    return _carried(np.stack([np.add.reduceat(limb, starts) for limb in (whole, nano, rest)]))


def load(connection: Connection, feed: int, metric: str, day: int) -> bytes | None:
    """The running totals up to and with a day, or None where nothing was charged by then."""
    query = "SELECT sums, day FROM cube WHERE feed = ? AND metric = ? AND day <= ? ORDER BY day DESC LIMIT 1"
    row = connection.execute(query, (feed, metric, day)).fetchone()
    if row is None:
        return None
    blob: bytes | None = row[0]
    return load(connection, feed, "BilledCost", row[1]) if blob is None else blob


Blobs = Callable[[], Iterable[bytes | None]]
"""Reads the running totals at each edge anew; None where nothing was charged by then."""


def read(connection: Connection, feed: int, metric: str, days: Sequence[int]) -> Iterator[bytes | None]:
    """The running totals up to and with each of the days, which are in order; neighbours are read in one go."""
    if len(days) < _FEW or days[-1] - days[0] > 2 * len(days):
        yield from (load(connection, feed, metric, day) for day in days)
        return
    blob = load(connection, feed, metric, days[0])
    query = "SELECT day, sums FROM cube WHERE feed = ? AND metric = ? AND day > ? AND day <= ? ORDER BY day"
    rows = connection.execute(query, (feed, metric, days[0], days[-1]))
    after = next(rows, None)
    for day in days:
        while after is not None and after[0] <= day:
            blob = load(connection, feed, "BilledCost", after[0]) if after[1] is None else after[1]
            after = next(rows, None)
        yield blob


_FEW = 8


def steps(
    blobs: Blobs, size: int, chosen: NDArray[np.intp] | None, codes: Ints, groups: int
) -> tuple[Ints, int] | list[list[int]]:
    """What each group of the chosen series gained from each blob to the next, exactly.

    ``codes`` numbers the group of each chosen series, every group at least once; None chooses all of them.

    Returns:
        (groups × steps, attos per one) where the sums fit an int64, else the attos themselves.
    """
    order = np.argsort(codes.astype(np.uint16) if groups < _RADIX else codes, kind="stable") if groups > 1 else None
    starts = np.zeros(1, dtype=np.intp) if order is None else np.searchsorted(codes[order], np.arange(groups))
    places = chosen if order is None else order if chosen is None else chosen[order]
    sums, tag = [], _SLIM
    for blob in blobs():
        vector = _vector(blob, size)
        if blob is not None:
            tag = blob[:1]
        taken = vector if places is None else vector[places]
        if tag == _WIDE or max(taken.max(initial=0), -taken.min(initial=0)) > _ROOM // max(len(taken), 1):
            return _widely(list(blobs()), size, chosen, codes, groups)
        sums.append(np.add.reduceat(taken, starts) if len(taken) else np.zeros(groups, dtype=np.int64))
    return np.diff(np.stack(sums, axis=1)), NANO if tag == _SLIM else 1


_RADIX = 2**16
"""Numbers below this are sorted by their digits, in a fifth of the time."""
_ROOM = 2**61
"""Sums below this, and what they differ by, can be subtracted from each other within an int64."""


def _vector(blob: bytes | None, size: int) -> Ints:
    if blob is None:
        return np.zeros(size, dtype=np.int64)
    vector = np.frombuffer(blob, dtype="<i8", offset=1)
    return vector if len(vector) >= size else np.pad(vector, (0, size - len(vector)))


def _chosen(vector: Ints, chosen: NDArray[np.intp] | None) -> Ints:
    return vector if chosen is None else vector[chosen]


def _widely(
    blobs: Sequence[bytes | None], size: int, chosen: NDArray[np.intp] | None, codes: Ints, groups: int
) -> list[list[int]]:
    """The same for amounts of any size: each limb in halves that float64 adds up without losing a unit."""
    totals = []
    for blob in blobs:
        sums = [0] * groups
        for unit, limb in zip((10**18, NANO, 1), unpack(blob, size), strict=True):
            taken = _chosen(limb, chosen)
            for shift, half in ((32, taken >> 32), (0, taken & 0xFFFFFFFF)):
                counted = np.bincount(codes, weights=half, minlength=groups)
                for group in np.flatnonzero(counted):
                    sums[group] += (int(counted[group]) << shift) * unit
        totals.append(sums)
    return [[after - before for before, after in pairwise(line)] for line in zip(*totals, strict=True)]
