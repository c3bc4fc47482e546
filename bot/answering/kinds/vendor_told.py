"""Answers that only vendors can give, and that no bill here has: what is missing, and what would bring it."""

from __future__ import annotations

from typing import Literal

from bot.answering.registry import Request
from bot.domain.answers.gaps import Gap, OnlyVendorKnows
from bot.domain.answers.simple import CommitmentsAnswer, RecommendationsAnswer

_NONE = frozenset({"OpenAI", "Anthropic"})
"""Vendors that sell no commitments by their own price list, and recommend nothing."""


def answer(request: Request) -> CommitmentsAnswer | RecommendationsAnswer:
    """Nothing but what is missing, source by source."""
    question, reader = request.question, request.reader
    kind = CommitmentsAnswer if question.kind == "commitments" else RecommendationsAnswer
    what: Literal["commitments", "recommendations"] = (
        "commitments" if question.kind == "commitments" else "recommendations"
    )
    sources = {source: vendor for source, vendor in reader.touched(question).items() if vendor not in _NONE}
    gaps = tuple(Gap(source, OnlyVendorKnows(what, vendor)) for source, vendor in sources.items())
    return kind(as_of=tuple(reader.freshness()), gaps=gaps)
