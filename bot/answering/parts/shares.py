"""Shares: how much of a whole a part is, in all, for each line and for each step."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import TypeVar

from msgspec.structs import replace

from bot.answering.conversion import LineSizes, Pair, in_currency
from bot.answering.parts.ranking import others
from bot.domain.answers import CostAnswer, Line, Point, Total
from bot.domain.conversion import added
from bot.domain.errors import NotUnderstood
from bot.domain.money import total
from bot.domain.parts import Ratioed, Share, ratio
from bot.domain.question import Filter, Question

_NOTHING = Decimal(0)
_Figure = TypeVar("_Figure", Line, Point)
_Shared = Callable[[Pair, Pair], Share]


def part_of(question: Question) -> tuple[Question, Question, tuple[Ratioed, ...]]:
    """The questions for the part and for the whole; the part lies in the whole, unless it cannot."""
    whole = question.share_of or ()
    apart = tuple(Ratioed(dimension=condition.dimension) for condition in question.where if _outside(condition, whole))
    inside = question.where if apart else _both(question.where, whole)
    plain = {"share_of": None}
    return (
        question.model_copy(update={**plain, "where": inside}),
        question.model_copy(update={**plain, "where": whole, "by": _breakdown(question)}),
        apart,
    )


def _outside(part: Filter, whole: Sequence[Filter]) -> bool:
    """Whether no value of the part is one of the whole's."""
    alike = [
        condition
        for condition in whole
        if condition.dimension == part.dimension and not condition.exclude and not part.exclude
    ]
    return any(not set(part.values) & set(condition.values) for condition in alike)


def _both(part: Sequence[Filter], whole: Sequence[Filter]) -> tuple[Filter, ...]:
    return (*part, *(condition for condition in whole if condition not in part))


def _breakdown(question: Question) -> tuple[str, ...]:
    """What the whole is told apart by: not what the part's filters name, of which the whole is the same for all."""
    held = {condition.dimension for condition in question.where if not condition.exclude}
    return tuple(name for name in question.by if name not in held)


def shared(question: Question, part: CostAnswer, whole: CostAnswer, currency: str = "") -> CostAnswer:
    """The part with what share of the whole it is; in a ``currency`` where there are several.

    Lines of the whole that the part has nothing of are lines of nothing: known to be none.

    Raises:
        NotUnderstood: none of the part can be converted to the currency.
    """
    _check_comparable(part, currency)
    lines = _filled(question, part.lines, whole.lines)
    by_key = _sizes(whole.lines, currency, lambda line: tuple(line.key.values()))
    by_step = _sizes(whole.series, currency, lambda point: (point.start, *point.key.values()))
    all_of_it = _all(whole, currency)
    names = _breakdown(question)
    measure = next(iter((*whole.totals, *part.totals)), None)
    share = _sharing(currency or (measure.currency if measure else None), measure.unit if measure else None)

    def of(figure: Line | Point, *start: Hashable) -> Pair:
        key = tuple(figure.key.get(name) for name in names)
        if start:
            return by_step.get((*start, *key), (_NOTHING, _NOTHING))
        return by_key.get(key, (_NOTHING, _NOTHING)) if names else all_of_it

    found = replace(part, lines=lines)
    in_all = share(_all(part, currency), all_of_it) if measure else None
    totals = part.totals or _nothing(whole.totals)
    if len(totals) == 1:
        totals = (totals[0].model_copy(update={"share": in_all}),)
    own = _of(found, currency)
    steps = _sizes(part.series, currency, lambda point: (point.start, *point.key.values()))
    zero = (_NOTHING, _NOTHING)
    return replace(
        found,
        lines=tuple(_with(line, share(own.pair(line) or zero, of(line))) for line in lines),
        series=tuple(
            _with(point, share(steps.get((point.start, *point.key.values()), zero), of(point, point.start)))
            for point in part.series
        ),
        share=in_all,
        totals=totals,
        gaps=(*part.gaps, *(gap for gap in whole.gaps if gap not in part.gaps)),
        notes=tuple(dict.fromkeys((*part.notes, *whole.notes))),
    )


def _check_comparable(part: CostAnswer, currency: str) -> None:
    billed = {figure.currency for figure in part.totals if figure.currency and figure.amount}
    if not currency or not billed or any(in_currency(figure, currency) for figure in part.totals):
        return
    names = " or ".join(sorted(billed))
    raise NotUnderstood(
        f"I can't work out that share: there is no exchange rate from {names} to {currency}.",
        "Ask for the costs themselves, without the share.",
    )


def _of(answer: CostAnswer, currency: str) -> LineSizes:
    return LineSizes.of(answer, currency) if currency else LineSizes()


def _all(answer: CostAnswer, currency: str) -> Pair:
    return _of(answer, currency).whole(answer.totals)


def _sharing(currency: str | None, unit: str | None) -> _Shared:
    def share(part: Pair, whole: Pair) -> Share:
        return Share(currency=currency, unit=unit, part=part[0], whole=whole[0], share=ratio(part[0], whole[0]))

    return share


def _nothing(totals: Sequence[Total]) -> tuple[Total, ...]:
    """Nothing of each measure: the whole is known, and the part is none of it."""
    return tuple(Total(currency=figure.currency, unit=figure.unit, amount=_NOTHING) for figure in totals)


def _with(figure: _Figure, share: Share) -> _Figure:
    return figure.model_copy(update={"share": share})


def _filled(question: Question, part: Sequence[Line], whole: Sequence[Line]) -> list[Line]:
    """Also a line of nothing for what has none of the part."""
    if _breakdown(question) != question.by:
        return list(part)
    have = {(tuple(line.key.values()), line.currency, line.unit) for line in part}
    keys = {key for key, _, _ in have}
    none = [line for line in whole if tuple(line.key.values()) not in keys]
    empty: dict[str, object] = {"amount": _NOTHING, "converted": None}
    return [*part, *(line.model_copy(update={**empty, "against": None}) for line in none)]


def _sizes(
    figures: Sequence[_Figure], currency: str, of: Callable[[_Figure], tuple[Hashable, ...]]
) -> dict[tuple[Hashable, ...], Pair]:
    """What all figures of one key come to, as far as they can be compared."""
    found: dict[tuple[Hashable, ...], list[Pair]] = {}
    for figure in figures:
        pair = in_currency(figure, currency) if currency else (figure.amount, figure.against or _NOTHING)
        if pair is not None:
            found.setdefault(of(figure), []).append(pair)
    return {key: (added(now for now, _ in pairs), added(then for _, then in pairs)) for key, pairs in found.items()}


def rest(question: Question) -> Callable[[Sequence[Line]], list[Line]]:
    """What the lines that are not shown come to, and what share that is."""
    apart = bool(_breakdown(question))

    def fold(lines: Sequence[Line]) -> list[Line]:
        folded = others(lines)
        shares = [line.share for line in lines if line.share]
        if len(folded) != 1 or not shares:
            return folded
        part, whole = total([one.part for one in shares]), shares[0].whole
        whole = total([one.whole for one in shares]) if apart else whole
        share = shares[0].model_copy(update={"part": part, "whole": whole, "share": ratio(part, whole)})
        return [folded[0].model_copy(update={"share": share})]

    return fold
