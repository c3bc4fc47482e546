"""Two measures side by side: list price and billed, gross and net."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import TypeVar

from msgspec.structs import replace

from bot.domain.answers import CostAnswer, InCurrency, Line, Point, Total
from bot.domain.errors import NotUnderstood
from bot.domain.question import Question

_NOTHING = Decimal(0)
_Figure = TypeVar("_Figure", Total, Line, Point)


def other_measure(question: Question) -> Question:
    """The question for the second measure.

    Raises:
        NotUnderstood: the two are not told in the same currency.
    """
    if question.beside == "net":
        return question.model_copy(update={"beside": None, "charges": "net"})
    if "ConsumedQuantity" in (question.beside, question.metric):
        message = "A quantity and a cost have different units, so they can't be shown side by side."
        raise NotUnderstood(message, "Ask for the cost per unit, or for one after the other.")
    return question.model_copy(update={"beside": None, "metric": question.beside})


def joined(first: CostAnswer, second: CostAnswer) -> CostAnswer:
    """Every figure of the first with the same of the second beside it; what only one has is nothing in the other."""
    missing = [gap for gap in second.gaps if gap not in first.gaps]
    return replace(
        first,
        totals=_beside(first.totals, second.totals, lambda _: ()),
        lines=_beside(first.lines, second.lines, lambda line: tuple(line.key.values())),
        series=_beside(first.series, second.series, lambda point: (point.start, *point.key.values())),
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
        gaps=(*first.gaps, *missing),
    )


def _beside(
    first: Sequence[_Figure], second: Sequence[_Figure], of: Callable[[_Figure], Hashable]
) -> tuple[_Figure, ...]:
    others = {_place(figure, of): figure for figure in second}
    both = {_place(figure, of) for figure in first}
    both_measures = [_with(figure, others.get(_place(figure, of))) for figure in first]
    both_measures += [_with(_nothing(figure), figure) for place, figure in others.items() if place not in both]
    return tuple(both_measures)


def _place(figure: _Figure, of: Callable[[_Figure], Hashable]) -> Hashable:
    return of(figure), figure.currency, figure.unit


def _nothing(figure: _Figure) -> _Figure:
    """The same of no amount."""
    update: dict[str, object] = {"amount": _NOTHING, "against": None if figure.against is None else _NOTHING}
    if figure.converted:
        update["converted"] = figure.converted.model_copy(update={"amount": _NOTHING, "against": update["against"]})
    return figure.model_copy(update=update)


def _with(figure: _Figure, other: _Figure | None) -> _Figure:
    update: dict[str, object] = {"beside": _NOTHING if other is None else other.amount}
    converted: InCurrency | None = figure.converted
    if converted is not None:
        worth = other.converted.amount if other is not None and other.converted else _NOTHING
        update["converted"] = converted.model_copy(update={"beside": worth})
    return figure.model_copy(update=update)
