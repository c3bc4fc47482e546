"""Slack's agent surface, for workspaces that switch it on: prompts to start with, and the stop button.

It needs in the manifest: ``features.agent_view`` (``agent_description``), the scope ``assistant:write`` and the
events ``app_context_changed`` and ``agent_session_stopped``. It makes a thread of every direct message and shuts
guests out, so it is off unless asked for.
"""

from __future__ import annotations

import logging

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.render.slack.plain_message import EXAMPLES
from bot.slack import sessions
from bot.slack.context import AppContext, Body, destination_of

log = logging.getLogger(__name__)
_MAX_PROMPTS = 4


def listen(app: App, context: AppContext) -> None:
    """Registers the listeners, if the surface is on."""
    if not context.settings.agent:
        return

    @app.event("app_context_changed")
    def context_changed(body: Body) -> None:
        log.debug("context changed: %s", body["event"].get("type"))

    @app.event("agent_session_stopped")
    def stopped(body: dict[str, object], client: WebClient) -> None:
        # An answer takes milliseconds, so there is nothing left to stop: the session only stops looking busy.
        sessions.set_status(destination_of(body, client), "active")


def suggest_prompts(client: WebClient, channel: str) -> None:
    """Offers questions to start with in somebody's direct messages."""
    prompts = [{"title": example, "message": example} for example in EXAMPLES[:_MAX_PROMPTS]]
    try:
        client.api_call("assistant.threads.setSuggestedPrompts", json={"channel_id": channel, "prompts": prompts})
    except (SlackClientError, OSError):
        log.info("could not suggest prompts", exc_info=True)
