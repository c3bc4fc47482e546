"""Answers of the kind ``savings``: what commitments, discounts and credits took off, source by source.

Vendors tell different things: each source is read with the finest of its feeds, and only for what that feed tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.analytics.savings import CREDIT, Costs, savings, together
from bot.answering.query import Figures, Reader
from bot.answering.registry import Request
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


def answer(request: Request) -> SavingsAnswer:
    """What was saved in the period, part by part over the sources that tell it, one total a currency."""
    question, reader = request.question, request.reader
    if question.period is None:
        return SavingsAnswer()
    read = [
        _read(question, question.period, reader.within(Scope(sources=(source,))), source, vendor)
        for source, vendor in reader.touched(question).items()
    ]
    parts = [each for _, found in read for each in found]
    told = together(parts)
    return SavingsAnswer(
        totals=tuple(Total(currency=each.currency, amount=each.total) for each in told),
        savings=told,
        as_of=tuple(fresh for figures, _ in read for fresh in figures.fresh),
        gaps=(*(gap for figures, _ in read for gap in figures.gaps), *reader.silent(question.where)),
        notes=(
            *(note for each in told for note in _notes(each)),
            *(note for figures, _ in read for note in _known_parts(figures)),
            *_lacking(told),
            *_mixed(parts),
        ),
    )


def _read(
    question: Question, period: Period, reader: Reader, source: str, vendor: str
) -> tuple[Figures, tuple[Savings, ...]]:
    """One source's savings, from the feed that tells the most of what they need."""
    cuts = (_WISHED[:size] for size in range(len(_WISHED), 0, -1))
    dimensions = next((cut for cut in cuts if reader.tells(question, cut)), ())
    edges = [period.start, period.end]
    read = {metric: reader.gather(question, edges, dimensions, metric) for metric in _METRICS}
    figures = read["BilledCost"]
    amounts: dict[tuple[tuple[str, ...], str], dict[str, Decimal]] = {}
    for metric, found in read.items():
        for each in found.groups:
            amounts.setdefault((each.key, each.unit), {})[metric] = each.amounts[0]
    rows = [
        Costs(key, currency, *(each.get(metric, Decimal(0)) for metric in _METRICS))
        for (key, currency), each in amounts.items()
    ]
    lacking = {name for feed in figures.feeds for name in reader.untold(feed, period)}
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


def _notes(told: Savings) -> Iterator[Coverage | Utilization]:
    if told.coverage is not None:
        yield Coverage(told.coverage)
    if told.utilization is not None:
        yield Utilization(told.utilization)


def _lacking(told: Sequence[Savings]) -> Iterator[SavingsUnknown]:
    """Which ways of saving are not known of which sources, those of the same sources together."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for part in dict.fromkeys(part for each in told for part in each.unknown):
        sources = dict.fromkeys(source for each in told for source in each.unknown.get(part, ()))
        alike.setdefault(tuple(sources), []).append(part)
    if alike:
        yield SavingsUnknown(tuple((sources, tuple(parts)) for sources, parts in alike.items()))


def _mixed(parts: Sequence[Savings]) -> Iterator[DiscountsIncludeCommitments]:
    """Which sources' discounts hold what commitments saved, since they do not tell these apart."""
    mixed = {source for each in parts if each.discounts for source in each.unknown.get("commitments", ())}
    if mixed:
        yield DiscountsIncludeCommitments(tuple(mixed))
