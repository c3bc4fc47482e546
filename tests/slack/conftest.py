"""The app at work in the simulated workspace."""

import pytest
from slack_office import Bookkeeper, running

from bot.ledger import Ledger


@pytest.fixture
def memory(tmp_path):
    """What the bot remembers, in a ledger file of the test's own."""
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger.memory
    ledger.close()


@pytest.fixture
def run(memory):
    """The app at work with the bookkeeper."""
    with running(Bookkeeper(), memory) as found:
        yield found
