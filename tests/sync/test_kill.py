"""A sync that is killed, over and over, and the one that makes it good."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import boto3
import pytest

from bot.costs.period import DAY, Period
from bot.demo.aws import ACCESS_KEY, SECRET_KEY, AwsSimulator
from bot.ledger import Ledger
from bot.providers.aws import Aws, AwsSettings
from bot.sync import sync

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SINCE = date(2026, 8, 1)
KILLS = int(os.environ.get("SPEND_KILLS", "4"))
"""Raise it to be surer: the promise was also held over 50."""

CHILD = """
import sys
from datetime import date
from pathlib import Path
sys.path[:0] = [sys.argv[3]]
from test_kill import run
print("ready", flush=True)
run(Path(sys.argv[1]), sys.argv[2])
"""


def run(path, url):
    """One sync of the simulated AWS into the ledger at a path."""
    ledger = Ledger(path)
    settings = AwsSettings(endpoint_url=url, feeds="region, tags", tag_keys="team")
    session = boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)

    def opens(meter):
        return Aws(settings, meter=meter, clock=lambda: NOW, session=lambda: session)

    try:
        return sync({"aws": opens}, ledger, now=lambda: NOW, since=SINCE, wait=5)
    finally:
        ledger.close()


def test_a_sync_killed_at_any_moment_is_made_good_by_the_next(tmp_path):
    """Killed in the middle, at random, time and again: the next sync leaves exactly the truth, in every feed."""
    path = tmp_path / "ledger.db"
    moments = random.Random(4)  # noqa: S311 - the same moments every time
    with AwsSimulator(lambda: NOW, page=150) as simulator:
        for _ in range(KILLS):
            killed(path, simulator.url, moments.uniform(0.05, 1.5))
        assert run(path, simulator.url).ok
        ledger = Ledger(path)
        days = Period(start=SINCE, end=NOW.date() + DAY)
        truth = {(day, "USD"): simulator.truth(Period(start=day, end=day + DAY))["USD"] for day in days}
        for feed in ledger.feeds():
            assert ledger.daily(feed, days) == truth, feed.name
            totals = ledger.totals(feed, "BilledCost", [days.start, days.end])
            assert sum((amount for group in totals for amount in group.amounts), Decimal(0)) == sum(truth.values())
        assert len(ledger.feeds()) == 3
        ledger.close()


def killed(path, url, seconds):
    """Starts a sync in a process of its own and kills it after a while."""
    here = os.path.dirname(__file__)  # noqa: PTH120 - for sys.path
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), url, here], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with child:
        child.stdout.readline()
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)


if sys.platform == "win32":
    pytest.skip("Windows has no SIGKILL", allow_module_level=True)
