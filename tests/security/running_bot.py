"""A real `spend serve` to attack: its process, its log, raw sockets to its port, an inner service nobody may call."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from simulators.slack import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Workspace

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LIMIT = 1_000_000
"""Bytes of a body from which on it is refused."""


class InnerService:
    """Something on loopback that only the bot could reach: it notes every connection."""

    def __init__(self):
        self.heard = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/internal"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(1)
                try:
                    self.heard.append(connection.recv(2000))
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                except OSError:
                    self.heard.append(b"")

    def close(self):
        """Hears no more."""
        self._listener.close()


@dataclass
class Bot:
    """A running bot."""

    process: subprocess.Popen
    port: int
    workspace: Workspace
    log: list = field(default_factory=list)

    def send(self, raw, *, wait=5.0):
        """All that comes back for raw bytes on a connection of their own."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=wait) as connection:
            connection.sendall(raw)
            return read_all(connection, wait)

    def request(self, method, path, headers=(), body=b"", **how):
        """The answer to a well-formed request: status, headers in lower case, body."""
        return parsed(self.send(assembled(method, path, headers, body), **how))

    @property
    def logged(self):
        """How many bytes the log has."""
        return sum(map(len, self.log))

    def log_after(self, mark, seconds=0.3):
        """What was logged since there were so many lines, once it has had time to be written."""
        time.sleep(seconds)
        return self.log[mark:]


def assembled(method, path, headers=(), body=b""):
    """A request as bytes; header values may be bytes of any kind."""
    lines = [f"{method} {path} HTTP/1.1".encode("latin-1"), b"Host: 127.0.0.1", b"Connection: close"]
    pairs = [*headers, ("Content-Length", str(len(body)))]
    lines += [name.encode("latin-1") + b": " + (v if isinstance(v, bytes) else v.encode()) for name, v in pairs]
    return b"\r\n".join([*lines, b"", body])


def read_all(connection, wait=5.0):
    """Everything until the other side closes, or is silent for so long."""
    connection.settimeout(wait)
    pieces = []
    try:
        while piece := connection.recv(65536):
            pieces.append(piece)
    except OSError:
        pass
    return b"".join(pieces)


def parsed(answer):
    """Status (0 for none), headers in lower case, body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    status = int(first.split()[1]) if first.startswith("HTTP/") else 0
    pairs = (line.partition(":") for line in lines)
    return status, {name.strip().lower(): value.strip() for name, _, value in pairs}, body


def environment(home, workspace, **more):
    """What the bot is started with; what is ``""`` is not set."""
    known = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "SPEND_NOW": NOW.isoformat(),
        "SLACK_API_URL": workspace.api_url,
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "HOST": "127.0.0.1",
        "PORT": "0",
        "LOG_FORMAT": "json",
    }
    return {name: value for name, value in {**known, **more}.items() if value}


SOCKET_MODE = {"SLACK_APP_TOKEN": APP_TOKEN}
HTTP_MODE = {"SLACK_SIGNING_SECRET": SIGNING_SECRET}


@contextmanager
def serving(home, workspace, **more):
    """The bot, listening."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"],
        cwd=home,
        env=environment(home, workspace, **more),
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    bot = Bot(process, 0, workspace)
    reader = threading.Thread(target=lambda: bot.log.extend(iter(process.stderr.readline, "")))
    reader.start()
    try:
        until = time.monotonic() + 30
        while not (found := [line for line in bot.log if '"serving"' in line]):
            assert process.poll() is None, "".join(bot.log)
            assert time.monotonic() < until, "".join(bot.log)
            time.sleep(0.02)
        bot.port = json.loads(found[0])["port"]
        if "SLACK_APP_TOKEN" in more:
            workspace.wait_connected()
        yield bot
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stderr.close()
