"""What is not answered here."""

from __future__ import annotations

from bot.domain.answers import UnsupportedAnswer
from bot.domain.question import Question
from bot.render.slack.tables import Rows


def summary(_question: Question, _answer: UnsupportedAnswer) -> str:
    """What the bot answers instead."""
    return "I can't answer that. I answer questions about what you spend on cloud and AI, and why."


def table(_question: Question, _answer: UnsupportedAnswer) -> tuple[str, Rows]:
    """Nothing to tabulate."""
    return "", []
