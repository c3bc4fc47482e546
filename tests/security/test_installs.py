"""Installs that anybody can begin: few at once from one address, and nothing kept of those that nobody finishes."""

import sqlite3

from cryptography.fernet import Fernet
from running_bot import serving

from simulators.slack import CLIENT_ID, CLIENT_SECRET, SIGNING_SECRET

OAUTH = {
    "SLACK_BOT_TOKEN": "",
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "SLACK_CLIENT_ID": CLIENT_ID,
    "SLACK_CLIENT_SECRET": CLIENT_SECRET,
}


def test_two_hundred_installs_begun_by_nobody_leave_nothing(tmp_path, workspace):
    """Ten are let in, the rest are told to wait; none leaves a row; made-up ends of installs are refused."""
    key = Fernet.generate_key().decode()
    with serving(tmp_path, workspace, **OAUTH, SPEND_ENCRYPTION_KEY=key) as bot:
        begun = [bot.request("GET", "/slack/install") for _ in range(200)]
        statuses = [status for status, _, _ in begun]
        assert statuses[:10] == [200] * 10
        assert set(statuses[12:]) == {429}
        assert {headers["retry-after"] for status, headers, _ in begun if status == 429} == {"30"}
        for path in ("/slack/oauth_redirect?code=1&state=2", "/slack/oauth_redirect?code=1", "/slack/oauth_redirect"):
            assert bot.request("GET", path)[0] in {400, 401, 429}
        assert bot.request("POST", "/slack/install")[0] == 404
        assert "Traceback" not in "".join(bot.log)
    with sqlite3.connect(tmp_path / "spend.db") as ledger:
        assert ledger.execute("SELECT count(*) FROM memory WHERE kind = 'state'").fetchone() == (0,)
    assert not [call for call in workspace.calls if call.method == "oauth.v2.access"]
