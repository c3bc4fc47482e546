"""What a question is about, in words: its filters and its days."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.question import Filter, Question
from bot.render.labels import dimension, listed, period, value

_PLACES = frozenset({"SubAccountName", "BillingAccountName", "RegionId"})


def subject(question: Question) -> str:
    """What the question is about: ``on AWS in production, without Tax``; ``""`` for everything."""
    return subject_of(question.where)


def subject_of(filters: Sequence[Filter]) -> str:
    """What filters leave: ``on AWS in production, without Tax``; ``""`` for none."""
    within = [_filter(filter_) for filter_ in filters if not filter_.exclude]
    without = [_filter(filter_) for filter_ in filters if filter_.exclude]
    return ", ".join(filter(None, (" ".join(within), " ".join(without))))


def _filter(filter_: Filter) -> str:
    name = dimension(filter_.dimension)
    if filter_.values == ("",):
        return f"with any {name}" if filter_.exclude else f"without any {name}"
    values = listed(
        [value(one, filter_.dimension) for one in filter_.values], most=3, last="or" if filter_.exclude else "and"
    )
    if filter_.exclude:
        return f"without {values}"
    if filter_.dimension.startswith("Tags/"):
        return f"for {name} {values}"
    return f"{'in' if filter_.dimension in _PLACES else 'on'} {values}"


def about(question: Question, nothing: str = "in total") -> str:
    """Subject and days: ``on AWS, October 2026``; ``nothing`` stands for no subject."""
    what, days = subject(question) or nothing, period(question.period) if question.period else ""
    return ", ".join(filter(None, (what, days))) if what else f"for {days}" if days else "at all"
