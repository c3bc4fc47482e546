"""Shares: how much of a whole a part is, in all, for each line and for each step."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from bot.answering.parts.comparing import Pair, Sizes, in_currency
from bot.answering.parts.ranking import others
from bot.domain.answers import CostAnswer, Line, Point, Total
from bot.domain.conversion import added
from bot.domain.money import total
from bot.domain.parts import Ratioed, Share, ratio
from bot.domain.question import Filter, Question

_NOTHING = Decimal(0)
_Figure = TypeVar("_Figure", Line, Point)
_Shared = Callable[[Pair, Pair], Share]


def part_of(question: Question) -> tuple[Question, Question, tuple[Ratioed, ...]]:
    """The questions for the part and for the whole; the part lies in the whole, unless it cannot."""
    whole = question.share_of or ()
    apart = tuple(Ratioed(dimension=each.dimension) for each in question.where if _outside(each, whole))
    inside = question.where if apart else _both(question.where, whole)
    plain = {"share_of": None}
    return (
        question.model_copy(update={**plain, "where": inside}),
        question.model_copy(update={**plain, "where": whole, "by": _told_apart(question)}),
        apart,
    )


def _outside(part: Filter, whole: Sequence[Filter]) -> bool:
    """Whether no value of the part is one of the whole's."""
    alike = [each for each in whole if each.dimension == part.dimension and not each.exclude and not part.exclude]
    return any(not set(part.values) & set(each.values) for each in alike)


def _both(part: Sequence[Filter], whole: Sequence[Filter]) -> tuple[Filter, ...]:
    return (*part, *(each for each in whole if each not in part))


def _told_apart(question: Question) -> tuple[str, ...]:
    """What the whole is told apart by: not what the part's filters name, of which the whole is the same for all."""
    held = {each.dimension for each in question.where if not each.exclude}
    return tuple(name for name in question.by if name not in held)


def shared(question: Question, part: CostAnswer, whole: CostAnswer, currency: str = "") -> CostAnswer:
    """The part with what share of the whole it is; in a ``currency`` where there are several.

    Lines of the whole that the part has nothing of are lines of nothing: known to be none.
    """
    lines = _filled(question, part.lines, whole.lines)
    by_key = _sizes(whole.lines, currency, lambda each: tuple(each.key.values()))
    by_step = _sizes(whole.series, currency, lambda each: (each.start, *each.key.values()))
    all_of_it = _all(whole, currency)
    names = _told_apart(question)
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
    steps = _sizes(part.series, currency, lambda each: (each.start, *each.key.values()))
    zero = (_NOTHING, _NOTHING)
    return replace(
        found,
        lines=tuple(_with(each, share(own.pair(each) or zero, of(each))) for each in lines),
        series=tuple(
            _with(each, share(steps.get((each.start, *each.key.values()), zero), of(each, each.start)))
            for each in part.series
        ),
        share=in_all,
        totals=totals,
        gaps=(*part.gaps, *(each for each in whole.gaps if each not in part.gaps)),
        notes=tuple(dict.fromkeys((*part.notes, *whole.notes))),
    )


def _of(answer: CostAnswer, currency: str) -> Sizes:
    return Sizes.of(answer, currency) if currency else Sizes()


def _all(answer: CostAnswer, currency: str) -> Pair:
    return _of(answer, currency).whole(answer.totals)


def _sharing(currency: str | None, unit: str | None) -> _Shared:
    def share(part: Pair, whole: Pair) -> Share:
        return Share(currency=currency, unit=unit, part=part[0], whole=whole[0], share=ratio(part[0], whole[0]))

    return share


def _nothing(totals: Sequence[Total]) -> tuple[Total, ...]:
    """Nothing of each measure: the whole is known, and the part is none of it."""
    return tuple(Total(currency=each.currency, unit=each.unit, amount=_NOTHING) for each in totals)


def _with(figure: _Figure, share: Share) -> _Figure:
    return figure.model_copy(update={"share": share})


def _filled(question: Question, part: Sequence[Line], whole: Sequence[Line]) -> list[Line]:
    """Also a line of nothing for what has none of the part."""
    if _told_apart(question) != question.by:
        return list(part)
    have = {(tuple(each.key.values()), each.currency, each.unit) for each in part}
    keys = {key for key, _, _ in have}
    none = [each for each in whole if tuple(each.key.values()) not in keys]
    empty: dict[str, Any] = {"amount": _NOTHING, "converted": None}
    return [*part, *(each.model_copy(update={**empty, "against": None}) for each in none)]


def _sizes(
    figures: Sequence[_Figure], currency: str, of: Callable[[_Figure], tuple[Hashable, ...]]
) -> dict[tuple[Hashable, ...], Pair]:
    """What all figures of one key come to, as far as they can be compared."""
    found: dict[tuple[Hashable, ...], list[Pair]] = {}
    for each in figures:
        pair = in_currency(each, currency) if currency else (each.amount, each.against or _NOTHING)
        if pair is not None:
            found.setdefault(of(each), []).append(pair)
    return {key: (added(now for now, _ in pairs), added(then for _, then in pairs)) for key, pairs in found.items()}


def rest(question: Question) -> Callable[[Sequence[Line]], list[Line]]:
    """What the lines that are not shown come to, and what share that is."""
    apart = bool(_told_apart(question))

    def fold(lines: Sequence[Line]) -> list[Line]:
        folded = others(lines)
        shares = [each.share for each in lines if each.share]
        if len(folded) != 1 or not shares:
            return folded
        part, whole = total([each.part for each in shares]), shares[0].whole
        whole = total([each.whole for each in shares]) if apart else whole
        share = shares[0].model_copy(update={"part": part, "whole": whole, "share": ratio(part, whole)})
        return [folded[0].model_copy(update={"share": share})]

    return fold
