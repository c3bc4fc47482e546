"""Three weeks of real syncs of a vendor that tells late, and what is forecast after them."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from books import Books, Vendor
from seen import seen

from bot.answering.service import AnswerService, Defaults
from bot.domain.period import DAY, Period
from bot.domain.question import Question
from bot.sync.service import Patience, sync

NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 12, 1))
TODAY = date(2026, 11, 25)
WHOLE = Decimal(100)


@pytest.fixture
def asker(ledger):
    """A month of syncs, morning and evening: yesterday is told by half in the morning, by four fifths at night."""
    vendor, at = Vendor(first=date(2026, 7, 1)), datetime.now(UTC)
    vendor.amount = lambda _, day: WHOLE * told(day, at)
    for day in Period(start=NOVEMBER.start, end=TODAY + DAY):
        for hour in (8,) if day == TODAY else (8, 20):
            at = datetime.combine(day, time(hour), UTC)
            report = sync(
                {"books": lambda meter: Books(vendor, meter)},
                ledger,
                now=lambda at=at: at,
                patience=Patience(attempts=1),
            )
            assert report.ok
    return AnswerService(ledger, clock=lambda: at, defaults=Defaults(zone=UTC))


def told(day, at):
    """The part of a day that is told at an instant."""
    age = (at.date() - day).days
    early = {0: Decimal(at.hour) / 50, 1: Decimal("0.5") if at.hour < 12 else Decimal("0.9")}
    return early.get(age, Decimal(1))


def test_after_three_weeks_of_syncs_late_days_are_expected_to_come(asker):
    """In the morning half of yesterday is missing, and half of it is expected; what is billed is the bill."""
    found = seen(asker.answer(Question(kind="forecast", period=NOVEMBER)))
    spent = seen(asker.answer(Question(period=Period(start=NOVEMBER.start, end=TODAY + DAY)))).totals[0].amount
    assert Decimal(found.forecast["actual"]) == spent == 23 * WHOLE + 50 + WHOLE * 8 / 50
    assert Decimal(found.forecast["total"]) == pytest.approx(30 * WHOLE, abs=5)
    assert found.notes[0] == "24 Nov is expected to grow by 100%, as provisional days usually do."
