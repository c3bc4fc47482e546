"""Answers of the kind ``forecast``: what is billed so far, what is still to come, and how sure that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date
from decimal import Decimal
from functools import cached_property, lru_cache

from msgspec import Struct

from bot.analytics.completion import gains
from bot.analytics.forecast import forecast
from bot.answering.dispatch import AnswerRequest
from bot.answering.query import Figures, LedgerReader
from bot.domain.aggregate import Cell
from bot.domain.answers.figures import Point
from bot.domain.answers.forecast import ForecastAnswer, ForecastPart
from bot.domain.answers.forecasts import Forecast, TooShort
from bot.domain.answers.gaps import NoDataBefore
from bot.domain.answers.notes import GrowthExpected, NothingToForecastFrom, OtherForecast
from bot.domain.money import total
from bot.domain.period import DAY, Period
from bot.domain.question import Question
from bot.ledger.result import Group

_HISTORY = 550 * DAY
_LATELY = 30 * DAY
_MOST_PARTS = 8
"""So many values of a breakdown get a forecast of their own."""
_SLIGHT = 0.001
"""A day expected to change by a smaller part is not worth naming."""


def answer(request: AnswerRequest) -> ForecastAnswer:
    """The forecast of the whole in its largest currency, and of each part where a breakdown is asked for."""
    question, reader = request.question, request.reader
    if question.period is None or reader.first_day() is None:
        return ForecastAnswer()
    outlook = Outlook.of(question, reader, question.period)
    if outlook and outlook.forecasts and request.currency and request.exchange:
        from bot.answering.kinds.forecast_conversion import Foreign  # it builds on this module

        return Foreign(outlook, request.currency).answer()
    return outlook.answer() if outlook else ForecastAnswer(notes=(NothingToForecastFrom(),))


class Outlook(Struct, frozen=True, dict=True):
    """What a question will come to in a period, from the days known of it."""

    question: Question
    reader: LedgerReader
    period: Period
    days: Sequence[date]
    """Consecutive, up to the last one that any source has told of."""

    @classmethod
    def of(cls, question: Question, reader: LedgerReader, period: Period) -> Outlook | None:
        """The outlook from all days that are known; None where there are none."""
        first = reader.first_day()
        if first is None:
            return None
        through = max((fresh.data_through for fresh in reader.freshness() if fresh.data_through), default=first)
        last = min(through, period.last)
        start = max(first, last - _HISTORY)
        return cls(question, reader, period, list(Period(start=start, end=last + DAY))) if start <= last else None

    def answer(self) -> ForecastAnswer:
        """The answer, as billed."""
        whole, forecasts = self.whole, self.forecasts
        if not forecasts:
            return ForecastAnswer(as_of=tuple(whole.fresh), gaps=tuple(whole.gaps))
        return ForecastAnswer(
            forecast=forecasts[0],
            parts=tuple(ForecastPart(self.key(group), forecast) for group, forecast in self.parts),
            others=tuple(forecasts[1:]),
            series=tuple(self.course(forecasts[0])),
            as_of=tuple(whole.fresh),
            gaps=tuple(gap for gap in whole.gaps if not isinstance(gap.cause, NoDataBefore)),
            notes=(*self.restated(forecasts[0]), *map(OtherForecast, forecasts[1:])),
        )

    @cached_property
    def whole(self) -> Figures:
        """Every day, one amount a currency."""
        return self.reader.gather(self.question, [*self.days, self.days[-1] + DAY], ())

    @cached_property
    def forecasts(self) -> list[Forecast | TooShort]:
        """One forecast a currency, the largest first."""
        return sorted(
            (self._forecast_of(group, self.whole) for group in self.whole.groups), key=lambda forecast: -forecast.actual
        )

    @cached_property
    def parts(self) -> list[tuple[Group, Forecast | TooShort]]:
        """A forecast of its own for each of the dearest values of the breakdown, where one is asked for."""
        if not self.question.by:
            return []
        lately = max(self.days[0], self.days[-1] - _LATELY)
        groups = self.reader.gather(self.question, [lately, self.days[-1] + DAY]).groups
        dearest = {group.key for group in sorted(groups, key=lambda group: -group.amounts[0])[:_MOST_PARTS]}
        figures = self.reader.gather(self.question, [*self.days, self.days[-1] + DAY], only=dearest)
        recent = sorted(figures.groups, key=lambda group: -total(list(group.amounts[-_LATELY.days :])))[:_MOST_PARTS]
        return [(group, self._forecast_of(group, figures)) for group in recent]

    def key(self, group: Group) -> dict[str, str]:
        """The group's value of each dimension."""
        return dict(zip(self.question.by, group.key, strict=True))

    def group(self, forecast: Forecast | TooShort) -> Group:
        """The whole in a forecast's currency."""
        return next(group for group in self.whole.groups if group.unit == forecast.currency)

    def billed(self, group: Group) -> dict[date, Decimal]:
        """What the days of the period were billed."""
        return {day: one for day, one in zip(self.days, group.amounts, strict=True) if day in self.period}

    def course(self, forecast: Forecast | TooShort) -> list[Point]:
        """The days of the period: billed ones, then those expected (all of them provisional)."""
        billed = self.billed(self.group(forecast))
        ahead = dict(forecast.days) if isinstance(forecast, Forecast) else {}
        every = {**ahead, **billed}
        return [
            Point(start=day, key={}, currency=forecast.currency, amount=every[day], provisional=day in ahead)
            for day in sorted(every)
        ]

    def restated(self, forecast: Forecast | TooShort) -> list[GrowthExpected]:
        """Which billed days are expected to be told differently yet, and by how much in all."""
        group = self.group(forecast)
        amounts = {day: float(amount) for day, amount in zip(self.days, group.amounts, strict=True)}
        gained = {
            day: gain
            for day, gain in self._gains(group, self.whole).items()
            if day in self.period and abs(gain) > _SLIGHT * abs(amounts[day])
        }
        if not gained or isinstance(forecast, TooShort):
            return []
        share = 100 * sum(gained.values()) / sum(amounts[day] for day in gained)
        span = Period(start=min(gained), end=max(gained) + DAY)
        return [GrowthExpected(span, share)]

    def _forecast_of(self, group: Group, figures: Figures) -> Forecast | TooShort:
        """One group's forecast; leading days before its first charge are no history of it."""
        begun = next((n for n, amount in enumerate(group.amounts) if amount), 0)
        cell = Cell(group.key, group.unit, group.amounts[begun:])
        gained = tuple(sorted(self._gains(group, figures).items()))
        return _forecast(cell, self.days[begun], self.period, self.reader.data_through_of(figures), gained)

    def _gains(self, group: Group, figures: Figures) -> dict[date, float]:
        """What its days that are over are expected to gain, each source's by how that source restated such days."""
        found: dict[date, float] = defaultdict(float)
        through = self.reader.data_through_of(figures)
        for fresh in figures.fresh if self.question.charges in ("net", "gross") else ():
            factors, synced = self.reader.settling(fresh.source, group.unit), fresh.synced.astimezone(UTC).date()
            groups = figures.groups_by_source.get(fresh.source, ()) if factors else ()
            for candidate in groups:
                if (candidate.key, candidate.unit) == (group.key, group.unit):
                    over = {day: one for day, one in zip(self.days, candidate.amounts, strict=True) if day <= through}
                    for day, gain in gains(over, factors, synced, fresh.final_through).items():
                        found[day] += gain
        return found


@lru_cache(maxsize=512)
def _forecast(
    cell: Cell, first: date, period: Period, complete_through: date, gained: tuple[tuple[date, float], ...]
) -> Forecast | TooShort:
    """The same figures have the same forecast, however often budgets, digests and App Home ask for it."""
    days = list(Period(start=first, end=first + len(cell.amounts) * DAY))
    return forecast(cell, days, period, complete_through=complete_through, gains=dict(gained))
