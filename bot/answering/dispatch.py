"""One answerer a kind of question."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot import render
from bot.answering import vendor_insights
from bot.answering.conversion import Exchange
from bot.answering.kinds import (
    anomalies,
    budgets,
    cost,
    credits,  # noqa: A004 - the kind is called so
    explain,
    forecast,
    forecast_conversion,
    invoices,
    price,
    savings,
    vendor_told,
)
from bot.answering.live_query import Counter
from bot.answering.parts import compose, usage_price
from bot.answering.query import Reader
from bot.domain.answer import Answer, Gap
from bot.domain.conversion import as_asked
from bot.domain.question import Question
from bot.domain.scope import Scope
from bot.ledger import Ledger

if TYPE_CHECKING:
    from bot.answering.service import Habits


def answer(  # noqa: PLR0913 - everything an answer may depend on
    question: Question,
    ledger: Ledger,
    scope: Scope,
    today: date,
    habits: Habits,
    *,
    currency: str | None = None,
    counter: Counter | None = None,
) -> Answer:
    """The answer to a question, narrowed to the scope; ``counter`` is where a vendor may be asked what costs lack."""
    counter = counter if question.kind == "cost" and not compose.has_parts(question) else None
    daily = currency is not None or question.grain in ("hour", "day", "week")
    reader = Reader(ledger, scope, today, counter, daily=daily, expected=habits.sources)
    found = _found(question, reader, ledger, habits, currency)
    if question.kind in vendor_insights.KINDS:
        said = vendor_insights.notes(question, ledger, scope, reader.touched(question))
        found = found.model_copy(update={"notes": (*found.notes, *said)})
    if currency and question.kind in _AS_BILLED:
        found = found.model_copy(update={"notes": (*found.notes, *_as_billed(question, found, currency))})
    return found.model_copy(update={"requests": counter.requests}) if counter else found


def _found(  # noqa: PLR0911, PLR0912, C901 - one for each kind
    question: Question, reader: Reader, ledger: Ledger, habits: Habits, currency: str | None
) -> Answer:
    exchange = _exchange(question, reader, currency)
    match question.kind:
        case "cost":
            starts, units = habits.customs.week_start, habits.units() if question.per else ()
            return compose.answer(question, reader, week_start=starts, exchange=exchange, units=units)
        case "explain":
            return explain.answer(question, reader, exchange)
        case "forecast":
            told = forecast_conversion.answer(question, reader, currency) if exchange and currency else None
            return told or forecast.answer(question, reader)
        case "anomalies":
            return anomalies.answer(question, reader)
        case "budgets":
            return budgets.answer(question, reader, habits.budgets())
        case "savings":
            return savings.answer(question, reader)
        case "credits":
            return credits.answer(question, reader, ledger, habits.granted())
        case "invoice":
            return invoices.answer(question, reader, ledger)
        case "price" if question.usage is not None:
            return usage_price.answer(question, reader, question.usage)
        case "price":
            return price.answer(question, reader, lambda skus: vendor_insights.prices(skus, ledger, reader.sees))
        case "commitments" | "recommendations":
            return vendor_told.answer(question, reader, question.kind)
        case "values":
            return _values(question, reader, ledger, exchange)
        case "freshness":
            return _freshness(reader)
        case _:
            return Answer()


def _exchange(question: Question, reader: Reader, currency: str | None) -> Exchange | None:
    """What converts money into the currency asked for, over the days of the question."""
    if currency is None or question.period is None or question.metric == "ConsumedQuantity":
        return None
    return Exchange(reader, currency, [question.period, *([question.against] if question.against else [])])


_AS_BILLED = {
    "explain": "What moved is told as billed, in",
    "anomalies": "What is unusual is told as billed, in",
    "budgets": "Budgets are told in the currency of their limit,",
    "savings": "What was saved is told as billed, in",
    "credits": "Credits are told as billed and granted, in",
    "invoice": "Invoices are told as issued, in",
    "price": "Prices are told as charged, in",
}
"""Kinds whose figures are not converted, and how that is said."""


def _as_billed(question: Question, found: Answer, currency: str) -> list[str]:
    """That the figures are not in the currency asked for, where they are in another."""
    figures = (*found.drivers, *found.anomalies, *found.budgets, *found.values)
    billed = {each.currency for each in found.totals if each.currency and not each.converted}
    told = {str(each["currency"]) for each in figures if each.get("currency")}
    others = sorted((told | billed) - {currency})
    return [f"{_AS_BILLED[question.kind]} {render.listed(others)}, not in {currency}."] if others else []


def _values(question: Question, reader: Reader, ledger: Ledger, exchange: Exchange | None) -> Answer:
    if question.by == ("Tags",):
        keys = sorted({key for _, feeds in reader.sources() for feed in feeds for key in ledger.query.tag_keys(feed)})
        return Answer(values=tuple({"value": key} for key in keys), as_of=tuple(reader.freshness()))
    found = as_asked(cost.answer(question, reader, exchange=exchange))
    values = [
        {"value": next(iter(line.key.values())), "amount": f"{line.amount:f}", "currency": line.currency}
        for line in found.lines
        if not line.other
    ]
    return Answer(values=tuple(values), as_of=found.as_of, gaps=found.gaps, notes=found.notes if exchange else ())


def _freshness(reader: Reader) -> Answer:
    undated = reader.undated()
    gaps = [Gap(source=source, what="never synced", hint=f"Run: spend sync {source}") for source in undated]
    gaps += reader.silent()
    notes = (*reader.restated(), *reader.missing_views(), *filter(None, [reader.request_plan()]))
    return Answer(as_of=tuple(reader.freshness()), gaps=tuple(gaps), notes=notes)
