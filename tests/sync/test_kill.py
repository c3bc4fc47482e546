"""A sync of all providers that is killed, over and over, and the one that makes it good."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from chance import seeded
from contract import load

from bot.domain.period import DAY, Period
from bot.ledger import Ledger
from bot.sync.service import sync

HERE = Path(__file__).parent
NAMES = ("aws", "gcp", "openai", "anthropic")
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SINCE = date(2026, 11, 1)
KILLS = int(os.environ.get("SPEND_KILLS", "3"))
"""Raise it to be surer: the promise was also held over 50."""

CHILD = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
path, told, *paths = sys.argv[1:]
sys.path[:0] = paths
from test_kill import run
vendors = {name: SimpleNamespace(**each) for name, each in json.loads(told).items()}
run(Path(path), vendors, progress=lambda _: print("on", flush=True))
"""


def run(path, vendors, **options):
    """One sync of all providers into the ledger at a path."""
    ledger = Ledger(path)

    def opens(name):
        return lambda meter: load(name).provider(vendors[name], meter, lambda: NOW)

    try:
        return sync({name: opens(name) for name in NAMES}, ledger, now=lambda: NOW, since=SINCE, wait=5, **options)
    finally:
        ledger.close()


def test_a_sync_killed_at_any_moment_is_made_good_by_the_next(tmp_path):
    """Killed in the middle, at random, while bills are restated: the next sync leaves exactly the truth, everywhere."""
    path = tmp_path / "ledger.db"
    chance = seeded(4)
    with ExitStack() as stack:
        vendors = {name: stack.enter_context(load(name).simulate(lambda: NOW)) for name in NAMES}
        for simulator in vendors.values():
            simulator.page = simulator.page_rows = 5_000
        struck = 0
        for _ in range(KILLS):
            restated = chance.choice(NAMES)
            load(restated).restate(vendors[restated], SINCE + DAY * chance.randrange(20))
            struck += killed(path, vendors, chance.randrange(1, 25))
            assert_sound(path)
        assert struck > KILLS / 2
        assert run(path, vendors).ok
        assert_true(path, vendors)


def killed(path, vendors, steps):
    """Starts a sync in a process of its own and kills it so many steps on; whether it was still at it."""
    result = {name: {"url": vendor.url, "table": getattr(vendor, "table", "")} for name, vendor in vendors.items()}
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            CHILD,
            str(path),
            json.dumps(result),
            *map(str, (HERE, HERE.parent, HERE.parent / "providers")),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with child:
        for _ in range(steps):
            child.stdout.readline()
        time.sleep(steps % 7 / 100)  # between two steps too
        working = child.poll() is None
        child.send_signal(signal.SIGKILL)
    return working


def assert_sound(path):
    """SQLite finds nothing wrong with the file that was left."""
    if path.exists():
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA quick_check").fetchall() == [("ok",)]
        connection.close()


def assert_true(path, vendors):
    """Every feed comes to its vendor's truth of every day, in the facts and in the cube."""
    ledger = Ledger(path)
    days = Period(start=SINCE, end=NOW.date() + DAY)
    assert {feed.source for feed in ledger.feeds()} == set(NAMES)
    for feed in ledger.feeds():
        truth = {
            (day, currency): amount
            for day in days
            for currency, amount in vendors[feed.source].truth(Period(start=day, end=day + DAY)).items()
            if amount
        }
        assert {key: amount for key, amount in ledger.daily(feed, days).items() if amount} == truth, feed
        (cube,) = ledger.totals(feed, "BilledCost", [*days, days.end])
        assert {(day, cube.unit): amount for day, amount in zip(days, cube.amounts, strict=True) if amount} == truth
    ledger.close()


if sys.platform == "win32":
    pytest.skip("Windows has no SIGKILL", allow_module_level=True)
