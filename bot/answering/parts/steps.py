"""The steps of a series ranked by how much they changed from the step before: on which day did it jump most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from msgspec.structs import replace

from bot.answering.conversion import Base
from bot.answering.parts.averages import known_days
from bot.answering.parts.ranking import others
from bot.answering.query import LedgerReader
from bot.domain.answers import CostAnswer, Line, Point
from bot.domain.parts import LeftOut
from bot.domain.period import DAY, Grain, Period, add_months
from bot.domain.question import Question

_NOTHING = Decimal(0)
STEP = "ChargePeriodStart"
"""The column that names a step in the key of its line."""


def ranks_steps(question: Question) -> bool:
    """Whether the steps of the series are ranked, not the values of a dimension."""
    return question.grain is not None and question.against is None and question.order != "cost"


def stepped(question: Question, base: Base, reader: LedgerReader, *, week_start: int = 0) -> CostAnswer:
    """A line for every whole step, with the step before as what it is compared with, before they are ranked."""
    period, grain = question.period, question.grain
    if period is None or grain is None:
        return base(question)
    grain = "day" if grain == "hour" else grain
    plain = question.model_copy(update={"grain": grain, "order": "cost"})
    found = base(plain)
    first, last = known_days(reader, question)
    longer = Period(start=_before(period, grain, week_start), end=period.end)
    amounts = {_place(point): point for point in base(plain.model_copy(update={"period": longer})).series}
    earlier = {start: before for before, start in pairwise(longer.edges(grain, week_start))}
    ends = dict(pairwise(period.edges(grain, week_start)))
    whole = {start for start, end in ends.items() if end == _end(start, grain) and end <= last + DAY}
    comparable = {start for start in whole if start in earlier and (first is None or earlier[start] >= first)}
    lines = [_line(point, amounts.get(_earlier(point, earlier)), comparable) for point in found.series]
    facts = tuple(_left(start, end, last, grain) for start, end in ends.items() if start not in comparable)
    return replace(found, lines=tuple(lines), facts=(*found.facts, *facts))


_Place = tuple[date, tuple[str | None, ...], str | None, str | None]


def _place(point: Point) -> _Place:
    return point.start, tuple(point.key.values()), point.currency, point.unit


def _earlier(point: Point, earlier: dict[date, date]) -> _Place:
    """The same a step earlier."""
    return _place(point.model_copy(update={"start": earlier.get(point.start, date.min)}))


def _line(point: Point, then: Point | None, comparable: set[date]) -> Line:
    """The line of a step; without what it is compared with where one of the two is not whole."""
    then = then if point.start in comparable else None
    worth = point.converted
    if worth is not None:
        against = then.converted.amount if then is not None and then.converted else None
        worth = worth.model_copy(update={"against": against})
    return Line(
        key={**point.key, STEP: point.start.isoformat()},
        currency=point.currency,
        unit=point.unit,
        amount=point.amount,
        against=_NOTHING if then is None and point.start in comparable else None if then is None else then.amount,
        converted=worth,
    )


def rest(lines: Sequence[Line]) -> list[Line]:
    """What the steps that are not shown come to; those before them overlap, and have no sum that says anything."""
    return [line.model_copy(update={"against": None}) for line in others(lines)]


def _left(start: date, end: date, last: date, grain: Grain) -> LeftOut:
    days = Period(start=start, end=end)
    if end > last + DAY:
        return LeftOut(days=days, why="incomplete", step=grain)
    return LeftOut(days=days, why="no whole period" if end != _end(start, grain) else "no data before", step=grain)


def _before(period: Period, grain: Grain, week_start: int) -> date:
    """Where the step before the first begins."""
    start = period.start
    match grain:
        case "week":
            monday = start - DAY * ((start.weekday() - week_start) % 7)
            return monday - DAY * 7
        case "month":
            return add_months(start.replace(day=1), -1)
        case "quarter":
            return add_months(date(start.year, (start.month - 1) // 3 * 3 + 1, 1), -3)
    return start - DAY


def _end(start: date, grain: Grain) -> date | None:
    """Where a whole step from that day on ends; None where it does not begin one."""
    match grain:
        case "week":
            return start + DAY * 7
        case "month":
            return add_months(start, 1) if start.day == 1 else None
        case "quarter":
            return add_months(start, 3) if start.day == 1 and start.month % 3 == 1 else None
    return start + DAY
