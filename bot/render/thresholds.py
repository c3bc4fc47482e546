"""Headlines of cost answers with a threshold: how many lines or steps pass it, and which."""

from __future__ import annotations

from bot.domain.answers import CostAnswer
from bot.domain.question import Question, Threshold
from bot.render.labels import dimension, label, listed, step
from bot.render.numbers import as_shown, changes_shown, figure, money, places, quantity

_COMPARED = {">": "more than", ">=": "at least", "<": "less than", "<=": "at most"}


def headline(question: Question, answer: CostAnswer, limit: Threshold) -> str:
    """``3 services with more than $5,000: AmazonEC2 $16,927, …``; ``No services with …`` where none passes."""
    named, apart = _lines(answer, limit) if question.by else (_steps(question, answer, limit), [])
    one, several = _names(question)
    limited = f"with {'a change of ' if limit.of == 'change' else ''}{_COMPARED[limit.op]} {_amount(answer, limit)}"
    without = f" Plus {listed(apart)}." if apart else ""
    if not named:
        return f"No {several} {limited}.{without}"
    return f"{len(named):,} {one if len(named) == 1 else several} {limited}: {listed(named)}.{without}"


def _lines(answer: CostAnswer, limit: Threshold) -> tuple[list[str], list[str]]:
    """Lines that pass: those that name a value, and those that name none."""
    shown = changes_shown(answer.lines) if limit.of == "change" else as_shown(answer.lines)
    passing = [(line, amount) for line, amount in zip(answer.lines, shown, strict=True) if not line.other]
    named, apart = (
        [f"{label(line.key)} {amount}" for line, amount in passing if ("" in line.key.values()) == is_apart]
        for is_apart in (False, True)
    )
    return named, apart


def _steps(question: Question, answer: CostAnswer, limit: Threshold) -> list[str]:
    """Days, weeks or months that pass, those furthest from the limit first."""
    points = sorted(answer.series, key=lambda point: point.amount, reverse=limit.op in (">", ">="))
    end = question.period.end if question.period else None
    return [
        f"{step(point.start, question.grain or 'day', end)} {figure(point.amount, point.currency, point.unit)}"
        for point in points
    ]


def _names(question: Question) -> tuple[str, str]:
    if not question.by:
        return question.grain or "day", f"{question.grain or 'day'}s"
    if len(question.by) == 1:
        return dimension(question.by[0]), dimension(question.by[0], plural=True)
    names = " and ".join(dimension(name) for name in question.by)
    return f"combination of {names}", f"combinations of {names}"


def _amount(answer: CostAnswer, limit: Threshold) -> str:
    """``$5,000``, ``20% of the total``, ``50%`` of a change, ``1M tokens``; bare where currencies are mixed."""
    if limit.percent:
        return f"{limit.amount:,f}%{'' if limit.of == 'change' else ' of the total'}"
    measures = {(total.currency, total.unit) for total in answer.totals}
    currency, unit = measures.pop() if len(measures) == 1 else (None, None)
    if unit:
        return quantity(limit.amount, unit)
    if currency is None:
        return f"{limit.amount:,f}"
    whole = limit.amount == limit.amount.to_integral_value()
    return money(limit.amount, currency, digits=0 if whole else places(limit.amount, currency))
