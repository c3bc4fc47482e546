"""Answers of the kind ``cost``: totals, breakdowns, series and comparisons."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from msgspec.structs import replace

from bot.answering.conversion import Exchange, GroupSizes, Worth, currencies
from bot.answering.dispatch import AnswerRequest, has_parts
from bot.answering.query import Figures, LedgerReader
from bot.domain.answers import CostAnswer, Gap, InCurrency, Line, Lines, Point, Total
from bot.domain.answers.figures import Credited
from bot.domain.answers.gaps import NO_DATA, NoHours, NoQuantities
from bot.domain.answers.notes import AskedLive, BilledStandsIn, EstimatedSplit, KnownPart, LimitPerCurrency, Note
from bot.domain.conversion import added
from bot.domain.money import total
from bot.domain.period import Period
from bot.domain.question import Question, Threshold
from bot.ledger.result import Group, Groups, beside

_NOTHING = Decimal(0)
_PASSES = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


def answer(request: AnswerRequest) -> CostAnswer:
    """The figures of a cost question; where there is a currency, what they come to in it beside them."""
    question, reader = request.question, request.reader
    found = None if has_parts(question) else _plain(request)
    if found is None:
        from bot.answering.parts import compose, unit_costs  # they build on this module

        settings, exchange = request.settings, request.exchange
        units = unit_costs.visible(settings.units(), reader) if question.per else ()
        found = compose.answer(question, reader, week_start=settings.week_start, exchange=exchange, units=units)
    if joined := reader.joined(question):
        found = replace(found, facts=(*found.facts, *joined))
    if not question.cumulative or request.exchange is not None:
        return found
    from bot.answering.parts.budget_line import with_budget  # as above

    return with_budget(question, found, request.settings.budgets(), reader)


def _plain(request: AnswerRequest) -> CostAnswer | None:
    """The answer to a question without parts; None where its lines are in several currencies, to be made comparable."""
    question, exchange = request.question, request.exchange
    found = figures(question, request.reader, week_start=request.settings.week_start, exchange=exchange)
    if question.by and len(currencies(found)) > 1 and not comparable(exchange):
        return None
    return with_credits(question, found, request.reader, exchange)


def comparable(exchange: Exchange | None) -> bool:
    """Whether all that is billed has a rate into one currency."""
    return exchange is not None and not exchange.rates.lacking


def figures(
    question: Question, reader: LedgerReader, *, week_start: int = 0, exchange: Exchange | None = None
) -> CostAnswer:
    """The figures of a cost question; where there is an exchange, what they come to in its currency beside them."""
    period, against = question.period, question.against
    if period is None:
        return CostAnswer()
    gather = _gatherer(question, reader, exchange)
    now, worth = gather([period.start, period.end])
    then, before = gather([against.start, against.end]) if against else (None, {})
    groups = now.groups if then is None else beside(now.groups, then.groups)
    totals = _totals(question, groups) or _zeros(question, reader, now)
    sizes = GroupSizes(exchange, groups, worth, before)
    lines = _lines(question, groups, sizes) if question.by else ()
    edges = period.edges(question.grain, week_start) if question.grain else []
    stepped, steps = gather(edges) if edges else (None, {})
    unmeasured = [] if totals else _unmeasured(question, reader, edges=[period.start, period.end])
    found = CostAnswer(
        totals=tuple(totals),
        lines=lines,
        series=tuple(_series(question, stepped, edges, lines)) if stepped else (),
        as_of=tuple(now.fresh),
        gaps=tuple(_unique([*now.gaps, *_dated(then, against), *_hourly(question, stepped), *unmeasured])),
        notes=(*_notes(question, now), *((LimitPerCurrency(),) if question.threshold and sizes.mixed else ())),
    )
    found = exchange.beside(found, worth, before, steps, edges) if exchange else found
    if not groups and totals and question.where:
        found = replace(found, last_matched=reader.last_matched(question, now.feeds))
    if question.threshold and not question.by:
        passing = tuple(point for point in found.series if passes(question.threshold, sizes.point(point)))
        found = replace(found, series=passing)
    return found


def _gatherer(
    question: Question, reader: LedgerReader, exchange: Exchange | None
) -> Callable[[Sequence[date]], tuple[Figures, Worth]]:
    """What reads the figures between edges, and what they are worth where there is an exchange."""
    if exchange is None:
        return lambda edges: (reader.gather(question, edges), {})
    return lambda edges: exchange.gather(question, edges)


def _figure(question: Question, unit: str) -> dict[str, str]:
    return {"unit" if question.metric == "ConsumedQuantity" else "currency": unit}


def _totals(question: Question, groups: Groups) -> list[Total]:
    return [Total(**figure) for figure in _sums(question, groups)]


def _sums(question: Question, groups: Groups) -> Iterator[dict[str, object]]:
    """The fields of a figure for all groups of each unit."""
    for unit in groups.units():
        against = groups.sum(unit, interval=1) if question.against else None
        yield {**_figure(question, unit), "amount": groups.sum(unit), "against": against}


def _zeros(question: Question, reader: LedgerReader, now: Figures) -> list[Total]:
    """Zero, where it is known: every source that could have charged was told for all of the period."""
    if now.gaps or question.metric == "ConsumedQuantity":
        return []
    against = _NOTHING if question.against else None
    return [Total(currency=currency, amount=_NOTHING, against=against) for currency in reader.currencies(now.feeds)]


def _lines(question: Question, groups: Groups, sizes: GroupSizes) -> Lines:
    """Dearest (or most moved) first, of credits the largest; then what ``top`` and the threshold cut off."""
    change = question.order == "change" and question.against is not None
    order = sizes.order(change=change, ascending=question.charges == "credits")
    kept, cut = _cut(question, order, sizes)
    others = _others(question, groups.take(cut))

    def line(place: int) -> Line:
        return _line(question, groups, kept[place]) if place < len(kept) else others[place - len(kept)]

    return Lines(len(kept) + len(others), line)


def _line(question: Question, groups: Groups, at: int) -> Line:
    return Line(
        key=dict(zip(question.by, groups.key(at), strict=True)),
        **_figure(question, groups.unit(at)),
        amount=groups.amount(at),
        against=groups.amount(at, interval=1) if question.against else None,
    )


def _cut(question: Question, order: list[int], sizes: GroupSizes) -> tuple[list[int], list[int]]:
    """Which are shown, and which are not."""
    if question.threshold is None and question.top is None:
        return order, []
    kept = [at for at in order if passes(question.threshold, sizes.amount(at))] if question.threshold else order
    kept = sizes.first(kept, question.top)
    shown = set(kept)
    return kept, [at for at in order if at not in shown]


def passes(threshold: Threshold | None, amount: Decimal) -> bool:
    """Whether an amount passes; without a threshold every one does."""
    return threshold is None or bool(_PASSES[threshold.op](amount, threshold.amount))


def _others(question: Question, cut: Groups) -> list[Line]:
    return [Line(key=dict.fromkeys(question.by), other=True, **figure) for figure in _sums(question, cut)]


def _series(question: Question, figures: Figures, edges: Sequence[date], lines: Sequence[Line]) -> list[Point]:
    """Every step of every line (or of the whole), zeros included."""
    groups = _of_lines(question, figures.groups, lines) if question.by else _whole(figures.groups, len(edges) - 1)
    return [
        Point(
            start=start,
            key=dict(zip(question.by, key, strict=True)) if question.by else {},
            **_figure(question, unit),
            amount=amounts[step],
            provisional=_moves(figures, end),
        )
        for key, unit, amounts in groups
        for step, (start, end) in enumerate(pairwise(edges))
    ]


_Steps = tuple[tuple[str | None, ...], str, Sequence[Decimal]]


def _of_lines(question: Question, groups: Sequence[Group], lines: Sequence[Line]) -> list[_Steps]:
    by_key = {(group.key, group.unit): group.amounts for group in groups}
    shown = {(tuple(line.key.values()), line.currency or line.unit or "") for line in lines if not line.other}
    rest = [group for group in groups if (group.key, group.unit) not in shown]
    steps: list[_Steps] = []
    for line in lines:
        key, unit = tuple(line.key[name] for name in question.by), line.currency or line.unit or ""
        if line.other:
            columns = zip(*(group.amounts for group in rest if group.unit == unit), strict=True)
            steps.append((key, unit, [total(list(column)) for column in columns]))
        elif (found := by_key.get((tuple(value or "" for value in key), unit))) is not None:
            steps.append((key, unit, found))
    return [step for step in steps if step[2]]


def _whole(groups: Sequence[Group], steps: int) -> list[_Steps]:
    units = sorted({group.unit for group in groups})
    return [
        ((), unit, [total([group.amounts[n] for group in groups if group.unit == unit]) for n in range(steps)])
        for unit in units
    ]


def _moves(figures: Figures, end: date) -> bool:
    return figures.provisional_from is not None and end > figures.provisional_from


def _dated(then: Figures | None, against: Period | None) -> list[Gap]:
    """Gaps of the period compared with: only days it lacks, and saying so."""
    if then is None or against is None:
        return []
    return [replace(gap, compared=against) for gap in then.gaps if isinstance(gap.cause, NO_DATA)]


def _hourly(question: Question, figures: Figures | None) -> list[Gap]:
    if question.grain != "hour" or figures is None:
        return []
    return [Gap(feed.source, NoHours()) for feed in figures.feeds]


def _unmeasured(question: Question, reader: LedgerReader, *, edges: Sequence[date]) -> list[Gap]:
    """Sources that bill something here without saying how much of it was used."""
    if question.metric != "ConsumedQuantity":
        return []
    billed = reader.gather(question, edges, (), "BilledCost")
    return [Gap(feed.source, NoQuantities()) for feed in billed.feeds if billed.groups]


def _notes(question: Question, figures: Figures) -> list[Note]:
    notes: list[Note] = list(dict.fromkeys(figures.doubts))
    copied = [source for source in figures.copied if source not in figures.known_parts]
    if copied:
        notes.append(BilledStandsIn(tuple(copied), question.metric))
    notes.extend(KnownPart(source, question.metric, part) for source, part in figures.known_parts.items())
    if figures.estimated:
        notes.append(EstimatedSplit(tuple(figures.estimated)))
    if figures.asked:
        notes.append(AskedLive(tuple(figures.asked)))
    return notes


def _unique(gaps: Sequence[Gap]) -> list[Gap]:
    return list(dict.fromkeys(gaps))


_MUCH = Decimal("0.1")


def with_credits(question: Question, found: CostAnswer, reader: LedgerReader, exchange: Exchange | None) -> CostAnswer:
    """The answer, its totals with what they were before credits where these hide a tenth of it or more."""
    period = question.period
    if period is None or question.charges != "net" or question.metric != "BilledCost" or not reader.knows_credits():
        return found
    if any(condition.dimension == "ChargeCategory" for condition in question.where):
        return found
    asked = question.model_copy(update={"charges": "credits", "by": (), "grain": None, "against": None})
    edges = [period.start, period.end]
    reader = reader.offline()
    figures, worth = exchange.on(reader).gather(asked, edges) if exchange else (reader.gather(asked, edges), {})
    if any(gap not in found.gaps for gap in figures.gaps):
        return found  # a source tells costs like this, but not which of them are credits
    used = {fresh.source for fresh in found.as_of}
    if used and not used >= set(figures.groups_by_source):
        if exchange is not None:
            return found  # what the others' credits are worth is not told apart from these
        figures.groups_by_source = {
            source: groups for source, groups in figures.groups_by_source.items() if source in used
        }
    taken = {unit: figures.groups.sum(unit) for unit in figures.groups.units()}
    converted: dict[str, Decimal] = {}
    for (_, unit), amounts in worth.items():
        converted[unit] = added((converted.get(unit, _NOTHING), *amounts))
    totals = tuple(_gross(total, taken, converted) for total in found.totals)
    return replace(found, totals=totals)


def _gross(billed: Total, taken: dict[str, Decimal], converted: dict[str, Decimal]) -> Total:
    credit = taken.get(billed.currency or "", _NOTHING)
    gross = added((billed.amount, -credit))
    if not credit or gross <= 0 or -credit < gross * _MUCH:
        return billed
    update: dict[str, object] = {"credited": Credited(gross=gross, credits=credit)}
    if billed.converted is not None and billed.currency in converted:
        worth = converted[billed.currency]
        update["converted"] = _gross_converted(billed.converted, worth)
    return billed.model_copy(update=update)


def _gross_converted(converted: InCurrency, worth: Decimal) -> InCurrency:
    return converted.model_copy(update={"credited": Credited(gross=added((converted.amount, -worth)), credits=worth)})
