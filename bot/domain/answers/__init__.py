"""Answers: one frozen type a kind, with what all share in ``AnswerBasis``. Exact facts, never sentences.

Renderers match on the type; the public JSON is made in ``render.answer_json``.
"""

from bot.domain.answers.anomalies import AnomaliesAnswer, Anomaly
from bot.domain.answers.basis import AnswerBasis
from bot.domain.answers.budgets import AmongPeers, BudgetsAnswer, BudgetStatus
from bot.domain.answers.commitments import (
    CommitmentLine,
    CommitmentsAnswer,
    Reach,
    RecommendationsAnswer,
    RecommendedItem,
    RecommendedTotal,
)
from bot.domain.answers.credits import CreditBalance, CreditGrant, CreditsAnswer
from bot.domain.answers.explanations import Driver, ExplainAnswer, Explanation
from bot.domain.answers.figures import Converted, InCurrency, Line, Lines, Point, Requests, Total
from bot.domain.answers.forecast import ConvertedForecast, ForecastAnswer, ForecastPart
from bot.domain.answers.forecasts import Forecast, TooShort
from bot.domain.answers.gaps import Gap
from bot.domain.answers.invoices import InvoiceAnswer, Reconciliation
from bot.domain.answers.notes import Note
from bot.domain.answers.prices import PriceAnswer, Quote
from bot.domain.answers.savings import Savings, SavingsAnswer
from bot.domain.answers.simple import (
    CostAnswer,
    FreshnessAnswer,
    HelpAnswer,
    LastMatched,
    UnsupportedAnswer,
    Value,
    ValuesAnswer,
)

Answer = (
    CostAnswer
    | ExplainAnswer
    | ForecastAnswer
    | AnomaliesAnswer
    | BudgetsAnswer
    | ValuesAnswer
    | PriceAnswer
    | SavingsAnswer
    | CreditsAnswer
    | InvoiceAnswer
    | CommitmentsAnswer
    | RecommendationsAnswer
    | FreshnessAnswer
    | HelpAnswer
    | UnsupportedAnswer
)

__all__ = [
    "AmongPeers",
    "AnomaliesAnswer",
    "Anomaly",
    "Answer",
    "AnswerBasis",
    "BudgetStatus",
    "BudgetsAnswer",
    "CommitmentLine",
    "CommitmentsAnswer",
    "Converted",
    "ConvertedForecast",
    "CostAnswer",
    "CreditBalance",
    "CreditGrant",
    "CreditsAnswer",
    "Driver",
    "ExplainAnswer",
    "Explanation",
    "Forecast",
    "ForecastAnswer",
    "ForecastPart",
    "FreshnessAnswer",
    "Gap",
    "HelpAnswer",
    "InCurrency",
    "InvoiceAnswer",
    "LastMatched",
    "Line",
    "Lines",
    "Note",
    "Point",
    "PriceAnswer",
    "Quote",
    "Reach",
    "RecommendationsAnswer",
    "RecommendedItem",
    "RecommendedTotal",
    "Reconciliation",
    "Requests",
    "Savings",
    "SavingsAnswer",
    "TooShort",
    "Total",
    "UnsupportedAnswer",
    "Value",
    "ValuesAnswer",
]
