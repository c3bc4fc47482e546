"""Questions that have been received and not answered yet: kept in the ledger, so that none dies with its process.

A question is claimed before Slack is told that it has arrived. Whoever holds the claim answers; if the process dies,
the claim ends, and any other process takes the question over. A public answer carries the claim's key, by which an
answer that is out already is found; where nobody could find it (a private one), it is not sent a second time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from slack_bolt import App, BoltContext, BoltResponse
from slack_sdk import WebClient

from bot.coordination.exactly_once import Claim, DeliveryFailed, Lost, settled, take
from bot.slack import answers
from bot.slack.context import WORKSPACE, AppContext, Body, destination_of
from bot.slack.deduplication import key_of
from bot.slack.delivery import Destination
from bot.slack.posting.message_sink import SlackMessageSink

log = logging.getLogger(__name__)

KIND = "inbox"
LASTS = 15.0
"""Seconds after which the questions of a process that died are taken over."""
_PAUSE = 1.0
"""Seconds between two looks for such questions."""
_CLAIM, _EVENT = "spend_claim", "spend_answer"
_BLOCK = timedelta(seconds=1000)
"""Keys begin with their time in seconds; only those of the last thousands of seconds are looked at."""


@dataclass(frozen=True)
class InboxReceipt:
    """What a reply to a question carries, so that it is sent once whichever process sends it."""

    context: AppContext
    claim: Claim
    metadata: Mapping[str, Any]

    def sent(self, destination: Destination) -> str | None:
        """The timestamp of a reply that a process which died has sent, ``""`` where that cannot be known; else None."""
        if (self.claim.before or {}).get("state") != "saying":
            return None
        if destination.private:
            return ""
        with suppress(DeliveryFailed):
            sink = SlackMessageSink(self.context.delivery, destination.client, destination.channel, _EVENT)
            return sink.find(self.metadata["event_payload"], destination.thread) or None
        return ""

    def sending(self) -> None:
        """Writes down that the reply may be out from now on.

        Raises:
            Lost: another process has taken the question over.
        """
        self.claim.renew(state="saying")


Handle = Callable[[AppContext, Body, Destination, str], None]
"""Answers a question: where to, and by which way it came (``slash``, ``mention``, ``message``)."""


@dataclass
class Inbox:
    """What one process has received, and what it takes over from others."""

    context: AppContext
    entry_point: Callable[[Body], str]
    """By which way a payload is a question; ``""`` for any other payload."""
    handle: Handle
    _stop: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread | None = None

    def listen(self, app: App) -> None:
        """Claims questions before Slack is told that they have arrived."""

        @app.middleware
        def claim(body: dict[str, Any], context: BoltContext, next: Callable[[], BoltResponse]) -> None:  # noqa: A002 - Bolt's
            name = key_of(body, self.context.settings.now()) if self.entry_point(body) else ""
            if name:
                self.context.purge_expired()
                context[_CLAIM] = name, take(self.context.memory, KIND, name, lasts=LASTS, kept={"body": dict(body)})
            next()

    def answer(self, body: Body, client: WebClient, context: BoltContext) -> None:
        """Answers a question that has just arrived, unless another delivery of it is being answered or was."""
        name, claim = context.get(_CLAIM) or ("", None)
        if name and claim is None:
            return
        if claim is None:
            self.handle(self.context, body, destination_of(body, client), self.entry_point(body))
        else:
            self._answer(name, claim, body, client)

    def _answer(self, name: str, claim: Claim, body: Body, client: WebClient) -> None:
        stamp = {"event_type": _EVENT, "event_payload": {"asked": name}}
        destination = replace(destination_of(body, client), receipt=InboxReceipt(self.context, claim, stamp))
        with claim, suppress(Lost):
            try:
                self.handle(self.context, body, destination, self.entry_point(body))
            except Lost:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the asker hears of it, and it is not tried again
                answers.report_error(self.context, replace(destination, receipt=None), error)
            claim.release(state="done", body=None)

    def watch(self, client: Callable[[str], WebClient], submit: Callable[..., object]) -> None:
        """Begins to take over what processes that died have left; ``client`` reaches a workspace."""

        def look() -> None:
            while not self._stop.wait(_PAUSE):
                try:
                    self.take_over(client, submit)
                except Exception:
                    log.exception("could not look for questions left unanswered")

        self._watch = threading.Thread(target=look, daemon=True, name="inbox")
        self._watch.start()

    def take_over(self, client: Callable[[str], WebClient], submit: Callable[..., object]) -> None:
        """Takes over every question whose process has died."""
        now = self.context.settings.now()
        for prefix in sorted({_block(at) for at in (now - _BLOCK, now, now + _BLOCK, _hour(now), _hour(now - _BLOCK))}):
            for name, value in self.context.memory.all(KIND, prefix).items():
                if settled(value) or not value.get("body"):
                    continue
                claim = take(self.context.memory, KIND, name, lasts=LASTS)
                if claim is not None:
                    body = value["body"]
                    log.info("taking over a question that a process left unanswered")
                    submit(self._answer, name, claim, body, client(str(body.get(WORKSPACE) or "")))

    def close(self) -> None:
        """Takes over nothing more."""
        self._stop.set()
        if self._watch is not None:
            self._watch.join()


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _block(at: datetime) -> str:
    return f"{int(at.timestamp()):011d}"[:8]
