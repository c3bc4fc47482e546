"""Who calls the server, and what it is given to identify and record them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.domain.scope import EVERYTHING, Scope


@dataclass(frozen=True)
class Caller:
    """Who asks: a name for the audit log, and what they may see."""

    name: str
    scope: Scope = EVERYTHING
    today: date | None = None
    """The day it is for them; None takes the bot's."""
    team: str = ""
    """Their Slack workspace, where they come from one."""


Identify = Callable[[Any], Caller]
"""Says who calls, from the MCP request's context.

Raises:
    AccessDenied: they may see nothing.
"""
Record = Callable[[Caller, str, str], None]
"""Writes a call into the audit log: who, which tool, what was asked."""
