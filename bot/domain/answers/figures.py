"""Exact amounts and quantities of an answer: totals, lines of a breakdown, points of a series.

Their JSON is a public interface. Amounts are exact; rounding is for whoever draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import overload

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from bot.domain.money import Exact
from bot.domain.parts import AveragedOver, Ratio, Share

Key = Mapping[str, str | None]


_OF_PARTS = ("share", "averaged", "beside", "cost", "quantity", "covered", "credited")
"""What a figure says beside its amount only where it was asked for."""


class Credited(BaseModel):
    """What was used before credits and refunds, and how much of that they took away (below zero)."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    gross: Exact
    credits: Exact


class _Parts(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)

    share: Share | None = None
    """How much of the whole asked about it is."""
    averaged: AveragedOver | None = None
    """What the average was made of."""
    beside: Exact | None = None
    """The same by the second measure."""
    cost: Exact | None = None
    """Of a unit cost: what was divided,"""
    quantity: Exact | None = None
    """by how many units,"""
    covered: Ratio | None = None
    """and what part of the whole cost that is."""
    credited: Credited | None = None
    """What it was before credits, where they hide much of it."""


class InCurrency(_Parts):
    """An amount in the currency asked for, beside the billed one, never instead."""

    currency: str
    amount: Exact
    against: Exact | None = None

    @model_serializer(mode="wrap")
    def _without_parts(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Without what was not asked for."""
        dumped: dict[str, object] = handler(self)
        return {name: value for name, value in dumped.items() if name not in _OF_PARTS or value is not None}


class Converted(InCurrency):
    """A total in the currency asked for, with the last of the days whose rates it took, and whose rates they are."""

    rate_date: date
    source: str


class _Figure(_Parts):
    """An amount in a ``currency``, or a quantity in a ``unit``; one of the two is None, unless it is a unit cost."""

    currency: str | None = None
    unit: str | None = None
    amount: Exact
    against: Exact | None = None
    """The same for the period compared with."""
    converted: InCurrency | None = None
    """The same in the currency asked for, each day at its rate; lines and points add up to the converted totals."""

    @model_serializer(mode="wrap")
    def _spoken(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Without the one of currency and unit that is not meant, and what was not asked for."""
        dumped: dict[str, object] = handler(self)
        silent = {name for name in ("currency", "unit", "converted", *_OF_PARTS) if dumped.get(name) is None}
        silent |= {"other"} if dumped.get("other") is False else set()
        return {name: value for name, value in dumped.items() if name not in silent}


class Total(_Figure):
    """Everything the question covers, in one currency."""

    converted: Converted | None = None


class Line(_Figure):
    """One value (or pair) of the breakdown; ``key`` maps dimension to value, ``""`` naming none.

    ``other`` marks the last line, which holds all that ``top`` cut off; its key's values are None.
    """

    key: Key
    other: bool = False


class Lines(Sequence[Line]):
    """Lines that are made when they are looked at, once each: there may be thousands, and few are shown."""

    def __init__(self, size: int, make: Callable[[int], Line]) -> None:
        self._size, self._make = size, make
        self._made: dict[int, Line] = {}

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | Sequence[Line]:
        place = range(self._size)[at]
        return self._one(place) if isinstance(place, int) else [self._one(at) for at in place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment] # as of any list

    def _one(self, place: int) -> Line:
        line = self._made.get(place)
        if line is None:
            line = self._made.setdefault(place, self._make(place))
        return line


class Point(_Figure):
    """One step of a series. ``provisional``: the source may still restate it."""

    start: date
    key: Key
    provisional: bool = False


class Requests(BaseModel):
    """What this answer asked of vendors: nothing, unless somebody allowed it."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    made: int = 0
    cost: Exact = Decimal(0)
