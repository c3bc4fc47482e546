"""Invented daily bills with known troubles, for the back-tests of forecasts and anomalies.

A pure function of its seed. Levels, rhythms, noise, growth and monthly charges are drawn to be like bills
of services in accounts; nothing in here knows how the program looks for anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

FIRST = date(2025, 6, 1)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Event:
    """One trouble put into one series: ``size`` times the usual, on days from ``start`` up to ``end``."""

    series: int
    kind: str
    start: int
    end: int
    size: float


@dataclass
class Bills:
    """``amounts`` are series by days; ``events`` say what was put in; ``noise`` is each series' own."""

    days: list[date]
    amounts: Floats
    noise: Floats
    events: list[Event] = field(default_factory=list)


def bills(seed: int, *, series: int = 200, days: int = 400) -> Bills:
    """Bills without troubles: level, growth, drift, week, noise, and monthly charges in a third of them."""
    rng = np.random.default_rng(seed)
    calendar = [FIRST + timedelta(days=n) for n in range(days)]
    noise = rng.choice([0.02, 0.04, 0.07, 0.12], series, p=[0.3, 0.35, 0.25, 0.1])
    base = np.exp(rng.uniform(np.log(5), np.log(5000), series))
    growth = rng.normal(0.02, 0.03, series) / 30
    drift = rng.choice([0.0, 0.004, 0.01], series, p=[0.4, 0.4, 0.2])
    logs = growth[:, None] * np.arange(days) + np.cumsum(rng.normal(0, 1, (series, days)), 1) * drift[:, None]
    weekend = rng.choice([1.0, 0.9, 0.7, 0.5, 0.2], series, p=[0.35, 0.2, 0.2, 0.15, 0.1])
    resting = np.array([day.weekday() > 4 for day in calendar])
    week = np.where(resting[None, :], weekend[:, None], 1.0)
    jitter = np.exp(rng.normal(0, 1, (series, days)) * noise[:, None])
    amounts = base[:, None] * np.exp(logs) * week * jitter
    return Bills(calendar, amounts + _monthly(rng, base, calendar), noise)


def _monthly(rng: np.random.Generator, base: Floats, calendar: list[date]) -> Floats:
    """Support, subscriptions and tax: on the first, the last or a day of their own, in a third of the series."""
    extra = np.zeros((len(base), len(calendar)))
    for row in np.flatnonzero(rng.random(len(base)) < 1 / 3):
        position = rng.choice([1, 1, 1, 31, int(rng.integers(2, 28))])
        size = base[row] * rng.uniform(0.5, 6)
        for at, day in enumerate(calendar):
            last = (day + timedelta(days=1)).day == 1
            if day.day == position or (position == 31 and last):
                extra[row, at] = size * rng.uniform(0.9, 1.1)
    return extra


def troubled(clean: Bills, seed: int, kinds: dict[str, float], *, since: int = 90, share: float = 0.3) -> Bills:
    """The bills with one event in a ``share`` of the series; ``kinds`` maps each kind to its size.

    Kinds: ``spike`` (1 to 3 days), ``shift`` (to the end), ``drop`` (to zero, to the end), ``new`` (nothing
    before that day).
    """
    rng = np.random.default_rng(seed)
    amounts, events = clean.amounts.copy(), []
    days = amounts.shape[1]
    for row in np.flatnonzero(rng.random(len(amounts)) < share):
        kind = str(rng.choice(sorted(kinds)))
        start = int(rng.integers(since, days - 10))
        end = start + int(rng.integers(1, 4)) if kind == "spike" else days
        factor = {"drop": 0.0, "new": 1.0}.get(kind, kinds[kind])
        amounts[row, start:end] *= factor
        if kind == "new":
            amounts[row, :start] = 0
        events.append(Event(int(row), kind, start, end, factor))
    return Bills(clean.days, amounts, clean.noise, events)


def told(amounts: Floats, seed: int, *, first: float, settles: float = 0.4, spread: float = 0.3) -> list[Floats]:
    """The bills as they are told of days one, two, three … days old, until nothing moves any more.

    A day old, ``first`` of a day is told, of which what is missing varies by ``spread``; each further day tells
    ``settles`` of it still.
    """
    rng = np.random.default_rng(seed)
    missing = (1 - first) * np.exp(rng.normal(0, spread, amounts.shape))
    return [amounts * (1 - np.minimum(missing, 0.95) * settles**age) for age in range(7)] + [amounts]
