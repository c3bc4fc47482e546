"""Answers of the kind ``freshness``: how current every source is, and which days were restated lately."""

from __future__ import annotations

from bot.answering.dispatch import AnswerRequest
from bot.domain.answers.gaps import Gap, NeverSynced
from bot.domain.answers.simple import FreshnessAnswer


def answer(request: AnswerRequest) -> FreshnessAnswer:
    """The freshness of every source in scope; those without any are gaps."""
    reader = request.reader
    gaps = [Gap(source, NeverSynced()) for source in reader.undated()] + reader.silent()
    plan = reader.request_plan()
    notes = (*reader.restated(), *reader.missing_views(), *((plan,) if plan else ()))
    return FreshnessAnswer(as_of=tuple(reader.freshness()), gaps=tuple(gaps), notes=notes)
