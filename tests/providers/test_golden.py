"""The golden scenarios: what must come out right for every provider, from its simulator to the ledger."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import stamina
from contract import NAMES, load

from bot.costs.period import DAY, Period
from bot.demo.simulator import Reply, hang_up
from bot.ledger import Ledger
from bot.sync import Patience, sync

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAYS = Period(start=date(2026, 10, 28), end=date(2026, 11, 3))
"""Over the end of a month, up to and with today."""
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
    told = {
        (day, currency): amount
        for day in days
        for currency, amount in vendor.truth(Period(start=day, end=day + DAY)).items()
    }
    return {key: amount for key, amount in told.items() if amount}


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
    assert {each.restated for each in again.feeds} == {0}


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
    assert {each.day for _, each in ledger.restated(DAYS)} == {MOVED}
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
            charges.remove(max((each for each in charges if each.day == MOVED), key=lambda each: each.billed_cost))
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
