"""Answers of the kind ``price``: what lists say, beside what was paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot import rates
from bot.ask.figures import Reader
from bot.costs.answer import Answer, Gap
from bot.costs.cell import Cell
from bot.costs.period import DAY, Period
from bot.costs.prices import Price, off_list, paid
from bot.costs.question import Question

_LATELY = timedelta(days=30)
_BY = ("x_Model", "x_TokenType")


def answer(question: Question, reader: Reader, told: Sequence[Price] = ()) -> Answer:
    """List prices of the models named, and what our own charges of the last 30 days come to a unit.

    ``told`` are list prices that vendors themselves told.
    """
    models = [value for each in question.where if each.dimension == "x_Model" for value in each.values]
    own, fresh = _paid(question, reader)
    listed = [price for model in models for price in rates.list_prices(model, reader.today)]
    prices = [*listed, *told, *own]
    cheaper = off_list(prices)
    notes = [
        f"{' '.join(dict(key).values())}: {abs(100 * part):.0f}% {'below' if part < 0 else 'above'} the list price."
        for key, part in cheaper.items()
        if part
    ]
    gaps = () if prices else (Gap(source="price lists", what="no price is known for that", hint="Name a model."),)
    return Answer(values=tuple(each.as_json() for each in prices), as_of=tuple(fresh), notes=tuple(notes), gaps=gaps)


def _paid(question: Question, reader: Reader) -> tuple[tuple[Price, ...], list[Any]]:
    days = Period(start=reader.today - _LATELY, end=reader.today + DAY)
    by = _BY if any(each.dimension == "x_Model" for each in question.where) else ("SkuId",)
    edges = [days.start, days.end]
    cost = reader.gather(question, edges, by, "BilledCost")
    used = reader.gather(question, edges, by, "ConsumedQuantity")
    cells = [[Cell(each.key, each.unit, each.amounts) for each in figures.groups] for figures in (cost, used)]
    return paid(by, cells[0], cells[1], days), cost.fresh
