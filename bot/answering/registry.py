"""Which module answers which kind of question: one line a kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from msgspec import Struct

from bot.answering.conversion import Exchange
from bot.answering.query import Reader
from bot.domain.answers import Answer
from bot.domain.question import Kind, Question
from bot.ledger import Ledger

if TYPE_CHECKING:
    from bot.analytics.budget import Budget
    from bot.analytics.credits import DeclaredCredit
    from bot.domain.business_unit import BusinessUnit

MODULES: Mapping[Kind, str] = {
    "cost": "cost",
    "explain": "explain",
    "forecast": "forecast",
    "anomalies": "anomalies",
    "budgets": "budgets",
    "values": "values",
    "price": "price",
    "savings": "savings",
    "credits": "credits",
    "invoice": "invoices",
    "freshness": "freshness",
    "help": "guidance",
    "unsupported": "guidance",
    "commitments": "commitments",
    "recommendations": "recommendations",
}
"""Modules of ``answering.kinds``, each with a function ``answer``; loaded when first asked."""


class Settings(Protocol):
    """What a workspace has set, as far as answers depend on it."""

    @property
    def week_start(self) -> int:
        """0 for Monday to 6 for Sunday."""

    @property
    def currency(self) -> str | None:
        """The one that money is also given in where a question names none."""

    def budgets(self) -> Sequence[Budget]:
        """The budgets there are."""

    def declared_credits(self) -> Sequence[DeclaredCredit]:
        """The credits that people declared."""

    def units(self) -> Sequence[BusinessUnit]:
        """What the business counts, so that costs can be given per one of them."""


class Request(Struct, frozen=True, dict=True):
    """A question with all that its answer may depend on."""

    question: Question
    reader: Reader
    ledger: Ledger
    settings: Settings

    @property
    def currency(self) -> str | None:
        """The currency that money is also given in: the question's, else the one that is set."""
        return self.question.currency or self.settings.currency

    @cached_property
    def exchange(self) -> Exchange | None:
        """What converts money into that currency, over the days of the question."""
        question = self.question
        if self.currency is None or question.period is None or question.metric == "ConsumedQuantity":
            return None
        against = [question.against] if question.against else []
        return Exchange(self.reader, self.currency, [question.period, *against])


class KindModule(Protocol):
    """A module of ``answering.kinds``."""

    def answer(self, request: Request) -> Answer:
        """The answer, narrowed to what the reader may see."""


def module_of(kind: Kind) -> KindModule:
    """The module that answers a kind."""
    return cast("KindModule", import_module(f"bot.answering.kinds.{MODULES[kind]}"))
