"""Answers without figures: what can be asked, and what cannot be answered."""

from __future__ import annotations

from bot.answering.dispatch import AnswerRequest
from bot.domain.answers.simple import HelpAnswer, UnsupportedAnswer


def answer(request: AnswerRequest) -> HelpAnswer | UnsupportedAnswer:
    """Guidance of the question's kind."""
    return HelpAnswer() if request.question.kind == "help" else UnsupportedAnswer()
