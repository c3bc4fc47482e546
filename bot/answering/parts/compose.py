"""Answers of the kind ``cost`` of which more is asked than plain figures: these, then what was asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from bot.answering import conversion
from bot.answering.conversion import Exchange
from bot.answering.dispatch import PLAIN
from bot.answering.kinds import cost
from bot.answering.kinds.cost import comparable
from bot.answering.parts import (
    averages,
    measures,
    running,
    shares,
    side_by_side,
    steps,
    unit_costs,
)
from bot.answering.parts.ranking import MOVES, Rest, passes, ranked
from bot.answering.query import LedgerReader
from bot.domain.answers import CostAnswer
from bot.domain.business_unit import BusinessUnit
from bot.domain.errors import NotUnderstood
from bot.domain.period import Grain, Period
from bot.domain.question import Question

_FEW_DAYS, _SOME_DAYS = 92, 366


def answer(
    question: Question,
    reader: LedgerReader,
    *,
    week_start: int = 0,
    exchange: Exchange | None = None,
    units: Sequence[BusinessUnit] = (),
) -> CostAnswer:
    """The figures of a cost question with all its parts.

    Raises:
        NotUnderstood: two of its parts cannot be had together, or a unit is not known.
    """
    return _with_parts(_whole(question), reader, exchange, units, week_start)


def _whole(question: Question) -> Question:
    """The question with what its parts imply.

    Raises:
        NotUnderstood: two of its parts cannot be had together.
    """
    parts = {
        "a share": question.share_of is not None,
        "an average": question.average is not None,
        "a running total": question.cumulative,
        "a unit cost": question.per is not None,
        "two measures side by side": question.beside is not None,
    }
    asked = [name for name, is_asked in parts.items() if is_asked]
    if len(asked) > 1:
        message = f"I can't work out {asked[0]} and {asked[1]} at once."
        raise NotUnderstood(message, "Ask for one after the other.")
    period = question.period
    if period is None:
        return question
    if question.only and question.against is None:
        question = question.model_copy(update={"against": period.before()})
    if question.cumulative and question.grain is None:
        question = question.model_copy(update={"grain": _grain(period)})
    return question


def _grain(period: Period) -> Grain:
    return "day" if period.days <= _FEW_DAYS else "week" if period.days <= _SOME_DAYS else "month"


def _with_parts(
    question: Question, reader: LedgerReader, exchange: Exchange | None, units: Sequence[BusinessUnit], week_start: int
) -> CostAnswer:
    """What was asked, in all its parts; compared in one currency where there are several."""
    billed = _billed(question, _base(question, reader, None, week_start))
    several = len(billed) > 1 and _compares(question)
    compared = exchange if not several or comparable(exchange) else conversion.implied(reader, question, billed)
    currency = compared.rates.to if compared is not None and several else ""
    found = _composed(question, reader, compared, units, currency, week_start)
    sizes = conversion.LineSizes.of(found, currency) if currency else conversion.LineSizes()
    if compared is not exchange and compared is not None:
        if exchange is None:
            found = conversion.as_billed(found, compared)
        else:
            found = _composed(question, reader, exchange, units, currency, week_start)
        fact = conversion.compared(compared, billed)
        found = replace(found, facts=(fact, *found.facts))
    found = replace(found, facts=tuple(dict.fromkeys(found.facts)))
    if question.by or steps.ranks_steps(question):
        found = ranked(question, found, sizes, _rest(question, units))
    return _limited(question, found)


def _billed(question: Question, base: conversion.Base) -> set[str]:
    """The currencies of all that is held against each other: of a share those of its whole, too."""
    asked = [_simple(question, by=(), grain=None)]
    if question.share_of is not None:
        asked.append(_simple(question, by=(), grain=None, where=question.share_of))
    return set().union(*(conversion.currencies(base(narrowed)) for narrowed in asked))


def _simple(question: Question, **update: object) -> Question:
    return question.model_copy(update={**PLAIN, **update})


def _base(question: Question, reader: LedgerReader, exchange: Exchange | None, week_start: int) -> conversion.Base:
    """The plain figures of questions like this one; in one unit where one is meant."""
    unit = question.unit

    def base(asked: Question) -> CostAnswer:
        if unit is None:
            return cost.figures(asked, reader, week_start=week_start, exchange=exchange)
        measured = asked.model_copy(update={"unit": unit})  # so that a feed is read that measures in it
        found = cost.figures(measured, reader, week_start=week_start, exchange=exchange)
        return measures.only(found, unit)

    return base


def _compares(question: Question) -> bool:
    """Whether amounts of different keys are held against each other."""
    return bool(question.by) or question.share_of is not None or steps.ranks_steps(question)


def _composed(  # noqa: PLR0911, PLR0913 - one for each part; the question, and what answers it
    question: Question,
    reader: LedgerReader,
    exchange: Exchange | None,
    units: Sequence[BusinessUnit],
    currency: str,
    week_start: int,
) -> CostAnswer:
    """The figures of all lines and steps, before they are ranked."""
    base, simple = _base(question, reader, exchange, week_start), _simple(question)
    if question.per is not None:
        return unit_costs.answer(question, reader, exchange, units, week_start=week_start)
    if question.share_of is not None:
        part, whole, apart = shares.part_of(simple.model_copy(update={"share_of": question.share_of}))
        found = shares.shared(question, base(part), base(whole), currency)
        return replace(found, facts=(*found.facts, *apart))
    if question.average is not None:
        asked = simple.model_copy(update={"average": question.average})
        return averages.averaged(asked, base, reader, week_start=week_start)
    if question.cumulative:
        against = question.against
        earlier = simple.model_copy(update={"period": against, "against": None}) if against else None
        return running.running(base(simple), base(earlier) if earlier else None)
    if question.beside is not None:
        other = side_by_side.other_measure(simple.model_copy(update={"beside": question.beside}))
        return side_by_side.joined(base(simple), base(other))
    if steps.ranks_steps(question):
        return steps.stepped(simple.model_copy(update={"order": question.order}), base, reader, week_start=week_start)
    return base(simple)


def _rest(question: Question, units: Sequence[BusinessUnit]) -> Rest | None:
    if question.share_of is not None:
        return shares.rest(question)
    if steps.ranks_steps(question):
        return steps.rest
    per = question.per
    if per is None:
        return None
    shared = any(unit.is_called(per.unit) for unit in units)
    return lambda lines: unit_costs.rest(lines, shared=shared)


def _limited(question: Question, found: CostAnswer) -> CostAnswer:
    """The series within a limit, where there is no breakdown that it is held against."""
    limit = question.threshold
    if limit is None or question.by or limit.of == "change" or question.order in MOVES:
        return found
    whole = conversion.LineSizes().whole(found.totals)
    pairs = ((point, (point.amount, point.against or Decimal(0))) for point in found.series)
    passing = tuple(point for point, pair in pairs if passes(limit, question, point, pair, whole))
    return replace(found, series=passing)
