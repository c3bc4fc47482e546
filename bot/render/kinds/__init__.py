"""How each kind of answer reads: one module a kind, with its sentence and its table."""

from __future__ import annotations

from types import ModuleType
from typing import Protocol, assert_never, cast

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
    """The module that renders an answer; only that one is loaded."""
    module: ModuleType
    match answer:
        case CostAnswer():
            from bot.render.kinds import cost as module
        case ExplainAnswer():
            from bot.render.kinds import explain as module
        case ForecastAnswer():
            from bot.render.kinds import forecast as module
        case AnomaliesAnswer():
            from bot.render.kinds import anomalies as module
        case BudgetsAnswer():
            from bot.render.kinds import budgets as module
        case ValuesAnswer():
            from bot.render.kinds import values as module
        case PriceAnswer():
            from bot.render.kinds import prices as module
        case SavingsAnswer():
            from bot.render.kinds import savings as module
        case CreditsAnswer():
            from bot.render.kinds import credits as module
        case InvoiceAnswer():
            from bot.render.kinds import invoices as module
        case CommitmentsAnswer():
            from bot.render.kinds import commitments as module
        case RecommendationsAnswer():
            from bot.render.kinds import recommendations as module
        case FreshnessAnswer():
            from bot.render.kinds import freshness as module
        case HelpAnswer():
            from bot.render.kinds import guidance as module
        case UnsupportedAnswer():
            from bot.render.kinds import unsupported as module
        case _:
            assert_never(answer)
    return cast("Rendering", module)


def headline(question: Question, answer: Answer) -> str:
    """The answer in a sentence or two that can be read out: number, subject, days, change.

    Zero is said only where the answer knows it to be zero; no data is said as no data.
    """
    return rendering(answer).summary(question, answer)
