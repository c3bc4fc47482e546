"""A simulated Slack workspace: the Web API, Socket Mode, HTTP mode, and a page to look at it.

It is Slack and nothing else: it knows nothing of costs, and refuses what Slack refuses. A real Bolt app
connects to it with ``WebClient(token=BOT_TOKEN, base_url=workspace.api_url)``; tests and the page act
through ``Workspace``.
"""

from simulators.slack.client import Workspace
from simulators.slack.delivery import Reply, signed
from simulators.slack.model import (
    ADMIN,
    APP_ID,
    APP_TOKEN,
    BOT_ID,
    BOT_TOKEN,
    BOT_USER,
    CLIENT_ID,
    CLIENT_SECRET,
    GUEST,
    MEMBER,
    OUTSIDER,
    SIGNING_SECRET,
)
from simulators.slack.store import ApiCall

__all__ = [
    "ADMIN",
    "APP_ID",
    "APP_TOKEN",
    "BOT_ID",
    "BOT_TOKEN",
    "BOT_USER",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "GUEST",
    "MEMBER",
    "OUTSIDER",
    "SIGNING_SECRET",
    "ApiCall",
    "Reply",
    "Workspace",
    "signed",
]
