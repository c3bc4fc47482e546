"""Whoever does not sign is not heard: no call out, no post, no status 200, no traceback, little in the log."""

import json
import selectors
import socket
import time
import urllib.parse

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running_bot import assembled, parsed

from simulators.slack.delivery import signed

REFUSED = 401
HEARD = {200, 201, 202, 204, 301, 302, 303, 307, 308}
POSTS = ("chat.", "views.", "files.", "conversations.open", "response_url")


def command(inner):
    """A slash command as a form, whose answers would go to the inner service."""
    result = {"command": "/spend", "text": "this month", "team_id": "T0LUMEN", "user_id": "U0AMARA"}
    result |= {"channel_id": "C0COSTS", "response_url": inner.url, "trigger_id": "1.2"}
    return urllib.parse.urlencode(result).encode()


def press(inner):
    """A pressed button, whose answers would go to the inner service or a channel."""
    result = {"type": "block_actions", "team": {"id": "T0LUMEN"}, "user": {"id": "U0AMARA"}, "trigger_id": "1.2"}
    result |= {
        "channel": {"id": "C0COSTS"},
        "response_url": inner.url,
        "actions": [{"action_id": "csv", "value": "{}"}],
    }
    result |= {"container": {"type": "message", "channel_id": "C0COSTS", "message_ts": "1.2"}}
    return urllib.parse.urlencode({"payload": json.dumps(result)}).encode()


def mention(_inner):
    """A mention in a channel, as JSON."""
    event = {"type": "app_mention", "user": "U0AMARA", "channel": "C0COSTS", "text": "spend", "ts": "1.2"}
    result = {"type": "event_callback", "team_id": "T0LUMEN", "event_id": "Ev1", "event": event}
    return json.dumps(result).encode()


def submission(inner):
    """A submitted modal that was opened from somewhere with a response_url."""
    view = {"callback_id": "change", "state": {"values": {}}, "blocks": [], "id": "V1"}
    view["private_metadata"] = json.dumps({"url": inner.url, "channel": "C0COSTS"})
    result = {"type": "view_submission", "team": {"id": "T0LUMEN"}, "user": {"id": "U0AMARA"}, "view": view}
    return urllib.parse.urlencode({"payload": json.dumps(result)}).encode()


BODIES = (command, press, mention, submission)
FIXED = (
    b"ssl_check=1&token=x",
    b'{"type":"url_verification","challenge":"3eZbrw1a"}',
    b"payload=",
    b"payload=%7B",
    b"payload=[]",
    b"payload=null",
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe\x00",
    b"[" * 20_000,
    b"a=1&" * 5_000,
    b"\x00" * 100,
)
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def unheard(bot, inner, calls):
    """Nothing has left the bot since."""
    assert inner.heard == []
    assert [call.method for call in bot.workspace.calls[calls:] if call.method.startswith(POSTS)] == []


def lines_of(bot, mark):
    """What was logged since; no traceback and no line beyond bounds."""
    text = bot.log_after(mark)
    assert not [line for line in text if "Traceback" in line]
    assert max(map(len, text), default=0) < 10_000
    return text


@pytest.mark.parametrize("made", BODIES, ids=lambda made: made.__name__)
@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("X-Slack-Request-Timestamp", "never"), ("X-Slack-Signature", "v0=00")),
        (("X-Slack-Request-Timestamp", "١٢٣"), ("X-Slack-Signature", "v0=00")),
        (("X-Slack-Request-Timestamp", "9" * 5000), ("X-Slack-Signature", "v0=00")),
        (("X-Slack-Request-Timestamp", "1e9"), ("X-Slack-Signature", b"v0=\xff\xfe")),
        (("X-Slack-Request-Timestamp", "-1"), ("X-Slack-Signature", "")),
        (("X-Slack-Signature", "v0=" + "0" * 64),),
    ],
    ids=["none", "words", "other-digits", "endless", "no-text", "negative", "no-time"],
)
def test_what_nobody_signed_is_refused_with_an_empty_body(over_http, inner, made, headers):
    """HTTP mode: 401, nothing in the body, nothing posted, and the URL in the body is not called."""
    mark, calls = len(over_http.log), len(over_http.workspace.calls)
    kind = JSON if made is mention else FORM
    status, _, body = over_http.request("POST", "/slack/events", [*headers, ("Content-Type", kind)], made(inner))
    assert (status, body) == (REFUSED, b"")
    lines_of(over_http, mark)
    unheard(over_http, inner, calls)


@pytest.mark.parametrize("body", FIXED, ids=range(len(FIXED)))
def test_checks_and_challenges_need_a_signature_too(over_http, inner, body):
    """A certificate check, a URL challenge and bodies that are nothing: 401 all the same."""
    for kind in (FORM, JSON, "text/plain", "multipart/form-data"):
        status, _, result = over_http.request("POST", "/slack/events", [("Content-Type", kind)], body)
        assert (status, result) == (REFUSED, b"")


def test_a_signature_is_good_for_its_body_its_secret_and_five_minutes(over_http, inner):
    """Another secret, another body, an old or a future time: 401. Signed as Slack signs: heard."""
    body = command(inner)
    now = time.time()
    wrong = [
        signed(body, "another-secret"),
        signed(body + b"&x=1"),
        signed(body, at=now - 3600),
        signed(body, at=now + 3600),
        {**signed(body), "X-Slack-Request-Timestamp": str(int(now) - 1)},
    ]
    for headers in wrong:
        given_ = [*headers.items(), ("Content-Type", FORM)]
        assert over_http.request("POST", "/slack/events", given_, body)[::2] == (REFUSED, b"")
    check = b'{"type":"url_verification","challenge":"3eZbrw1a"}'
    signed_ = [*signed(check).items(), ("Content-Type", JSON)]
    status, _, result = over_http.request("POST", "/slack/events", signed_, check)
    assert status == 200
    assert b"3eZbrw1a" in result


@pytest.mark.parametrize("path", ["/slack/events", "/slack/install", "/slack/oauth_redirect", "/", "/slack/events/"])
def test_in_socket_mode_slack_has_no_paths_here(over_socket, inner, path):
    """Signed or not, whatever the body: 404, and nothing leaves."""
    mark, calls = len(over_socket.log), len(over_socket.workspace.calls)
    for made in BODIES:
        body = made(inner)
        headers = [*signed(body).items(), ("Content-Type", JSON if made is mention else FORM)]
        for method in ("POST", "GET"):
            assert over_socket.request(method, path, headers, body)[::2] == (404, b"")
    lines_of(over_socket, mark)
    unheard(over_socket, inner, calls)


TEXT = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40)
TIMES = st.one_of(
    st.just(str(int(time.time()))),
    st.sampled_from(["", "0", "-0", "nan", "inf", "1e400", " 1 ", "0x10", "1_000", "1.5", "9" * 400, "\x85", "²"]),
    st.integers().map(str),
    TEXT,
)
SIGNATURES = st.one_of(
    st.sampled_from(["", "v0=", "v0", "v1=" + "0" * 64, "v0=" + "0" * 64, "v0=" + "g" * 64, "ÿ" * 67]), TEXT
)
HEADERS = st.lists(
    st.one_of(
        st.tuples(st.just("X-Slack-Request-Timestamp"), TIMES),
        st.tuples(st.just("X-Slack-Signature"), SIGNATURES),
        st.tuples(
            st.just("Content-Type"),
            st.one_of(
                st.sampled_from([FORM, JSON, f"{JSON}; charset=utf-16", "multipart/form-data; boundary=", ""]), TEXT
            ),
        ),
        st.tuples(st.just("Content-Encoding"), st.sampled_from(["gzip", "br", "identity", "x"])),
        st.tuples(st.just("Transfer-Encoding"), st.sampled_from(["chunked", "gzip, chunked", "identity", "Chunked "])),
        st.tuples(
            st.just("Content-Length"), st.sampled_from(["-1", "0", "5", "1e3", "99999999999999999999", "+4", ""])
        ),
        st.tuples(st.just("X-Slack-Retry-Num"), TEXT),
        st.tuples(st.just("X-Forwarded-For"), st.sampled_from(["127.0.0.1", "::1", "x"])),
        st.tuples(st.just("Expect"), st.sampled_from(["100-continue", "x"])),
        st.tuples(st.just("Cookie"), TEXT),
        st.tuples(st.sampled_from(["X_Slack_Signature", "x-slack-signature", "Host", "Upgrade"]), TEXT),
    ),
    max_size=6,
)
PATHS = st.sampled_from(
    [
        *("/slack/events", "/slack/events?a=b", "//slack/events", "/slack/%65vents", "/slack/events/"),
        *("/slack/install/", "http://127.0.0.1/slack/events", "/slack/oauth_redirect?code=1&state=2"),
        *("/../healthz", "/%00", "*", "/" + "a" * 900),
    ]
)
METHODS = st.sampled_from(["POST"] * 6 + ["GET", "HEAD", "PUT", "OPTIONS", "TRACE", "CONNECT", "post", "SPY"])
RAW = st.one_of(
    st.binary(max_size=200), st.sampled_from([b"\r\n\r\n", b"GET\r\n\r\n", b"POST / HTTP/9.9\r\n\r\n", b"\n" * 50])
)


@st.composite
def requests(draw):
    """Bytes for the port: mostly a request with something wrong, sometimes no request at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(RAW), None
    chosen = draw(st.one_of(st.sampled_from(BODIES), st.sampled_from(FIXED), st.binary(max_size=300)))
    return (draw(METHODS), draw(PATHS), draw(HEADERS)), chosen


def spelled(drawn, inner):
    """The bytes of a drawn request."""
    result, chosen = drawn
    if isinstance(result, bytes):
        return result
    method, path, headers = result
    body = chosen(inner) if callable(chosen) else chosen
    latin = [(name, value.encode("latin-1", "replace")) for name, value in headers]
    return assembled(method, path, latin, body)


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn=st.lists(requests(), min_size=25, max_size=25))
def test_no_request_that_nobody_signed_is_heard(bot, inner, drawn):
    """5,000 of them, over raw sockets, in both modes: never 2xx, never a way out, never a traceback."""
    mark, size, calls = len(bot.log), bot.logged, len(bot.workspace.calls)
    raws = [spelled(item, inner) for item in drawn]
    for raw, answer in zip(raws, exchanged(bot, raws), strict=True):
        status = parsed(answer)[0]
        assert status not in HEARD, (raw, answer[:300])
    assert bot.process.poll() is None
    assert not [line for line in bot.log[mark:] if "Traceback" in line]
    assert bot.logged - size < 2_000 * len(raws)
    unheard(bot, inner, calls)


def exchanged(bot, raws):
    """What comes back for each, sent side by side; who is silent is waited for no longer than the slowest."""
    lines = [socket.create_connection(("127.0.0.1", bot.port), timeout=5) for _ in raws]
    answers = dict.fromkeys(lines, b"")
    with selectors.DefaultSelector() as waiting:
        for line, raw in zip(lines, raws, strict=True):
            line.sendall(raw)
            waiting.register(line, selectors.EVENT_READ)
        while waiting.get_map() and (ready := waiting.select(0.05)):
            for key, _ in ready:
                piece = received(key.fileobj)
                answers[key.fileobj] += piece
                if not piece:
                    waiting.unregister(key.fileobj)
    for line in lines:
        line.close()
    return list(answers.values())


def received(line):
    """The next bytes; none where the other side has cut the line."""
    try:
        return line.recv(65536)
    except OSError:
        return b""
