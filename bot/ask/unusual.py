"""Answers of the kind ``anomalies``: what first went out of the usual in a period, one finding a cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from bot import wording
from bot.ask.figures import Figures, Reader
from bot.costs.anomaly import Finding, Thresholds, find, one_per_cause
from bot.costs.answer import Answer, Gap
from bot.costs.cell import Cell
from bot.costs.period import DAY, Period
from bot.costs.question import Filter, Question

_CUTS = (
    ("ServiceProviderName", "SubAccountName", "ServiceName"),
    ("ServiceProviderName", "x_Model"),
    ("ServiceProviderName", "x_ApiKeyName"),
)
_HISTORY = timedelta(days=84)
_MOST = 400
"""Series looked at by the day, the dearest ones: smaller ones cannot pass any threshold worth a message."""
_NEEDED = 35
"""Days before the period without which nothing can be called unusual."""


def answer(question: Question, reader: Reader) -> Answer:
    """Findings of the period, the most money first."""
    first = reader.first_day()
    if question.period is None or first is None:
        return Answer()
    days = _days(question.period, first)
    figures: list[Figures] = []
    found = []
    for cut in [question.by, *_CUTS] if question.by else _CUTS:
        cells, read = _cells(question, reader, cut, days)
        figures.append(read)
        found.append(_found(question, reader, cut, cells, days, read))
    causes = sorted(one_per_cause(found), key=lambda each: -abs(each.total))
    return Answer(
        anomalies=tuple({**each.as_json(), "note": each.sentence(wording.money)} for each in causes[: question.top]),
        as_of=tuple(figures[0].fresh),
        gaps=tuple(_gaps(question.period, first, figures[0])),
    )


def _days(period: Period, first: date) -> list[date]:
    return list(Period(start=min(max(first, period.start - _HISTORY), period.start), end=period.end))


def _cells(question: Question, reader: Reader, cut: Sequence[str], days: Sequence[date]) -> tuple[list[Cell], Figures]:
    """The dearest series of a cut by the day; those without a name for what the cut adds are left to the others."""
    assert question.period is not None  # noqa: S101 - answer() has looked
    around = reader.gather(question, [days[0], max(question.period.start, days[0] + DAY), question.period.end], cut)
    named = [each for each in around.groups if each.key[-1]]
    dearest = sorted(named, key=lambda each: -max(map(abs, each.amounts)))[:_MOST]
    if not dearest:
        return [], around
    keys = {each.key for each in dearest}
    narrowed = tuple(
        Filter(dimension=dimension, values=tuple(sorted({key[n] for key in keys}))) for n, dimension in enumerate(cut)
    )
    asked = question.model_copy(update={"where": (*question.where, *narrowed)})
    daily = reader.gather(asked, [*days, days[-1] + DAY], cut)
    return [Cell(each.key, each.unit, each.amounts) for each in daily.groups if each.key in keys], around


def _found(  # noqa: PLR0913 - what is known about the days
    question: Question,
    reader: Reader,
    cut: Sequence[str],
    cells: Sequence[Cell],
    days: Sequence[date],
    read: Figures,
) -> tuple[Finding, ...]:
    assert question.period is not None  # noqa: S101 - answer() has looked
    through = min([each.data_through for each in read.fresh if each.data_through], default=days[-1])
    limits = Thresholds(amount=question.threshold.amount) if question.threshold else Thresholds()
    return find(
        cut,
        cells,
        days,
        question.period,
        thresholds=limits,
        complete_through=min(through, reader.today - DAY),
        final_through=read.provisional_from - DAY if read.provisional_from else None,
    )


def _gaps(period: Period, first: date, read: Figures) -> list[Gap]:
    """Not enough history is said: silence is no all-clear."""
    gaps = [gap for gap in read.gaps if "before" not in gap.what]
    if (period.start - first).days < _NEEDED:
        what = f"history begins on {first}, too late to tell what is usual throughout this period"
        gaps.append(Gap(source="ledger", what=what, hint="This is not an all-clear."))
    return gaps
