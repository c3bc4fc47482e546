"""One unit of quantity among several: its spellings are one, what measures something else is not shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from msgspec.structs import replace

from bot.domain.answers import CostAnswer, Gap, Line, Point, Total
from bot.domain.answers.gaps import NotMeasuredIn
from bot.domain.money import total
from bot.domain.parts import Counted, converted_quantity
from bot.domain.units import counted_in, same_unit

_ONE = Decimal(1)
_Figure = TypeVar("_Figure", Total, Line, Point)


def spellings(unit: str, units: Iterable[str]) -> list[str]:
    """Those of the units that are this one, however they are spelled; itself first."""
    found = [other for other in units if other == unit or same_unit(other, unit)]
    return sorted(set(found), key=lambda spelling: (spelling != unit, spelling))


def convertible(unit: str, units: Iterable[str]) -> list[str]:
    """Those of the units that measure the same in another size (seconds and hours)."""
    return sorted(
        {other for other in units if not same_unit(other, unit) and counted_in(_ONE, other, unit) is not None}
    )


def only(answer: CostAnswer, unit: str) -> CostAnswer:
    """The answer in one unit alone, its spellings added up; what measures the like in another size is named."""
    units = {figure.unit for figure in answer.totals if figure.unit}
    same = spellings(unit, units)
    facts = answer.facts
    apart = convertible(unit, units)
    if len(same) > 1 or same not in ([], [unit]) or apart:
        facts = (
            *facts,
            Counted(unit=unit, units=tuple(spelling for spelling in same if spelling != unit), apart=tuple(apart)),
        )
    gaps = answer.gaps
    if units and not same:
        gaps = (*gaps, Gap(_BILLS, NotMeasuredIn(unit, tuple(sorted(units)))))
    return replace(
        answer,
        totals=_merged(answer.totals, same, unit, lambda _: ()),
        lines=_merged(answer.lines, same, unit, lambda line: tuple(line.key.values())),
        series=_merged(answer.series, same, unit, lambda point: (point.start, *point.key.values())),
        facts=facts,
        gaps=gaps,
    )


_BILLS = "bills"


def _merged(
    figures: Sequence[_Figure], same: Sequence[str], unit: str, of: Callable[[_Figure], tuple[Any, ...]]
) -> tuple[_Figure, ...]:
    """Figures of one key in all spellings added up, at the place of the first."""
    found: dict[tuple[Any, ...], list[_Figure]] = {}
    for figure in figures:
        if figure.unit in same:
            found.setdefault(of(figure), []).append(figure)
    return tuple(_added(alike, unit) for alike in found.values())


def _added(alike: Sequence[_Figure], unit: str) -> _Figure:
    against = [figure.against for figure in alike if figure.against is not None]
    update: dict[str, object] = {
        "unit": unit,
        "amount": total([_in(figure.amount, figure.unit, unit) for figure in alike]),
        "against": total([_in(figure.against, figure.unit, unit) for figure in alike if figure.against is not None])
        if against
        else None,
    }
    if isinstance(alike[0], Point):
        update["provisional"] = any(isinstance(figure, Point) and figure.provisional for figure in alike)
    return alike[0].model_copy(update=update)


def _in(amount: Decimal, unit: str | None, to: str) -> Decimal:
    """The amount in another spelling of its unit, which leaves it as it is."""
    converted = counted_in(amount, unit or "", to)
    return amount if converted is None else converted_quantity(converted)
