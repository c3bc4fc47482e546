"""Follow-ups: what a text changes of the question before it. What is not named stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.costs.question import Filter, Question
from bot.language.meanings import Role
from bot.language.moments import Span
from bot.language.timing import just_before

if TYPE_CHECKING:
    from bot.language.finish import Finisher


def follow_up(new: Finisher, old: Question) -> Question:
    """The question before, with what was named now."""
    draft, timing, composer, clock = new._draft, new._timing, new._composer, new._clock
    kind = old.kind if new._kind == "cost" else new._kind
    if kind in {"price", "freshness", "help", "unsupported"}:
        return new.fresh()
    where = _joined(old.where, tuple(draft.where))
    by = _breakdown(new, old)
    grain = draft.grain or (new.grain() if new.trend else None) or old.grain
    period, against = old.period, old.against
    if timing.period is not None and not timing.only_against:
        period = timing.period.period
        against = timing.against.period if timing.against else (_before(new, timing.period) if old.against else None)
    elif timing.against is not None and period is not None:
        span = Span(period.start, period.end)
        against = timing.against.period
        del span
    if kind == "explain" and against is None and period is not None:
        against = _before(new, Span(period.start, period.end))
    return Question(
        kind=kind,
        metric=draft.metric or old.metric,
        period=period,
        against=against if kind in {"cost", "explain"} else None,
        grain=grain if kind == "cost" else None,
        by=tuple(by),
        where=where,
        charges=draft.charges or old.charges,
        top=new.top() or old.top,
        order="change" if new.moves else old.order,
        threshold=draft.threshold or old.threshold,
    )


def _before(new: Finisher, span: Span):
    return just_before(span, new._clock).period


def _joined(old: tuple[Filter, ...], new: tuple[Filter, ...]) -> tuple[Filter, ...]:
    named = {(each.dimension, each.exclude) for each in new}
    included = {each.dimension for each in new if not each.exclude}
    kept = [each for each in old if (each.dimension, each.exclude) not in named and each.dimension not in included]
    return (*kept, *new)


def _breakdown(new: Finisher, old: Question) -> list[str]:
    draft = new._draft
    if not draft.by:
        new.imply_breakdown(_joined(old.where, tuple(draft.where))) if not old.by else None
        return draft.by or list(old.by)
    if new._composer.any(Role.ALSO) or new._composer.says("also", "too"):
        return list(dict.fromkeys([*old.by, *draft.by]))[:2]
    return draft.by
