"""Said once: of all replicas that want to say something, one says it, and one that dies is found out.

A claim is a value in the ledger's memory with a holder and an end; its holder moves the end on while it works.
What may have been said by a holder that died is looked for in Slack before it is said again.

States of a claim: ``claimed`` (being composed), ``saying`` (it may be out), ``said`` (it is out, what follows it is
not all out), ``done``, ``failed`` (it is not out; tried again when the claim ends), ``unsure`` (nobody can tell).
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from uuid import uuid4

log = logging.getLogger(__name__)

LASTS = 60.0
"""Seconds a claim outlives the last sign of its holder; far more than a call to Slack may take."""
_PAUSE = 600.0
"""Seconds after which what failed is tried again."""
_FINAL = frozenset({"done", "unsure"})


class ClaimStore(Protocol):
    """Small values that outlive the process, by kind and key; safe across threads and replicas."""

    def put(self, kind: str, key: str, value: Mapping[str, Any]) -> None:
        """Keeps the value, in place of what was there."""

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """What is kept, or None."""

    def all(self, kind: str, prefix: str = "") -> dict[str, dict[str, Any]]:
        """Everything of a kind by key, in key order; only keys that begin so, if asked."""

    def forget(self, kind: str, key: str) -> None:
        """Lets go of it, if it is there."""

    def claim(self, kind: str, key: str, value: Mapping[str, Any]) -> bool:
        """Keeps the value if nothing is there; True for exactly one caller ever."""

    def swap(self, kind: str, key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """Replaces ``old`` by ``new``; False, changing nothing, where something else is there."""


class Lost(Exception):
    """Another replica holds the claim now: whoever held it before says nothing more."""


def settled(value: Mapping[str, Any] | None) -> bool:
    """Whether nothing is left to do about a claim."""
    return bool(value) and value is not None and value.get("state") in _FINAL


class Claim:
    """The right to say one thing, held while the block runs.

    ``before`` is what an earlier holder left (None for the first): a state of ``saying`` in it means that it may
    be out, ``said`` that it is.
    """

    def __init__(  # noqa: PLR0913 - what stands in the ledger, and how long it holds
        self,
        memory: ClaimStore,
        kind: str,
        key: str,
        value: dict[str, Any],
        *,
        before: dict[str, Any] | None,
        lasts: float,
    ) -> None:
        self._memory, self._kind, self._key, self._lasts = memory, kind, key, lasts
        self._value = value
        self.before = before
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._pulse = threading.Thread(target=self._beat, daemon=True, name="claim")

    @property
    def value(self) -> Mapping[str, Any]:
        """What stands in the ledger now."""
        return self._value

    def tell(self, **more: object) -> None:
        """Writes down how far it has come.

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

    def fail(self, why: str) -> None:
        """Writes down that it was not said; it is tried again in ten minutes."""
        with contextlib.suppress(Lost):
            self.release(state="failed", why=why, until=time.time() + _PAUSE)

    def _write(self, value: dict[str, Any]) -> None:
        if not self._memory.swap(self._kind, self._key, self._value, value):
            raise Lost(self._key)
        self._value = value

    def _beat(self) -> None:
        while not self._done.wait(self._lasts / 4):
            try:
                self.tell()
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


def take(memory: ClaimStore, kind: str, key: str, *, lasts: float = LASTS, retry: bool = False) -> Claim | None:
    """The claim, where nobody holds it and it is not settled; else None. ``retry``: what failed, before its time."""
    mine: dict[str, Any] = {"state": "claimed", "holder": uuid4().hex, "until": time.time() + lasts}
    found = memory.get(kind, key)
    if found is None:
        return Claim(memory, kind, key, mine, before=None, lasts=lasts) if memory.claim(kind, key, mine) else None
    # Wall time, as for leases of syncs: the bot's own clock may stand still.
    waiting = time.time() < found["until"] and not (retry and found["state"] == "failed")
    if settled(found) or waiting:
        return None
    state = found["state"] if found["state"] in {"saying", "said"} else "claimed"
    taken = {**found, **mine, "state": state}
    return Claim(memory, kind, key, taken, before=found, lasts=lasts) if memory.swap(kind, key, found, taken) else None


# --- saying it --------------------------------------------------------------------------------------------------


class DeliveryFailed(Exception):
    """It could not be said. ``sure`` is False where it may be out nevertheless; ``mend`` says what a person can do."""

    def __init__(self, reason: str, *, sure: bool = True, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason, self.sure, self.remedy = reason, sure, remedy or reason


Message_contra = TypeVar("Message_contra", contravariant=True)


class MessageSink(Protocol[Message_contra]):
    """One channel to say things in; every message carries its stamp, by which it is found again."""

    def post(self, message: Message_contra, stamp: Mapping[str, Any], thread: str = "") -> str:
        """Says it, in the channel or in a thread; its timestamp.

        Raises:
            NotSaid: surely not, or perhaps.
        """

    def find(self, stamp: Mapping[str, Any], thread: str = "") -> str:
        """The timestamp of the message with this stamp, ``""`` where there is none.

        Raises:
            NotSaid: nobody can tell.
        """


_Made = TypeVar("_Made")
_TRIES = 3


def say(  # noqa: PLR0913 - what is said, where, and how it is found again
    claim: Claim,
    sink: MessageSink[_Made],
    messages: Sequence[_Made],
    stamp: Mapping[str, Any],
    *,
    settle: float = 2.0,
    thread: str = "",
    **kept: object,
) -> str:
    """Says the first message in the channel and the others in its thread, each exactly once; the first's timestamp.

    ``thread`` is one that is there already, for a message that belongs in it. ``kept`` is written down with the claim
    before anything is said. ``settle`` is how many seconds a message whose arrival is unknown is given to arrive.

    Raises:
        NotSaid: the first was not said, or nobody can tell (the claim says which).
        Lost: another replica has taken over.
    """
    try:
        root = _first(claim, sink, messages[0], stamp, settle, thread, kept)
    except DeliveryFailed as failed:
        claim.release(state="failed" if failed.sure else "unsure", why=failed.reason, **_later(failed))
        raise
    _rest(claim, sink, messages, stamp, root, settle)
    claim.release(state="done")
    return root


def _later(failed: DeliveryFailed) -> dict[str, float]:
    return {"until": time.time() + _PAUSE} if failed.sure else {}


def _first(  # noqa: PLR0913 - as say
    claim: Claim,
    sink: MessageSink[_Made],
    message: _Made,
    stamp: Mapping[str, Any],
    settle: float,
    thread: str,
    kept: Mapping[str, object],
) -> str:
    root = str(claim.value.get("ts") or "")
    if not root and claim.before is not None:
        root = sink.find(stamp, thread)
    if not root:
        claim.tell(state="saying", **kept)
        root = _posted(sink, message, stamp, thread, settle)
    claim.tell(state="said", ts=root)
    return root


def _rest(  # noqa: PLR0913 - as say
    claim: Claim,
    sink: MessageSink[_Made],
    messages: Sequence[_Made],
    stamp: Mapping[str, Any],
    root: str,
    settle: float,
) -> None:
    for part, message in enumerate(messages[1:], start=1):
        if part <= int(claim.value.get("parts") or 0):
            continue
        mark = {**stamp, "part": part}
        try:
            out = sink.find(mark, root) if claim.before is not None else ""
            if not out:
                claim.tell()
                _posted(sink, message, mark, root, settle)
        except DeliveryFailed as failed:
            log.warning("part %d of %s was not said: %s", part, stamp, failed.reason)
        claim.tell(parts=part)


def _posted(sink: MessageSink[_Made], message: _Made, stamp: Mapping[str, Any], thread: str, settle: float) -> str:
    """Its timestamp; what may have arrived is looked for before it is said again."""
    failed: DeliveryFailed | None = None
    for _ in range(_TRIES):
        try:
            return sink.post(message, stamp, thread)
        except DeliveryFailed as error:
            if error.sure:
                raise
            failed = error
        time.sleep(settle)
        if found := sink.find(stamp, thread):
            return found
    raise DeliveryFailed(failed.reason if failed else "unknown", sure=True)
