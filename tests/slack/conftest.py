"""The app at work in the simulated workspace."""

import pytest
from slack_app import Bookkeeper, running

from bot.ledger import Ledger


@pytest.fixture
def memory(tmp_path):
    """What the bot remembers, in a ledger file of the test's own."""
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger.memory
    ledger.close()


@pytest.fixture(autouse=True)
def sound(caplog):
    """Nothing that the app drew in the test was refused by the checker."""
    yield
    result = [record.getMessage() for record in caplog.get_records("call")]
    assert not [item for item in result if "not valid" in item or "plainer" in item]


@pytest.fixture
def run(memory):
    """The app at work with the bookkeeper."""
    with running(Bookkeeper(), memory) as found:
        yield found
