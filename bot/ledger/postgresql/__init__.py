"""A ledger in PostgreSQL 14 or newer, for several replicas that share it.

Nothing outlives a transaction on the server (no prepared statements, no session locks), so that it works behind
PgBouncer in transaction mode.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.domain.errors import ConnectionLost, CostError, Misconfigured, Unavailable
from bot.ledger.backend import Connection
from bot.ledger.schema import MIGRATIONS

if TYPE_CHECKING:
    import psycopg
    from psycopg_pool import ConnectionPool

_WRITERS = 7_305_480_002
"""The advisory lock that writers of charges hold until their transaction ends."""
_OLDEST = 140_000
_OPTIONS: Mapping[str, Any] = {
    "autocommit": True,
    "prepare_threshold": None,
    "connect_timeout": 10,
    "application_name": "spend",
}
_MOST = 16
"""Connections of one process at a time; its threads take turns."""
_PATIENCE = 15
"""Seconds that a thread waits for one: as long as a server takes to start again."""
_NEEDS_DRIVER = "LEDGER_URL names PostgreSQL, but its driver is not installed."


class Server:
    """One PostgreSQL database, by its address."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.name = redacted(url)

    @cached_property
    def _pool(self) -> ConnectionPool[psycopg.Connection[Any]]:
        """The connections that all threads share; each is tried before it is lent, so that a restart is not noticed."""
        from psycopg_pool import ConnectionPool

        from bot.ledger.postgresql.connection import prepared

        return ConnectionPool(
            self._url,
            kwargs=dict(_OPTIONS),
            min_size=0,
            max_size=_MOST,
            timeout=_PATIENCE,
            configure=prepared,
            check=ConnectionPool.check_connection,
            open=True,
        )

    def connect(self) -> Connection:
        """A connection of its own, as far as whoever uses it can tell.

        Raises:
            Misconfigured: the driver is not installed.
        """
        try:
            from bot.ledger.postgresql.connection import PostgresConnection  # an extra
        except ImportError as error:
            raise Misconfigured(_NEEDS_DRIVER, "pip install 'spend[postgresql]'") from error
        return PostgresConnection(self._pool)

    def close(self) -> None:
        """Ends the connections."""
        pool = vars(self).pop("_pool", None)
        if pool is not None:
            pool.close()

    def _opened(self) -> psycopg.Connection[Any]:
        import psycopg  # an extra

        try:
            raw = psycopg.connect(self._url, **_OPTIONS)
        except psycopg.OperationalError as error:
            raise self.explained(error) from error
        except psycopg.ProgrammingError as error:
            raise Misconfigured(f"LEDGER_URL {self.name} is not a PostgreSQL URL.", _FORM) from error
        if raw.info.server_version < _OLDEST:
            found = raw.info.server_version // 10_000
            raw.close()
            raise Misconfigured(f"{self.name} runs PostgreSQL {found}.", "It must be 14 or newer.")
        return raw

    def migrate(self, _connection: Connection, /) -> None:
        """Brings the ledger to this version's schema, step by step.

        Raises:
            Misconfigured: a newer version wrote it, or this user may not make tables.
        """
        import psycopg  # an extra

        from bot.ledger.postgresql import schema

        newest = len(MIGRATIONS)
        raw = self._opened()
        try:
            found = schema.version(raw)
            if found > newest:
                raise Misconfigured(
                    f"{self.name} was written by a newer version of spend (schema {found}; this one knows {newest}).",
                    "Install that version again, or point LEDGER_URL at another database.",
                )
            schema.migrate(raw)
        except psycopg.Error as error:
            raise self.explained(error) from error
        finally:
            raw.close()

    def begin_read(self, connection: Connection) -> None:
        """Begins a transaction that reads one state of the ledger."""
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def begin_write(self, connection: Connection) -> None:
        """Begins a transaction that writes."""
        connection.execute("BEGIN")

    def lock(self, connection: Connection) -> None:
        """Keeps other writers of charges out until the transaction ends.

        Until then facts meet their series by hashing: what a delivery has just brought is in no statistics, so that the
        server would expect a row of it, and read all its days anew for each series.
        """
        connection.execute(f"SELECT pg_advisory_xact_lock({_WRITERS}), set_config('enable_nestloop', 'off', true)")

    def explained(self, error: Exception) -> CostError:
        """What went wrong, and how to mend it; never with a password."""
        text = str(error)
        for pattern, what, hint in _REASONS:
            if re.search(pattern, text, re.IGNORECASE):
                return Misconfigured(f"The ledger {self.name} {what}.", hint)
        lost = re.search(_LOST, text, re.IGNORECASE)
        kind = ConnectionLost if lost else Unavailable
        return kind(f"The ledger {self.name} does not answer.", "Is the server up? The next question retries.")

    def vacuum(self, _connection: Connection, /) -> int:
        """Nothing: the server's own autovacuum lets later rows have the room."""
        return 0

    def backup(self, _connection: Connection, path: Path, /) -> None:
        """A consistent copy of the whole ledger as an SQLite file."""
        from bot.ledger import Ledger  # a circle otherwise
        from bot.ledger.copy import copy_ledger  # only to copy

        with closing(Ledger(Server(self._url))) as source, closing(Ledger(path)) as copy:
            copy_ledger(source, copy)


_FORM = "Use postgresql://user@host:5432/database; the password can be in LEDGER_URL_FILE or ~/.pgpass."
_LOST = r"server closed the connection|terminating connection|connection is closed|connection (not open|lost)|consuming"
_REASONS = (
    (r"password authentication failed|no password supplied", "refuses the password", "Correct it in LEDGER_URL."),
    (r"role .* does not exist", "does not have that user", "Create the user, or correct LEDGER_URL."),
    (r"database .* does not exist", "does not exist", "Create it: createdb NAME."),
    (r"permission denied|must be owner", "does not let this user write", "Grant the user CREATE on its schema."),
    (r"read-only transaction|in recovery", "is read-only (a standby?)", "Point LEDGER_URL at the primary."),
    (r"SSL|certificate", "cannot be reached over TLS as LEDGER_URL asks", "Check sslmode and sslrootcert."),
    (r"could not translate host|name or service not known|nodename", "has no such host", "Correct the host."),
    (r"disk full|no space left", "has no room left", "Free some space on the server; nothing was lost."),
)


def redacted(url: str) -> str:
    """The address without user, password and options."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"
