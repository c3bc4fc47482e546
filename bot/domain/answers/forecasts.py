"""What a period will come to: what is billed so far, what is still to come, and how sure that is.

``actual`` is exact and as billed; ``rest`` (to come, ``correction`` included), ``total`` (``actual`` plus ``rest``),
``low`` and ``high`` (bounds of the total that hold in ``level`` of cases) and the forecast ``days`` are estimates in
cents. ``correction`` is what provisional days are expected to gain when they are restated.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from bot.domain.aggregate import cents
from bot.domain.money import total
from bot.domain.period import Period

NEEDED_DAYS = 14
"""The shortest history that is forecast from."""


class Forecast(Struct, frozen=True):
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


class TooShort(Struct, frozen=True):
    """No forecast: the history is shorter than ``NEEDED_DAYS``. What is billed so far stands all the same."""

    currency: str
    period: Period
    actual: Decimal
    actual_through: date | None
    history_days: int

    def converted(self, to: str, actual: Decimal, _rate: Decimal) -> TooShort:
        """The same in another currency."""
        return replace(self, currency=to, actual=actual)


def together(forecasts: Sequence[Forecast]) -> Forecast:
    """The sum of forecasts in one currency of one period; its bounds hold even if all of them err alike."""
    first, *others = forecasts
    if not others:
        return first
    days: dict[date, list[Decimal]] = {}
    for day, amount in (pair for forecast in forecasts for pair in forecast.days):
        days.setdefault(day, []).append(amount)
    return replace(
        first,
        actual=total([forecast.actual for forecast in forecasts]),
        rest=total([forecast.rest for forecast in forecasts]),
        total=total([forecast.total for forecast in forecasts]),
        low=total([forecast.low for forecast in forecasts]),
        high=total([forecast.high for forecast in forecasts]),
        correction=total([forecast.correction for forecast in forecasts]),
        history_days=min(forecast.history_days for forecast in forecasts),
        backtests=min(forecast.backtests for forecast in forecasts),
        days=tuple((day, total(amounts)) for day, amounts in sorted(days.items())),
    )


def combined(forecasts: Sequence[Forecast | TooShort]) -> Forecast | TooShort:
    """As ``together``; where one of them is not known, only what is billed is."""
    known = [forecast for forecast in forecasts if isinstance(forecast, Forecast)]
    if len(known) == len(forecasts):
        return together(known)
    short = next(forecast for forecast in forecasts if isinstance(forecast, TooShort))
    return replace(short, actual=total([forecast.actual for forecast in forecasts]))
