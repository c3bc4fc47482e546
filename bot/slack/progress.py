"""Shows the asker that an answer is being worked on, once that has taken a second."""

from __future__ import annotations

import contextlib
import logging
import threading
from dataclasses import replace
from types import TracebackType
from typing import Literal, Self

from slack_sdk.errors import SlackClientError

from bot.blockkit.build import Message
from bot.slack import sessions
from bot.slack.context import AppContext, Request
from bot.slack.delivery import Undeliverable

log = logging.getLogger(__name__)

DELAY = 1.0
"""Seconds before anything is shown: most answers take milliseconds."""
_STATUS = "is reading the ledger…"
_MESSAGE = "Reading the ledger…"
Placeholder = str | Literal[True] | None
"""A message that the answer replaces: by its timestamp, by the same response_url (True), or none."""


class ProgressMessage:
    """Shows progress while an answer is made.

    In a thread it is Slack's own status, which goes away with the answer; elsewhere a message, which the answer
    replaces where Slack allows it.
    """

    def __init__(self, context: AppContext, request: Request) -> None:
        self._context, self._request = context, request
        self._timer = threading.Timer(DELAY, self._show)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._finished = False
        self._in_session = False
        self._placeholder: Placeholder = None

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        placeholder, destination = self.finish(), self._request.destination
        if error is not None and isinstance(placeholder, str):
            with contextlib.suppress(SlackClientError, OSError):
                destination.client.chat_delete(channel=destination.channel, ts=placeholder)

    def finish(self) -> Placeholder:
        """Ends the work; the message that the answer replaces."""
        self._timer.cancel()
        with self._lock:
            self._finished = True
            if self._in_session:
                self._in_session = False
                sessions.set_status(self._request.destination, "active")
            return self._placeholder

    def _show(self) -> None:
        with self._lock:
            if self._finished:
                return
            try:
                self._placeholder = self._start()
            except (SlackClientError, OSError, Undeliverable):
                log.info("could not show that work is under way", exc_info=True)

    def _start(self) -> Placeholder:
        destination = self._request.destination
        if not destination.private and destination.thread:
            if self._context.settings.agent:
                self._in_session = sessions.set_status(destination, "processing")
            else:
                destination.client.assistant_threads_setStatus(
                    channel_id=destination.channel, thread_ts=destination.thread, status=_STATUS
                )
            return None
        ts = self._context.delivery.reply(replace(destination, receipt=None), Message(_MESSAGE))
        if destination.private:
            return self._request.entry_point == "slash" or None
        return ts
