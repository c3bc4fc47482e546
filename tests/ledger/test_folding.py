"""Old days kept by the month: totals stay equal to the last digit, and no part of a month is told as if known."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from seen import seen

from bot.answering.service import AnswerService, Defaults
from bot.app.settings import load
from bot.domain.charge import Charge
from bot.domain.errors import KeptByMonth, Misconfigured
from bot.domain.feed import Feed
from bot.domain.period import Period, month_of
from bot.ledger import Ledger
from bot.ledger.folding import fold_before

NOW = datetime(2027, 11, 22, 9, tzinfo=UTC)
FEED = Feed(source="aws", name="bill", grain=frozenset({"ServiceProviderName", "ServiceName", "SubAccountName"}))
DAYS = Period(start=date(2026, 7, 10), end=date(2026, 9, 12))
MONTHS = [date(2026, month, 1) for month in (7, 8, 9, 10)]
LIMIT = date(2026, 9, 1)
METRICS = ("BilledCost", "EffectiveCost", "ConsumedQuantity")


def charge(day, cost, service="Amazon S3", **more):
    """What a service cost on a day."""
    return Charge(
        day=day,
        billed_cost=Decimal(cost),
        billing_currency="USD",
        service_provider_name="AWS",
        service_name=service,
        **more,
    )


def fill(ledger):
    """Two services a day, in uneven digits, with credits, quantities and resources."""
    atto = Decimal("1e-18")
    charges = [
        charge(
            day,
            (Decimal(day.day * 7919 % 97 - 11) / 7).quantize(atto),
            service,
            effective_cost=(Decimal(day.day) / 3).quantize(atto),
            consumed_quantity=Decimal(day.day),
            consumed_unit="Hours",
            resource_id=f"i-{day.day % 3}",
        )
        for day in DAYS
        for service in ("Amazon S3", "Amazon EC2")
    ]
    ledger.replace(FEED, DAYS, charges, synced=NOW)


def by_month(ledger, metric, by=("ServiceName",)):
    """What each group came to in each month."""
    return {(*g.key, g.unit): g.amounts for g in ledger.totals(FEED, metric, MONTHS, by=by)}


def test_every_monthly_total_stays_the_same(ledger):
    """By service, and by resource from the facts themselves, in all metrics; there are far fewer facts."""
    fill(ledger)
    before = [by_month(ledger, metric, by) for metric in METRICS for by in (("ServiceName",), ("ResourceId",))]
    saved = fold_before(ledger, LIMIT)
    assert saved == 2 * (Period(start=DAYS.start, end=LIMIT).days) - 2 * 2 * 3  # months, services, resources
    assert [by_month(ledger, metric, by) for metric in METRICS for by in (("ServiceName",), ("ResourceId",))] == before
    assert ledger.covered(FEED) == DAYS
    assert fold_before(ledger, LIMIT) == 0


def test_days_after_the_limit_stay_days(ledger):
    """What is asked of September and later is told by the day as before."""
    fill(ledger)
    edges = [date(2026, 9, day) for day in range(1, 12)]
    before = ledger.totals(FEED, "BilledCost", edges)
    fold_before(ledger, LIMIT)
    assert list(ledger.totals(FEED, "BilledCost", edges)) == list(before)


def test_a_part_of_a_folded_month_is_never_told(ledger):
    """Not as a total, not as floats for statistics, not of resources: an error that names the first day known."""
    fill(ledger)
    fold_before(ledger, LIMIT)
    edges = [date(2026, 7, 1), date(2026, 7, 15)]
    for ask in (
        lambda: ledger.totals(FEED, "BilledCost", edges),
        lambda: ledger.totals(FEED, "BilledCost", edges, by=["ResourceId"]),
        lambda: ledger.query.courses(FEED, "BilledCost", edges, by=[], where=[]),
    ):
        with pytest.raises(KeptByMonth, match="Days before 2026-09-01 are kept by the month"):
            ask()


def test_an_answer_that_reaches_beyond_says_so(ledger):
    """Whole months are answered; a week there is a gap with its reason, and no figure."""
    fill(ledger)
    fold_before(ledger, LIMIT)
    service = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    july = sum(one.amounts[0] for one in ledger.totals(FEED, "BilledCost", MONTHS))
    assert seen(service.ask("july 2026")).totals[0].amount == july
    answer = seen(service.ask("aws from 3 july 2026 to 9 july 2026"))
    assert answer.totals == ()
    assert [(gap.what, gap.hint) for gap in answer.gaps] == [
        ("days before 1 Sep 2026 are kept by the month", "Ask for whole months there.")
    ]


def test_a_part_of_a_folded_month_is_not_replaced(ledger):
    """A source that restates some days of it is refused: else they would be counted twice. A whole month is taken."""
    fill(ledger)
    fold_before(ledger, LIMIT)
    before = by_month(ledger, "BilledCost")
    some = Period(start=date(2026, 7, 10), end=date(2026, 7, 12))
    with pytest.raises(KeptByMonth):
        ledger.replace(FEED, some, [charge(some.start, 1)], synced=NOW)
    assert by_month(ledger, "BilledCost") == before
    whole = month_of(date(2026, 7, 1))
    ledger.replace(FEED, whole, [charge(day, 1) for day in whole], synced=NOW)
    assert by_month(ledger, "BilledCost")["Amazon S3", "USD"][0] == 31
    fold_before(ledger, LIMIT)
    assert by_month(ledger, "BilledCost")["Amazon S3", "USD"][0] == 31


def test_old_months_are_let_go_of_after_they_were_folded(ledger):
    """Retention takes whole folded months, and leaves the others as they were."""
    fill(ledger)
    fold_before(ledger, LIMIT)
    before = by_month(ledger, "BilledCost")
    ledger.forget_before(date(2026, 8, 1))
    assert {key: amounts[1:] for key, amounts in by_month(ledger, "BilledCost").items()} == {
        key: amounts[1:] for key, amounts in before.items()
    }
    assert all(not amounts[0] for amounts in by_month(ledger, "BilledCost").values())


def test_forecasts_need_fourteen_months_of_days():
    """Fewer are refused by the setting's name; none is the default."""
    assert load({}).detail_months == 0
    assert load({"DETAIL_MONTHS": "14"}).detail_months == 14
    with pytest.raises(Misconfigured, match="DETAIL_MONTHS"):
        load({"DETAIL_MONTHS": "6"})


amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=18, allow_nan=False)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(list(DAYS)), amounts, st.sampled_from(["a", "b"])), max_size=25))
def test_any_bill_is_folded_exactly(tmp_path_factory, found):
    """Whatever the charges are, monthly totals are the same to the atto."""
    ledger = Ledger(tmp_path_factory.mktemp("l") / "l.db")
    ledger.replace(FEED, DAYS, [charge(*one) for one in found], synced=NOW)
    before = by_month(ledger, "BilledCost")
    fold_before(ledger, LIMIT)
    assert by_month(ledger, "BilledCost") == before
    ledger.close()


def test_room_is_given_back_where_it_pays(tmp_path):
    """A file of which little is empty is left alone; one that is mostly empty is written anew."""
    ledger = Ledger(tmp_path / "l.db")
    fill(ledger)
    fold_before(ledger, LIMIT)
    assert ledger.vacuum() == 0
    with closing(sqlite3.connect(tmp_path / "l.db")) as raw:
        raw.execute("CREATE TABLE large AS SELECT zeroblob(20000000)")
        raw.commit()
        raw.execute("DROP TABLE large")
        raw.commit()
    size = (tmp_path / "l.db").stat().st_size
    assert ledger.vacuum() > 16 * 2**20
    ledger.close()
    assert (tmp_path / "l.db").stat().st_size < size / 2
