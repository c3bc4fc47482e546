"""What credits and refunds hide: said where they take away at least a tenth of what was used."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from bot.answering.conversion import Exchange
from bot.answering.query import Reader
from bot.domain.answers import CostAnswer, InCurrency, Total
from bot.domain.answers.figures import Credited
from bot.domain.conversion import added
from bot.domain.question import Question

_MUCH = Decimal("0.1")
_NOTHING = Decimal(0)


def with_credits(question: Question, found: CostAnswer, reader: Reader, exchange: Exchange | None) -> CostAnswer:
    """The answer, its totals with what they were before credits where these hide a tenth of it or more."""
    period = question.period
    if period is None or question.charges != "net" or question.metric != "BilledCost" or not reader.knows_credits():
        return found
    if any(condition.dimension == "ChargeCategory" for condition in question.where):
        return found
    asked = question.model_copy(update={"charges": "credits", "by": (), "grain": None, "against": None})
    edges = [period.start, period.end]
    reader = reader.offline()
    figures, worth = exchange.on(reader).gather(asked, edges) if exchange else (reader.gather(asked, edges), {})
    if any(gap not in found.gaps for gap in figures.gaps):
        return found  # a source tells costs like this, but not which of them are credits
    used = {fresh.source for fresh in found.as_of}
    if used and not used >= set(figures.groups_by_source):
        if exchange is not None:
            return found  # what the others' credits are worth is not told apart from these
        figures.groups_by_source = {
            source: groups for source, groups in figures.groups_by_source.items() if source in used
        }
    taken = {unit: figures.groups.sum(unit) for unit in figures.groups.units()}
    converted: dict[str, Decimal] = {}
    for (_, unit), amounts in worth.items():
        converted[unit] = added((converted.get(unit, _NOTHING), *amounts))
    totals = tuple(_total(total, taken, converted) for total in found.totals)
    return replace(found, totals=totals)


def _total(billed: Total, taken: dict[str, Decimal], converted: dict[str, Decimal]) -> Total:
    credit = taken.get(billed.currency or "", _NOTHING)
    gross = added((billed.amount, -credit))
    if not credit or gross <= 0 or -credit < gross * _MUCH:
        return billed
    update: dict[str, object] = {"credited": Credited(gross=gross, credits=credit)}
    if billed.converted is not None and billed.currency in converted:
        worth = converted[billed.currency]
        update["converted"] = _with(billed.converted, worth)
    return billed.model_copy(update=update)


def _with(converted: InCurrency, worth: Decimal) -> InCurrency:
    return converted.model_copy(update={"credited": Credited(gross=added((converted.amount, -worth)), credits=worth)})
