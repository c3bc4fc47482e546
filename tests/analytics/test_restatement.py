"""What days of an age still gain, by how such days were restated."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from bot.analytics.completion import ENOUGH, Earlier, gains, settling
from bot.domain.period import DAY

FIRST = date(2026, 10, 1)
TODAY = date(2026, 11, 20)
TOLD = datetime.combine(TODAY, time(9), UTC)
SINCE = [FIRST + n * DAY for n in range(20)]


def restated(days, *steps, at=time(8)):
    """Days told as each amount until the morning so many days later."""
    return [
        Earlier(day, datetime.combine(day + age * DAY, at, UTC), Decimal(amount))
        for day in days
        for age, amount in steps
    ]


def whole(days=SINCE, amount=100):
    """What days are told as now."""
    return dict.fromkeys(days, Decimal(amount))


def test_days_grow_as_days_of_their_age_did():
    """Told at 80 when a day old, at 90 when two: a quarter and a ninth are to come; older days have come to rest."""
    found = settling(restated(SINCE, (2, 80), (3, 90)), whole(), TOLD)
    assert found == {1: 1.25, 2: pytest.approx(100 / 90), 3: 1.0}


def test_the_time_of_day_is_that_of_the_last_telling():
    """In the morning half of yesterday is told, in the evening nearly all: a day is measured by others at its hour."""
    twice = restated(SINCE, (1, 50), at=time(14)) + restated(SINCE, (2, 80))
    assert settling(twice, whole(), TOLD)[1] == 2.0
    assert settling(twice, whole(), TOLD.replace(hour=20))[1] == 1.25


def test_days_that_were_never_restated_count():
    """Where most days stay as they were told, nothing is expected of the next."""
    assert settling(restated(SINCE[::3], (2, 50)), whole(), TOLD) == {1: 1.0, 2: 1.0}


def test_of_few_days_nothing_is_concluded():
    """It takes so many days of an age to know how they are restated."""
    few, enough = SINCE[: ENOUGH - 1], SINCE[:ENOUGH]
    assert settling(restated(few, (2, 50)), whole(few), TOLD) == {}
    assert settling(restated(enough, (2, 50)), whole(enough), TOLD) == {1: 2.0, 2: 1.0}


def test_days_that_may_still_move_tell_nothing():
    """Only a week after an age is what became of it known."""
    lately = [TODAY - n * DAY for n in range(1, 8)]
    assert settling(restated(lately, (2, 50)), whole(lately), TOLD) == {}


def test_one_late_invoice_changes_no_forecast():
    """The factor is the median: a day that came to a hundred times what it was told as moves it by nothing."""
    found = settling([*restated(SINCE[1:], (2, 80)), *restated(SINCE[:1], (2, 1))], whole(), TOLD)
    assert found[1] == 1.25


def test_only_provisional_days_gain():
    """A day is corrected by the factor of its own age, and a final one by none."""
    days = {TODAY - n * DAY: Decimal(40) for n in range(1, 4)}
    assert gains(days, {1: 1.25, 2: 1.1, 3: 1.1}, TODAY, TODAY - 3 * DAY) == {
        TODAY - DAY: 10.0,
        TODAY - 2 * DAY: pytest.approx(4.0),
    }
