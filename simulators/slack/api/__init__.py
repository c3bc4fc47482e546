"""The Web API of the simulated workspace, a family of methods a file; ``METHODS`` has them all."""

from simulators.slack.api import agents, apps, canvases, chat, conversations, files, functions, people, views
from simulators.slack.api.call import METHODS, Call, Refused

__all__ = [
    "METHODS",
    "Call",
    "Refused",
    "agents",
    "apps",
    "canvases",
    "chat",
    "conversations",
    "files",
    "functions",
    "people",
    "views",
]
