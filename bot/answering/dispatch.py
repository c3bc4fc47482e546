"""A question to the module that its kind names, and what stands beside the figures of every kind."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from msgspec import Struct
from msgspec.structs import replace

from bot.answering import vendor_insights
from bot.answering.conversion import Exchange
from bot.answering.live_query import Counter
from bot.answering.query import LedgerReader
from bot.domain.answers import Answer
from bot.domain.answers.notes import Note, ShownAsBilled
from bot.domain.question import Kind, Question
from bot.domain.scope import Scope
from bot.ledger import Ledger

if TYPE_CHECKING:
    from bot.answering.service import Defaults


class AnswerContext(Struct, frozen=True):
    """From what, for whom and as of which day a question is answered."""

    ledger: Ledger
    scope: Scope
    today: date
    defaults: Defaults
    counter: Counter | None = None
    """Where a vendor may be asked what costs lack."""


def answer(question: Question, context: AnswerContext) -> Answer:
    """The answer to a question, narrowed to the scope."""
    ledger, scope, defaults, counter = context.ledger, context.scope, context.defaults, context.counter
    currency = question.currency or defaults.currency
    counter = counter if question.kind == "cost" and not has_parts(question) else None
    daily = currency is not None or question.grain in ("hour", "day", "week")
    reader = LedgerReader(ledger, scope, context.today, counter, daily=daily, expected=defaults.sources)
    found = module_of(question.kind).answer(AnswerRequest(question, reader, ledger, defaults))
    notes: list[Note] = []
    if question.kind in vendor_insights.KINDS:
        notes += vendor_insights.notes(question, ledger, scope, reader.touched(question))
    if currency:
        notes += _as_billed(question, found, currency)
    if notes:
        found = replace(found, notes=(*found.notes, *notes))
    return replace(found, requests=counter.requests) if counter else found


def _as_billed(question: Question, answer: Answer, currency: str) -> list[ShownAsBilled]:
    """That the figures are not in the currency asked for, where they are in another."""
    others = sorted(answer.billed_in - {currency})
    return [ShownAsBilled(question.kind, tuple(others), currency)] if others else []


class AnswerRequest(Struct, frozen=True, dict=True):
    """A question with all that its answer may depend on."""

    question: Question
    reader: LedgerReader
    ledger: Ledger
    settings: Defaults

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

    def answer(self, request: AnswerRequest) -> Answer:
        """The answer, narrowed to what the reader may see."""


def module_of(kind: Kind) -> KindModule:
    """The module of ``answering.kinds`` that has the kind's name."""
    return cast("KindModule", import_module(f"bot.answering.kinds.{kind}"))


PLAIN: dict[str, object] = {
    "top": None,
    "threshold": None,
    "order": "cost",
    "only": None,
    "share_of": None,
    "average": None,
    "cumulative": False,
    "per": None,
    "beside": None,
    "unit": None,
}
"""A cost question without its parts: what each of them is when it is not asked for."""


def has_parts(question: Question) -> bool:
    """Whether more is asked than the plain figures know how to rank."""
    limit = question.threshold
    simple = question.model_copy(update={"threshold": None, "top": None})
    ranks = question.order == "change" and question.against is not None
    simple = simple.model_copy(update={"order": "cost"}) if ranks else simple
    limited = limit is not None and (limit.of == "change" or limit.percent)
    return limited or simple != question.model_copy(update=PLAIN)
