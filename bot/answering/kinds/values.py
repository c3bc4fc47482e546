"""Answers of the kind ``values``: what a dimension has, the dearest first."""

from __future__ import annotations

from bot.answering.dispatch import AnswerRequest
from bot.answering.kinds.cost import figures
from bot.domain.answers.simple import Value, ValuesAnswer
from bot.domain.conversion import as_asked


def answer(request: AnswerRequest) -> ValuesAnswer:
    """The values that were charged in the period with their cost; of ``Tags`` the keys."""
    question, reader, ledger = request.question, request.reader, request.ledger
    if question.by == ("Tags",):
        keys = sorted({key for _, feeds in reader.sources() for feed in feeds for key in ledger.query.tag_keys(feed)})
        return ValuesAnswer(values=tuple(map(Value, keys)), as_of=tuple(reader.freshness()))
    costs = as_asked(figures(question, reader, exchange=request.exchange))
    values = [
        Value(next(iter(line.key.values())) or "", line.amount, line.currency) for line in costs.lines if not line.other
    ]
    notes = costs.notes if request.exchange else ()
    return ValuesAnswer(values=tuple(values), as_of=costs.as_of, gaps=costs.gaps, notes=notes)
