"""Syncing: how deep, how often, what survives failures, what is said."""

import json
import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from books import Books, Vendor, every, once, total
from structlog.testing import capture_logs

from bot.domain.errors import AccessDenied, CeilingReached, Unavailable
from bot.domain.feed import Freshness
from bot.domain.period import DAY, Period
from bot.ledger import Ledger
from bot.providers import Advice
from bot.sync.service import Patience, sync

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ALL = Period(start=date(2026, 7, 1), end=date(2026, 11, 23))
MONTH = Period(start=date(2026, 11, 1), end=date(2026, 11, 23))
HASTY = Patience(attempts=1)


@pytest.fixture
def ledger(tmp_path):
    """A ledger of this test's own."""
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.close()


@pytest.fixture
def vendor():
    """Someone who sends bills."""
    return Vendor()


def run(ledger, vendor, *, sources=None, options=None, now=NOW, **more):
    """One sync of one source, reported."""
    opens = sources or {"books": lambda meter: Books(vendor, meter, **(options or {}))}
    return sync(opens, ledger, **{"now": lambda: now, "patience": HASTY, **more})


def known(ledger, name="bill", days=ALL, source="books"):
    """What the ledger holds of a feed, day by day."""
    feed = next(item for item in ledger.feeds() if (item.source, item.name) == (source, name))
    return ledger.daily(feed, days)


def test_the_first_sync_reaches_back_as_far_as_the_vendor_does(ledger, vendor):
    """Every month the vendor keeps lands, and the report says so in its public shape."""
    report = run(ledger, vendor)
    assert known(ledger) == total(vendor, ALL)
    assert report.ok
    assert json.loads(json.dumps(report.json())) == {
        "sources": [
            {
                "source": "books",
                "status": "ok",
                "requests": 5,
                "cost": "0 USD",
                "feeds": [{"feed": "bill", "from": "2026-07-01", "to": "2026-11-23", "charges": 290, "restated": 0}],
                "warnings": [],
                "notes": [],
                "error": None,
            }
        ]
    }


@pytest.mark.parametrize("ordered", [False, True])
def test_the_second_sync_asks_only_for_what_may_have_moved(ledger, vendor, ordered):
    """Right after a full sync, only the restatement window is asked for, once."""
    run(ledger, vendor, options={"ordered": ordered})
    vendor.asked.clear()
    run(ledger, vendor, options={"ordered": ordered})
    assert vendor.asked == [("bill", MONTH)]


def test_a_feed_in_day_order_is_asked_once_for_all_its_months(ledger, vendor):
    """The first sync of such a feed is a single ask, whatever its length."""
    run(ledger, vendor, options={"ordered": True})
    assert vendor.asked == [("bill", ALL)]
    assert known(ledger) == total(vendor, ALL)


def test_after_an_absence_the_days_that_still_moved_then_are_asked_again(ledger, vendor):
    """Two months off: the pull starts where the last one could not yet be final."""
    run(ledger, vendor, now=datetime(2026, 9, 20, tzinfo=UTC))
    vendor.changed[date(2026, 9, 3)] = Decimal(7)
    vendor.asked.clear()
    run(ledger, vendor)
    assert min(days.start for _, days in vendor.asked) == date(2026, 9, 1)
    assert known(ledger)[date(2026, 9, 3), "USD"] == 7


@pytest.mark.parametrize("ordered", [False, True])
def test_a_sync_that_failed_half_way_goes_on_from_there(ledger, vendor, ordered):
    """Whole months that landed stay and are not paid for again."""
    vendor.faults = [once(Unavailable("down"), lambda _, day: day == date(2026, 9, 10))]
    report = run(ledger, vendor, options={"ordered": ordered})
    assert report.sources[0].status == "failed"
    assert not report.ok
    assert known(ledger) == total(vendor, Period(start=ALL.start, end=date(2026, 9, 1)))
    vendor.asked.clear()
    assert run(ledger, vendor, options={"ordered": ordered}).ok
    assert min(days.start for _, days in vendor.asked) == date(2026, 9, 1)
    assert known(ledger) == total(vendor, ALL)


def test_a_failed_window_leaves_the_old_rows(ledger, vendor):
    """A restatement window that was only half read changes nothing."""
    run(ledger, vendor)
    before = known(ledger)
    vendor.changed[date(2026, 11, 3)] = Decimal(999)
    vendor.faults = [every(Unavailable("down"), lambda _, day: day == date(2026, 11, 20))]
    run(ledger, vendor)
    assert known(ledger) == before


def test_an_unavailable_vendor_is_asked_again_after_the_time_it_named(ledger, vendor):
    """One outage heals within the sync; ``retry_after`` is waited for."""
    vendor.faults = [once(Unavailable("slow down", retry_after=0.05), lambda _, day: day == date(2026, 9, 10))]
    began = datetime.now(UTC)
    assert run(ledger, vendor, patience=Patience(attempts=2), options={"ordered": True}).ok
    assert datetime.now(UTC) - began >= timedelta(seconds=0.05)
    assert [days.start for _, days in vendor.asked] == [date(2026, 7, 1), date(2026, 9, 1)]
    assert known(ledger) == total(vendor, ALL)


def test_patience_begins_anew_with_what_has_landed(ledger, vendor):
    """A vendor that interrupts every month of a first pull is asked to the end."""
    days = [date(2026, month, 10) for month in (8, 9, 10, 11)]
    vendor.faults = [once(Unavailable("slow down", retry_after=0), lambda _, day, at=at: day == at) for at in days]
    assert run(ledger, vendor, patience=Patience(attempts=2)).ok
    assert known(ledger) == total(vendor, ALL)


def test_a_refused_key_is_not_tried_again(ledger, vendor):
    """Asking again with a refused key would only lock it."""
    vendor.faults = [every(AccessDenied("No.", "Renew it."), lambda *_: True)]
    report = run(ledger, vendor, patience=Patience(attempts=5))
    assert len(vendor.asked) == 1
    assert report.sources[0].error == {"type": "AccessDenied", "message": "No.", "hint": "Renew it."}


def test_a_refusal_says_since_when(ledger, vendor):
    """From the second sync on, a refused key comes with the time it was first refused; a good one ends that."""
    vendor.faults = [every(AccessDenied("No."), lambda *_: True)]
    run(ledger, vendor)
    again = run(ledger, vendor, now=NOW + timedelta(days=2))
    assert again.sources[0].error["message"] == "No. It has failed since 22 Nov 2026, 09:00 UTC."
    vendor.faults = []
    run(ledger, vendor)
    vendor.faults = [every(AccessDenied("No."), lambda *_: True)]
    assert run(ledger, vendor).sources[0].error["message"] == "No."


@pytest.mark.parametrize("error", [Unavailable("down"), ZeroDivisionError("a bug")])
def test_one_failing_source_leaves_the_rest(ledger, vendor, error):
    """The others land; the report names who failed and how, a bug included."""
    broken = Vendor()
    broken.faults = [every(error, lambda *_: True)]
    opens = {
        "broken": lambda meter: Books(broken, meter, source="broken"),
        "books": lambda meter: Books(vendor, meter),
    }
    with capture_logs():
        report = run(ledger, vendor, sources=opens)
    assert [(source.source, source.status) for source in report.sources] == [("broken", "failed"), ("books", "ok")]
    assert report.sources[0].error["message"]
    assert known(ledger) == total(vendor, ALL)


def test_a_source_that_cannot_even_be_opened_is_reported(ledger, vendor):
    """A missing key is that source's failure, with its hint."""

    def opens(_meter):
        raise AccessDenied("There is no key.", "Set it.")

    report = run(ledger, vendor, sources={"shut": opens, "books": lambda meter: Books(vendor, meter)})
    assert report.sources[0].error["hint"] == "Set it."
    assert report.sources[1].status == "ok"


def test_a_later_feed_that_fails_leaves_the_bill(ledger, vendor):
    """The bill lands and is fresh; the source counts as partly done, and says what is missing."""
    vendor.faults = [every(Unavailable("down"), lambda feed, _: feed == "by region")]
    report = run(ledger, vendor, options={"feeds": ("bill", "by region", "by user")})
    assert report.sources[0].status == "partial"
    assert [item.feed for item in report.sources[0].feeds] == ["bill", "by user"]
    assert report.sources[0].warnings == ["by region: down"]
    assert not report.ok
    assert ledger.freshness()[0].synced == NOW


def test_at_the_ceiling_it_stops_asking_and_says_so(ledger, vendor):
    """What was paid for stays; nothing is asked beyond; next month it goes on."""
    options = {"price": "0.01", "ordered": True}
    report = run(ledger, vendor, options=options, ceiling=Decimal("0.03"))
    assert report.sources[0].status == "ceiling"
    assert report.sources[0].cost == Decimal("0.03")
    assert "0.03 USD" in report.sources[0].error["message"]
    assert "API_SPEND_CEILING" in report.sources[0].error["hint"]
    assert ledger.requests.spent(NOW.date()) == Decimal("0.03")
    assert known(ledger) == total(vendor, Period(start=ALL.start, end=date(2026, 9, 1)))
    later = datetime(2026, 12, 2, tzinfo=UTC)
    assert run(ledger, vendor, now=later, options=options, ceiling=Decimal("0.20")).ok


def test_the_ceiling_holds_over_sources_that_are_pulled_side_by_side(ledger):
    """However many threads spend, the sum stays below."""
    names = [f"books {n}" for n in range(6)]
    opens = {name: (lambda meter, name=name: Books(Vendor(), meter, source=name, price="0.01")) for name in names}
    sync(opens, ledger, now=lambda: NOW, ceiling=Decimal("0.11"), patience=HASTY)
    assert ledger.requests.spent(NOW.date()) == Decimal("0.11")


def test_free_requests_go_on_at_the_ceiling(ledger, vendor):
    """The ceiling is about money."""
    assert run(ledger, vendor, ceiling=Decimal(0)).ok


def test_feeds_that_disagree_are_said_until_they_agree(ledger, vendor):
    """A difference is a warning in the report and in memory, with day and both totals; healed, it is gone."""
    options = {"feeds": ("bill", "by region")}
    vendor.changed["by region", date(2026, 11, 5)] = Decimal("104.99")
    report = run(ledger, vendor, options=options)
    assert report.sources[0].warnings == [
        "by region disagrees with bill on 1 days: on 2026-11-05 it comes to 104.99 USD, and there to 105."
    ]
    remembered = ledger.memory.get("warning", "books/by region")
    assert remembered == {"days": [{"day": "2026-11-05", "currency": "USD", "bill": "105", "feed": "104.99"}]}
    vendor.changed.clear()
    assert run(ledger, vendor, options=options).sources[0].warnings == []
    assert ledger.memory.get("warning", "books/by region") is None


def test_feeds_agree_to_a_millionth(ledger, vendor):
    """What is smaller than 1e-6 is rounding; today, which moves while it is read, is not compared."""
    vendor.changed["by region", date(2026, 11, 5)] = Decimal("105.000001")
    vendor.changed["by region", NOW.date()] = Decimal(3)
    assert run(ledger, vendor, options={"feeds": ("bill", "by region")}).sources[0].warnings == []


def test_restatements_are_counted_and_remembered(ledger, vendor):
    """A day told differently is remembered with both totals; today's growth is no restatement."""
    run(ledger, vendor)
    vendor.changed[date(2026, 11, 19)] = Decimal("120.05")
    vendor.changed[NOW.date()] = Decimal(500)
    report = run(ledger, vendor)
    assert report.sources[0].feeds[0].restated == 1
    result = [(item.day, item.was, item.now) for _, item in ledger.restatements.within(MONTH)]
    assert (date(2026, 11, 19), Decimal(119), Decimal("120.05")) in result


def test_freshness_is_what_the_bill_told(ledger, vendor):
    """Synced now, told through the last day with charges, final up to where nothing moves any more."""
    run(ledger, vendor)
    assert ledger.freshness() == [
        Freshness(source="books", synced=NOW, data_through=date(2026, 11, 22), final_through=date(2026, 10, 31))
    ]


def test_on_the_clock_a_recent_pull_is_good_enough(ledger, vendor):
    """Within the feed's rest nothing is asked; by hand it always is; after the rest it is due."""
    run(ledger, vendor)
    vendor.asked.clear()
    run(ledger, vendor, now=NOW + timedelta(hours=7), by_hand=False)
    assert vendor.asked == []
    run(ledger, vendor, now=NOW + timedelta(hours=7))
    assert len(vendor.asked) == 1
    run(ledger, vendor, now=NOW + timedelta(hours=15), by_hand=False)
    assert len(vendor.asked) == 2


class Counted(Books):
    """Counts how often it is asked which feeds there are."""

    looked = 0

    def feeds(self):
        """As ever."""
        Counted.looked += 1
        return super().feeds()


def test_on_the_clock_the_bill_is_pulled_alone_until_its_views_are_due(ledger, vendor):
    """Which feeds there are is not asked every time: for some vendors that costs requests."""
    feeds = ("bill", "by region")
    opens = {"books": lambda meter: Counted(vendor, meter, feeds=feeds, rests={"bill": 8, "by region": 24})}
    run(ledger, vendor, sources=opens)
    asked = {}
    for hours in (9, 18, 27):
        vendor.asked.clear()
        before = Counted.looked
        run(ledger, vendor, sources=opens, now=NOW + timedelta(hours=hours), by_hand=False)
        asked[hours] = [feed for feed, _ in vendor.asked], Counted.looked - before
    assert asked == {9: (["bill"], 0), 18: (["bill"], 0), 27: (["bill", "by region"], 1)}


def test_since_deepens_what_is_known_without_leaving_a_hole(ledger, vendor):
    """Older months land newest first, so that a failure between leaves what is covered in one piece."""
    vendor.first = date(2024, 1, 1)
    run(ledger, vendor, since=date(2026, 9, 1))
    vendor.faults = [once(Unavailable("down"), lambda _, day: day == date(2026, 6, 15))]
    run(ledger, vendor, since=date(2026, 3, 1))
    feed = ledger.feeds()[0]
    assert ledger.covered(feed) == Period(start=date(2026, 7, 1), end=date(2026, 11, 23))
    assert run(ledger, vendor, since=date(2026, 3, 1)).ok
    days = Period(start=date(2026, 3, 1), end=ALL.end)
    assert known(ledger, days=days) == total(vendor, days)


def test_since_never_skips_days(ledger, vendor):
    """Asked since yesterday after an absence, the days between are pulled too."""
    run(ledger, vendor, now=datetime(2026, 11, 10, tzinfo=UTC))
    run(ledger, vendor, since=date(2026, 11, 21))
    assert known(ledger) == total(vendor, ALL)


def test_what_the_vendor_does_not_keep_is_said_and_clipped(ledger, vendor):
    """Asked for more than there is, the sync takes what there is and says so."""
    report = run(ledger, vendor, since=date(2020, 1, 1), options={"floor": ALL.start})
    assert report.ok
    assert report.sources[0].warnings == ["The vendor tells of nothing before 2026-07-01 (bill)."]
    assert min(days.start for _, days in vendor.asked) == ALL.start


class Muddled(Books):
    """Says that its charges come in day order, which they do not."""

    def charges(self, feed, days):
        """Newest first."""
        return iter(sorted(super().charges(feed, days), key=lambda charge: charge.day, reverse=True))


def test_days_out_of_order_are_noticed_and_still_land_right(ledger, vendor):
    """If a promise of order is broken, months are asked for one by one instead."""
    opens = {"books": lambda meter: Muddled(vendor, meter, ordered=True)}
    assert run(ledger, vendor, sources=opens).ok
    assert known(ledger) == total(vendor, ALL)


class Stray(Books):
    """Tells of days that were not asked."""

    def charges(self, feed, days):
        """One day too many."""
        return super().charges(feed, Period(start=days.start, end=days.end + DAY))


def test_days_that_were_not_asked_are_refused(ledger, vendor):
    """A vendor that tells of other days is not believed at all."""
    report = run(ledger, vendor, sources={"books": lambda meter: Stray(vendor, meter)})
    assert report.sources[0].error["type"] == "UnexpectedReply"
    assert ledger.feeds() == []


def test_a_sync_that_is_told_to_stop_stops_at_the_next_request(ledger, vendor):
    """What had landed stays; nothing further is asked."""
    stop = threading.Event()

    def halt(_feed, day):
        if day == date(2026, 9, 5):
            stop.set()

    vendor.faults = [halt]
    report = run(ledger, vendor, stop=stop)
    assert report.sources[0].error["type"] == "Stopped"
    assert known(ledger) == total(vendor, Period(start=ALL.start, end=date(2026, 10, 1)))


def test_progress_is_told_up_to_the_end(ledger, vendor):
    """Each feed ends at its last day, and no word goes back."""
    words = []
    run(ledger, vendor, options={"ordered": True}, progress=words.append)
    assert words[-1].share == 1
    assert words[-1].charges == 290
    assert [word.through for word in words] == sorted(word.through for word in words)


def test_every_request_is_logged_with_what_it_cost(ledger, vendor):
    """Source, operation, duration, status and cost, one line each."""
    with capture_logs() as lines:
        run(ledger, vendor, options={"price": "0.01", "ordered": True})
    assert len(lines) == 5
    assert lines[0] == {
        "event": "vendor request",
        "log_level": "info",
        "source": "books",
        "operation": "books:read",
        "seconds": 0.01,
        "status": "200",
        "cost": "0.01",
    }


def test_credentials_are_taken_up_anew_by_every_sync(ledger, vendor):
    """The source is opened for each sync, so that a new key works without a restart."""
    opened = []

    def opens(meter):
        opened.append(meter)
        return Books(vendor, meter)

    for _ in range(2):
        run(ledger, vendor, sources={"books": opens})
    assert len(opened) == 2


def test_the_outcome_is_remembered_for_answers(ledger, vendor):
    """The last status, error and warnings of a source stand in the ledger's memory."""
    vendor.faults = [every(CeilingReached("Enough."), lambda *_: True)]
    run(ledger, vendor)
    remembered = ledger.memory.get("sync", "books")
    assert remembered["status"] == "ceiling"
    assert remembered["error"]["message"] == "Enough."


class Talkative(Books):
    """A vendor that has budgets of its own."""

    said, refused = ("monthly", "yearly"), ""

    def advice(self):
        """One budget a name."""
        self._meter.allow("books:advice", Decimal(0))
        if self.refused:
            return iter([Advice("asked", "budget", {"message": self.refused, "hint": ""})])
        text = [Advice("budget", name, {"limit": "100", "currency": "USD"}) for name in self.said]
        return iter([*text, Advice("asked", "budget", {"message": "", "hint": ""})])


def test_what_a_vendor_says_itself_is_kept_apart_and_asked_once_a_day(ledger, vendor):
    """It stands in memory as the vendor's own; what is no longer said is forgotten."""
    opens = {"books": lambda meter: Talkative(vendor, meter)}
    run(ledger, vendor, sources=opens)
    kept = ledger.memory.all("advice", "books/budget/")
    assert list(kept) == ["books/budget/monthly", "books/budget/yearly"]
    assert kept["books/budget/monthly"]["limit"] == "100"
    Talkative.said = ("monthly",)
    run(ledger, vendor, sources=opens)
    assert len(ledger.memory.all("advice", "books/budget/")) == 2
    run(ledger, vendor, sources=opens, now=NOW + timedelta(days=1))
    assert list(ledger.memory.all("advice", "books/budget/")) == ["books/budget/monthly"]


def test_what_a_vendor_does_not_say_again_stands_as_it_was_told(ledger, vendor):
    """A refusal, or a failure of a day, is kept beside the last answer, which keeps its time."""
    opens = {"books": lambda meter: Talkative(vendor, meter)}
    run(ledger, vendor, sources=opens)
    before = ledger.memory.all("advice", "books/budget/")

    class Silent(Talkative):
        refused = "Books is down."

    run(ledger, vendor, sources={"books": lambda meter: Silent(vendor, meter)}, now=NOW + timedelta(days=1))
    assert ledger.memory.all("advice", "books/budget/") == before
    assert ledger.memory.get("advice", "books/asked/budget")["message"] == "Books is down."
