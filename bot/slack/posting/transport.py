"""Sends one payload to Slack: checked first, in its channel's turn, at Slack's pace, plainer where Slack refuses it.

A channel has one queue: bursts of five messages, then one a second, never before a ``Retry-After`` has passed. A call
that may have arrived is never repeated: ``Undeliverable.sure`` says whether nothing was posted.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.blockkit.build import Message
from bot.blockkit.degrade import degrade
from bot.blockkit.validate import check_message
from bot.slack.posting import response_url
from bot.tracing import span

log = logging.getLogger(__name__)

_REFUSED_PAYLOAD = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text"}
    | {"invalid_payload", "invalid_attachments", "cannot_parse_attachment", "block_mismatch"}
)
_RATE_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_UNCERTAIN = frozenset({"internal_error", "fatal_error", "request_timeout"})
REVOKED = frozenset({"token_revoked", "account_inactive", "invalid_auth", "not_authed", "token_expired"})
"""Errors of a token that no other call with it survives."""
_MAX_ATTEMPTS = 6
_BURST, _PER_SECOND = 5.0, 1.0
_TOO_MANY_REQUESTS, _OK = 429, 200
_REMEDIES = {
    "not_in_channel": "Invite me to the channel (/invite) and try again.",
    "channel_not_found": "Invite me to the channel (/invite), or choose another channel.",
    "is_archived": "The channel is archived. Choose another one.",
    "restricted_action": "Only some people may post in that channel. Ask a workspace admin.",
    "missing_scope": "Reinstall the app with the scopes in manifest.yml.",
}


class Undeliverable(Exception):
    """Slack did not accept a message. ``sure`` is False where it may have arrived nevertheless."""

    def __init__(self, reason: str, *, sure: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sure = sure

    @property
    def remedy(self) -> str:
        """What a person can do about it."""
        return remedy(self.reason)


def remedy(reason: str) -> str:
    """What a person can do about an error of Slack's."""
    return _REMEDIES.get(reason, f"Slack says: {reason}.")


def error_reason(error: Exception) -> str:
    """Slack's error code, or the type of what failed before Slack answered."""
    code = error.response.get("error") if isinstance(error, SlackApiError) else ""
    return str(code or type(error).__name__)


class _Refused(Exception):
    """Slack answered, and did not take the message."""

    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, retry_after


@dataclass
class _Queue:
    """The turn of one channel, and how many messages it may send at once."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    allowance: float = _BURST
    counted_at: float = 0.0
    closed_until: float = 0.0


Send = Callable[[Message], str]
"""Sends a message and returns its timestamp, or ``""`` where Slack gives none."""


class Transport:
    """One a process; safe to use from several threads."""

    def __init__(self, *, sleep: Callable[[float], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._sleep, self._clock = sleep, clock
        self._queues: dict[tuple[str, str], _Queue] = defaultdict(_Queue)
        self._clients: dict[tuple[str | None, str], WebClient] = {}
        self._lock = threading.Lock()

    def call(self, client: WebClient, method: str, channel: str, message: Message, arguments: Mapping[str, Any]) -> str:
        """Sends by a Web API method; the message's timestamp.

        Raises:
            Undeliverable: Slack did not take it.
        """
        single_try, queue = self._without_retries(client), self._queue(client, channel)

        def send(plainer: Message) -> str:
            self._wait(queue)
            payload = {"channel": channel, **_payload(plainer), **arguments}
            return str(_call(single_try, method, payload).get("ts") or "")

        with span("slack", method=method), queue.lock:
            return self._until_accepted(send, message, queue)

    def respond(self, url: str, message: Message, *, replace: bool) -> str:
        """Sends by a response_url, which takes five messages within half an hour; always ``""``.

        Raises:
            Undeliverable: Slack did not take it.
        """

        def send(plainer: Message) -> str:
            payload = {"response_type": "ephemeral", "replace_original": replace, **_payload(plainer)}
            try:
                response = response_url.post(url, payload)
            except response_url.Unreachable as error:
                raise Undeliverable(str(error), sure=False) from error
            if reason := _refusal(response.status, response.body):
                raise _Refused(reason, _retry_after(response.headers))
            return ""

        with span("slack", method="response_url"):
            return self._until_accepted(send, message, _Queue())

    def _until_accepted(self, send: Send, message: Message, queue: _Queue) -> str:
        current = _valid(message)
        for _ in range(_MAX_ATTEMPTS):
            try:
                return send(current)
            except _Refused as refused:
                if refused.reason in _RATE_LIMITED:
                    queue.closed_until = self._clock() + refused.retry_after
                    self._wait(queue)
                    continue
                plainer = degrade(current) if refused.reason in _REFUSED_PAYLOAD else None
                if plainer is None:
                    raise Undeliverable(refused.reason) from refused
                log.warning("Slack refused a message (%s); sending it plainer", refused.reason)
                current = plainer
        raise Undeliverable("ratelimited")

    def _queue(self, client: WebClient, channel: str) -> _Queue:
        with self._lock:
            return self._queues[client.token or "", channel]

    def _wait(self, queue: _Queue) -> None:
        """Sleeps until the channel may take one more message, and counts it."""
        with queue.lock:
            now = self._clock()
            queue.allowance = min(_BURST, queue.allowance + (now - queue.counted_at) * _PER_SECOND)
            queue.counted_at = now
            pause = max(queue.closed_until - now, (1 - queue.allowance) / _PER_SECOND, 0.0)
            if pause:
                self._sleep(pause)
            queue.allowance += pause * _PER_SECOND - 1
            queue.counted_at = now + pause

    def _without_retries(self, client: WebClient) -> WebClient:
        """A client of the same token that never repeats a call by itself."""
        with self._lock:
            key = (client.token, client.base_url)
            if key not in self._clients:
                self._clients[key] = WebClient(
                    client.token,
                    base_url=client.base_url,
                    timeout=client.timeout,
                    ssl=client.ssl,
                    proxy=client.proxy,
                    retry_handlers=[],
                )
            return self._clients[key]


def _call(client: WebClient, method: str, payload: Mapping[str, Any]) -> SlackResponse:
    try:
        return client.api_call(method, json=dict(payload))
    except SlackApiError as error:
        response = error.response
        reason = str(response.get("error") or "unknown_error")
        if response.status_code == _TOO_MANY_REQUESTS:
            reason = "ratelimited"
        elif response.status_code != _OK or reason in _UNCERTAIN:
            raise Undeliverable(reason[:100], sure=False) from error
        raise _Refused(reason, _retry_after(response.headers)) from error
    except (OSError, SlackClientError) as error:
        raise Undeliverable(type(error).__name__, sure=False) from error


def _refusal(status: int, body: str) -> str:
    """Why a response_url did not take a message; ``""`` where it did."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {}
    if isinstance(answer, dict) and answer.get("error"):
        return str(answer["error"])
    if status == _TOO_MANY_REQUESTS:
        return "ratelimited"
    return "" if status == _OK else (body.strip()[:100] or f"http_{status}")


def _retry_after(headers: Mapping[str, Any]) -> float:
    """Seconds that Slack asks to wait; one where it does not say."""
    value = {str(name).lower(): header for name, header in headers.items()}.get("retry-after", 1)
    seconds = value[0] if isinstance(value, list) else value
    return float(seconds) if str(seconds).isdigit() else 1.0


def _payload(message: Message) -> dict[str, object]:
    blocks = {"blocks": message.blocks} if message.blocks else {}
    return {"text": message.text, **blocks, "unfurl_links": False, "unfurl_media": False}


def _valid(message: Message) -> Message:
    """The message as Slack takes it: a mistake of ours costs its blocks, never its text."""
    while problems := check_message(_payload(message)):
        log.error("a message of ours is not valid: %s", "; ".join(map(str, problems[:3])))
        plainer = degrade(message)
        if plainer is None:
            return message
        message = plainer
    return message
