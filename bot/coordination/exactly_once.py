"""Said once: of all replicas that want to say something, one says it, and one that dies is found out.

A claim is a value in the ledger's memory with a holder and an end; its holder moves the end on while it works.
What may have been said by a holder that died is looked for in Slack before it is said again.

States of a claim: ``claimed`` (being composed), ``saying`` (it may be out), ``said`` (it is out, what follows it is
not all out), ``done``, ``failed`` (it is not out; tried again when the claim ends), ``unsure`` (nobody can tell).
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar
from uuid import uuid4

from bot.coordination.store import Heartbeat, Lost, Stored, StoredValue, ValueStore

__all__ = [
    "LASTS",
    "USUAL_PACE",
    "Claim",
    "DeliveryFailed",
    "Lost",
    "MessageSink",
    "Pace",
    "Posting",
    "say",
    "settled",
    "take",
]

log = logging.getLogger(__name__)

LASTS = 60.0
"""Seconds a claim outlives the last sign of its holder; far more than a call to Slack may take."""
SETTLES = 2.0
"""Seconds that a message whose arrival is unknown is given to arrive."""
_PAUSE = 600.0
"""Seconds after which what failed is tried again."""
_FINAL = frozenset({"done", "unsure"})


def settled(value: Stored | None) -> bool:
    """Whether nothing is left to do about a claim."""
    return bool(value) and value is not None and value.get("state") in _FINAL


@dataclass(frozen=True)
class Pace:
    """How long a claim outlives its holder, and how long a message may take to arrive, in seconds."""

    lasts: float = LASTS
    settle: float = SETTLES


USUAL_PACE = Pace()


class Claim(Heartbeat):
    """The right to say one thing, held while the block runs.

    ``before`` is what an earlier holder left (None for the first): a state of ``saying`` in it means that it may
    be out, ``said`` that it is.
    """

    def __init__(self, stored: StoredValue, value: Stored, lasts: float, *, before: Stored | None) -> None:
        super().__init__(stored, value, lasts)
        self.before = before

    def fail(self, why: str) -> None:
        """Writes down that it was not said, unless that is known; it is tried again in ten minutes."""
        if self.value["state"] not in {"failed", "unsure"}:
            with contextlib.suppress(Lost):
                self.release(state="failed", why=why, until=time.time() + _PAUSE)


def take(  # noqa: PLR0913 - what is claimed, for how long, and what is kept with it
    memory: ValueStore, kind: str, key: str, *, lasts: float = LASTS, retry: bool = False, kept: Stored | None = None
) -> Claim | None:
    """The claim, where nobody holds it and it is not settled; else None. ``retry``: what failed, before its time.

    ``kept`` is written down with a claim that nobody has held before.
    """
    mine: Stored = {"state": "claimed", "holder": uuid4().hex, "until": time.time() + lasts}
    stored = StoredValue(memory, kind, key)
    found = stored.get()
    if found is None:
        first = {**(kept or {}), **mine}
        return Claim(stored, first, lasts, before=None) if stored.claim(first) else None
    # Wall time, as for leases of syncs: the bot's own clock may stand still.
    waiting = time.time() < found["until"] and not (retry and found["state"] == "failed")
    if settled(found) or waiting:
        return None
    state = found["state"] if found["state"] in {"saying", "said"} else "claimed"
    taken = {**found, **mine, "state": state}
    return Claim(stored, taken, lasts, before=found) if stored.swap(found, taken) else None


# --- saying it --------------------------------------------------------------------------------------------------


class DeliveryFailed(Exception):
    """It could not be said. ``sure`` is False where it may be out nevertheless; ``mend`` says what a person can do."""

    def __init__(self, reason: str, *, sure: bool = True, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason, self.sure, self.remedy = reason, sure, remedy or reason


Message_contra = TypeVar("Message_contra", contravariant=True)


class MessageSink(Protocol[Message_contra]):
    """One channel to say things in; every message carries its stamp, by which it is found again."""

    def post(self, message: Message_contra, stamp: Stored, thread: str = "") -> str:
        """Says it, in the channel or in a thread; its timestamp.

        Raises:
            DeliveryFailed: surely not, or perhaps.
        """

    def find(self, stamp: Stored, thread: str = "") -> str:
        """The timestamp of the message with this stamp, ``""`` where there is none.

        Raises:
            DeliveryFailed: nobody can tell.
        """


_Made = TypeVar("_Made")
_TRIES = 3


@dataclass(frozen=True)
class Posting(Generic[_Made]):
    """Where something is said, and by which stamp it is found again.

    ``thread`` is one that is there already, for a message that belongs in it. ``settle`` is how many seconds a message
    whose arrival is unknown is given to arrive.
    """

    sink: MessageSink[_Made]
    stamp: Stored
    settle: float = SETTLES
    thread: str = ""

    def part(self, number: int, root: str) -> Posting[_Made]:
        """The same for a part of the thread below a message."""
        return replace(self, stamp={**self.stamp, "part": number}, thread=root)

    def find(self) -> str:
        """The timestamp of what was said, ``""`` where nothing was.

        Raises:
            DeliveryFailed: nobody can tell.
        """
        return self.sink.find(self.stamp, self.thread)

    def post(self, message: _Made) -> str:
        """Its timestamp; what may have arrived is looked for before it is said again.

        Raises:
            DeliveryFailed: surely not, or perhaps.
        """
        failed: DeliveryFailed | None = None
        for _ in range(_TRIES):
            try:
                return self.sink.post(message, self.stamp, self.thread)
            except DeliveryFailed as error:
                if error.sure:
                    raise
                failed = error
            time.sleep(self.settle)
            if found := self.find():
                return found
        raise DeliveryFailed(failed.reason if failed else "unknown", sure=True)


def say(claim: Claim, posting: Posting[_Made], messages: Sequence[_Made], **kept: object) -> str:
    """Says the first message in the channel and the others in its thread, once apiece; the first's timestamp.

    ``kept`` is written down with the claim before anything is said.

    Raises:
        DeliveryFailed: the first was not said, or nobody can tell (the claim says which).
        Lost: another replica has taken over.
    """
    try:
        root = _first(claim, posting, messages[0], kept)
    except DeliveryFailed as failed:
        claim.release(state="failed" if failed.sure else "unsure", why=failed.reason, **_later(failed))
        raise
    _rest(claim, posting, messages, root)
    claim.release(state="done")
    return root


def _later(failed: DeliveryFailed) -> dict[str, float]:
    return {"until": time.time() + _PAUSE} if failed.sure else {}


def _first(claim: Claim, posting: Posting[_Made], message: _Made, kept: Mapping[str, object]) -> str:
    root = str(claim.value.get("ts") or "")
    if not root and claim.before is not None:
        root = posting.find()
    if not root:
        claim.renew(state="saying", **kept)
        root = posting.post(message)
    claim.renew(state="said", ts=root)
    return root


def _rest(claim: Claim, posting: Posting[_Made], messages: Sequence[_Made], root: str) -> None:
    for number, message in enumerate(messages[1:], start=1):
        if number <= int(claim.value.get("parts") or 0):
            continue
        part = posting.part(number, root)
        try:
            out = part.find() if claim.before is not None else ""
            if not out:
                claim.renew()
                part.post(message)
        except DeliveryFailed as failed:
            log.warning("part %d of %s was not said: %s", number, posting.stamp, failed.reason)
        claim.renew(parts=number)
