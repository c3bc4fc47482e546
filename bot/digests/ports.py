"""What is handed in: whoever answers, and whoever posts. Digests and alerts know these shapes and no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from bot.domain.answer import Answer
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING, Scope


class Alternative(Protocol):
    """Another reading of the same words."""

    @property
    def label(self) -> str:
        """What it would mean, in a few words."""

    @property
    def question(self) -> Question:
        """The question it would be."""


class Reply(Protocol):
    """An answer, and how its question was read."""

    @property
    def question(self) -> Question:
        """As it was read."""

    @property
    def read_as(self) -> str:
        """The reading in words."""

    @property
    def answer(self) -> Answer:
        """The figures."""

    @property
    def alternatives(self) -> Sequence[Alternative]:
        """Other readings that would give other numbers."""

    @property
    def text(self) -> str:
        """The headline."""


class Asker(Protocol):
    """Words or a question to a reply; safe to call from several threads."""

    def ask(self, text: str, *, today: date | None = None, scope: Scope = EVERYTHING) -> Reply:
        """Reads the words and answers.

        Raises:
            CostError: with what to do about it.
        """

    def answer(
        self,
        question: Question,
        *,
        scope: Scope = EVERYTHING,
        today: date | None = None,
        currency: str | None = None,
    ) -> Reply:
        """Answers a question that needs no reading; amounts are given in ``currency`` too.

        Raises:
            CostError: with what to do about it.
        """

    def closest(self, dimension: str, prefix: str, *, scope: Scope = EVERYTHING) -> list[str]:
        """Values of a dimension within the scope that match what was typed, best first."""
