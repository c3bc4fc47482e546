"""What is understood, and is not answered here."""

from __future__ import annotations

from bot.answering.dispatch import AnswerRequest
from bot.domain.answers import UnsupportedAnswer


def answer(_request: AnswerRequest) -> UnsupportedAnswer:
    """No figures."""
    return UnsupportedAnswer()
