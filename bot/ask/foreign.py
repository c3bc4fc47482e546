"""Forecasts in the currency asked for: billed days at each day's rate, what is to come at the last one known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bot import wording
from bot.ask.conversion import MICRO, Exchange
from bot.ask.figures import Reader
from bot.ask.outlook import Outlook
from bot.costs.answer import Answer, InCurrency, Point
from bot.costs.cell import cents
from bot.costs.currency import added
from bot.costs.forecast import Forecast, TooShort, together
from bot.costs.period import DAY, Period
from bot.costs.question import Question
from bot.ledger.group import Group

_Told = Forecast | TooShort


def answer(question: Question, reader: Reader, currency: str) -> Answer | None:
    """The forecast as billed, with what it comes to in the currency beside it; None where there is none."""
    outlook = Outlook.of(question, reader, question.period) if question.period else None
    return Foreign(outlook, currency).answer() if outlook and outlook.foretold else None


class Foreign:
    """An outlook in another currency."""

    def __init__(self, outlook: Outlook, to: str) -> None:
        first = max(outlook.days[0], min(outlook.period.start, outlook.days[-1]))
        self._outlook, self._to = outlook, to
        self._rates = Exchange(outlook.reader, to, [Period(start=first, end=outlook.days[-1] + DAY)]).rates

    def whole(self) -> _Told | None:
        """All currencies together; None where one of them has no rate, or too short a history."""
        found = [self._converted(self._outlook.group(each), each) for each in self._outlook.foretold]
        known = [each for each in found if isinstance(each, Forecast)]
        if len(found) == 1:
            return found[0]
        return together(known) if known and len(known) == len(found) else None

    def answer(self) -> Answer:
        """The answer as billed, and beside it all of it together, or where that is not known the largest currency."""
        outlook, found = self._outlook, self._outlook.answer()
        told = outlook.foretold if self.whole() else outlook.foretold[:1]
        whole = self.whole() or self._converted(outlook.group(told[0]), told[0])
        if whole is None or whole is told[0]:
            return self._noted(found)
        pairs = zip((found.forecast or {})["parts"], outlook.parts, strict=True)
        parts = [{**said, **self._beside(self._converted(*part))} for said, part in pairs]
        billed = [f"As billed: {each.sentence(wording.money)}." for each in told]
        last = wording.day(self._latest(), year=True)
        ahead = [f"What is to come is converted at the rate of {last}, the last one known."]
        return self._noted(
            found.model_copy(
                update={
                    "forecast": {**(found.forecast or {}), "parts": parts, **self._beside(whole)},
                    "series": tuple(point for each in told for point in self._course(each)),
                    "notes": (*billed, *(each for each in found.notes if len(told) == 1), *ahead),
                }
            )
        )

    def _noted(self, found: Answer) -> Answer:
        met = [each.currency for each in self._outlook.foretold]
        return found.model_copy(update={"notes": (*found.notes, *self._rates.notes(met))})

    def _beside(self, told: _Told | None) -> dict[str, Any]:
        """The forecast in the other currency, with the day of the last rate taken, and whose it is."""
        if told is None:
            return {}
        rate = {"rate_date": self._latest().isoformat(), "source": self._rates.source}
        return {"converted": {**told.as_json(), **rate}}

    def _latest(self) -> date:
        """The day of the rate at which what is to come is converted."""
        able = [each.currency for each in self._outlook.foretold if self._rates.converts(each.currency)]
        return max(self._rates.latest(self._outlook.reader.today, each)[1] for each in able)

    def _converted(self, group: Group, told: _Told) -> _Told | None:
        if told.currency == self._to:
            return told
        if not self._rates.converts(told.currency):
            return None
        actual = wording.rounded(added(self._billed(group).values()), MICRO)
        return told.converted(self._to, actual, self._rates.latest(self._outlook.reader.today, told.currency)[0])

    def _billed(self, group: Group) -> Mapping[date, Decimal]:
        billed = self._outlook.billed(group)
        return dict(zip(billed, self._rates.converted(group.unit, [*billed.values()], [*billed]), strict=True))

    def _course(self, told: _Told) -> list[Point]:
        """The days of a currency's forecast with what each comes to; billed ones add up to what is billed."""
        group, points = self._outlook.group(told), self._outlook.course(told)
        whole = self._converted(group, told)
        if whole is None or whole is told:
            return points
        billed = self._billed(group)
        rate, _ = self._rates.latest(self._outlook.reader.today, told.currency)
        amounts = {point.start: cents(point.amount * rate) for point in points}
        amounts |= dict(zip(billed, wording.apportioned([*billed.values()], MICRO, whole.actual), strict=True))
        return [
            point.model_copy(update={"converted": InCurrency(currency=self._to, amount=amounts[point.start])})
            for point in points
        ]
