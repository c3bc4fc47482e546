"""An answer in a sentence or two that can be read out."""

from __future__ import annotations

from bot.domain.answers import Answer
from bot.domain.question import Question
from bot.render.kinds import rendering


def headline(question: Question, answer: Answer) -> str:
    """The answer in a sentence or two that can be read out: number, subject, days, change.

    Zero is said only where the answer knows it to be zero; no data is said as no data.
    """
    return rendering(answer).summary(question, answer)
