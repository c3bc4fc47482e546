"""What vendors report, narrowed to a question and to what its reader may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from bot.answering.query import LedgerReader
from bot.domain.answers.commitments import CommitmentLine, Reach
from bot.domain.answers.gaps import Gap, NotReportedBy, ReportedByMonth
from bot.domain.commitments import CommitmentMeasure, CommitmentRow, CommitmentStatement, StoredStatement
from bot.domain.money import total
from bot.domain.period import Period
from bot.domain.question import Filter, Question
from bot.ledger import Ledger

PROVIDER = "ServiceProviderName"
_ACCOUNT, _ACCOUNT_NAME = "SubAccountId", "SubAccountName"
_SPLITS = frozenset({_ACCOUNT, "ServiceName", "RegionId"})
"""Dimensions by which statements may be split."""
_Head = tuple[str, str, CommitmentMeasure]


def narrowing(question: Question, reader: LedgerReader) -> tuple[Filter, ...]:
    """The filters that a report must pass: the question's and the scope's, but for the provider."""
    return tuple(part for part in (*question.where, *reader.scope.where) if part.dimension != PROVIDER)


def passes(values: Mapping[str, str], filters: Sequence[Filter]) -> bool:
    """Whether values pass every filter; a dimension that is not among them names none."""
    return all((values.get(part.dimension, "") in part.values) != part.exclude for part in filters)


def account_names(ledger: Ledger, source: str) -> Mapping[str, str]:
    """What a source's sub-accounts are called, by id."""
    names: dict[str, str] = {}
    for feed in ledger.feeds():
        days = ledger.covered(feed)
        if feed.source != source or days is None or feed.missing([_ACCOUNT_NAME]):
            continue
        groups = ledger.totals(feed, "BilledCost", [days.start, days.end], by=[_ACCOUNT, _ACCOUNT_NAME])
        names |= {group.key[0]: group.key[1] for group in groups if group.key[0]}
    return names


@dataclass(frozen=True)
class ReportedLines:
    """The lines of one source, and what of the question its vendor does not report."""

    lines: tuple[CommitmentLine, ...]
    gaps: tuple[Gap, ...]
    reported: date | None


def commitment_lines(question: Question, reader: LedgerReader, ledger: Ledger, source: str) -> ReportedLines | None:
    """Coverage and utilization as a source's vendor reports them; None where it was never asked."""
    stored = ledger.vendor_reports.statements(source)
    if not stored or question.period is None:
        return None
    report = _Report(question, narrowing(question, reader), stored, account_names(ledger, source))
    lines = tuple(report.lines(question.period))
    return ReportedLines(lines, tuple(report.gaps), max(entry.reported for entry in stored))


class _Report:
    """The statements of one source, held against a question."""

    def __init__(
        self,
        question: Question,
        filters: tuple[Filter, ...],
        stored: Sequence[StoredStatement],
        names: Mapping[str, str],
    ) -> None:
        self._by, self._filters, self._names = question.by, filters, names
        self._stored = stored
        self.gaps: list[Gap] = []

    def lines(self, period: Period) -> Iterator[CommitmentLine]:
        """A line for each program and value of the breakdown, coverage and utilization beside each other."""
        heads: dict[_Head, list[StoredStatement]] = defaultdict(list)
        for stored in self._stored:
            statement = stored.statement
            heads[statement.program, statement.service, statement.measure].append(stored)
        merged: dict[tuple[str, str, tuple[str, ...]], CommitmentLine] = {}
        for (program, service, measure), found in heads.items():
            for line in self._of(program, service, measure, found, period):
                place = (program, service, tuple(line.key.values()))
                before = merged.get(place)
                merged[place] = _beside(before, line) if before else line
        yield from merged.values()

    def _of(
        self, program: str, service: str, measure: CommitmentMeasure, found: Sequence[StoredStatement], period: Period
    ) -> Iterator[CommitmentLine]:
        asked = {
            _ACCOUNT if name == _ACCOUNT_NAME else name for name in (*self._by, *(f.dimension for f in self._filters))
        }
        asked -= {PROVIDER} | ({"ServiceName"} if service else set())
        if service and not passes({"ServiceName": service}, [f for f in self._filters if f.dimension == "ServiceName"]):
            return
        splits = {stored.statement.dimension for stored in found}
        wanted = next(iter(asked), "") if len(asked) <= 1 else None
        source = found[0].source
        if wanted is None or wanted not in splits:
            if any(row.whole for stored in found for row in stored.statement.rows):
                self._gap(
                    Gap(
                        source,
                        NotReportedBy(
                            measure,
                            program,
                            tuple(sorted(_ACCOUNT_NAME if name == _ACCOUNT else name for name in asked)),
                        ),
                    )
                )
            return
        chosen = [stored for stored in found if stored.statement.dimension == wanted]
        within = [
            s for s in chosen if s.statement.period.start >= period.start and s.statement.period.end <= period.end
        ]
        self._check_days(source, period, [stored.statement.period for stored in within])
        if not within:
            return
        days = Period(
            start=min(s.statement.period.start for s in within), end=max(s.statement.period.end for s in within)
        )
        rows: dict[tuple[str, ...], list[CommitmentRow]] = defaultdict(list)
        for stored in within:
            for row in stored.statement.rows:
                values = self._values(stored.statement, row, service)
                if passes(values, self._filters):
                    rows[tuple(values.get(name, "") for name in self._by)].append(row)
        statement, reported = within[-1].statement, max(stored.reported for stored in within)
        for key, alike in rows.items():
            line = CommitmentLine(
                source, program, service, dict(zip(self._by, key, strict=True)), statement.currency, reported=reported
            )
            found_reach = _together(alike, statement.unit, days)
            is_coverage = measure == "coverage"
            yield replace(line, coverage=found_reach) if is_coverage else replace(line, utilization=found_reach)

    def _values(self, statement: CommitmentStatement, row: CommitmentRow, service: str) -> dict[str, str]:
        values = {PROVIDER: "", **({"ServiceName": service} if service else {})}
        if statement.dimension:
            values[statement.dimension] = row.value
        if statement.dimension == _ACCOUNT:
            values[_ACCOUNT_NAME] = self._names.get(row.value, row.value)
        return values

    def _check_days(self, source: str, period: Period, months: Sequence[Period]) -> None:
        """Notes days of the period that no statement is of; the newest are always still to come."""
        shown = Period(start=min(m.start for m in months), end=max(m.end for m in months)) if months else None
        newest = max((stored.statement.period.end for stored in self._stored), default=period.end)
        if shown is None or shown.start > period.start or shown.end < min(period.end, newest):
            self._gap(Gap(source, ReportedByMonth(shown)))

    def _gap(self, gap: Gap) -> None:
        if gap not in self.gaps:
            self.gaps.append(gap)


def _together(rows: Sequence[CommitmentRow], unit: str, days: Period) -> Reach:
    open_costs = [row.open_cost for row in rows if row.open_cost is not None]
    return Reach(
        part=total([row.part for row in rows]),
        whole=total([row.whole for row in rows]),
        unit=unit,
        open_cost=total(open_costs) if len(open_costs) == len(rows) else None,
        days=days,
    )


def _beside(one: CommitmentLine, other: CommitmentLine) -> CommitmentLine:
    """Coverage and utilization of the same, in one line."""
    return replace(one, coverage=one.coverage or other.coverage, utilization=one.utilization or other.utilization)
