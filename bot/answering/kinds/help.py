"""What can be asked."""

from __future__ import annotations

from bot.answering.dispatch import AnswerRequest
from bot.domain.answers import HelpAnswer


def answer(_request: AnswerRequest) -> HelpAnswer:
    """No figures."""
    return HelpAnswer()
