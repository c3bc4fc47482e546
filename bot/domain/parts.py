"""What an answer says beside its amounts: shares, averages, unit costs, and the facts that a ranking rests on.

All are exact or, where a quotient has no end, to the digits named. They are facts: sentences are made where answers
are drawn.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer, SerializerFunctionWrapHandler, model_serializer

from bot.domain.money import Exact
from bot.domain.period import Grain, Period
from bot.domain.question import Filter

_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_RATIO_PLACES = 20
_ATTO = Decimal("1e-18")
_UNIT_COST = Context(prec=30, rounding=ROUND_HALF_EVEN)


def _digits(ratio: Decimal | None) -> str | None:
    return None if ratio is None else f"{ratio:.{_RATIO_PLACES}f}"


Ratio = Annotated[Decimal, PlainSerializer(_digits, return_type=str, when_used="json")]
"""A quotient that JSON carries with twenty decimal places."""


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)

    @model_serializer(mode="wrap")
    def _known(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Without what is not known."""
        dumped: dict[str, object] = handler(self)
        return {name: value for name, value in dumped.items() if value is not None}


class Share(_Fact):
    """How much of a whole a part is, both in one currency (or unit); ``share`` is None where the whole is nothing."""

    currency: str | None = None
    unit: str | None = None
    part: Exact
    whole: Exact
    share: Ratio | None = None

    @model_serializer(mode="wrap")
    def _known(self, handler: SerializerFunctionWrapHandler) -> dict[str, object]:
        """Without a currency or unit that is not meant; the share always."""
        dumped: dict[str, object] = handler(self)
        return {name: value for name, value in dumped.items() if value is not None or name == "share"}


class AveragedOver(_Fact):
    """What an average was made of: the total, and over how many whole periods; the same of the period before."""

    total: Exact
    periods: int
    against_total: Exact | None = None
    against_periods: int | None = None


class LeftOut(_Fact):
    """Days of the period that an average or a ranking of steps leaves out, and why."""

    type: Literal["left_out"] = "left_out"
    days: Period
    why: Literal["incomplete", "no data", "no whole period", "no quantity", "no data before"]
    step: Grain | None = None


class Compared(_Fact):
    """That amounts in several currencies were compared at each day's rate; which have none, and stand apart."""

    type: Literal["compared"] = "compared"
    currency: str
    source: str
    rate_date: date
    lacking: tuple[str, ...] = ()


class GrowthFloor(_Fact):
    """From what amount on, before, a growth in percent was ranked; how many lines were below, or had nothing."""

    type: Literal["growth_floor"] = "growth_floor"
    currency: str | None = None
    unit: str | None = None
    amount: Exact
    below: int = 0
    new: int = 0


class Joined(_Fact):
    """Spellings of one thing that were added up, and the one it is told by."""

    type: Literal["joined"] = "joined"
    dimension: str
    value: str
    spellings: tuple[str, ...]


class Counted(_Fact):
    """Units that were counted as the one asked for, and those that measure the like but were not."""

    type: Literal["counted"] = "counted"
    unit: str
    units: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()


class CostsOf(_Fact):
    """Which costs a unit of the business shares, where they are not all."""

    type: Literal["costs_of"] = "costs_of"
    unit: str
    where: tuple[Filter, ...]


class BudgetLine(_Fact):
    """The budget that a running total runs towards, and what part of it is used."""

    type: Literal["budget"] = "budget"
    name: str
    currency: str
    limit: Exact
    used: Ratio | None = None


class NoQuantity(_Fact):
    """Lines or steps that cost something but of which no quantity is known, so that they have no unit cost."""

    type: Literal["no_quantity"] = "no_quantity"
    names: tuple[str, ...]
    cost: Exact
    currency: str


class Unpriced(_Fact):
    """Usage that a model's price list has no price for: tokens of a type, or what is measured in another unit."""

    type: Literal["unpriced"] = "unpriced"
    model: str = ""
    what: str
    quantity: Exact
    unit: str


class Ratioed(_Fact):
    """That a part lies outside the whole it is held against."""

    type: Literal["not_a_part"] = "not_a_part"
    dimension: str


Fact = BudgetLine | LeftOut | Compared | GrowthFloor | Joined | Counted | CostsOf | NoQuantity | Unpriced | Ratioed


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """The quotient to sixty digits; None where the whole is nothing."""
    return _WIDE.divide(part, whole) if whole else None


def average(total: Decimal, periods: int) -> Decimal:
    """The total divided, to 18 decimal places, halves to even."""
    return _WIDE.divide(total, Decimal(periods)).quantize(_ATTO, context=_WIDE)


def unit_cost(cost: Decimal, quantity: Decimal) -> Decimal | None:
    """What one unit costs, to thirty digits; None where there is no quantity."""
    return _UNIT_COST.divide(cost, quantity) if quantity else None


def converted_quantity(amount: Decimal) -> Decimal:
    """A converted quantity, to 18 decimal places."""
    return amount.quantize(_ATTO, context=_WIDE)
