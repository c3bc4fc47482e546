"""What is handed in: whoever answers, and what is remembered. Listeners know these shapes and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from bot.analytics.reconciliation import Reconciliation
from bot.domain.answer import Answer
from bot.domain.money import Money
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
    """An answer, how its question was read, and what it might have meant instead."""

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


class Heard(Reply, Protocol):
    """A reply to words."""

    @property
    def currency(self) -> str | None:
        """The one that the words, or those they follow up on, asked for."""

    @property
    def note(self) -> str:
        """What more is to be said of how they were read, such as that a language model did."""


class Asker(Protocol):
    """Words or a question to a reply; safe to call from several threads."""

    def ask(  # noqa: PLR0913 - who asks, when, and after what
        self,
        text: str,
        *,
        today: date | None = None,
        previous: Question | None = None,
        scope: Scope = EVERYTHING,
        currency: str | None = None,
        live: bool = False,
    ) -> Heard:
        """Reads the words and answers; ``live`` allows the paid requests that a gap offers.

        ``currency`` is the one asked for with ``previous``.

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
        live: bool = False,
    ) -> Reply:
        """Answers a question that needs no reading; amounts are given in ``currency`` too; ``live`` as for ``ask``.

        Raises:
            CostError: with what to do about it.
        """

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


class SourceHealth(Protocol):
    """How one source is doing."""

    @property
    def source(self) -> str:
        """Its name."""

    @property
    def tried(self) -> datetime | None:
        """When it was last pulled, well or not."""

    @property
    def through(self) -> date | None:
        """The last day it has told anything of."""

    @property
    def trouble(self) -> str:
        """What is wrong and what to do; ``""`` where nothing is."""

    @property
    def requests(self) -> int:
        """Made to its vendor this month."""

    @property
    def cost(self) -> Decimal:
        """What they cost, in USD."""


class Operations(Protocol):
    """What admins look after."""

    @property
    def ceiling(self) -> Decimal | None:
        """USD that requests may cost in a month; None for no ceiling."""

    def plan(self) -> str:
        """What paid requests have cost and are planned to cost this month; ``""`` where none is paid."""

    def sources(self) -> Sequence[SourceHealth]:
        """Every source."""


class Memory(Protocol):
    """Small things that outlive the process, by kind and key; safe across threads and replicas."""

    def put(self, kind: str, key: str, value: Mapping[str, Any]) -> None:
        """Keeps the value, in place of what was there."""

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """What is kept, or None."""

    def all(self, kind: str, prefix: str = "") -> dict[str, dict[str, Any]]:
        """Everything of a kind by key, in key order; only keys that begin so, if asked."""

    def forget(self, kind: str, key: str) -> None:
        """Lets go of it, if it is there."""

    def forget_before(self, kind: str, key: str) -> int:
        """Lets go of all of a kind whose key sorts before this one; how many."""

    def claim(self, kind: str, key: str, value: Mapping[str, Any]) -> bool:
        """Keeps the value if nothing is there; True for exactly one caller ever."""

    def swap(self, kind: str, key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """Replaces ``old`` by ``new``; False, changing nothing, where something else is there."""
