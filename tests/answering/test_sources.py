"""A source that is pulled and has no data yet is never a silent zero in a total."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from seen import seen

from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.errors import NotUnderstood, Unavailable
from bot.domain.feed import Feed, Freshness
from bot.domain.period import Period
from bot.domain.scope import Scope

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FEED = Feed(source="aws", name="bill", grain=frozenset({"ServiceProviderName", "ServiceName", "ChargeCategory"}))
PULLED = {"aws": "AWS", "openai": "OpenAI"}


def charge(day):
    """A dollar of S3."""
    return Charge(
        billed_cost=Decimal(1),
        effective_cost=Decimal(1),
        list_cost=Decimal(1),
        contracted_cost=Decimal(1),
        billing_currency="USD",
        billing_account_id="1",
        day=day,
        charge_category="Usage",
        service_name="Amazon S3",
        service_category="Storage",
        service_provider_name="AWS",
    )


@pytest.fixture
def asker(ledger):
    """Who answers from a ledger that knows AWS, where OpenAI is pulled too."""
    days = Period(start=date(2026, 11, 1), end=date(2026, 11, 22))
    ledger.replace(FEED, days, [charge(day) for day in days], synced=NOW)
    return AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC, sources=PULLED))


@pytest.mark.parametrize(
    ("text", "silent"),
    [
        ("this month", ["openai"]),
        ("this month by service", ["openai"]),
        ("everything except tax this month", ["openai"]),
        ("aws this month", []),
        ("s3 this month", []),
    ],
)
def test_a_source_that_told_nothing_is_a_gap_where_it_may_be_meant(asker, text, silent):
    """The total says that it lacks OpenAI, unless the question was not about it."""
    answer = seen(asker.ask(text))
    assert answer.totals[0].amount == 21
    assert [(gap.source, gap.what) for gap in answer.gaps] == [(item, "no data yet") for item in silent]


def test_a_warehouse_that_told_nothing_may_hold_any_vendors_charges(ledger, asker):
    """The question "aws this month" lacks a warehouse that has not been synced: it may hold AWS's bill."""
    pulled = Defaults(zone=UTC, sources={**PULLED, "lake": "warehouse"})
    answer = seen(AnswerService(ledger, clock=lambda: NOW, defaults=pulled).ask("aws this month"))
    assert [gap.source for gap in answer.gaps] == ["lake"]


def test_why_it_tells_nothing_is_said_without_its_error(asker, ledger):
    """Whoever asks is told that pulling fails and who knows more; the error itself is the admins'."""
    ledger.memory.put("sync", "openai", {"at": NOW.isoformat(), "error": {"message": "secret"}, "warnings": []})
    (gap,) = seen(asker.ask("this month")).gaps
    assert "Its sync is failing" in gap.hint
    assert "secret" not in gap.hint


def test_who_may_not_see_a_source_is_not_told_of_it(asker):
    """A scope without OpenAI has no gap there."""
    assert seen(asker.ask("this month", scope=Scope(sources=("aws",)))).gaps == ()


def test_freshness_names_the_silent_source(asker):
    """How current is the data: OpenAI has none."""
    assert "openai" in [gap.source for gap in seen(asker.ask("how fresh is the data?")).gaps]


@pytest.mark.parametrize("text", ["aws last month", "this month", "why did it go up?", "forecast"])
def test_without_any_bill_that_is_what_is_said(ledger, text):
    """On an empty ledger no name is called unknown and nothing is called zero."""
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC, sources=PULLED))
    with pytest.raises(Unavailable, match="I have no bills yet"):
        asker.ask(text)
    ledger.memory.put("lease", "aws", {"holder": "x"})
    with pytest.raises(Unavailable) as refused:
        asker.ask(text)
    assert "being synced now" in refused.value.hint


def test_help_needs_no_bill(ledger):
    """A newcomer who says hello is helped before the first pull; nonsense stays nonsense after it."""
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC, sources=PULLED))
    assert asker.ask("help").question.kind == "help"
    ledger.replace(FEED, Period(start=NOW.date(), end=date(2026, 11, 23)), [charge(NOW.date())], synced=NOW)
    with pytest.raises(NotUnderstood):
        asker.ask("floop costs")


def test_a_day_of_which_nothing_is_told_yet_is_no_zero(ledger):
    """On the morning of a day whose charges have not come, nothing is known of it; of a day told it is."""
    days = Period(start=date(2026, 11, 1), end=date(2026, 11, 23))
    ledger.replace(FEED, days, [charge(day) for day in days if day < days.last], synced=NOW)
    ledger.fresh(Freshness(source="aws", synced=NOW, data_through=date(2026, 11, 21), final_through=days.start))
    answer = seen(AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC)).ask("today"))
    assert (answer.totals, [gap.what for gap in answer.gaps]) == ((), ["no data after 21 Nov 2026"])
    ledger.fresh(Freshness(source="aws", synced=NOW, data_through=days.last, final_through=days.start))
    answer = seen(AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC)).ask("today"))
    assert ([total.amount for total in answer.totals], answer.gaps) == ([0], ())


def test_while_a_first_pull_is_under_way_its_later_days_are_no_zeros(ledger):
    """Months land one after the other: those that have not are missing, though nobody knows yet how fresh it is."""
    october = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
    ledger.replace(FEED, october, [charge(day) for day in october], synced=NOW)
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    assert seen(asker.ask("this month")).totals == ()
    assert [gap.what for gap in seen(asker.ask("last 60 days")).gaps][-1] == "no data since 31 Oct 2026"
    assert [total.amount for total in seen(asker.ask("last month")).totals] == [31]
