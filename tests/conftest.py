"""What every test may ask for."""

import os
from datetime import UTC, datetime
from zlib import crc32

import pytest
from postgresql_server import fresh_database
from tests_paths import shared_or_skip

from bot.ledger import Ledger

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


BOTH, SLICES = ("sqlite", "postgresql"), 10
STORAGE = ("ledger",)
"""Suites of which every test runs on both databases; of the others one in ten does."""


def pytest_generate_tests(metafunc):
    """Runs tests with a ledger on SQLite, and those about storage and every tenth other one on PostgreSQL too."""
    if "backend" not in metafunc.fixturenames:
        return
    place = metafunc.definition.nodeid
    chosen = place.split("/")[1] in STORAGE or crc32(place.encode()) % SLICES == int(os.environ.get("TEST_SLICE", "0"))
    metafunc.parametrize("backend", BOTH if chosen else BOTH[:1], indirect=True)


@pytest.fixture
def backend(request, tmp_path):
    """The address of a new, empty ledger."""
    return fresh_database() if request.param == "postgresql" else f"sqlite:///{tmp_path}/ledger.db"


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
