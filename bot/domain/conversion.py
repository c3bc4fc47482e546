"""Amounts in the currency asked for, each day at that day's rate, with the rates' date and source.

Where a currency has no rate on one of the days, nothing of it is converted: it stands as billed, beside the others.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import TypeVar

from msgspec.structs import replace

from bot.domain.answers import (
    Answer,
    CostAnswer,
    ExplainAnswer,
    Forecast,
    ForecastAnswer,
    ForecastPart,
    Line,
    Point,
    TooShort,
    Total,
)
from bot.domain.answers.forecasts import combined
from bot.domain.answers.notes import NoRate, RatesUsed
from bot.domain.money import total
from bot.domain.parts import unit_cost
from bot.domain.period import Period

Rate = Callable[[date, str, str], tuple[Decimal, date] | None]
"""What one unit of a currency is in another on a day, and the day that rate is of; None where there is none."""

_DIGITS = 60
_WEEKEND = 5
"""A rate may be so many days old on a day without one of its own: weekends and bank holidays."""


class Rates:
    """The rates into one currency on some days; ``notes`` says what was taken of them."""

    def __init__(self, to: str, rate: Rate, source: str, currencies: Collection[str], days: Sequence[date]) -> None:
        """``currencies`` are all that may have to be converted, ``days`` all those on which (at least one)."""
        self.to, self.source = to, source
        self._rate, self._days, self._taken = rate, days, set[str]()
        self._foreign = frozenset(currencies) - {to}
        self.lacking = frozenset(
            currency for currency in self._foreign if any(rate(day, currency, to) is None for day in days)
        )
        """Currencies without a rate on some of the days."""

    def converts(self, currency: str | None) -> bool:
        """Whether the currency is another one, and has a rate on every day."""
        return currency in self._foreign - self.lacking

    def edges(self, edges: Sequence[date]) -> list[date]:
        """The edges, and between them every day on which a rate changes: from one to the next all rates hold."""
        able = self._foreign - self.lacking
        days = Period(start=edges[0], end=edges[-1])
        changes = (day for before, day in pairwise(days) if any(self._of(before, c) != self._of(day, c) for c in able))
        return sorted({*edges, *changes})

    def converted(self, currency: str, amounts: Sequence[Decimal], starts: Sequence[date]) -> list[Decimal]:
        """Each amount at the rate of the day on which it starts, to 60 digits; those asked for as they are."""
        if currency == self.to:
            return list(amounts)
        self._taken.add(currency)
        with localcontext(prec=_DIGITS):
            return [amount * self._of(day, currency)[0] for amount, day in zip(amounts, starts, strict=True)]

    def _of(self, day: date, currency: str) -> tuple[Decimal, date]:
        found = self._rate(day, currency, self.to)
        if found is None:
            msg = f"{currency} has no rate on {day}"
            raise ValueError(msg)
        return found

    def latest(self, day: date, currency: str) -> tuple[Decimal, date]:
        """The rate of a day, or the last before it, and the day it is of; 1 for the currency asked for."""
        if currency == self.to:
            return Decimal(1), day
        self._taken.add(currency)
        return self._of(day, currency)

    def last(self, currency: str) -> date:
        """The last of the days whose rates the currency takes."""
        self._taken.add(currency)
        return max(self._of(day, currency)[1] for day in self._days)

    def _used(self) -> dict[date, date]:
        """Each day on which something was converted, and the day whose rate it took."""
        return {day: self._of(day, currency)[1] for currency in self._taken for day in self._days}

    def notes(self, met: Iterable[str]) -> Iterator[RatesUsed | NoRate]:
        """What conversions rest on, and which of the currencies met have no rate."""
        if taken := self._used():
            carried = sum((day - rate_day).days > _WEEKEND for day, rate_day in taken.items())
            yield RatesUsed(self.to, min(taken.values()), max(taken.values()), self.source, carried)
        for currency in sorted(self.lacking & set(met)):
            yield NoRate(currency, self.to)


def added(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of converted amounts, which have more digits than billed ones, to 60 digits."""
    with localcontext(prec=_DIGITS):
        return sum(amounts, Decimal(0))


def stepped(amounts: Sequence[Decimal], starts: Sequence[date], edges: Sequence[date]) -> list[Decimal]:
    """The converted amounts that start on those days, added up between the edges."""
    sums = [Decimal(0)] * (len(edges) - 1)
    with localcontext(prec=_DIGITS):
        for amount, day in zip(amounts, starts, strict=True):
            sums[bisect(edges, day) - 1] += amount
    return sums


_Figure = TypeVar("_Figure", Total, Line, Point)
_Answer = TypeVar("_Answer", bound=Answer)


def as_asked(answer: _Answer) -> _Answer:
    """The answer in the currency asked for, as it is shown: what has a rate is one amount, all else as billed."""
    match answer:
        case CostAnswer() if any(figure.converted for figure in answer.totals):
            return replace(
                answer,
                totals=_merged(answer.totals, lambda _: ()),
                lines=_merged(answer.lines, _line),
                series=_merged(answer.series, _point),
            )
        case ExplainAnswer() if any(figure.converted for figure in answer.totals):
            return replace(answer, totals=_merged(answer.totals, lambda _: ()))
        case ForecastAnswer() if answer.converted:
            parts = [replace(part, forecast=_shown_forecast(part), converted=None) for part in answer.parts]
            return replace(
                answer,
                forecast=answer.converted.forecast,
                parts=_merged_parts(parts),
                converted=None,
                series=_merged(answer.series, _point),
            )
        case _:
            return answer


def _line(line: Line) -> Hashable:
    return (line.other, *line.key.items())


def _point(point: Point) -> Hashable:
    return (point.start, *point.key.items())


def _merged(figures: Sequence[_Figure], key_of: Callable[[_Figure], Hashable]) -> tuple[_Figure, ...]:
    """Those of one key added up where they are of one currency, at the place of the first."""
    groups: dict[Hashable, list[_Figure]] = {}
    for figure in map(_shown, figures):
        groups.setdefault((key_of(figure), figure.currency, figure.unit), []).append(figure)
    return tuple(_added(same) for same in groups.values())


def _shown(figure: _Figure) -> _Figure:
    converted = figure.converted
    if converted is None:
        return figure
    amounts = {"currency": converted.currency, "amount": converted.amount, "against": converted.against}
    parts = {name: part for name in CONVERTED_PARTS if (part := getattr(converted, name)) is not None}
    return figure.model_copy(update={**amounts, "converted": None, **parts})


def _added(same: Sequence[_Figure]) -> _Figure:
    if len(same) == 1:
        return same[0]
    update: dict[str, object] = {"amount": added(figure.amount for figure in same)}
    if any(figure.against is not None for figure in same):
        update["against"] = total([figure.against or Decimal(0) for figure in same])
    update |= _parts_added(same)
    if isinstance(same[0], Point):
        update["provisional"] = any(point.provisional for point in same if isinstance(point, Point))
    return same[0].model_copy(update=update)


CONVERTED_PARTS = ("averaged", "beside", "cost", "quantity", "covered", "credited")


def _parts_added(same: Sequence[_Figure]) -> dict[str, object]:
    """What several figures of one currency say beside their amounts, together."""
    update: dict[str, object] = {}
    if any(figure.beside is not None for figure in same):
        update["beside"] = total([figure.beside or Decimal(0) for figure in same])
    made = [figure.averaged for figure in same if figure.averaged]
    if made:
        update["averaged"] = made[0].model_copy(update={"total": total([average.total for average in made])})
    if all(figure.cost is not None and figure.quantity is not None for figure in same):
        cost, quantity = (added(getattr(figure, name) for figure in same) for name in ("cost", "quantity"))
        update |= {"cost": cost, "quantity": quantity, "amount": unit_cost(cost, quantity) or Decimal(0)}
    hidden = [figure.credited for figure in same if figure.credited]
    if hidden:
        gross = total([figure.credited.gross if figure.credited else figure.amount for figure in same])
        update["credited"] = hidden[0].model_copy(
            update={"gross": gross, "credits": total([one.credits for one in hidden])}
        )
    return update


def _shown_forecast(part: ForecastPart) -> Forecast | TooShort:
    return part.converted.forecast if part.converted else part.forecast


def _merged_parts(parts: Sequence[ForecastPart]) -> tuple[ForecastPart, ...]:
    """Those of one key and currency added up (bounds hold even if all err alike), then the dearest first."""
    groups: dict[Hashable, list[ForecastPart]] = {}
    for part in parts:
        groups.setdefault((part.forecast.currency, *sorted(part.key.items())), []).append(part)
    if len(groups) == len(parts):
        return tuple(parts)
    sums = [replace(same[0], forecast=combined([part.forecast for part in same])) for same in groups.values()]
    return tuple(sorted(sums, key=lambda part: -part.forecast.actual))
