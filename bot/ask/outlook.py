"""Answers of the kind ``forecast``: what is billed so far, what is still to come, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from bot import wording
from bot.ask.figures import Figures, Reader
from bot.costs.answer import Answer, Point
from bot.costs.cell import Cell
from bot.costs.forecast import Forecast, TooShort, forecast
from bot.costs.money import total
from bot.costs.period import DAY, Period
from bot.costs.question import Question

_HISTORY = 550 * DAY
_LATELY = 30 * DAY
_MOST_PARTS = 8
"""So many values of a breakdown get a forecast of their own."""


def answer(question: Question, reader: Reader) -> Answer:
    """The forecast of the whole in its largest currency, and of each part where a breakdown is asked for."""
    first = reader.first_day()
    if question.period is None or first is None:
        return Answer()
    days = known_days(question.period, first, reader)
    if not days:
        return Answer(notes=("There are no days to forecast from yet.",))
    told, whole = foretold(question, reader, question.period, days)
    if not told:
        return Answer(as_of=tuple(whole.fresh), gaps=tuple(whole.gaps))
    found = {**told[0].as_json(), "parts": _parts(question, reader, days, whole)}
    others = [each.sentence(wording.money).capitalize() + "." for each in told[1:]]
    return Answer(
        forecast=found,
        series=tuple(_course(question.period, told[0], days, whole)),
        as_of=tuple(whole.fresh),
        gaps=tuple(gap for gap in whole.gaps if "before" not in gap.what),
        notes=tuple(others),
    )


def foretold(
    question: Question, reader: Reader, period: Period, days: Sequence[date]
) -> tuple[list[Forecast | TooShort], Figures]:
    """What the question will come to in a period, one forecast a currency, the largest first."""
    whole = reader.gather(question, [*days, days[-1] + DAY], ())
    told = [_told(Cell((), each.unit, each.amounts), days, period, whole, reader) for each in whole.groups]
    return sorted(told, key=lambda each: -each.actual), whole


def known_days(period: Period, first: date, reader: Reader) -> list[date]:
    """Consecutive days up to the last one that any source has told of."""
    through = max((each.data_through for each in reader.freshness() if each.data_through), default=first)
    last = min(through, period.last)
    start = max(first, last - _HISTORY)
    return list(Period(start=start, end=last + DAY)) if start <= last else []


def _told(cell: Cell, days: Sequence[date], period: Period, figures: Figures, reader: Reader) -> Forecast | TooShort:
    """One cell's forecast; leading days before its first charge are no history of it."""
    begun = next((n for n, amount in enumerate(cell.amounts) if amount), 0)
    through = min([each.data_through for each in figures.fresh if each.data_through], default=days[-1])
    return _forecast(
        Cell(cell.key, cell.unit, cell.amounts[begun:]), days[begun], period, min(through, reader.today - DAY)
    )


@lru_cache(maxsize=512)
def _forecast(cell: Cell, first: date, period: Period, complete_through: date) -> Forecast | TooShort:
    """The same figures have the same forecast, however often budgets, digests and App Home ask for it."""
    days = list(Period(start=first, end=first + len(cell.amounts) * DAY))
    return forecast(cell, days, period, complete_through=complete_through)


def _parts(question: Question, reader: Reader, days: Sequence[date], whole: Figures) -> list[dict[str, Any]]:
    if not question.by or question.period is None:
        return []
    lately = max(days[0], days[-1] - _LATELY)
    groups = reader.gather(question, [lately, days[-1] + DAY]).groups
    dearest = {each.key for each in sorted(groups, key=lambda each: -each.amounts[0])[:_MOST_PARTS]}
    told = reader.gather(question, [*days, days[-1] + DAY], only=dearest).groups
    recent = sorted(told, key=lambda each: -total(list(each.amounts[-_LATELY.days :])))[:_MOST_PARTS]
    return [
        {
            "key": dict(zip(question.by, each.key, strict=True)),
            **_told(Cell(each.key, each.unit, each.amounts), days, question.period, whole, reader).as_json(),
        }
        for each in recent
    ]


def _course(period: Period, told: Forecast | TooShort, days: Sequence[date], whole: Figures) -> list[Point]:
    """The days of the period: billed ones, then those expected (all of them provisional)."""
    amounts = next(each.amounts for each in whole.groups if each.unit == told.currency)
    billed = {day: amount for day, amount in zip(days, amounts, strict=True) if day in period}
    ahead = dict(told.days) if isinstance(told, Forecast) else {}
    return [
        Point(start=day, key={}, currency=told.currency, amount=amount, provisional=day in ahead or day > days[-1])
        for day, amount in sorted({**billed, **{day: each for day, each in ahead.items() if day not in billed}}.items())
    ]
