"""``spend ask`` as a whole cold process, beside a Python that does nothing."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

from benchmarks.data import FOLDER

_ROUNDS = 7


def run(rows: int = 1_000_000) -> None:
    """Print the median seconds of each."""
    environment = {
        **os.environ,
        "LEDGER_URL": f"sqlite:///{FOLDER / f'ask-{rows}.db'}",
        "SPEND_NOW": "2026-11-22T09:00:00Z",
    }
    bare = _median([sys.executable, "-c", "pass"], environment)
    ask = _median([sys.executable, "-m", "bot", "ask", "last month by service"], environment)
    print(f"python -c pass {bare:.3f} s; spend ask {ask:.3f} s ({ask / bare:.1f} x); {rows:,} charges")


def _median(command: list[str], environment: dict[str, str]) -> float:
    times = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times)
