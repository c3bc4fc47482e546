"""Planning paid requests: a month's ceiling lasts the month, and what matters most is asked for most."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from case_aws import adapter
from contract import Tally
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.period import DAY, Period
from bot.ledger import Ledger
from bot.ledger.month_plan import MonthPlan, month_plan
from bot.sync.plan import Rhythm, stretch
from bot.sync.pull import pulled
from bot.sync.service import Patience, sync
from simulators.aws import bill
from simulators.aws.server import AwsSimulator

START = datetime(2026, 10, 31, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
RHYTHMS = st.builds(
    Rhythm,
    price=st.decimals("0.01", "2", places=2),
    every=st.integers(1, 400).map(lambda hours: HOUR * hours),
    waits=st.floats(0.3, 1.5),
)


def hourly(rhythms, factor):
    """What rhythms cost an hour."""
    return sum(float(rhythm.price) / (rhythm.stretched(factor) / HOUR) for rhythm in rhythms)


@settings(max_examples=60, deadline=None)
@given(rhythms=st.lists(RHYTHMS, max_size=8), money=st.decimals("0.02", "20", places=2))
def test_whatever_is_wanted_fits_into_what_is_there(rhythms, money):
    """Stretched, rhythms cost no more than there is an hour; nothing is stretched where there is enough."""
    factor = stretch(rhythms, money)
    assert hourly(rhythms, factor) <= float(money) * 1.001
    assert factor == 1 or hourly(rhythms, 1) > float(money)


@pytest.fixture
def ledger(tmp_path):
    """A ledger of this test's own."""
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.close()


def one_account(day):
    """Some of the demo's bill, of one account."""
    return [line for line in bill.lines(day) if line.account == bill.DATA][:4]


def all_in_one(day):
    """Its whole bill, as if of one account."""
    return [replace(line, account=bill.DATA) for line in bill.lines(day)]


def run(simulator, ledger, now, ceiling="10", **given):
    """A sync on the clock."""
    opens = {"aws": lambda meter: adapter(simulator, meter, lambda: now, **(given or {"tag_keys": "team"}))}
    return sync(opens, ledger, now=lambda: now, by_hand=False, ceiling=Decimal(ceiling), patience=Patience(1, 1))


@pytest.mark.parametrize("ceiling", ["0.50", "10"])
def test_a_ceiling_lasts_to_the_end_of_the_month(ledger, ceiling):
    """Once a day from before a month to its end: never at the ceiling, never dark, fresh on the last day."""
    now, ages = [START], []
    with AwsSimulator(lambda: now[0], lines=one_account) as simulator:
        while now[0].month != 12:
            report = run(simulator, ledger, now[0], ceiling)
            assert report.ok
            ages.append(now[0] - ledger.freshness()[0].synced)
            now[0] += DAY
    spent = ledger.requests.spent(date(2026, 11, 1))
    assert Decimal("0.20") < spent <= min(Decimal(ceiling), Decimal("1.00"))
    assert max(ages) <= DAY * (2 if ceiling == "10" else 5)
    assert ages[-1] <= DAY * 3


def test_a_company_of_one_account_is_told_in_two_requests():
    """Service and charge category fit one request where the account is known to be the only one."""
    with AwsSimulator(lambda: START, lines=all_in_one) as simulator:
        provider = adapter(simulator, Tally(), lambda: START)
        feed, days = provider.feeds()[0], Period(start=date(2026, 10, 1), end=date(2026, 10, 4))
        before = simulator.count
        charges = list(provider.charges(feed, days))
        assert simulator.count == before + 3  # and whose key it is
        assert sum(charge.billed_cost for charge in charges) == simulator.truth(days)["USD"]
    assert {charge.sub_account_id for charge in charges} == {bill.DATA}
    assert {"Usage", "Purchase", "Credit"} <= {charge.charge_category for charge in charges}


def test_open_days_are_asked_for_often_and_the_rest_as_it_is_restated(ledger):
    """With many accounts a pull on the clock takes the days still filling in; the whole window comes in its turn."""
    now = [START]
    with AwsSimulator(lambda: now[0], page=12, lines=lambda day: list(bill.lines(day))[:9]) as simulator:
        run(simulator, ledger, now[0], "1000", feeds="")
        starts = []
        for _ in range(9):
            now[0] += DAY
            report = run(simulator, ledger, now[0], "1000", feeds="")
            starts += [(now[0].date() - feed.days.start).days for feed in report.sources[0].feeds[:1]]
    assert starts.count(2) > len(starts) / 2
    assert max(starts) > 20
    assert pulled(ledger, ledger.feeds()[0])["quiet"] >= 1


def test_the_plan_is_said_in_a_sentence(ledger):
    """What is used, of what, and what is planned through the last day; nothing for a ledger that never paid."""
    assert month_plan(ledger.memory, ledger.requests, START) is None
    with AwsSimulator(lambda: START, lines=one_account) as simulator:
        run(simulator, ledger, START)
    plan = month_plan(ledger.memory, ledger.requests, START)
    assert plan.spent == ledger.requests.spent(START.date())
    assert plan.sentence().startswith(f"${plan.spent:.2f} of $10 used for paid requests, $")
    assert plan.sentence().endswith("planned through the 31st.")
    assert not plan.nearly_spent
    assert MonthPlan(Decimal(8), Decimal(10), Decimal(0), 30).nearly_spent


def test_a_used_up_ceiling_says_why_nothing_is_asked(ledger):
    """With nothing left for the bill a sync on the clock is no silent success: it names the ceiling and what to do."""
    with AwsSimulator(lambda: START, lines=one_account) as simulator:
        run(simulator, ledger, START, feeds="")
        ledger.requests.add("aws", "ce:GetCostAndUsage", Decimal(10), START + DAY * 3)
        report = run(simulator, ledger, START + DAY * 4, feeds="")
    assert report.sources[0].status == "ceiling"
    assert "10" in report.sources[0].error["message"]
    assert "API_SPEND_CEILING" in report.sources[0].error["hint"]


def test_what_is_pulled_by_hand_does_not_leave_the_rest_of_the_month_dark(ledger):
    """A costly backfill by hand counts against the ceiling, not against the plan: the bill is pulled on."""
    opens = {"aws": lambda meter: adapter(simulator, meter, lambda: now, feeds="")}
    with AwsSimulator(lambda: now, page=5, lines=one_account) as simulator:
        now = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
        by_hand = sync(opens, ledger, now=lambda: now, ceiling=Decimal(10))
        assert by_hand.sources[0].cost > Decimal("0.92")
        now += DAY * 3
        report = run(simulator, ledger, now, feeds="")
    assert report.ok
    assert [feed.feed for feed in report.sources[0].feeds][:1] == ["account × service × charge category"]
