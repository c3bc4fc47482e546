"""Prices and quotes in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.blockkit.build import cut, number_cell, text_cell
from bot.domain.answers import Line, PriceAnswer, Quote
from bot.domain.period import DAY, Period
from bot.domain.prices import Price, UsedMix
from bot.domain.question import Question, Usage
from bot.render import parts
from bot.render.answer_json import price_note
from bot.render.gaps import what
from bot.render.labels import about, day, label, listed, period, subject_of
from bot.render.numbers import asked_for, figure, per, percent, quantity, to_the_cent, total_of, unit_price
from bot.render.slack.cells import MOST_TEXT
from bot.render.slack.tables import MOST_ROWS, Rows, header

_QUOTED = 3
_AT = {"list": "at list price", "paid": "at the price we paid"}
_KINDS = {"paid": "What we paid", "list": "List price"}


def summary(question: Question, answer: PriceAnswer) -> str:
    """List prices first, together where they are for the same; then what was paid."""
    if question.quantities:
        return _quoted(question, answer)
    if question.usage is not None:
        return _usage(question.usage, answer)
    if not answer.prices:
        return f"No price is known {about(question, 'for that')}."
    listed_, paid = ([price for price in answer.prices if price.kind == kind] for kind in ("list", "paid"))
    sentences = [f"List price of {_priced(listed_)}"] if listed_ else []
    sentences += [f"{'we' if sentences else 'We'} paid: {_priced(paid)}"] if paid else []
    return f"{'; '.join(sentences)}."


def _priced(prices: Sequence[Price]) -> str:
    """``gpt-5: input $1.25, output $10.00 per million tokens``."""
    names: dict[tuple[str, str], list[str]] = {}
    for price in prices:
        first, *rest = list(price.what.values()) or [""]
        amount = " ".join([*(one.replace("_", " ") for one in rest), unit_price(price)])
        names.setdefault((first, per(price)), []).append(amount)
    priced = [f"{name}: {', '.join(amounts)} per {unit}" for (name, unit), amounts in names.items()]
    return listed(priced, most=3)


def _quoted(question: Question, answer: PriceAnswer) -> str:
    """``10,000,000 tokens of gpt-5: input $12.50 and output $100.00 at list price; …``, a sentence for each thing."""
    asked = listed([asked_for(wanted) for wanted in question.quantities])
    if not answer.quotes:
        return f"No price of {asked} is known {about(question, 'for that')}."
    names: dict[str, dict[str, list[str]]] = {}
    for quote in answer.quotes:
        first, *rest = list(quote.price.what.values()) or [""]
        worded = " ".join([*(one.replace("_", " ") for one in rest or [_together(quote)] if one), total_of(quote)])
        names.setdefault(first, {}).setdefault(quote.price.kind, []).append(worded)
    sentences = [
        f"{name}: {'; '.join(f'{listed(amounts, most=5)} {_AT.get(kind, kind)}' for kind, amounts in kinds.items())}."
        for name, kinds in list(names.items())[:_QUOTED]
    ]
    more = f" {len(names) - _QUOTED} more have prices." if len(names) > _QUOTED else ""
    return f"{asked} of {' '.join(sentences)}{more}"


def _together(quote: Quote) -> str:
    """What a price of several token types is of."""
    if quote.price.unit != "Tokens" or "x_TokenType" in quote.price.what:
        return ""
    return "at our usage mix" if isinstance(quote.price.note, UsedMix) else price_note(quote.price.note)


def table(question: Question, answer: PriceAnswer) -> tuple[str, Rows]:
    """A row a price, or what the quantity comes to at each."""
    if question.quantities or question.usage is not None:
        return _quotes(answer)
    rows = [header("What", "Price", "Per", "Source")]
    rows += [
        [
            text_cell(cut(label(price.what), MOST_TEXT)),
            number_cell(float(price.amount), unit_price(price)),
            text_cell(per(price)),
            text_cell(cut(_source(price), MOST_TEXT)),
        ]
        for price in answer.prices[:MOST_ROWS]
    ]
    return "Prices", rows


def _quotes(answer: PriceAnswer) -> tuple[str, Rows]:
    """What so much comes to at each price; how much stands above them where it is the same for all."""
    found = answer.quotes[:MOST_ROWS]
    much = [quantity(quote.quantity, quote.price.unit) for quote in found]
    several = len(set(much)) > 1
    rows = [header("What", *["Quantity"] * several, "Cost", "Unit price", "Source")]
    for quote, amount in zip(found, much, strict=True):
        rows.append(
            [
                text_cell(cut(label(quote.price.what), MOST_TEXT)),
                *[text_cell(amount)] * several,
                number_cell(float(quote.total), total_of(quote)),
                text_cell(f"{unit_price(quote.price)} per {per(quote.price)}"),
                text_cell(cut(_source(quote.price), MOST_TEXT)),
            ]
        )
    return f"What {much[0]} would cost" if much and not several else "What it would cost", rows


def _source(price: Price) -> str:
    """Whose price it is, of which days, and what is to be said of it."""
    days = day(price.as_of, year=True)
    if price.since and price.since < price.as_of:
        days = period(Period(start=price.since, end=price.as_of + DAY))
    whose = "" if price.kind == "paid" else price.source
    origin = ", ".join(filter(None, (_KINDS[price.kind], whose, days)))
    return "; ".join(filter(None, (origin, price_note(price.note))))


def _usage(asked: Usage, answer: PriceAnswer) -> str:
    """What past usage would have cost on other models, beside what it did cost."""
    about = ", ".join(filter(None, (parts.named(asked.where, subject_of), period(asked.period))))
    if not answer.lines:
        why = next((f": {what(gap)}" for gap in answer.gaps), "")
        return f"No price is known for the usage of {about}{why}."
    tokens = {quote.price.what["x_TokenType"]: quote.quantity for quote in answer.quotes}
    much = figure(sum(tokens.values(), Decimal(0)), None, "Tokens")
    prices = []
    for line in answer.lines:
        price = to_the_cent(line.amount, line.currency or "USD")
        prices.append(f"{price} at {label(line.key)} list prices{_cheaper(line)}")
    return f"The usage of {about} ({much}) would cost {listed(prices)}."


def _cheaper(line: Line) -> str:
    if line.beside is None or not line.currency:
        return ""
    ratio = percent(line.amount, line.beside)
    return f" ({f'{ratio}, ' if ratio else ''}we paid {to_the_cent(line.beside, line.currency)})"
