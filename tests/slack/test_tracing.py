"""Traces: a question from Slack as one tree of spans, without names, words or amounts; off, nothing is imported."""

import os
import subprocess
import sys
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from slack_app import NOW, running

from bot import tracing
from bot.answering.service import AnswerService, Defaults
from bot.app.opentelemetry import OpenTelemetry
from bot.domain.charge import Charge
from bot.domain.errors import NotUnderstood
from bot.domain.feed import Feed
from bot.domain.period import Period
from bot.ledger import Ledger
from bot.sync.request_budget import RequestBudget, SourceMeter
from scripts.wheel import BILL
from simulators.slack import MEMBER

ROOT = Path(__file__).parents[2]
ATTRIBUTES = {"entry_point", "kind", "method", "operation", "status", "error.type"}


@pytest.fixture
def exported():
    """What is traced while the test runs."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.switch_on(OpenTelemetry(provider.get_tracer("spend")))
    yield exporter
    tracing.switch_on(None)


@pytest.fixture
def ledger(tmp_path):
    """A bill of one service whose name and amount would be found again."""
    ledger = Ledger(tmp_path / "ledger.db")
    days = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
    charge = Charge(
        day=days.start,
        service_name="Secretive",
        billed_cost=Decimal("777.77"),
        billing_currency="USD",
        service_provider_name="AWS",
    )
    ledger.replace(Feed(source="payer", name="all", grain=frozenset({"ServiceName"})), days, [charge], synced=NOW)
    yield ledger
    ledger.close()


def test_a_question_from_slack_is_one_tree_without_names_or_amounts(exported, ledger):
    """Question → read, ledger, render, with Slack's calls beside it; no attribute holds a name, a word or a figure."""
    service = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(NOW.tzinfo))
    with running(service, ledger.memory) as run:
        assert run.ws.slash(MEMBER, "#cloud-costs", "/spend", "secretive in october").acked
        run.answer("#cloud-costs", MEMBER)
    spans = exported.get_finished_spans()
    by_id = {span.context.span_id: span for span in spans}
    parents = {span.name: by_id[span.parent.span_id].name for span in spans if span.parent}

    assert {"spend.question", "spend.read", "spend.ledger", "spend.render", "spend.slack"} <= {s.name for s in spans}
    assert parents["spend.read"] == parents["spend.ledger"] == parents["spend.render"] == "spend.question"
    assert {name for span in spans for name in span.attributes} <= ATTRIBUTES
    shown = " ".join(str(value) for span in spans for value in span.attributes.values()).casefold()
    assert not [word for word in ("secretive", "777", "october", "payer", MEMBER.casefold()) if word in shown]


def test_an_error_is_named_by_its_type_alone(exported, ledger):
    """A refusal's words, which repeat what was typed, stand in no span."""
    service = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(NOW.tzinfo))
    with pytest.raises(NotUnderstood):
        service.ask("october on florbs")
    (span,) = exported.get_finished_spans()

    assert dict(span.attributes) == {"error.type": "NotUnderstood"}
    assert (span.events, span.status.description) == ((), None)


def test_a_vendors_request_is_a_span_of_its_length(exported, ledger):
    """It carries the operation without the account in it, and its status, neither source nor price."""
    meter = SourceMeter("payer", RequestBudget(ledger, None, lambda: NOW, threading.Event()))
    meter.made("billingAccounts/012345-ABCDEF/budgets", seconds=1.5, status="ok", cost=Decimal("0.01"))
    (span,) = exported.get_finished_spans()

    assert dict(span.attributes) == {"operation": "billingAccounts/*/budgets", "status": "ok"}
    assert span.end_time - span.start_time == 1_500_000_000


def test_off_nothing_of_it_is_imported(tmp_path):
    """Without a collector an answer in the terminal imports no OpenTelemetry."""
    (tmp_path / "bill.csv").write_text(BILL)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    environment |= {"LEDGER_URL": "sqlite:///spend.db", "SPEND_NOW": NOW.isoformat()}

    def run(*words):
        command = [sys.executable, "-X", "importtime", "-m", "bot", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)

    run("import", "bill.csv")
    done = run("ask", "october")
    assert "$1.25" in done.stdout
    assert "bot.answering" in done.stderr
    assert "opentelemetry" not in done.stderr
