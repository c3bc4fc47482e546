"""What a ranking, an average or a unit cost rests on, a sentence each."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.parts import (
    BudgetLine,
    Compared,
    CostsOf,
    Counted,
    Fact,
    GrowthFloor,
    Joined,
    LeftOut,
    NoQuantity,
    Ratioed,
    Unpriced,
)
from bot.domain.question import Question
from bot.render.labels import day, dimension, listed, period, subject_of
from bot.render.numbers import figure, money, quantity
from bot.render.parts import percentage

_WHY = {
    "incomplete": "not yet complete",
    "no data": "no data",
    "no quantity": "quantity not known",
    "no data before": "no data for the period before",
}
_NAMED = 3


def sentences(question: Question, facts: Sequence[Fact]) -> list[str]:
    """The facts in words; days that are left out for one reason are said together."""
    return [
        *_left_out(question, [fact for fact in facts if isinstance(fact, LeftOut)]),
        *filter(None, map(_one, facts)),
    ]


def _left_out(question: Question, facts: Sequence[LeftOut]) -> list[str]:
    days_by_reason: dict[str, list[str]] = {}
    for fact in facts:
        why = _WHY.get(fact.why) or f"not a complete {fact.step or question.grain or 'step'}"
        same_year = question.period is None or fact.days.start.year == question.period.last.year
        days_by_reason.setdefault(why, []).append(period(fact.days, year=not same_year))
    return (
        [f"Left out: {'; '.join(f'{listed(days, most=6)} ({why})' for why, days in days_by_reason.items())}."]
        if days_by_reason
        else []
    )


def _one(fact: Fact) -> str:  # noqa: PLR0911 - one for each
    match fact:
        case Compared():
            many = len(fact.lacking) > 1
            lacks = "have no exchange rate, so they stand" if many else "has no exchange rate, so it stands"
            apart = f" {listed(fact.lacking)} {lacks} apart." if fact.lacking else ""
            until = day(fact.rate_date, year=True)
            return f"Ranked in {fact.currency} at daily exchange rates through {until} ({fact.source}).{apart}"
        case GrowthFloor():
            return _floor(fact)
        case Joined():
            others = listed([f"“{spelling}”" for spelling in fact.spellings if spelling != fact.value])
            return f"{fact.value} is also billed as {others}; both spellings are added together."
        case Counted():
            counted = f"{fact.unit} includes {listed(fact.units, most=6)}." if fact.units else ""
            apart = f"Not included, since measured in other units: {listed(fact.apart, most=6)}." if fact.apart else ""
            return " ".join(filter(None, (counted, apart)))
        case CostsOf():
            return f"Only costs {subject_of(fact.where)} are divided by {fact.unit}."
        case BudgetLine():
            limit = money(fact.limit, fact.currency)
            used = f", {percentage(fact.used)} used" if fact.used is not None else ""
            return f"Budget “{fact.name}”: {limit}{used}."
        case NoQuantity():
            names = listed(fact.names, most=_NAMED)
            return f"{money(fact.cost, fact.currency)} of {names} has no quantity, so it has no unit cost."
        case Unpriced():
            much = quantity(fact.quantity, fact.unit)
            kind = f"{fact.what.replace('_', ' ')} " if fact.what else ""
            whose = f"{fact.model} has no list price for {kind}tokens" if fact.model else "It has no price by this unit"
            return (
                f"Not included: {much} ({whose[:1].lower()}{whose[1:]})."
                if not fact.model
                else f"Not included: {much}, since {whose}."
            )
        case Ratioed():
            names = dimension(fact.dimension, plural=True)
            return f"These are separate costs (different {names}), so this is a ratio, not a share."
        case _:
            return ""


def _floor(fact: GrowthFloor) -> str:
    since = figure(fact.amount, fact.currency, fact.unit)
    left = [f"{fact.below} smaller"] if fact.below else []
    left += [f"{fact.new} new, which {'has' if fact.new == 1 else 'have'} nothing to grow from"] if fact.new else []
    out = f" Not ranked: {listed(left)}." if left else ""
    return f"Growth ranks only costs of at least {since} in the period before.{out}"
