"""Totals in another currency, beside the billed ones: each day at that day's rate."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot import rates
from bot.ask.figures import Reader
from bot.costs.answer import Answer, Total
from bot.costs.cell import Cell
from bot.costs.currency import Conversion, convert
from bot.costs.period import DAY, Period
from bot.costs.question import Question

_Days = tuple[list[date], dict[str, Cell]]


def converted(answer: Answer, question: Question, reader: Reader, currency: str) -> Answer:
    """The answer with every total converted that there is a rate for; without one a total stands as billed."""
    foreign = [each for each in answer.totals if each.currency and each.currency != currency]
    if not foreign or question.period is None:
        return answer
    now = _daily(question, reader, question.period)
    then = _daily(question, reader, question.against) if question.against else None
    found = {each.currency: _convert(each, now, then, currency) for each in foreign}
    totals = tuple(_with(each, found.get(each.currency)) for each in answer.totals)
    notes = [each.note() for each in found.values() if each]
    notes += [f"There is no rate from {name} to {currency}." for name, each in found.items() if each is None]
    return answer.model_copy(update={"totals": totals, "notes": (*answer.notes, *notes)})


def _daily(question: Question, reader: Reader, period: Period) -> _Days:
    days = list(period)
    groups = reader.gather(question, [*days, days[-1] + DAY], ()).groups
    return days, {each.unit: Cell((), each.unit, each.amounts) for each in groups}


def _convert(billed: Total, now: _Days, then: _Days | None, to: str) -> Conversion | None:
    cell = now[1].get(billed.currency or "")
    if cell is None:
        return None
    before = then[1].get(billed.currency or "") if then else None
    against: tuple[Cell, Sequence[date]] | None = (before, then[0]) if before and then else None
    return convert(cell, now[0], to, rates.ecb, rates.ecb_source(), against=against)


def _with(billed: Total, found: Conversion | None) -> Total:
    return billed.model_copy(update={"converted": found.converted}) if found else billed
