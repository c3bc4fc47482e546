"""Figures in the currency asked for, beside the billed ones: each day at that day's rate.

Lines billed in several currencies are ranked and held against a limit by their size in one (``LineSizes``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from bot.answering import reference_data
from bot.answering.query import Figures, LedgerReader
from bot.domain.answers import Converted, CostAnswer, InCurrency, Line, Point, Total
from bot.domain.conversion import Rates, added, stepped
from bot.domain.money import apportioned, rounded
from bot.domain.parts import Compared
from bot.domain.period import Period
from bot.domain.question import Question
from bot.ledger.result import Groups, joined

Key = tuple[tuple[str | None, ...], str]
"""A combination of the breakdown, and the currency it is billed in."""
Worth = Mapping[Key, Sequence[Decimal]]
"""What groups come to in the currency asked for, between the edges asked about, before it is rounded."""
_NOTHING = Decimal(0)
MICRO = 6
"""Converted amounts have millionths."""


class Exchange:
    """What one answer converts, for one reader."""

    def __init__(self, reader: LedgerReader, to: str, periods: Sequence[Period]) -> None:
        """``periods`` hold all days that may have to be converted."""
        self._reader, self._to, self.periods = reader, to, periods

    @cached_property
    def rates(self) -> Rates:
        """The rates of those days, as far as they have come, for every currency that is billed in."""
        feeds = [feed for _, feeds in self._reader.sources() for feed in feeds]
        days = [day for period in self.periods for day in period]
        come = [day for day in days if day <= self._reader.today] or days[:1]
        return Rates(self._to, reference_data.ecb, reference_data.ecb_source(), self._reader.currencies(feeds), come)

    def on(self, reader: LedgerReader) -> Exchange:
        """The same at the same rates, for another reader."""
        exchange: Exchange = copy(self)
        exchange._reader = reader
        return exchange

    def gather(self, question: Question, edges: Sequence[date]) -> tuple[Figures, Worth]:
        """As the reader does, and what each group is worth; nothing of currencies without a rate."""
        fine = self.rates.edges(edges)
        figures = self._reader.gather(question, fine)
        worth: dict[Key, list[Decimal]] = {
            (group.key, group.unit): stepped(
                self.rates.converted(group.unit, group.amounts, fine[:-1]), fine[:-1], edges
            )
            for group in joined(figures.groups_by_source.values())
            if group.unit == self._to or self.rates.converts(group.unit)
        }
        starts = [bisect_left(fine, day) for day in edges[:-1]]
        figures.groups_by_source = {
            source: groups.coarser(starts) for source, groups in figures.groups_by_source.items()
        }
        return figures, worth

    def beside(self, answer: CostAnswer, now: Worth, then: Worth, steps: Worth, starts: Sequence[date]) -> CostAnswer:
        """The answer with what everything comes to: lines add up to their total, and points to their line."""
        totals = tuple(self._total(total, now, then) for total in answer.totals)
        converted: dict[Key, InCurrency] = {
            ((), total.currency or ""): total.converted for total in totals if total.converted
        }
        if answer.lines:
            converted = self._of_lines(
                answer.lines, converted, _with_others(now, answer.lines), _with_others(then, answer.lines)
            )
            steps = _with_others(steps, answer.lines)
        points = {
            (key, start): InCurrency.model_construct(currency=self._to, amount=amount, against=None)
            for key, whole in converted.items()
            for start, amount in zip(starts, apportioned(steps.get(key, ()), MICRO, whole.amount), strict=False)
        }
        return replace(
            answer,
            totals=totals,
            lines=tuple(_beside(line, converted.get(_key(line))) for line in answer.lines),
            series=tuple(_beside(point, points.get((_key(point), point.start))) for point in answer.series),
            notes=(*answer.notes, *self.rates.notes(total.currency or "" for total in totals)),
        )

    def _total(self, billed: Total, now: Worth, then: Worth) -> Total:
        if not self.rates.converts(billed.currency):
            return billed
        converted = Converted(
            currency=self._to,
            amount=_sum(now, billed.currency),
            against=None if billed.against is None else _sum(then, billed.currency),
            rate_date=self.rates.last(billed.currency or self._to),
            source=self.rates.source,
        )
        return billed.model_copy(update={"converted": converted})

    def _of_lines(
        self, lines: Sequence[Line], wholes: Mapping[Key, InCurrency], now: Worth, then: Worth
    ) -> dict[Key, InCurrency]:
        """What each line comes to, rounded so that those of one currency add up to its total."""
        converted: dict[Key, InCurrency] = {}
        for (_, unit), whole in wholes.items():
            keys = [_key(line) for line in lines if line.currency == unit]
            amounts = apportioned([_first(now, key) for key in keys], MICRO, whole.amount)
            before: Sequence[Decimal | None] = [None] * len(keys)
            if whole.against is not None:
                before = apportioned([_first(then, key) for key in keys], MICRO, whole.against)
            for key, amount, against in zip(keys, amounts, before, strict=True):
                converted[key] = InCurrency.model_construct(currency=self._to, amount=amount, against=against)
        return converted


class GroupSizes:
    """How large groups are: as billed; or what a key comes to in all, where everything has a rate."""

    def __init__(self, exchange: Exchange | None, groups: Groups, now: Worth, then: Worth) -> None:
        """``told`` are the groups, ``now`` and ``then`` what those of both periods are worth."""
        self._groups, units = groups, set(groups.units())
        self._alike = exchange is not None and not exchange.rates.lacking & units
        self.mixed = len(units) > 1 and not self._alike
        """Whether there are several units, so that sizes in one say nothing of those in another."""
        self._now, self._then = (_by_key(worth) if self._alike else {} for worth in (now, then))
        self._unnamed = groups.unnamed().tolist() if len(groups) else []

    def amount(self, at: int) -> Decimal:
        """One group's."""
        return self._now.get(self._groups.key(at), _NOTHING) if self._alike else self._groups.amount(at)

    def order(self, *, change: bool, ascending: bool) -> list[int]:
        """The places of all groups: the largest (or most moved) first, then by name; last what names no value."""
        ordered = self._ordered(change=change, ascending=ascending)
        if True not in self._unnamed:
            return ordered
        return sorted(ordered, key=self._unnamed.__getitem__)

    def _ordered(self, *, change: bool, ascending: bool) -> list[int]:
        if not self._alike:
            return self._groups.by_size(change=change, ascending=ascending)

        def rank(at: int) -> tuple[Decimal, tuple[str, ...], str]:
            key, size = self._groups.key(at), self.amount(at)
            size = abs(size - self._then.get(key, _NOTHING)) if change else size
            return size if ascending else -size, key, self._groups.unit(at)

        return sorted(range(len(self._groups)), key=rank)

    def first(self, places: list[int], top: int | None) -> list[int]:
        """Those of the first so many groups; of so many keys, where all of a key are shown as one.

        What names no value is none of them, and stands after them (of pairs, it is cut off).
        """
        if top is None:
            return places
        named = [at for at in places if not self._unnamed[at]]
        single = len(self._groups.labels[:-1]) == 1  # beside the unit
        unnamed = [at for at in places if self._unnamed[at]] if single else []
        if not self._alike:
            return named[:top] + unnamed
        keys = set(list(dict.fromkeys(map(self._groups.key, named)))[:top])
        return [at for at in named if self._groups.key(at) in keys] + unnamed

    def point(self, point: Point) -> Decimal:
        """A step of a series."""
        return point.converted.amount if self._alike and point.converted else point.amount


def _by_key(worth: Worth) -> dict[tuple[str | None, ...], Decimal]:
    found: dict[tuple[str | None, ...], list[Decimal]] = {}
    for (key, _), steps in worth.items():
        found.setdefault(key, []).append(steps[0])
    return {key: added(amounts) for key, amounts in found.items()}


def _key(figure: Line | Point) -> Key:
    return tuple(figure.key.values()), figure.currency or ""


def _first(worth: Worth, key: Key) -> Decimal:
    return worth[key][0] if key in worth else _NOTHING


def _sum(worth: Worth, unit: str | None) -> Decimal:
    return rounded(added(columns for (_, one), steps in worth.items() if one == unit for columns in steps), MICRO)


def _with_others(worth: Worth, lines: Sequence[Line]) -> Worth:
    """Also what the lines came to, step by step, that are not shown by themselves."""
    shown = {_key(line) for line in lines}
    others: dict[Key, list[Sequence[Decimal]]] = {_key(line): [] for line in lines if line.other}
    for (key, unit), steps in worth.items():
        other = (None,) * len(key), unit
        if (key, unit) not in shown and other in others:
            others[other].append(steps)
    return {**worth, **{key: [added(step) for step in zip(*cut, strict=True)] for key, cut in others.items() if cut}}


_Figure = TypeVar("_Figure", Line, Point)


def _beside(figure: _Figure, converted: InCurrency | None) -> _Figure:
    return figure if converted is None else figure.model_copy(update={"converted": converted})


# --- sizes of lines --------------------------------------------------------------------------------------------

_PREFERRED = ("USD", "EUR")
_LineKey = tuple[str | None, ...]
Pair = tuple[Decimal, Decimal]
"""An amount, and what it is compared with."""


class LineSizes(Struct, frozen=True):
    """The size of lines: of all that one key costs in one currency, or of the line where there is one measure.

    ``currency`` is the one compared in, ``""`` where lines are compared as they are.
    """

    currency: str = ""
    _pairs: dict[_LineKey, Pair] = field(default_factory=dict)
    _rated: frozenset[str | None] = frozenset()
    _whole: Pair = (_NOTHING, _NOTHING)

    @classmethod
    def of(cls, answer: CostAnswer, currency: str) -> LineSizes:
        """The sizes of an answer's lines in a currency they are converted to, or billed in."""
        found: dict[_LineKey, list[Pair]] = {}
        for line in answer.lines:
            pair = in_currency(line, currency)
            if pair is not None and not line.other:
                found.setdefault(tuple(line.key.values()), []).append(pair)
        known = [
            (total.currency, pair) for total in answer.totals if (pair := in_currency(total, currency)) is not None
        ]
        return cls(
            currency,
            {key: _added(pairs) for key, pairs in found.items()},
            frozenset(unit for unit, _ in known),
            _added([pair for _, pair in known]),
        )

    def pair(self, line: Line) -> Pair | None:
        """The size of a line; None where its currency has no rate."""
        if not self.currency:
            return line.amount, line.against or _NOTHING
        return self._pairs[tuple(line.key.values())] if line.currency in self._rated else None

    def whole(self, totals: Sequence[Total]) -> Pair:
        """All that is comparable, added up."""
        return self._whole if self.currency else _added([(total.amount, total.against or _NOTHING) for total in totals])


def _added(pairs: Sequence[Pair]) -> Pair:
    return added(now for now, _ in pairs), added(then for _, then in pairs)


def in_currency(figure: Line | Total | Point, currency: str) -> Pair | None:
    """A figure as billed or converted in a currency; None where it is in neither."""
    if figure.currency == currency:
        return figure.amount, figure.against or _NOTHING
    worth = figure.converted
    if worth is None or worth.currency != currency:
        return None
    return worth.amount, worth.against or _NOTHING


def currencies(answer: CostAnswer) -> set[str]:
    """The currencies that an answer's totals are billed in."""
    return {total.currency for total in answer.totals if total.currency}


def implied(reader: LedgerReader, question: Question, billed: Iterable[str]) -> Exchange:
    """What converts to the currency in which several are compared best: the one with rates to most of them."""
    periods = [period for period in (question.period, question.against) if period is not None]
    found = [Exchange(reader, to, periods) for to in dict.fromkeys([*_PREFERRED, *sorted(billed)])]
    return min(found, key=lambda exchange: len(exchange.rates.lacking))


def compared(exchange: Exchange, billed: Iterable[str]) -> Compared:
    """The fact that these currencies were compared at each day's rate."""
    rates, met = exchange.rates, set(billed)
    taken = [rates.last(currency) for currency in met if rates.converts(currency)]
    days: Sequence[Period] = exchange.periods
    return Compared(
        currency=rates.to,
        source=rates.source,
        rate_date=max(taken, default=days[0].start),
        lacking=tuple(sorted(rates.lacking & met)),
    )


def as_billed(answer: CostAnswer, exchange: Exchange) -> CostAnswer:
    """The answer without what was converted only to compare, and without the notes on it."""
    rate_notes = set(exchange.rates.notes(currencies(answer)))
    plain = {"converted": None}
    return replace(
        answer,
        totals=tuple(total.model_copy(update=plain) for total in answer.totals),
        lines=tuple(line.model_copy(update=plain) for line in answer.lines),
        series=tuple(point.model_copy(update=plain) for point in answer.series),
        notes=tuple(note for note in answer.notes if note not in rate_notes),
    )


Base = Callable[[Question], CostAnswer]
"""The plain figures of a question: its totals, all lines and the series."""
