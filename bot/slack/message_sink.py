"""One channel to say stamped things in, for digests and alerts: posted through the queue, found again by metadata."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blockkit.build import Message
from bot.coordination.exactly_once import DeliveryFailed
from bot.slack.delivery import Delivery, Undeliverable, remedy

log = logging.getLogger(__name__)
_PAGE, _PAGES = 100, 10
"""How far back a message of a minute ago is looked for."""


class MessageSink:
    """A channel, or somebody's direct messages."""

    def __init__(self, delivery: Delivery, client: WebClient, place: str, event: str) -> None:
        """``place`` is ``#name`` or the id of a channel or person; ``event`` the type its messages are stamped with.

        Raises:
            NotSaid: there is no such place, as far as this app can see.
        """
        self._delivery, self._client, self.event = delivery, client, event
        self.channel = channel_id(client, place)

    def post(self, message: Message, stamp: Mapping[str, Any], thread: str = "") -> str:
        """Posts it; its timestamp.

        Raises:
            NotSaid: surely not, or perhaps.
        """
        metadata = {"event_type": self.event, "event_payload": dict(stamp)}
        try:
            return self._delivery.post(self._client, self.channel, message, thread=thread, metadata=metadata)
        except Undeliverable as error:
            raise DeliveryFailed(error.reason, sure=error.sure, remedy=error.remedy) from error

    def update(self, ts: str, message: Message, stamp: Mapping[str, Any]) -> None:
        """Replaces a message of ours; its stamp stays.

        Raises:
            NotSaid: it stays as it was.
        """
        metadata = {"event_type": self.event, "event_payload": dict(stamp)}
        try:
            self._delivery.update(self._client, self.channel, ts, message, metadata=metadata)
        except Undeliverable as error:
            raise DeliveryFailed(error.reason, sure=error.sure, remedy=error.remedy) from error

    def find(self, stamp: Mapping[str, Any], thread: str = "") -> str:
        """The timestamp of the message with this stamp, newest first; ``""`` where there is none.

        Raises:
            NotSaid: Slack does not let this app look.
        """
        for each in self._seen(thread):
            told = each.get("metadata") or {}
            if told.get("event_type") == self.event and told.get("event_payload") == dict(stamp):
                return str(each["ts"])
        return ""

    def _seen(self, thread: str) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        for _ in range(_PAGES):
            page = self._page(thread, cursor)
            yield from page["messages"]
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    def _page(self, thread: str, cursor: str, *, joined: bool = False) -> Mapping[str, Any]:
        asked: dict[str, Any] = {"channel": self.channel, "limit": _PAGE, "include_all_metadata": True}
        asked |= {"cursor": cursor} if cursor else {}
        try:
            if thread:
                return self._client.conversations_replies(ts=thread, **asked).data  # type: ignore[return-value]  # JSON
            return self._client.conversations_history(**asked).data  # type: ignore[return-value]  # JSON
        except (SlackClientError, OSError) as error:
            reason = _reason(error)
            if reason == "not_in_channel" and not joined and self._join():
                return self._page(thread, cursor, joined=True)
            raise DeliveryFailed(reason, sure=False, remedy=_UNSEEN) from error

    def _join(self) -> bool:
        """A public channel can be posted in from outside, but not read."""
        try:
            self._client.conversations_join(channel=self.channel)
        except (SlackClientError, OSError):
            log.info("could not join %s to look for a message", self.channel)
            return False
        return True


_UNSEEN = "I cannot tell whether it arrived, because I may not read the channel: invite me there (/invite)."


def channel_id(client: WebClient, place: str) -> str:
    """The id of a channel by id or ``#name``, or of the direct messages with a person by their id.

    Raises:
        NotSaid: there is none that this app sees.
    """
    try:
        if place[:1] in {"U", "W"} and place.isupper():
            return str(client.conversations_open(users=place)["channel"]["id"])
        if not place.startswith("#") and place[:1] in {"C", "G", "D"} and place.upper() == place:
            return place
        return _named(client, place.removeprefix("#"))
    except (SlackClientError, OSError) as error:
        raise DeliveryFailed(_reason(error), remedy=remedy(_reason(error))) from error


def _named(client: WebClient, name: str) -> str:
    cursor = ""
    while True:
        page = client.conversations_list(types="public_channel,private_channel", limit=999, cursor=cursor or None)
        for each in page["channels"]:
            if each["name"] == name:
                return str(each["id"])
        cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            raise DeliveryFailed(
                "channel_not_found", remedy=f"There is no #{name} that I see: {remedy('channel_not_found')}"
            )


def _reason(error: Exception) -> str:
    told = error.response.get("error") if isinstance(error, SlackApiError) else ""
    return str(told or type(error).__name__)
