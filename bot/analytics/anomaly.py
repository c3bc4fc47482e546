"""What is out of the usual: spikes, dips, level shifts, drops to zero and new spend, in money.

The statistics stand in ``anomaly_stats``; this is their entry, and where findings of one cause become one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, Field

from bot.domain.aggregate import Cell, Course, cents
from bot.domain.answers.anomalies import Anomaly, AnomalyKind
from bot.domain.money import Exact
from bot.domain.period import DAY, Period

if TYPE_CHECKING:
    from bot.analytics.anomaly_stats import AnomalySpan

_REACH = 130
"""Days longer before the period than this tell nothing more."""
_LASTING = 3
_GONE = Decimal("0.05")
_ALIKE = (Decimal("0.5"), Decimal("1.5"))
"""Two cuts of the bill tell of the same money when one finding is this part of the other."""
_EVERYWHERE = "ServiceProviderName"
"""Sharing no more than this does not make two findings one."""


class Thresholds(BaseModel):
    """What a deviation must come to before it is told: so much a day, and such a part of the usual."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    amount: Exact = Field(default=Decimal(10), ge=0)
    share: Exact = Field(default=Decimal("0.2"), ge=0)


def find(  # noqa: PLR0913 - what is known about the days
    dimensions: Sequence[str],
    cells: Sequence[Cell | Course],
    days: Sequence[date],
    period: Period,
    *,
    thresholds: Thresholds | None = None,
    complete_through: date | None = None,
    final_through: date | None = None,
) -> tuple[Anomaly, ...]:
    """What could first be told to be unusual on a day of the period, the most money at stake first.

    ``cells`` have an amount for each of ``days``, which are consecutive and should reach ten weeks (at the
    least five) before the period. After ``complete_through`` days may be partial: they can be too much,
    never too little. Findings that begin after ``final_through`` are provisional.
    """
    first = max(0, (period.start - days[0]).days - _REACH) if days else 0
    known = [day for day in days[first:] if day < period.end]
    if not cells or len(known) <= 1 or known[-1] < period.start:
        return ()
    import numpy as np  # statistics only

    from bot.analytics.anomaly_stats import Limits, scan  # imports numpy

    limits = thresholds or Thresholds()
    spans = scan(
        np.array([cell.amounts[first : first + len(known)] for cell in cells], dtype=np.float64),
        known,
        complete=sum(1 for day in known if complete_through is None or day <= complete_through),
        since=max(0, (period.start - known[0]).days),
        limits=Limits(float(limits.amount), float(limits.share)),
    )
    findings = (_finding(dimensions, cells[span.row], span, known, final_through) for span in spans)
    return tuple(sorted(findings, key=_by_money))


def _by_money(finding: Anomaly) -> tuple[Decimal, str]:
    return -abs(finding.at_stake), str(finding.key)


def _finding(
    dimensions: Sequence[str], cell: Cell | Course, span: AnomalySpan, days: Sequence[date], final_through: date | None
) -> Anomaly:
    start = days[span.start]
    amount, expected = cents(span.actual), cents(span.expected)
    return Anomaly(
        key=dict(zip(dimensions, cell.key, strict=True)),
        currency=cell.unit,
        kind=_kind(amount, expected, span.end - span.start, is_new=span.is_new),
        period=Period(start=start, end=days[span.end - 1] + DAY),
        seen=days[span.seen],
        ongoing=span.ongoing,
        provisional=final_through is not None and start > final_through,
        amount=amount,
        expected=expected,
    )


def _kind(amount: Decimal, expected: Decimal, length: int, *, is_new: bool) -> AnomalyKind:
    if is_new:
        return "new"
    if abs(amount) <= _GONE * abs(expected):
        return "drop"
    if length >= _LASTING:
        return "shift"
    return "spike" if abs(amount) > abs(expected) else "dip"


def one_per_cause(cuts: Iterable[Sequence[Anomaly]]) -> tuple[Anomaly, ...]:
    """The findings of several cuts of the same bill (account and service, model, key …), each cause once.

    Within a cut, findings that begin on one day, go one way and share a value become one that keeps what they
    share. Across cuts, a finding that begins within a day of another, contradicts none of its values and comes
    to about as much, alone or with others of its cut, is the same money: the earlier cut's stays and names the
    other in ``also``.
    """
    causes: list[Anomaly] = []
    for cut in cuts:
        fresh: list[Anomaly] = []
        for finding in sorted(_joined(cut), key=_by_money):
            same = next((at for at, other in enumerate(causes) if _same_money(finding, other)), None)
            if same is None:
                fresh.append(finding)
            else:
                causes[same] = replace(causes[same], also=(*causes[same].also, finding.key, *finding.also))
        causes = [_with_parts(cause, fresh) for cause in causes]
        absorbed = {id(key) for cause in causes for key in cause.also}
        causes += [finding for finding in fresh if id(finding.key) not in absorbed]
    return tuple(sorted(causes, key=_by_money))


def _same_money(finding: Anomaly, other: Anomaly) -> bool:
    return _goes_with(finding, other) and _alike(finding.change, other.change)


def _with_parts(cause: Anomaly, fresh: Sequence[Anomaly]) -> Anomaly:
    """The cause with those findings of a later cut that together are its money: keys of a project, say."""
    parts = [finding for finding in fresh if _goes_with(finding, cause) and (finding.change > 0) == (cause.change > 0)]
    if len(parts) > 1 and _alike(sum((finding.change for finding in parts), Decimal(0)), cause.change):
        return replace(cause, also=(*cause.also, *(key for finding in parts for key in (finding.key, *finding.also))))
    return cause


def _goes_with(finding: Anomaly, other: Anomaly) -> bool:
    """Whether one begins within a day of the other and contradicts none of its values."""
    near = abs((finding.period.start - other.period.start).days) <= 1
    agree = all(other.key.get(name, value) == value for name, value in finding.key.items())
    return finding.currency == other.currency and near and agree


def _alike(change: Decimal, other: Decimal) -> bool:
    return bool(other) and _ALIKE[0] <= change / other <= _ALIKE[1]


def _joined(cut: Sequence[Anomaly]) -> list[Anomaly]:
    """Findings of one day and direction that share a value, joined; the value most findings share goes first."""
    left, joined = sorted(cut, key=_by_money), []
    while left:
        first = left[0]
        groups = [
            [finding for finding in left if _together(first, finding) and finding.key.get(name) == value]
            for name, value in first.key.items()
            if value and name != _EVERYWHERE
        ]
        group = max(groups, key=len, default=[first])
        joined.append(_join(group) if len(group) > 1 else first)
        left = [finding for finding in left if all(finding is not other for other in (group or [first]))]
    return joined


def _together(one: Anomaly, other: Anomaly) -> bool:
    return (
        one.currency == other.currency
        and one.period.start == other.period.start
        and (one.change > 0) == (other.change > 0)
    )


def _join(group: Sequence[Anomaly]) -> Anomaly:
    """One finding for several of one cause: the days of the largest, what they share, their sums."""
    first = group[0]
    shared = {
        name: value for name, value in first.key.items() if all(finding.key.get(name) == value for finding in group)
    }
    return replace(
        first,
        key=shared,
        amount=sum((finding.amount for finding in group), Decimal(0)),
        expected=sum((finding.expected for finding in group), Decimal(0)),
        seen=min(finding.seen for finding in group),
        ongoing=any(finding.ongoing for finding in group),
        also=tuple(finding.key for finding in group),
    )
