"""Costs in words: the total, what it was compared with, and the largest parts of it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bot.domain.answers import CostAnswer, ExplainAnswer, Line, Total
from bot.domain.conversion import as_asked
from bot.domain.money import total
from bot.domain.question import Question
from bot.render import parts
from bot.render.gaps import gaps
from bot.render.labels import about, brief, dimension, label, listed, period, step, subject_of
from bot.render.numbers import as_shown, change, changes_shown, figure, money
from bot.render.slack import tables
from bot.render.slack.tables import Rows

_CHARGES = {"credits": " of credits and refunds", "tax": " of tax", "gross": " before credits"}


def summary(question: Question, answer: CostAnswer) -> str:
    """``$1,903 on AWS, October 2026: up 12% (+$204) compared with …. Largest: Amazon EC2 $840, …``."""
    sentence = parts.headline(question, as_asked(answer), subject_of, lambda simpler: summary(simpler, _whole(answer)))
    if sentence is not None:
        return sentence
    if not answer.totals:
        return no_data(question, answer)
    first = spent(question, answer)
    return " ".join(filter(None, (first, _leaders(question, as_asked(answer)))))


def _whole(answer: CostAnswer) -> CostAnswer:
    return replace(answer, lines=(), series=())


def no_data(question: Question, answer: CostAnswer | ExplainAnswer) -> str:
    """That nothing is known, and the first reason."""
    return " ".join((f"No data {about(question, '')}.", *gaps(answer.gaps, hints=False)[:1]))


def spent(question: Question, answer: CostAnswer | ExplainAnswer) -> str:
    """The totals, with what they were compared with."""
    billed, shown = answer.totals, as_asked(answer)
    amounts = listed([_amount(entry, billed) for entry in shown.totals], most=6)
    spent = f"{amounts}{_CHARGES.get(question.charges, '')} {about(question)}{_moved(question, shown.totals)}."
    return " ".join(filter(None, (spent, _last_matched(question, answer))))


def _last_matched(question: Question, answer: CostAnswer | ExplainAnswer) -> str:
    """When what came to nothing last came to something, so that a wrong filter is not taken for a saving."""
    last = answer.last_matched if isinstance(answer, CostAnswer) else None
    if last is None:
        return ""
    if last.period is None:
        return "No charge ever matched these filters."
    if question.period and last.period.start >= question.period.end:
        return ""
    return f"Last charged: {period(last.period)}."


def _amount(shown: Total, billed: Sequence[Total]) -> str:
    """As it was asked for; where something of it was converted, with what was billed."""
    text = f"{figure(shown.amount, shown.currency, shown.unit)}{_credited(shown)}"
    same = [entry for entry in billed if shown.currency == (entry.converted or entry).currency]
    if not shown.currency or not any(entry.converted for entry in same):
        return text
    return f"{text} ({listed([figure(entry.amount, entry.currency, entry.unit) for entry in same])} as billed)"


def _credited(shown: Total) -> str:
    """`` after $33.86 of credits`` where they hide much of what was used."""
    if shown.credited is None or not shown.currency:
        return ""
    return f" after {money(-shown.credited.credits, shown.currency)} of credits"


def _moved(question: Question, totals: Sequence[Total]) -> str:
    against = question.against
    moves = [
        change(entry.amount, entry.against, entry.currency, entry.unit) for entry in totals if entry.against is not None
    ]
    if not moves or not against:
        return ""
    same_year = bool(question.period and question.period.last.year == against.start.year)
    return f": {listed(moves)} compared with {period(against, year=not same_year)}"


def _leaders(question: Question, answer: CostAnswer) -> str:
    lines = [line for line in answer.lines if not line.other and line.amount]
    ranked = [line for line in lines if "" not in line.key.values()]
    if lines and question.order == "change" and question.against:
        shown = dict(zip(map(id, answer.lines), changes_shown(answer.lines), strict=True))
        moved = sorted(ranked, key=lambda line: -abs(line.amount - (line.against or 0)))[:3]
        biggest = "Biggest change" if len(moved) == 1 else "Biggest changes"
        return f"{biggest}: {listed([f'{label(line.key)} {shown[id(line)]}' for line in moved])}."
    if len(lines) > 1 or (ranked and question.top is not None and any(line.other for line in answer.lines)):
        shown = dict(zip(map(id, answer.lines), as_shown(answer.lines), strict=True))
        apart = [line for line in lines if "" in line.key.values()]
        if len({line.currency for line in lines}) == 1:  # those of several are in the order of what they are worth
            sign = -1 if total([line.amount for line in lines]) >= 0 else 1
            ranked = sorted(ranked, key=lambda line: sign * line.amount)
        most, rest = (listed([f"{_called(line)} {shown[id(line)]}" for line in some[:3]]) for some in (ranked, apart))
        return " ".join(filter(None, (f"Largest: {most}." if most else "", f"Plus {rest}." if rest else "")))
    points = [point for point in answer.series if not any(point.key.values())]
    if question.grain and len(points) > 1 and len({point.currency or point.unit for point in points}) == 1:
        top = max(points, key=lambda point: point.amount)
        return f"Highest: {step(top.start, question.grain)} with {figure(top.amount, top.currency, top.unit)}."
    return ""


def _called(line: Line) -> str:
    """A line's name for a sentence: of a resource the last part, its whole name stands in the table."""
    return brief(label(line.key)) if "ResourceId" in line.key else label(line.key)


def table(question: Question, answer: CostAnswer) -> tuple[str, Rows]:
    """A row a line; a series has a table of its own, beside its chart."""
    names = [dimension(name) for name in question.by] or ["part"]
    return f"By {' and '.join(names)}", tables.breakdown(question, answer)
