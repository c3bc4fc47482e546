"""The state of an agent's session, which Slack shows beside its thread and to which its stop button belongs.

Source: docs.slack.dev/reference/methods/agents.sessions.setStatus: ``channel_id``, ``thread_ts`` and a status of
active, processing, suspended or closed. The event ``agent_session_stopped`` names the channel ``channel``. An app
leaves ``processing`` by itself, or Slack ends it after an hour.
"""

from __future__ import annotations

import logging
from typing import Literal

from slack_sdk.errors import SlackClientError

from bot.slack.delivery import Destination

log = logging.getLogger(__name__)
Status = Literal["active", "processing", "suspended", "closed"]


def set_status(destination: Destination, status: Status) -> bool:
    """Sets the status of the session of a thread; whether Slack took it. A failure costs no answer."""
    arguments = {"channel_id": destination.channel, "thread_ts": destination.thread, "status": status}
    try:
        destination.client.api_call("agents.sessions.setStatus", json=arguments)
    except (SlackClientError, OSError):
        log.warning("could not set the session's status to %s", status, exc_info=True)
        return False
    return True
