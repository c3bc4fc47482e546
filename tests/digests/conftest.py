"""Digests at work in a simulated workspace."""

import pytest
from bills import Clock

from simulators.slack import Workspace


@pytest.fixture
def clock():
    """Monday 23 November 2026, half a minute after nine."""
    return Clock()


@pytest.fixture
def ws(clock):
    """A workspace that keeps the same time."""
    with Workspace(now=lambda: clock().timestamp()) as found:
        yield found


@pytest.fixture(autouse=True)
def sound(caplog):
    """Nothing that was posted in the test was refused by the checker."""
    yield
    result = [record.getMessage() for record in caplog.get_records("call")]
    assert not [item for item in result if "not valid" in item or "plainer" in item]
