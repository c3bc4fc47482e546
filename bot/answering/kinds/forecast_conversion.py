"""Forecasts in the currency asked for: billed days at each day's rate, what is to come at the last one known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.answering.conversion import MICRO, Exchange
from bot.answering.kinds.forecast import Outlook
from bot.domain.aggregate import cents
from bot.domain.answers.figures import InCurrency, Point
from bot.domain.answers.forecast import ConvertedForecast, ForecastAnswer, ForecastPart
from bot.domain.answers.forecasts import Forecast, TooShort, together
from bot.domain.answers.notes import FutureRate, Note, OtherForecast
from bot.domain.conversion import added
from bot.domain.period import DAY, Period
from bot.domain.rounding import apportioned, rounded
from bot.ledger.result import Group

_Told = Forecast | TooShort
_FINE = 30
"""Digits beyond which lies what products of 60 digits leave of nothing."""


class Foreign:
    """An outlook in another currency."""

    def __init__(self, outlook: Outlook, to: str) -> None:
        first = max(outlook.days[0], min(outlook.period.start, outlook.days[-1]))
        self._outlook, self._to = outlook, to
        self._rates = Exchange(outlook.reader, to, [Period(start=first, end=outlook.days[-1] + DAY)]).rates

    def whole(self) -> _Told | None:
        """All currencies together; None where one of them has no rate, or too short a history."""
        found = [self._converted(each) for each in self._outlook.foretold]
        known = [each for each in found if isinstance(each, Forecast)]
        if len(found) == 1:
            return found[0]
        return together(known) if known and len(known) == len(found) else None

    def answer(self) -> ForecastAnswer:
        """The answer as billed, and beside it all of it together that has a rate; what has none is told apart."""
        outlook, found = self._outlook, self._outlook.answer()
        known = [(each, told) for each in outlook.foretold if isinstance(told := self._converted(each), Forecast)]
        whole = together([told for _, told in known]) if known else self._converted(outlook.foretold[0])
        if whole is None or whole is outlook.foretold[0]:
            return self._noted(found)
        mine = [each for each, _ in known] or outlook.foretold[:1]
        others = [each for each in outlook.foretold if each not in mine]
        notes: list[Note] = [OtherForecast(each, as_billed=True) for each in mine]
        notes += [note for each in mine for note in outlook.restated(each)]
        notes += [OtherForecast(each) for each in others]
        if able := self._able():
            notes.append(FutureRate(max(self._latest(each)[1] for each in able)))
        converted = replace(
            found,
            parts=self._parts(found),
            converted=self._beside(whole),
            others=tuple(others),
            series=tuple(point for each in outlook.foretold for point in self._course(each)),
            notes=tuple(notes),
        )
        return self._noted(converted)

    def _noted(self, found: ForecastAnswer) -> ForecastAnswer:
        met = [each.currency for each in self._outlook.foretold]
        return replace(found, notes=(*found.notes, *self._rates.notes(met)))

    def _parts(self, found: ForecastAnswer) -> tuple[ForecastPart, ...]:
        """The parts with each beside it; what they were billed, and all that is no part, adds up to the whole."""
        actuals: dict[tuple[tuple[str, ...], str], Decimal] = {}
        for each in self._outlook.foretold:
            whole = self._converted(each) if self._rates.converts(each.currency) else None
            mine = [group for group, _ in self._outlook.parts if group.unit == each.currency] if whole else []
            if whole and mine:
                exact = [added(self._billed(group).values()) for group in mine]
                every = self._billed(self._outlook.group(each)).values()
                rest = rounded(added([*every, *map(Decimal.copy_negate, exact)]), _FINE)
                shares = apportioned([*exact, rest], MICRO, whole.actual)
                actuals |= {(group.key, group.unit): one for group, one in zip(mine, shares, strict=False)}
        return tuple(
            replace(part, converted=self._beside(self._converted(one, actuals.get((group.key, group.unit)))))
            for part, (group, one) in zip(found.parts, self._outlook.parts, strict=True)
        )

    def _beside(self, told: _Told | None) -> ConvertedForecast | None:
        """The forecast in the other currency, with the day of the last rate taken, and whose it is."""
        if told is None:
            return None
        able = self._able()
        if not able:
            return ConvertedForecast(told)
        return ConvertedForecast(told, max(self._latest(each)[1] for each in able), self._rates.source)

    def _able(self) -> list[str]:
        return [each.currency for each in self._outlook.foretold if self._rates.converts(each.currency)]

    def _latest(self, currency: str) -> tuple[Decimal, date]:
        """The rate at which what is to come is converted, and the day it is of."""
        return self._rates.latest(self._outlook.reader.today, currency)

    def _converted(self, told: _Told, actual: Decimal | None = None) -> _Told | None:
        """One currency's, or a part's of it; ``actual`` is what it was billed, where that is rounded already."""
        if told.currency == self._to:
            return told
        if not self._rates.converts(told.currency):
            return None
        if actual is None:
            actual = rounded(added(self._billed(self._outlook.group(told)).values()), MICRO)
        return told.converted(self._to, actual, self._latest(told.currency)[0])

    def _billed(self, group: Group) -> Mapping[date, Decimal]:
        billed = self._outlook.billed(group)
        return dict(zip(billed, self._rates.converted(group.unit, [*billed.values()], [*billed]), strict=True))

    def _course(self, told: _Told) -> list[Point]:
        """The days of a currency's forecast with what each comes to; billed ones add up to what is billed."""
        group, points = self._outlook.group(told), self._outlook.course(told)
        whole = self._converted(told)
        if whole is None or whole is told:
            return points
        billed, (rate, _) = self._billed(group), self._latest(told.currency)
        amounts = {point.start: cents(point.amount * rate) for point in points}
        amounts |= dict(zip(billed, apportioned([*billed.values()], MICRO, whole.actual), strict=True))
        return [
            point.model_copy(update={"converted": InCurrency(currency=self._to, amount=amounts[point.start])})
            for point in points
        ]
