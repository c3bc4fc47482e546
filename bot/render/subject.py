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
    within = [_filter(each) for each in filters if not each.exclude]
    without = [_filter(each) for each in filters if each.exclude]
    return ", ".join(filter(None, (" ".join(within), " ".join(without))))


def _filter(each: Filter) -> str:
    name = dimension(each.dimension)
    if each.values == ("",):
        return f"with any {name}" if each.exclude else f"without any {name}"
    values = listed([value(one, each.dimension) for one in each.values], most=3, last="or" if each.exclude else "and")
    if each.exclude:
        return f"without {values}"
    if each.dimension.startswith("Tags/"):
        return f"for {name} {values}"
    return f"{'in' if each.dimension in _PLACES else 'on'} {values}"


def about(question: Question, nothing: str = "in total") -> str:
    """Subject and days: ``on AWS, October 2026``; ``nothing`` stands for no subject."""
    what, days = subject(question) or nothing, period(question.period) if question.period else ""
    return ", ".join(filter(None, (what, days))) if what else f"for {days}" if days else "at all"
