"""Answers without figures: what can be asked, and what cannot be answered."""

from __future__ import annotations

from bot.answering.registry import Request
from bot.domain.answers.simple import HelpAnswer, UnsupportedAnswer


def answer(request: Request) -> HelpAnswer | UnsupportedAnswer:
    """Guidance of the question's kind."""
    return HelpAnswer() if request.question.kind == "help" else UnsupportedAnswer()
