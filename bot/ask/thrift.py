"""Answers of the kind ``savings``: what commitments, discounts and credits took off."""

from __future__ import annotations

from decimal import Decimal

from bot.ask.figures import Reader
from bot.costs.answer import Answer, Total
from bot.costs.feed import choose
from bot.costs.question import Question
from bot.costs.savings import Costs, Savings, savings
from bot.ledger.group import Group

_METRICS = ("ListCost", "ContractedCost", "EffectiveCost", "BilledCost")
_WISHED = ("ChargeCategory", "CommitmentDiscountStatus", "PricingCategory", "ServiceName")


def answer(question: Question, reader: Reader) -> Answer:
    """What was saved in the period, part by part, one total a currency."""
    if question.period is None:
        return Answer()
    dimensions = _dimensions(reader)
    edges = [question.period.start, question.period.end]
    read = {metric: reader.gather(question, edges, dimensions, metric) for metric in _METRICS}
    rows = _rows({metric: figures.groups for metric, figures in read.items()})
    told = savings(dimensions, rows, _METRICS)
    return Answer(
        totals=tuple(Total(currency=each.currency, amount=each.total) for each in told),
        values=tuple(each.as_json() for each in told),
        as_of=tuple(read["BilledCost"].fresh),
        gaps=tuple(read["BilledCost"].gaps),
        notes=tuple(note for each in told for note in _notes(each)),
    )


def _dimensions(reader: Reader) -> tuple[str, ...]:
    """Those wished for that every source tells; a part that needs another is named as unknown."""
    return tuple(
        each
        for each in _WISHED
        if all(choose(feeds, [*_WISHED[:1], each]) is not None for _, feeds in reader.sources())
    )


def _rows(groups: dict[str, list[Group]]) -> list[Costs]:
    amounts: dict[tuple[tuple[str, ...], str], dict[str, Decimal]] = {}
    for metric, found in groups.items():
        for each in found:
            amounts.setdefault((each.key, each.unit), {})[metric] = each.amounts[0]
    return [
        Costs(key, currency, *(each.get(metric, Decimal(0)) for metric in _METRICS))
        for (key, currency), each in amounts.items()
    ]


def _notes(told: Savings) -> list[str]:
    notes = []
    if told.coverage is not None:
        notes.append(f"{100 * told.coverage:.0f}% of what commitments could cover is covered.")
    if told.utilisation is not None:
        notes.append(f"{100 * told.utilisation:.0f}% of the commitments were used.")
    return notes
