"""The ledger's file: how it is opened, for its user alone, and what to say where that, or writing to it, fails."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bot.domain.errors import CostError, Misconfigured
from bot.ledger import schema
from bot.ledger.backend import BUSY_SECONDS, Connection

_WORTH_VACUUM = 16 * 2**20
"""Bytes that are left empty until writing the file anew is worth it."""


class LedgerFile:
    """One SQLite file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._unwritable: sqlite3.Error | None = None
        """Why this ledger can only be read."""

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.path)

    def begin_read(self, connection: Connection) -> None:
        """Begins a transaction that reads one state of the ledger."""
        connection.execute("BEGIN")

    def begin_write(self, connection: Connection) -> None:
        """Begins a transaction that writes; it waits for another one."""
        connection.execute("BEGIN IMMEDIATE")

    def lock(self, connection: Connection) -> None:
        """Nothing more: a file has one writer."""

    def vacuum(self, connection: Connection) -> int:
        """Writes the file anew where a quarter of it, and more than sixteen megabytes, is empty."""
        size, pages, free = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_size", "page_count", "freelist_count")
        )
        if free * size < _WORTH_VACUUM or free * 4 < pages or shutil.disk_usage(self.path.parent).free < pages * size:
            return 0
        connection.execute("VACUUM")
        return free * size

    def backup(self, connection: Connection, path: Path, /) -> None:
        """A consistent copy of the ledger, taken while others read and write."""
        if not isinstance(connection, sqlite3.Connection):
            raise TypeError(connection)
        create_private(path)
        copy = sqlite3.connect(path)
        with copy:
            connection.backup(copy)
        copy.close()

    def connect(self) -> sqlite3.Connection:
        """A connection of its own; one that only reads, where nothing can be written beside the file.

        Raises:
            Misconfigured: there is no ledger to be had.
        """
        try:
            try:
                connection = self._writable()
            except sqlite3.OperationalError as error:
                if not self._at_rest():
                    raise
                self._unwritable = error
                connection = self._opened(f"{self.path.absolute().as_uri()}?mode=ro&immutable=1")
            connection.execute("PRAGMA mmap_size = 1073741824")
        except sqlite3.Error as error:
            raise self.explained(error) from error
        return connection

    def close(self) -> None:
        """Nothing more: connections to a file share nothing."""

    def migrate(self, connection: Connection, /) -> None:
        """Brings the ledger to this version's schema, step by step.

        Raises:
            Misconfigured: a newer version wrote it, or it cannot be written.
        """
        if not isinstance(connection, sqlite3.Connection):
            raise TypeError(connection)
        newest = len(schema.MIGRATIONS)
        try:
            found = schema.version(connection)
            if found > newest:
                raise Misconfigured(
                    f"{self.path} was written by a newer version of spend (schema {found}; this one knows {newest}).",
                    "Install that version again, or point LEDGER_URL at another file.",
                )
            if found < newest:
                from sqlite_utils import Database  # only when there is something to migrate

                schema.migrate(Database(connection))
        except sqlite3.Error as error:
            raise self.explained(error) from error

    def _writable(self) -> sqlite3.Connection:
        with suppress(OSError):  # then opening it says why not
            create_private(self.path)
        connection = self._opened(self.path)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.OperationalError:
            connection.close()
            raise
        return connection

    def _at_rest(self) -> bool:
        """Whether the file alone is the ledger, so that it can be read where nothing can be written beside it."""
        log = Path(f"{self.path}-wal")
        return self.path.is_file() and self.path.stat().st_size > 0 and not (log.is_file() and log.stat().st_size)

    @staticmethod
    def _opened(path: Path | str) -> sqlite3.Connection:
        uri = isinstance(path, str)
        return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=uri)

    def explained(self, error: Exception) -> CostError:
        """What went wrong, and how to mend it."""
        reasons: Mapping[str, tuple[str, str]] = {
            "readonly": (
                "is read-only",
                "Make the file and its folder writable, or point LEDGER_URL elsewhere.",
            ),
            "full": ("has no room left", "Free some disk space and try again; nothing was lost."),
            "disk I/O": (
                "could not be read or written (disk I/O error)",
                "Is the disk full, over its quota, or failing? Fix that and try again; existing data is kept.",
            ),
            "unable to open": (
                "cannot be opened",
                "Check that its folder exists and is writable.",
            ),
            "not a database": (
                "is not a ledger",
                "Point LEDGER_URL at another file; this file was not changed.",
            ),
            "locked": ("is busy", "Another process is writing to it; try again in a minute."),
        }
        for word, (what, hint) in reasons.items():
            if word in str(self._unwritable or error):
                return Misconfigured(f"The ledger {self.path} {what}.", hint)
        return Misconfigured(f"The ledger {self.path} cannot be used: {error}.", "Restore it from a backup.")


def create_private(path: Path) -> None:
    """Makes an empty file for this user alone, where there is none yet.

    Raises:
        OSError: it cannot be made.
    """
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))


def exposed(path: Path) -> str:
    """How others can get at a file or folder, in a few words; ``""`` where they cannot, or it is not there."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return ""
    if stat.S_ISDIR(mode):
        return "others can put files into it" if mode & 0o022 and not mode & stat.S_ISVTX else ""
    return "others can change it" if mode & 0o022 else "others can read it" if mode & 0o077 else ""
