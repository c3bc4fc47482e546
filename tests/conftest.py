"""What every test may ask for."""

from datetime import UTC, datetime

import pytest
from tests_paths import shared_or_skip

from bot.ledger import Ledger

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.close()


@pytest.fixture
def shared():
    """The folder of bills nobody here wrote; tests that need it skip where it is not checked out."""
    return shared_or_skip()
