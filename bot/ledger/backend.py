"""What the ledger needs of a database: SQLite in a file, or PostgreSQL for several replicas.

Both speak the ledger's SQL: standard statements with ``?`` (or ``?1``) for parameters, FOCUS Column IDs as they are.
Errors are those of ``sqlite3`` (``IntegrityError``, ``OperationalError``) on either.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from bot.domain.errors import CostError


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
