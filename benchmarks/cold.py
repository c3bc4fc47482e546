"""``spend ask`` as a whole cold process, beside a Python that does nothing: processor time of all threads."""

from __future__ import annotations

import os
import resource
import subprocess
import sys

from benchmarks.data import FOLDER

_ROUNDS = 15


def run(rows: int = 1_000_000) -> None:
    """Print the least processor seconds of each, run in turns: other work on the machine only ever adds to them."""
    environment = {
        **os.environ,
        "LEDGER_URL": f"sqlite:///{FOLDER / f'ask-{rows}.db'}",
        "SPEND_NOW": "2026-11-22T09:00:00Z",
    }
    commands = ([sys.executable, "-c", "pass"], [sys.executable, "-m", "bot", "ask", "last month by service"])
    for command in commands:
        _processor(command, environment)  # compiles what it imports, and fills the caches
    taken = [[_processor(command, environment) for command in commands] for _ in range(_ROUNDS)]
    bare, ask = (min(column) for column in zip(*taken, strict=True))
    print(f"python -c pass {bare:.3f} s; spend ask {ask:.3f} s ({ask / bare:.1f} x); {rows:,} charges")


def _processor(command: list[str], environment: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
