"""What every test may ask for."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.ledger import Ledger

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SHARED = Path(__file__).parent.parent.parent / "shared"


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
    if not SHARED.is_dir():
        pytest.skip("the shared data is not beside this checkout")
    return SHARED
