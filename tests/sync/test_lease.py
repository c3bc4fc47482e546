"""One sync of a source at a time."""

import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import pytest
from books import Books, Vendor

from bot.coordination.lease import Busy, held
from bot.ledger import Ledger
from bot.sync.service import sync


@pytest.fixture
def ledger(tmp_path):
    """A ledger of this test's own."""
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.close()


def test_two_never_hold_it_together(ledger):
    """Threads (or processes) that want the same lease take turns."""
    inside, most = [], []

    def work():
        with held(ledger.memory, "aws", patience=20):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]


def test_sources_do_not_wait_for_each_other(ledger):
    """Each source has a lease of its own."""
    with held(ledger.memory, "aws", patience=0), held(ledger.memory, "gcp", patience=0):
        pass


def test_who_waits_too_long_says_so(ledger):
    """The second sync gives up after its patience, and reports the source as busy."""
    with held(ledger.memory, "books", patience=0):
        report = sync(
            {"books": lambda meter: Books(Vendor(), meter)},
            ledger,
            now=lambda: datetime(2026, 11, 22, tzinfo=UTC),
            wait=0.1,
        )
    assert report.sources[0].status == "busy"
    assert "Another sync of books" in report.sources[0].error["message"]
    assert not report.ok
    assert ledger.feeds() == []


def test_it_is_given_back_even_after_a_failure(ledger):
    """An error inside leaves no lease behind."""
    with pytest.raises(ZeroDivisionError), held(ledger.memory, "aws", patience=0):
        raise ZeroDivisionError
    with held(ledger.memory, "aws", patience=0):
        pass


def test_the_lease_of_a_process_that_died_is_taken_over_at_once(ledger):
    """After kill -9 nobody has to wait."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    lease = {"holder": "x", "host": socket.gethostname(), "pid": ended.pid, "until": time.time() + 60}
    ledger.memory.put("lease", "aws", lease)
    with held(ledger.memory, "aws", patience=0):
        pass


@pytest.mark.parametrize("left", [30, -1])
def test_the_lease_of_another_machine_holds_until_its_end(ledger, left):
    """A holder that cannot be looked at is believed until its lease ends."""
    lease = {"holder": "x", "host": "elsewhere", "pid": 1, "until": time.time() + left}
    ledger.memory.put("lease", "aws", lease)
    if left > 0:
        with pytest.raises(Busy), held(ledger.memory, "aws", patience=0):
            pass
    else:
        with held(ledger.memory, "aws", patience=0):
            pass


def test_a_living_holder_moves_the_end_on(ledger):
    """A sync longer than a lease lasts keeps it."""
    with held(ledger.memory, "aws", patience=0, lasts=0.3):
        first = ledger.memory.get("lease", "aws")["until"]
        time.sleep(0.5)
        assert ledger.memory.get("lease", "aws")["until"] > max(first, time.time())
