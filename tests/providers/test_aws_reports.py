"""What AWS reports of commitments and recommends, against what the simulated company really has."""

from datetime import date
from decimal import Decimal

import pytest
from contract import NOW, Tally
from test_aws import make

from bot.domain.commitments import RESERVATIONS, SAVINGS_PLANS
from bot.domain.errors import AccessDenied, CeilingReached
from bot.domain.period import Period
from bot.providers import BillContext
from simulators.aws import bill
from simulators.aws.commitments import ELIGIBLE, Reserved
from simulators.aws.server import AwsSimulator

OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
SO_FAR = Period(start=date(2026, 11, 1), end=date(2026, 11, 21))
RDS = "Amazon Relational Database Service"
CONTEXT = BillContext(accounts=list(bill.ACCOUNTS), services=[bill.EC2, RDS], currency="USD")


def reported(simulator, *, accounts=True, **settings):
    """Everything reported, by what it is of."""
    provider = make(simulator, **settings)
    found = {}
    for statement in provider.commitments(CONTEXT, accounts=accounts):
        head = (statement.program, statement.measure, statement.service, statement.dimension, statement.period)
        assert head not in found
        found[head] = statement
    return found, provider


def lines_of(simulator, days, *kinds):
    """The bill's lines of some record types."""
    return [line for day in days for line in simulator.lines(day) if line.record_type in kinds]


def on_demand(simulator, days, account=None):
    """What of eligible usage no plan covers."""
    return sum(
        line.unblended
        for line in lines_of(simulator, days, "Usage")
        if line.service in ELIGIBLE and line.purchase == "On Demand Instances" and account in (None, line.account)
    )


def test_coverage_and_utilization_agree_with_the_bill_to_the_last_digit():
    """Of October: what the plan covered and left, what of its fee was used, in total and by account."""
    with AwsSimulator(lambda: NOW) as sim:
        found, _ = reported(sim)
        covered = sum(line.unblended for line in lines_of(sim, OCTOBER, "SavingsPlanCoveredUsage"))
        used = sum(line.amortized for line in lines_of(sim, OCTOBER, "SavingsPlanCoveredUsage"))
        fee = sum(line.unblended for line in lines_of(sim, OCTOBER, "SavingsPlanRecurringFee"))
        rest = on_demand(sim, OCTOBER)
        by_account = {account: on_demand(sim, OCTOBER, account) for account in bill.ACCOUNTS}
    (row,) = found[SAVINGS_PLANS, "coverage", "", "", OCTOBER].rows
    assert (row.part, row.whole, row.open_cost) == (covered, covered + rest, rest)
    (row,) = found[SAVINGS_PLANS, "utilization", "", "", OCTOBER].rows
    assert (row.part, row.whole, row.open_cost) == (used, fee, fee - used)
    rows = found[SAVINGS_PLANS, "coverage", "", "SubAccountId", OCTOBER].rows
    assert {row.value: row.open_cost for row in rows} == {name: cost for name, cost in by_account.items() if cost}
    for dimension in ("ServiceName", "RegionId"):
        for days in (OCTOBER, SO_FAR):
            split = found[SAVINGS_PLANS, "coverage", "", dimension, days].rows
            (whole,) = found[SAVINGS_PLANS, "coverage", "", "", days].rows
            assert sum(row.whole for row in split) == whole.whole


def test_reservations_are_reported_by_service_in_hours():
    """What was bought, used and run; the cost of hours that nobody used, and of those at on-demand prices."""
    with AwsSimulator(lambda: NOW) as sim:
        running = {bill.PRODUCTION: Decimal(48), bill.STAGING: Decimal(24)}
        sim.reserved[RDS] = Reserved(Decimal(72), Decimal(60), running, Decimal("0.155"), Decimal("0.24"))
        found, _ = reported(sim, accounts=False)
    (row,) = found[RESERVATIONS, "utilization", RDS, "", OCTOBER].rows
    assert (row.part, row.whole, row.open_cost) == (60 * 31, 72 * 31, 12 * 31 * Decimal("0.155"))
    (row,) = found[RESERVATIONS, "coverage", RDS, "", OCTOBER].rows
    assert (row.part, row.whole, row.open_cost) == (60 * 31, 72 * 31, 12 * 31 * Decimal("0.24"))
    rows = found[RESERVATIONS, "coverage", RDS, "SubAccountId", SO_FAR].rows
    assert {row.value: (row.part, row.whole) for row in rows} == {
        bill.PRODUCTION: (48 * 20, 48 * 20),
        bill.STAGING: (12 * 20, 24 * 20),
    }
    assert found[RESERVATIONS, "utilization", RDS, "", OCTOBER].unit == "Hours"
    (row,) = found[RESERVATIONS, "utilization", bill.EC2, "", OCTOBER].rows
    assert row.whole == 0
    assert (RESERVATIONS, "coverage", bill.EC2, "", OCTOBER) not in found


def test_an_account_without_plans_is_said_to_have_none():
    """DataUnavailableException is how AWS says so: a utilization of nothing, and nothing else is paid for."""
    with AwsSimulator(lambda: NOW, lines=lambda _: ()) as sim:
        found, provider = reported(sim)
        asked = sim.count
    (row,) = found[SAVINGS_PLANS, "utilization", "", "", OCTOBER].rows
    assert (row.part, row.whole) == (0, 0)
    assert [head for head in found if head[0] == SAVINGS_PLANS and head[1] == "coverage"] == []
    assert asked == 3  # plans, and reservations of two services
    assert provider.notes() == []


@pytest.mark.parametrize(
    ("operation", "left"),
    [
        ("GetSavingsPlansUtilization", {(RESERVATIONS, "utilization")}),
        ("GetSavingsPlansCoverage", {(RESERVATIONS, "utilization"), (SAVINGS_PLANS, "utilization")}),
        ("GetReservationUtilization", {(SAVINGS_PLANS, "utilization"), (SAVINGS_PLANS, "coverage")}),
    ],
)
def test_a_permission_that_lacks_leaves_a_note_and_the_rest(operation, left):
    """What is refused is named, with the policy to attach; the other reports come."""
    with AwsSimulator(lambda: NOW) as sim:
        sim.denied = {operation}
        found, provider = reported(sim, accounts=False)
    assert {head[:2] for head in found} == left
    (note,) = provider.notes()
    assert f"ce:{operation}" in note.message
    assert f"ce:{operation}" in note.hint


def test_nothing_is_asked_where_cost_explorer_is_off():
    """With an export alone nobody is asked."""
    with AwsSimulator(lambda: NOW) as sim:
        found, _ = reported(sim, data_export="s3://bucket/prefix/name", cost_explorer=False)
        assert (found, sim.count) == ({}, 0)


def test_the_ceiling_stops_the_reports():
    """A refused request is not made."""
    with AwsSimulator(lambda: NOW) as sim:
        provider = make(sim, Tally(refuse=CeilingReached("no", "")))
        with pytest.raises(CeilingReached):
            list(provider.commitments(CONTEXT, accounts=False))
        assert sim.count == 0


def test_recommendations_come_once_a_resource_with_what_they_save_together():
    """All pages; amounts by the digits that were sent; the vendor's own sum of what can be done together."""
    with AwsSimulator(lambda: NOW) as sim:
        report = make(sim).recommendations()
    assert [item.id for item in report.recommendations] == ["rec-1", "rec-2", "rec-3", "rec-4", "rec-5"]
    assert report.together == {"USD": Decimal("858.683456")}
    assert sum(item.savings for item in report.recommendations) == Decimal("900.183456")
    item = report.recommendations[2]
    assert (item.savings, item.cost, item.effort) == (Decimal("241.123456"), Decimal("610.2"), "High")
    assert (item.kind, item.service, item.account) == ("rightsizing", RDS, bill.DATA)
    assert (item.tags, item.refreshed) == ({"team": "data"}, date(2026, 11, 21))
    assert {item.kind for item in report.recommendations} == {"idle", "rightsizing", "commitment"}


def test_a_hub_that_is_not_enabled_is_said_to_be_so():
    """It is no missing permission, though AWS answers AccessDeniedException."""
    with AwsSimulator(lambda: NOW) as sim:
        sim.enrolled = False
        with pytest.raises(AccessDenied, match="not enabled") as refused:
            make(sim).recommendations()
    assert "Enable it" in refused.value.hint
    assert "policy" not in refused.value.hint


@pytest.mark.parametrize("region", ["cn-northwest-1", "us-gov-west-1"])
def test_other_partitions_have_no_hub(region):
    """Its endpoint is in us-east-1 alone: nobody is asked elsewhere."""
    with AwsSimulator(lambda: NOW) as sim:
        assert make(sim, region=region).recommendations() is None
        assert sim.count == 0
