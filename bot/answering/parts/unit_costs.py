"""Unit costs: what charges with a unit cost, by how many of it they used; or costs by what the business counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Self

from msgspec import Struct
from msgspec.structs import asdict

from bot.answering.conversion import Exchange
from bot.answering.query import Figures, LedgerReader
from bot.domain.answers import Converted, CostAnswer, InCurrency, Line, Point, Total
from bot.domain.business_unit import BusinessUnit
from bot.domain.conversion import added
from bot.domain.errors import NotUnderstood
from bot.domain.parts import CostsOf, Counted, Fact, LeftOut, NoQuantity, converted_quantity, ratio, unit_cost
from bot.domain.period import DAY, Period
from bot.domain.question import Question
from bot.domain.units import counted_in

_NOTHING, _ONE = Decimal(0), Decimal(1)
_UNIT, _CURRENCY = "ConsumedUnit", "BillingCurrency"
_NAMED = 5
Key = tuple[str, ...]


class _Sums(Struct):
    """What the charges of a key and currency cost, step by step: all of them, those that count, and how many units."""

    whole: list[Decimal]
    cost: list[Decimal]
    quantity: list[Decimal]
    worth: list[Decimal] | None = None
    """The cost in the currency asked for, where it has a rate."""

    @classmethod
    def nothing(cls, steps: int) -> Self:
        """No costs and no units in any of the steps."""
        return cls(*([_NOTHING] * steps for _ in range(3)))


class _Costs(Struct, frozen=True):
    """Sums by key and currency between edges, in one unit."""

    unit: str
    figures: Figures
    sums: dict[tuple[Key, str], _Sums]
    to: str = ""
    """The currency asked for, or ``""``."""
    units: frozenset[str] = frozenset()
    """The spellings that were counted."""
    seen: frozenset[str] = frozenset()
    """All units that there are."""
    shared: bool = False
    """Whether all keys share one quantity, as of what the business counts."""

    def added(self, keys: Iterable[tuple[Key, str]]) -> _Sums | None:
        """Several keys of one currency together."""
        parts = [self.sums[key] for key in keys if key in self.sums]
        if not parts:
            return None
        found = _Sums.nothing(len(parts[0].whole))
        for name in ("whole", "cost", "quantity"):
            columns = zip(*(getattr(part, name) for part in parts), strict=True)
            setattr(found, name, [added(column) for column in columns])
        if self.shared:
            found.quantity = parts[0].quantity
        if all(part.worth is not None for part in parts):
            found.worth = [added(column) for column in zip(*(part.worth or () for part in parts), strict=True)]
        return found


def answer(
    question: Question,
    reader: LedgerReader,
    exchange: Exchange | None,
    units: Sequence[BusinessUnit],
    *,
    week_start: int = 0,
) -> CostAnswer:
    """Totals, lines and points that are costs of one unit, each with the cost, the quantity and the part covered.

    Raises:
        NotUnderstood: nothing is measured in the unit.
    """
    period, against, named = question.period, question.against, question.per
    if named is None or period is None:
        return CostAnswer()
    if question.metric == "ConsumedQuantity":
        question = question.model_copy(update={"metric": "BilledCost"})
    business = next((unit for unit in units if unit.is_called(named.unit)), None)
    gather = _gatherer(question, reader, exchange, business)
    now = gather([period.start, period.end])
    if not any(sums.quantity[0] for sums in now.sums.values()):
        raise _unmeasured(now, named.unit, period, business)
    then = gather([against.start, against.end]) if against else None
    edges = period.edges(question.grain, week_start) if question.grain else []
    lines = list(_lines(question, now, then)) if question.by else []
    series = gather(edges) if edges else None
    return CostAnswer(
        totals=tuple(_total(figure, exchange) for figure in _totals(now, then)),
        lines=tuple(lines),
        series=tuple(_points(question, series, edges, lines)) if series else (),
        as_of=tuple(now.figures.fresh),
        gaps=tuple(now.figures.gaps),
        facts=(*_counted(now, business), *_without(question, now), *_days_left_out(business, [period, against])),
        notes=(*now.figures.doubts, *(exchange.rates.notes(currency for _, currency in now.sums) if exchange else ())),
    )


_Gather = Callable[[Sequence[date]], _Costs]


def _gatherer(
    question: Question, reader: LedgerReader, exchange: Exchange | None, business: BusinessUnit | None
) -> _Gather:
    """What adds up costs and quantities between edges."""
    if business is not None:
        where = (*question.where, *(condition for condition in business.where if condition not in question.where))
        question = question.model_copy(update={"where": where})
        return lambda edges: _of_business(question, reader, exchange, business, edges)
    return lambda edges: _of_units(question, reader, exchange, edges)


def _of_units(question: Question, reader: LedgerReader, exchange: Exchange | None, edges: Sequence[date]) -> _Costs:
    """Costs and quantities of the charges that are measured in the unit."""
    unit = question.per.unit if question.per else ""
    asked = question.model_copy(update={"by": (*question.by, _UNIT)})
    figures, worth = exchange.gather(asked, edges) if exchange else (reader.gather(asked, edges), {})
    steps, seen = len(edges) - 1, {row.key[-1] for row in figures.groups if row.key[-1]}
    fitting = {name for name in seen if counted_in(_ONE, name, unit) is not None}
    sums: dict[tuple[Key, str], _Sums] = defaultdict(lambda: _Sums.nothing(steps))
    for group in figures.groups:
        found = sums[group.key[:-1], group.unit]
        found.whole = _plus(found.whole, group.amounts)
        if group.key[-1] in fitting:
            found.cost = _plus(found.cost, group.amounts)
            rated = worth.get((group.key, group.unit))
            if rated is not None:
                found.worth = _plus(found.worth or [_NOTHING] * steps, rated)
    used = reader.gather(question, edges, (*question.by, _CURRENCY), "ConsumedQuantity")
    for group in used.groups:
        if group.unit in fitting:
            found = sums[group.key[:-1], group.key[-1]]
            amounts = [counted_in(amount, group.unit, unit) or _NOTHING for amount in group.amounts]
            found.quantity = _plus(found.quantity, map(converted_quantity, amounts))
    to = exchange.rates.to if exchange else ""
    return _Costs(unit, figures, dict(sums), to, frozenset(fitting), frozenset(seen))


def _of_business(
    question: Question, reader: LedgerReader, exchange: Exchange | None, business: BusinessUnit, edges: Sequence[date]
) -> _Costs:
    """Costs of the days whose numbers are known, and these numbers."""
    days = [*Period(start=edges[0], end=edges[-1]), edges[-1]]
    figures, worth = exchange.gather(question, days) if exchange else (reader.gather(question, days), {})
    known = [day in business.quantities for day in days[:-1]]
    starts = [days.index(edge) for edge in edges]

    def summed(amounts: Sequence[Decimal], *, counting: bool) -> list[Decimal]:
        held = [amount if known[at] or not counting else _NOTHING for at, amount in enumerate(amounts)]
        return [added(held[start:end]) for start, end in pairwise(starts)]

    quantity = [business.within(Period(start=start, end=end)) for start, end in pairwise(edges)]
    sums: dict[tuple[Key, str], _Sums] = {}
    for group in figures.groups:
        found = sums[group.key, group.unit] = _Sums.nothing(len(edges) - 1)
        found.whole, found.cost = (summed(group.amounts, counting=counting) for counting in (False, True))
        found.quantity = quantity
        rated = worth.get((group.key, group.unit))
        found.worth = None if rated is None else summed(rated, counting=True)
    return _Costs(business.name, figures, sums, exchange.rates.to if exchange else "", shared=True)


def _plus(amounts: Sequence[Decimal], more: Iterable[Decimal]) -> list[Decimal]:
    return [added(pair) for pair in zip(amounts, more, strict=True)]


def visible(units: Sequence[BusinessUnit], reader: LedgerReader) -> list[BusinessUnit]:
    """Those of the reader's workspace all of whose costs may be seen: of others not even the name is told."""
    mine = [unit for unit in units if not reader.scope.team or unit.team in ("", reader.scope.team)]
    return [unit for unit in mine if reader.sees_all(unit.about)]


def _unmeasured(costs: _Costs, unit: str, period: Period, business: BusinessUnit | None) -> NotUnderstood:
    if business is not None:
        days = sorted(business.quantities)
        known = f"Quantities run from {days[0]} to {days[-1]}." if days else "There are none at all."
        return NotUnderstood(f"There are no {business.name} from {period.start} to {period.last}.", known)
    units = sorted(costs.seen)
    more = f" and {len(units) - _NAMED} more" if len(units) > _NAMED else ""
    hint = f"Available units: {', '.join(units[:_NAMED])}{more}." if units else "No usage quantities are available."
    return NotUnderstood(f"Nothing here is measured in {unit}, so there is no cost per one.", hint, unknown=(unit,))


class _UnitCost(Struct, frozen=True):
    """One unit cost, under the names that figures have for its parts."""

    currency: str
    unit: str
    amount: Decimal
    against: Decimal | None
    cost: Decimal
    quantity: Decimal
    covered: Decimal | None
    converted: InCurrency | None


def _figure(costs: _Costs, now: _Sums, then: _Sums | None, currency: str, at: int = 0) -> _UnitCost | None:
    """A unit cost of one step; None where there is no quantity."""
    quantity, cost = now.quantity[at], now.cost[at]
    amount = unit_cost(cost, quantity)
    if amount is None:
        return None
    covered = ratio(cost, now.whole[at])
    before = unit_cost(then.cost[0], then.quantity[0]) if then else None
    converted = None
    if costs.to and currency != costs.to and now.worth is not None:
        against = unit_cost(then.worth[0], then.quantity[0]) if then and then.worth else None
        worth = unit_cost(now.worth[at], quantity) or _NOTHING
        converted = InCurrency(
            currency=costs.to,
            amount=worth,
            against=against,
            cost=now.worth[at],
            quantity=quantity,
            covered=covered,
        )
    return _UnitCost(currency, costs.unit, amount, before, cost, quantity, covered, converted)


def _totals(now: _Costs, then: _Costs | None) -> Iterator[_UnitCost]:
    for currency in sorted({currency for _, currency in now.sums}):
        keys = [key for key in now.sums if key[1] == currency]
        whole = now.added(keys)
        before = then.added([key for key in then.sums if key[1] == currency]) if then else None
        figure = _figure(now, whole, before, currency) if whole else None
        if figure is not None:
            yield figure


def _total(figure: _UnitCost, exchange: Exchange | None) -> Total:
    worth = figure.converted
    if worth is None or exchange is None:
        return Total(**asdict(figure))
    rates = exchange.rates
    converted = Converted(**dict(worth), rate_date=rates.last(figure.currency), source=rates.source)
    return Total(**{**asdict(figure), "converted": converted})


def _lines(question: Question, now: _Costs, then: _Costs | None) -> Iterator[Line]:
    for (key, currency), sums in now.sums.items():
        before = then.sums.get((key, currency)) if then else None
        figure = _figure(now, sums, before, currency)
        if figure is not None:
            yield Line(key=dict(zip(question.by, key, strict=True)), **asdict(figure))


def _points(question: Question, series: _Costs, edges: Sequence[date], lines: Sequence[Line]) -> Iterator[Point]:
    """A point for each step that has a quantity, of the whole or of each line."""
    keys: list[tuple[Key, str, _Sums]] = []
    if question.by:
        for line in lines:
            key, currency = tuple(value or "" for value in line.key.values()), line.currency or ""
            if (key, currency) in series.sums:
                keys.append((key, currency, series.sums[key, currency]))
    else:
        for currency in sorted({currency for _, currency in series.sums}):
            whole = series.added([one for one in series.sums if one[1] == currency])
            keys += [((), currency, whole)] if whole else []
    moving = series.figures.provisional_from
    for key, currency, sums in keys:
        for at, (start, end) in enumerate(pairwise(edges)):
            figure = _figure(series, sums, None, currency, at)
            if figure is not None:
                labels = dict(zip(question.by, key, strict=True))
                yield Point(start=start, key=labels, provisional=moving is not None and end > moving, **asdict(figure))


def rest(lines: Sequence[Line], *, shared: bool = False) -> list[Line]:
    """What a unit costs of all lines that are not shown together; ``shared``: they share one quantity."""
    folded: list[Line] = []
    for currency in dict.fromkeys(line.currency for line in lines):
        alike = [line for line in lines if line.currency == currency]
        cost = added(line.cost or _NOTHING for line in alike)
        quantity = (alike[0].quantity or _NOTHING) if shared else added(line.quantity or _NOTHING for line in alike)
        whole = added(_whole(line) for line in alike)
        amount = unit_cost(cost, quantity)
        if amount is not None:
            update = {"key": dict.fromkeys(alike[0].key), "other": True, "amount": amount, "against": None}
            parts = {"cost": cost, "quantity": quantity, "covered": ratio(cost, whole), "converted": None}
            folded.append(alike[0].model_copy(update={**update, **parts}))
    return folded


def _whole(line: Line) -> Decimal:
    """The whole cost that a line covers a part of."""
    return ratio(line.cost or _NOTHING, line.covered) or _NOTHING if line.covered else _NOTHING


def _counted(costs: _Costs, business: BusinessUnit | None) -> Iterator[Fact]:
    """Which units were counted as the one asked for."""
    others = tuple(sorted(costs.units - {costs.unit}))
    if business is None and others:
        yield Counted(unit=costs.unit, units=others)
    if business is not None and business.where:
        yield CostsOf(unit=business.name, where=business.where)


def _without(question: Question, costs: _Costs) -> Iterator[Fact]:
    """What has the unit and costs something, but of which no quantity is told."""
    for currency in sorted({currency for _, currency in costs.sums}):
        lacking = {
            key: sums.cost[0]
            for (key, one), sums in costs.sums.items()
            if one == currency and sums.cost[0] and not sums.quantity[0]
        }
        if lacking and question.by:
            names = tuple(" · ".join(key) for key in sorted(lacking))
            yield NoQuantity(names=names, cost=added(lacking.values()), currency=currency)


def _days_left_out(business: BusinessUnit | None, periods: Sequence[Period | None]) -> Iterator[Fact]:
    """Days whose costs are not counted, since nothing is known of what the business did on them."""
    for period in periods:
        start: date | None = None
        missing = set(business.missing(period)) if business is not None and period is not None else set()
        for day in sorted(missing):
            start = start or day
            if day + DAY not in missing:
                yield LeftOut(days=Period(start=start, end=day + DAY), why="no quantity")
                start = None
