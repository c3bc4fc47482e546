"""What every test may ask for."""

import os
from datetime import UTC, datetime
from zlib import crc32

import pytest
from pgbouncer_server import through
from postgresql_server import fresh_database
from tests_paths import shared_or_skip

from bot.ledger import Ledger

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


BACKENDS, SLICES = ("sqlite", "postgresql", "pgbouncer"), 10
"""PgBouncer is PostgreSQL behind it, in transaction mode."""
STORAGE = ("ledger",)
"""Suites of which every test runs on all of them; of the others one in ten does on the first two."""


def pytest_generate_tests(metafunc):
    """Runs tests with a ledger on SQLite, every tenth on PostgreSQL too, and those about storage on all there are."""
    if "backend" not in metafunc.fixturenames:
        return
    place = metafunc.definition.nodeid
    tenth = crc32(place.encode()) % SLICES == int(os.environ.get("TEST_SLICE", "0"))
    count = len(BACKENDS) if place.split("/")[1] in STORAGE else 2 if tenth else 1
    metafunc.parametrize("backend", BACKENDS[:count], indirect=True)


@pytest.fixture
def backend(request, tmp_path):
    """The address of a new, empty ledger."""
    match request.param:
        case "postgresql":
            return fresh_database()
        case "pgbouncer":
            return through(fresh_database())
    return f"sqlite:///{tmp_path}/ledger.db"


@pytest.fixture
def ledger(backend):
    """An empty ledger."""
    ledger = Ledger.open(backend)
    yield ledger
    ledger.close()


@pytest.fixture
def shared():
    """The folder of bills nobody here wrote; tests that need it skip where it is not checked out."""
    return shared_or_skip()
