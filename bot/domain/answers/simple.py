"""Answers of few fields: costs, values, freshness, help, and what cannot be answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.answers.basis import AnswerBasis
from bot.domain.answers.figures import Line, Point, Total
from bot.domain.parts import AveragedOver, Fact, Share


@dataclass(frozen=True, kw_only=True)
class CostAnswer(AnswerBasis):
    """Totals, a breakdown and a series; ``lines`` may be made as they are looked at."""

    totals: tuple[Total, ...] = ()
    lines: Sequence[Line] = ()
    series: tuple[Point, ...] = ()
    share: Share | None = None
    """With ``share_of``: the part of the whole."""
    averaged: AveragedOver | None = None
    """With ``average``: what the first total was made of."""
    facts: tuple[Fact, ...] = ()
    """What a ranking, an average or a unit cost rests on."""


@dataclass(frozen=True)
class Value:
    """A value of a dimension, with what it cost where that is known."""

    value: str
    amount: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, kw_only=True)
class ValuesAnswer(AnswerBasis):
    """The values of a dimension, the dearest first."""

    values: tuple[Value, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FreshnessAnswer(AnswerBasis):
    """How current every source is: ``as_of``."""


@dataclass(frozen=True, kw_only=True)
class HelpAnswer(AnswerBasis):
    """What can be asked."""


@dataclass(frozen=True, kw_only=True)
class UnsupportedAnswer(AnswerBasis):
    """The question is understood, and is not one that is answered here."""


@dataclass(frozen=True, kw_only=True)
class CommitmentsAnswer(AnswerBasis):
    """How commitments are used, as far as anything here knows: what is not known are gaps."""


@dataclass(frozen=True, kw_only=True)
class RecommendationsAnswer(AnswerBasis):
    """What vendors recommend, as far as anything here knows: what is not known are gaps."""
