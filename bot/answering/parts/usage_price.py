"""What past usage would have cost on another model: quantities from the ledger, list prices of today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from bot.answering import reference_data
from bot.answering.query import LedgerReader
from bot.domain.answers import Gap, Line, PriceAnswer, Quote, Total
from bot.domain.answers.gaps import NoListPriceOf, NoModelNamed
from bot.domain.conversion import added
from bot.domain.parts import Unpriced
from bot.domain.prices import Price
from bot.domain.question import Question, Usage
from bot.domain.units import in_unit

_MODEL, _TYPE, _TOKENS = "x_Model", "x_TokenType", "Tokens"
_LISTS = "price lists"
_ONE = Decimal(1)
_Paid = Sequence[tuple[str, str, Decimal]]
"""What was paid: token type, currency and amount."""


def answer(question: Question, reader: LedgerReader, usage: Usage) -> PriceAnswer:
    """The usage at each named model's list prices, beside what was paid for it; what has no price is named.

    ``quotes`` has one for each model and token type, ``lines`` what each model comes to in all.
    """
    asked = Question(period=usage.period, where=usage.where)
    edges = [usage.period.start, usage.period.end]
    costs = reader.gather(asked, edges, (_TYPE, "ConsumedUnit"), "BilledCost")
    used = reader.gather(asked, edges, (_TYPE,), "ConsumedQuantity")
    tokens: dict[str, list[Decimal]] = defaultdict(list)
    apart: dict[str, list[Decimal]] = defaultdict(list)
    for group in used.groups:
        count = in_unit(group.amounts[0], group.unit, _TOKENS)
        if count is None:
            apart[group.unit].append(group.amounts[0])
        else:
            tokens[group.key[0]].append(count)
    quantities = {kind: added(counts) for kind, counts in tokens.items()}
    paid = [
        (group.key[0], group.unit, group.amounts[0])
        for group in costs.groups
        if in_unit(_ONE, group.key[1], _TOKENS) is not None
    ]
    models = _models(question)
    quotes, missing = _priced(models, quantities, reader)
    totals = _totals(models, quotes, paid)
    gaps = (*used.gaps, *(() if models else (Gap(_LISTS, NoModelNamed()),)))
    gaps += tuple(
        Gap(_LISTS, NoListPriceOf(model))
        for model in models
        if not any(quote.price.what[_MODEL] == model for quote in quotes)
    )
    facts = [Unpriced(model=model, what=kind, quantity=quantity, unit=_TOKENS) for model, kind, quantity in missing]
    facts += [Unpriced(what="", quantity=added(counts), unit=unit) for unit, counts in sorted(apart.items())]
    lines = tuple(
        Line(key={_MODEL: model}, currency=total.currency, amount=total.amount, beside=total.beside)
        for model, total in totals
    )
    return PriceAnswer(
        totals=tuple(total for _, total in totals) if len(totals) == 1 else (),
        lines=lines,
        quotes=tuple(quotes),
        as_of=tuple(used.fresh),
        gaps=gaps,
        facts=tuple(facts),
    )


def _models(question: Question) -> list[str]:
    named = [value for condition in question.where if condition.dimension == _MODEL for value in condition.values]
    return list(dict.fromkeys(named))


def _priced(
    models: Sequence[str], quantities: dict[str, Decimal], reader: LedgerReader
) -> tuple[list[Quote], list[tuple[str, str, Decimal]]]:
    """Each model's quotes, and which quantities it has no price for."""
    quotes: list[Quote] = []
    missing: list[tuple[str, str, Decimal]] = []
    for model in models:
        prices = {price.what[_TYPE]: price for price in reference_data.list_prices(model, reader.today)}
        for kind, quantity in sorted(quantities.items()):
            price = prices.get(kind)
            if price is None:
                missing += [(model, kind, quantity)] if prices and quantity else []
            elif quantity:
                quotes.append(Quote(_of(price, model), quantity, price.of(quantity)))
    return quotes, missing


def _of(price: Price, model: str) -> Price:
    """The price under the name that was asked for."""
    return replace(price, what={**price.what, _MODEL: model})


def _totals(models: Sequence[str], quotes: Sequence[Quote], paid: _Paid) -> list[tuple[str, Total]]:
    """What each model comes to; beside it what was paid for the same tokens, where that is in the same currency."""
    found: list[tuple[str, Total]] = []
    for model in models:
        own = [quote for quote in quotes if quote.price.what[_MODEL] == model]
        if own:
            currency, kinds = own[0].price.currency, {quote.price.what[_TYPE] for quote in own}
            same = [(unit, amount) for kind, unit, amount in paid if kind in kinds]
            beside = added(amount for _, amount in same) if {unit for unit, _ in same} == {currency} else None
            amount = added(quote.total for quote in own)
            found.append((model, Total(currency=currency, amount=amount, beside=beside)))
    return found
