"""A question to the module of its kind, and what stands beside the figures of every kind."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, assert_never

from msgspec.structs import replace

from bot.answering import vendor_insights
from bot.answering.live_query import Counter
from bot.answering.parts import compose
from bot.answering.query import Reader
from bot.answering.registry import Request, module_of
from bot.domain.answers import (
    AnomaliesAnswer,
    Answer,
    BudgetsAnswer,
    CommitmentsAnswer,
    CostAnswer,
    CreditsAnswer,
    ExplainAnswer,
    ForecastAnswer,
    FreshnessAnswer,
    HelpAnswer,
    InvoiceAnswer,
    PriceAnswer,
    RecommendationsAnswer,
    SavingsAnswer,
    UnsupportedAnswer,
    ValuesAnswer,
)
from bot.domain.answers.notes import Note, ShownAsBilled
from bot.domain.question import Question
from bot.domain.scope import Scope
from bot.ledger import Ledger

if TYPE_CHECKING:
    from bot.answering.service import Defaults


def answer(  # noqa: PLR0913 - everything an answer may depend on
    question: Question,
    ledger: Ledger,
    scope: Scope,
    today: date,
    defaults: Defaults,
    *,
    counter: Counter | None = None,
) -> Answer:
    """The answer to a question, narrowed to the scope; ``counter`` is where a vendor may be asked what costs lack."""
    currency = question.currency or defaults.currency
    counter = counter if question.kind == "cost" and not compose.has_parts(question) else None
    daily = currency is not None or question.grain in ("hour", "day", "week")
    reader = Reader(ledger, scope, today, counter, daily=daily, expected=defaults.sources)
    found = module_of(question.kind).answer(Request(question, reader, ledger, defaults))
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
    others = sorted(_unconverted(answer) - {currency})
    return [ShownAsBilled(question.kind, tuple(others), currency)] if others else []


def _unconverted(answer: Answer) -> set[str]:
    """The currencies of figures that are not converted, for kinds whose figures never are."""
    match answer:
        case ExplainAnswer():
            billed = {total.currency for total in answer.totals if total.currency and not total.converted}
            return billed | {driver.currency for driver in answer.drivers}
        case AnomaliesAnswer():
            return {anomaly.currency for anomaly in answer.anomalies}
        case BudgetsAnswer():
            return {budget.currency for budget in answer.budgets}
        case SavingsAnswer():
            return {savings.currency for savings in answer.savings}
        case CreditsAnswer():
            used = {total.currency for total in answer.totals if total.currency}
            return used | {balance.grant.currency for balance in answer.balances}
        case InvoiceAnswer():
            return {reconciliation.currency for reconciliation in answer.reconciliations}
        case PriceAnswer():
            return {price.currency for price in (*answer.prices, *(quote.price for quote in answer.quotes))}
        case CostAnswer() | ForecastAnswer() | ValuesAnswer() | FreshnessAnswer() | HelpAnswer() | UnsupportedAnswer():
            return set()
        case CommitmentsAnswer() | RecommendationsAnswer():
            return answer.currencies
        case _:
            assert_never(answer)
