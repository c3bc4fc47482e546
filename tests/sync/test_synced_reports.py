"""What vendors report beside their bills is asked for as rarely as it changes, and a refusal fails nothing."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from case_aws import adapter

from bot.domain.charge import Charge
from bot.domain.feed import ANY_TAG, Feed
from bot.domain.period import Period
from bot.domain.question import DIMENSIONS
from bot.ledger import Ledger
from bot.ledger.kv_store import notes_of
from bot.sync.service import Patience, sync
from simulators.aws import bill
from simulators.aws.server import AwsSimulator

START = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)
REPORTS = ("Coverage", "Utilization")


@pytest.fixture
def ledger(tmp_path):
    """A ledger of this test's own."""
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.close()


def production(day):
    """A part of the demo's bill that a savings plan covers."""
    return [line for line in bill.lines(day) if line.service in (bill.EC2, bill.PLANS)]


def run(simulator, ledger, now, *, by_hand=False):
    """A sync of views that cost little."""
    opens = {"aws": lambda meter: adapter(simulator, meter, lambda: now, feeds="region")}
    return sync(
        opens, ledger, now=lambda: now, by_hand=by_hand, ceiling=Decimal(10), patience=Patience(1, 1), wait=1
    ).sources[0]


def asked(simulator):
    """How often each operation was asked since the last look."""
    found = Counter(request.headers.get("x-amz-target", "").rpartition(".")[2] for request in simulator.log)
    simulator.log.clear()
    return found


def test_reports_are_asked_for_now_and_then_and_recommendations_daily(ledger):
    """On the clock, every day of four weeks, within what such a company's month may cost."""
    now = [START]
    with AwsSimulator(lambda: now[0], lines=production) as simulator:
        run(simulator, ledger, now[0])
        asked(simulator)
        for _ in range(28):
            now[0] += DAY
            assert run(simulator, ledger, now[0]).status == "ok"
        found = asked(simulator)
    assert 2 <= found["GetSavingsPlansUtilization"] <= 5
    assert found["ListRecommendationSummaries"] == 28
    months = {kept.statement.period.start for kept in ledger.vendor_reports.statements("aws")}
    assert datetime(2026, 10, 1, tzinfo=UTC).date() in months
    assert ledger.requests.spent(now[0].date()) < Decimal("2.20")


def test_a_sync_by_hand_does_not_ask_twice_a_day(ledger):
    """The second one pulls the bill, and pays for no report again."""
    with AwsSimulator(lambda: START, lines=production) as simulator:
        run(simulator, ledger, START, by_hand=True)
        first = asked(simulator)
        run(simulator, ledger, START + timedelta(hours=1), by_hand=True)
        second = asked(simulator)
    assert first["GetSavingsPlansCoverage"] > 0
    assert [name for name in second if name.endswith(REPORTS)] == []
    assert second["ListRecommendations"] == 0


def test_what_is_refused_is_a_note_and_comes_once_it_is_granted(ledger):
    """The bill lands, the note names the permission; granted, the next day brings it without a restart."""
    now = [START]
    with AwsSimulator(lambda: now[0], lines=production) as simulator:
        simulator.denied = {"GetSavingsPlansUtilization", "ListRecommendations"}
        report = run(simulator, ledger, START, by_hand=True)
        assert report.status == "ok"
        assert {note.feed for note in notes_of(ledger.memory, "aws")} == {"commitments", "recommendations"}
        assert any("ce:GetSavingsPlansUtilization" in words for words in report.notes)
        assert ledger.vendor_reports.recommendations("aws") is None
        simulator.denied, now[0] = set(), START + DAY
        run(simulator, ledger, now[0], by_hand=True)
    assert notes_of(ledger.memory, "aws") == []
    assert ledger.vendor_reports.recommendations("aws") is not None
    assert {kept.statement.measure for kept in ledger.vendor_reports.statements("aws")} == {"coverage", "utilization"}


@pytest.mark.parametrize(("told", "reports"), [({"commitment_discount_status": ""}, 0), ({}, 1)], ids=["FOCUS", "CUR"])
def test_cost_explorer_is_asked_only_for_what_an_export_lacks(ledger, told, reports):
    """A FOCUS export says what commitments cover, CUR 2.0 does not: then the reports are asked for beside it."""
    export = Feed(source="aws", name="data export", grain=frozenset({*DIMENSIONS, ANY_TAG, "CommitmentDiscountStatus"}))
    day = START.date() - DAY
    charge = Charge(
        day=day,
        billed_cost=Decimal(5),
        billing_currency="USD",
        service_provider_name="AWS",
        service_name=bill.EC2,
        **told,
    )
    ledger.replace(export, Period(start=day, end=day + DAY), [charge], synced=START)
    with AwsSimulator(lambda: START, lines=production) as simulator:
        run(simulator, ledger, START, by_hand=True)
        assert asked(simulator)["GetSavingsPlansUtilization"] == reports
