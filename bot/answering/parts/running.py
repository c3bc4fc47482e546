"""Cumulative series: each step is the sum so far, beside the same of the period compared with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import accumulate

from msgspec.structs import replace

from bot.domain.answers import CostAnswer, InCurrency, Point
from bot.domain.conversion import added

_NOTHING = Decimal(0)
_Course = tuple[tuple[tuple[str, str | None], ...], str | None, str | None]


def running(answer: CostAnswer, before: CostAnswer | None = None) -> CostAnswer:
    """The answer with sums so far; step by step beside those of the same number of steps before."""
    earlier = {} if before is None else _courses(before.series)
    courses = _courses(answer.series)
    points_so_far: list[Point] = []
    for course, points in courses.items():
        sums = _sums([step.amount for step in points])
        worth = _sums([step.converted.amount for step in points if step.converted])
        then = _sums([step.amount for step in earlier.get(course, ())])
        then_worth = _sums([step.converted.amount for step in earlier.get(course, ()) if step.converted])
        for at, point in enumerate(points):
            update: dict[str, object] = {"amount": sums[at]}
            if before is not None:
                update["against"] = _at(then, at)
            if point.converted:
                against = _at(then_worth, at) if before is not None else None
                currency = point.converted.currency
                update["converted"] = InCurrency(currency=currency, amount=worth[at], against=against)
            points_so_far.append(point.model_copy(update=update))
    return replace(answer, series=tuple(points_so_far))


def _courses(series: Iterable[Point]) -> dict[_Course, list[Point]]:
    found: dict[_Course, list[Point]] = {}
    for point in series:
        found.setdefault((tuple(point.key.items()), point.currency, point.unit), []).append(point)
    return found


def _sums(amounts: Sequence[Decimal]) -> list[Decimal]:
    return list(accumulate(amounts, lambda one, other: added((one, other))))


def _at(sums: Sequence[Decimal], at: int) -> Decimal:
    """The sum after so many steps; of a period that had fewer, all of it."""
    return sums[min(at, len(sums) - 1)] if sums else _NOTHING
