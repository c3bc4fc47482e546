"""What a period will come to."""

import subprocess
import sys
import time
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.forecast import rest_of_month, trials
from benchmarks.forecast_kinds import figures, ours
from benchmarks.forecast_kinds import trials as trials_of
from benchmarks.series import bills, troubled
from bot.analytics.forecast import forecast
from bot.domain.aggregate import Cell
from bot.domain.answers import Forecast, TooShort
from bot.domain.period import Period
from bot.render.answer_json import forecast_json
from bot.render.sentences import forecast as sentence_of

START = date(2026, 5, 1)
NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 12, 1))
OF_22 = [START + timedelta(days=n) for n in range((date(2026, 11, 23) - START).days)]


def told(amount, days=OF_22, period=NOVEMBER, **more):
    """The forecast of a bill that is a function of the day."""
    cell = Cell((), "USD", tuple(Decimal(str(amount(day))) for day in days))
    return forecast(cell, days, period, **more)


def near(estimate, expected, tolerance=0.01):
    """Whether an estimate is within a part of what is expected."""
    return abs(float(estimate) - expected) <= tolerance * expected


def test_both_parts_are_told_and_add_up():
    """What is billed is exact, what is to come an estimate in cents, the total is their sum."""
    found = told(lambda _: "10.123456789")
    assert found.actual == Decimal("222.716049358")
    assert found.actual_through == date(2026, 11, 22)
    assert found.total == found.actual + found.rest
    assert near(found.rest, 80.99)
    assert found.rest == found.rest.quantize(Decimal("0.01"))
    assert found.low <= found.total <= found.high
    assert [day for day, _ in found.days] == [date(2026, 11, n) for n in range(23, 31)]


def test_the_public_form():
    """Keys and exact strings as documented; the whole is marked an estimate."""
    found = forecast_json(told(lambda _: 10))
    assert found["period"] == {"start": "2026-11-01", "end": "2026-12-01"}
    assert (found["currency"], found["actual"], found["actual_through"]) == ("USD", "220", "2026-11-22")
    assert (found["total"], found["level"], found["estimate"]) == ("300", "0.8", True)
    assert found["days"][0] == {"start": "2026-11-23", "amount": "10"}
    assert set(found) == {
        *("currency", "period", "actual", "actual_through", "rest", "total", "low", "high", "level"),
        *("correction", "history_days", "backtests", "days", "estimate"),
    }


def test_the_sentence_says_both_parts():
    """So far, to come, the whole, and how sure."""
    sentence = sentence_of(told(lambda day: 10 + day.day % 3), lambda amount, _: f"${amount:.0f}")
    assert sentence.startswith("$242 so far and about $88 to come: about $330 for 1 Nov to 30 Nov 2026")
    assert "80% likely between $3" in sentence


def test_the_week_has_its_rhythm():
    """Weekends ahead are forecast as weekends."""
    found = told(lambda day: 30 if day.weekday() > 4 else 100)
    expected = {date(2026, 11, 23 + n): 30 if n in (5, 6) else 100 for n in range(8)}
    assert all(near(amount, expected[day]) for day, amount in found.days)


def test_growth_goes_on_and_slows_down():
    """A bill that grows is forecast to grow, not to stand still."""
    found = told(lambda day: round(100 * 1.01 ** (day - START).days, 4))
    truth = sum(100 * 1.01 ** (date(2026, 11, n) - START).days for n in range(1, 31))
    assert near(found.total, truth, 0.02)


@pytest.mark.parametrize(
    "comes",
    [lambda day: day.day == 1, lambda day: (day + timedelta(days=1)).day == 1, lambda day: day.day == 15],
    ids=["on the first", "on the last", "on a day of its own"],
)
def test_a_monthly_charge_comes_again(comes):
    """Support, tax and subscriptions are expected on their day, and do not raise the days around it."""
    december = Period(start=date(2026, 12, 1), end=date(2027, 1, 1))
    found = told(lambda day: 10 + 300 * comes(day), period=december)
    assert near(found.total, 610)
    assert {day for day, amount in found.days if amount > 100} == {day for day in december if comes(day)}


def test_a_spike_of_three_days_is_not_gone_on_with():
    """A job left running last week does not double the month."""
    found = told(lambda day: 300 if day in [date(2026, 11, n) for n in (16, 17, 18)] else 100)
    assert near(found.rest, 800, 0.05)


def test_a_step_is_gone_on_with():
    """After a week at a new level, the new level is what is expected."""
    found = told(lambda day: 200 if day >= date(2026, 11, 15) else 100)
    assert near(found.rest, 1600, 0.05)


@pytest.mark.parametrize(("day", "expected"), [(1, 300), (29, 300), (30, 300)])
def test_the_first_and_the_last_day_of_a_month(day, expected):
    """The total holds from the first day on; on the last nothing is left to come."""
    days = [item for item in OF_22 if item < date(2026, 11, 1)] + [date(2026, 11, n) for n in range(1, day + 1)]
    found = told(lambda _: 10, days=days)
    assert near(found.total, expected)
    assert len(found.days) == 30 - day


def test_a_month_that_is_over_is_what_was_billed():
    """Nothing is forecast for the past, and nothing is uncertain about it."""
    october = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
    found = told(lambda _: 10, period=october)
    assert found.actual == found.total == found.low == found.high == 310
    assert sentence_of(found) == "$310.00 for 1 Oct to 31 Oct 2026, nothing more to come"


def test_a_quarter_ahead_has_no_actual():
    """What has not begun is forecast whole."""
    found = told(lambda _: 10, period=Period(start=date(2027, 1, 1), end=date(2027, 4, 1)))
    assert (found.actual, found.actual_through) == (0, None)
    assert near(found.total, 900)
    assert found.high > found.total > found.low > 0
    assert sentence_of(found).startswith("about $900.00 for 1 Jan to 31 Mar 2027 (80% likely")


@pytest.mark.parametrize("length", [0, 1, 13])
def test_too_short_a_history_is_refused_politely(length):
    """Under fourteen days there is no forecast; what is billed is told all the same."""
    begun = date(2026, 11, 23) - timedelta(days=length)
    found = told(lambda day: 10 if day >= begun else 0)
    if length:
        assert isinstance(found, TooShort)
        assert forecast_json(found)["total"] is None
        assert found.actual == 10 * length
        assert f"{length} day" in forecast_json(found)["why"]
    else:
        assert (found.total, found.low, found.high) == (0, 0, 0)


def test_a_new_account_is_forecast_from_its_first_charge_on():
    """The empty months before an account existed do not pull its forecast down."""
    found = told(lambda day: 50 if day >= date(2026, 10, 25) else 0)
    assert found.history_days == 29
    assert near(found.rest, 400, 0.03)


def test_a_gap_is_unknown_not_zero():
    """Days a source told nothing of neither lower the forecast nor count as billed."""
    gap = {date(2026, 11, n) for n in range(10, 15)}
    found = told(lambda day: 0 if day in gap else 10, missing=gap)
    assert found.actual == 170
    assert near(found.rest, 80)
    assert found.history_days == len(OF_22) - 5


def test_half_a_day_is_half_a_day():
    """A partial day counts as billed; the rest of it is still to come, and lowers no level."""
    found = told(lambda day: 4 if day == OF_22[-1] else 10, complete_through=date(2026, 11, 21))
    assert found.actual == 214
    assert near(found.total, 300)
    assert found.days[0] == (date(2026, 11, 22), Decimal("6.00"))


def test_what_provisional_days_will_gain_is_still_to_come():
    """What is billed stays as billed; what its days will gain is to come, and lowers no level."""
    late = {date(2026, 11, 21): 2.0, date(2026, 11, 22): 2.0, date(2026, 12, 1): 9.0}
    found = told(lambda day: 8 if day >= date(2026, 11, 21) else 10, gains=late)
    assert (found.actual, found.correction) == (216, 4)
    assert near(found.total, 300)
    assert found.low >= found.actual
    plain = told(lambda day: 8 if day >= date(2026, 11, 21) else 10)
    assert plain.correction == 0
    assert plain.total < 300


def test_a_day_of_which_hardly_anything_is_told_is_told_in_part():
    """What is usual says more of it than a tenth of it does; as billed it counts all the same."""
    found = told(lambda day: 1 if day == OF_22[-1] else 10, gains={OF_22[-1]: 19.0})
    assert (found.actual, found.correction) == (211, 0)
    assert found.days[0] == (date(2026, 11, 22), Decimal("9.00"))
    assert near(found.total, 300)


def test_credits_alone_are_forecast_below_zero():
    """A series of negative amounts keeps its sign, and its bounds their order."""
    found = told(lambda day: -30 if day.weekday() > 4 else -100)
    assert near(-found.rest, 660)
    assert found.low <= found.total <= found.high < 0


def test_never_below_what_is_billed():
    """Where nothing is ever credited, the lower bound is at least what is billed already."""
    noise = np.random.default_rng(3).exponential(10, 400)
    found = told(lambda day: round(noise[(day - START).days], 2))
    assert found.low >= found.actual


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0, 0.01, 5, 10, 1000, -7]), min_size=14, max_size=120), st.integers(0, 400))
def test_no_bill_is_too_odd(amounts, ahead):
    """Zeros, jumps and credits in any order give ordered bounds, in cents, or a refusal."""
    days = [START + timedelta(days=n) for n in range(len(amounts))]
    period = Period(start=days[-1] + timedelta(days=1), end=days[-1] + timedelta(days=ahead + 2))
    found = told(lambda day: amounts[(day - START).days], days=days, period=period)
    if isinstance(found, Forecast):
        assert found.low <= found.total <= found.high
        assert found.total == found.total.quantize(Decimal("0.01"))


def test_days_must_be_consecutive():
    """A missing day must be named as such, not left out."""
    with pytest.raises(ValueError, match="consecutive"):
        told(lambda _: 1, days=[date(2026, 11, 1), date(2026, 11, 3)])


@pytest.mark.parametrize("trouble", [False, True], ids=["calm", "with spikes and shifts"])
def test_it_beats_what_one_would_do_without_it_and_its_band_holds(trouble):
    """In back-tests over generated bills: a smaller mean miss than every baseline; four of five are held."""
    made = bills(11, series=14)
    if trouble:
        made = troubled(made, 5, {"spike": 3.0, "shift": 1.3}, share=0.5)
    found = list(trials(made.amounts, made.days, rest_of_month, 100))
    misses = np.array([item.misses for item in found]).mean(axis=0)
    assert len(found) > 150
    assert misses[0] < 0.7 * misses[1:].min()
    assert 0.72 <= np.mean([item.held for item in found]) <= 0.9


def test_a_total_of_400_days_takes_milliseconds():
    """A forecast is no reason to wait."""
    made = bills(1, series=1)
    cell = Cell((), "USD", tuple(Decimal(f"{amount:.4f}") for amount in made.amounts[0]))
    period = Period(start=date(2026, 7, 1), end=date(2026, 8, 1))
    took = []
    for _ in range(7):
        began = time.process_time()
        forecast(cell, made.days, period)
        took.append(time.process_time() - began)
    assert min(took) < 0.04


def test_importing_it_imports_no_numpy():
    """The statistics are loaded when first asked for."""
    code = "import sys, bot.analytics.forecast; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("habit", "most"),
    [("every other Friday", 4), ("sprints", 4), ("month-end batch", 9), ("growing", 4), ("sparse", 90), ("noisy", 8)],
)
def test_habits_are_forecast(habit, most):
    """Fortnights, batches of three days, growth and what comes now and then, to the end of a month; no lean."""
    miss, bias, held = figures(trials_of(habit, 4), ours)
    assert miss < most
    assert abs(bias) < most / 2
    assert held >= 60
