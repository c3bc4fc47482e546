"""How a source restates its days, and what those it may still restate are expected to gain.

A day is told when it is hardly over, and told differently later: use comes in late, credits are booked. What days
of an age came to since, as a multiple of what they had been told as at that age and at that time of the day, is what
a day of that age now is expected to come to. Ages are days from the day to the one on which it was told: yesterday,
told today, is 1 old. Times are UTC.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from statistics import median
from typing import NamedTuple

from bot.domain.period import DAY

ENOUGH = 7
"""So many days make known how days of their age are restated; of fewer nothing is concluded."""
SETTLED = 7
"""So many days after an age, what a day is told as is taken for what it came to."""


class Earlier(NamedTuple):
    """What a day was told as until it was told differently."""

    day: date
    until: datetime
    amount: Decimal


def settling(earlier: Iterable[Earlier], now: Mapping[date, Decimal], synced: datetime) -> dict[int, float]:
    """By what factor days still grow, by their age; nothing of ages that fewer than ``ENOUGH`` days tell of.

    ``now`` is what each day that was watched from its first hour is told as, those never restated included (they
    count as having grown by nothing); ``told`` is the last telling. The factor is the median of the days, so that
    one late invoice changes no forecast.
    """
    steps = {
        day: list(earlier_figures) for day, earlier_figures in groupby(sorted(earlier), key=lambda figure: figure.day)
    }
    latest = max(((figure.until.date() - figure.day).days for found in steps.values() for figure in found), default=0)
    ratios: dict[int, list[float]] = defaultdict(list)
    for day, since in now.items():
        untils = [figure.until for figure in steps.get(day, [])]
        amounts = [*(figure.amount for figure in steps.get(day, [])), since]
        for age in range(1, min(latest, (synced.date() - day).days - SETTLED) + 1):
            then = amounts[bisect(untils, datetime.combine(day + age * DAY, synced.timetz()))]
            if then > 0 and since > 0:
                ratios[age].append(float(since / then))
    return {age: median(of_age) for age, of_age in sorted(ratios.items()) if len(of_age) >= ENOUGH}


def gains(
    amounts: Mapping[date, Decimal], factors: Mapping[int, float], synced_on: date, final_through: date | None
) -> dict[date, float]:
    """What each provisional day is expected to gain, from its amount and the factor of its age."""
    ages = {day: (synced_on - day).days for day in amounts if final_through is None or day > final_through}
    return {day: float(amounts[day]) * (factors[age] - 1) for day, age in ages.items() if age in factors}
