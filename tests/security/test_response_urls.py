"""A response_url is followed to Slack alone: never inside, never where a redirect leads."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.slack.posting.response_url import Unreachable, is_slack, post

API = "https://slack.com/api/"


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/commands/T1/2/abc",
        "https://hooks.slack.com/actions/T1/2/a-b_c%20",
        "https://hooks.slack-gov.com/commands/T1/2/x",
        "https://slack.com/x?a=b&c=d",
    ],
)
def test_slacks_own_hosts_are_followed(url):
    """Over TLS."""
    assert is_slack(url, API)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://hooks.slack.com/x",
        "https://hooks.slack.com.evil.example/x",
        "https://evilslack.com/x",
        "https://evil.example/hooks.slack.com/x",
        "https://evil.example#hooks.slack.com/",
        "https://hooks.slack.com@evil.example/x",
        "https://user:pw@hooks.slack.com/x",
        "https://hooks.slack.com:8443/x",
        "https://hooks.slack.com\\@evil.example/x",
        "https://hooks.slack.com\t.evil.example/x",
        "https://hooks.slack.com/x\r\nHost: evil",
        "https://hooks.slack.com/x\n",
        "HTTPS://HOOKS.SLACK.COM/x",
        "https://hooks.slack.com./x",
        "https://h\u03bfoks.slack.com/x",
        "https://127.0.0.1/x",
        "http://127.0.0.1:8080/x",
        "http://[::1]/x",
        "http://localhost/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/x",
        "http://192.168.0.1/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "file:///etc/passwd",
        "gopher://127.0.0.1/x",
        "ftp://hooks.slack.com/x",
        "//hooks.slack.com/x",
        "hooks.slack.com/x",
    ],
)
def test_nothing_else_is(url):
    """Other hosts, spellings that only look like Slack's, this machine, its networks, other schemes."""
    assert not is_slack(url, API)


def test_where_the_web_api_was_set_to_stand_is_slack_too():
    """The same scheme, host and port, and no other."""
    api = "http://127.0.0.1:8080/api/"
    assert is_slack("http://127.0.0.1:8080/response/R1", api)
    for other in ("http://127.0.0.1:8081/x", "http://127.0.0.1:80801/x", "https://127.0.0.1:8080/x", api[:-5]):
        assert not is_slack(other, api)


class _Leads(BaseHTTPRequestHandler):
    """Leads on to /inner, and notes what arrives."""

    def do_POST(self):
        """Answers with the status in the path."""
        self.server.heard.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(int(self.path[1:4]))
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/200inner")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def do_GET(self):
        """Somebody was led on."""
        self.server.heard.append(self.path)

    def log_message(self, *_):
        """Says nothing."""


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_no_way(status):
    """The status comes back; where it leads is not asked."""
    server = HTTPServer(("127.0.0.1", 0), _Leads)
    server.heard = []
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        assert post(f"http://127.0.0.1:{server.server_port}/{status}", {"text": "hi"}).status == status
        assert server.heard == [f"/{status}"]
    finally:
        server.shutdown()
        server.server_close()


def test_a_line_that_fails_is_said_as_such():
    """Whoever asked can then tell the person another way."""
    with pytest.raises(Unreachable):
        post("http://127.0.0.1:9/x", {"text": "hi"})
