"""What a client may send, how slowly, and how often: bounded, and the log with it."""

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running_bot import LIMIT, SOCKET_MODE, environment, parsed, read_all

FORM = ("Content-Type", "application/x-www-form-urlencoded")


def memory(bot):
    """Megabytes that the process holds."""
    lines = Path(f"/proc/{bot.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


def test_a_body_over_a_megabyte_is_refused_while_it_is_read(bot):
    """Announced or in pieces: 413, never held in memory, and not a letter of it in the log."""
    before, size = memory(bot), bot.logged
    body = b"text=" + b"Z" * (20 * LIMIT)
    status, _, result = bot.request("POST", "/slack/events", [FORM], body, wait=10)
    assert (status, result) == (413, b"")
    piece = b"%x\r\n" % 65536 + b"Z" * 65536 + b"\r\n"
    head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert parsed(bot.send(head + piece * 100, wait=10))[0] == 413
    assert memory(bot) - before < 40
    assert bot.logged - size < 4_000
    assert "ZZZZ" not in "".join(bot.log)


def test_a_gigabyte_is_refused_by_what_it_announces(bot):
    """The answer comes before the body does."""
    head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n"
    began = time.monotonic()
    assert parsed(bot.send(head, wait=5))[0] == 413
    assert time.monotonic() - began < 4


def test_a_body_of_a_megabyte_is_still_judged_by_its_signature(over_http):
    """Up to the limit what counts is who signed it."""
    assert over_http.request("POST", "/slack/events", [FORM], b"Z" * LIMIT, wait=10)[::2] == (401, b"")
    assert "ZZZZ" not in "".join(over_http.log)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET /" + b"a" * 8_000 + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 20_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5_000 + b"\r\n", 431),
    ],
    ids=["url", "header", "headers"],
)
def test_urls_and_headers_have_a_length(bot, raw, status):
    """Beyond it they are refused with a status and no body."""
    assert parsed(bot.send(raw))[::2] == (status, b"")


def test_the_log_sums_up_what_is_refused(over_http):
    """A thousand refused requests in a row leave a line or two, not a thousand."""
    mark = len(over_http.log)
    for _ in range(1_000):
        over_http.request("POST", "/slack/events", [FORM], b"text=secret-words")
    text = over_http.log_after(mark)
    assert len(text) < 5
    assert "secret-words" not in "".join(text)


def test_nobody_silences_the_health_check(bot):
    """Beside hundreds of connections that say nothing and dozens that say a byte a second, it answers at once."""
    idle = [connected(bot) for _ in range(450)]
    slow = [connected(bot) for _ in range(30)]
    try:
        for _ in range(3):
            for line in slow:
                with contextlib.suppress(OSError):
                    line.sendall(b"P")
            began = time.monotonic()
            assert bot.request("GET", "/healthz")[::2] == (200, b"ok\n")
            assert time.monotonic() - began < 2
            time.sleep(0.3)
    finally:
        for line in [*idle, *slow]:
            line.close()


def connected(bot):
    """A connection on which nothing is said yet."""
    return socket.create_connection(("127.0.0.1", bot.port), timeout=10)


def test_a_request_that_dribbles_in_is_cut_off(over_http):
    """Ten seconds after its first byte a request has to be there whole, however busy its sender looks."""
    with connected(over_http) as line:
        began = time.monotonic()
        line.settimeout(1)
        cut = False
        while not cut and time.monotonic() - began < 14:
            try:
                line.sendall(b"G")
                cut = line.recv(100) == b""
            except TimeoutError:
                continue
            except OSError:
                cut = True
        assert cut
        assert time.monotonic() - began < 13
        assert read_all(line, 0.1) == b""


def test_health_and_metrics_tell_an_outsider_nothing(bot):
    """No version, no server's name; metrics are for this machine alone, and not for what a proxy passes on."""
    status, headers, body = bot.request("GET", "/healthz")
    assert (status, body) == (200, b"ok\n")
    assert "server" not in headers
    assert bot.request("GET", "/metrics")[0] == 200
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert bot.request("GET", "/metrics", [(name, "203.0.113.9")])[::2] == (404, b"")


def test_a_second_bot_on_a_taken_port_ends_with_one_sentence(over_socket, tmp_path):
    """It says which address, and what to do; no traceback."""
    result = environment(tmp_path, over_socket.workspace, PORT=str(over_socket.port), **SOCKET_MODE)
    second = subprocess.run(
        [sys.executable, "-m", "bot", "serve"], cwd=tmp_path, env=result, capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert f"Nothing can listen on 127.0.0.1:{over_socket.port}" in second.stderr
    assert "Traceback" not in second.stderr
    assert len(second.stderr.strip().splitlines()) <= 2
