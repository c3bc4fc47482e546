"""Days and exact amounts by themselves: edges, steps, what two periods share, and digits as they are written."""

from datetime import date
from decimal import Decimal, localcontext

import pytest

from bot.domain.money import ATTOS, from_attos, plain, plain_attos, to_attos, total
from bot.domain.period import Period, add_months, month_of


def days(start, end):
    """A period from ISO days."""
    return Period(start=date.fromisoformat(start), end=date.fromisoformat(end))


OCTOBER = days("2026-10-01", "2026-11-01")


def test_a_period_ends_after_it_starts():
    """A period without a day is refused, with both days named."""
    with pytest.raises(ValueError, match=r"2026-10-01.*2026-10-01"):
        days("2026-10-01", "2026-10-01")


def test_the_end_is_out():
    """The start is in, the end is not: October has 31 days, the last is its 31st."""
    assert (OCTOBER.days, OCTOBER.last, len(list(OCTOBER))) == (31, date(2026, 10, 31), 31)
    assert date(2026, 10, 1) in OCTOBER
    assert date(2026, 11, 1) not in OCTOBER
    assert [day.day for day in OCTOBER][:2] == [1, 2]


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        (days("2026-10-30", "2026-11-05"), days("2026-10-30", "2026-11-01")),
        (days("2026-09-20", "2026-10-02"), days("2026-10-01", "2026-10-02")),
        (days("2026-10-10", "2026-10-12"), days("2026-10-10", "2026-10-12")),
        (days("2026-11-01", "2026-11-02"), None),
        (days("2026-09-01", "2026-10-01"), None),
    ],
)
def test_two_periods_share_the_days_that_lie_in_both(other, shared):
    """Whichever is asked, the shared days are the same; periods that only touch share none."""
    assert OCTOBER.meet(other) == shared
    assert other.meet(OCTOBER) == shared


def test_the_period_before_is_as_long_and_ends_where_it_starts():
    """A week is compared with the week before it, October with the 31 days before it."""
    assert days("2026-10-08", "2026-10-15").before() == days("2026-10-01", "2026-10-08")
    assert OCTOBER.before() == days("2026-08-31", "2026-10-01")


@pytest.mark.parametrize(
    ("grain", "edges"),
    [
        (None, ["2026-10-07", "2026-11-02"]),
        ("week", ["2026-10-07", "2026-10-12", "2026-10-19", "2026-10-26", "2026-11-02"]),
        ("month", ["2026-10-07", "2026-11-01", "2026-11-02"]),
        ("quarter", ["2026-10-07", "2026-11-02"]),
    ],
)
def test_steps_begin_on_their_own_days(grain, edges):
    """The first and the last step of a series may be cut short; weeks begin on Monday."""
    found = days("2026-10-07", "2026-11-02").edges(grain)
    assert [edge.isoformat() for edge in found] == edges


def test_weeks_begin_where_the_workspace_says():
    """With weeks from Sunday, a step begins on 11 October 2026; a day of its own is every step of a day."""
    assert days("2026-10-07", "2026-10-13").edges("week", 6)[1] == date(2026, 10, 11)
    assert len(days("2026-10-07", "2026-10-13").edges("day")) == 7


def test_a_quarter_ends_with_its_third_month():
    """From August the next quarter begins in October, across a year in January."""
    assert days("2026-08-15", "2027-01-03").edges("quarter")[1:-1] == [date(2026, 10, 1), date(2027, 1, 1)]


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-12-31", 1, "2027-01-31"),
        ("2026-12-15", 12, "2027-12-15"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-10-31", 1, "2026-11-30"),
        ("2026-11-30", 1, "2026-12-30"),
    ],
)
def test_a_month_on_is_the_same_day_or_the_months_last(day, months, found):
    """31 January and a month is the last of February; December leads into the next year."""
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(found)


def test_the_month_of_a_day():
    """The calendar month around it, December included."""
    assert month_of(date(2026, 12, 31)) == days("2026-12-01", "2027-01-01")


@pytest.mark.parametrize(
    ("attos", "text"),
    [
        (0, "0"),
        (ATTOS, "1"),
        (-ATTOS, "-1"),
        (ATTOS // 2, "0.5"),
        (-ATTOS // 4, "-0.25"),
        (1, "0.000000000000000001"),
        (-1, "-0.000000000000000001"),
        (10 * ATTOS, "10"),
        (100 * ATTOS + 10, "100.00000000000000001"),
    ],
)
def test_attos_are_written_in_plain_digits(attos, text):
    """No exponent, no trailing zero, and the zeros of whole units stay; the decimal of it is written alike."""
    assert plain_attos(attos) == text
    assert plain(from_attos(attos)) == text
    assert to_attos(Decimal(text)) == attos


def test_sums_are_exact_whatever_the_context():
    """A sum has all its digits where the context would keep three."""
    with localcontext(prec=3):
        assert total([Decimal("1234567.01"), Decimal("0.000000000000000001")]) == Decimal("1234567.010000000000000001")
