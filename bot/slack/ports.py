"""Protocols that the Slack app depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from bot.answering.ports import Answers as Asker
from bot.answering.service import AnswerResult as Reply

__all__ = ["Asker", "HealthReport", "Operations", "Reply", "ValueStore"]


class HealthReport(Protocol):
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

    def sources(self) -> Sequence[HealthReport]:
        """Every source."""


class ValueStore(Protocol):
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
