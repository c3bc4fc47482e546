"""Follow-ups: what a text changes of the question before it. What is not named stays."""

from __future__ import annotations

from bot.domain.period import Period
from bot.domain.question import Filter, Question
from bot.language import breakdowns, defaults
from bot.language.defaults import TIMELESS, Understood
from bot.language.meanings import Role
from bot.language.moments import Clock, Span, unit_around
from bot.language.timing import just_before, paced


def follow_up(new: Understood, old: Question) -> Question:
    """The question before, with what was named now."""
    if new.kind in TIMELESS:
        return defaults.question(new)
    draft = new.sentence.draft
    kind = old.kind if new.kind == "cost" else new.kind
    where = _filters(new, old)
    draft.where = list(where)
    by = _breakdown(new, old)
    period = _period(new, old, forecast=kind == "forecast")
    steps = draft.grain or (defaults.trend_grain(period) if new.trend else old.grain)
    return Question(
        kind=kind,
        metric=draft.metric or old.metric,
        period=period,
        against=_against(new, old, period) if kind in {"cost", "explain"} else None,
        grain=steps if kind == "cost" else None,
        by=by,
        where=where,
        charges=draft.charges or old.charges,
        top=_top(new, old),
        order="change" if new.moves else old.order,
        threshold=draft.threshold or old.threshold,
    )


def priced(new: Understood, old: Question) -> Question | None:
    """The price asked before, of what is named now: "and on haiku?", "20M tokens?"; None for a question of its own."""
    draft, sentence = new.sentence.draft, new.sentence
    typed = draft.metric == "ConsumedQuantity" and any(each.dimension == "x_TokenType" for each in draft.where)
    metric = None if typed else draft.metric
    said = new.timing.period or draft.by or draft.grain or metric or draft.charges or draft.threshold
    other = new.kind not in {"cost", "price"} or said or draft.ranked or sentence.any(Role.SPEND, Role.CHANGE)
    if (other and not draft.quantities) or not (draft.where or draft.quantities):
        return None
    where, quantities = _filters(new, old), tuple(draft.quantities) or old.quantities
    return Question(kind="price", by=() if where else old.by, where=where, quantities=quantities)


def spoken_of(old: Question | None) -> tuple[str, ...]:
    """The dimensions of the question before: those of its filters, then those it is broken down by."""
    return tuple(each.dimension for each in old.where) + old.by if old else ()


def base(old: Question | None) -> Span | None:
    """The period before, for what is told from it: "vs the month before"."""
    return Span(old.period.start, old.period.end) if old and old.period else None


def _top(new: Understood, old: Question) -> int | None:
    if new.sentence.says("show all", "all of them", "everything", "all") and not new.sentence.draft.ranked:
        return None
    return breakdowns.top(new.sentence) or old.top


def _period(new: Understood, old: Question, *, forecast: bool) -> Period:
    timing, clock = new.timing, new.clock
    if timing.period is not None and not timing.only_against:
        return timing.period.period
    if old.period is None:
        return defaults.periods(new, new.sentence.draft.grain)[0]
    if forecast and old.period.end <= clock.tomorrow:
        return _whole(old.period, clock)
    return old.period


def _whole(period: Period, clock: Clock) -> Period:
    """All of the calendar unit under way that a period began; this month for what is over."""
    for unit in ("year", "quarter", "month", "week"):
        start, end = unit_around(clock.today, unit, clock.week_start)
        if (period.start, period.end) == (start, clock.tomorrow):
            return Period(start=start, end=end)
    start, end = unit_around(clock.today, "month", clock.week_start)
    return Period(start=start, end=end)


def _against(new: Understood, old: Question, period: Period) -> Period | None:
    timing, clock = new.timing, new.clock
    span = Span(period.start, period.end)
    if timing.against is not None:
        return timing.against.period
    if timing.pace is not None and not new.trend:
        return paced(span, timing.pace, clock)[1].period
    if old.against is not None and period == old.period:
        return old.against
    if old.against is not None or defaults.compares(new):
        return just_before(span, clock).period
    return None


def _filters(new: Understood, old: Question) -> tuple[Filter, ...]:
    """A filter replaces the one on its dimension and joins the others; "also gcp" adds to it."""
    fresh = tuple(new.sentence.draft.where)
    if new.sentence.any(Role.ALSO):
        fresh = tuple(_with(each, old.where) for each in fresh)
    named = {(each.dimension, each.exclude) for each in fresh}
    included = {each.dimension for each in fresh if not each.exclude} | new.sentence.draft.all_of
    left_out = {(each.dimension, value) for each in fresh if each.exclude for value in each.values}
    kept = [
        each
        for each in old.where
        if (each.dimension, each.exclude) not in named
        and each.dimension not in included
        and (each.exclude or not {(each.dimension, value) for value in each.values} <= left_out)
    ]
    return (*kept, *fresh)


def _with(each: Filter, old: tuple[Filter, ...]) -> Filter:
    same = next((o for o in old if (o.dimension, o.exclude) == (each.dimension, each.exclude)), None)
    return each.model_copy(update={"values": tuple(dict.fromkeys([*same.values, *each.values]))}) if same else each


def _breakdown(new: Understood, old: Question) -> tuple[str, ...]:
    draft = new.sentence.draft
    if not draft.by and not old.by and new.kind == "cost":
        breakdowns.imply(new.sentence, moves=new.moves)
    if draft.by and new.sentence.any(Role.ALSO):
        return tuple(dict.fromkeys([*old.by, *draft.by]))[:2]
    return tuple(draft.by) or old.by
