"""Delivers messages with Slack's manners: checked, in turn, at Slack's pace, and never silently lost.

Every payload passes the checker first. What Slack refuses goes out plainer; ``Retry-After`` is honoured; a
channel has one queue. What cannot be posted publicly is told to the asker alone; what may have arrived is
never posted a second time where others read.
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
from bot.blockkit.validate import check_message
from bot.render.slack.answer_message import degrade
from bot.slack import response_url
from bot.slack.ports import Memory
from bot.slack.workspace_memory import WorkspaceMemory

log = logging.getLogger(__name__)

_REFUSED = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text"}
    | {"invalid_payload", "invalid_attachments", "cannot_parse_attachment", "block_mismatch"}
)
_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
REVOKED = frozenset({"token_revoked", "account_inactive", "invalid_auth", "not_authed", "token_expired"})
_TRIES = 6
_BURST, _PER_SECOND = 5.0, 1.0
_TOO_MANY_REQUESTS, _OK = 429, 200
_MENDS = {
    "not_in_channel": "Invite me to the channel (/invite) and try again.",
    "channel_not_found": "Invite me to the channel (/invite), or choose another.",
    "is_archived": "The channel is archived: choose another.",
    "restricted_action": "Only some people may post in that channel: ask a workspace admin.",
    "missing_scope": "Install the app again with the scopes in manifest.yml.",
}


class Undeliverable(Exception):
    """Slack did not take a message. ``sure`` is False where it may have arrived nevertheless."""

    def __init__(self, reason: str, *, sure: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sure = sure

    @property
    def remedy(self) -> str:
        """What a person can do about it."""
        return remedy(self.reason)


def remedy(reason: str) -> str:
    """What a person can do about a refusal of Slack's."""
    return _MENDS.get(reason, f"Slack says: {reason}.")


@dataclass(frozen=True)
class Destination:
    """Where a reply goes: to ``user`` alone (``private``), or into the channel or thread."""

    client: WebClient
    team: str
    channel: str = ""
    user: str = ""
    thread: str = ""
    response_url: str = ""
    private: bool = True
    active: bool = True
    """Whether the thread has replies already: Slack shows nothing private in one that has none."""


@dataclass
class _Queue:
    turn: threading.RLock = field(default_factory=threading.RLock)
    free: float = _BURST
    since: float = 0.0
    closed_until: float = 0.0


class Delivery:
    """One a process; safe to use from several threads.

    ``kept`` is where questions that buttons carry by a key are kept for the workspace of a client.
    """

    def __init__(
        self,
        memory: Memory,
        *,
        kept: Callable[[WebClient], WorkspaceMemory] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._memory, self._sleep, self._clock = memory, sleep, clock
        self._kept = kept or (lambda _client: WorkspaceMemory(memory, ""))
        self._queues: dict[tuple[str, str], _Queue] = defaultdict(_Queue)
        self._posters: dict[tuple[str | None, str], WebClient] = {}
        self._lock = threading.Lock()

    def reply(self, destination: Destination, message: Message, *, replace: bool = False) -> str:
        """Says it where the asker waits, else where they will find it; its timestamp, or ``""`` if private.

        Raises:
            Undeliverable: no way was left.
        """
        ways = self._private(destination, replace=replace) if destination.private else [self._public(destination)]
        ways += [] if destination.private else [self._ephemeral(destination)]
        ways.append(self._direct(destination))
        failed: Undeliverable | None = None
        for way in filter(None, ways):
            try:
                return way(message if failed is None else _explained(message, failed, destination))
            except Undeliverable as error:
                log.warning("could not deliver to %s: %s", destination.channel or destination.user, error.reason)
                failed = failed or error
                if error.reason in REVOKED:
                    break
        raise failed or Undeliverable("nowhere to reply to")

    def post(
        self,
        client: WebClient,
        channel: str,
        message: Message,
        *,
        thread: str = "",
        metadata: Mapping[str, Any] | None = None,
    ) -> str:
        """Posts into a channel, thread or direct message (a user's id); the message's timestamp.

        Raises:
            Undeliverable: and nothing was posted, unless it says that it is not sure.
        """
        more = {**({"thread_ts": thread} if thread else {}), **({"metadata": metadata} if metadata else {})}
        return self._send(client, "chat.postMessage", channel, message, more)

    def update(
        self, client: WebClient, channel: str, ts: str, message: Message, *, metadata: Mapping[str, Any] | None = None
    ) -> str:
        """Replaces a message of ours.

        Raises:
            Undeliverable: the message stays as it was.
        """
        more = {"ts": ts, **({"metadata": metadata} if metadata else {})}
        return self._send(client, "chat.update", channel, message, more)

    def upload(self, destination: Destination, name: str, content: str, title: str, comment: str) -> str:
        """Uploads a file where the reply goes, or in a direct message where it is private; the channel.

        Raises:
            Undeliverable: Slack took it nowhere.
        """
        failed: Undeliverable | None = None
        if not destination.private:
            try:
                return self._uploaded(
                    destination.client, destination.channel, destination.thread, (name, content, title, comment)
                )
            except Undeliverable as error:
                failed = error
        try:
            direct = str(destination.client.conversations_open(users=destination.user)["channel"]["id"])
        except (SlackClientError, OSError) as error:
            raise failed or Undeliverable(_reason(error)) from error
        return self._uploaded(destination.client, direct, "", (name, content, title, comment))

    def _uploaded(self, client: WebClient, channel: str, thread: str, file: tuple[str, str, str, str]) -> str:
        name, content, title, comment = file
        try:
            client.files_upload_v2(
                channel=channel,
                filename=name,
                content=content,
                title=title,
                initial_comment=comment,
                thread_ts=thread or None,
            )
        except (SlackClientError, OSError) as error:
            raise Undeliverable(_reason(error)) from error
        return channel

    def notify_once(self, client: WebClient, user: str, key: str, message: Message) -> bool:
        """Tells somebody something once ever by ``key`` (again if Slack did not take it); whether it was told now."""
        if not self._memory.claim("told", key, {"user": user}):
            return False
        try:
            self.post(client, user, message)
        except Undeliverable:
            log.exception("could not tell %s about %s", user, key)
            self._memory.forget("told", key)
            return False
        return True

    def _private(self, destination: Destination, *, replace: bool) -> list[_Way | None]:
        return [self._response(destination, replace=replace), self._ephemeral(destination)]

    def _response(self, destination: Destination, *, replace: bool) -> _Way | None:
        if not destination.response_url:
            return None
        if not response_url.is_slack(destination.response_url, destination.client.base_url):
            log.warning("a response_url that is not Slack's was left alone")
            return None
        return lambda message: self._respond(destination, message, replace=replace)

    def _ephemeral(self, destination: Destination) -> _Way | None:
        if not destination.channel or not destination.user:
            return None
        more = {
            "user": destination.user,
            **({"thread_ts": destination.thread} if destination.thread and destination.active else {}),
        }
        return lambda message: self._send(destination.client, "chat.postEphemeral", destination.channel, message, more)

    def _direct(self, destination: Destination) -> _Way | None:
        if not destination.user or (destination.channel == destination.user and not destination.private):
            return None
        return lambda message: self.post(destination.client, destination.user, message)

    def _public(self, destination: Destination) -> _Way:
        return lambda message: self.post(
            destination.client, destination.channel or destination.user, message, thread=destination.thread
        )

    def _send(self, client: WebClient, method: str, channel: str, message: Message, more: Mapping[str, Any]) -> str:
        """Sends by a Web API method, plainer where refused, in turn, waiting as told."""
        poster = self._poster(client)
        queue = self._queue(client, channel)

        def once(plainer: Message) -> str:
            self._wait(queue)
            payload = {"channel": channel, **_payload(plainer), **more}
            return str(_called(poster, method, payload).get("ts") or "")

        with queue.turn:
            return self._until_taken(once, message, queue, client)

    def _respond(self, destination: Destination, message: Message, *, replace: bool) -> str:
        """Sends by a response_url, which takes five messages within half an hour."""

        def once(plainer: Message) -> str:
            told = {"response_type": "ephemeral", "replace_original": replace, **_payload(plainer)}
            try:
                said = response_url.post(destination.response_url, told)
            except response_url.Unreachable as error:
                raise Undeliverable(str(error), sure=False) from error
            if reason := _refusal(said.status, said.body):
                raise _Refused(reason, _seconds(said.headers))
            return ""

        return self._until_taken(once, message, _Queue(), destination.client)

    def _until_taken(self, once: _Way, message: Message, queue: _Queue, client: WebClient) -> str:
        self._keep(message, client)
        current = _sound(message)
        for _ in range(_TRIES):
            try:
                return once(current)
            except _Refused as refused:
                if refused.reason in _LIMITED:
                    queue.closed_until = self._clock() + refused.retry_after
                    self._wait(queue)
                    continue
                plainer = degrade(current) if refused.reason in _REFUSED else None
                if plainer is None:
                    raise Undeliverable(refused.reason) from refused
                log.warning("Slack refused a message (%s); sending it plainer", refused.reason)
                current = plainer
        raise Undeliverable("ratelimited")

    def _keep(self, message: Message, client: WebClient) -> None:
        for key, value in message.kept.items():
            self._kept(client).put("question", key, value)

    def _queue(self, client: WebClient, channel: str) -> _Queue:
        with self._lock:
            return self._queues[client.token or "", channel]

    def _wait(self, queue: _Queue) -> None:
        """Takes a turn: bursts of five, then one a second, never before a told time."""
        with queue.turn:
            now = self._clock()
            queue.free = min(_BURST, queue.free + (now - queue.since) * _PER_SECOND)
            queue.since = now
            pause = max(queue.closed_until - now, (1 - queue.free) / _PER_SECOND, 0.0)
            if pause:
                self._sleep(pause)
            queue.free += pause * _PER_SECOND - 1
            queue.since = now + pause

    def _poster(self, client: WebClient) -> WebClient:
        """A client of the same token that never repeats a call by itself."""
        with self._lock:
            key = (client.token, client.base_url)
            if key not in self._posters:
                self._posters[key] = WebClient(
                    client.token,
                    base_url=client.base_url,
                    timeout=client.timeout,
                    ssl=client.ssl,
                    proxy=client.proxy,
                    retry_handlers=[],
                )
            return self._posters[key]


_Way = Callable[[Message], str]


class _Refused(Exception):
    def __init__(self, reason: str, retry_after: float) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, retry_after


def _called(client: WebClient, method: str, payload: Mapping[str, Any]) -> SlackResponse:
    try:
        return client.api_call(method, json=dict(payload))
    except SlackApiError as error:
        response = error.response
        reason = str(response.get("error") or "unknown_error")
        if response.status_code == _TOO_MANY_REQUESTS:
            reason = "ratelimited"
        elif response.status_code != _OK or reason in {"internal_error", "fatal_error", "request_timeout"}:
            raise Undeliverable(reason[:100], sure=False) from error
        raise _Refused(reason, _seconds(response.headers)) from error
    except (OSError, SlackClientError) as error:
        raise Undeliverable(type(error).__name__, sure=False) from error


def _reason(error: Exception) -> str:
    told = error.response.get("error") if isinstance(error, SlackApiError) else ""
    return str(told or type(error).__name__)


def _refusal(status: int, body: str) -> str:
    """Why a response_url did not take a message; ``""`` where it did."""
    try:
        told = json.loads(body)
    except ValueError:
        told = {}
    if isinstance(told, dict) and told.get("error"):
        return str(told["error"])
    if status == _TOO_MANY_REQUESTS:
        return "ratelimited"
    return "" if status == _OK else (body.strip()[:100] or f"http_{status}")


def _seconds(headers: Mapping[str, Any]) -> float:
    found = {str(key).lower(): value for key, value in headers.items()}.get("retry-after", 1)
    told = found[0] if isinstance(found, list) else found
    return float(told) if str(told).isdigit() else 1.0


def _payload(message: Message) -> dict[str, Any]:
    blocks = {"blocks": message.blocks} if message.blocks else {}
    return {"text": message.text, **blocks, "unfurl_links": False, "unfurl_media": False}


def _sound(message: Message) -> Message:
    """The message as Slack takes it: a mistake of ours costs its blocks, never the answer."""
    while problems := check_message(_payload(message)):
        log.error("a message of ours is not sound: %s", "; ".join(map(str, problems[:3])))
        plainer = degrade(message)
        if plainer is None:
            return message
        message = plainer
    return message


def _explained(message: Message, failed: Undeliverable, destination: Destination) -> Message:
    """The message with a line on why it comes this way; a private reply needs none."""
    if destination.private or not message.blocks:
        return message
    why = "Only you see this. " + (failed.remedy if failed.sure else "Slack failed while I posted it.")
    line = {"type": "context", "elements": [{"type": "plain_text", "text": why, "emoji": False}]}
    return Message(f"{message.text}\n{why}", [*message.blocks[:49], line], message.kept)
