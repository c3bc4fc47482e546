"""What is out of the usual."""

import subprocess
import sys
import time
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from benchmarks.anomaly import as_cells, found_within, judged, ours
from benchmarks.rhythms import made as bills_of
from benchmarks.series import bills, troubled
from bot.analytics.anomaly import Thresholds, find, one_per_cause
from bot.domain.aggregate import Cell
from bot.domain.answers import Anomaly
from bot.domain.period import Period
from bot.render.answer_json import anomaly_json
from bot.render.sentences import anomaly as sentence

START = date(2026, 7, 1)
DAYS = [START + timedelta(days=n) for n in range(145)]
NOVEMBER = Period(start=date(2026, 11, 1), end=date(2026, 11, 23))
NOISE = np.random.default_rng(1).normal(1, 0.03, len(DAYS))


def november(day):
    """A day of November 2026."""
    return date(2026, 11, day)


def bill(amount, key=("x",), unit="USD"):
    """A bill of a function of the day, with a little noise."""
    result = zip(DAYS, NOISE, strict=True)
    return Cell(key, unit, tuple(Decimal(f"{amount(day) * noise:.4f}") for day, noise in result))


def found(amount, **more):
    """What is found in November."""
    return find(("ServiceName",), [bill(amount)], DAYS, NOVEMBER, **more)


def weekly(day):
    """A hundred on weekdays, thirty on weekends."""
    return 30 if day.weekday() > 4 else 100


def test_a_spike_is_told_in_money():
    """Three days of a job left running: what a day, in all, and in a month it comes to."""
    [spike] = found(lambda day: weekly(day) + 600 * (november(16) <= day <= november(17)))
    assert (spike.kind, spike.period) == ("spike", Period(start=november(16), end=november(18)))
    assert spike.seen == november(16)
    assert not spike.ongoing
    assert abs(spike.change - 600) < 20
    assert spike.per_month == spike.change * 30
    assert spike.total == spike.change * 2
    assert abs(spike.expected - 100) < 6
    assert sentence(spike, lambda amount, _: f"${amount:,.0f}").startswith(
        "x: $589 a day more than usual, Mon 16 Nov to Tue 17 Nov, "
    )


def test_the_public_form():
    """Keys and exact strings as documented; marked an estimate."""
    [spike] = found(lambda day: weekly(day) + 600 * (day == november(16)), final_through=date(2026, 10, 31))
    result = anomaly_json(spike)
    assert (result["key"], result["currency"], result["kind"]) == ({"ServiceName": "x"}, "USD", "spike")
    assert (result["start"], result["end"], result["seen"]) == ("2026-11-16", "2026-11-17", "2026-11-16")
    assert result["provisional"] is True
    assert result["estimate"] is True
    assert Decimal(result["amount"]) - Decimal(result["expected"]) == Decimal(result["change"])
    assert set(result) == {
        *("key", "currency", "kind", "start", "end", "seen", "ongoing", "provisional", "amount", "expected"),
        *("change", "per_month", "total", "share", "also", "estimate", "label", "note"),
    }


@pytest.mark.parametrize("size", [1.35, 0.6])
def test_a_level_shift_is_told_within_three_days(size):
    """Up or down, it is told by its third day, once, as going on."""
    [shift] = found(lambda day: weekly(day) * (size if day >= november(10) else 1))
    assert (shift.kind, shift.period.start, shift.ongoing) == ("shift", november(10), True)
    assert shift.seen <= november(12)
    assert (shift.change > 0) == (size > 1)
    assert "if it continues" in sentence(shift)


def test_a_drop_to_zero_is_told_once_and_on_its_day():
    """What stopped is told as stopped."""
    [drop] = found(lambda day: weekly(day) * (day < november(11)))
    assert (drop.kind, drop.seen, drop.amount) == ("drop", november(11), 0)
    assert sentence(drop).startswith("x: dropped to zero from ")


def test_new_spend_is_told_once():
    """What never cost anything and now does is new, from its first day on."""
    [new] = found(lambda day: 80 * (day >= november(12)))
    assert (new.kind, new.seen, new.expected, new.share) == ("new", november(12), 0, None)
    assert sentence(new).startswith("x: new, ")


def test_the_return_to_the_usual_is_no_news():
    """When a week at double cost ends, nothing new is told."""
    [shift] = found(lambda day: 100 * (2 if november(5) <= day < november(13) else 1))
    assert (shift.kind, shift.ongoing) == ("shift", False)
    assert shift.period == Period(start=november(5), end=november(13))


@pytest.mark.parametrize(
    "amount",
    [
        weekly,
        lambda day: 100 + 700 * (day.day == 1),
        lambda day: 100 + 700 * ((day + timedelta(days=1)).day == 1),
        lambda day: 100 + 400 * (day.day == 14),
        lambda day: 500 * (day.day == 1),
        lambda day: -100 - 500 * (day.day == 1),
        lambda day: 100 * 1.01 ** (day - START).days,
        lambda _: 0,
        lambda day: 60 * (day.weekday() == 5),
    ],
    ids=[
        "weekends",
        "first",
        "last",
        "a day of its own",
        "only the first",
        "credits",
        "growth",
        "nothing",
        "Saturdays",
    ],
)
def test_what_is_usual_is_no_anomaly(amount):
    """The week's rhythm, monthly charges, growth, credits and silence are not told."""
    assert found(amount) == ()


def test_a_partial_day_is_not_too_little_but_can_be_too_much():
    """The last day, half told, is neither a dip nor a drop; if it is already triple, that is told."""
    last = DAYS[-1]
    assert found(lambda day: 0 if day == last else 100, complete_through=november(21)) == ()
    assert [item.kind for item in found(lambda day: 0 if day == last else 100)] == ["drop"]
    [spike] = found(lambda day: 300 if day == last else 100, complete_through=november(21))
    assert (spike.kind, spike.ongoing) == ("spike", True)


def test_thresholds_are_the_users():
    """Only above $50 and 20 %: either alone is not enough."""

    def small(day):
        return 20 + 45 * (day == november(16))

    def slight(day):
        return 1000 + 120 * (day >= november(16))

    strict = Thresholds(amount=Decimal(50), share=Decimal("0.2"))
    assert found(small, thresholds=strict) == found(slight, thresholds=strict) == ()
    assert len(found(small)) == 1
    assert len(found(slight, thresholds=Thresholds(share=Decimal("0.1")))) == 1


def test_only_what_was_first_seen_in_the_period_is_told():
    """October's spike is not November's news."""
    assert found(lambda day: 100 + 500 * (day == date(2026, 10, 20))) == ()


def test_too_little_is_known():
    """No days, no series, or a week of history: nothing is made up."""
    assert find(("x",), [], DAYS, NOVEMBER) == ()
    assert find(("x",), [Cell(("a",), "USD", ())], [], NOVEMBER) == ()
    week = [november(n) for n in range(1, 8)]
    amounts = tuple(Decimal(n**3) for n in range(7))
    assert find(("x",), [Cell(("a",), "USD", amounts)], week, NOVEMBER) == ()


def finding(change, *, start=16, currency="USD", expected=100, **key):
    """A finding of one day."""
    return Anomaly(
        key=key, currency=currency, kind="spike", period=Period(start=november(start), end=november(start + 1)),
        seen=november(start), ongoing=False, provisional=False,
        amount=Decimal(expected + change), expected=Decimal(expected),
    )  # fmt: skip


def test_one_cause_is_told_once_over_cuts():
    """The same money by account, by model and by key is one finding, which names the others."""
    service = finding(500, ServiceProviderName="OpenAI", SubAccountName="chat", ServiceName="OpenAI API")
    model = finding(480, ServiceProviderName="OpenAI", x_Model="gpt-5")
    key = finding(490, start=17, ServiceProviderName="OpenAI", x_ApiKeyName="prod")
    other = finding(450, ServiceProviderName="Anthropic", x_Model="claude")
    small = finding(60, ServiceProviderName="OpenAI", x_Model="o3")
    result = one_per_cause([[service], [model, other, small], [key]])
    assert [item.key for item in result] == [service.key, other.key, small.key]
    assert result[0].also == (model.key, key.key)


def test_one_cause_is_told_once_within_a_cut():
    """Three accounts whose compute rose on one day are one finding about compute."""
    parts = [finding(100 + n, ServiceName="EC2", SubAccountName=f"a{n}") for n in range(3)]
    alone = finding(-80, ServiceName="EC2", SubAccountName="a3")
    later = finding(70, start=9, ServiceName="EC2", SubAccountName="a4")
    result = one_per_cause([[*parts, alone, later]])
    assert [dict(item.key) for item in result] == [{"ServiceName": "EC2"}, alone.key, later.key]
    assert (result[0].change, result[0].expected) == (303, 300)
    assert len(result[0].also) == 3


def test_sharing_a_provider_or_nothing_is_no_cause():
    """Two services of AWS, two untagged things, two currencies: each stays its own."""
    aws = [finding(90, ServiceProviderName="AWS", ServiceName=name) for name in ("S3", "EC2")]
    none = [finding(80, ServiceName=name, **{"Tags/team": ""}) for name in ("a", "b")]
    euros = [finding(70, ServiceName="c", currency=unit) for unit in ("EUR", "USD")]
    assert len(one_per_cause([[*aws, *none, *euros]])) == 6


def test_credits_have_their_sign():
    """A credit that grew is less spend, not more."""
    [credit] = found(lambda day: -100 - 500 * (day == november(16)))
    assert credit.change < -450
    assert "less than usual" in sentence(credit)


@pytest.mark.parametrize(
    ("kind", "size", "recall"), [("spike", 3.0, 0.9), ("shift", 1.3, 0.8), ("drop", 0.0, 0.95), ("new", 1.0, 0.95)]
)
def test_recall_precision_and_false_alarms(kind, size, recall):
    """On generated bills with known troubles, within three days; fewer than one false alarm a month per hundred."""
    made = troubled(bills(302, series=150), 9, {kind: size}, share=0.5)
    found, right, false = judged(made, ours(made))
    assert found >= recall
    assert right >= 0.9
    assert false < 1


@pytest.mark.parametrize(
    "habit", ["every other Friday", "sprints", "holidays", "month start", "month-end batch", "heavy tails"]
)
def test_habits_are_no_anomalies_and_hide_none(habit):
    """Rhythms of two weeks, holidays, batches, heavy tails: no false alarm but of chance, up and down found alike."""
    calm = bills_of(habit, 31, series=40)
    assert found_within(calm, ours(calm))[1] <= 2
    for kind, size in (("spike", 3.0), ("shift", 0.65), ("shift", 1.4)):
        made = troubled(bills_of(habit, 32, series=40), 9, {kind: size}, share=0.8)
        assert found_within(made, ours(made))[0] >= 0.85


def test_evidence_gathers_over_days():
    """A shift of 30 % in days that vary by 12 % is found within a week, up as surely as down."""
    for size in (1.3, 0.7):
        made = troubled(bills_of("noisy", 33, series=60), 9, {"shift": size}, share=0.9)
        assert found_within(made, ours(made))[0] >= 0.8
    calm = bills_of("noisy", 34, series=100)
    assert found_within(calm, ours(calm))[1] <= 1


@pytest.mark.parametrize("rate", [1.02, 0.98])
def test_slow_drift_is_told_before_it_has_doubled(rate):
    """What changes by 2 % a day is told within three weeks."""
    drifts = found(lambda day: weekly(day) * rate ** max(0, (day - date(2026, 10, 20)).days))
    assert drifts[0].seen <= november(12)
    assert (drifts[0].change > 0) == (rate > 1)


def test_new_spend_is_told_on_its_first_whole_day_and_ranked_by_what_is_at_stake():
    """What goes on is worth a month; what is over, what it came to."""
    cells = [
        bill(lambda day: 80 * (day >= november(20)), ("new",)),
        bill(lambda day: 100 + 900 * (day == november(5)), ("over",)),
    ]
    result = find(("ServiceName",), cells, DAYS, NOVEMBER, complete_through=november(21))
    assert [(item.key["ServiceName"], item.seen) for item in result] == [("new", november(20)), ("over", november(5))]
    assert result[0].at_stake == result[0].per_month > result[0].total
    assert result[1].at_stake == result[1].total


def test_many_series_take_under_a_second():
    """Two thousand series of four hundred days."""
    made = bills(204, series=50)
    cells = as_cells(made) * 40
    began = time.process_time()
    find(("series",), cells, made.days, Period(start=made.days[-30], end=made.days[-1]))
    assert time.process_time() - began < 1


def test_importing_it_imports_no_numpy():
    """The statistics are loaded when first asked for."""
    code = "import sys, bot.analytics.anomaly; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
