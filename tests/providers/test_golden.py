"""The golden scenarios: what must come out right for every provider, from its simulator to the ledger.

``SCENARIOS`` says for each of the nineteen where it is held: here and in the contract over every provider, in a
provider's own tests where only that vendor can do it.
"""

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module

import pytest
import stamina
from contract import NAMES, load
from seen import seen

from bot.answering.service import AnswerService, Defaults
from bot.domain.period import DAY, Period
from bot.domain.question import Filter, Question
from bot.ledger import Ledger
from bot.sync.service import Patience, sync
from simulators.aws.server import AwsSimulator
from simulators.http_server import Reply, hang_up

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAYS = Period(start=date(2026, 10, 28), end=date(2026, 11, 3))
"""Over the end of a month, up to and with today."""
SCENARIOS = {
    "many pages, and what they repeat": [
        "test_contract:test_every_feed_adds_up_to_the_bill_of_every_day",
        "test_aws:test_no_page_is_asked_for_twice",
        "test_openai:test_a_day_may_go_on_over_pages",
    ],
    "an empty account": ["test_contract:test_an_account_without_charges_is_empty_not_an_error"],
    "the end of a month, a leap day, clocks that change": [
        "test_contract:test_a_period_is_the_sum_of_its_days",
        "test_contract:test_the_29th_of_february_is_a_day",
        "test_golden:test_days_on_which_clocks_change_have_24_hours",
    ],
    "throttled twice": ["test_golden:test_throttled_twice_and_then_let_through"],
    "a wrong key, a missing permission": [
        "test_contract:test_a_refused_key_is_access_denied_and_not_shown",
        "test_golden:test_a_missing_permission_is_named",
    ],
    "a failure between pages": ["test_golden:test_a_failure_between_pages_commits_nothing"],
    "a restated day": ["test_golden:test_a_restated_day_replaces_and_a_vanished_row_vanishes"],
    "a vanished row": ["test_golden:test_a_restated_day_replaces_and_a_vanished_row_vanishes"],
    "credits": [
        "test_golden:test_credits_hide_no_usage",
        "test_aws:test_the_bill_tells_account_service_and_charge_category",
        "test_gcp:test_net_is_cost_plus_credits_counted_once",
        "test_openai:test_a_promotional_credit_is_a_credit",
    ],
    "cents and dollars": [
        "test_anthropic:test_cents_are_divided_once",
        "test_golden:test_a_sync_leaves_the_truth_and_a_second_one_changes_nothing",
    ],
    "strings, floats, exponents": [
        "test_aws:test_an_amount_that_is_no_number_is_refused",
        "test_gcp:test_float_noise_is_rounded_half_even_to_a_billionth",
        "test_openai:test_amounts_are_exact",
        "test_anthropic:test_cents_are_divided_once",
    ],
    "other currencies": [
        "test_aws:test_other_currencies_stay_what_they_are",
        "test_gcp:test_an_account_in_euro_is_billed_in_euro",
    ],
    "untagged, unlabelled, no project": [
        "test_aws:test_tags_are_told_apart_and_untagged_names_none",
        "test_gcp:test_labels_are_tags_and_their_absence_is_not_an_error",
        "test_gcp:test_cost_types_become_charge_categories",
        "test_openai:test_what_no_key_used_is_unattributed",
        "test_anthropic:test_the_default_workspace_has_one_name",
    ],
    "two payers with the same accounts": [
        "test_golden:test_two_payers_with_the_same_accounts_stay_two",
        "test_golden:test_two_partitions_of_aws_are_never_added",
    ],
    "a cursor that expired": [
        "test_golden:test_a_lost_cursor_loses_and_doubles_nothing",
        "test_anthropic:test_a_cursor_that_expired_begins_again",
    ],
    "new words and columns": [
        "test_aws:test_a_record_type_nobody_knows_is_usage_and_never_lost",
        "test_gcp:test_a_new_key_column_or_enum_breaks_nothing",
        "test_openai:test_fields_not_known_break_nothing",
        "test_anthropic:test_new_words_break_nothing",
    ],
    "around midnight in UTC": ["test_contract:test_midnight_in_utc_is_where_a_day_ends"],
    "what requests may cost": ["test_golden:test_what_a_sync_costs_is_known_and_capped"],
    "two tellings that disagree": ["test_golden:test_feeds_that_do_not_add_up_alike_raise_a_visible_warning"],
}
OLD, MOVED = DAYS.start, date(2026, 10, 30)
DOWN = Reply(503, b"", {})


@pytest.fixture(params=NAMES, scope="module")
def case(request):
    """Each provider in turn."""
    return load(request.param)


@pytest.fixture
def vendor(case):
    """Its simulator."""
    with case.simulate(lambda: NOW) as simulator:
        yield simulator


@pytest.fixture
def ledger(tmp_path):
    """An empty ledger."""
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.close()


def pull(case, vendor, ledger, *, attempts=1, opens=None, **more):
    """One sync of one provider."""
    return sync(
        {"vendor": opens or (lambda meter: case.provider(vendor, meter, lambda: NOW))},
        ledger,
        now=lambda: NOW,
        since=DAYS.start,
        patience=Patience(attempts=attempts),
        **more,
    ).sources[0]


def held(ledger, days=DAYS):
    """What each feed comes to, day by day; days that came to nothing left out."""
    return {
        feed.name: {key: amount for key, amount in ledger.daily(feed, days).items() if amount}
        for feed in ledger.feeds()
    }


def truth(vendor, days=DAYS):
    """What the vendor's own books say of each day."""
    result = {
        (day, currency): amount
        for day in days
        for currency, amount in vendor.truth(Period(start=day, end=day + DAY)).items()
    }
    return {key: amount for key, amount in result.items() if amount}


def assert_true(ledger, vendor):
    """Every feed in the ledger comes to the truth of every day."""
    feeds = held(ledger)
    assert feeds
    for name, daily in feeds.items():
        assert daily == truth(vendor), name


def test_a_sync_leaves_the_truth_and_a_second_one_changes_nothing(case, vendor, ledger):
    """Every feed equals the vendor's books to the last digit; syncing twice is syncing once."""
    report = pull(case, vendor, ledger)
    assert (report.status, report.warnings) == ("ok", [])
    assert_true(ledger, vendor)
    before = held(ledger)
    again = pull(case, vendor, ledger)
    assert held(ledger) == before
    assert {feed.restated for feed in again.feeds} == {0}


def test_throttled_twice_and_then_let_through(case, vendor, ledger):
    """Two refusals for asking too often heal within one sync."""
    vendor.fail(case.throttled, times=2, after=1)
    with stamina.set_testing(testing=True, attempts=4):  # without the waits
        assert pull(case, vendor, ledger).status == "ok"
    assert_true(ledger, vendor)


@pytest.mark.parametrize("fault", [DOWN, hang_up], ids=["503", "hung up"])
def test_a_failure_between_pages_commits_nothing(case, vendor, ledger, fault):
    """A window that could only be read in part leaves what was there; the next sync makes it good."""
    pull(case, vendor, ledger)
    before = held(ledger)
    case.restate(vendor, MOVED)
    vendor.fail(fault, times=1000, after=3)
    report = pull(case, vendor, ledger)
    assert report.status in ("failed", "partial")
    assert report.error
    after = held(ledger)
    assert all(after[name] in (before[name], truth(vendor)) for name in before)
    vendor.heal()
    pull(case, vendor, ledger)
    assert_true(ledger, vendor)


def test_a_restated_day_replaces_and_a_vanished_row_vanishes(case, vendor, ledger):
    """The ledger follows the vendor, in every feed, and remembers which day was told differently."""
    pull(case, vendor, ledger)
    case.restate(vendor, MOVED)
    report = pull(case, vendor, ledger)
    assert report.feeds[0].restated == 1
    assert {item.day for _, item in ledger.restatements.within(DAYS)} == {MOVED}
    case.vanish(vendor, OLD)
    assert pull(case, vendor, ledger).feeds[0].restated == 1
    assert_true(ledger, vendor)


def test_what_a_sync_costs_is_known_and_capped(case, vendor, ledger):
    """The report's cost is what the ledger has booked; at a ceiling of nothing only free requests are made."""
    report = pull(case, vendor, ledger)
    assert ledger.requests.spent(NOW.date()) == report.cost
    asked = vendor.count
    capped = pull(case, vendor, ledger, ceiling=report.cost)
    if report.cost:
        assert capped.status == "ceiling"
        assert capped.cost == 0
        assert vendor.count == asked + capped.requests  # the free ones
    else:
        assert capped.status == "ok"


def test_a_missing_permission_is_named(case, vendor, ledger):
    """A key that may not read costs fails the sync at once, in words that name what to grant; no key is in them."""
    vendor.fail(case.forbidden, times=1000)
    report = pull(case, vendor, ledger, attempts=3)
    assert (report.status, report.error["type"]) == ("failed", "AccessDenied")
    text = f"{report.error['message']} {report.error['hint']}"
    assert case.permission in text
    assert not any(secret in text for secret in case.secrets)
    assert ledger.feeds() == []


def test_a_lost_cursor_loses_and_doubles_nothing(case, vendor, ledger):
    """Where the vendor forgets the way to the next page, nothing is half-read; the same sync or the next is whole."""
    vendor.fail(case.cursor_lost, times=1, after=1, when=case.paged)
    with stamina.set_testing(testing=True, attempts=3):
        first = pull(case, vendor, ledger)
    assert first.status == "ok" or first.error
    assert all(held(ledger)[name] in ({}, truth(vendor)) for name in held(ledger))
    assert pull(case, vendor, ledger).status == "ok"
    assert_true(ledger, vendor)


def test_credits_hide_no_usage(case, vendor, ledger):
    """Before credits, only credits and all of it: the three agree, in every feed that tells charges apart."""
    pull(case, vendor, ledger)
    for feed in ledger.feeds():
        if feed.missing(["ChargeCategory"]):
            continue
        credit = [Filter(dimension="x_Credit", values=("credit",))]
        gross = [Filter(dimension="x_Credit", values=("credit",), exclude=True)]
        parts = {name: summed(ledger, feed, where) for name, where in (("-", credit), ("+", gross), ("=", []))}
        assert parts["+"] + parts["-"] == parts["="]
        assert parts["-"] <= 0 < parts["+"]


def summed(ledger, feed, where):
    """What those charges come to, whatever the currency."""
    groups = ledger.totals(feed, "BilledCost", [DAYS.start, DAYS.end], where=where)
    return sum((amount for group in groups for amount in group.amounts), Decimal(0))


def test_two_payers_with_the_same_accounts_stay_two(case, vendor, ledger):
    """Two sources of one kind lie side by side: each is replaced by itself, and together they are both."""
    names = ("first", "second")
    opens = {
        name: lambda meter, name=name: case.provider(vendor, meter, lambda: NOW, source=name)  # each its own
        for name in names
    }
    report = sync(opens, ledger, now=lambda: NOW, since=DAYS.start, patience=Patience(attempts=1))
    assert [(source.source, source.status) for source in report.sources] == [(name, "ok") for name in names]
    case.vanish(vendor, OLD)
    sync({"second": opens["second"]}, ledger, now=lambda: NOW, since=DAYS.start)
    before, after = (
        {
            feed.name: {key: amount for key, amount in ledger.daily(feed, DAYS).items() if amount}
            for feed in ledger.feeds()
            if feed.source == name
        }
        for name in names
    )
    assert after == dict.fromkeys(after, truth(vendor))
    assert before.keys() == after.keys()
    assert all(before[name] != after[name] for name in before)


def test_two_partitions_of_aws_are_never_added(ledger):
    """A payer in China and one elsewhere, account ids alike: two currencies, two totals, no sum."""
    clock, aws = (lambda: NOW), load("aws")
    with AwsSimulator(clock) as world, AwsSimulator(clock, currency="CNY") as china:
        opens = {
            name: lambda meter, name=name, vendor=vendor: aws.provider(vendor, meter, clock, source=name)
            for name, vendor in (("aws", world), ("china", china))
        }
        assert sync(opens, ledger, now=clock, since=DAYS.start).ok
        asked = Question(period=DAYS, by=("SubAccountName",))
        answer = seen(AnswerService(ledger, clock=clock, defaults=Defaults(zone=UTC)).answer(asked))
        assert {total.currency: total.amount for total in answer.totals} == {**world.truth(DAYS), **china.truth(DAYS)}
        assert len(answer.lines) == 2 * len({line.key["SubAccountName"] for line in answer.lines})


@pytest.mark.parametrize("first", [date(2026, 3, 7), date(2026, 10, 24)])
def test_days_on_which_clocks_change_have_24_hours(case, first):
    """Clocks change in America and Europe; the biller's days are UTC's, and none is short, long or doubled."""
    days = Period(start=first, end=first + 3 * DAY)
    with case.simulate(lambda: NOW) as simulator:
        provider = case.provider(simulator, Silent(), lambda: NOW)
        sums = defaultdict(Decimal)
        for charge in provider.charges(provider.feeds()[0], days):
            sums[charge.day, charge.billing_currency] += charge.billed_cost
        assert {key: amount for key, amount in sums.items() if amount} == truth(simulator, days)


def test_every_golden_scenario_has_its_tests():
    """The nineteen scenarios name tests that there are."""
    assert len(SCENARIOS) == 19
    for tests in SCENARIOS.values():
        for module, name in (test.split(":") for test in tests):
            assert hasattr(import_module(module), name), f"{module}:{name}"


class Shortened:
    """An adapter that loses a charge of its second feed on the way: what reconciliation is for."""

    def __init__(self, provider):
        self._provider = provider

    def __getattr__(self, name):
        return getattr(self._provider, name)

    def charges(self, feed, days):
        """All but the largest charge of one day."""
        charges = list(self._provider.charges(feed, days))
        if feed.name != self._provider.feeds()[0].name:
            charges.remove(
                max((charge for charge in charges if charge.day == MOVED), key=lambda item: item.billed_cost)
            )
        return iter(charges)


def test_feeds_that_do_not_add_up_alike_raise_a_visible_warning(case, vendor, ledger):
    """If one feed misses money that another has, the sync says which, on which day, and by how much."""
    if len(case.provider(vendor, Silent(), lambda: NOW).feeds()) == 1:
        pytest.skip("this provider has one feed, which agrees with itself")
    report = pull(case, vendor, ledger, opens=lambda meter: Shortened(case.provider(vendor, meter, lambda: NOW)))
    assert report.warnings
    assert all(str(MOVED) in warning for warning in report.warnings)
    assert ledger.memory.all("warning")


class Silent:
    """A meter that counts nothing."""

    def allow(self, operation, cost):
        """Everything."""
        assert (operation, cost) > ("", Decimal(-1))

    def made(self, operation, **_):
        """Nothing to remember."""
