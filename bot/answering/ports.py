"""What digests, alerts and Slack ask answers of: this shape, and no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Protocol

from bot.domain.live_query import ConsoleLink
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING, Scope

if TYPE_CHECKING:
    from bot.answering.service import AnswerResult
    from bot.answering.teaching import Sentences, Teaching
    from bot.domain.answers import Reconciliation
    from bot.domain.money import Money


class Answers(Protocol):
    """Words or a question to an answer; safe to call from several threads."""

    @property
    def teaching(self) -> Teaching:
        """The names that workspaces teach."""

    @property
    def sentences(self) -> Sentences:
        """The sentences that were not understood, or not rightly."""

    def ask(  # noqa: PLR0913 - who asks, when, and after what
        self,
        text: str,
        *,
        today: date | None = None,
        previous: Question | None = None,
        scope: Scope = EVERYTHING,
        live: bool = False,
        complete: Callable[[Question], Question] = ...,
    ) -> AnswerResult:
        """Reads the words and answers; ``live`` allows the paid requests that a gap offers.

        ``complete`` adds to what was read what the person asking has set, before it is answered.

        Raises:
            CostError: with what to do about it.
        """

    def answer(
        self,
        question: Question,
        *,
        scope: Scope = EVERYTHING,
        today: date | None = None,
        live: bool = False,
    ) -> AnswerResult:
        """Answers a question that needs no reading; ``live`` as for ``ask``.

        Raises:
            CostError: with what to do about it.
        """

    def console_links(self, result: AnswerResult, *, scope: Scope = EVERYTHING) -> Sequence[ConsoleLink]:
        """Where vendors show the same days and filters themselves."""

    def reconcile(
        self, source: str, month: str, invoice: Money | None, *, scope: Scope = EVERYTHING, today: date | None = None
    ) -> Reconciliation:
        """A source's month against what its invoice says: None takes the vendor's word.

        Raises:
            NotUnderstood: there is no such source or month, or nothing to compare with.
        """

    def closest(self, dimension: str, prefix: str, *, scope: Scope = EVERYTHING) -> list[str]:
        """Values of a dimension within the scope that match what was typed, best first."""

    def sees_all(self, about: Scope, scope: Scope) -> bool:
        """Whether whoever sees ``scope`` sees all that something (a budget, a digest) is about."""
