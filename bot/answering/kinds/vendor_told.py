"""Answers that only vendors can give, and that no bill here tells: what stays untold, and what would tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from bot.answering.query import Reader
from bot.domain.answer import Answer, Gap
from bot.domain.question import Question

_WHAT: Mapping[str, str] = {
    "commitments": "the bills here do not tell how far commitments cover usage, nor how far they are used",
    "recommendations": "the bills here do not tell what the vendor would recommend",
}
_HINTS: Mapping[str, Mapping[str, str]] = {
    "commitments": {
        "AWS": "A FOCUS or CUR 2.0 data export would tell it, or the Coverage and Utilization pages of Cost Explorer.",
        "Google Cloud": "The detailed export to BigQuery would tell it, or its committed-use discount analysis.",
        "": "A FOCUS 1.1 file with CommitmentDiscountStatus would tell it.",
    },
    "recommendations": {
        "AWS": "Cost Optimization Hub has them.",
        "Google Cloud": "Recommender, the FinOps hub of the console, has them.",
        "": "Ask what changed, or which services cost most.",
    },
}
_NONE = frozenset({"OpenAI", "Anthropic"})
"""Vendors that sell no commitments by their own price list, and recommend nothing."""


def answer(question: Question, reader: Reader, kind: Literal["commitments", "recommendations"]) -> Answer:
    """Nothing but what is missing, source by source, and what would tell it."""
    hints = _HINTS[kind]
    sources = {source: vendor for source, vendor in reader.touched(question).items() if vendor not in _NONE}
    gaps = tuple(
        Gap(source=source, what=_WHAT[kind], hint=hints.get(vendor, hints[""])) for source, vendor in sources.items()
    )
    return Answer(as_of=tuple(reader.freshness()), gaps=gaps)
