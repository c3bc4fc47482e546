from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digests.period import moved, times, today
from bot.digests.schedule import cron, on_days
from bot.domain.period import DAY, Period
from bot.domain.period_arithmetic import month_before
from bot.domain.question import Filter, Question, Usage

BERLIN = ZoneInfo("Europe/Berlin")
HALF_PAST_TWO = on_days("daily", time(2, 30))


def at(*args, zone=UTC):
    return datetime(*args, tzinfo=zone)


def test_time_that_does_not_exist_runs_at_the_next_that_does():
    """02:30 on the day clocks go forward in Berlin is 03:00, the first time after the gap; once."""
    found = list(HALF_PAST_TWO.runs(BERLIN, at(2026, 3, 28, 12), at(2026, 3, 30, 12)))
    assert [item.astimezone(BERLIN) for item in found] == [
        at(2026, 3, 29, 3, 0, zone=BERLIN),
        at(2026, 3, 30, 2, 30, zone=BERLIN),
    ]


def test_time_that_comes_twice_runs_once():
    """02:30 on the day clocks go back in Berlin is the first of the two."""
    found = list(HALF_PAST_TWO.runs(BERLIN, at(2026, 10, 24, 12), at(2026, 10, 26, 12)))
    assert found == [at(2026, 10, 25, 0, 30), at(2026, 10, 26, 1, 30)]


def test_nine_stays_nine_through_the_change_of_clocks():
    """A digest at nine comes at nine by the clock on the wall, winter and summer."""
    found = list(on_days("daily", time(9)).runs(BERLIN, at(2026, 3, 27), at(2026, 3, 31)))
    assert {item.astimezone(BERLIN).hour for item in found} == {9}
    assert len(found) == 4


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"]),
    st.times(),
    st.dates(date(2024, 1, 1), date(2027, 12, 1)),
)
def test_every_day_has_one_run_whatever_the_clocks_do(zone, wall, day):
    """A daily digest runs exactly once for each day of its timezone, in order."""
    zone = ZoneInfo(zone)
    start = datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC) - timedelta(seconds=1)
    stop = datetime.combine(day + 20 * DAY, time(0), tzinfo=zone).astimezone(UTC) - timedelta(seconds=1)
    found = list(on_days("daily", wall.replace(second=0, microsecond=0)).runs(zone, start, stop))
    assert [item.astimezone(zone).date() for item in found] == [day + n * DAY for n in range(20)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 9 * * 1-5", ["2026-11-23 09:00", "2026-11-24 09:00"]),
        ("0 9 * * 0", ["2026-11-22 09:00", "2026-11-29 09:00"]),
        ("0 9 * * 7", ["2026-11-22 09:00", "2026-11-29 09:00"]),
        ("30 8 1 * *", ["2026-12-01 08:30", "2027-01-01 08:30"]),
        ("0 9 1 * 1", ["2026-11-23 09:00", "2026-11-30 09:00"]),
        ("0 */12 * * *", ["2026-11-21 12:00", "2026-11-22 00:00"]),
        ("0 9 * * sat,sun", ["2026-11-21 09:00", "2026-11-22 09:00"]),
        ("0 9 * * 5-6/1", ["2026-11-21 09:00", "2026-11-27 09:00"]),
        ("0 9 * * fri-mon", ["2026-11-21 09:00", "2026-11-22 09:00"]),
    ],
)
def test_cron_is_read_as_cron_reads_it(line, expected):
    """Sunday is 0 and 7, and a day of either field counts where both are limited."""
    found = cron(line).runs(ZoneInfo("UTC"), at(2026, 11, 21, 0, 0), at(2027, 2, 1))
    assert [f"{next(found):%Y-%m-%d %H:%M}" for _ in expected] == expected


@pytest.mark.parametrize("line", ["", "0 9 * *", "61 9 * * *", "0 9 31 2 *", "0 9 * * foo", "0 9 * * 9", "a b c d e"])
def test_bad_cron_is_refused_with_a_reason(line):
    """What is no crontab line, or never comes, is refused in words."""
    with pytest.raises(ValueError, match=r"cron|never comes"):
        cron(line)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mon-fri", ["23", "24", "25"]),
        ("mon, thu", ["23", "26", "30"]),
        ("weekends", ["21", "22", "28"]),
        ("last", ["30", "31", "31"]),
        ("31", ["30", "31", "31"]),
        ("1,15", ["01", "15", "01"]),
    ],
)
def test_days_are_read_as_people_write_them(text, found):
    """Weekdays by name, days of the month by number; a day that a month lacks is its last."""
    seen = on_days(text, time(9)).runs(ZoneInfo("UTC"), at(2026, 11, 20, 12), at(2027, 3, 1))
    assert [f"{next(seen):%d}" for _ in found] == found


def test_bad_days_are_refused():
    """The error says what days there are."""
    with pytest.raises(ValueError, match="mon-fri"):
        on_days("someday", time(9))


def test_periods_are_named_by_what_a_run_stands_for():
    """A day, a week, a month; the time as well where a day has several runs."""
    run = at(2026, 11, 23, 23, 30)
    assert on_days("mon-fri", time(9)).period(BERLIN, run) == "2026-11-24"
    assert on_days("mon", time(9)).period(BERLIN, run) == "2026-W48"
    assert on_days("1", time(9)).period(BERLIN, run) == "2026-11"
    assert cron("30 * * * *").period(BERLIN, run) == "2026-11-24T00:30"
    assert on_days("1", time(9)).next_run(BERLIN, run) == at(2026, 12, 1, 8)


@pytest.mark.parametrize(("country", "skipped"), [("US", {date(2026, 11, 26)}), ("DE", set()), ("", set())])
def test_public_holidays_of_its_country_are_left_out(country, skipped):
    """A digest that names a country is not posted on its public holidays, such as Thanksgiving; others are."""
    schedule = replace(on_days("mon-fri", time(9)), country=country)
    seen = {run.date() for run in schedule.runs(ZoneInfo("UTC"), at(2026, 11, 21), at(2026, 11, 28))}
    workdays = {date(2026, 11, 23) + n * DAY for n in range(5)}
    assert workdays - seen == skipped


def test_today_is_never_a_day_that_billers_have_not_begun():
    """In Sydney it is Monday while the billers (UTC) still have Sunday: the digest is about Saturday."""
    assert today(at(2026, 11, 22, 22), ZoneInfo("Australia/Sydney")) == date(2026, 11, 22)
    assert today(at(2026, 11, 23, 2), ZoneInfo("America/Los_Angeles")) == date(2026, 11, 22)


def test_first_of_the_month_looks_at_the_whole_month_before():
    """On the first, month to date is the month that has just ended, never an empty range."""
    found = times("day", date(2026, 12, 1))
    assert found.month == Period(start=date(2026, 11, 1), end=date(2026, 12, 1))
    assert found.month_before == Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
    assert month_before(Period(start=date(2026, 3, 1), end=date(2026, 3, 31))).end == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("was", "against", "now", "now_against"),
    [
        (
            ("2026-11-01", "2026-11-23"),
            ("2026-10-01", "2026-10-23"),
            ("2026-12-01", "2026-12-03"),
            ("2026-11-01", "2026-11-03"),
        ),
        (("2026-10-01", "2026-11-01"), None, ("2026-11-01", "2026-12-01"), None),
        (
            ("2026-11-21", "2026-11-22"),
            ("2026-11-20", "2026-11-21"),
            ("2026-12-01", "2026-12-02"),
            ("2026-11-30", "2026-12-01"),
        ),
        (("2026-11-15", "2026-11-22"), None, ("2026-11-25", "2026-12-02"), None),
        (("2026-11-09", "2026-11-16"), None, ("2026-11-23", "2026-11-30"), None),
        (("2026-10-01", "2026-11-23"), None, ("2026-10-01", "2026-12-03"), None),
        (("2026-07-01", "2026-10-01"), None, ("2026-07-01", "2026-10-01"), None),
        (("2026-11-16", "2026-11-23"), None, ("2026-11-30", "2026-12-07"), None),
    ],
)
def test_a_scheduled_question_moves_along(was, against, now, now_against):
    """Asked on 22 November and again on 2 December: "this month" is December, "yesterday" the first."""
    question = Question(period=days_of(was), against=days_of(against))
    found = moved(question, date(2026, 11, 22), date(2026, 12, 2))
    assert (found.period, found.against) == (days_of(now), days_of(now_against))


def days_of(pair):
    return Period(start=date.fromisoformat(pair[0]), end=date.fromisoformat(pair[1])) if pair else None


def test_usage_that_is_priced_moves_along():
    """A digest that prices last month's usage on another model prices the month before its own day."""
    opus = (Filter(dimension="x_Model", values=("claude-opus-5",)),)
    october = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
    question = Question(kind="price", where=opus, usage=Usage(where=opus, period=october))
    found = moved(question, date(2026, 11, 22), date(2026, 12, 2)).usage
    assert found == Usage(where=opus, period=Period(start=date(2026, 11, 1), end=date(2026, 12, 1)))
