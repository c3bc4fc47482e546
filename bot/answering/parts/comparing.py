"""How large lines are in one currency, so that those billed in several can be ranked and held against a limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from msgspec import Struct, field
from msgspec.structs import replace

from bot.answering.conversion import Exchange
from bot.answering.query import Reader
from bot.domain.answers import CostAnswer, Line, Point, Total
from bot.domain.conversion import added
from bot.domain.parts import Compared
from bot.domain.period import Period
from bot.domain.question import Question

_NOTHING = Decimal(0)
_PREFERRED = ("USD", "EUR")
Key = tuple[str | None, ...]
Pair = tuple[Decimal, Decimal]
"""An amount, and what it is compared with."""


class Sizes(Struct, frozen=True):
    """The size of lines: of all that one key costs in one currency, or of the line where there is one measure.

    ``currency`` is the one compared in, ``""`` where lines are compared as they are.
    """

    currency: str = ""
    _pairs: dict[Key, Pair] = field(default_factory=dict)
    _rated: frozenset[str | None] = frozenset()
    _whole: Pair = (_NOTHING, _NOTHING)

    @classmethod
    def of(cls, answer: CostAnswer, currency: str) -> Sizes:
        """The sizes of an answer's lines in a currency they are converted to, or billed in."""
        found: dict[Key, list[Pair]] = {}
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


def implied(reader: Reader, question: Question, billed: Iterable[str]) -> Exchange:
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
