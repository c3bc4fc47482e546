import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from bot.app.scheduler import Clockwork, Jobs

QUICK = dict.fromkeys(["sync", "digests", "alerts", "retention"], timedelta(seconds=0.05))


def wait(look, timeout=5.0):
    """Until something true is seen."""
    until = time.monotonic() + timeout
    while not (seen := look()):
        assert time.monotonic() < until
        time.sleep(0.005)
    return seen


def test_jobs_run_at_once_and_at_their_rhythm():
    """Every job handed in runs when the clock starts and again after its interval; others are left out."""
    runs = []
    with Clockwork(Jobs(digests=lambda: runs.append("digests")), every=QUICK) as clock:
        wait(lambda: len(runs) >= 3)
        assert wait(lambda: clock.last_run("digests")) <= datetime.now(UTC)
        assert clock.last_run("sync") is None
    assert set(runs) == {"digests"}


def test_alerts_look_right_after_a_sync():
    """What a sync brought is looked at before the next beat of the alerts' own job."""
    seen = []
    slow = {**QUICK, "sync": timedelta(hours=1), "alerts": timedelta(hours=1)}
    with Clockwork(Jobs(sync=lambda: seen.append("sync"), alerts=lambda: seen.append("alerts")), every=slow):
        wait(lambda: seen.count("alerts") == 2)
    assert "alerts" in seen[seen.index("sync") :]


def test_a_job_that_fails_is_tried_again_and_costs_no_other(caplog):
    """A failure is logged with its traceback; the job beats on and so do the others."""
    runs = []

    def broken():
        runs.append("broken")
        raise RuntimeError

    with Clockwork(Jobs(sync=broken, digests=lambda: runs.append("digests")), every=QUICK):
        wait(lambda: runs.count("broken") >= 2 and runs.count("digests") >= 2)
    assert "sync failed" in caplog.text


def test_stop_waits_for_what_is_under_way():
    """A digest that is being posted is finished; nothing begins after it."""
    begun, go, done = threading.Event(), threading.Event(), []

    def slow():
        begun.set()
        go.wait(5)
        done.append(True)

    clock = Clockwork(Jobs(digests=slow), every=QUICK)
    clock.start()
    begun.wait(5)
    threading.Timer(0.1, go.set).start()
    assert clock.stop()
    assert done == [True]
    time.sleep(0.12)
    assert done == [True]


def test_stop_gives_up_in_time():
    """What does not end within the patience given does not hold the process up."""
    begun, go = threading.Event(), threading.Event()

    def stuck():
        begun.set()
        go.wait(5)

    clock = Clockwork(Jobs(digests=stuck), every=QUICK)
    clock.start()
    begun.wait(5)
    assert not clock.stop(0.05)
    go.set()
    assert clock.stop()


@pytest.mark.parametrize("times", [1, 3])
def test_a_job_never_runs_twice_at_once(times):
    """A job that takes longer than its interval skips beats."""
    together, most = [], []

    def long():
        together.append(1)
        most.append(len(together))
        time.sleep(0.15)
        together.pop()

    with Clockwork(Jobs(digests=long), every=QUICK):
        wait(lambda: len(most) > times)
    assert max(most) == 1
