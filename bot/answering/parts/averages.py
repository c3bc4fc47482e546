"""Averages: a total divided by the whole days, weeks or months of its period; days that are not whole are left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from bot.answering.conversion import Base
from bot.answering.query import Figures, LedgerReader
from bot.domain.answers import CostAnswer, InCurrency, Line, Point, Total
from bot.domain.money import apportioned
from bot.domain.parts import AveragedOver, LeftOut, average, ratio
from bot.domain.period import DAY, Period, add_months
from bot.domain.question import Averaged, Question

_ATTOS = 18
_WEEK = 7
_DAILY = 0.95
"""A source that charges on so many days is held to charge on all of them."""


class Whole(Struct, frozen=True):
    """The whole steps of a period: the days they cover, how many they are, and the days left out."""

    days: Period | None
    steps: int
    left_out: tuple[LeftOut, ...] = ()


def known_days(reader: LedgerReader, question: Question) -> tuple[date | None, date]:
    """The first day that any source of a question has told of, and the last that is complete in all of them."""
    period = question.period
    if period is None:
        return None, reader.today - DAY
    days = [*period, period.end]
    figures = reader.gather(question, days, ())
    first = [known.start for feed in figures.feeds if (known := reader.covered(feed))]
    through = [
        last
        for fresh in figures.fresh
        if (last := fresh.data_through) and _is_behind(figures, fresh.source, days, last)
    ]
    return min(first, default=None), min([*through, reader.today - DAY])


def _is_behind(figures: Figures, source: str, days: Sequence[date], through: date) -> bool:
    """Whether days after the last that a source has told of are missing: not where it bills on some days only."""
    if through < days[0] or source not in figures.groups_by_source:
        return False
    known = days.index(min(through, days[-1])) + 1
    charged = [
        any(group.amounts[at] for group in figures.groups_by_source[source]) for at in range(min(known, len(days) - 1))
    ]
    return sum(charged) >= _DAILY * len(charged)


def whole_steps(period: Period, every: Averaged, first: date | None, last: date, week_start: int = 0) -> Whole:
    """The whole steps within the days that are known; what is cut off at either end is left out."""
    known = (
        period.meet(Period(start=max(first or period.start, period.start), end=last + DAY))
        if last >= period.start
        else None
    )
    if known is None:
        return Whole(None, 0, (LeftOut(days=period, why="incomplete" if last < period.start else "no data"),))
    left: list[LeftOut] = []
    if period.start < known.start:
        left.append(LeftOut(days=Period(start=period.start, end=known.start), why="no data"))
    if known.end < period.end:
        left.append(LeftOut(days=Period(start=known.end, end=period.end), why="incomplete"))
    steps = [
        Period(start=start, end=end)
        for start, end in pairwise(known.edges(every, week_start))
        if _is_whole(start, end, every, week_start)
    ]
    if not steps:
        return Whole(None, 0, (*left, LeftOut(days=known, why="no whole period", step=every)))
    days = Period(start=steps[0].start, end=steps[-1].end)
    cut = [(known.start, days.start), (days.end, known.end)]
    left += [
        LeftOut(days=Period(start=start, end=end), why="no whole period", step=every)
        for start, end in cut
        if start < end
    ]
    return Whole(days, len(steps), tuple(sorted(left, key=lambda left_out: left_out.days.start)))


def _is_whole(start: date, end: date, every: Averaged, week_start: int) -> bool:
    match every:
        case "week":
            return start.weekday() == week_start and (end - start).days == _WEEK
        case "month":
            return start.day == 1 and end == add_months(start, 1)
    return True


def averaged(question: Question, base: Base, reader: LedgerReader, *, week_start: int = 0) -> CostAnswer:
    """Totals, lines and points divided by their whole steps."""
    every, period = question.average, question.period
    if every is None or period is None:
        return base(question)
    whole = whole_steps(period, every, *known_days(reader, question), week_start)
    if whole.days is None:
        found = base(question)
        return replace(found, totals=(), lines=(), series=(), facts=whole.left_out)
    against = _earlier(question, reader, every, week_start)
    then = against.days if against else None
    found = base(question.model_copy(update={"period": whole.days, "against": then}))
    over = _Over(whole.steps, against.steps if against and then else None)
    totals = tuple(over.total(total) for total in found.totals)
    left = (*whole.left_out, *(against.left_out if against else ()))
    return replace(
        found,
        totals=totals,
        lines=tuple(over.lines(found.lines, found.totals)),
        series=_points(found.series, whole.days, question, every, week_start),
        averaged=totals[0].averaged if totals else None,
        facts=(*found.facts, *left),
    )


def _earlier(question: Question, reader: LedgerReader, every: Averaged, week_start: int) -> Whole | None:
    if question.against is None:
        return None
    before = question.model_copy(update={"period": question.against, "against": None})
    return whole_steps(question.against, every, *known_days(reader, before), week_start)


class _Over(Struct, frozen=True):
    """So many steps now, and before."""

    now: int
    then: int | None

    def made_of(self, amount: Decimal, against: Decimal | None) -> AveragedOver:
        if against is None or self.then is None:
            return AveragedOver(total=amount, periods=self.now)
        return AveragedOver(total=amount, periods=self.now, against_total=against, against_periods=self.then)

    def total(self, figure: Total) -> Total:
        return figure.model_copy(update=self._divided(figure, figure.amount, figure.against))

    def _divided(self, figure: Total | Line, amount: Decimal, against: Decimal | None) -> dict[str, object]:
        worth = figure.converted
        return {
            "amount": average(amount, self.now),
            "against": self._before(against),
            "averaged": self.made_of(amount, against),
            "converted": None if worth is None else self._converted(worth),
        }

    def _before(self, against: Decimal | None) -> Decimal | None:
        return None if against is None or self.then is None else average(against, self.then)

    def _converted(self, worth: InCurrency) -> InCurrency:
        return worth.model_copy(
            update={
                "amount": average(worth.amount, self.now),
                "against": self._before(worth.against),
                "averaged": self.made_of(worth.amount, worth.against),
            }
        )

    def lines(self, lines: Sequence[Line], totals: Sequence[Total]) -> list[Line]:
        """Each within 1e-18 of its own quotient, so that they add up to the average of the total."""
        averages = [line.model_copy(update=self._divided(line, line.amount, line.against)) for line in lines]
        for whole in totals:
            at = [n for n, line in enumerate(lines) if (line.currency, line.unit) == (whole.currency, whole.unit)]
            amounts = _even([lines[n].amount for n in at], self.now, whole.amount)
            for n, amount in zip(at, amounts, strict=True):
                averages[n] = averages[n].model_copy(update={"amount": amount})
            if whole.against is not None and self.then is not None:
                before = _even([lines[n].against or Decimal(0) for n in at], self.then, whole.against)
                for n, amount in zip(at, before, strict=True):
                    averages[n] = averages[n].model_copy(update={"against": amount})
        return averages


def _even(amounts: Sequence[Decimal], periods: int, whole: Decimal) -> list[Decimal]:
    exact = [ratio(amount, Decimal(periods)) or Decimal(0) for amount in amounts]
    return apportioned(exact, _ATTOS, ratio(whole, Decimal(periods)))


def _points(
    series: Sequence[Point], days: Period, question: Question, every: Averaged, week_start: int
) -> tuple[Point, ...]:
    """Each step of a series divided by the whole steps of the average that it holds; those that hold none go."""
    edges = days.edges(question.grain, week_start) if question.grain else []
    held = {
        start: len(step) - 1
        for start, end in pairwise(edges)
        if (step := _steps(Period(start=start, end=end), every, week_start))
    }
    averages = []
    for point in series:
        count = held.get(point.start, 0)
        if count > 0:
            converted = point.converted
            update: dict[str, object] = {
                "amount": average(point.amount, count),
                "averaged": AveragedOver(total=point.amount, periods=count),
                "converted": converted
                and converted.model_copy(update={"amount": average(converted.amount, count), "against": None}),
            }
            averages.append(point.model_copy(update=update))
    return tuple(averages)


def _steps(step: Period, every: Averaged, week_start: int) -> list[date]:
    """The edges of the whole steps within one step of a series."""
    whole = whole_steps(step, every, None, step.last, week_start)
    return whole.days.edges(every, week_start) if whole.days else []
