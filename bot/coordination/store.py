"""Small values that replicas share, and how one of them holds a value: it moves the end on while it works.

A value that is held has an end, ``until``, in seconds of wall time (the bot's own clock may stand still); a holder that
dies lets it pass, and another one takes over.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

Stored = Mapping[str, Any]
"""A JSON object as it is kept; whoever reads it knows its kind."""


class ValueStore(Protocol):
    """Small values that outlive the process, by kind and key; safe across threads and replicas."""

    def put(self, kind: str, key: str, value: Stored) -> None:
        """Keeps the value, in place of what was there."""

    def get(self, kind: str, key: str) -> Stored | None:
        """What is kept, or None."""

    def all(self, kind: str, prefix: str = "") -> Mapping[str, Stored]:
        """Everything of a kind by key, in key order; only keys that begin so, if asked."""

    def forget(self, kind: str, key: str) -> None:
        """Lets go of it, if it is there."""

    def forget_before(self, kind: str, key: str) -> int:
        """Lets go of all of a kind whose key sorts before this one; how many."""

    def claim(self, kind: str, key: str, value: Stored) -> bool:
        """Keeps the value if nothing is there; True for exactly one caller ever."""

    def swap(self, kind: str, key: str, old: Stored, new: Stored) -> bool:
        """Replaces ``old`` by ``new``; False, changing nothing, where something else is there."""


@dataclass(frozen=True)
class StoredValue:
    """One value of a store, by its kind and key."""

    store: ValueStore
    kind: str
    key: str

    def get(self) -> Stored | None:
        """What is kept, or None."""
        return self.store.get(self.kind, self.key)

    def claim(self, value: Stored) -> bool:
        """Keeps the value if nothing is there; True for exactly one caller ever."""
        return self.store.claim(self.kind, self.key, value)

    def swap(self, old: Stored, new: Stored) -> bool:
        """Replaces ``old`` by ``new``; False, changing nothing, where something else is there."""
        return self.store.swap(self.kind, self.key, old, new)

    def forget(self) -> None:
        """Lets go of it, if it is there."""
        self.store.forget(self.kind, self.key)


class Lost(Exception):
    """Another replica holds the value now: whoever held it before does nothing more."""


class Heartbeat:
    """Holds a value while the block runs: its end stays ``lasts`` seconds ahead until the process dies."""

    def __init__(self, stored: StoredValue, value: Stored, lasts: float) -> None:
        """``value`` is what stands there, put by this process."""
        self._stored, self._value, self._lasts = stored, value, lasts
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._pulse = threading.Thread(target=self._beat, daemon=True, name="heartbeat")

    @property
    def value(self) -> Stored:
        """What stands in the ledger now."""
        return self._value

    def renew(self, **more: object) -> None:
        """Writes down what is new, and moves the end on.

        Raises:
            Lost: another replica has taken over.
        """
        with self._lock:
            self._write({**self._value, **more, "until": time.time() + self._lasts})

    def release(self, **more: object) -> None:
        """Writes down the last state and lets go; ``until`` may put off the next try.

        Raises:
            Lost: another replica has taken over.
        """
        self._done.set()
        with self._lock:
            self._write({**self._value, "until": time.time(), **more})

    def _write(self, value: Stored) -> None:
        if not self._stored.swap(self._value, value):
            raise Lost(self._stored.key)
        self._value = value

    def _beat(self) -> None:
        while not self._done.wait(self._lasts / 4):
            try:
                self.renew()
            except Lost:
                return

    def __enter__(self) -> Self:
        self._pulse.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._pulse.join()
