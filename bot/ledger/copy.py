"""A whole ledger copied into another one, SQLite or PostgreSQL: exact, checked, and resumed after a kill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.domain.charge import AMOUNTS
from bot.domain.errors import Misconfigured, UnexpectedReply
from bot.ledger.backend import Connection

if TYPE_CHECKING:
    from bot.ledger import Ledger

_BY_DAY = ("fact", "cube")
"""Tables that are copied a day at a time, each in a transaction of its own."""
_FIRST = ("feed", "series", "detail")
"""Tables that others refer to."""
_MARK = "migration"
"""Kind of what is kept in the target while it is being filled: the days that are there already."""

Progress = Callable[[str, int, int], None]
"""Is told the table, the rows copied and the rows there are."""


def copy_ledger(source: Ledger, target: Ledger, progress: Progress = lambda _table, _done, _all: None) -> int:
    """Copies everything, and checks that every day's totals are equal; how many charges' rows there are.

    A copy that was cut off goes on where it stopped. The source must not change meanwhile.

    Raises:
        Misconfigured: the target holds another ledger, or the source changed meanwhile.
        UnexpectedReply: the totals differ.
    """
    unfinished = target.memory.get(_MARK, "copy")
    if unfinished is None and (target.feeds() or target.memory.all("digest")):
        raise Misconfigured(f"{target.name} is not empty.", "Name a new file or an empty database.")
    target.memory.put(_MARK, "copy", unfinished or {"from": source.name})
    generation = source.generation()
    with source.reading():
        tables = _tables()
        others = [name for name in tables if name not in (*_FIRST, *_BY_DAY)]
        for name in (*_FIRST, *others):
            _whole(source, target, name, tables[name], progress)
        for name in _BY_DAY:
            _by_day(source, target, name, tables[name], progress)
        rows = _checked(source, target)
    if source.generation() != generation:
        raise Misconfigured("The ledger changed during the copy.", "Stop the bot and its syncs, and copy again.")
    target.memory.forget(_MARK, "copy")
    return rows


def _tables() -> dict[str, list[str]]:
    """Every table of this version's schema with its columns, as a new ledger has them."""
    from bot.ledger import Ledger  # a circle otherwise

    with TemporaryDirectory() as folder, closing(Ledger(f"{folder}/empty.db")) as empty:
        connection = empty.connection()
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        return {
            name: [row[0] for row in connection.execute("SELECT name FROM pragma_table_info(?)", (name,))]
            for (name,) in names
        }


def _whole(source: Ledger, target: Ledger, table: str, columns: Sequence[str], progress: Progress) -> None:
    """One table in one transaction, in place of what stood there."""
    kept = f" WHERE kind <> '{_MARK}'" if table == "memory" else ""
    listed = ", ".join(f'"{name}"' for name in columns)
    rows = source.connection().execute(f"SELECT {listed} FROM {table}{kept}").fetchall()
    with target.charging() as connection:
        if table in _FIRST and _count(connection, table) == len(rows):
            return
        connection.execute(f"DELETE FROM {table}{kept}")
        _insert(connection, table, columns, rows)
    progress(table, len(rows), len(rows))


def _by_day(source: Ledger, target: Ledger, table: str, columns: Sequence[str], progress: Progress) -> None:
    """One table a day at a time; days that are there already with as many rows are left."""
    counts = f"SELECT day, count(*) FROM {table} GROUP BY day ORDER BY day"
    there = dict(target.connection().execute(counts).fetchall())
    wanted = source.connection().execute(counts).fetchall()
    done, every = 0, sum(count for _, count in wanted)
    listed = ", ".join(f'"{name}"' for name in columns)
    for day, count in wanted:
        if there.get(day) != count:
            rows = source.connection().execute(f"SELECT {listed} FROM {table} WHERE day = ?", (day,)).fetchall()
            with target.charging() as connection:
                connection.execute(f"DELETE FROM {table} WHERE day = ?", (day,))
                _insert(connection, table, columns, rows)
        done += count
        progress(table, done, every)


def _insert(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    listed = ", ".join(f'"{name}"' for name in columns)
    connection.executemany(f"INSERT INTO {table} ({listed}) VALUES ({', '.join('?' * len(columns))})", rows)


def _count(connection: Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _checked(source: Ledger, target: Ledger) -> int:
    """Compares every source's totals by day and metric; how many rows there are.

    Raises:
        UnexpectedReply: they differ.
    """
    sums = ", ".join(
        f'sum(f."{name}" >> 32), sum(f."{name}" & 4294967295), sum(f."{name}Attos" / 1000000000),'
        f' sum(f."{name}Attos" % 1000000000)'
        for name in AMOUNTS
    )
    query = (
        f"SELECT s.feed, f.day, count(*), {sums} FROM fact f JOIN series s ON s.id = f.series"
        " GROUP BY s.feed, f.day ORDER BY s.feed, f.day"
    )
    ours, theirs = (side.connection().execute(query).fetchall() for side in (source, target))
    if [tuple(map(int, row)) for row in ours] != [tuple(map(int, row)) for row in theirs]:
        raise UnexpectedReply(
            f"{source.name} and {target.name} differ after copying.", "Copy again. If it persists, report it."
        )
    return sum(int(row[2]) for row in ours)
