"""Which lines of a breakdown are shown, in which order, and what the rest comes to.

What names no value of a dimension is never ranked: it stands after the ranks. So does what cannot be compared, since
its currency has no rate. All lines together always add up to the totals.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.answering.conversion import LineSizes, Pair
from bot.domain.answers import CostAnswer, InCurrency, Line, Point, Total
from bot.domain.money import total
from bot.domain.parts import AveragedOver, GrowthFloor, ratio
from bot.domain.question import Question, Threshold

_NOTHING, _HUNDRED = Decimal(0), Decimal(100)
_PASSES = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
_LARGE_ENOUGH = Decimal("0.005")
"""Of the total before: what was smaller grows by any percentage without mattering."""
_ROUND = (Decimal(5), Decimal(2), Decimal(1))
MOVES = ("increase", "decrease", "growth", "change")
Rest = Callable[[Sequence[Line]], list[Line]]
"""What lines that are not shown come to, a line for each measure."""


class _Ranked(Struct, frozen=True):
    line: Line
    now: Decimal
    then: Decimal

    @property
    def change(self) -> Decimal:
        return self.now - self.then

    @property
    def growth(self) -> Decimal | None:
        """The change in percent of what it was; None where it was nothing."""
        found = ratio(self.change, abs(self.then))
        return None if found is None else found * _HUNDRED


def ranked(question: Question, found: CostAnswer, sizes: LineSizes, rest: Rest | None = None) -> CostAnswer:
    """The answer with the lines that the question asks for, in its order, and the rest of them as one."""
    named, apart, unrated = _divided(question, found.lines, sizes)
    whole = sizes.whole(found.totals)
    passing = _passing(question, named, whole)
    floor = _floor(question, passing, whole)
    if floor is not None:
        passing = [ranked_line for ranked_line in passing if ranked_line.then >= floor]
    passing.sort(key=_order(question))
    kept = _first(passing, question.top)
    kept += _after(question, _passing(question, apart, whole), floor)
    kept += [ranked_line for ranked_line in unrated if _moves(question, ranked_line)]
    shown = {id(ranked_line.line) for ranked_line in kept}
    left = [line for line in found.lines if id(line) not in shown]
    lines = [ranked_line.line for ranked_line in kept] + (rest or others)(left)
    facts = found.facts if floor is None else (*found.facts, _fact(floor, named, sizes, found.totals))
    series = _folded(found.series, lines, found.totals)
    return replace(found, lines=tuple(lines), series=series, facts=facts)


def _divided(
    question: Question, lines: Sequence[Line], sizes: LineSizes
) -> tuple[list[_Ranked], list[_Ranked], list[_Ranked]]:
    """Those that can be ranked, those that name no value, and those that cannot be compared."""
    named: list[_Ranked] = []
    apart: list[_Ranked] = []
    unrated: list[_Ranked] = []
    moves = question.order != "cost" or question.only is not None
    for line in lines:
        if moves and line.against is None:
            continue  # nothing to compare it with
        pair = sizes.pair(line)
        if pair is None:
            unrated.append(_Ranked(line, line.amount, line.against or _NOTHING))
        else:
            unnamed = any(line.key.get(name) == "" for name in question.by)
            (apart if unnamed else named).append(_Ranked(line, *pair))
    return named, apart, unrated


def _passing(question: Question, lines: Sequence[_Ranked], whole: Pair) -> list[_Ranked]:
    limit = question.threshold
    return [
        ranked_line
        for ranked_line in lines
        if _moves(question, ranked_line)
        and (limit is None or passes(limit, question, ranked_line.line, (ranked_line.now, ranked_line.then), whole))
    ]


def _moves(question: Question, ranked_line: _Ranked) -> bool:
    """Whether it is new, gone, or moved in the direction asked for."""
    if question.only == "new" and not (ranked_line.now and not ranked_line.then):
        return False
    if question.only == "gone" and not (ranked_line.then and not ranked_line.now):
        return False
    if question.order in ("increase", "growth"):
        return ranked_line.change > 0
    return question.order != "decrease" or ranked_line.change < 0


def passes(limit: Threshold, question: Question, line: Line | Point, pair: Pair, whole: Pair) -> bool:
    """Whether a line's cost, share, change or change in percent is within the limit.

    A change is taken in the direction asked for, else by its size.
    """
    now, then = pair
    if limit.of == "change":
        moved = {"increase": now - then, "growth": now - then, "decrease": then - now}.get(
            question.order, abs(now - then)
        )
        if not limit.percent:
            return bool(_PASSES[limit.op](moved, limit.amount))
        part = ratio(moved, abs(then))
        return (
            bool(moved and limit.op in (">", ">="))
            if part is None
            else bool(_PASSES[limit.op](part * 100, limit.amount))
        )
    if not limit.percent:
        return bool(_PASSES[limit.op](now, limit.amount))
    part = line.share.share if question.share_of is not None and line.share else ratio(now, whole[0])
    return part is not None and bool(_PASSES[limit.op](part * 100, limit.amount))


def _order(question: Question) -> Callable[[_Ranked], tuple[Decimal, tuple[str, ...], str]]:
    """The key that sorts what is asked for first."""

    def rank(ranked_line: _Ranked) -> Decimal:
        if question.only == "gone":
            return -ranked_line.then
        match question.order:
            case "change":
                return -abs(ranked_line.change)
            case "increase":
                return -ranked_line.change
            case "decrease":
                return ranked_line.change
            case "growth":
                return -(ranked_line.growth or _NOTHING)
        return ranked_line.now if question.charges == "credits" else -ranked_line.now

    return lambda ranked_line: (
        rank(ranked_line),
        tuple(str(part) for part in ranked_line.line.key.values()),
        ranked_line.line.currency or "",
    )


def _first(lines: Sequence[_Ranked], top: int | None) -> list[_Ranked]:
    """All lines of the first so many keys."""
    if top is None:
        return list(lines)
    keys = set(list(dict.fromkeys(tuple(ranked_line.line.key.values()) for ranked_line in lines))[:top])
    return [ranked_line for ranked_line in lines if tuple(ranked_line.line.key.values()) in keys]


def _after(question: Question, apart: Sequence[_Ranked], floor: Decimal | None) -> list[_Ranked]:
    """What names no value, after the ranks; of pairs that are cut off none, there may be many."""
    if question.top is not None and len(question.by) > 1:
        return []
    return sorted(
        (ranked_line for ranked_line in apart if floor is None or ranked_line.then >= floor), key=_order(question)
    )


def _floor(question: Question, lines: Sequence[_Ranked], whole: Pair) -> Decimal | None:
    """What a line must have come to before for its growth to be ranked: a round amount near a 200th of the total."""
    if question.order != "growth" or not lines:
        return None
    least = abs(whole[1]) * _LARGE_ENOUGH
    if not least:
        return _NOTHING
    power = Decimal(1).scaleb(least.adjusted())
    return next(step * power for step in _ROUND if step * power <= least)


def _fact(floor: Decimal, lines: Sequence[_Ranked], sizes: LineSizes, totals: Sequence[Total]) -> GrowthFloor:
    grown = [line for line in lines if line.change > 0]
    currency = sizes.currency or next((figure.currency for figure in totals), None)
    return GrowthFloor(
        currency=currency,
        unit=None if currency else next((figure.unit for figure in totals), None),
        amount=floor,
        below=sum(0 < ranked_line.then < floor for ranked_line in grown),
        new=sum(not ranked_line.then for ranked_line in grown),
    )


def others(lines: Sequence[Line]) -> list[Line]:
    """What lines come to, one for each currency or unit."""
    measures = dict.fromkeys((line.currency, line.unit) for line in lines)
    return [_other([line for line in lines if (line.currency, line.unit) == one]) for one in measures]


def _other(lines: Sequence[Line]) -> Line:
    first = lines[0]
    converted = [line.converted for line in lines if line.converted]
    averaged = [line.averaged for line in lines if line.averaged]
    return Line(
        key=dict.fromkeys(first.key),
        other=True,
        currency=first.currency,
        unit=first.unit,
        amount=total([line.amount for line in lines]),
        against=_sum([line.against for line in lines]),
        beside=_sum([line.beside for line in lines]),
        averaged=_averaged(averaged) if averaged else None,
        converted=_converted(converted) if converted else None,
    )


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return total(known) if known else None


def _averaged(parts: Sequence[AveragedOver]) -> AveragedOver:
    update = {
        "total": total([part.total for part in parts]),
        "against_total": _sum([part.against_total for part in parts]),
    }
    return parts[0].model_copy(update=update)


def _converted(parts: Sequence[InCurrency]) -> InCurrency:
    averaged = [part.averaged for part in parts if part.averaged]
    return InCurrency(
        currency=parts[0].currency,
        amount=total([part.amount for part in parts]),
        against=_sum([part.against for part in parts]),
        beside=_sum([part.beside for part in parts]),
        averaged=_averaged(averaged) if averaged else None,
    )


def _folded(series: Sequence[Point], lines: Sequence[Line], totals: Sequence[Total]) -> tuple[Point, ...]:
    """The points of the lines shown, and of the rest added up; of the whole where there is no breakdown."""
    if not series or not series[0].key or not lines:
        return tuple(series)
    shown = {(tuple(line.key.values()), line.currency, line.unit): at for at, line in enumerate(lines)}
    kept: list[tuple[int, int, Point]] = []
    rest: dict[tuple[Any, ...], list[Point]] = {}
    for at, point in enumerate(series):
        place = shown.get((tuple(point.key.values()), point.currency, point.unit))
        if place is None:
            rest.setdefault((point.currency, point.unit, point.start), []).append(point)
        else:
            kept.append((place, at, point))
    shown_points = [point for _, _, point in sorted(kept, key=lambda placed: placed[:2])]
    order = {(figure.currency, figure.unit): at for at, figure in enumerate(totals)}
    steps = sorted(rest, key=lambda step: (order.get(step[:2], 0), step[2]))
    return (*shown_points, *(_point(rest[step]) for step in steps))


def _point(points: Sequence[Point]) -> Point:
    converted = [point.converted for point in points if point.converted]
    update: dict[str, object] = {
        "key": dict.fromkeys(points[0].key),
        "amount": total([point.amount for point in points]),
        "against": _sum([point.against for point in points]),
        "beside": _sum([point.beside for point in points]),
        "provisional": any(point.provisional for point in points),
        "converted": _converted(converted) if converted else None,
    }
    return points[0].model_copy(update=update)
