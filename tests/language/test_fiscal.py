"""Fiscal years and quarters, and public holidays by name."""

import subprocess
import sys
from datetime import date

import pytest

from bot.domain.errors import NotUnderstood
from bot.language import Customs, describe, read

TODAY = date(2026, 11, 22)


def question(words, vocabulary, today=TODAY, **customs):
    """What the words ask, where these customs are set."""
    return read(words, today=today, vocabulary=vocabulary, customs=Customs(**customs)).question


def days(period):
    """Its first day and the day after its last."""
    return str(period.start), str(period.end)


FROM_APRIL = [
    ("spend this fiscal year", "2026-04-01", "2026-11-23"),
    ("fiscal YTD", "2026-04-01", "2026-11-23"),
    ("FYTD", "2026-04-01", "2026-11-23"),
    ("since the start of the fiscal year", "2026-04-01", "2026-11-23"),
    ("last fiscal year", "2025-04-01", "2026-04-01"),
    ("FY26", "2025-04-01", "2026-04-01"),
    ("fy 2026 by service", "2025-04-01", "2026-04-01"),
    ("spend in fiscal 2026", "2025-04-01", "2026-04-01"),
    ("fiscal year 2025", "2024-04-01", "2025-04-01"),
    ("fiscal Q2", "2026-07-01", "2026-10-01"),
    ("FQ4", "2026-01-01", "2026-04-01"),
    ("fiscal quarter 3", "2026-10-01", "2026-11-23"),
    ("Q2 FY26", "2025-07-01", "2025-10-01"),
    ("FY26 Q2", "2025-07-01", "2025-10-01"),
    ("fy26q2", "2025-07-01", "2025-10-01"),
    ("fiscal q2 2026", "2025-07-01", "2025-10-01"),
    ("last fiscal quarter", "2026-07-01", "2026-10-01"),
    ("forecast for this fiscal year", "2026-04-01", "2027-04-01"),
    ("forecast fiscal Q4", "2027-01-01", "2027-04-01"),
    ("next fiscal quarter", "2027-01-01", "2027-04-01"),
]


@pytest.mark.parametrize(("words", "start", "end"), FROM_APRIL)
def test_a_fiscal_year_begins_where_it_is_set(words, start, end, vocabulary):
    """From April on, and named for the year that it ends in."""
    found = question(words, vocabulary, fiscal_month=4)
    assert days(found.period) == (start, end)
    assert question(describe(found), vocabulary, fiscal_month=4) == found


@pytest.mark.parametrize(
    ("words", "period", "against"),
    [
        ("FYTD vs last fiscal year", ("2026-04-01", "2026-11-23"), ("2025-04-01", "2025-11-23")),
        ("FY25 vs FY26", ("2025-04-01", "2026-04-01"), ("2024-04-01", "2025-04-01")),
        ("this fiscal quarter vs last fiscal quarter", ("2026-10-01", "2026-11-23"), ("2026-07-01", "2026-08-23")),
    ],
)
def test_fiscal_years_are_compared_like_for_like(words, period, against, vocabulary):
    """One that is under way against the same number of days of the one before; whole ones whole."""
    found = question(words, vocabulary, fiscal_month=4)
    assert (days(found.period), days(found.against)) == (period, against)


def test_a_fiscal_year_from_january_is_the_calendars(vocabulary):
    """Then FY26 is 2026, and fiscal Q2 the second quarter."""
    assert question("FY26", vocabulary, fiscal_month=1) == question("2026", vocabulary)
    assert question("fiscal Q2 2026", vocabulary, fiscal_month=1) == question("Q2 2026", vocabulary)


@pytest.mark.parametrize("today", [date(2026, 3, 31), date(2026, 4, 1), date(2027, 1, 1)])
@pytest.mark.parametrize("month", range(1, 13))
def test_today_is_in_this_fiscal_year_and_quarter(month, today, vocabulary):
    """Whatever month it begins in, this one holds today and the last one ends where it begins."""
    for unit in ("year", "quarter"):
        now = question(f"this fiscal {unit}", vocabulary, today, fiscal_month=month).period
        before = question(f"last fiscal {unit}", vocabulary, today, fiscal_month=month).period
        assert now.start <= today < now.end
        assert (before.end, now.start.day) == (now.start, 1)
        assert (now.start.month - month) % (12 if unit == "year" else 3) == 0


@pytest.mark.parametrize("words", ["FY26", "spend in fiscal 2026", "this fiscal year", "fiscal Q2"])
def test_fiscal_words_are_refused_where_nothing_is_set(words, vocabulary):
    """No calendar year is given in place of a fiscal one that nobody has set; the hint says where to set it."""
    with pytest.raises(NotUnderstood) as refused:
        question(words, vocabulary)
    assert "FISCAL_YEAR_START" in refused.value.hint
    assert refused.value.unknown in (("fiscal",), ("fy26",))


@pytest.mark.parametrize(
    ("words", "country", "day"),
    [
        ("spend on diwali", "IN", "2026-11-08"), ("spend on diwali 2025", "IN", "2025-10-20"),
        ("aws on veterans day", "US", "2026-11-11"), ("mlk day by service", "US", "2026-01-19"),
        ("aws on thanksgiving", "CA", "2026-10-12"), ("aws on thanksgiving", "US", "2025-11-27"),
        ("aws on thanksgiving", "DE", "2025-11-27"), ("labor day", "DE", "2026-05-01"),
        ("labor day", "US", "2026-09-07"), ("black friday", "CA", "2025-11-28"),
    ],
)  # fmt: skip
def test_holidays_of_the_country_are_read_by_name(words, country, day, vocabulary):
    """The latest that has begun, on the day that the country keeps it; feasts that it lacks stay what they are."""
    assert str(question(words, vocabulary, country=country).period.start) == day


def test_a_holiday_is_an_unknown_word_where_no_country_is_set(vocabulary):
    """Without a country nothing is guessed, and with one a word that is no holiday is still named."""
    for customs in ({}, {"country": "US"}):
        with pytest.raises(NotUnderstood) as refused:
            question("spend on diwali", vocabulary, **customs)
        assert refused.value.unknown == ("diwali",)


def test_no_start_waits_for_the_calendar():
    """A question that names no holiday loads no calendar of holidays."""
    code = (
        "import sys; from datetime import date; from bot.language import *;"
        "read('spend last month', today=date(2026,11,22), vocabulary=Vocabulary([]), customs=Customs(country='US'));"
        "sys.exit('holidays' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("words", ["aws since the release on 3 Nov", "costs since our release", "since the release"])
def test_a_word_that_is_no_day_is_named_alone(words, vocabulary):
    """Neither "since" nor the date beside it is called unknown."""
    with pytest.raises(NotUnderstood) as refused:
        question(words, vocabulary)
    assert refused.value.unknown == ("release",)
