"""Where digests and alerts are posted: one channel, with stamped messages that can be found again by their stamp."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.blockkit.build import Message
from bot.coordination.exactly_once import DeliveryFailed
from bot.slack.delivery import Delivery, Undeliverable, remedy
from bot.slack.posting.transport import error_reason

log = logging.getLogger(__name__)
_PAGE, _MAX_PAGES = 100, 10
"""How far back a stamped message is looked for: it was posted a minute ago."""
_CANNOT_READ = "I can't tell whether it was posted, because I can't read the channel. Invite me to it (/invite)."


class SlackMessageSink:
    """A channel, or somebody's direct messages."""

    def __init__(self, delivery: Delivery, client: WebClient, target: str, event: str) -> None:
        """``target`` is ``#name`` or the id of a channel or person; ``event`` the type its messages are stamped with.

        Raises:
            DeliveryFailed: this app sees no such channel or person.
        """
        self._delivery, self._client, self.event = delivery, client, event
        self.channel = channel_id(client, target)

    def post(self, message: Message, stamp: Mapping[str, Any], thread: str = "") -> str:
        """Posts it; its timestamp.

        Raises:
            DeliveryFailed: it was not posted, or may have been.
        """
        try:
            return self._delivery.post(
                self._client, self.channel, message, thread=thread, metadata=self._metadata(stamp)
            )
        except Undeliverable as error:
            raise DeliveryFailed(error.reason, sure=error.sure, remedy=error.remedy) from error

    def update(self, ts: str, message: Message, stamp: Mapping[str, Any]) -> None:
        """Replaces a message of ours; its stamp stays.

        Raises:
            DeliveryFailed: it stays as it was.
        """
        try:
            self._delivery.update(self._client, self.channel, ts, message, metadata=self._metadata(stamp))
        except Undeliverable as error:
            raise DeliveryFailed(error.reason, sure=error.sure, remedy=error.remedy) from error

    def find(self, stamp: Mapping[str, Any], thread: str = "") -> str:
        """The timestamp of the newest message with this stamp; ``""`` where there is none.

        Raises:
            DeliveryFailed: Slack does not let this app look.
        """
        for message in self._messages(thread):
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == self.event and metadata.get("event_payload") == dict(stamp):
                return str(message["ts"])
        return ""

    def _metadata(self, stamp: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"event_type": self.event, "event_payload": dict(stamp)}

    def _messages(self, thread: str) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        for _ in range(_MAX_PAGES):
            page = self._page(thread, cursor)
            yield from page["messages"]
            cursor = _next_cursor(page)
            if not cursor:
                return

    def _page(self, thread: str, cursor: str, *, joined: bool = False) -> Mapping[str, Any]:
        arguments: dict[str, Any] = {"channel": self.channel, "limit": _PAGE, "include_all_metadata": True}
        arguments |= {"cursor": cursor} if cursor else {}
        try:
            if thread:
                return self._client.conversations_replies(ts=thread, **arguments).data  # type: ignore[return-value]  # JSON
            return self._client.conversations_history(**arguments).data  # type: ignore[return-value]  # JSON
        except (SlackClientError, OSError) as error:
            reason = error_reason(error)
            if reason == "not_in_channel" and not joined and self._join():
                return self._page(thread, cursor, joined=True)
            raise DeliveryFailed(reason, sure=False, remedy=_CANNOT_READ) from error

    def _join(self) -> bool:
        """Joins the channel, whether it worked: a public channel can be posted in from outside, but not read."""
        try:
            self._client.conversations_join(channel=self.channel)
        except (SlackClientError, OSError):
            log.info("could not join %s to look for a message", self.channel)
            return False
        return True


def channel_id(client: WebClient, target: str) -> str:
    """The id of a channel by id or ``#name``, or of the direct messages with a person by their id.

    Raises:
        DeliveryFailed: this app sees none.
    """
    try:
        if target[:1] in {"U", "W"} and target.isupper():
            return str(client.conversations_open(users=target)["channel"]["id"])
        if not target.startswith("#") and target[:1] in {"C", "G", "D"} and target.upper() == target:
            return target
        return _channel_named(client, target.removeprefix("#"))
    except (SlackClientError, OSError) as error:
        raise DeliveryFailed(error_reason(error), remedy=remedy(error_reason(error))) from error


def _channel_named(client: WebClient, name: str) -> str:
    cursor = ""
    while True:
        page = client.conversations_list(types="public_channel,private_channel", limit=999, cursor=cursor or None)
        for channel in page["channels"]:
            if channel["name"] == name:
                return str(channel["id"])
        cursor = _next_cursor(page)  # type: ignore[arg-type]  # SlackResponse has a mapping's get
        if not cursor:
            raise DeliveryFailed(
                "channel_not_found", remedy=f"I can't find a channel #{name}. {remedy('channel_not_found')}"
            )


def _next_cursor(page: Mapping[str, Any]) -> str:
    return str((page.get("response_metadata") or {}).get("next_cursor") or "")
