from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.charge import Charge
from bot.domain.feed import ANY_TAG, Feed, Freshness
from bot.domain.money import total
from bot.domain.period import Period
from bot.domain.question import DIMENSIONS, Filter
from bot.ledger import Ledger, resource_query

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FEED = Feed(source="acme", name="fine", grain=frozenset({*DIMENSIONS, ANY_TAG}))
FIRST = date(2026, 10, 28)
DAYS = Period(start=FIRST, end=FIRST + timedelta(days=8))

amounts = st.decimals(min_value=-(10**15), max_value=10**15, places=18, allow_nan=False) | st.sampled_from(
    [Decimal(0), Decimal("0.000000000000000001"), Decimal("-3.25"), Decimal(86400000000000000000) / 10**3]
)
charges = st.builds(
    Charge,
    day=st.sampled_from(list(DAYS)),
    billed_cost=amounts,
    effective_cost=st.none() | amounts,
    billing_currency=st.sampled_from(["USD", "IDR"]),
    service_provider_name=st.just("Acme"),
    service_name=st.sampled_from(["S3", "EC2", "RDS"]),
    sub_account_name=st.sampled_from(["prod", "staging"]),
    charge_category=st.sampled_from(["Usage", "Tax", "Credit", "Adjustment"]),
    consumed_quantity=amounts.map(abs),
    consumed_unit=st.sampled_from(["Hours", "Byte-Seconds"]),
    resource_id=st.sampled_from(["", "i-1", "i-2"]),
    tags=st.sampled_from([{}, {"team": "core"}, {"team": "data", "env": 'pr"od'}]),
)
bills = st.lists(charges, max_size=25)
thorough = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def charge(day=FIRST, cost="1", **fields):
    known = {"billing_currency": "USD", "service_provider_name": "Acme", "service_name": "S3"}
    return Charge(day=day, billed_cost=Decimal(cost), **{**known, **fields})


def fill(ledger, found, days=DAYS):
    return ledger.replace(FEED, days, found, synced=NOW)


def sums(found, key, amount=lambda item: item.billed_cost):
    grouped = defaultdict(list)
    for item in found:
        grouped[key(item)].append(amount(item))
    return {key: total(amounts) for key, amounts in grouped.items()}


def asked(ledger, by=(), where=(), metric="BilledCost", edges=(DAYS.start, DAYS.end)):
    return {(*g.key, g.unit): g.amounts for g in ledger.totals(FEED, metric, list(edges), by=by, where=where)}


@thorough
@given(bills)
def test_amounts_come_back_exact(tmp_path_factory, found):
    """Every total is the exact sum of the charges, to the last of 18 digits, in any currency and size."""
    ledger = Ledger(tmp_path_factory.mktemp("l") / "l.db")
    fill(ledger, found)

    assert sums(found, lambda c: (c.service_name, c.billing_currency)) == {
        key: amounts[0] for key, amounts in asked(ledger, ["ServiceName"]).items()
    }
    ledger.close()


@thorough
@given(bills, st.sampled_from(["BilledCost", "EffectiveCost", "ListCost", "ConsumedQuantity"]))
def test_the_cube_equals_plain_sql_over_the_facts(tmp_path_factory, found, metric):
    """Cube and facts never tell different sums, for any breakdown, filter and steps."""
    ledger = Ledger(tmp_path_factory.mktemp("l") / "l.db")
    fill(ledger, found)
    edges = [DAYS.start, DAYS.start + timedelta(days=1), DAYS.start + timedelta(days=4), DAYS.end]
    for by, where in (
        ((), ()),
        (("ServiceName", "SubAccountName"), (Filter(dimension="ServiceName", values=("RDS",), exclude=True),)),
        (("Tags/team",), (Filter(dimension="SubAccountName", values=("prod", "nowhere")),)),
        (("x_Credit",), (Filter(dimension="Tags/env", values=("",)),)),
    ):
        plain = resource_query.totals(ledger.connection(), FEED, metric, edges, by=by, where=where)

        assert {(g.key, g.unit): (g.amounts, g.charges) for g in plain} == {
            (g.key, g.unit): (g.amounts, g.charges) for g in ledger.totals(FEED, metric, edges, by=by, where=where)
        }
    ledger.close()


@thorough
@given(bills, bills, st.integers(0, 6), st.integers(1, 8))
def test_replacing_a_slice_leaves_exactly_the_new_charges_on_its_days(tmp_path_factory, old, new, start, length):
    """A slice is replaced whole: its old rows are gone, other days are untouched, twice changes nothing."""
    ledger = Ledger(tmp_path_factory.mktemp("l") / "l.db")
    days = Period(start=FIRST + timedelta(days=start), end=FIRST + timedelta(days=start + length))
    new = [item for item in new if item.day in days]
    truth = [item for item in old if item.day not in days] + new
    fill(ledger, old)

    for _ in range(2):
        fill(ledger, new, days)

        assert sums(truth, lambda c: (c.service_name, c.billing_currency)) == {
            key: amounts[0] for key, amounts in asked(ledger, ["ServiceName"]).items()
        }
    ledger.close()


@thorough
@given(bills, st.randoms())
def test_the_order_of_charges_and_of_days_does_not_matter(tmp_path_factory, found, random):
    """The same charges in any order, whole or day by day, give the same ledger."""
    whole, split = (Ledger(tmp_path_factory.mktemp("l") / "l.db") for _ in range(2))
    fill(whole, found)
    shuffled = random.sample(found, len(found))
    for day in random.sample(list(DAYS), DAYS.days):
        one = Period(start=day, end=day + timedelta(days=1))
        fill(split, [item for item in shuffled if item.day == day], one)
    edges = [*DAYS, DAYS.end]

    assert asked(whole, ["ServiceName", "Tags/team"], edges=edges) == asked(
        split, ["ServiceName", "Tags/team"], edges=edges
    )
    whole.close()
    split.close()


def test_a_pull_that_breaks_off_leaves_the_old_rows(ledger):
    """When the source fails half-way, nothing of the slice changes."""

    def broken():
        yield charge(cost="99")
        raise ConnectionError

    fill(ledger, [charge(cost="1.5")])

    with pytest.raises(ConnectionError):
        fill(ledger, broken())

    assert asked(ledger) == {("USD",): (Decimal("1.5"),)}


def test_restated_days_are_told(ledger):
    """A day told differently is reported with both totals, and remembered; a new day is not."""
    fill(ledger, [charge(cost="1903.05")])

    done = fill(ledger, [charge(cost="1951.20"), charge(DAYS.last, "7")])

    assert [(r.day, r.currency, r.was, r.now) for r in done.restated] == [
        (FIRST, "USD", Decimal("1903.05"), Decimal("1951.20"))
    ]
    assert [(source, r.now) for source, r in ledger.restatements.within(DAYS)] == [("acme", Decimal("1951.20"))]


def test_readers_do_not_wait_for_a_writer(ledger):
    """While a write is under way others read the state before it, at once."""
    fill(ledger, [charge(cost="1")])
    writing, done = Event(), Event()

    def write():
        with ledger.transaction() as connection:
            connection.execute("DELETE FROM fact")
            writing.set()
            done.wait(10)

    writer = Thread(target=write)
    writer.start()
    writing.wait(10)
    seen = ledger.daily(FEED, DAYS)
    done.set()
    writer.join()

    assert seen == {(FIRST, "USD"): Decimal(1)}


def test_resources_are_told_apart_by_the_facts(ledger):
    """A question about resources is answered, though they start no series of their own."""
    fill(ledger, [charge(cost="1", resource_id="i-1"), charge(cost="2", resource_id="i-2"), charge(cost="4")])

    assert asked(ledger, ["ResourceId"]) == {
        ("", "USD"): (Decimal(4),),
        ("i-1", "USD"): (Decimal(1),),
        ("i-2", "USD"): (Decimal(2),),
    }
    assert ledger.connection().execute("SELECT count(*) FROM series").fetchone() == (1,)


def test_the_focus_view_speaks_focus(ledger):
    """Any SQL tool finds FOCUS 1.4 Column IDs, nulls where nothing is named, and days as instants."""
    fill(ledger, [charge(cost="1.5", tags={"team": "core"}, sub_account_name="prod")])
    query = "SELECT ChargePeriodStart, BillingPeriodEnd, BilledCost, SubAccountName, RegionId, Tags FROM focus"

    assert ledger.connection().execute(query).fetchall() == [
        ("2026-10-28T00:00:00Z", "2026-11-01T00:00:00Z", 1.5, "prod", None, '{"team": "core"}')
    ]


def test_freshness_and_days_covered_are_kept(ledger, backend):
    """What a source was last asked for, and how far it is told, outlives the process."""
    result = Freshness(source="acme", synced=NOW, data_through=date(2026, 11, 21), final_through=date(2026, 10, 31))
    ledger.fresh(result)
    fill(ledger, [])
    ledger.close()
    again = Ledger.open(backend)

    assert again.freshness() == [result]
    assert again.covered(FEED) == DAYS
    again.close()


def test_requests_are_counted_by_calendar_month(ledger):
    """The meter adds up what asking has cost in a month, exactly."""
    for day in (31, 30):
        ledger.requests.add("aws", "GetCostAndUsage", Decimal("0.01"), datetime(2026, 10, day, 23, tzinfo=UTC))
    ledger.requests.add("aws", "GetCostAndUsage", Decimal("0.01"), datetime(2026, 11, 1, tzinfo=UTC))

    assert ledger.requests.spent(date(2026, 10, 5)) == Decimal("0.02")
    assert ledger.requests.made(date(2026, 11, 30)) == 1


def test_a_claim_is_won_once(ledger):
    """However many ask at once, exactly one caller gets the claim."""
    won = []

    def claim():
        won.append(ledger.memory.claim("digest", "daily 2026-11-22", {"by": "me"}))

    threads = [Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == [False] * 7 + [True]


def test_memory_swaps_only_what_it_knows(ledger):
    """A value is replaced only while it is still the one expected."""
    ledger.memory.put("alert", "a", {"state": "open"})

    assert not ledger.memory.swap("alert", "a", {"state": "closed"}, {"state": "open"})
    assert ledger.memory.swap("alert", "a", {"state": "open"}, {"state": "closed"})
    assert ledger.memory.get("alert", "a") == {"state": "closed"}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files as Linux lists them")
def test_threads_that_are_over_leave_nothing_open(ledger):
    """A sync has threads of its own each time: their connections end with them, or go back to where they came from."""

    def read():
        thread = Thread(target=ledger.feeds)
        thread.start()
        thread.join()

    for _ in range(3):
        read()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(30):
        read()

    assert len(list(Path("/proc/self/fd").iterdir())) <= before
