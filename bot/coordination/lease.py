"""One sync of a source at a time, across processes and machines that share a ledger.

A lease is a value in the ledger with an end; its holder moves the end on while it lives. One whose process has died
on this machine is taken over at once, any other when its end has passed.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol
from uuid import uuid4

from bot.domain.errors import Unavailable

KIND = "lease"
LASTS = 60.0
"""Seconds a lease outlives the last sign of its holder, unless told otherwise."""
_POLL = 0.25


class Busy(Unavailable):
    """Another sync of the source is under way."""


class Remembers(Protocol):
    """The part of the ledger's memory that leases need."""

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """What was remembered, or None."""

    def claim(self, kind: str, key: str, value: Mapping[str, Any]) -> bool:
        """Remember if nothing stands there."""

    def swap(self, kind: str, key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """Put ``new`` in place of ``old`` if that still stands there."""

    def forget(self, kind: str, key: str) -> None:
        """Remember no longer."""


@contextmanager
def held(memory: Remembers, key: str, *, patience: float, lasts: float = LASTS) -> Iterator[None]:
    """Holds the lease ``key`` while the block runs; it outlives the last sign of this process by ``lasts`` seconds.

    Raises:
        Busy: another held it for all of ``patience`` seconds.
    """
    mine = _taken(memory, key, patience, lasts)
    done = threading.Event()
    pulse = threading.Thread(target=_beat, args=(memory, key, mine, done, lasts), daemon=True)
    pulse.start()
    try:
        yield
    finally:
        done.set()
        pulse.join()
        last = memory.get(KIND, key)
        if last and last["holder"] == mine["holder"]:
            memory.forget(KIND, key)


def _taken(memory: Remembers, key: str, patience: float, lasts: float) -> dict[str, object]:
    give_up = time.monotonic() + patience
    while True:
        mine = _mine(lasts)
        other = memory.get(KIND, key)
        if other is None:
            if memory.claim(KIND, key, mine):
                return mine
        elif _over(other) and memory.swap(KIND, key, other, mine):
            return mine
        if time.monotonic() >= give_up:
            raise Busy(
                f"Another sync of {key} has been running for more than {patience / 60:.0f} minutes.",
                "Wait for it to finish, or stop that process.",
            )
        time.sleep(_POLL)


def _beat(memory: Remembers, key: str, mine: dict[str, object], done: threading.Event, lasts: float) -> None:
    while not done.wait(lasts / 4):
        renewed = {**mine, "until": time.time() + lasts}
        if not memory.swap(KIND, key, mine, renewed):
            return  # taken over: this process was asleep for longer than a lease lasts
        mine = renewed


def _mine(lasts: float) -> dict[str, object]:
    # Wall time, not the bot's clock: that one may stand still.
    return {
        "holder": uuid4().hex,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "until": time.time() + lasts,
    }


def _over(lease: Mapping[str, Any]) -> bool:
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
