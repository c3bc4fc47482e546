"""What a sync remembered is said where people read: restated days, feeds that disagree, pulls that failed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from seen import seen

from bot.answering import data_quality
from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.feed import Feed, Freshness
from bot.domain.period import DAY, Period
from bot.domain.question import Filter, Question
from bot.domain.scope import Scope
from bot.render.notes import note

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OLD = date(2026, 11, 19)
BILL = Feed(source="aws", name="bill", grain=frozenset({"ServiceName"}))
REGION = Feed(source="aws", name="service × region", grain=frozenset({"ServiceName", "RegionId"}))


def tell(ledger, amount, *, day=OLD, at=NOW, feed=BILL):
    """The vendor tells a day."""
    charge = Charge(
        day=day, billed_cost=Decimal(amount), billing_currency="USD", service_provider_name="AWS", service_name="EC2"
    )
    ledger.replace(feed, Period(start=day, end=day + DAY), [charge], synced=at)


@pytest.fixture
def asker(ledger):
    """A ledger with a day that was restated twice since it was over."""
    tell(ledger, "1.00", at=datetime(2026, 11, 19, 9, tzinfo=UTC))
    tell(ledger, "1903.05", at=datetime(2026, 11, 20, 1, tzinfo=UTC))
    tell(ledger, "1940.00", at=NOW - timedelta(hours=8))
    tell(ledger, "1951.20")
    ledger.fresh(Freshness(source="aws", synced=NOW, data_through=OLD, final_through=date(2026, 10, 31)))
    return AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))


def notes(asker, **more):
    """What is said beside how fresh the data is."""
    return list(seen(asker.answer(Question(kind="freshness"), **more)).notes)


def test_a_restated_day_is_told_from_what_it_was_to_what_it_is(asker, ledger):
    """Asked how fresh the data is, the bot says what moved; a day still under way moves by itself and is no news."""
    tell(ledger, "1.00", day=NOW.date(), at=NOW - timedelta(hours=8))
    tell(ledger, "2.00", day=NOW.date())
    assert notes(asker)[0] == "AWS restated 19 Nov from $1,903.05 to $1,951.20."
    assert list(map(note, data_quality.restated(ledger, NOW.date(), since=NOW))) == [
        "AWS restated 19 Nov from $1,940.00 to $1,951.20."
    ]
    assert len(notes(asker)) == 1


def test_the_same_restatement_in_another_view_is_said_once(asker, ledger):
    """Feeds of one source overlap; only the bill's days are told."""
    tell(ledger, "1903.05", feed=REGION, at=NOW - timedelta(hours=8))
    tell(ledger, "1951.20", feed=REGION)
    assert len(notes(asker)) == 1


def test_a_change_below_a_cent_is_shown_as_one(asker, ledger):
    """Two amounts that differ never read alike."""
    tell(ledger, "5.000001", day=OLD - DAY, at=NOW - timedelta(hours=8))
    tell(ledger, "5.000003", day=OLD - DAY)
    assert "AWS restated 18 Nov from $5.000001 to $5.000003." in notes(asker)


def test_who_may_not_see_it_all_is_not_told_totals(asker):
    """Within a scope, days' totals are nobody's business."""
    assert notes(asker, scope=Scope(sources=("gcp",))) == []
    assert notes(asker, scope=Scope(where=(Filter(dimension="ServiceName", values=("S3",)),))) == []


def test_feeds_that_disagree_are_said_in_answers_taken_from_them(asker, ledger):
    """An answer from a view that misses money says so, with the day and both amounts; other days' answers do not."""
    tell(ledger, "1900", feed=REGION)
    result = {"days": [{"day": str(OLD), "currency": "USD", "bill": "1951.20", "feed": "1900"}]}
    ledger.memory.put("warning", "aws/service × region", result)
    asked = Question(period=Period(start=OLD, end=OLD + DAY), by=("RegionId",))
    doubt = "AWS's bill disagrees on one of these days: 19 Nov is $1,900.00 here and $1,951.20 on the bill."
    assert doubt in seen(asker.answer(asked)).notes
    elsewhere = asked.model_copy(update={"period": Period(start=OLD + DAY, end=OLD + 2 * DAY)})
    assert seen(asker.answer(elsewhere)).notes == ()
    assert seen(asker.answer(asked.model_copy(update={"by": ("ServiceName",)}))).notes == ()


def test_days_that_are_missing_because_a_pull_failed_say_so(asker, ledger):
    """The gap says since when there is nothing, that the last pull failed, and where to learn why."""
    ledger.memory.put("sync", "aws", {"at": NOW.isoformat(), "status": "failed", "error": None, "warnings": []})
    asked = Question(period=Period(start=OLD, end=NOW.date()))
    (gap,) = seen(asker.answer(asked)).gaps
    assert gap.what == "no data since 19 Nov 2026"
    assert "Its last sync failed (22 Nov, 09:00 UTC): run spend doctor to see why." in gap.hint
