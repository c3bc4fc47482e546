"""Days with a name, and the days around them."""

from datetime import date

import pytest

from bot.language.dates.expressions import Clock
from bot.language.dates.holidays import FEASTS, Feast

AUGUST = Clock(date(2026, 8, 1))


def days(name, clock=AUGUST, **more):
    """Its first day and its last."""
    span = Feast(FEASTS[name], **more).span(clock)
    return str(span.start), str(span.period.last)


@pytest.mark.parametrize(
    ("name", "year", "day"),
    [
        ("thanksgiving", 2025, "2025-11-27"), ("thanksgiving", 2026, "2026-11-26"),
        ("black friday", 2024, "2024-11-29"), ("cyber monday", 2025, "2025-12-01"),
        ("easter", 2024, "2024-03-31"), ("easter", 2025, "2025-04-20"),
        ("good friday", 2025, "2025-04-18"), ("labor day", 2026, "2026-09-07"), ("memorial day", 2026, "2026-05-25"),
        ("xmas", 2025, "2025-12-25"), ("new years eve", 2025, "2025-12-31"),
    ],
)  # fmt: skip
def test_a_rule_tells_the_day(name, year, day):
    """The calendar's own, each year anew."""
    assert days(name, year=year) == (day, day)


def test_the_days_around_it_are_asked_for_by_name():
    """Over it, its weekend, its week."""
    assert days("christmas", around="over") == ("2025-12-24", "2025-12-26")
    assert days("easter", around="weekend") == ("2026-04-03", "2026-04-06")
    assert days("thanksgiving", around="weekend") == ("2025-11-27", "2025-11-30")
    assert days("black friday", around="weekend") == ("2025-11-28", "2025-11-30")
    assert days("black friday", around="week") == ("2025-11-24", "2025-11-30")
    assert days("halloween", around="over") == ("2025-10-31", "2025-10-31")


def test_it_is_the_latest_that_has_begun_or_the_next_to_come():
    """A forecast looks ahead; "last" on the day itself is the one before."""
    christmas = Clock(date(2026, 12, 25))
    assert days("christmas", christmas) == ("2026-12-25", "2026-12-25")
    assert days("christmas", christmas, over=True) == ("2025-12-25", "2025-12-25")
    assert days("easter", Clock(date(2026, 8, 1), ahead=True)) == ("2027-03-28", "2027-03-28")
