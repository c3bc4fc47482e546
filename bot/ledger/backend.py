"""What the ledger needs of a database: SQLite in a file, or PostgreSQL for several replicas.

Both speak the ledger's SQL: standard statements with ``?`` (or ``?1``) for parameters, FOCUS Column IDs as they are.
Errors are those of ``sqlite3`` (``IntegrityError``, ``OperationalError``) on either.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from bot.domain.errors import CostError, Unavailable

BUSY_SECONDS = 60
"""How long a writer waits for another one."""


class Cursor(Protocol):
    """The rows of one statement."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""

    def fetchone(self) -> Any:  # noqa: ANN401 - a row of any columns
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """All rows that are left."""

    def fetchmany(self, size: int = 1, /) -> list[Any]:
        """The next rows."""

    def __iter__(self) -> Iterator[Any]:
        """Row by row."""

    def __next__(self) -> Any:  # noqa: ANN401 - a row of any columns
        """The next row."""


class Connection(Protocol):
    """One thread's connection. Outside of a transaction each statement is one."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        """Runs a statement."""

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Cursor:
        """Runs a statement once for each row."""

    def close(self) -> None:
        """Ends it."""


class LedgerPart:
    """A part of what a ledger holds: it reads on this thread's connection, and writes within a transaction."""

    def __init__(
        self, connect: Callable[[], Connection], write: Callable[[], AbstractContextManager[Connection]]
    ) -> None:
        self._connect, self._write = connect, write


class Backend(Protocol):
    """A database that holds a ledger."""

    @property
    def name(self) -> str:
        """What people call it: the file, or the address without its password."""

    def connect(self) -> Connection:
        """A connection of its own.

        Raises:
            Misconfigured: there is no ledger to be had.
        """

    def close(self) -> None:
        """Ends what its connections share."""

    def migrate(self, connection: Connection, /) -> None:
        """Brings the ledger to this version's schema.

        Raises:
            Misconfigured: a newer version wrote it, or it cannot be written.
        """

    def begin_read(self, connection: Connection) -> None:
        """Begins a transaction that reads one state of the ledger."""

    def begin_write(self, connection: Connection) -> None:
        """Begins a transaction that writes."""

    def lock(self, connection: Connection) -> None:
        """Keeps other writers of charges out until the transaction ends."""

    def explained(self, error: Exception) -> CostError:
        """What went wrong, and how to mend it."""

    def vacuum(self, connection: Connection) -> int:
        """Gives back the room that deleted rows have left, where it is worth the work; how many bytes."""

    def backup(self, connection: Connection, path: Path, /) -> None:
        """A consistent copy of the whole ledger as an SQLite file, taken while others read and write."""


class Database:
    """An open ledger's database: a connection for each thread, and transactions on it."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._local = threading.local()
        self._turn = threading.Lock()
        self._open: list[Connection] = []
        weakref.finalize(self, _closed, self._open)
        backend.migrate(self.connection())

    @property
    def name(self) -> str:
        """What people call it: the file, or the database's address without its password."""
        return self._backend.name

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A write transaction; inside another one on this thread, a part of it.

        Raises:
            Misconfigured: the file is read-only, or the disk is full.
        """
        self._stop_reading()
        connection = self.connection()
        if connection.in_transaction:
            yield connection
            return
        # Threads of this process queue here: SQLite itself would have each sleep and look again, unfairly.
        mine = self._turn.acquire(timeout=BUSY_SECONDS)
        try:
            self._backend.begin_write(connection)
            yield connection
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise self._backend.explained(error) from error
            raise
        finally:
            if mine:
                self._turn.release()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One state of the ledger for all that is read in the block on this thread, whatever is written meanwhile.

        Raises:
            Unavailable: the server ended the connection meanwhile, or no longer answers.
        """
        connection = self.connection()
        if connection.in_transaction:
            yield
            return
        self._backend.begin_read(connection)
        self._local.generation = self.state("generation") or 0
        try:
            yield
        except sqlite3.OperationalError as error:
            explained = self._backend.explained(error)
            raise explained if isinstance(explained, Unavailable) else error from error
        finally:
            self._stop_reading()

    def _stop_reading(self) -> None:
        if getattr(self._local, "generation", None) is not None:
            self._local.generation = None
            self.connection().execute("COMMIT")

    def vacuum(self) -> int:
        """Gives back the room that deleted charges have left, where it is worth the work; how many bytes."""
        return self._backend.vacuum(self.connection())

    def generation(self) -> int:
        """A number that grows with every change of charges."""
        held: int | None = getattr(self._local, "generation", None)
        return self.state("generation") or 0 if held is None else held

    def state(self, name: str) -> int | None:
        """A number that the ledger keeps by name; None where it keeps none."""
        row = self.connection().execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else None

    def connection(self) -> Connection:
        """This thread's connection, outside of any transaction unless one was begun."""
        found: Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = self._connect()
            self._local.connection = found
        return found

    def close(self) -> None:
        """Close every thread's connection."""
        _closed(self._open)
        self._backend.close()
        self._local = threading.local()

    def backup(self, path: Path) -> None:
        """A consistent copy of the ledger, taken while others read and write."""
        self._backend.backup(self.connection(), path)

    def _connect(self) -> Connection:
        connection = self._backend.connect()
        self._open.append(connection)
        self._local.thread = thread = _Thread()
        weakref.finalize(thread, _ended, self._open, connection)
        return connection


class _Thread:
    """Lives as long as the thread that it was made on."""


def _ended(connections: list[Connection], one: Connection) -> None:
    """Close a connection whose thread is over, unless the ledger was closed before."""
    with suppress(ValueError):
        connections.remove(one)
        one.close()


def _closed(connections: list[Connection]) -> None:
    """Close them, the last one folding the write-ahead log into the file and taking it away."""
    while connections:
        connections.pop().close()
