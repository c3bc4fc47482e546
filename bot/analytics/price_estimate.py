"""What so much would cost: every known price, multiplied by the quantity that was asked about.

Several quantities (so much input, so much output) are also priced together, for each thing that has a price for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from itertools import groupby

from msgspec.structs import replace

from bot.domain.answers.prices import Quote
from bot.domain.prices import Price, Together
from bot.domain.question import Quantity
from bot.domain.units import in_unit, is_size

_EXACT = Context(prec=60)
_DIGITS = Context(prec=12)
_TYPE = "x_TokenType"
A_MONTH = "-Months"
"""What makes a size one that is kept for a month."""


def quoted(prices: Iterable[Price], quantities: Sequence[Quantity]) -> list[Quote]:
    """Every price whose unit fits a quantity, times that quantity; together where there are several quantities."""
    found = [quote for price in prices for quantity in quantities if (quote := _quote(price, quantity))]
    return found if len(quantities) == 1 else [*found, *_together(found, len(quantities))]


def _quote(price: Price, asked: Quantity) -> Quote | None:
    if asked.token_type and price.what.get(_TYPE) != asked.token_type:
        return None
    amount, kept = in_unit(asked.amount, asked.unit, price.unit), False
    if amount is None and is_size(asked.unit):
        amount, kept = in_unit(asked.amount, f"{asked.unit}{A_MONTH}", price.unit), True
    return None if amount is None else Quote(price, amount, price.of(amount), kept)


def _together(quotes: Sequence[Quote], parts: int) -> list[Quote]:
    """The sum of one quote a quantity, for all that is alike but for the token type."""
    found = []
    for _, group in groupby(sorted(quotes, key=_alike), key=_alike):
        same = list(group)
        if len(same) == parts:
            found.append(_added(same))
    return found


def _alike(quote: Quote) -> tuple[str, ...]:
    price = quote.price
    what = [f"{name}={value}" for name, value in sorted(price.what.items()) if name != _TYPE]
    return (*what, price.kind, price.source, price.currency, price.unit)


def _added(quotes: Sequence[Quote]) -> Quote:
    first = quotes[0].price
    quantity = sum((quote.quantity for quote in quotes), Decimal(0))
    whole = quotes[0].total
    for quote in quotes[1:]:
        whole = _EXACT.add(whole, quote.total)
    price = replace(
        first,
        what={name: value for name, value in first.what.items() if name != _TYPE},
        amount=_DIGITS.divide(_EXACT.multiply(whole, Decimal(first.per)), quantity),
        note=Together(),
    )
    return Quote(price, quantity, whole)
