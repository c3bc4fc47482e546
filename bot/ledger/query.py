"""Questions to the ledger: from the cube where it reaches, from the star for resources."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bot.costs.feed import Feed
from bot.costs.money import from_attos
from bot.costs.period import Period
from bot.costs.question import Filter
from bot.ledger import cube
from bot.ledger.columns import Ints, Labels, day_number
from bot.ledger.group import Group

QUANTITY = "ConsumedQuantity"
_DAYS_KEPT = 256
"""Vectors of one metric and day; 8 bytes a series each, so some 100 MB at 50,000 series."""


class Query:
    """Reads one ledger. Dictionaries and days read lately are kept in memory until the ledger changes."""

    def __init__(self, connection: Callable[[], sqlite3.Connection], generation: Callable[[], int]) -> None:
        self._connection, self._generation = connection, generation
        self._dictionary = lru_cache(maxsize=512)(self._read_dictionary)
        self._blob = lru_cache(maxsize=_DAYS_KEPT)(self._read_blob)

    def totals(
        self, feed: Feed, metric: str, edges: Sequence[date], *, by: Sequence[str], where: Sequence[Filter]
    ) -> list[Group]:
        """Exact sums between consecutive edges; a combination without a single charge is left out."""
        if any(each in ("ResourceId", "ResourceName") for each in (*by, *(f.dimension for f in where))):
            from bot.ledger.resources import totals  # noqa: PLC0415 - seldom asked

            return totals(self._connection(), feed, metric, edges, by=by, where=where)
        number = self.feed_number(feed)
        if number is None:
            return []
        chosen = self._chosen(number, where)
        if chosen is not None and not len(chosen):
            return []
        keys, codes = self._groups(number, metric, by, chosen)
        charges, _ = self._gains(number, cube.COUNT, edges, chosen, codes, len(keys))
        amounts, unit = self._gains(number, metric, edges, chosen, codes, len(keys))
        return [
            Group(key[:-1], key[-1], tuple(from_attos(each * unit) for each in amount), tuple(count))
            for key, amount, count in zip(keys, amounts, charges, strict=True)
            if any(count) and (metric != QUANTITY or key[-1])
        ]

    def labels(self, feed: Feed, dimension: str) -> list[str]:
        """Every value the dimension has ever had in the feed."""
        number = self.feed_number(feed)
        return [] if number is None else self.dictionary(number, dimension).values

    def tag_keys(self, feed: Feed) -> list[str]:
        """The tag keys the feed knows."""
        number = self.feed_number(feed)
        query = "SELECT dimension FROM dictionary WHERE feed = ? AND dimension LIKE 'Tags/%' ORDER BY 1"
        return [row[0].removeprefix("Tags/") for row in self._connection().execute(query, (number,))]

    def days(self, feed: Feed) -> Period | None:
        """The days that have charges."""
        number = self.feed_number(feed)
        query = "SELECT min(day), max(day) FROM cube WHERE feed = ? AND metric = ?"
        first, last = self._connection().execute(query, (number, cube.COUNT)).fetchone()
        if first is None:
            return None
        epoch = date(1970, 1, 1).toordinal()
        return Period(start=date.fromordinal(first + epoch), end=date.fromordinal(last + epoch + 1))

    def feed_number(self, feed: Feed) -> int | None:
        """The feed's number in the ledger."""
        query = "SELECT id FROM feed WHERE source = ? AND name = ?"
        row = self._connection().execute(query, (feed.source, feed.name)).fetchone()
        return int(row[0]) if row else None

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
        return cube.load(self._connection(), feed, metric, day)

    def _chosen(self, feed: int, where: Sequence[Filter]) -> NDArray[np.intp] | None:
        """Which series pass every filter; None for all."""
        mask: NDArray[np.bool_] | None = None
        for each in where:
            column = self.dictionary(feed, each.dimension)
            wanted = set(each.values)
            passing = np.array([(value in wanted) != each.exclude for value in column.values], dtype=bool)
            mask = passing[column.codes] if mask is None else mask & passing[column.codes]
        return None if mask is None else np.flatnonzero(mask)

    def _groups(
        self, feed: int, metric: str, by: Sequence[str], chosen: NDArray[np.intp] | None
    ) -> tuple[list[tuple[str, ...]], Ints]:
        """The combinations there are, the last part being the unit, and each chosen series' group."""
        unit = "ConsumedUnit" if metric == QUANTITY else "BillingCurrency"
        columns = [self.dictionary(feed, name) for name in (*by, unit)]
        combined = np.zeros(len(columns[0].codes), dtype=np.int64)
        for column in columns:
            combined = combined * len(column.values) + column.codes
        if chosen is not None:
            combined = combined[chosen]
        found, codes = _numbered(combined)
        return _unravelled(found, columns), codes

    def _gains(  # noqa: PLR0913 - the parts of one read
        self,
        feed: int,
        metric: str,
        edges: Sequence[date],
        chosen: NDArray[np.intp] | None,
        codes: Ints,
        groups: int,
    ) -> tuple[list[list[int]], int]:
        """Per group the sums between consecutive edges, and how many attos one of them is."""
        generation = self._generation()
        blobs = [self._blob(feed, metric, day_number(edge) - 1, generation) for edge in edges]
        size = len(self.dictionary(feed, "BillingCurrency").codes)
        gains = cube.steps(blobs, size, chosen, codes, groups)
        return (gains[0].tolist(), gains[1]) if isinstance(gains, tuple) else (gains, 1)


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


def _unravelled(found: Ints, columns: Sequence[Labels]) -> list[tuple[str, ...]]:
    """The labels that each combined number stands for."""
    parts: list[list[str]] = []
    for column in reversed(columns):
        found, at = np.divmod(found, len(column.values))
        parts.append([column.values[n] for n in at.tolist()])
    return list(zip(*reversed(parts), strict=True))
