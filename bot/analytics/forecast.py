"""What a period will come to (see ``domain.answers.forecasts``), in exact money and calendar days.

The statistics stand in ``forecast_model``; this is their entry.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct

from bot.domain.aggregate import Cell, cents
from bot.domain.answers.forecasts import NEEDED_DAYS, Forecast, TooShort
from bot.domain.money import total
from bot.domain.period import DAY, Period

_PARTLY = 0.25
"""A day that is expected to gain more of itself is told in part: what is usual says more of it than it does."""
_LONGEST = 550
"""Older days than this tell nothing more."""


def forecast(  # noqa: PLR0913 - what is known about the days
    cell: Cell,
    days: Sequence[date],
    period: Period,
    *,
    complete_through: date | None = None,
    gains: Mapping[date, float] | None = None,
    missing: Collection[date] = (),
    level: float = 0.8,
) -> Forecast | TooShort:
    """What the period will come to in the cell's currency.

    ``days`` are consecutive, the last the latest told of. Days after ``complete_through`` are partial: they
    count as billed, and the rest of them is still to come. ``gains`` is what provisional days are expected to gain
    when they are restated; from the first that gains more than a quarter of itself, they are partial too.
    ``missing`` days are unknown, not zero.

    Raises:
        ValueError: the days are not consecutive, or not one for each amount.
    """
    if len(days) != len(cell.amounts) or any(after - day != DAY for day, after in pairwise(days)):
        msg = "a forecast needs one amount for each of consecutive days"
        raise ValueError(msg)
    history = _History.of(cell, days, complete_through, gains or {}, missing)
    so_far = [amount for day, amount in zip(days, cell.amounts, strict=True) if day in period and day not in missing]
    through = min(days[-1], period.last) if so_far else None
    billed = TooShort(cell.unit, period, total(so_far), through, history.length)
    return billed if history.length < NEEDED_DAYS else _forecast(billed, history, level)


class _History(Struct, frozen=True):
    """Days known whole, as they will be when settled; ``partial`` holds what is told of the days after."""

    days: tuple[date, ...]
    amounts: tuple[float, ...]
    added: Mapping[date, float]
    partial: Mapping[date, float]
    length: int

    @classmethod
    def of(
        cls,
        cell: Cell,
        days: Sequence[date],
        complete_through: date | None,
        gains: Mapping[date, float],
        missing: Collection[date],
    ) -> _History:
        whole = [day for day in days if complete_through is None or day <= complete_through]
        billed = {day: float(amount) for day, amount in zip(days, cell.amounts, strict=True) if day not in missing}
        partly = (day for day in whole if gains.get(day, 0.0) > _PARTLY * abs(billed.get(day, 0.0)))
        end = next(partly, None)
        whole = [day for day in whole if end is None or day < end]
        added = {day: gains.get(day, 0.0) for day in whole if day in billed}
        first = next((at for at, day in enumerate(whole) if billed.get(day)), 0 if any(billed) else len(whole))
        whole = whole[max(first, len(whole) - _LONGEST) :]
        settled = {day: billed[day] + added[day] for day in whole if day in billed}
        return cls(
            days=tuple(whole),
            amounts=tuple(_filled(settled, whole)),
            added={day: amount for day, amount in added.items() if amount},
            partial={day: amount for day, amount in billed.items() if not whole or day > whole[-1]},
            length=len(settled),
        )


def _filled(known: Mapping[date, float], days: Sequence[date]) -> list[float]:
    """Unknown days as the same weekday before, or after; zero where neither is known."""
    weeks = [DAY * 7 * step for step in (-1, 1, -2, 2, -3, 3, -4, 4)]
    return [known.get(day, next((known[day + week] for week in weeks if day + week in known), 0.0)) for day in days]


def _forecast(so_far: TooShort, history: _History, level: float) -> Forecast:
    """What is billed so far, and what the history says of the rest."""
    period, actual = so_far.period, so_far.actual
    last = history.days[-1]
    added = sum(amount for day, amount in history.added.items() if day in period)
    start, stop = max(1, (period.start - last).days), (period.last - last).days
    daily: list[tuple[date, float]] = []
    low = high = 0.0
    backtests = 0
    if stop >= start:
        daily, low, high, backtests = _ahead(history, start, stop, level)
    expected = sum(amount for _, amount in daily)
    billed = sum(amount for day, amount in history.partial.items() if day in period)
    left = [(day, _still(amount, history.partial.get(day, 0.0))) for day, amount in daily]
    rest = cents(added + sum(amount for _, amount in left))
    doubt = abs(added) / 2
    least = actual if min(history.amounts) >= 0 and added >= 0 else None
    whole = actual + rest
    below = actual + rest - cents(max(expected - low, 0.0) + doubt)
    above = actual + rest + cents(max(high - max(expected, billed), 0.0) + doubt)
    return Forecast(
        currency=so_far.currency,
        period=period,
        actual=actual,
        actual_through=so_far.actual_through,
        rest=rest,
        total=whole,
        low=max(below, least) if least is not None else below,
        high=max(above, whole),
        level=Decimal(str(level)),
        correction=cents(added),
        history_days=history.length,
        backtests=backtests,
        days=tuple((day, cents(amount)) for day, amount in left),
    )


def _still(expected: float, billed: float) -> float:
    """What is still to come on a day of which a part is told."""
    return max(expected - billed, 0.0) if expected >= 0 else min(expected - billed, 0.0)


def _ahead(
    history: _History, start: int, stop: int, level: float
) -> tuple[list[tuple[date, float]], float, float, int]:
    if not any(history.amounts):
        days = [(history.days[-1] + DAY * step, 0.0) for step in range(start, stop + 1)]
        return days, 0.0, 0.0, 0
    import numpy as np  # statistics only

    from bot.analytics.forecast_model import project  # imports numpy

    found = project(np.array(history.amounts), history.days, start, stop, level)
    ahead = [(history.days[-1] + DAY * step, float(found.daily[step - 1])) for step in range(start, stop + 1)]
    return ahead, found.low, found.high, found.backtests
