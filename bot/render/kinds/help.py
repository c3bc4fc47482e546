"""What can be asked."""

from __future__ import annotations

from bot.domain.answers import HelpAnswer
from bot.domain.question import Question
from bot.render.slack.tables import Rows


def summary(_question: Question, _answer: HelpAnswer) -> str:
    """An invitation to ask."""
    return "Ask in your own words what your cloud and AI services cost, and why."


def table(_question: Question, _answer: HelpAnswer) -> tuple[str, Rows]:
    """Nothing to tabulate."""
    return "", []
