"""Connections to PostgreSQL that speak the ledger's SQL and raise ``sqlite3``'s errors."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import Any

import psycopg
from psycopg import sql as builder
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format, TransactionStatus
from psycopg.types.numeric import NumericBinaryLoader, NumericLoader
from psycopg_pool import ConnectionPool

from bot.ledger.postgresql.translate import statement

_INSERT = re.compile(r"\s*INSERT INTO (?P<table>\w+)\s*(?:\((?P<columns>[^)]*)\))?\s*VALUES \((?P<marks>[?, ]+)\)")
_COPIED = 500
"""More rows than these are copied in rather than sent one by one."""
_STAGE = "staged_rows"
_OPEN = {TransactionStatus.INTRANS, TransactionStatus.INERROR, TransactionStatus.ACTIVE}


class _Integers(Loader):
    """Sums of integers come as numeric: whole ones are read as int."""

    def load(self, data: Buffer) -> int | Decimal:
        return _whole(NumericLoader(self.oid).load(data))


class _BinaryIntegers(Loader):
    """The same in the binary form."""

    format = Format.BINARY

    def load(self, data: Buffer) -> int | Decimal:
        return _whole(NumericBinaryLoader(self.oid).load(data))


def _whole(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value


class Rows:
    """The rows of one statement, all read."""

    def __init__(self, rows: list[tuple[Any, ...]], count: int) -> None:
        self._rows, self.rowcount = iter(rows), count

    def fetchone(self) -> Any:  # noqa: ANN401 - a row of any columns
        """The next row, or None."""
        return next(self._rows, None)

    def fetchall(self) -> list[Any]:
        """All rows that are left."""
        return list(self._rows)

    def fetchmany(self, size: int = 1, /) -> list[Any]:
        """The next rows."""
        return list(islice(self._rows, size))

    def __iter__(self) -> Iterator[Any]:
        """Row by row."""
        return self._rows

    def __next__(self) -> Any:  # noqa: ANN401 - a row of any columns
        """The next row."""
        return next(self._rows)


class PostgresConnection:
    """One thread's connection: borrowed from the pool for a statement, or until the transaction that it begins ends."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection[Any]]) -> None:
        self._pool = pool
        self._raw: psycopg.Connection[Any] | None = None
        """The borrowed one, while a transaction is open."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._raw is not None

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Runs a statement."""
        found = statement(sql)

        def run(raw: psycopg.Connection[Any]) -> Rows:
            cursor = raw.execute(found.sql, found.bound(parameters), binary=True)
            return Rows(cursor.fetchall() if cursor.description else [], cursor.rowcount)

        return self._borrowed(run)

    def _borrowed(self, run: Callable[[psycopg.Connection[Any]], Rows]) -> Rows:
        """What is run on the transaction's connection, or on any that the server still keeps open.

        Raises:
            sqlite3.Error: as SQLite raises it.
        """
        try:
            raw = self._raw or self._pool.getconn()
            try:
                return run(raw)
            finally:
                self._raw = raw if raw.info.transaction_status in _OPEN else None
                if self._raw is None:
                    self._pool.putconn(raw)
        except psycopg.Error as error:
            raise _known(error) from error

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Rows:
        """Runs an INSERT for each row; many rows are copied into a table of the transaction first."""
        remaining = iter(rows)
        first = list(islice(remaining, _COPIED))
        match = _INSERT.match(sql)

        def run(raw: psycopg.Connection[Any]) -> Rows:
            with raw.cursor() as cursor:
                if len(first) < _COPIED or match is None or not self.in_transaction:
                    cursor.executemany(statement(sql).sql, list(chain(first, remaining)))
                    return Rows([], cursor.rowcount)
                return _copied(cursor, sql, match, chain(first, remaining))

        return self._borrowed(run)

    def close(self) -> None:
        """Ends it, and with it a transaction that is open."""
        if self._raw is not None:
            self._pool.putconn(self._raw)
            self._raw = None


def _copied(cursor: psycopg.Cursor[Any], sql: str, match: re.Match[str], rows: Iterable[Sequence[Any]]) -> Rows:
    columns = match["columns"] or "*"
    listed = statement(columns).sql
    target = f"{match['table']} ({listed})" if match["columns"] else match["table"]
    rest = statement(sql[match.end() :]).sql
    cursor.execute(f"CREATE TEMP TABLE {_STAGE} ON COMMIT DROP AS SELECT {listed} FROM {match['table']} LIMIT 0")
    with cursor.copy(builder.SQL("COPY {} FROM STDIN").format(builder.Identifier(_STAGE))) as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(f"INSERT INTO {target} SELECT * FROM {_STAGE} {rest}", ())  # read as one with parameters
    count = cursor.rowcount
    cursor.execute(f"DROP TABLE {_STAGE}")
    return Rows([], count)


def prepared(raw: psycopg.Connection[Any]) -> None:
    """Makes a new connection read sums as the ledger does."""
    raw.adapters.register_loader("numeric", _Integers)
    raw.adapters.register_loader("numeric", _BinaryIntegers)


def _known(error: psycopg.Error) -> sqlite3.Error:
    """The error as ``sqlite3`` would raise it; one of a null names its column, as SQLite's does."""
    if isinstance(error, psycopg.errors.NotNullViolation):
        return sqlite3.IntegrityError(f"NOT NULL constraint failed: {error.diag.table_name}.{error.diag.column_name}")
    if isinstance(error, psycopg.errors.NumericValueOutOfRange):
        return sqlite3.IntegrityError("amount out of range: fact.amounts")
    if isinstance(error, psycopg.errors.IntegrityError):
        return sqlite3.IntegrityError(str(error))
    if isinstance(error, psycopg.ProgrammingError) and not isinstance(error, psycopg.errors.InsufficientPrivilege):
        return sqlite3.ProgrammingError(str(error))  # of ours: nothing that waiting or a setting would mend
    return sqlite3.OperationalError(str(error))
