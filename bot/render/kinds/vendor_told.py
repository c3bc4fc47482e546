"""What only vendors know, in words."""

from __future__ import annotations

from bot.domain.answers import CommitmentsAnswer, RecommendationsAnswer
from bot.domain.question import Question
from bot.render.labels import listed, source
from bot.render.slack.tables import Rows


def summary(_question: Question, answer: CommitmentsAnswer | RecommendationsAnswer) -> str:
    """What is not known, of whom; nothing is ever made up in its place."""
    what = "Recommendations" if isinstance(answer, RecommendationsAnswer) else "Coverage and use of commitments"
    sources = listed([source(gap.source) for gap in answer.gaps], most=6)
    return f"{what} are not known here: the bills of {sources or 'these sources'} do not tell them."


def table(_question: Question, _answer: CommitmentsAnswer | RecommendationsAnswer) -> tuple[str, Rows]:
    """Nothing to tabulate."""
    return "", []
