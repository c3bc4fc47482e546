"""An answer of every kind, a digest, alerts and every error as they read; a change is reviewed as a diff.

``pytest --snapshot-update`` records them. Plain text comes first, then each block of the message in a line, a table's
rows in a line each; what buttons carry is left out.
"""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from answers_ledger import NOW, SOURCES, budgets, fill, granted
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from bot.alerts.model import AlertRule, Case, Finding
from bot.answering.service import AnswerService, Defaults
from bot.digests.service import Digest, Digests
from bot.domain import errors
from bot.domain.question import Kind
from bot.ledger import Ledger
from bot.render.slack import alert_message, answer_message, digest_message, plain_message
from bot.render.text import printed

ASKED = {
    "cost": "this month vs last month by service",
    "explain": "why did it change in november?",
    "forecast": "forecast by provider",
    "anomalies": "anything unusual?",
    "budgets": "budgets",
    "values": "which accounts are there?",
    "price": "price of gpt-5",
    "savings": "savings last month",
    "commitments": "commitment coverage last month",
    "recommendations": "savings recommendations",
    "credits": "credits remaining",
    "invoice": "reconcile october",
    "freshness": "how fresh is the data?",
    "help": "help",
    "unsupported": "create a budget of $500 for S3",
}


class Page(SingleFileSnapshotExtension):
    """One text file a snapshot."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT


@pytest.fixture
def snapshot(snapshot):
    """Snapshots as pages."""
    return snapshot.use_extension(Page)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Who answers, over the ledger that answers are recorded of."""
    ledger = Ledger(tmp_path_factory.mktemp("drawn") / "ledger.db")
    fill(ledger)
    defaults = Defaults(zone=ZoneInfo("UTC"), budgets=budgets, declared_credits=granted, sources=SOURCES)
    return AnswerService(ledger, clock=lambda: NOW, defaults=defaults), ledger.memory


def without_values(value):
    """A block without what its buttons carry, which is no text."""
    if isinstance(value, dict):
        return {name: without_values(part) for name, part in value.items() if name not in {"value", "action_id"}}
    return [without_values(part) for part in value] if isinstance(value, list) else value


def drawn(message):
    """A message: its plain text, then a line a block, and a line a row of a table."""
    lines = [message.text, "---"]
    for block in message.blocks:
        rows = [" | ".join(cell["text"] for cell in row) for row in block.get("rows", ())]
        rest = without_values({name: part for name, part in block.items() if name != "rows"})
        lines += [json.dumps(rest, ensure_ascii=False), *(f"    {row}" for row in rows)]
    return "\n".join(lines) + "\n"


def test_every_kind_is_asked():
    """No kind of question goes without its page."""
    assert set(ASKED) == set(get_args(Kind))


@pytest.mark.parametrize("kind", ASKED)
def test_answers(service, snapshot, monkeypatch, kind):
    """In the terminal and in Slack."""
    monkeypatch.setenv("COLUMNS", "110")
    reply = service[0].ask(ASKED[kind])
    assert reply.question.kind == kind
    assert f"{printed(reply)}\n===\n{drawn(answer_message.draw(reply))}" == snapshot


def test_digest(service, snapshot):
    """The morning's overview with a question of its own, and its thread."""
    answers, memory = service
    plan = Digest(name="morning", channel="C0COSTS", at="09:00", questions=("forecast",))
    ran = Digests(answers, memory, clock=lambda: NOW, zone=ZoneInfo("UTC"), file=(plan,)).run("morning", dry_run=True)
    assert "\n".join(map(drawn, digest_message.draw(ran.content))) == snapshot


def test_alerts(snapshot):
    """A cost that goes on, one that is snoozed, a budget, and what is beyond a day's ceiling."""
    rising = Finding(
        watched="anomalies",
        subjects=("x",),
        key={"ServiceName": "Amazon EC2", "SubAccountName": "production"},
        currency="USD",
        kind="shift",
        start=date(2026, 11, 9),
        end=date(2026, 11, 22),
        provisional=True,
        amount=Decimal("82.40"),
        usual=Decimal("41.20"),
        change=Decimal("41.20"),
        per_month=Decimal(1236),
    )
    budget = rising.model_copy(
        update={
            "watched": "budgets",
            "name": "ai",
            "note": "ai: $2,600 of $2,550 spent (102%), ran out on the 20th",
            "passed": ("actual 1",),
            "amount": Decimal(2600),
            "usual": Decimal(2550),
        }
    )
    rule = AlertRule(name="spikes", channel="C0COSTS")
    until = datetime(2026, 11, 29, 9, tzinfo=UTC)
    cases = {
        "open": case(rising),
        "snoozed": case(rising, status="snoozed", until=until, by="U0MEI"),
        "budget": case(budget),
    }
    pages = [drawn(alert_message.card(found, "key", ZoneInfo("UTC"))) for found in cases.values()]
    pages.append(drawn(alert_message.rest(rule, [cases["open"], cases["budget"]])))
    assert "\n".join(pages) == snapshot


def case(finding, **state):
    """A case of a finding."""
    return Case(id="x", rule="spikes", channel="C0COSTS", finding=finding, opened=NOW, **state)


def test_errors(snapshot):
    """Each class of error as Slack shows it: what happened, and what to do."""
    classes = [
        found
        for found in vars(errors).values()
        if isinstance(found, type) and issubclass(found, errors.CostError) and found is not errors.CostError
    ]
    more = {errors.RequestRefused: {"status": 400}}
    made = [
        errors.KeptByMonth(date(2025, 1, 1))
        if found is errors.KeptByMonth
        else found("What happened.", "What to do.", **more.get(found, {}))
        for found in classes
    ]
    pages = [f"{type(error).__name__}\n{drawn(plain_message.sentence(error.message, error.hint))}" for error in made]
    assert "\n".join(pages) == snapshot
