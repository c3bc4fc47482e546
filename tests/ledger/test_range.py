"""Amounts at the borders of 64 bits: exact, or refused with everything as it was; never another number."""

from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.charge import Charge
from bot.domain.errors import OutOfRange
from bot.domain.feed import Feed
from bot.domain.money import LARGEST
from bot.domain.period import Period
from bot.ledger import Ledger

FEED = Feed(source="acme", name="bill", grain=frozenset({"ServiceName", "ResourceId"}))
SYNCED = datetime(2026, 11, 22, tzinfo=UTC)
START = date(2021, 1, 1)
DAYS = 2_000
WIDE = Context(prec=90)
NANO, ATTO = Decimal("1e-9"), Decimal("1e-18")
STEPS = [Decimal(0), *(sign * step for sign in (1, -1) for step in (Decimal(1), NANO, ATTO, Decimal("0.5")))]
"""Beside a border, and on it."""
WHOLE = [Decimal(2) ** power for power in (61, 62, 63, 64)]
BORDERS = [
    Decimal(0),
    *WHOLE,
    *(WIDE.multiply(item, unit) for item in WHOLE for unit in (NANO, ATTO)),
    Decimal(10) ** 30,
]


def added(*amounts):
    """The sum, without rounding."""
    total = Decimal(0)
    for amount in amounts:
        total = WIDE.add(total, amount)
    return total


AMOUNTS = st.builds(
    lambda border, step, sign: added(border, step) * sign,
    st.sampled_from(BORDERS),
    st.sampled_from(STEPS),
    st.sampled_from([1, -1]),
).filter(lambda amount: amount == amount.quantize(ATTO, context=WIDE))
CHARGES = st.lists(
    st.tuples(st.integers(0, DAYS - 1), st.sampled_from(["a", "b"]), st.sampled_from(["r1", "r2"]), AMOUNTS),
    min_size=1,
    max_size=6,
)


def charge(day, service, resource, amount):
    """One charge; its quantity is the amount too."""
    return Charge(
        day=START + timedelta(day),
        billed_cost=amount,
        consumed_quantity=amount,
        consumed_unit="GB",
        billing_currency="USD",
        service_provider_name="Acme",
        service_name=service,
        resource_id=resource,
    )


def told(ledger, start, end, by=("ServiceName",), metric="BilledCost"):
    """What the ledger says of some days, by key."""
    edges = [START + timedelta(start), START + timedelta(end)]
    return {total.key: total.amounts[0] for total in ledger.totals(FEED, metric, edges, by=by)}


def truth(charges, start, end, at):
    """The same by adding up; ``at`` is the place of the key."""
    sums = {}
    for item in charges:
        if start <= item[0] < end:
            sums[item[at],] = added(sums.get((item[at],), Decimal(0)), item[3])
    return sums


def agrees(ledger, charges):
    """The cube, the facts and the sums by hand say the same of all days, some days and single days."""
    days = sorted({item[0] for item in charges})
    for start, end in [(0, DAYS), *((day, day + 1) for day in days), (days[0], days[-1]), (days[-1], DAYS)]:
        if start == end:
            continue
        for metric in ("BilledCost", "ConsumedQuantity", "EffectiveCost"):
            assert told(ledger, start, end, metric=metric) == truth(charges, start, end, 1)
        assert told(ledger, start, end, by=("ResourceId",)) == truth(charges, start, end, 2)
    daily = ledger.daily(FEED, Period(start=START, end=START + timedelta(DAYS)))
    by_day = {}
    for item in charges:
        by_day[item[0]] = added(by_day.get(item[0], Decimal(0)), item[3])
    assert {(day - START).days: amount for (day, _), amount in daily.items()} == by_day


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=CHARGES, second=CHARGES)
def test_every_amount_is_exact_or_refused(tmp_path_factory, first, second):
    """Single and summed over a cube of years, in whole units, nanos and attos; what is refused changes nothing."""
    ledger = Ledger(tmp_path_factory.mktemp("range") / "ledger.db")
    held = []
    try:
        for days, charges in (((0, DAYS // 2), first), ((DAYS // 2, DAYS), second)):
            mine = [item for item in charges if days[0] <= item[0] < days[1]]
            period = Period(start=START + timedelta(days[0]), end=START + timedelta(days[1]))
            try:
                ledger.replace(FEED, period, [charge(*item) for item in mine], synced=SYNCED)
            except OutOfRange:
                pass
            else:
                held += mine
            if held:
                agrees(ledger, held)
            else:
                assert told(ledger, 0, DAYS) == {}
    finally:
        ledger.close()


@pytest.mark.parametrize("power", [62, 63, 64])
@pytest.mark.parametrize("step", ["-1", "0", "1"])
def test_an_amount_beyond_the_range_names_row_and_column(ledger, power, step):
    """The first row that is too large, its day and its column; up to there amounts are held exactly."""
    amount = Decimal(2) ** power + Decimal(step)
    charges = [charge(0, "a", "r", Decimal(1)), charge(3, "a", "r", amount)]
    period = Period(start=START, end=START + timedelta(9))
    if amount < LARGEST:
        ledger.replace(FEED, period, charges, synced=SYNCED)
        return
    with pytest.raises(OutOfRange) as refused:
        ledger.replace(FEED, period, charges, synced=SYNCED)
    assert "Row 2 (2021-01-04), column BilledCost" in refused.value.message
    assert ledger.feeds() == []


def test_a_sum_beyond_the_range_is_refused_and_the_ledger_stays(ledger):
    """Of one day, of equal charges, of years: each time the ledger is as it was."""
    large = Decimal(3) * 10**18
    period = Period(start=START, end=START + timedelta(1_000))
    ledger.replace(FEED, period, [charge(0, "a", "r", large)], synced=SYNCED)
    later = Period(start=START + timedelta(1_000), end=START + timedelta(DAYS))
    for more in (
        [charge(1_500, "a", "r", large)],
        [charge(1_500, "b", "r", large)] * 2,
        [charge(1_500, "b", "r", large), charge(1_500, "b", "r2", large)],
        [charge(1_500, "b", "r", large), charge(1_900, "b", "r", large)],
    ):
        with pytest.raises(OutOfRange, match=r"^Amounts of \w+ add up to more than the ledger can hold\.") as refused:
            ledger.replace(FEED, later, more, synced=SYNCED)
        assert f"totals up to {2**62 - 1:,} in either direction" in refused.value.hint
        assert told(ledger, 0, DAYS) == {("a",): large}
    ledger.replace(FEED, later, [charge(1_500, "a", "r", -large), charge(1_501, "b", "r", large)], synced=SYNCED)
    assert told(ledger, 0, DAYS) == {("a",): Decimal(0), ("b",): large}
