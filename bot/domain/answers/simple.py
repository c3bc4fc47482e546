"""Answers of few fields: costs, values, freshness, help, and what cannot be answered."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from msgspec import Struct

from bot.domain.answers.basis import AnswerBasis
from bot.domain.answers.figures import Line, Point, Total
from bot.domain.parts import AveragedOver, Fact, Share
from bot.domain.period import Period


class LastMatched(Struct, frozen=True):
    """The last day (or the month, where days are no longer kept) with charges that match; None if there are none."""

    period: Period | None


class CostAnswer(AnswerBasis, frozen=True, kw_only=True):
    """Totals, a breakdown and a series; ``lines`` may be made as they are looked at."""

    kind: ClassVar[str] = "cost"

    totals: tuple[Total, ...] = ()
    lines: Sequence[Line] = ()
    series: tuple[Point, ...] = ()
    share: Share | None = None
    """With ``share_of``: the part of the whole."""
    averaged: AveragedOver | None = None
    """With ``average``: what the first total was made of."""
    facts: tuple[Fact, ...] = ()
    """What a ranking, an average or a unit cost rests on."""
    last_matched: LastMatched | None = None
    """Where no charge of these days matches the filters: when one last did."""


class Value(Struct, frozen=True):
    """A value of a dimension, with what it cost where that is known."""

    value: str
    amount: Decimal | None = None
    currency: str | None = None


class ValuesAnswer(AnswerBasis, frozen=True, kw_only=True):
    """The values of a dimension, the dearest first."""

    kind: ClassVar[str] = "values"

    values: tuple[Value, ...] = ()


class FreshnessAnswer(AnswerBasis, frozen=True, kw_only=True):
    """How current every source is: ``as_of``."""

    kind: ClassVar[str] = "freshness"


class HelpAnswer(AnswerBasis, frozen=True, kw_only=True):
    """What can be asked."""

    kind: ClassVar[str] = "help"


class UnsupportedAnswer(AnswerBasis, frozen=True, kw_only=True):
    """The question is understood, and is not one that is answered here."""

    kind: ClassVar[str] = "unsupported"
