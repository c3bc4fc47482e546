"""Hints name the slash command that the app has: SLASH_COMMAND, which need not be /spend."""

import ast
import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from slack_app import NOW, Bookkeeper, running

from bot.alerts.service import AlertRule, Alerts
from bot.digests.service import Digest, Digests
from bot.slack.app import add_alerts, add_digests
from bot.slack.posting.publishers import AlertPublisher, DigestPublisher
from simulators.slack import MEMBER

COSTS = "#cloud-costs"
BOT = Path(__file__).parent.parent.parent / "bot"
ROOMS = ("alerts", "answering", "domain", "analytics", "digests", "language", "render", "slack")


@pytest.fixture
def run(memory):
    """The whole app, whose command is /costs, with an alert rule and a digest of the member's."""
    with running(Bookkeeper(), memory, command="/costs") as found:
        context = found.slack.context
        poster = AlertPublisher(context, lambda _: client(found))
        alerts = Alerts(found.asker, memory, clock=lambda: NOW, publisher=poster)
        poster = DigestPublisher(context, lambda _: client(found))
        digests = Digests(found.asker, memory, clock=lambda: NOW, zone=ZoneInfo("UTC"), publisher=poster)
        add_alerts(found.slack, alerts)
        add_digests(found.slack, digests)
        alerts.save(AlertRule(name="mine", channel="C0COSTS", team="T0LUMEN", owner=MEMBER))
        digests.save(Digest(name="mine", channel="C0COSTS", team="T0LUMEN", owner=MEMBER, since=NOW))
        yield found


def client(found):
    return found.slack.app.client


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("budget", "/costs budget new"),
        ("alerts", "/costs alerts new"),
        ("alerts florp", "/costs alerts new"),
        ("alerts pause mine", "/costs alerts resume mine"),
        ("alerts delete nothing", "Available: mine."),
        ("digest", "/costs digest new"),
        ("digest florp", "/costs digest new"),
        ("digest pause mine", "/costs digest resume mine"),
        ("reconcile october aws much", "/costs reconcile 2026-10 aws"),
    ],
)
def test_hints_follow_the_setting(run, text, hint):
    """What to write next is what works here; the usual command is not named."""
    run.ws.slash(MEMBER, COSTS, "/costs", text)
    message = json.dumps(run.answer(COSTS, user=MEMBER), ensure_ascii=False)
    assert hint in message
    assert "/spend" not in message


def test_the_window_of_a_budget_follows_it_too(run):
    """Where alerts are made is said below the field."""
    run.ws.slash(MEMBER, COSTS, "/costs", "budget new")
    view = json.dumps(run.ws.wait_for(lambda: run.ws.views(MEMBER))[-1])
    assert "/costs alerts new" in view
    assert "/spend" not in view


def _strings(path):
    """Every text of a module but its documentation."""
    tree = ast.parse(path.read_text())
    documented = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documented
    ]


def test_nobody_writes_the_usual_command_down():
    """In all that is said to people the command comes from the setting, whose default is the one place it stands."""
    paths = [path for room in ROOMS for path in (BOT / room).rglob("*.py") if path.read_text().strip()]
    found = [(path.name, text) for path in paths for text in _strings(path) if re.search(r"/spend\b(?!\.db)", text)]
    assert found == [("context.py", "/spend")]
