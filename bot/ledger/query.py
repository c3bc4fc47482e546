"""Questions to the ledger: from the cube where it reaches, from the star for resources."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.domain.charge import DETAILS, SERIES, UNKNOWN_COSTS
from bot.domain.errors import KeptByMonth
from bot.domain.feed import Feed
from bot.domain.money import ATTOS
from bot.domain.period import Period, day_number, numbered_day
from bot.domain.question import Filter
from bot.ledger import cumulative
from bot.ledger.backend import Connection
from bot.ledger.columns import Ints, Labels
from bot.ledger.result import Groups

QUANTITY = "ConsumedQuantity"
_FEW = 16
"""More days than these are read in one go, and not kept."""
_DAYS_KEPT = 256
"""Vectors of one metric and day; 8 bytes a series each, so some 100 MB at 50,000 series."""
_SPLITS_KEPT = 32
"""Ways in which series fall into groups; 16 bytes a series each."""
NANO = cumulative.NANO


class SeriesSplit(NamedTuple):
    """How series fall into groups: each group's number, each chosen series' group; None chooses all series."""

    found: Ints
    codes: Ints
    columns: Sequence[Labels]
    chosen: NDArray[np.intp] | None

    def codes_of(self, rows: NDArray[np.intp] | None = None) -> list[Ints]:
        """Each column's code of all groups, or of some."""
        found, codes = self.found if rows is None else self.found[rows], []
        for column in reversed(self.columns):
            found, at = np.divmod(found, len(column.values))
            codes.append(at)
        return codes[::-1]

    def keys(self, rows: NDArray[np.intp] | None = None) -> list[tuple[str, ...]]:
        """The labels of all groups, or of some; the last is the unit."""
        parts = zip(self.columns, self.codes_of(rows), strict=True)
        return list(zip(*([column.values[n] for n in codes.tolist()] for column, codes in parts), strict=True))

    def units(self) -> tuple[list[str], Ints]:
        """The units there are, and each group's place among them."""
        values = self.columns[-1].values
        return values, self.found % len(values)

    def named(self, parts: slice) -> NDArray[np.bool_]:
        """Which groups have a name in each of some parts of their key."""
        passing = np.ones(len(self.found), dtype=np.bool_)
        for column, codes in zip(self.columns[parts], self.codes_of()[parts], strict=True):
            passing &= np.array([value != "" for value in column.values])[codes]
        return passing


class Courses(NamedTuple):
    """Sums of many groups, a row a group, as floats."""

    split: SeriesSplit
    amounts: NDArray[np.float64]


class _Kept:
    """Day by day sums that were asked for lately, as many as hold so many amounts; safe across threads."""

    MOST, LARGEST = 400_000, 40_000

    def __init__(self) -> None:
        self._found: OrderedDict[object, tuple[int, Groups]] = OrderedDict()
        self._held, self._lock = 0, threading.Lock()

    def get(self, asked: object) -> Groups | None:
        """What was found for the same, if it is still kept."""
        with self._lock:
            if asked not in self._found:
                return None
            self._found.move_to_end(asked)
            return self._found[asked][1]

    def put(self, asked: object, found: Groups, *, size: int) -> None:
        """Keeps it, unless it is large; lets go of what was not asked for the longest."""
        with self._lock:
            if size > self.LARGEST or asked in self._found:
                return
            self._found[asked] = (size, found)
            self._held += size
            while self._held > self.MOST:
                _, (freed, _) = self._found.popitem(last=False)
                self._held -= freed


class Query:
    """Reads one ledger. Dictionaries and days read lately are kept in memory until the ledger changes."""

    def __init__(
        self,
        connection: Callable[[], Connection],
        generation: Callable[[], int],
        number: Callable[[Feed], int | None],
        detail_from: Callable[[], date | None],
    ) -> None:
        """``detail_from`` is the first day that is told by itself; what is before it is kept by the month."""
        self._connection, self._generation, self._number = connection, generation, number
        self._detail_from = detail_from
        self._dictionary = lru_cache(maxsize=512)(self._read_dictionary)
        self._blob = lru_cache(maxsize=_DAYS_KEPT)(self._read_blob)
        self._whole = lru_cache(maxsize=_SPLITS_KEPT)(self._read_whole)
        self._kept = _Kept()

    def totals(  # noqa: PLR0913 - a question has as many parts
        self,
        feed: Feed,
        metric: str,
        edges: Sequence[date],
        *,
        by: Sequence[str],
        where: Sequence[Filter],
        only: Collection[tuple[str, ...]] | None = None,
    ) -> Groups:
        """Exact sums between consecutive edges; a combination without a single charge is left out.

        ``only`` names the combinations wanted, where not all are.

        Raises:
            KeptByMonth: an edge is within a month that is kept as a whole.
        """
        self._check(edges)
        if any(_in_detail(column) for column in (*by, *(f.dimension for f in where))):
            from bot.ledger.resource_query import totals  # seldom asked

            every = totals(self._connection(), feed, metric, edges, by=by, where=where)
            return Groups.of(every if only is None else [group for group in every if group.key in only])
        number = self._number(feed)
        if number is None:
            return Groups.of([])
        if only is not None or len(edges) <= _FEW:
            return self._totals(number, metric, edges, self._split(number, metric, by, where, only))
        asked = (number, metric, tuple(edges), tuple(by), tuple(where), self._generation())
        found = self._kept.get(asked)
        if found is None:
            found = self._totals(number, metric, edges, self._split(number, metric, by, where, None))
            self._kept.put(asked, found, size=len(found) * len(edges))
        return found

    def _totals(self, number: int, metric: str, edges: Sequence[date], split: SeriesSplit | None) -> Groups:
        if split is None:
            return Groups.of([])
        counted, _ = self._gains(number, cumulative.COUNT, [edges[0], edges[-1]], split)
        charges: Ints = np.asarray(counted, dtype=np.int64)[:, 0]
        amounts, scale = self._gains(number, metric, edges, split)
        passing = charges != 0
        if metric == QUANTITY:
            passing &= split.named(slice(-1, None))
        rows = np.flatnonzero(passing)
        labels = [column.values for column in split.columns]
        return Groups(labels, split.codes_of(rows), amounts[rows], scale, charges[rows])

    def courses(  # noqa: PLR0913 - a question has as many parts
        self,
        feed: Feed,
        metric: str,
        edges: Sequence[date],
        *,
        by: Sequence[str],
        where: Sequence[Filter],
        only: Collection[tuple[str, ...]] | None = None,
    ) -> Courses | None:
        """The same sums as floats, for statistics over more series than anybody reads; None where there are none.

        Raises:
            KeptByMonth: as ``totals``.
        """
        self._check(edges)
        number = self._number(feed)
        split = self._split(number, metric, by, where, only) if number is not None else None
        if number is None or split is None:
            return None
        amounts, unit = self._gains(number, metric, edges, split)
        return Courses(split, np.asarray(amounts, dtype=np.float64) * (unit / ATTOS))

    def _check(self, edges: Sequence[date]) -> None:
        """Passes where every edge is one that the ledger can tell.

        Raises:
            KeptByMonth: one is within a month that is kept as a whole.
        """
        cut = min((edge for edge in edges if edge.day != 1), default=None)
        limit = self._detail_from() if cut is not None else None
        if cut is not None and limit is not None and cut < limit:
            raise KeptByMonth(limit)

    def labels(self, feed: Feed, dimension: str) -> list[str]:
        """Every value the dimension has ever had in the feed."""
        number = self._number(feed)
        return [] if number is None else self.dictionary(number, dimension).values

    def unknown_columns(self, feed: Feed, days: Period) -> frozenset[str]:
        """Of ``TELLING`` what some usage of those days does not tell: its costs are copies of the billed one."""
        query = "SELECT DISTINCT column FROM untold WHERE feed = ? AND day >= ? AND day < ?"
        asked = (self._number(feed), day_number(days.start), day_number(days.end))
        return frozenset(name for (name,) in self._connection().execute(query, asked))

    def notes_unknown(self, feed: Feed, metric: str, days: Period) -> bool:
        """Whether charges say of which usage a cost is not known, on all days on which it is not known of some.

        What earlier versions synced does not.
        """
        query = (
            "SELECT 1 FROM untold WHERE untold.feed = ? AND untold.column = ? AND untold.day >= ? AND untold.day < ?"
            " AND NOT EXISTS (SELECT 1 FROM fact f JOIN series s ON s.id = f.series JOIN detail d ON d.id = f.detail"
            " WHERE f.day = untold.day AND s.feed = untold.feed AND d.x LIKE ?) LIMIT 1"
        )
        asked = (self._number(feed), metric, day_number(days.start), day_number(days.end))
        mark = f'%"{UNKNOWN_COSTS}": "%{metric}%'
        return self._connection().execute(query, (*asked, mark)).fetchone() is None

    def tag_keys(self, feed: Feed) -> list[str]:
        """The tag keys the feed knows."""
        number = self._number(feed)
        query = "SELECT dimension FROM dictionary WHERE feed = ? AND dimension LIKE 'Tags/%' ORDER BY 1"
        return [row[0].removeprefix("Tags/") for row in self._connection().execute(query, (number,))]

    def days(self, feed: Feed) -> Period | None:
        """The days that have charges."""
        number = self._number(feed)
        query = "SELECT min(day), max(day) FROM cube WHERE feed = ? AND metric = ?"
        first, last = self._connection().execute(query, (number, cumulative.COUNT)).fetchone()
        if first is None:
            return None
        return Period(start=numbered_day(first), end=numbered_day(last + 1))

    def dictionary(self, feed: int, dimension: str) -> Labels:
        """The labels of a dimension, and their codes by series."""
        return self._dictionary(feed, dimension, self._generation())

    def _read_dictionary(self, feed: int, dimension: str, _generation: int) -> Labels:
        query = "SELECT labels, codes FROM dictionary WHERE feed = ? AND dimension = ?"
        row = self._connection().execute(query, (feed, dimension)).fetchone()
        if row is None:
            count = self._connection().execute("SELECT count(*) FROM series WHERE feed = ?", (feed,)).fetchone()[0]
            return Labels([""], np.zeros(count, dtype=np.int64))
        return Labels(json.loads(row[0]), np.frombuffer(row[1], dtype=np.int32).astype(np.int64))

    def _read_blob(self, feed: int, metric: str, day: int, _generation: int) -> bytes | None:
        return cumulative.load(self._connection(), feed, metric, day)

    def _chosen(self, feed: int, where: Sequence[Filter]) -> NDArray[np.intp] | None:
        """Which series pass every filter; None for all."""
        mask: NDArray[np.bool_] | None = None
        for condition in where:
            column = self.dictionary(feed, condition.dimension)
            wanted = set(condition.values)
            passing = np.array([(value in wanted) != condition.exclude for value in column.values], dtype=bool)
            mask = passing[column.codes] if mask is None else mask & passing[column.codes]
        return None if mask is None else np.flatnonzero(mask)

    def _split(
        self,
        feed: int,
        metric: str,
        by: Sequence[str],
        where: Sequence[Filter],
        only: Collection[tuple[str, ...]] | None,
    ) -> SeriesSplit | None:
        """The combinations there are, the last part being the unit; None where no series passes the filters."""
        unit = "ConsumedUnit" if metric == QUANTITY else "BillingCurrency"
        whole = self._whole(feed, (*by, unit), tuple(where), self._generation())
        return whole if only is None or whole is None else _narrowed(whole, only)

    def _read_whole(
        self, feed: int, names: tuple[str, ...], where: tuple[Filter, ...], _generation: int
    ) -> SeriesSplit | None:
        chosen, columns = self._chosen(feed, where), [self.dictionary(feed, name) for name in names]
        combined = np.zeros(len(columns[0].codes), dtype=np.int64)
        for column in columns:
            combined = combined * len(column.values) + column.codes
        if chosen is not None:
            combined = combined[chosen]
        if not len(combined):
            return None
        found, codes = _numbered(combined)
        return SeriesSplit(found, codes, columns, chosen)

    def _gains(self, feed: int, metric: str, edges: Sequence[date], split: SeriesSplit) -> tuple[Ints, int]:
        """Per group the sums between consecutive edges, of any size if need be, and how many attos one of them is."""
        generation, days = self._generation(), [day_number(edge) - 1 for edge in edges]
        size = len(self.dictionary(feed, "BillingCurrency").codes)

        def blobs() -> Iterable[bytes | None]:
            if len(days) > _FEW:
                return cumulative.read(self._connection(), feed, metric, days)
            return [self._blob(feed, metric, day, generation) for day in days]

        gains = cumulative.steps(blobs, size, split.chosen, split.codes, len(split.found))
        return gains if isinstance(gains, tuple) else (np.array(gains, dtype=object), 1)


def _in_detail(dimension: str) -> bool:
    """Whether it stands with the charges alone, where the cube does not reach."""
    return dimension in DETAILS or (dimension.startswith("x_") and dimension not in SERIES)


def _numbers(columns: Sequence[Labels], keys: Collection[tuple[str, ...]]) -> Ints:
    """The combined numbers that keys without their unit stand for, in every unit."""
    places = [{value: at for at, value in enumerate(column.values)} for column in columns[:-1]]
    units = len(columns[-1].values)
    numbers: list[int] = []
    for key in keys:
        number: int | None = 0
        for value, place, column in zip(key, places, columns, strict=False):
            at = place.get(value)
            number = None if number is None or at is None else number * len(column.values) + at
        if number is not None:
            numbers += range(number * units, (number + 1) * units)
    return np.array(numbers, dtype=np.int64)


def _narrowed(split: SeriesSplit, only: Collection[tuple[str, ...]]) -> SeriesSplit | None:
    """Of the groups those that keys without their unit name; None where there are none."""
    kept = np.isin(split.found, _numbers(split.columns, only))
    rows = np.flatnonzero(kept[split.codes])
    if not len(rows):
        return None
    place = np.cumsum(kept) - 1
    chosen = rows if split.chosen is None else split.chosen[rows]
    return SeriesSplit(split.found[kept], place[split.codes[rows]], split.columns, chosen)


_DENSE = 1 << 20


def _numbered(combined: Ints) -> tuple[Ints, Ints]:
    """The distinct numbers in order, and each one's place among them; a table where they are small."""
    top = int(combined.max(initial=0)) + 1
    if top > _DENSE:
        found, codes = np.unique(combined, return_inverse=True)
        return found, codes
    present = np.zeros(top, dtype=bool)
    present[combined] = True
    found = np.flatnonzero(present)
    place = np.zeros(top, dtype=np.int64)
    place[found] = np.arange(len(found))
    return found, place[combined]
