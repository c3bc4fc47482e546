"""Processes with a role each, on one ledger in PostgreSQL: who hears Slack, who posts on the clock."""

import signal
from contextlib import ExitStack

import postgresql_server
import pytest
from test_serve import COSTS, DIGESTS, MEMBER, NOW, answered, bill, command, get, serving

from simulators.slack import Workspace


@pytest.fixture
def ws():
    """A workspace whose clock stands still."""
    with Workspace(now=NOW.timestamp) as workspace:
        yield workspace


@pytest.fixture
def shared(tmp_path, ws):
    """A folder whose ledger is a database of PostgreSQL that holds three months of a bill."""
    url = postgresql_server.fresh_database()
    (tmp_path / "bill.csv").write_text(bill())
    (tmp_path / "digests.toml").write_text(DIGESTS)
    assert command(tmp_path, ws, "import", "bill.csv", LEDGER_URL=url).returncode == 0
    return tmp_path, url


def test_web_answers_and_the_worker_posts(shared, ws):
    """Two hear Slack and answer a question once, also after one was killed; the worker alone posts digests."""
    home, url = shared
    with ExitStack() as running:
        webs = [running.enter_context(serving(home, ws, "--role", "web", LEDGER_URL=url)) for _ in range(2)]
        ws.wait_connected()
        ws.slash(MEMBER, COSTS, "/spend", "last month by service")
        assert len(answered(ws, "$395.25")) == 1
        assert not [message for message in ws.from_bot(COSTS) if message.get("metadata")]
        webs[0][0].send_signal(signal.SIGKILL)
        webs[0][0].wait()
        ws.slash(MEMBER, COSTS, "/spend", "yesterday")
        assert len(answered(ws, "$12.75")) == 1
        worker = running.enter_context(serving(home, ws, "--role", "worker", LEDGER_URL=url, SLACK_APP_TOKEN=""))
        digest = ws.wait_for(lambda: [message for message in ws.from_bot(COSTS) if message.get("metadata")])
        assert [message["metadata"]["event_payload"]["digest"] for message in digest] == ["daily"]
        assert get(f"{worker[2]}/healthz")[::2] == (200, "ok\n")
        assert get(f"{worker[2]}/slack/events")[0] == 404
        webs[1][0].send_signal(signal.SIGTERM)
        assert webs[1][0].wait(20) == 0
