"""One running bot a mode for all that a file tries on it."""

import time

import pytest
from running_bot import HTTP_MODE, NOW, SOCKET_MODE, InnerService, serving

from simulators.slack import Workspace


@pytest.fixture(scope="module")
def inner():
    """A service that nobody may reach through the bot."""
    service = InnerService()
    yield service
    service.close()


@pytest.fixture(scope="module")
def workspace():
    """A simulated workspace."""
    with Workspace(now=lambda: NOW.timestamp() + time.monotonic() % 1000) as made:
        yield made


@pytest.fixture(scope="module")
def over_http(tmp_path_factory, workspace):
    """The bot in HTTP mode."""
    with serving(tmp_path_factory.mktemp("http"), workspace, **HTTP_MODE) as bot:
        yield bot


@pytest.fixture(scope="module")
def over_socket(tmp_path_factory, workspace):
    """The bot in Socket Mode."""
    with serving(tmp_path_factory.mktemp("socket"), workspace, **SOCKET_MODE) as bot:
        yield bot


@pytest.fixture(params=["http", "socket"])
def bot(request):
    """The bot in either mode."""
    return request.getfixturevalue(f"over_{request.param}")
