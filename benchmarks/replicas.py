"""Three replicas over one PostgreSQL under 200 questions, twenty at a time, while one is killed every five seconds.

Each is ``spend serve --role web`` in a process of its own behind a small balancer; who is killed starts again at once.
Slack repeats what is not acknowledged, as it does. Beside them, in the same run: one process over SQLite, not killed.
"""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from importlib import import_module
from itertools import count
from pathlib import Path

from benchmarks.data import FOLDER, lines_file
from benchmarks.latency import NOW, percentile
from benchmarks.slack import person, worded
from bot.focus.importer import import_files
from bot.ledger import Ledger
from simulators.slack import BOT_TOKEN, SIGNING_SECRET, Workspace

sys.path.append(str(Path(__file__).parents[1] / "tests"))
fresh_database = import_module("postgresql_server").fresh_database  # the tests' server

_CHARGES, _SERIES = 100_000, 500
_PEOPLE, _EVERY, _PATIENCE = 20, 5.0, 400.0
_ASKED = (
    "this month by provider",
    "last week by service",
    "account-{n} last 30 days by service",
    "team-{t} this month by account",
    "daily trend last {d} days",
    "top {k} services this month",
    "what did team-{t} spend yesterday",
    "spend by provider by month ytd",
    "which services grew most last week",
    "last {d} days by team",
)


def run(questions: int = 200) -> None:
    """Print a line a setting: how many were lost or answered twice, and the percentiles."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / "replicas.db"
    for one in FOLDER.glob(f"{path.name}*"):
        one.unlink()
    url = fresh_database()
    for place in (f"sqlite:///{path}", url):
        with closing(Ledger.open(place)) as ledger:
            import_files(ledger, [lines_file(_CHARGES, _SERIES)], now=NOW)
    _measured("one process over SQLite", f"sqlite:///{path}", questions, replicas=1, kill=False)
    _measured("three replicas over PostgreSQL", url, questions, replicas=3, kill=False)
    _measured("three replicas over PostgreSQL, one killed every 5 s", url, questions, replicas=3, kill=True)


def _measured(name: str, url: str, questions: int, *, replicas: int, kill: bool) -> None:
    began = time.time()
    with Workspace(now=lambda: NOW.timestamp() + time.time() - began) as ws:
        alive = [_Replica(url, ws.api_url) for _ in range(replicas)]
        kills, done = Counter[str](), threading.Event()
        try:
            for one in alive:
                one.wait_ready()
            with _balanced(alive) as address:
                ws.connect_http(f"{address}/slack/events")
                killer = threading.Thread(target=_kill, args=(alive, kills, done))
                if kill:
                    killer.start()
                people = [person(ws, number, "U0SPEND") for number in range(_PEOPLE)]
                with ThreadPoolExecutor(_PEOPLE) as pool:
                    works = [pool.submit(_ask, ws, *people[n % _PEOPLE], worded(_ASKED, n)) for n in range(questions)]
                    found = [work.result() for work in works]
                done.set()
                if kill:
                    killer.join()
                time.sleep(20)  # whoever would answer a second time has had the time to
                copies = [len(_replies(ws, channel, ts)) for channel, ts, _ in found]
        finally:
            done.set()
            for one in alive:
                one.end()
    times = [one for _, _, one in found if one is not None]
    print(
        f"{name}: {questions} questions, {_PEOPLE} at a time: {sum(not n for n in copies)} lost,"
        f" {sum(n > 1 for n in copies)} answered twice; {kills['killed']} kills; seconds p50"
        f" {percentile(times, 50):.2f} p95 {percentile(times, 95):.2f} most {max(times):.1f}",
        flush=True,
    )


class _Replica:
    """One process that hears Slack; started again after it was killed."""

    def __init__(self, url: str, api_url: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "SPEND_"))},
            "LEDGER_URL": url,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SIGNING_SECRET,
            "SLACK_API_URL": api_url,
            "SPEND_NOW": NOW.isoformat(),
            "PROVIDERS": "",
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
        }
        self.start()

    def start(self) -> None:
        """Starts it."""
        with (FOLDER / f"replica-{self.port}.log").open("ab") as log:
            command = [sys.executable, "-m", "bot", "serve", "--role", "web"]
            self.process = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def wait_ready(self) -> None:
        """Waits until it does."""
        until = time.monotonic() + _PATIENCE
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > until:
                sys.exit(f"a replica did not start: {FOLDER}/replica-{self.port}.log")
            time.sleep(0.1)

    def kill(self) -> None:
        """Kills it, without a word."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Ends it."""
        self.kill()


def _kill(alive: list[_Replica], kills: Counter[str], done: threading.Event) -> None:
    """Kills one that is up every five seconds, where another is, and starts it again."""
    chance = random.Random(7)
    while not done.wait(_EVERY):
        ready = [one for one in alive if one.is_ready()]
        if len(ready) > 1:
            one = chance.choice(ready)
            one.kill()
            one.start()
            kills["killed"] += 1


@contextmanager
def _balanced(alive: list[_Replica]) -> Iterator[str]:
    """The address of a balancer: each connection goes to the next replica that takes one, and is cut if that dies."""
    turn, stop = count(), threading.Event()

    def serve(client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(30)
            request = _read(client)
            for _ in range(len(alive)):
                with suppress(ConnectionRefusedError):
                    port = alive[next(turn) % len(alive)].port
                    with socket.create_connection(("127.0.0.1", port), 5) as behind:
                        behind.settimeout(30)
                        behind.sendall(request)
                        while part := behind.recv(65536):
                            client.sendall(part)
                    return

    def accept() -> None:
        while not stop.is_set():
            with suppress(TimeoutError):
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        listening.settimeout(0.2)
        thread = threading.Thread(target=accept)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        stop.set()
        thread.join()


def _read(client: socket.socket) -> bytes:
    """A whole request that asks for the connection to be closed after its reply."""
    found = b""
    while b"\r\n\r\n" not in found:
        found += client.recv(65536)
    head, _, body = found.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    length = next((int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += client.recv(65536)
    return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body


def _replies(ws: Workspace, channel: str, ts: str) -> list[object]:
    return [one for one in ws.from_bot(channel, ts) if one["ts"] != ts]


def _ask(ws: Workspace, user: str, channel: str, text: str) -> tuple[str, str, float | None]:
    """Mentions the bot; the channel, the message, and the seconds until its reply, None for one that never came."""
    start = time.perf_counter()
    ts = ws.mention(user, channel, text).ts
    try:
        ws.wait_for(lambda: _replies(ws, channel, ts), _PATIENCE)
    except TimeoutError:
        return channel, ts, None
    return channel, ts, time.perf_counter() - start
