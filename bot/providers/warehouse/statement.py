"""From what is wanted to one aggregate query over a FOCUS table: a tree of sqlglot's, with every value bound.

A row of the result is a day (or the first of a month), what the charges are grouped by, and exact sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlglot import exp, select

from bot.domain.charge import AMOUNTS, SERIES
from bot.domain.live_query import LiveQuery
from bot.domain.period import DAY, Period, add_months
from bot.domain.question import Filter
from bot.providers.warehouse.engines import AggregateQuery, Engine, Kind, Parameters, cast

NEEDED = ("ChargePeriodStart", "BilledCost", "BillingCurrency")
"""Columns without which a table is no FOCUS table."""
_TAGS = "Tags"
_CREDIT = "x_Credit"


@dataclass(frozen=True)
class Table:
    """A FOCUS table: its columns by the specification's name, each as it is spelled there and what it holds."""

    spelled: Mapping[str, str]
    kinds: Mapping[str, Kind]

    @classmethod
    def of(cls, columns: Mapping[str, Kind]) -> Table:
        """Spellings are compared without case and underscores: ``billed_cost`` is BilledCost."""
        known = {_folded(name): name for name in (*NEEDED, *AMOUNTS, *SERIES, *_FURTHER)}
        spelled = {known[_folded(name)]: name for name in columns if _folded(name) in known}
        return cls(spelled, {focus: columns[name] for focus, name in spelled.items()})

    def missing(self) -> list[str]:
        """What a FOCUS table must have and this one lacks."""
        return [name for name in NEEDED if name not in self.spelled]

    def has(self, dimension: str) -> bool:
        """Whether the table tells a dimension apart."""
        if dimension.startswith(f"{_TAGS}/"):
            return self.kinds.get(_TAGS) in ("map", "json", "pairs", "text")
        if dimension == _CREDIT:
            return "ChargeCategory" in self.spelled
        return dimension in self.spelled or _STANDS_IN.get(dimension) in self.spelled


_STANDS_IN = {"ServiceProviderName": "ProviderName", "SubAccountName": "SubAccountId"}
"""What a row is told by where it does not have the column: the older one of the specification; an id where no name."""
_FURTHER = ("ProviderName", "PublisherName", "ChargePeriodEnd", "ResourceId", "ResourceName", "ResourceType")


def _folded(name: str) -> str:
    return name.replace("_", "").casefold()


class Compiler:
    """Makes statements for one table on one engine."""

    def __init__(self, table: Table, engine: Engine, partition: str = "") -> None:
        self._table, self._engine, self._partition = table, engine, partition

    def sums(
        self, by: Sequence[str], where: Iterable[Filter], days: Period, *, daily: bool, amounts: Sequence[str]
    ) -> AggregateQuery:
        """Sums by day or month, by dimensions and by currency; the columns stand in that order, then the amounts."""
        parameters = Parameters()
        read = set[str]()
        step = self._day(read) if daily else _month(self._day(read))
        keys = [step, *(self._text(name, parameters, read) for name in (*by, "BillingCurrency"))]
        summed = [self._sum(name, read) for name in amounts]
        tree = select(
            *(key.as_(f"k{n}") for n, key in enumerate(keys)), *(s.as_(f"s{n}") for n, s in enumerate(summed))
        )
        tree = tree.from_(self._engine.table()).where(*self._between(days, parameters, read))
        tree = tree.where(*(self._passes(condition, parameters, read) for condition in where))
        tree = tree.group_by(*(exp.Literal.number(n + 1) for n in range(len(keys))))
        return self._query(tree, parameters, read, days)

    def wanted(self, wanted: LiveQuery, amounts: Sequence[str]) -> AggregateQuery:
        """What a question wants."""
        return self.sums(wanted.by, wanted.where, wanted.days, daily=wanted.daily, amounts=amounts)

    def months(self, days: Period) -> AggregateQuery:
        """For each month its rows and what they add up to: what has changed since is seen by these."""
        parameters, read = Parameters(), set[str]()
        month = _month(self._day(read))
        tree = select(month.as_("k0"), exp.Count(this=exp.Star()).as_("s0"), self._sum("BilledCost", read).as_("s1"))
        tree = tree.from_(self._engine.table()).where(*self._between(days, parameters, read))
        return self._query(tree.group_by(exp.Literal.number(1)), parameters, read, days)

    def _query(self, tree: exp.Select, parameters: Parameters, read: set[str], days: Period) -> AggregateQuery:
        months = tuple(_billing_months(days)) if self._partition else ()
        return AggregateQuery(tree, parameters.values, frozenset(read), months)

    def can(self, wanted: LiveQuery) -> bool:
        """Whether the table tells all that is wanted."""
        return all(self._table.has(name) for name in (*wanted.by, *(condition.dimension for condition in wanted.where)))

    def _column(self, name: str, read: set[str]) -> exp.Expr:
        read.add(self._table.spelled[name])
        return exp.column(self._table.spelled[name], quoted=True)

    def _day(self, read: set[str]) -> exp.Expr:
        return self._engine.day(self._column("ChargePeriodStart", read), self._table.kinds["ChargePeriodStart"])

    def _sum(self, name: str, read: set[str]) -> exp.Expr:
        """The exact sum; what a row does not tell of a cost is what it was billed."""
        stands_in = "BilledCost" if name.endswith("Cost") else ""
        if name not in self._table.spelled:
            return self._sum(stands_in, read) if stands_in else exp.cast(exp.Literal.number(0), "INT")
        amount: exp.Expr = cast(self._column(name, read), self._engine.amount)
        if stands_in and stands_in != name:
            amount = exp.func("COALESCE", amount, cast(self._column(stands_in, read), self._engine.amount))
        return exp.func("COALESCE", exp.Sum(this=amount), exp.Literal.number(0))

    def _text(self, name: str, parameters: Parameters, read: set[str]) -> exp.Expr:
        """A dimension as text, ``""`` where a row names none."""
        if name.startswith(f"{_TAGS}/"):
            column = self._column(_TAGS, read)
            kind = self._table.kinds[_TAGS]
            found = self._engine.tag(column, kind, name.removeprefix(f"{_TAGS}/"), parameters)
        elif name == _CREDIT:
            return self._credit(parameters, read)
        else:
            stands_in = _STANDS_IN.get(name)
            columns = [one for one in (name, stands_in) if one and one in self._table.spelled]
            texts = [self._as_text(one, read) for one in columns]
            return exp.func("COALESCE", *texts, exp.Literal.string(""))
        return exp.func("COALESCE", found, exp.Literal.string(""))

    def _as_text(self, name: str, read: set[str]) -> exp.Expr:
        column = self._column(name, read)
        return column if self._table.kinds[name] == "text" else exp.cast(column, "TEXT")

    def _credit(self, parameters: Parameters, read: set[str]) -> exp.Expr:
        """``credit`` for what "before credits" leaves out, as ``domain.charge.is_credit`` decides."""
        category = self._text("ChargeCategory", parameters, read)
        below = exp.LT(this=self._column("BilledCost", read), expression=exp.Literal.number(0))
        adjusted = exp.and_(category.eq("Adjustment"), below)
        return (
            exp.Case()
            .when(exp.or_(category.eq("Credit"), adjusted), exp.Literal.string("credit"))
            .else_(exp.Literal.string(""))
        )

    def _between(self, days: Period, parameters: Parameters, read: set[str]) -> list[exp.Expr]:
        column, plain = self._column("ChargePeriodStart", read), self._table.kinds["ChargePeriodStart"] == "date"
        start, end = (parameters.bind(day if plain else _midnight(day)) for day in (days.start, days.end))
        found: list[exp.Expr] = [
            exp.GTE(this=column, expression=start),
            exp.LT(this=column.copy(), expression=end),
        ]
        if self._partition:
            read.add(self._partition)
            months = [parameters.bind(month) for month in _billing_months(days)]
            found.append(exp.In(this=exp.column(self._partition, quoted=True), expressions=months))
        return found

    def _passes(self, condition: Filter, parameters: Parameters, read: set[str]) -> exp.Expr:
        text = self._text(condition.dimension, parameters, read)
        values = [parameters.bind(value) for value in condition.values]
        within: exp.Expr = exp.In(this=text, expressions=values)
        return exp.not_(within) if condition.exclude else within


def _month(day: exp.Expr) -> exp.Expr:
    return exp.func("DATE_TRUNC", exp.Literal.string("MONTH"), day)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _billing_months(days: Period) -> list[str]:
    """Every month that charges of these days may be billed in: theirs, and the one after, for what is told late."""
    first, last = days.start.replace(day=1), add_months((days.end - DAY).replace(day=1), 1)
    months, month = [], first
    while month <= last:
        months.append(f"{month:%Y-%m}")
        month = add_months(month, 1)
    return months
