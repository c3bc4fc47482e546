"""Answers of the kind ``commitments``: computed from charges that say what commitments cover, else as reported."""

from __future__ import annotations

from decimal import Decimal

from bot.analytics.commitments import DIMENSIONS, CostRow, reach
from bot.answering.dispatch import AnswerRequest
from bot.answering.query import Figures, LedgerReader
from bot.answering.vendor_reports import commitment_lines
from bot.domain.answers.commitments import CommitmentLine, CommitmentsAnswer, Reach
from bot.domain.answers.gaps import Gap, OnlyVendorKnows
from bot.domain.answers.notes import Note, ReachFromCharges, ReportedByVendor
from bot.domain.commitments import COMMITMENTS
from bot.domain.feed import Freshness
from bot.domain.money import total
from bot.domain.period import DAY, Period
from bot.domain.question import Question
from bot.domain.scope import Scope
from bot.ledger.kv_store import notes_of

_NONE = frozenset({"OpenAI", "Anthropic"})
"""Vendors that sell no commitments by their own price list."""
_NEEDED = ("ContractedCost", "EffectiveCost", "CommitmentDiscountStatus")


def answer(request: AnswerRequest) -> CommitmentsAnswer:
    """Coverage and utilization by program over the sources asked about, the most money left open first."""
    question, reader = request.question, request.reader
    lines: list[CommitmentLine] = []
    fresh: list[Freshness] = []
    gaps: list[Gap] = []
    notes: list[Note] = []
    computed, without = [], []
    for source, vendor in reader.touched(question).items():
        if vendor in _NONE:
            continue
        narrowed = reader.within(Scope(sources=(source,)))
        figures = _from_charges(question, narrowed, source)
        if figures is not None:
            found, rest = figures
            fresh, gaps = [*fresh, *rest.fresh], [*gaps, *rest.gaps]
            computed += [source] if found else []
        else:
            reported = commitment_lines(question, narrowed, request.ledger, source)
            fresh += narrowed.freshness()
            if reported is None:
                why = next((note for note in notes_of(request.ledger.memory, source) if note.feed == COMMITMENTS), None)
                cause = OnlyVendorKnows("commitments", vendor, why.message if why else "", why.hint if why else "")
                gaps.append(Gap(source, cause))
                continue
            found = list(reported.lines)
            gaps += reported.gaps
            notes += [ReportedByVendor(vendor, reported.reported)] if reported.reported else []
        used = [line for line in found if _any(line.coverage) or _any(line.utilization)]
        without += [] if used or gaps else [source]
        lines += used
    notes += [ReachFromCharges(tuple(computed))] if computed else []
    return CommitmentsAnswer(
        lines=tuple(sorted(lines, key=lambda line: (-_open(line), line.source, line.program, line.service))),
        without=tuple(without),
        as_of=tuple(fresh),
        gaps=(*gaps, *reader.silent(question.where)),
        notes=tuple(notes),
    )


def _any(reach_: Reach | None) -> bool:
    return reach_ is not None and bool(reach_.whole)


def _open(line: CommitmentLine) -> Decimal:
    return total([part.open_cost or Decimal(0) for part in (line.coverage, line.utilization) if part])


def _from_charges(question: Question, reader: LedgerReader, source: str) -> tuple[list[CommitmentLine], Figures] | None:
    """The lines of a source whose charges say what commitments cover; None where they do not."""
    period = question.period
    dimensions = list(dict.fromkeys([*question.by, *DIMENSIONS]))
    if period is None or not reader.tells(question, dimensions):
        return None
    edges = [period.start, period.end]
    read = {
        metric: reader.gather(question, edges, dimensions, metric) for metric in ("ContractedCost", "EffectiveCost")
    }
    figures = read["EffectiveCost"]
    lacking = {name for feed in figures.feeds for name in reader.unknown_columns(feed, period)}
    if not figures.feeds or lacking & set(_NEEDED):
        return None
    contracted = {(group.key, group.unit): group.amounts[0] for group in read["ContractedCost"].groups}
    rows = [
        CostRow(
            dict(zip(dimensions, group.key, strict=True)),
            group.unit,
            contracted.get((group.key, group.unit), group.amounts[0]),
            group.amounts[0],
        )
        for group in figures.groups
    ]
    lines = [
        CommitmentLine(
            source,
            part.program,
            "",
            dict(zip(question.by, part.key, strict=True)),
            part.currency,
            part.coverage,
            part.utilization,
        )
        for part in reach(question.by, rows, _days(period, figures))
    ]
    return lines, figures


def _days(period: Period, figures: Figures) -> Period:
    """The days of the period that the source has told of."""
    through = [fresh.data_through + DAY for fresh in figures.fresh if fresh.data_through]
    return Period(start=period.start, end=max(min([*through, period.end]), period.start + DAY))
