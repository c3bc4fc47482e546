"""Answers of the kind ``anomalies``: what first went out of the usual in a period, one finding a cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from bot.analytics.anomaly import Thresholds, find, one_per_cause
from bot.answering.dispatch import AnswerRequest
from bot.answering.kinds.cost import passes
from bot.answering.query import Figures, LedgerReader
from bot.domain.aggregate import Course
from bot.domain.answers.anomalies import AnomaliesAnswer, Anomaly
from bot.domain.answers.gaps import Gap, NoDataBefore, ShortHistory
from bot.domain.period import DAY, Period
from bot.domain.question import Filter, Question

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CUTS = (
    ("ServiceProviderName", "SubAccountName", "ServiceName"),
    ("ServiceProviderName", "x_Model"),
    ("ServiceProviderName", "x_ApiKeyName"),
)
_HISTORY = timedelta(days=119)
_MOST = 400
"""Series looked at by the day, the dearest ones: smaller ones cannot pass any threshold worth a message."""
_NEEDED = 35
"""Days before the period without which nothing can be called unusual."""


def answer(request: AnswerRequest) -> AnomaliesAnswer:
    """Findings of the period, the most money first.

    Credits and refunds are left out unless they are asked for: what a vendor gives back is no change of use.
    """
    question, reader = request.question, request.reader
    first = reader.first_day()
    if question.period is None or first is None:
        return AnomaliesAnswer()
    asked = question.model_copy(update={"charges": "gross"}) if question.charges == "net" else question
    days = _days(question.period, first)
    cuts = [question.by, *_CUTS] if question.by else _CUTS
    looked = [_looked(asked, question.period, reader, cut, days) for cut in cuts]
    causes = [
        cause for cause in one_per_cause(found for found, _ in looked) if passes(asked.threshold, abs(cause.change))
    ]
    causes.sort(key=lambda cause: -abs(cause.at_stake))
    read = looked[0][1]
    return AnomaliesAnswer(
        anomalies=tuple(causes[: question.top]),
        as_of=tuple(read.fresh),
        gaps=tuple(_gaps(question.period, first, read)),
    )


def _days(period: Period, first: date) -> list[date]:
    return list(Period(start=min(max(first, period.start - _HISTORY), period.start), end=period.end))


def _looked(
    question: Question, period: Period, reader: LedgerReader, cut: Sequence[str], days: Sequence[date]
) -> tuple[tuple[Anomaly, ...], Figures]:
    """What is unusual in the dearest series of a cut, and what that rests on."""
    courses, figures = _dearest(question, period, reader, cut, days)
    found = find(
        cut,
        courses,
        days,
        period,
        thresholds=_thresholds(question),
        complete_through=reader.data_through_of(figures),
        final_through=figures.provisional_from - DAY if figures.provisional_from else None,
    )
    return found, figures


def _thresholds(question: Question) -> Thresholds:
    asked = question.threshold
    if asked is None:
        return Thresholds()
    usual = Thresholds(amount=asked.amount) if asked.op in (">", ">=") else Thresholds()
    return usual if asked.share is None else usual.model_copy(update={"share": asked.share})


def _dearest(
    question: Question, period: Period, reader: LedgerReader, cut: Sequence[str], days: Sequence[date]
) -> tuple[list[Course], Figures]:
    """The dearest series by the day; those without a name for what the cut adds are left to the other cuts."""
    named = Filter(dimension=cut[-1], values=("",), exclude=True)
    asked = question.model_copy(update={"where": (*question.where, named)})
    begin, end = days[0], days[-1] + DAY
    candidates, figures = reader.courses(asked, [begin, max(period.start, begin + DAY), end], cut)
    sizes = [abs(series.amounts).max(axis=1) for series in candidates]
    every = np.concatenate(sizes) if sizes else np.zeros(0)
    least = np.partition(every, -_MOST)[-_MOST] if len(every) > _MOST else 0.0
    keys = {
        key[:-1]
        for series, size in zip(candidates, sizes, strict=True)
        for key in series.split.keys(np.flatnonzero((size >= least) & (size > 0)))
    }
    daily, _ = reader.courses(asked, [*days, end], cut, only=keys)
    found: dict[tuple[str, ...], NDArray[np.float64]] = {}
    for series in daily:
        for key, amounts in zip(series.split.keys(), series.amounts, strict=True):
            found[key] = found[key] + amounts if key in found else amounts
    return [Course(key[:-1], key[-1], amounts.tolist()) for key, amounts in found.items()], figures


def _gaps(period: Period, first: date, read: Figures) -> list[Gap]:
    """Not enough history is said: silence is no all-clear."""
    gaps = [gap for gap in read.gaps if not isinstance(gap.cause, NoDataBefore)]
    if (period.start - first).days < _NEEDED:
        gaps.append(Gap("ledger", ShortHistory(first)))
    return gaps
