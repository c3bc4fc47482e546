"""Writing the star: columns in, facts out, the cube and the dictionaries brought along in one transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

from bot.domain.charge import AMOUNTS, DETAILS, SERIES
from bot.domain.errors import KeptByMonth
from bot.domain.feed import Feed
from bot.domain.money import LARGEST
from bot.domain.period import day_number, numbered_day
from bot.ledger.backend import Connection
from bot.ledger.columns import Columns, Hashes, Ints, Labels
from bot.ledger.cumulative import COUNT, METRICS, Changes, check_sums, sum_out_of_range

_FLUSH = 500_000
"""Facts held back before the cube is folded; bounds memory on large imports."""
FACT_COLUMNS = (
    "day",
    "series",
    "detail",
    "delivery",
    "charges",
    *(f"{name}{part}" for name in AMOUNTS for part in ("", "Attos")),
)
"""The columns of a fact, in the order in which they are written."""
_FORGET = (
    "DELETE FROM untold WHERE feed = ?1 AND day >= ?2 AND day < ?3 AND NOT EXISTS"
    " (SELECT 1 FROM fact f JOIN series s ON s.id = f.series"
    " WHERE f.day = untold.day AND f.day >= ?2 AND f.day < ?3 AND f.delivery = untold.delivery AND s.feed = ?1)"
)
_ROWS_AT_ONCE = 50
"""Facts in one statement: so many bind below every SQLite's limit of variables, at two thirds of the time."""
_READ_AT_ONCE = 50_000


class Writer:
    """One transaction's writing to one feed. Hand it columns; ``close`` makes cube and dictionaries agree."""

    def __init__(self, connection: Connection, feed: Feed) -> None:
        self._connection = connection
        self.feed = feed_id(connection, feed)
        self._series = _Known(connection, "series", self._new_series, self.feed)
        self._details = _Known(connection, "detail", self._new_details)
        self._positions = _positions(connection, self.feed)
        self._changes = Changes()
        self._grew = False
        self.charges = 0

    def remove(  # noqa: PLR0913 - what is chosen, and where it goes
        self,
        start: int,
        end: int,
        where: str = "1 = 1",
        values: Sequence[Any] = (),
        *,
        delivery: int | None = None,
        replaced_by: int | None = None,
    ) -> int:
        """Take away the facts of the days from ``start`` up to ``end`` (numbers) whose series fit ``where``.

        Only those of one delivery, where one is named; kept aside as ``replaced_by`` another one, where that is named.
        Of months that are folded a file's delivery loses all that it had in them.

        Returns:
            how many facts that were.

        Raises:
            KeptByMonth: the days are a part of a month that is folded.
        """
        start, end = self._whole_months(start, end, widen=bool(delivery))
        chosen = f"day >= ? AND day < ? AND series IN (SELECT id FROM series s WHERE feed = ? AND {where})"
        arguments: tuple[Any, ...] = (start, end, self.feed, *values)
        if delivery is not None:
            chosen, arguments = f"{chosen} AND delivery = ?", (*arguments, delivery)
        names = ", ".join(FACT_COLUMNS)
        if replaced_by is not None:
            aside = f"INSERT INTO replaced_fact ({names}, replaced_by) SELECT {names}, ? FROM fact WHERE {chosen}"
            self._connection.execute(aside, (replaced_by, *arguments))
        removed = self._note_all(f"SELECT {names} FROM fact WHERE {chosen}", arguments, sign=-1)
        if removed:
            self._connection.execute(f"DELETE FROM fact WHERE {chosen}", arguments)
            self._connection.execute(_FORGET, (self.feed, start, end))
        return removed

    def _whole_months(self, start: int, end: int, *, widen: bool) -> tuple[int, int]:
        """The days, or if ``widen`` those of all their months, where these are folded."""
        row = self._connection.execute("SELECT value FROM state WHERE name = 'detail_from'").fetchone()
        limit = row[0] if row else start
        first = _month_start(start) if start < limit else start
        after = _month_start(_month_start(end) + 31) if end < limit and _month_start(end) != end else end
        if (first, after) != (start, end) and not widen:
            raise KeptByMonth(numbered_day(limit))
        return first, after

    def put(self, facts: Mapping[str, Ints]) -> None:
        """Adds facts as they are, each key once, and brings the cube along at once."""
        self._insert_facts(facts)
        self._note(facts)
        self._fold()

    def restore(self, replaced_by: int) -> int:
        """Bring back the facts of this feed that a delivery replaced; how many."""
        chosen = "replaced_by = ? AND series IN (SELECT id FROM series s WHERE feed = ?)"
        names, arguments = ", ".join(FACT_COLUMNS), (replaced_by, self.feed)
        restored = self._note_all(f"SELECT {names} FROM replaced_fact WHERE {chosen}", arguments, sign=1)
        self._connection.execute(
            f"INSERT INTO fact ({names}) SELECT {names} FROM replaced_fact WHERE {chosen}", arguments
        )
        self._connection.execute(f"DELETE FROM replaced_fact WHERE {chosen}", arguments)
        return restored

    def _note_all(self, query: str, arguments: Sequence[Any], *, sign: int) -> int:
        """Note every fact that a query finds, some at a time."""
        found, count = self._connection.execute(query, arguments), 0
        while rows := found.fetchmany(_READ_AT_ONCE):
            table = np.array(rows, dtype=np.int64).T
            self._note(dict(zip(FACT_COLUMNS, table, strict=True)), sign=sign)
            count += len(rows)
        return count

    def add(self, columns: Columns, delivery: int = 0) -> None:
        """Add charges; equal (day, series, detail) of one delivery are summed.

        Raises:
            OutOfRange: an amount, or the sum of equal ones, is more than the ledger can hold.
        """
        if not len(columns):
            return
        columns.check_range()
        self.charges += len(columns)
        series = self._series.ids(columns.series, columns.series_hashes())
        detail = self._details.ids(columns.details, columns.detail_hashes())
        facts = _summed(columns, series, detail)
        facts["delivery"] = np.full_like(facts["day"], delivery)
        try:
            self._insert_facts(facts)
        except sqlite3.IntegrityError as error:  # a sum beyond the range is null, and may not be
            raise sum_out_of_range(str(error).rpartition(".")[2]) from error
        self._connection.executemany(
            "INSERT INTO untold VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [(self.feed, day, name, delivery) for name, days in columns.unknown_days().items() for day in days],
        )
        self._note(facts)

    def _insert_facts(self, facts: Mapping[str, Ints]) -> None:
        """SQLite: many rows a statement, and their numbers in one list, as objects each would take longer than SQLite.

        PostgreSQL copies what it is given row by row.
        """
        table = np.stack([facts[name] for name in FACT_COLUMNS], axis=1)
        if not isinstance(self._connection, sqlite3.Connection):
            self._connection.executemany(_insert_statement(1), table.tolist())
            return
        size, width = table.shape
        numbers = table.ravel().tolist()
        whole = size - size % _ROWS_AT_ONCE
        for rows, start, end in ((_ROWS_AT_ONCE, 0, whole), (1, whole, size)):
            statement = _insert_statement(rows)
            for at in range(start, end, rows):
                self._connection.execute(statement, numbers[at * width : (at + rows) * width])

    def close(self) -> None:
        """Make cube, dictionaries and the days covered agree with the facts."""
        self._fold()
        if self._grew:
            write_dictionaries(self._connection, self.feed)
        self._connection.execute("UPDATE state SET value = value + 1 WHERE name = 'generation'")

    def _note(self, facts: Mapping[str, Ints], sign: int = 1) -> None:
        amounts = {name: (facts[name], facts[f"{name}Attos"]) for name in AMOUNTS if name in METRICS}
        amounts[COUNT] = (facts["charges"], np.zeros_like(facts["charges"]))
        self._changes.add(facts["day"], self._positions[facts["series"]], amounts, sign)
        if self._changes.rows > _FLUSH:
            self._fold()

    def _fold(self) -> None:
        size = self._connection.execute("SELECT count(*) FROM series WHERE feed = ?", (self.feed,)).fetchone()[0]
        self._changes.fold(self._connection, self.feed, size)
        self._changes = Changes()

    def _new_series(self, first: int, digests: list[bytes], rows: list[dict[str, str]]) -> None:
        query = "SELECT count(*) FROM series WHERE feed = ?"
        position = self._connection.execute(query, (self.feed,)).fetchone()[0]
        numbers = range(len(digests))
        values = [
            (first + n, self.feed, position + n, digests[n], *(rows[n].get(name, "") for name in SERIES))
            for n in numbers
        ]
        _insert(self._connection, "series", ("id", "feed", "position", "digest", *SERIES), values)
        self._positions = _positions(self._connection, self.feed)
        self._grew = True

    def _new_details(self, first: int, digests: list[bytes], rows: list[dict[str, str]]) -> None:
        names = (*DETAILS, "x")
        values = [(first + n, digests[n], *(rows[n].get(name, "") for name in names)) for n in range(len(digests))]
        _insert(self._connection, "detail", ("id", "digest", *names), values)


def _insert_statement(rows: int) -> str:
    """Inserts so many facts; amounts of a fact that is there already are added up."""
    marks = ", ".join([f"({', '.join('?' * len(FACT_COLUMNS))})"] * rows)
    return (
        f"INSERT INTO fact ({', '.join(FACT_COLUMNS)}) VALUES {marks}"
        " ON CONFLICT (day, series, detail, delivery) DO UPDATE SET charges = fact.charges + excluded.charges, "
        + ", ".join(map(_merged, AMOUNTS))
    )


def _merged(name: str) -> str:
    """An amount and another one added up, null where that is beyond the range."""
    whole = f"fact.{name} + excluded.{name} + (fact.{name}Attos + excluded.{name}Attos) / 1000000000000000000"
    return (
        f"{name} = CASE WHEN {whole} BETWEEN -{LARGEST} AND {LARGEST - 1} THEN {whole} END, "
        f"{name}Attos = (fact.{name}Attos + excluded.{name}Attos) % 1000000000000000000"
    )


def _month_start(day: int) -> int:
    return day_number(numbered_day(day).replace(day=1))


def feed_id(connection: Connection, feed: Feed) -> int:
    """The feed's number, made if it is new; its grain kept up to date."""
    grain = json.dumps(sorted(feed.grain))
    connection.execute(
        "INSERT INTO feed (id, source, name, grain) VALUES ((SELECT coalesce(max(id), 0) + 1 FROM feed), ?, ?, ?)"
        " ON CONFLICT (source, name) DO UPDATE SET grain = excluded.grain",
        (feed.source, feed.name, grain),
    )
    query = "SELECT id FROM feed WHERE source = ? AND name = ?"
    return int(connection.execute(query, (feed.source, feed.name)).fetchone()[0])


def extend_days(connection: Connection, feed: int, start: int, end: int) -> None:
    """Note that the feed has been told for those days (numbers, half-open), even if nothing was charged."""
    connection.execute(
        "UPDATE feed SET start = CASE WHEN start < ?1 THEN start ELSE ?1 END,"
        ' "end" = CASE WHEN "end" > ?2 THEN "end" ELSE ?2 END WHERE id = ?3',
        (start, end, feed),
    )


def shrink_days(connection: Connection, feed: int) -> None:
    """Note that the feed has been told for the days with charges alone, after some were taken back."""
    query = "SELECT min(f.day), max(f.day) + 1 FROM fact f JOIN series s ON s.id = f.series WHERE s.feed = ?"
    start, end = connection.execute(query, (feed,)).fetchone()
    connection.execute('UPDATE feed SET start = ?, "end" = ? WHERE id = ?', (start, end, feed))
    first, after = (start, end) if start is not None else (0, 0)
    connection.execute("DELETE FROM cube WHERE feed = ? AND (day < ? OR day >= ?)", (feed, first, after))


def write_dictionaries(connection: Connection, feed: int) -> None:
    """For each dimension the labels and, by position, their codes; tags get one dictionary a key."""
    names = ", ".join(f'"{name}"' for name in SERIES)
    rows = connection.execute(f"SELECT {names} FROM series WHERE feed = ? ORDER BY position", (feed,)).fetchall()
    columns: dict[str, list[str]] = dict(zip(SERIES, map(list, zip(*rows, strict=True)), strict=True)) if rows else {}
    tags = [json.loads(text) if text else {} for text in columns.pop("Tags", [])]
    for key in sorted({key for tag in tags for key in tag}):
        columns[f"Tags/{key}"] = [str(tag.get(key, "")) for tag in tags]
    connection.execute("DELETE FROM dictionary WHERE feed = ?", (feed,))
    connection.executemany(
        "INSERT INTO dictionary VALUES (?, ?, ?, ?)",
        [(feed, name, *_encoded(values)) for name, values in columns.items()],
    )


def _encoded(values: Iterable[str]) -> tuple[str, bytes]:
    seen: dict[str, int] = {}
    codes = np.array([seen.setdefault(value, len(seen)) for value in values], dtype=np.int32)
    return json.dumps(list(seen), ensure_ascii=False), codes.tobytes()


def _positions(connection: Connection, feed: int) -> Ints:
    """By series number its position in the feed's vectors."""
    rows = connection.execute("SELECT id, position FROM series WHERE feed = ?", (feed,)).fetchall()
    positions = np.full(max((row[0] for row in rows), default=0) + 1, -1, dtype=np.int64)
    if rows:
        pairs = np.array(rows, dtype=np.int64)
        positions[pairs[:, 0]] = pairs[:, 1]
    return positions


def _insert(connection: Connection, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    listed = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    connection.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", rows)


def _summed(columns: Columns, series: Ints, detail: Ints) -> dict[str, Ints]:
    """Facts in key order, each key once."""
    order = np.lexsort((detail, series, columns.day))
    day, series, detail = columns.day[order], series[order], detail[order]
    fresh = (day[1:] != day[:-1]) | (series[1:] != series[:-1]) | (detail[1:] != detail[:-1])
    starts = np.flatnonzero(np.r_[True, fresh])
    facts = {"day": day[starts], "series": series[starts], "detail": detail[starts]}
    facts["charges"] = np.diff(np.r_[starts, len(day)])
    none = np.zeros(len(starts), dtype=np.int64)
    done: dict[tuple[int, int], tuple[Ints, Ints]] = {}
    for name in AMOUNTS:
        if name not in columns.amounts:
            facts[name] = facts[f"{name}Attos"] = none
            continue
        whole, attos = columns.amounts[name]
        same = (id(whole), id(attos))  # most costs of a bill are the same four times over
        if same in done:
            facts[name], facts[f"{name}Attos"] = done[same]
            continue
        whole, attos = whole[order], attos[order]
        if len(starts) < len(day):
            check_sums(name, whole, starts)
            high, low = np.divmod(attos, 10**9)  # summed apart: attos of ten charges would overflow
            low_sum = np.add.reduceat(low, starts)
            high_sum = np.add.reduceat(high, starts) + low_sum // 10**9
            whole = np.add.reduceat(whole, starts) + high_sum // 10**9
            attos = high_sum % 10**9 * 10**9 + low_sum % 10**9
        facts[name], facts[f"{name}Attos"] = done[same] = whole, attos
    return facts


_Make = Callable[[int, list[bytes], list[dict[str, str]]], None]
"""Makes rows of consecutive numbers from the first on, for digests not known yet."""
_ASKED_AT_ONCE = 500
_KEPT = 400_000
"""Numbers of combinations kept in memory; beyond, the ledger is asked again."""


class _Known:
    """Which combinations of labels the ledger knows already, by digest."""

    def __init__(self, connection: Connection, table: str, make: _Make, feed: int | None = None) -> None:
        self._connection, self._table, self._make = connection, table, make
        self._within = "" if feed is None else f" AND feed = {feed}"
        self._ids: dict[int, int] = {}

    def ids(self, columns: Mapping[str, Labels], hashes: Hashes) -> Ints:
        """The number of each row's combination, made where new; ``hashes`` tell the combinations apart."""
        rows = len(hashes)
        distinct = pa.array(hashes).dictionary_encode()  # by hashing; numpy would sort
        keys: list[int] = distinct.dictionary.to_pylist()
        inverse: Ints = distinct.indices.to_numpy()
        first = np.empty(len(keys), dtype=np.int64)
        first[inverse[::-1]] = np.arange(rows - 1, -1, -1)
        if len(self._ids) > _KEPT:
            self._ids.clear()
        fresh = [n for n, key in enumerate(keys) if key not in self._ids]
        if fresh:
            values = [_row(columns, int(first[n])) for n in fresh]
            for n, number in zip(fresh, self._find_or_make(values), strict=True):
                self._ids[keys[n]] = number
        numbers: Ints = np.array([self._ids[key] for key in keys], dtype=np.int64)
        return numbers[inverse]

    def _find_or_make(self, rows: list[dict[str, str]]) -> list[int]:
        digests = [_digest(row) for row in rows]
        known = self._find(digests)
        new = {digest: row for digest, row in zip(digests, rows, strict=True) if digest not in known}
        if new:
            query = f"SELECT coalesce(max(id), 0) + 1 FROM {self._table}"
            first = self._connection.execute(query).fetchone()[0]
            self._make(first, list(new), list(new.values()))
            known.update({digest: first + n for n, digest in enumerate(new)})
        return [known[digest] for digest in digests]

    def _find(self, digests: list[bytes]) -> dict[bytes, int]:
        known: dict[bytes, int] = {}
        for start in range(0, len(digests), _ASKED_AT_ONCE):
            some = digests[start : start + _ASKED_AT_ONCE]
            marks = ", ".join("?" * len(some))
            query = f"SELECT digest, id FROM {self._table} WHERE digest IN ({marks}){self._within}"
            known.update(self._connection.execute(query, some).fetchall())
        return known


def _row(columns: Mapping[str, Labels], row: int) -> dict[str, str]:
    values = {name: column.values[int(column.codes[row])] for name, column in columns.items()}
    return {name: value for name, value in values.items() if value}


def _digest(row: Mapping[str, str]) -> bytes:
    return blake2b(json.dumps(row, sort_keys=True, ensure_ascii=False).encode(), digest_size=16).digest()
