"""Forecasts in the currency asked for: billed days at each day's rate, what is to come at the last one known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from bot.answering.conversion import MICRO, Exchange
from bot.answering.kinds.forecast import Outlook
from bot.domain.aggregate import cents
from bot.domain.answers.figures import InCurrency, Point
from bot.domain.answers.forecast import ConvertedForecast, ForecastAnswer, ForecastPart
from bot.domain.answers.forecasts import Forecast, TooShort, together
from bot.domain.answers.notes import FutureRate, Note, OtherForecast
from bot.domain.conversion import added
from bot.domain.money import apportioned, rounded
from bot.domain.period import DAY, Period
from bot.ledger.result import Group

_AnyForecast = Forecast | TooShort
_FINE = 30
"""Digits beyond which lies what products of 60 digits leave of nothing."""


class Foreign:
    """An outlook in another currency."""

    def __init__(self, outlook: Outlook, to: str) -> None:
        first = max(outlook.days[0], min(outlook.period.start, outlook.days[-1]))
        self._outlook, self._to = outlook, to
        self._rates = Exchange(outlook.reader, to, [Period(start=first, end=outlook.days[-1] + DAY)]).rates

    def whole(self) -> _AnyForecast | None:
        """All currencies together; None where one of them has no rate, or too short a history."""
        found = [self._converted(forecast) for forecast in self._outlook.forecasts]
        known = [forecast for forecast in found if isinstance(forecast, Forecast)]
        if len(found) == 1:
            return found[0]
        return together(known) if known and len(known) == len(found) else None

    def answer(self) -> ForecastAnswer:
        """The answer as billed, and beside it all of it together that has a rate; what has none is told apart."""
        outlook, found = self._outlook, self._outlook.answer()
        known = [
            (forecast, converted_)
            for forecast in outlook.forecasts
            if isinstance(converted_ := self._converted(forecast), Forecast)
        ]
        whole = together([forecast for _, forecast in known]) if known else self._converted(outlook.forecasts[0])
        if whole is None or whole is outlook.forecasts[0]:
            return self._noted(found)
        mine = [forecast for forecast, _ in known] or outlook.forecasts[:1]
        others = [forecast for forecast in outlook.forecasts if forecast not in mine]
        notes: list[Note] = [OtherForecast(forecast, as_billed=True) for forecast in mine]
        notes += [note for forecast in mine for note in outlook.restated(forecast)]
        notes += [OtherForecast(forecast) for forecast in others]
        if able := self._able():
            notes.append(FutureRate(max(self._latest(currency)[1] for currency in able)))
        converted = replace(
            found,
            parts=self._parts(found),
            converted=self._beside(whole),
            others=tuple(others),
            series=tuple(point for forecast in outlook.forecasts for point in self._course(forecast)),
            notes=tuple(notes),
        )
        return self._noted(converted)

    def _noted(self, found: ForecastAnswer) -> ForecastAnswer:
        met = [forecast.currency for forecast in self._outlook.forecasts]
        return replace(found, notes=(*found.notes, *self._rates.notes(met)))

    def _parts(self, found: ForecastAnswer) -> tuple[ForecastPart, ...]:
        """The parts with each beside it; what they were billed, and all that is no part, adds up to the whole."""
        actuals: dict[tuple[tuple[str, ...], str], Decimal] = {}
        for forecast in self._outlook.forecasts:
            whole = self._converted(forecast) if self._rates.converts(forecast.currency) else None
            mine = [group for group, _ in self._outlook.parts if group.unit == forecast.currency] if whole else []
            if whole and mine:
                exact = [added(self._billed(group).values()) for group in mine]
                every = self._billed(self._outlook.group(forecast)).values()
                rest = rounded(added([*every, *map(Decimal.copy_negate, exact)]), _FINE)
                shares = apportioned([*exact, rest], MICRO, whole.actual)
                actuals |= {(group.key, group.unit): one for group, one in zip(mine, shares, strict=False)}
        return tuple(
            replace(part, converted=self._beside(self._converted(one, actuals.get((group.key, group.unit)))))
            for part, (group, one) in zip(found.parts, self._outlook.parts, strict=True)
        )

    def _beside(self, forecast: _AnyForecast | None) -> ConvertedForecast | None:
        """The forecast in the other currency, with the day of the last rate taken, and whose it is."""
        if forecast is None:
            return None
        able = self._able()
        if not able:
            return ConvertedForecast(forecast)
        return ConvertedForecast(forecast, max(self._latest(currency)[1] for currency in able), self._rates.source)

    def _able(self) -> list[str]:
        return [forecast.currency for forecast in self._outlook.forecasts if self._rates.converts(forecast.currency)]

    def _latest(self, currency: str) -> tuple[Decimal, date]:
        """The rate at which what is to come is converted, and the day it is of."""
        return self._rates.latest(self._outlook.reader.today, currency)

    def _converted(self, forecast: _AnyForecast, actual: Decimal | None = None) -> _AnyForecast | None:
        """One currency's, or a part's of it; ``actual`` is what it was billed, where that is rounded already."""
        if forecast.currency == self._to:
            return forecast
        if not self._rates.converts(forecast.currency):
            return None
        if actual is None:
            actual = rounded(added(self._billed(self._outlook.group(forecast)).values()), MICRO)
        return forecast.converted(self._to, actual, self._latest(forecast.currency)[0])

    def _billed(self, group: Group) -> Mapping[date, Decimal]:
        billed = self._outlook.billed(group)
        return dict(zip(billed, self._rates.converted(group.unit, [*billed.values()], [*billed]), strict=True))

    def _course(self, forecast: _AnyForecast) -> list[Point]:
        """The days of a currency's forecast with what each comes to; billed ones add up to what is billed."""
        group, points = self._outlook.group(forecast), self._outlook.course(forecast)
        whole = self._converted(forecast)
        if whole is None or whole is forecast:
            return points
        billed, (rate, _) = self._billed(group), self._latest(forecast.currency)
        amounts = {point.start: cents(point.amount * rate) for point in points}
        amounts |= dict(zip(billed, apportioned([*billed.values()], MICRO, whole.actual), strict=True))
        return [
            point.model_copy(update={"converted": InCurrency(currency=self._to, amount=amounts[point.start])})
            for point in points
        ]
