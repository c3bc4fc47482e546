"""How each kind of answer reads: a module of the kind's name, with its sentence and its table."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from bot.domain.answers import Answer
from bot.domain.question import Question
from bot.render.slack.tables import Rows


class Rendering(Protocol):
    """A module of this package."""

    def summary(self, question: Question, answer: Answer) -> str:
        """The answer in a sentence or two that can be read out: number, subject, days, change.

        Zero is said only where the answer knows it to be zero; no data is said as no data.
        """

    def table(self, question: Question, answer: Answer) -> tuple[str, Rows]:
        """The caption and rows, header first; no rows where a table would say nothing."""


def rendering(answer: Answer) -> Rendering:
    """The module that renders the answer's kind, by its name; only that one is loaded."""
    return cast("Rendering", import_module(f"bot.render.kinds.{answer.kind}"))


def headline(question: Question, answer: Answer) -> str:
    """The answer in a sentence or two that can be read out: number, subject, days, change.

    Zero is said only where the answer knows it to be zero; no data is said as no data.
    """
    return rendering(answer).summary(question, answer)
