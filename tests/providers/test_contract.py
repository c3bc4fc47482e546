"""What every provider promises, held over each of them against its simulator."""

import subprocess
import sys
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from contract import DAYS, FEW, INVOICING, NAMES, NOW, Tally, load

from bot.domain.charge import CHARGE_CATEGORIES
from bot.domain.errors import AccessDenied, CeilingReached, Unavailable, UnexpectedReply
from bot.domain.period import DAY, Period, add_months
from bot.providers import Invoicing
from simulators.http_server import Reply, cut, garble, hang_up, json_reply

CATEGORIES = {
    "AI and Machine Learning",
    "Analytics",
    "Business Applications",
    "Compute",
    "Databases",
    "Developer Tools",
    "Multicloud",
    "Identity",
    "Integration",
    "Internet of Things",
    "Management and Governance",
    "Media",
    "Migration",
    "Mobile",
    "Networking",
    "Security",
    "Storage",
    "Web",
    "Other",
}
OLD = date(2026, 10, 28)
AROUND = Period(start=OLD - DAY, end=OLD + 2 * DAY)


def fixed(now=NOW):
    """A clock that stands still."""
    return lambda: now


@pytest.fixture(params=NAMES, scope="module")
def case(request):
    """Each provider in turn."""
    return load(request.param)


@pytest.fixture(scope="module")
def vendor(case):
    """Its simulator, shared by tests that change nothing."""
    with case.simulate(fixed()) as simulator:
        yield simulator


@pytest.fixture
def own(case):
    """A simulator of this test's own."""
    with case.simulate(fixed()) as simulator:
        yield simulator


@pytest.fixture
def provider(case, vendor):
    """The adapter in front of the shared simulator."""
    return case.provider(vendor, Tally(), fixed())


def told(provider, days, feed=0):
    """All charges of one feed."""
    return list(provider.charges(provider.feeds()[feed], days))


def by_day(charges):
    """Billed cost by day and currency, days that came to nothing left out."""
    sums = defaultdict(Decimal)
    for charge in charges:
        sums[charge.day, charge.billing_currency] += charge.billed_cost
    return {key: amount for key, amount in sums.items() if amount}


def truth(simulator, days):
    """The same, from the simulator's own books."""
    sums = {
        (day, currency): amount
        for day in days
        for currency, amount in simulator.truth(Period(start=day, end=day + DAY)).items()
    }
    return {key: amount for key, amount in sums.items() if amount}


def test_every_feed_adds_up_to_the_bill_of_every_day(case, vendor, provider):
    """Nothing is dropped, doubled or rounded across pages and over the end of a month, in any feed."""
    for feed in provider.feeds():
        assert by_day(provider.charges(feed, DAYS)) == truth(vendor, DAYS), feed.name


def test_charges_lie_within_the_days_asked(provider):
    """The start is in, the end is out."""
    days = {charge.day for feed in range(len(provider.feeds())) for charge in told(provider, FEW, feed)}
    assert days <= set(FEW)
    assert {FEW.start, FEW.last} <= days


def test_a_period_is_the_sum_of_its_days(provider):
    """Asking whole and asking day by day tell the same charges."""
    for feed in provider.feeds():
        whole = list(provider.charges(feed, FEW))
        single = [charge for day in FEW for charge in provider.charges(feed, Period(start=day, end=day + DAY))]
        assert sorted(whole, key=repr) == sorted(single, key=repr), feed.name


def test_the_same_question_tells_the_same_charges(case, vendor):
    """Two adapters asked alike tell alike, in the same order."""
    once, again = (told(case.provider(vendor, Tally(), fixed()), FEW) for _ in range(2))
    assert once
    assert once == again


def test_what_focus_calls_not_null_is_filled(provider):
    """Every charge names currency, provider, issuer, account, service and the two categories FOCUS knows."""
    for feed in provider.feeds():
        for charge in provider.charges(feed, FEW):
            assert charge.charge_category in CHARGE_CATEGORIES
            assert charge.service_category in CATEGORIES
            assert charge.service_name
            assert charge.service_provider_name
            assert charge.billing_account_id
            assert len(charge.billing_currency) == 3
            assert charge.billing_currency.isupper()
            assert charge.charge_frequency in ("One-Time", "Recurring", "Usage-Based")
            assert all(name.startswith("x_") for name in charge.x)


def test_a_charge_names_only_what_its_feed_tells_apart(provider):
    """In a feed whose grain lacks a dimension, no two charges of a day differ by it alone: it stays empty."""
    columns = {
        "SubAccountName": "sub_account_name",
        "RegionId": "region_id",
        "SkuId": "sku_id",
        "x_Model": "x_model",
        "x_ApiKeyName": "x_api_key_name",
        "x_UserName": "x_user_name",
    }
    for feed in provider.feeds():
        charges = list(provider.charges(feed, FEW))
        for dimension, column in columns.items():
            if dimension not in feed.grain:
                assert {getattr(charge, column) for charge in charges} == {""}, (feed.name, dimension)


def test_an_account_without_charges_is_empty_not_an_error(case):
    """No charges, no data told of, and nothing raised."""
    with case.empty(fixed()) as simulator:
        provider = case.provider(simulator, Tally(), fixed())
        for feed in provider.feeds():
            assert list(provider.charges(feed, FEW)) == []
            assert provider.data_through(feed) is None


def test_a_refused_key_is_access_denied_and_not_shown(case, own):
    """The error says what to do; neither it nor what caused it carries a key."""
    provider = case.stranger(own, Tally(), fixed())
    with pytest.raises(AccessDenied) as caught:
        told(provider, FEW)
    assert caught.value.hint
    assert_no_secret(case, caught.value)


def assert_no_secret(case, error):
    """No key in an error, nor in any error behind it that a traceback would show."""
    while error is not None:
        for secret in case.secrets:
            assert secret not in f"{error!r} {error} {getattr(error, 'hint', '')}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Reply(500, b"", {}), id="500"),
        pytest.param(Reply(503, b"<html>Service Unavailable</html>", {"Content-Type": "text/html"}), id="503"),
        pytest.param(cut, id="cut off"),
        pytest.param(hang_up, id="hung up"),
        pytest.param("throttled", id="throttled"),
    ],
)
@pytest.mark.parametrize("after", [0, 2], ids=["at once", "on a later page"])
def test_a_vendor_that_is_down_is_unavailable(case, own, fault, after):
    """Throttled, failing, hanging up or cut off: try again later, and nothing half-read passes as whole."""
    provider = case.provider(own, Tally(), fixed())
    feed = provider.feeds()[0]
    own.fail(case.throttled if fault == "throttled" else fault, times=100, after=after)
    with pytest.raises(Unavailable) as caught:
        list(provider.charges(feed, FEW))
    assert_no_secret(case, caught.value)


def test_a_strange_body_is_an_unexpected_reply(case, own):
    """A reply of a shape not known is said to be one, never read as no charges."""
    provider = case.provider(own, Tally(), fixed())
    feed = provider.feeds()[0]
    own.fail(garble, times=100)
    with pytest.raises(UnexpectedReply):
        list(provider.charges(feed, FEW))


def test_it_recovers_once_the_vendor_does(case, own):
    """After faults, the same adapter tells the whole truth."""
    provider = case.provider(own, Tally(), fixed())
    feed = provider.feeds()[0]
    own.fail(hang_up, after=1)
    with pytest.raises(Unavailable):
        list(provider.charges(feed, FEW))
    own.heal()
    assert by_day(provider.charges(feed, FEW)) == truth(own, FEW)


def test_a_restated_day_is_told_anew(case, own):
    """What the vendor tells differently today, the adapter tells differently today."""
    before = by_day(told(case.provider(own, Tally(), fixed()), AROUND))
    case.restate(own, OLD)
    after = by_day(told(case.provider(own, Tally(), fixed()), AROUND))
    assert after == truth(own, AROUND)
    assert {day for day, _ in before if before[day, _] != after[day, _]} == {OLD}


def test_a_row_that_vanished_is_told_no_more(case, own):
    """What the vendor no longer tells is gone."""
    day = Period(start=OLD, end=OLD + DAY)
    before = told(case.provider(own, Tally(), fixed()), day)
    case.vanish(own, OLD)
    after = told(case.provider(own, Tally(), fixed()), day)
    assert len(after) < len(before)
    assert by_day(after) == truth(own, day)


@pytest.mark.parametrize("now", ["2026-11-22T23:59:59+00:00", "2026-11-23T00:00:01+00:00"])
def test_midnight_in_utc_is_where_a_day_ends(case, now):
    """A second before midnight and a second after, the horizon ends tomorrow and every day adds up."""
    clock = fixed(datetime.fromisoformat(now))
    with case.simulate(clock) as simulator:
        provider = case.provider(simulator, Tally(), clock)
        feed = provider.feeds()[0]
        end = provider.horizon(feed, clock()).end
        assert end <= clock().date() + DAY
        days = Period(start=end - 3 * DAY, end=end)
        assert by_day(provider.charges(feed, days)) == truth(simulator, days)


def test_the_29th_of_february_is_a_day(case):
    """A leap day is asked for and told like any other."""
    clock = fixed(datetime(2028, 3, 3, 9, 0, tzinfo=UTC))
    days = Period(start=date(2028, 2, 28), end=date(2028, 3, 2))
    with case.simulate(clock) as simulator:
        charges = told(case.provider(simulator, Tally(), clock), days)
        assert by_day(charges) == truth(simulator, days)
    assert date(2028, 2, 29) in {charge.day for charge in charges}


def test_it_knows_the_last_day_told_of(provider):
    """Freshness is what the last pull had, not the end of what was asked."""
    feed = provider.feeds()[0]
    last = max(charge.day for charge in provider.charges(feed, DAYS))
    assert provider.data_through(feed) == last


def test_horizons_reach_back_13_months_at_most(provider):
    """What is asked first is as deep as 13 whole months; what may move lies within it."""
    for feed in provider.feeds():
        horizon = provider.horizon(feed, NOW)
        assert add_months(NOW.date().replace(day=1), -13) <= horizon.deepest <= horizon.moving
        assert horizon.moving < horizon.end <= NOW.date() + DAY
        assert horizon.rest >= timedelta(0)


def test_feeds_have_names_of_their_own(provider):
    """Feeds are told apart by name, and all belong to the source."""
    feeds = provider.feeds()
    assert len({feed.name for feed in feeds}) == len(feeds)
    assert {feed.source for feed in feeds} == {provider.source}
    assert all({"ServiceProviderName", "BillingAccountName"} <= feed.grain for feed in feeds)


def test_every_request_is_allowed_first_and_counted_after(case, own):
    """The meter is asked before a request and told of it afterwards, failed ones included."""
    meter = Tally()
    provider = case.provider(own, meter, fixed())
    own.fail(Reply(500, b"", {}), after=1)
    with pytest.raises(Unavailable):
        told(provider, FEW)
    assert len(meter.made_) == own.count
    assert meter.allowed >= own.count


def test_a_meter_that_refuses_stops_the_pull(case, own):
    """At the ceiling, nothing is asked at all."""
    meter = Tally(refuse=CeilingReached("Enough.", "Wait."))
    with pytest.raises(CeilingReached):
        told(case.provider(own, meter, fixed()), FEW)
    assert own.count == 0


def test_doctor_is_content_with_a_good_key(provider):
    """Every check tries something for real and passes."""
    checks = list(provider.checks())
    assert checks
    assert [check for check in checks if not check.ok] == []


def test_doctor_says_what_a_refused_key_needs(case, own):
    """A check fails with a message and a hint, and shows no key."""
    failed = [check for check in case.stranger(own, Tally(), fixed()).checks() if not check.ok]
    assert failed
    for check in failed:
        assert check.message
        assert check.hint
        assert not any(secret in f"{check}" for secret in case.secrets)


def test_importing_the_adapter_loads_no_vendor_library(case):
    """The library loads when it is needed, so that a bot without this provider never pays for it."""
    code = f"import sys, {case.module}; print([name for name in {case.sdk!r} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


# Invoices, where a vendor tells them -----------------------------------------------------------------------


OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))


@pytest.fixture(params=INVOICING)
def invoicer(request):
    """Each provider whose vendor tells invoices, with a simulator of the test's own."""
    case = load(request.param)
    with case.simulate(fixed()) as simulator:
        yield case, simulator, case.provider(simulator, Tally(), fixed())


def test_invoices_come_to_what_was_charged(invoicer):
    """Over all pages each invoice once; together they are the month's charges to the cent, and the same each time."""
    _, own, adapter = invoicer
    assert isinstance(adapter, Invoicing)
    found = adapter.invoices(OCTOBER)
    ((currency, charged),) = own.truth(OCTOBER).items()
    assert len({item.id for item in found}) == len(found) > 1
    assert {item.currency for item in found} == {currency}
    assert abs(sum(item.amount for item in found) - charged) <= Decimal("0.005")
    assert adapter.invoices(OCTOBER) == found


def test_a_month_without_invoices_has_none(invoicer):
    """The month under way, and an account that never bought anything."""
    case, _, adapter = invoicer
    assert not adapter.invoices(Period(start=date(2026, 11, 1), end=date(2026, 12, 1)))
    with case.empty(fixed()) as empty:
        assert not case.provider(empty, Tally(), fixed()).invoices(OCTOBER)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("throttled", Unavailable),
        ("forbidden", AccessDenied),
        (hang_up, Unavailable),
        (cut, Unavailable),
        (Reply(503, b"<html>down</html>"), Unavailable),
    ],
    ids=["throttled", "forbidden", "hung up", "cut", "down"],
)
def test_what_goes_wrong_with_invoices_is_named(invoicer, fault, kind):
    """Throttled, refused, cut off or down: the error says who must act, and never the key."""
    case, own, adapter = invoicer
    adapter.invoices(OCTOBER)
    play = getattr(case, fault) if isinstance(fault, str) else fault
    own.fail(play, times=9, when=lambda request: b"BillingPeriod" in request.body)
    with pytest.raises(kind) as caught:
        adapter.invoices(OCTOBER)
    assert not [secret for secret in case.secrets if secret in f"{caught.value} {caught.value.hint}"]


def test_an_invoice_of_another_shape_is_no_amount(invoicer):
    """A body that nobody could expect is told as such, never as nothing invoiced."""
    _, own, adapter = invoicer
    reply = json_reply({"InvoiceSummaries": [{"InvoiceId": "1", "BaseCurrencyAmount": {"TotalAmount": "much"}}]})
    own.fail(reply, when=lambda request: b"BillingPeriod" in request.body)
    with pytest.raises(UnexpectedReply):
        adapter.invoices(OCTOBER)
