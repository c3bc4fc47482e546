"""Answers of the kind ``savings``: what commitments, discounts and credits took off, source by source.

Vendors tell different things: each source is read with the finest of its feeds, and only for what that feed tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot import render
from bot.analytics.savings import CREDIT, Costs, Savings, savings, together
from bot.answering.query import Figures, Reader
from bot.domain.answer import Answer, Total
from bot.domain.charge import TELLING
from bot.domain.feed import BEFORE_CREDITS
from bot.domain.period import Period
from bot.domain.question import Question
from bot.domain.scope import Scope

_PARTS = {"negotiated": "negotiated rates"}
_METRICS = ("ListCost", "ContractedCost", "EffectiveCost", "BilledCost")
_WISHED = ("ChargeCategory", "CommitmentDiscountStatus", "PricingCategory", "ServiceName")


def answer(question: Question, reader: Reader) -> Answer:
    """What was saved in the period, part by part over the sources that tell it, one total a currency."""
    if question.period is None:
        return Answer()
    read = [
        _read(question, question.period, reader.within(Scope(sources=(source,))), source, vendor)
        for source, vendor in reader.touched(question).items()
    ]
    parts = [each for _, found in read for each in found]
    told = together(parts)
    return Answer(
        totals=tuple(Total(currency=each.currency, amount=each.total) for each in told),
        values=tuple(each.as_json() for each in told),
        as_of=tuple(fresh for figures, _ in read for fresh in figures.fresh),
        gaps=(*(gap for figures, _ in read for gap in figures.gaps), *reader.silent(question.where)),
        notes=(
            *(note for each in told for note in _notes(each)),
            *(f"{note}; savings are counted on that part." for figures, _ in read for note in _known_parts(figures)),
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


def _known_parts(figures: Figures) -> Iterator[str]:
    """``aws: cost at list price is known for 82% of the usage``."""
    for key, part in figures.known_parts.items():
        source, _, name = key.rpartition(" ")
        known = f"{render.METRICS[name]} is known for {render.share(part, Decimal(1))} of the usage"
        yield f"{render.source(source)}: {known}"


def _notes(told: Savings) -> list[str]:
    notes = []
    if told.coverage is not None:
        notes.append(f"{100 * told.coverage:.0f}% of what commitments could cover is covered.")
    if told.utilisation is not None:
        notes.append(f"{100 * told.utilisation:.0f}% of the commitments were used.")
    return notes


def _lacking(told: Sequence[Savings]) -> Iterator[str]:
    """``Not known: negotiated rates for OpenAI and Anthropic; credits for Anthropic.``."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for part in dict.fromkeys(part for each in told for part in each.unknown):
        sources = dict.fromkeys(source for each in told for source in each.unknown.get(part, ()))
        alike.setdefault(tuple(map(render.source, sources)), []).append(_PARTS.get(part, part))
    if alike:
        parts = [f"{render.listed(parts, most=9)} for {render.listed(names)}" for names, parts in alike.items()]
        yield f"Not known: {'; '.join(parts)}."


def _mixed(parts: Sequence[Savings]) -> Iterator[str]:
    """Which sources' discounts hold what commitments saved, since they do not tell these apart."""
    mixed = {source for each in parts if each.discounts for source in each.unknown.get("commitments", ())}
    if mixed:
        names = render.listed(sorted(map(render.source, mixed)))
        yield f"Discounts of {names} include what commitments saved: these are not told apart there."
