"""Admins are written to once a month, when four fifths of the ceiling for paid requests are spent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.ledger import Ledger
from bot.ledger.month_plan import month_plan

_NOTICED = "ceiling noticed"
"""Kind of memory, by month: that admins were written to."""


def notify_admins(ledger: Ledger, now: datetime, admins: Iterable[str], client: Callable[[], WebClient]) -> int:
    """Writes to each admin that the ceiling is nearly reached, if it is and nobody was written to this month.

    Returns:
        how many were reached; an admin whom Slack does not know is skipped.
    """
    plan = month_plan(ledger.memory, ledger.requests, now)
    people = sorted(admins)
    if plan is None or not plan.nearly_spent or not people:
        return 0
    if not ledger.memory.claim(_NOTICED, f"{now.astimezone(UTC):%Y-%m}", {"at": now.isoformat()}):
        return 0
    text = (
        f"Four fifths of the ceiling for paid requests are used this month. {plan.sentence()} At the ceiling, vendors"
        " that charge for requests are not asked until next month: raise API_SPEND_CEILING, or switch views off"
        " (AWS_FEEDS)."
    )
    reached = 0
    for person in people:
        with suppress(SlackClientError):
            opened = client().conversations_open(users=person)
            client().chat_postMessage(channel=str(opened["channel"]["id"]), text=text)
            reached += 1
    return reached
