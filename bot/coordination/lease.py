"""One sync of a source at a time, across processes and machines that share a ledger.

A lease is a value in the ledger with an end; its holder moves the end on while it lives. One whose process has died
on this machine is taken over at once, any other when its end has passed.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from bot.coordination.store import Heartbeat, Stored, StoredValue, ValueStore
from bot.domain.errors import Unavailable

KIND = "lease"
LASTS = 60.0
"""Seconds a lease outlives the last sign of its holder, unless told otherwise."""
_POLL = 0.25


class Busy(Unavailable):
    """Another sync of the source is under way."""


@contextmanager
def held(memory: ValueStore, key: str, *, patience: float, lasts: float = LASTS) -> Iterator[None]:
    """Holds the lease ``key`` while the block runs; it outlives the last sign of this process by ``lasts`` seconds.

    Raises:
        Busy: another held it for all of ``patience`` seconds.
    """
    lease = StoredValue(memory, KIND, key)
    mine = _taken(lease, patience, lasts)
    try:
        with Heartbeat(lease, mine, lasts):
            yield
    finally:
        last = lease.get()
        if last and last["holder"] == mine["holder"]:
            lease.forget()


def _taken(lease: StoredValue, patience: float, lasts: float) -> Stored:
    give_up = time.monotonic() + patience
    while True:
        mine = _mine(lasts)
        other = lease.get()
        if other is None:
            if lease.claim(mine):
                return mine
        elif _over(other) and lease.swap(other, mine):
            return mine
        if time.monotonic() >= give_up:
            raise Busy(
                f"Another sync of {lease.key} has been running for more than {patience / 60:.0f} minutes.",
                "Wait for it to finish, or stop that process.",
            )
        time.sleep(_POLL)


def _mine(lasts: float) -> Stored:
    return {
        "holder": uuid4().hex,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "until": time.time() + lasts,
    }


def _over(lease: Stored) -> bool:
    if time.time() > lease["until"]:
        return True
    return lease["host"] == socket.gethostname() and not _alive(lease["pid"])


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's
    return True
