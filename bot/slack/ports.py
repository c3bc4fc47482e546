"""Protocols that the Slack app depends on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from bot.answering.ports import Answers as Asker
from bot.answering.service import AnswerResult as Reply

__all__ = ["Asker", "HealthReport", "Operations", "Reply"]


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
