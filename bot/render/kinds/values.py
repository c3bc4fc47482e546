"""Values of a dimension in words and as a table."""

from __future__ import annotations

from bot.blockkit.build import cut, text_cell
from bot.domain.answers import ValuesAnswer
from bot.domain.question import Question
from bot.render.labels import about, dimension, listed, sentence_case, value
from bot.render.slack.cells import MOST_TEXT, CellAmount, column
from bot.render.slack.tables import MOST_ROWS, Rows, header


def _dimension(question: Question) -> str:
    return question.by[0] if question.by else "ServiceName"


def summary(question: Question, answer: ValuesAnswer) -> str:
    """``3 accounts with charges, October 2026: production, staging and data.``."""
    name = _dimension(question)
    named = [value(entry.value, name) for entry in answer.values if entry.value]
    count = len(named)
    if not count:
        return f"No {dimension(name, plural=True)} {about(question, 'with charges')}."
    return f"{count} {dimension(name, plural=count > 1)} {about(question, 'with charges')}: {listed(named, most=6)}."


def table(question: Question, answer: ValuesAnswer) -> tuple[str, Rows]:
    """A row a value, with its cost where that is known."""
    name = _dimension(question)
    title = dimension(name)
    priced = any(entry.amount is not None for entry in answer.values)
    rows = [header(sentence_case(title), *["Cost"] * priced)]
    found = answer.values[:MOST_ROWS]
    amounts = column([CellAmount(entry.amount, entry.currency) for entry in found])
    for entry, amount in zip(found, amounts, strict=True):
        rows.append([text_cell(cut(value(entry.value, name), MOST_TEXT)), *[amount] * priced])
    return sentence_case(dimension(name, plural=True)), rows
