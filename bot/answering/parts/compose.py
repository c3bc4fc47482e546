"""Answers of the kind ``cost`` with all their parts: the plain figures, then what was asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from bot.answering.conversion import Exchange
from bot.answering.kinds import cost
from bot.answering.parts import (
    averages,
    comparing,
    credited,
    measures,
    running,
    shares,
    side_by_side,
    steps,
    unit_costs,
)
from bot.answering.parts.ranking import MOVES, Rest, passes, ranked
from bot.answering.query import Reader
from bot.domain.answers import CostAnswer
from bot.domain.business_unit import BusinessUnit
from bot.domain.errors import NotUnderstood
from bot.domain.period import Grain, Period
from bot.domain.question import Question

_PLAIN: dict[str, Any] = {
    "top": None,
    "threshold": None,
    "order": "cost",
    "only": None,
    "share_of": None,
    "average": None,
    "cumulative": False,
    "per": None,
    "beside": None,
    "unit": None,
}
_FEW_DAYS, _SOME_DAYS = 92, 366


def answer(
    question: Question,
    reader: Reader,
    *,
    week_start: int = 0,
    exchange: Exchange | None = None,
    units: Sequence[BusinessUnit] = (),
) -> CostAnswer:
    """The figures of a cost question with all its parts.

    Raises:
        NotUnderstood: two of its parts cannot be had together, or a unit is not known.
    """
    question = _whole(question)
    found = _answered(question, reader, exchange, units, week_start)
    joined = reader.joined(question)
    return replace(found, facts=(*found.facts, *joined)) if joined else found


def _answered(
    question: Question, reader: Reader, exchange: Exchange | None, units: Sequence[BusinessUnit], week_start: int
) -> CostAnswer:
    if not has_parts(question):
        found = cost.figures(question, reader, week_start=week_start, exchange=exchange)
        billed = comparing.currencies(found)
        if not question.by or len(billed) < 2 or _comparable(exchange):  # noqa: PLR2004 - one needs no comparison
            return credited.with_credits(question, found, reader, exchange)
    return _with_parts(question, reader, exchange, units, week_start)


def _comparable(exchange: Exchange | None) -> bool:
    return exchange is not None and not exchange.rates.lacking


def has_parts(question: Question) -> bool:
    """Whether more is asked than the plain figures know how to rank."""
    limit = question.threshold
    simple = question.model_copy(update={"threshold": None, "top": None})
    ranks = question.order == "change" and question.against is not None
    simple = simple.model_copy(update={"order": "cost"}) if ranks else simple
    limited = limit is not None and (limit.of == "change" or limit.percent)
    return limited or simple != question.model_copy(update=_PLAIN)


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
    question: Question, reader: Reader, exchange: Exchange | None, units: Sequence[BusinessUnit], week_start: int
) -> CostAnswer:
    """What was asked, in all its parts; compared in one currency where there are several."""
    billed = comparing.currencies(_base(question, reader, None, week_start)(_simple(question, by=(), grain=None)))
    several = len(billed) > 1 and _compares(question)
    compared = exchange if not several or _comparable(exchange) else comparing.implied(reader, question, billed)
    currency = compared.rates.to if compared is not None and several else ""
    found = _composed(question, reader, compared, units, currency, week_start)
    sizes = comparing.Sizes.of(found, currency) if currency else comparing.Sizes()
    if compared is not exchange and compared is not None:
        if exchange is None:
            found = comparing.as_billed(found, compared)
        else:
            found = _composed(question, reader, exchange, units, currency, week_start)
        fact = comparing.compared(compared, billed)
        found = replace(found, facts=(fact, *found.facts))
    found = replace(found, facts=tuple(dict.fromkeys(found.facts)))
    if question.by or steps.ranks_steps(question):
        found = ranked(question, found, sizes, _rest(question, units))
    return _limited(question, found)


def _simple(question: Question, **update: Any) -> Question:  # noqa: ANN401 - any of its parts
    return question.model_copy(update={**_PLAIN, **update})


def _base(question: Question, reader: Reader, exchange: Exchange | None, week_start: int) -> comparing.Base:
    """The plain figures of questions like this one; in one unit where one is meant."""
    unit = question.unit

    def base(asked: Question) -> CostAnswer:
        found = cost.figures(asked, reader, week_start=week_start, exchange=exchange)
        return found if unit is None else measures.only(found, unit)

    return base


def _compares(question: Question) -> bool:
    """Whether amounts of different keys are held against each other."""
    return bool(question.by) or question.share_of is not None or steps.ranks_steps(question)


def _composed(  # noqa: PLR0911, PLR0913 - one for each part; the question, and what answers it
    question: Question,
    reader: Reader,
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
    whole = comparing.Sizes().whole(found.totals)
    pairs = ((point, (point.amount, point.against or Decimal(0))) for point in found.series)
    passing = tuple(point for point, pair in pairs if passes(limit, question, point, pair, whole))
    return replace(found, series=passing)
