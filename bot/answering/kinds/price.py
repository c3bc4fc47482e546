"""Answers of the kind ``price``: what lists say, beside what was paid; times a quantity, where one was named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from bot.analytics.price_estimate import quoted
from bot.answering import reference_data, vendor_insights
from bot.answering.dispatch import AnswerRequest
from bot.answering.query import Figures, LedgerReader
from bot.domain.aggregate import Cell
from bot.domain.answers.gaps import Gap, NoPrice, OtherUnits
from bot.domain.answers.notes import KeptForMonth, NoListPrice, Note, NotUsedLately, OffList, PricedOtherwise
from bot.domain.answers.prices import PriceAnswer, Quote
from bot.domain.period import DAY, Period
from bot.domain.prices import Price, mixed, off_list, paid
from bot.domain.question import Question
from bot.domain.units import in_unit

_LATELY = timedelta(days=30)
_MODEL, _TYPE = _BY = ("x_Model", "x_TokenType")
_TYPES = {"input": 0, "cached_input": 1, "cache_write": 2, "output": 3}
"""The order in which they are told."""
_TOKENS = "Tokens"
_VARIES = "cache_write"
"""What lists tell for five minutes of keeping; an hour costs more, and bills tell both as one."""
_LISTS = "price lists"


def answer(request: AnswerRequest) -> PriceAnswer:
    """List prices of what is named, and what our own charges of the last 30 days come to a unit."""
    question, reader = request.question, request.reader
    if question.usage is not None:
        from bot.answering.parts import usage_price  # seldom

        return usage_price.answer(question, reader, question.usage)
    own = _Own(question, reader)
    listed = [*_listed(question, reader, own), *vendor_insights.prices(own.names("SkuId"), request.ledger, reader.sees)]
    if question.quantities:
        return _quotes(question, listed, own)
    prices = [*listed, *own.prices]
    gaps = () if prices else (Gap(_LISTS, NoPrice()),)
    return PriceAnswer(prices=tuple(prices), as_of=tuple(own.figures.fresh), notes=_off(prices), gaps=gaps)


class _Own:
    """What we paid in the last 30 days: by model and token type where models are asked about, else by SKU."""

    def __init__(self, question: Question, reader: LedgerReader) -> None:
        self.days = Period(start=reader.today - _LATELY, end=reader.today + DAY)
        self._where = question.where
        self.by = _BY if _of_models(question) else ("SkuId",)
        edges = [self.days.start, self.days.end]
        self.figures = reader.gather(question, edges, self.by, "BilledCost")
        self._costs = _cells(self.figures)
        self._used = [_in_tokens(cell) for cell in _cells(reader.gather(question, edges, self.by, "ConsumedQuantity"))]
        named_ = [price for price in self._of(paid) if all(price.what.values())]
        self.prices = sorted(named_, key=lambda price: _TYPES.get(price.what.get(_TYPE, ""), len(_TYPES)))

    @property
    def mixes(self) -> Sequence[Price]:
        """What was paid for a model's tokens of all types together."""
        return [price for price in self._of(mixed) if all(price.what.values())] if self.by == _BY else ()

    def _of(self, priced: Callable[..., tuple[Price, ...]]) -> tuple[Price, ...]:
        return priced(self.by, self._costs, self._used, self.days)

    def names(self, dimension: str) -> list[str]:
        """The values that are named, then those that were paid for."""
        named_ = [value for condition in self._where if condition.dimension == dimension for value in condition.values]
        return list(
            dict.fromkeys([*named_, *(price.what[dimension] for price in self.prices if dimension in price.what)])
        )


def _cells(figures: Figures) -> list[Cell]:
    return [Cell(group.key, group.unit, group.amounts) for group in figures.groups]


def _in_tokens(used: Cell) -> Cell:
    """Tokens one by one, however many of them the vendor counts as one, so that prices can be compared."""
    amounts = [in_unit(amount, used.unit, _TOKENS) for amount in used.amounts]
    counts = [amount for amount in amounts if amount is not None]
    return Cell(used.key, _TOKENS, tuple(counts)) if len(counts) == len(amounts) else used


def _of_models(question: Question) -> bool:
    tokens = any(quantity.unit == _TOKENS for quantity in question.quantities)
    return tokens or _MODEL in question.by or any(condition.dimension == _MODEL for condition in question.where)


def _listed(question: Question, reader: LedgerReader, own: _Own) -> list[Price]:
    """List prices of the models, of the token types that are named."""
    types = {value for condition in question.where if condition.dimension == _TYPE for value in condition.values}
    found = [price for model in own.names(_MODEL) for price in reference_data.list_prices(model, reader.today)]
    return [price for price in found if not types or price.what[_TYPE] in types]


def _off(prices: Sequence[Price]) -> tuple[OffList, ...]:
    """How far what was paid is from the list."""
    return tuple(
        OffList(key, part) for key, part in off_list(prices).items() if part and dict(key).get(_TYPE) != _VARIES
    )


# -- times a quantity ---------------------------------------------------------------------------------------------


def _quotes(question: Question, listed: Sequence[Price], own: _Own) -> PriceAnswer:
    prices = [*listed, *own.prices]
    alone = len(question.quantities) == 1
    found = quoted([*prices, *(own.mixes if alone else ())], question.quantities)
    return PriceAnswer(
        quotes=tuple(found),
        as_of=tuple(own.figures.fresh),
        notes=(*_basis(found, prices, listed, own), *_off([quote.price for quote in found])),
        gaps=(*own.figures.gaps, *(() if found else (_no_price(question, prices),))),
    )


def _basis(found: Sequence[Quote], prices: Sequence[Price], listed: Sequence[Price], own: _Own) -> list[Note]:
    """What is left out, and what was taken to be meant."""
    fit = {id(quote.price) for quote in found}
    unfit = [price for price in prices if id(price) not in fit]
    notes: list[Note] = []
    if found and any(quote.kept for quote in found):
        notes.append(KeptForMonth())
    if found and own.by != _BY and unfit:
        notes.append(PricedOtherwise(tuple(unfit)))
    if found and not listed:
        notes.append(NoListPrice())
    if found and listed and not own.prices:
        notes.append(NotUsedLately())
    return notes


def _no_price(question: Question, prices: Sequence[Price]) -> Gap:
    """Nothing is priced by the unit that was named: what it is priced by instead."""
    if not prices:
        return Gap(_LISTS, NoPrice(of_skus=True))
    return Gap(
        _LISTS, OtherUnits(tuple(dict.fromkeys(quantity.unit for quantity in question.quantities)), tuple(prices))
    )
