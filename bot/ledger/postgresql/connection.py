"""Connections to PostgreSQL that speak the ledger's SQL and raise ``sqlite3``'s errors."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql as builder
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format, TransactionStatus
from psycopg.types.numeric import NumericBinaryLoader, NumericLoader

from bot.ledger.postgresql.translate import statement

if TYPE_CHECKING:
    from collections.abc import Callable

_INSERT = re.compile(r"\s*INSERT INTO (?P<table>\w+)\s*(?:\((?P<columns>[^)]*)\))?\s*VALUES \((?P<marks>[?, ]+)\)")
_COPIED = 500
"""More rows than these are copied in rather than sent one by one."""
_STAGE = "staged_rows"


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
    """One thread's connection; opened anew where the server has ended it between two transactions."""

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._raw = _prepared(connect())

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._raw.info.transaction_status not in {TransactionStatus.IDLE, TransactionStatus.UNKNOWN}

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Rows:
        """Runs a statement; outside of a transaction a lost connection is opened anew, once."""
        found = statement(sql)
        alone = not self.in_transaction
        try:
            return self._run(found.sql, found.bound(parameters))
        except psycopg.Error as error:
            if not (alone and self._raw.broken):
                raise _known(error) from error
        try:
            self._raw = _prepared(self._connect())
            return self._run(found.sql, found.bound(parameters))
        except psycopg.Error as error:
            raise _known(error) from error

    def _run(self, sql: str, parameters: Sequence[Any]) -> Rows:
        cursor = self._raw.execute(sql, parameters, binary=True)
        return Rows(cursor.fetchall() if cursor.description else [], cursor.rowcount)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Rows:
        """Runs an INSERT for each row; many rows are copied into a table of the transaction first."""
        remaining = iter(rows)
        first = list(islice(remaining, _COPIED))
        match = _INSERT.match(sql)
        try:
            if len(first) < _COPIED or match is None or not self.in_transaction:
                with self._raw.cursor() as cursor:
                    cursor.executemany(statement(sql).sql, list(chain(first, remaining)))
                    return Rows([], cursor.rowcount)
            return self._copied(sql, match, chain(first, remaining))
        except psycopg.Error as error:
            raise _known(error) from error

    def _copied(self, sql: str, match: re.Match[str], rows: Iterable[Sequence[Any]]) -> Rows:
        columns = match["columns"] or "*"
        listed = statement(columns).sql
        target = f"{match['table']} ({listed})" if match["columns"] else match["table"]
        rest = statement(sql[match.end() :]).sql
        with self._raw.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMP TABLE {_STAGE} ON COMMIT DROP AS SELECT {listed} FROM {match['table']} LIMIT 0"
            )
            with cursor.copy(builder.SQL("COPY {} FROM STDIN").format(builder.Identifier(_STAGE))) as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(f"INSERT INTO {target} SELECT * FROM {_STAGE} {rest}", ())  # read as one with parameters
            count = cursor.rowcount
            cursor.execute(f"DROP TABLE {_STAGE}")
        return Rows([], count)

    def close(self) -> None:
        """Ends it."""
        self._raw.close()


def _prepared(raw: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    raw.adapters.register_loader("numeric", _Integers)
    raw.adapters.register_loader("numeric", _BinaryIntegers)
    return raw


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
