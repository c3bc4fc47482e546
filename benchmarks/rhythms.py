"""Sixteen kinds of daily bills, each with one habit that makes it hard: a pure function of kind and seed.

Nothing in here knows how the program looks for anything. Levels lie between $50 and $5,000 a day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import holidays
import numpy as np

from benchmarks.series import FIRST, Bills, Floats

Rng = np.random.Generator
Habit = Callable[[Rng, Floats, list[date]], Floats]
"""Makes the course of every series, as multiples of its level, without noise."""


def made(kind: str, seed: int, *, series: int = 100, days: int = 400) -> Bills:
    """Bills of one kind."""
    rng = np.random.default_rng([seed, sorted(KINDS).index(kind)])
    calendar = [FIRST + timedelta(days=n) for n in range(days)]
    level = np.exp(rng.uniform(np.log(50), np.log(5000), series))
    habit, noise = KINDS[kind]
    course = np.ones((series, days))
    course = habit(rng, course, calendar)
    jitter = np.exp(
        noise * (rng.standard_t(3, course.shape) if kind == "heavy tails" else rng.normal(size=course.shape))
    )
    return Bills(calendar, level[:, None] * course * jitter, np.full(series, noise))


def _flat(_rng: Rng, course: Floats, _days: list[date]) -> Floats:
    return course


def _weekly(rng: Rng, course: Floats, days: list[date]) -> Floats:
    resting = np.array([day.weekday() > 4 for day in days])
    return course * np.where(resting[None], rng.uniform(0.3, 0.8, (len(course), 1)), 1.0)


def _growing(rng: Rng, course: Floats, days: list[date]) -> Floats:
    rate = rng.uniform(0.001, 0.005, (len(course), 1))
    return _weekly(rng, course, days) * np.exp(rate * np.arange(len(days)))


def _drifting(rng: Rng, course: Floats, days: list[date]) -> Floats:
    return _weekly(rng, course, days) * np.exp(np.cumsum(rng.normal(0, 0.015, course.shape), axis=1))


def _payroll(rng: Rng, course: Floats, days: list[date]) -> Floats:
    start = rng.integers(0, 14, len(course))
    paid = (np.arange(len(days))[None] - start[:, None]) % 14 == 0
    return _weekly(rng, course, days) * np.where(paid, rng.uniform(2.5, 6, (len(course), 1)), 1.0)


def _sprints(rng: Rng, course: Floats, days: list[date]) -> Floats:
    first = rng.integers(0, 2, (len(course), 1))
    week = np.array([(day - date(2025, 1, 6)).days // 7 for day in days])
    return _weekly(rng, course, days) * np.where(
        (week[None] + first) % 2 == 0, rng.uniform(1.3, 1.8, (len(course), 1)), 1
    )


def _holidays(rng: Rng, course: Floats, days: list[date]) -> Floats:
    known = holidays.country_holidays("US", years=range(2025, 2028))
    quiet = np.array([day.weekday() > 4 or day in known or (day.month, day.day) in _TURN for day in days])
    return course * np.where(quiet[None], rng.uniform(0.3, 0.7, (len(course), 1)), 1.0)


_TURN = {(12, day) for day in range(24, 32)} | {(1, 1)}


def _month_start(rng: Rng, course: Floats, days: list[date]) -> Floats:
    first = np.array([day.day == 1 for day in days])
    return _weekly(rng, course, days) + np.where(first[None], rng.uniform(1, 10, (len(course), 1)), 0.0)


def _month_end(rng: Rng, course: Floats, days: list[date]) -> Floats:
    last = np.array([(day + timedelta(days=3)).day <= 3 for day in days])
    return _weekly(rng, course, days) * np.where(last[None], rng.uniform(2, 5, (len(course), 1)), 1.0)


def _sparse(rng: Rng, course: Floats, _days: list[date]) -> Floats:
    often = rng.uniform(0.08, 0.35, (len(course), 1))
    return course * (rng.random(course.shape) < often) * np.exp(rng.normal(0, 0.6, course.shape))


def _ended(rng: Rng, course: Floats, days: list[date]) -> Floats:
    end = rng.integers(len(days) // 4, len(days), (len(course), 1))
    return _weekly(rng, course, days) * (np.arange(len(days))[None] < end)


def _dying(rng: Rng, course: Floats, days: list[date]) -> Floats:
    start = rng.integers(60, len(days), (len(course), 1))
    rate = rng.uniform(0.01, 0.04, (len(course), 1))
    found: Floats = _weekly(rng, course, days) * np.exp(-rate * np.maximum(np.arange(len(days))[None] - start, 0))
    return found


def _steps(rng: Rng, course: Floats, days: list[date]) -> Floats:
    at = rng.integers(60, len(days), (len(course), 2))
    sizes = np.where(rng.random((len(course), 2)) < 0.5, 0.6, 1.6)
    passed = np.arange(len(days))[None, None] >= at[:, :, None]
    found: Floats = _weekly(rng, course, days) * np.where(passed, sizes[:, :, None], 1.0).prod(axis=1)
    return found


def _spikes(rng: Rng, course: Floats, days: list[date]) -> Floats:
    return _weekly(rng, course, days) * np.where(rng.random(course.shape) < 0.02, rng.uniform(2, 4, course.shape), 1.0)


KINDS: dict[str, tuple[Habit, float]] = {
    "flat": (_flat, 0.04),
    "weekly": (_weekly, 0.04),
    "growing": (_growing, 0.04),
    "drifting": (_drifting, 0.03),
    "noisy": (_weekly, 0.12),
    "heavy tails": (_weekly, 0.06),
    "every other Friday": (_payroll, 0.05),
    "sprints": (_sprints, 0.05),
    "holidays": (_holidays, 0.05),
    "month start": (_month_start, 0.05),
    "month-end batch": (_month_end, 0.05),
    "sparse": (_sparse, 0.0),
    "ended": (_ended, 0.05),
    "dying": (_dying, 0.05),
    "steps": (_steps, 0.05),
    "spikes": (_spikes, 0.05),
}
"""The habit of each kind, and its noise of a day in logs."""
