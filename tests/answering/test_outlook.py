"""Forecasts from a ledger that really restated: days written again and again, as syncs do."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from seen import seen

from bot.analytics.budget import Budget
from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.feed import Feed, Freshness
from bot.domain.money import Money
from bot.domain.period import DAY, Period
from bot.domain.question import Filter, Question
from bot.domain.scope import EVERYTHING, Scope

FIRST = date(2026, 9, 1)
TODAY = date(2026, 11, 22)
NOW = datetime.combine(TODAY, time(9), UTC)
NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 12, 1))
NAMES = {"aws": "AWS", "gcp": "Google Cloud"}


def bill(source):
    """The source's only feed."""
    grain = frozenset({"ServiceProviderName", "ServiceName", "ChargeCategory"})
    return Feed(source=source, name="bill", grain=grain)


def charges(source, days, amount):
    """Two services a day, the second a quarter of the whole."""
    for day in days:
        for service, part in (("EC2", Decimal("0.75")), ("S3", Decimal("0.25"))):
            yield Charge(
                day=day,
                billed_cost=amount(day) * part,
                billing_currency="USD",
                charge_category="Usage",
                service_provider_name=NAMES[source],
                service_name=service,
            )


def synced(ledger, source, whole, late, *, since=FIRST):
    """One sync a morning since a day, each of the last three days: a day old is told as a part of what it comes to."""
    history = Period(start=FIRST - 60 * DAY, end=since)
    ledger.replace(bill(source), history, charges(source, history, whole), synced=datetime.combine(since, time(), UTC))
    for morning in Period(start=since, end=TODAY + DAY):
        at = datetime.combine(morning, time(8), UTC)
        result = Period(start=morning - 3 * DAY, end=morning)

        def part(day, morning=morning):
            return whole(day) * (late if morning - day == DAY else 1)

        ledger.replace(bill(source), result, charges(source, result, part), synced=at)
    ledger.fresh(
        Freshness(source=source, synced=at, data_through=TODAY - DAY, final_through=date(2026, 10, 31)),
    )


@pytest.fixture
def aws(ledger):
    """A vendor that tells yesterday as four fifths of what it comes to: 100 on weekdays, 50 on weekends."""
    synced(ledger, "aws", lambda day: Decimal(50 if day.weekday() > 4 else 100), Decimal("0.8"))
    return ledger


def ask(ledger, *, budgets=(), scope=EVERYTHING, **question):
    """The answer, a forecast of November where nothing else is asked."""
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC, budgets=lambda: budgets))
    return seen(asker.answer(Question(**{"kind": "forecast", "period": NOVEMBER, **question}), scope=scope))


def test_provisional_days_are_expected_to_be_restated_as_such_days_were(aws):
    """Yesterday, told as 40, is expected to come to 50: ten are still to come, and the bill stays the bill."""
    found = ask(aws)
    result = found.forecast
    assert result["correction"] == "10"
    assert result["actual"] == str(15 * 100 + 5 * 50 + 40)
    assert Decimal(result["actual"]) + Decimal(result["rest"]) == Decimal(result["total"])
    assert Decimal(result["total"]) == pytest.approx(21 * 100 + 9 * 50, abs=2)
    assert found.notes == ("21 Nov is expected to grow by 25%, as provisional days usually do.",)
    month = ask(aws, kind="cost", period=Period(start=NOVEMBER.start, end=TODAY))
    assert str(month.totals[0].amount) == result["actual"]


def test_a_month_that_is_over_and_provisional_is_corrected_too(ledger):
    """The days billed are all there is to come, but they are not settled yet."""
    synced(ledger, "aws", lambda _: Decimal(100), Decimal("0.9"))
    week = Period(start=TODAY - 7 * DAY, end=TODAY)
    result = ask(ledger, period=week).forecast
    assert (result["actual"], result["correction"], result["total"]) == ("690", "10", "700")


def test_of_a_few_days_nothing_is_concluded(ledger):
    """A ledger that has been synced for ten days has seen too few of them come to rest."""
    synced(ledger, "aws", lambda _: Decimal(100), Decimal("0.8"), since=TODAY - 10 * DAY)
    found = ask(ledger)
    assert found.forecast["correction"] == "0"
    assert found.notes == ()


def test_each_source_is_corrected_by_its_own_past(aws):
    """A vendor that never restates adds nothing, in the same total and in its part."""
    synced(aws, "gcp", lambda _: Decimal(1000), Decimal(1))
    found = ask(aws, by=("ServiceProviderName",))
    assert found.forecast["correction"] == "10"
    parts = {part["key"]["ServiceProviderName"]: part["correction"] for part in found.forecast["parts"]}
    assert parts == {"AWS": "10", "Google Cloud": "0"}


def test_who_sees_a_part_is_told_nothing_of_how_the_rest_is_restated(aws):
    """Who sees all of it has a service corrected as its source is; who sees that service alone takes it as billed."""
    synced(aws, "gcp", lambda _: Decimal(1000), Decimal("0.1"))
    s3 = (Filter(dimension="ServiceName", values=("S3",)),)
    assert ask(aws, scope=Scope(sources=("aws",)), where=s3).forecast["correction"] == "2.5"
    found = ask(aws, scope=Scope(sources=("aws",), where=s3))
    assert (found.forecast["correction"], found.notes) == ("0", ())


def test_credits_and_tax_are_left_as_they_are(aws):
    """How the whole bill was restated says nothing of what is booked beside it."""
    assert ask(aws, charges="credits").notes == ()
    assert ask(aws, charges="gross").forecast["correction"] == "10"


def test_a_budget_is_told_by_the_same_forecast(aws):
    """Spent is what is billed; what is expected by the end has the days in it as they will be."""
    budget = Budget(name="all", limit=Money(amount=Decimal(3000), currency="USD"), question=Question())
    (standing,) = ask(aws, kind="budgets", budgets=(budget,)).budgets
    result = ask(aws).forecast
    assert (standing["spent"], standing["forecast"]) == (result["actual"], result["total"])
