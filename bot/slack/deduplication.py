"""Handles each payload once, however often Slack delivers it and whichever replica receives it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from slack_bolt import Ack
from slack_sdk import WebClient

from bot.slack.context import AppContext, Body

Handler = Callable[[AppContext, Body, WebClient], None]
"""Handles a payload that Slack has been answered already."""


def is_first_delivery(context: AppContext, body: Body) -> bool:
    """Whether this payload is seen for the first time: Slack repeats what it believes was missed."""
    now = context.settings.now()
    key = key_of(body, now)
    if not key:
        return True
    context.purge_expired()
    return context.memory.claim("seen", key, {"at": now.isoformat()})


def key_of(body: Body, now: datetime) -> str:
    """What tells a payload from all others, by its time first; ``""`` where nothing does."""
    name = body.get("event_id") or body.get("trigger_id")
    at = int(body.get("event_time") or now.replace(minute=0, second=0).timestamp())
    return f"{at:011d}:{name}" if name else ""


def deduplicated(context: AppContext, handle: Handler) -> Callable[..., None]:
    """A Bolt listener that acknowledges at once and handles a payload only on its first delivery."""

    def listener(ack: Ack, body: dict[str, object], client: WebClient) -> None:
        ack()
        if is_first_delivery(context, body):
            handle(context, body, client)

    return listener
