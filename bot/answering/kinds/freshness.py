"""Answers of the kind ``freshness``: how current every source is, and which days were restated lately."""

from __future__ import annotations

from bot.answering.dispatch import AnswerRequest
from bot.domain.answers.gaps import Gap, NeverSynced
from bot.domain.answers.simple import FreshnessAnswer
from bot.domain.scope import Scope


def answer(request: AnswerRequest) -> FreshnessAnswer:
    """The freshness of every source in scope that the question is about; those without any are gaps."""
    reader, where = request.reader, request.question.where
    silent = reader.silent(where)
    if where:
        reader = reader.within(Scope(sources=tuple(reader.touched(request.question))))
    gaps = [Gap(source, NeverSynced()) for source in reader.undated()] + silent
    plan = reader.request_plan()
    notes = (*reader.restated(), *reader.missing_views(), *((plan,) if plan else ()))
    return FreshnessAnswer(as_of=tuple(reader.freshness()), gaps=tuple(gaps), notes=notes)
