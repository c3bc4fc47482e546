"""How long Slack waits for answers: 200 questions, ten people at a time, through ``spend serve``.

The bot runs as it does in service, in a process of its own, reached by signed requests; the simulated workspace runs
here. A question's time is from the slash command to its reply standing in the channel, chart and table included.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.latency import NOW, made_ledger
from simulators.slack import BOT_TOKEN, MEMBER, SIGNING_SECRET, Workspace
from simulators.slack.model import Channel

QUESTIONS, PEOPLE = 200, 10
_ASKED = (
    "this month by provider",
    "last week by service",
    "service {n} this month vs last month",
    "account-{n} last 30 days by service",
    "team-{t} this month by account",
    "daily trend last {d} days",
    "aws last month by region",
    "top {k} services this month",
    "account-{n} daily last {d} days",
    "what did team-{t} spend yesterday",
    "openai vs anthropic this month by account",
    "top 10 sku last {d} days for service {n}",
    "prod vs staging last {d} days",
    "spend by provider by month ytd",
    "which services grew most last week",
    "account-{n} last month by service and region",
    "forecast",
    "why did account-{n} change last week",
    "no team tag last {d} days",
    "last {d} days by team",
)
"""What people ask, each with other names and days every time."""
_PATIENCE = 30


def run(rows: int = 10_000_000) -> None:
    """Print the percentiles, and how many were lost."""
    texts = [worded(_ASKED, number) for number in range(QUESTIONS)]
    ledger = made_ledger(rows)
    path = Path(ledger.name)
    ledger.close()
    with Workspace(now=lambda: NOW.timestamp() + time.monotonic() % 1000) as ws, _serving(ws, path) as process:
        people = [person(ws, number) for number in range(PEOPLE)]
        _ask(ws, people[0], [worded(_ASKED, QUESTIONS + at) for at in range(len(_ASKED))])  # it has been running before
        mine = [texts[number::PEOPLE] for number in range(PEOPLE)]
        start, busy = time.perf_counter(), _busy(process)
        with ThreadPoolExecutor(PEOPLE) as pool:
            found = [pool.submit(_ask, ws, person, texts) for person, texts in zip(people, mine, strict=True)]
            times = [one for item in found for one in item.result()]
        took, busy = time.perf_counter() - start, _busy(process) - busy
    answered = [item for item in times if item is not None]
    at = statistics.quantiles(answered, n=100, method="inclusive")
    print(f"{rows:,} charges, {QUESTIONS} questions, {PEOPLE} at a time: {len(times) - len(answered)} lost")
    print(f"ms from command to reply: p50 {at[49]:.0f}  p95 {at[94]:.0f}  p99 {at[98]:.0f}  most {max(answered):.0f}")
    print(f"{len(answered) / took:.0f} answers a second; {1000 * busy / len(times):.0f} ms of the bot's processor each")


def _busy(process: subprocess.Popen[bytes]) -> float:
    """Seconds of processor time that a process has had."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def worded(asked: Sequence[str], number: int) -> str:
    """A question of the patterns, another one for each number."""
    return asked[number % len(asked)].format(n=number % 149, t=number % 40, d=14 + number % 75, k=3 + number % 9)


def person(ws: Workspace, number: int, *others: str) -> tuple[str, str]:
    """Somebody of the workspace, and a channel of their own with the others."""
    member = ws.person(MEMBER)
    user, channel = f"U0BENCH{number}", f"C0BENCH{number}"
    ws.add_person(replace(member, id=user, name=f"bench{number}"))
    ws.add_channel(Channel(channel, f"bench-{number}", member.team, {user, *others}))
    return user, channel


def _ask(ws: Workspace, person: tuple[str, str], texts: list[str]) -> list[float | None]:
    """Milliseconds until each reply; None for one that never came."""
    user, channel = person
    return [_one(ws, user, channel, text) for text in texts]


def _one(ws: Workspace, user: str, channel: str, text: str) -> float | None:
    def replies() -> int:
        with ws.store.lock:
            return len(ws.store.seen_by(user, channel, None))

    before, start = replies(), time.perf_counter()
    if not ws.slash(user, channel, "/spend", text).acked:
        return None
    try:
        ws.wait_for(lambda: replies() > before, _PATIENCE)
    except TimeoutError:
        return None
    return 1000 * (time.perf_counter() - start)


@contextmanager
def _serving(ws: Workspace, ledger: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``spend serve`` in HTTP mode, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "SPEND_"))},
        "LEDGER_URL": f"sqlite:///{ledger}",
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": ws.api_url,
        "SPEND_NOW": NOW.isoformat(),
        "PROVIDERS": "",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }
    log = ledger.with_suffix(".log")
    with log.open("wb") as out:
        command = [sys.executable, "-m", "bot", "serve"]
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            _until_open(port, process, log)
            ws.connect_http(f"http://127.0.0.1:{port}/slack/events")
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(_PATIENCE)


def _until_open(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit(f"spend serve did not start:\n{log.read_text()}")
