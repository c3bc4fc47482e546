"""What a period will come to: what is billed so far, what is still to come, and how sure that is.

The statistics stand in ``projection``; this is their entry, in exact money and calendar days. JSON::

    {"currency", "period": {"start", "end"}, "actual", "actual_through", "rest", "total", "low", "high",
     "level", "correction", "history_days", "backtests", "days": [{"start", "amount"}], "estimate": true}

``actual`` is exact and as billed; ``rest`` (to come, ``correction`` included), ``total`` (``actual`` plus
``rest``), ``low`` and ``high`` (bounds of the total that hold in ``level`` of cases) and the forecast ``days``
are estimates in cents. ``correction`` is what provisional days are expected to gain when they are restated. In the
currency asked for the same stands under ``converted``, with ``rate_date`` and ``source``, for all currencies together
where each has a rate. What is billed in other currencies than the forecast's stands under ``others``, a forecast each.
Where the history is too short, ``rest``, ``total``, ``low`` and ``high`` are null and ``why``
says so in a sentence.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bot.domain.aggregate import Cell, MoneyFormat, cents, plain_money
from bot.domain.money import plain, total
from bot.domain.period import DAY, Period

NEEDED_DAYS = 14
"""The shortest history that is forecast from."""
_PARTLY = 0.25
"""A day that is expected to gain more of itself is told in part: what is usual says more of it than it does."""
_LONGEST = 550
"""Older days than this tell nothing more."""


@dataclass(frozen=True)
class Forecast:
    """One currency's forecast; see the module for what is exact and what is estimated."""

    currency: str
    period: Period
    actual: Decimal
    actual_through: date | None
    rest: Decimal
    total: Decimal
    low: Decimal
    high: Decimal
    level: Decimal
    correction: Decimal
    history_days: int
    backtests: int
    days: tuple[tuple[date, Decimal], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The public form."""
        return {
            **_head(self),
            **{name: plain(getattr(self, name)) for name in ("rest", "total", "low", "high", "level", "correction")},
            "history_days": self.history_days,
            "backtests": self.backtests,
            "days": [{"start": day.isoformat(), "amount": plain(amount)} for day, amount in self.days],
            "estimate": True,
        }

    def converted(self, to: str, actual: Decimal, rate: Decimal) -> Forecast:
        """The same in another currency: what is billed as handed in, all that is estimated at one rate."""
        rest = cents(self.rest * rate)
        return replace(
            self,
            currency=to,
            actual=actual,
            rest=rest,
            total=actual + rest,
            low=actual + rest - cents((self.total - self.low) * rate),
            high=actual + rest + cents((self.high - self.total) * rate),
            correction=cents(self.correction * rate),
            days=tuple((day, cents(amount * rate)) for day, amount in self.days),
        )

    def sentence(self, money: MoneyFormat = plain_money) -> str:
        """Both parts and the whole: ``$8,100 so far and about $1,900 to come: about $10,000 for …``."""
        actual, rest, whole = (money(each, self.currency) for each in (self.actual, self.rest, self.total))
        until = f"{self.period.start.day} {self.period.start:%b} to {self.period.last.day} {self.period.last:%b %Y}"
        if not self.days and not self.correction:
            return f"{actual} for {until}, nothing more to come"
        low, high = (money(each, self.currency) for each in (self.low, self.high))
        band = f"{100 * self.level:.0f}% sure between {low} and {high}"
        so_far = f"{actual} so far and about {rest} to come: " if self.actual_through else ""
        return f"{so_far}about {whole} for {until} ({band})"


@dataclass(frozen=True)
class TooShort:
    """No forecast: the history is shorter than ``NEEDED_DAYS``. What is billed so far is told all the same."""

    currency: str
    period: Period
    actual: Decimal
    actual_through: date | None
    history_days: int

    def as_json(self) -> dict[str, Any]:
        """The public form, with nulls for what is not known."""
        unknown = dict.fromkeys(("rest", "total", "low", "high"))
        return {**_head(self), **unknown, "history_days": self.history_days, "why": self.sentence()}

    def converted(self, to: str, actual: Decimal, _rate: Decimal) -> TooShort:
        """The same in another currency."""
        return replace(self, currency=to, actual=actual)

    def sentence(self, money: MoneyFormat = plain_money) -> str:
        """Why there is none, and what is known."""
        known = f"{self.history_days} day{'' if self.history_days == 1 else 's'} of history"
        so_far = f"; {money(self.actual, self.currency)} so far" if self.actual_through else ""
        return f"{known} is too little to forecast from, {NEEDED_DAYS} are needed{so_far}"


def together(found: Sequence[Forecast]) -> Forecast:
    """The sum of forecasts in one currency of one period; its bounds hold even if all of them err alike."""
    first, *others = found
    if not others:
        return first
    days: dict[date, list[Decimal]] = {}
    for day, amount in (one for each in found for one in each.days):
        days.setdefault(day, []).append(amount)
    return replace(
        first,
        actual=total([each.actual for each in found]),
        rest=total([each.rest for each in found]),
        total=total([each.total for each in found]),
        low=total([each.low for each in found]),
        high=total([each.high for each in found]),
        correction=total([each.correction for each in found]),
        history_days=min(each.history_days for each in found),
        backtests=min(each.backtests for each in found),
        days=tuple((day, total(each)) for day, each in sorted(days.items())),
    )


def _head(told: Forecast | TooShort) -> dict[str, Any]:
    return {
        "currency": told.currency,
        "period": {"start": told.period.start.isoformat(), "end": told.period.end.isoformat()},
        "actual": plain(told.actual),
        "actual_through": told.actual_through.isoformat() if told.actual_through else None,
    }


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
    if history.length < NEEDED_DAYS:
        return TooShort(cell.unit, period, total(so_far), through, history.length)
    return _forecast(cell.unit, history, period, total(so_far), through, level)


@dataclass(frozen=True)
class _History:
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
        told = {day: float(amount) for day, amount in zip(days, cell.amounts, strict=True) if day not in missing}
        partly = (day for day in whole if gains.get(day, 0.0) > _PARTLY * abs(told.get(day, 0.0)))
        end = next(partly, None)
        whole = [day for day in whole if end is None or day < end]
        added = {day: gains.get(day, 0.0) for day in whole if day in told}
        first = next((at for at, day in enumerate(whole) if told.get(day)), 0 if any(told) else len(whole))
        whole = whole[max(first, len(whole) - _LONGEST) :]
        settled = {day: told[day] + added[day] for day in whole if day in told}
        return cls(
            days=tuple(whole),
            amounts=tuple(_filled(settled, whole)),
            added={day: amount for day, amount in added.items() if amount},
            partial={day: amount for day, amount in told.items() if not whole or day > whole[-1]},
            length=len(settled),
        )


def _filled(known: Mapping[date, float], days: Sequence[date]) -> list[float]:
    """Unknown days as the same weekday before, or after; zero where neither is known."""
    weeks = [DAY * 7 * step for step in (-1, 1, -2, 2, -3, 3, -4, 4)]
    return [known.get(day, next((known[day + week] for week in weeks if day + week in known), 0.0)) for day in days]


def _forecast(  # noqa: PLR0913 - what forecast has worked out
    currency: str,
    history: _History,
    period: Period,
    actual: Decimal,
    through: date | None,
    level: float,
) -> Forecast:
    last = history.days[-1]
    added = sum(amount for day, amount in history.added.items() if day in period)
    start, stop = max(1, (period.start - last).days), (period.last - last).days
    daily: list[tuple[date, float]] = []
    low = high = 0.0
    backtests = 0
    if stop >= start:
        daily, low, high, backtests = _ahead(history, start, stop, level)
    expected = sum(amount for _, amount in daily)
    told = sum(amount for day, amount in history.partial.items() if day in period)
    left = [(day, _still(amount, history.partial.get(day, 0.0))) for day, amount in daily]
    rest = cents(added + sum(amount for _, amount in left))
    doubt = abs(added) / 2
    least = actual if min(history.amounts) >= 0 and added >= 0 else None
    whole = actual + rest
    below = actual + rest - cents(max(expected - low, 0.0) + doubt)
    above = actual + rest + cents(max(high - max(expected, told), 0.0) + doubt)
    return Forecast(
        currency=currency,
        period=period,
        actual=actual,
        actual_through=through,
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


def _still(expected: float, told: float) -> float:
    """What is still to come on a day of which a part is told."""
    return max(expected - told, 0.0) if expected >= 0 else min(expected - told, 0.0)


def _ahead(
    history: _History, start: int, stop: int, level: float
) -> tuple[list[tuple[date, float]], float, float, int]:
    if not any(history.amounts):
        days = [(history.days[-1] + DAY * step, 0.0) for step in range(start, stop + 1)]
        return days, 0.0, 0.0, 0
    import numpy as np  # noqa: PLC0415 - statistics only

    from bot.analytics.forecast_model import project  # noqa: PLC0415 - imports numpy

    found = project(np.array(history.amounts), history.days, start, stop, level)
    ahead = [(history.days[-1] + DAY * step, float(found.daily[step - 1])) for step in range(start, stop + 1)]
    return ahead, found.low, found.high, found.backtests
