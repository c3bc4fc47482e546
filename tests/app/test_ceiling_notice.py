"""Admins hear once a month that the ceiling for paid requests is nearly reached."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from slack_sdk import WebClient

from bot.app.ceiling_notice import notify_admins
from bot.ledger.month_plan import PLAN
from simulators.slack import ADMIN, BOT_TOKEN, Workspace

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def ws():
    """A simulated workspace."""
    with Workspace() as workspace:
        yield workspace


def notify(ledger, ws, at=NOW, admins=(ADMIN, "U0NOBODY00")):
    """The notice, as the service gives it after a sync."""
    return notify_admins(ledger, at, admins, lambda: WebClient(token=BOT_TOKEN, base_url=ws.api_url))


def test_admins_are_written_to_once_a_month(ledger, ws):
    """Not below four fifths, once from there on, and anew the next month; whom Slack does not know is skipped."""
    assert notify(ledger, ws) == 0
    ledger.memory.put(PLAN, "aws", {"ceiling": "10", "expected": "1"})
    ledger.requests.add("aws", "ce:GetCostAndUsage", Decimal("7.99"), NOW)
    assert notify(ledger, ws) == 0
    ledger.requests.add("aws", "ce:GetCostAndUsage", Decimal("0.01"), NOW)
    assert (notify(ledger, ws), notify(ledger, ws)) == (1, 0)
    channel = WebClient(token=BOT_TOKEN, base_url=ws.api_url).conversations_open(users=ADMIN)["channel"]["id"]
    (message,) = ws.messages(channel)
    assert "$8.00 of $10 used for paid requests" in message["text"]
    assert "API_SPEND_CEILING" in message["text"]
    later = NOW.replace(month=12)
    assert notify(ledger, ws, later) == 0
    ledger.requests.add("aws", "ce:GetCostAndUsage", Decimal(9), later)
    assert notify(ledger, ws, later) == 1


def test_without_admins_nobody_is_written_to(ledger, ws):
    """The month is not used up: whoever is named later still hears of it."""
    ledger.memory.put(PLAN, "aws", {"ceiling": "10"})
    ledger.requests.add("aws", "ce:GetCostAndUsage", Decimal(9), NOW)
    assert notify(ledger, ws, admins=()) == 0
    assert notify(ledger, ws) == 1
