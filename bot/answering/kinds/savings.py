"""Answers of the kind ``savings``: what commitments, discounts and credits took off, source by source.

Vendors tell different things: each source is read with the finest of its feeds, and only for what that feed tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.analytics.savings import CREDIT, Costs, savings, together
from bot.answering.dispatch import AnswerRequest
from bot.answering.query import Figures, LedgerReader
from bot.domain.answers.figures import Total
from bot.domain.answers.notes import Coverage, DiscountsIncludeCommitments, KnownPart, SavingsUnknown, Utilization
from bot.domain.answers.savings import Savings, SavingsAnswer
from bot.domain.charge import TELLING
from bot.domain.feed import BEFORE_CREDITS
from bot.domain.period import Period
from bot.domain.question import Question
from bot.domain.scope import Scope

_METRICS = ("ListCost", "ContractedCost", "EffectiveCost", "BilledCost")
_WISHED = ("ChargeCategory", "CommitmentDiscountStatus", "PricingCategory", "ServiceName")


def answer(request: AnswerRequest) -> SavingsAnswer:
    """What was saved in the period, part by part over the sources that tell it, one total a currency."""
    question, reader = request.question, request.reader
    if question.period is None:
        return SavingsAnswer()
    read = [
        _read(question, question.period, reader.within(Scope(sources=(source,))), source, vendor)
        for source, vendor in reader.touched(question).items()
    ]
    parts = [part for _, found in read for part in found]
    totals = together(parts)
    return SavingsAnswer(
        totals=tuple(Total(currency=saved.currency, amount=saved.total) for saved in totals),
        savings=totals,
        as_of=tuple(fresh for figures, _ in read for fresh in figures.fresh),
        gaps=(*(gap for figures, _ in read for gap in figures.gaps), *reader.silent(question.where)),
        notes=(
            *(note for saved in totals for note in _notes(saved)),
            *(note for figures, _ in read for note in _known_parts(figures)),
            *_lacking(totals),
            *_mixed(parts),
        ),
    )


def _read(
    question: Question, period: Period, reader: LedgerReader, source: str, vendor: str
) -> tuple[Figures, tuple[Savings, ...]]:
    """One source's savings, from the feed that tells the most of what they need."""
    cuts = (_WISHED[:size] for size in range(len(_WISHED), 0, -1))
    dimensions = next((cut for cut in cuts if reader.tells(question, cut)), ())
    edges = [period.start, period.end]
    read = {metric: reader.gather(question, edges, dimensions, metric) for metric in _METRICS}
    figures = read["BilledCost"]
    amounts: dict[tuple[tuple[str, ...], str], dict[str, Decimal]] = {}
    for metric, found in read.items():
        for group in found.groups:
            amounts.setdefault((group.key, group.unit), {})[metric] = group.amounts[0]
    rows = [
        Costs(key, currency, *(costs.get(metric, Decimal(0)) for metric in _METRICS))
        for (key, currency), costs in amounts.items()
    ]
    lacking = {name for feed in figures.feeds for name in reader.unknown_columns(feed, period)}
    parts = {
        name: part
        for feed in figures.feeds
        for name in sorted(lacking - {"CommitmentDiscountStatus"})
        if (part := reader.known_part(question, feed, edges, name)) is not None
    }
    figures.known_parts = {f"{source} {name}": part for name, part in parts.items()}
    known = set(TELLING) - (lacking - set(parts))  # of the rest what was billed stands in: nothing is saved there
    if vendor not in BEFORE_CREDITS or any("Credit" in row.key for row in rows):
        known.add(CREDIT)
    return figures, savings(source, dimensions, rows, known)


def _known_parts(figures: Figures) -> Iterator[KnownPart]:
    """For what part of its usage a source gives a metric all the same."""
    for key, part in figures.known_parts.items():
        source, _, metric = key.rpartition(" ")
        yield KnownPart(source, metric, part, savings=True)


def _notes(savings_: Savings) -> Iterator[Coverage | Utilization]:
    if savings_.coverage is not None:
        yield Coverage(savings_.coverage)
    if savings_.utilization is not None:
        yield Utilization(savings_.utilization)


def _lacking(totals: Sequence[Savings]) -> Iterator[SavingsUnknown]:
    """Which ways of saving are not known of which sources, those of the same sources together."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for part in dict.fromkeys(part for saved in totals for part in saved.unknown):
        sources = dict.fromkeys(source for saved in totals for source in saved.unknown.get(part, ()))
        alike.setdefault(tuple(sources), []).append(part)
    if alike:
        yield SavingsUnknown(tuple((sources, tuple(parts)) for sources, parts in alike.items()))


def _mixed(parts: Sequence[Savings]) -> Iterator[DiscountsIncludeCommitments]:
    """Which sources' discounts hold what commitments saved, since they do not tell these apart."""
    mixed = {source for part in parts if part.discounts for source in part.unknown.get("commitments", ())}
    if mixed:
        yield DiscountsIncludeCommitments(tuple(mixed))
