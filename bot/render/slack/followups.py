"""Where an answer leads on to: the next questions, and how a button carries its question.

A button's value is JSON: ``{"q": question}`` or ``{"k": key}`` of a question kept in the memory, or
``{"t": words}`` of a text to be asked. So buttons work after a restart and on old messages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from hashlib import blake2b
from typing import Any, Final

from bot.domain import period_arithmetic
from bot.domain.period import Period, month_of
from bot.domain.period_arithmetic import compared
from bot.domain.question import Question

MOST_VALUE = 2000
_DAYS_DRAWN = 92
_BREAKDOWNS = (
    ("By service", "ServiceName"),
    ("By account", "SubAccountName"),
    ("By provider", "ServiceProviderName"),
    ("By region", "RegionId"),
    ("By model", "x_Model"),
)
_MOST = 3
PLAIN: Final[Mapping[str, Any]] = {
    "against": None, "grain": None, "by": (), "top": None, "order": "cost", "threshold": None, "only": None,
    "share_of": None, "average": None, "cumulative": False, "per": None, "beside": None, "unit": None,
}  # fmt: skip
"""The filters, days and measure of a question without what else it asks."""


def compact(question: Question) -> dict[str, Any]:
    """The question as JSON without what is as usual."""
    return question.model_dump(mode="json", exclude_defaults=True)


def key_of(question: Question) -> str:
    """The key under which a question is kept: the same for the same question."""
    text = json.dumps(compact(question), sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=12).hexdigest()


def carried(question: Question, kept: dict[str, Mapping[str, Any]], **more: object) -> str:
    """The value of a button for the question; what is too long for a button goes into ``kept``."""
    found = compact(question)
    value = json.dumps({"q": found, **more}, separators=(",", ":"))
    if len(value) <= MOST_VALUE:
        return value
    kept[key_of(question)] = found
    return json.dumps({"k": key_of(question), **more}, separators=(",", ":"))


def spoken_value(words: str) -> str:
    """The value of a button that asks a text."""
    return json.dumps({"t": words[:1500]}, ensure_ascii=False)


def next_questions(question: Question, today: date | None = None) -> list[tuple[str, Question]]:
    """Questions that lead on from this one, each with the words for its button; at most six.

    Each is what its words, said in the thread, make of the question: "Costs" alone stands for more than it says.
    """
    if question.kind in {"freshness", "help", "price"} or question.period is None:
        return []
    found: list[tuple[str, Question]] = []
    if question.kind == "cost":
        found += _by_time(question)
        found += _by_dimension(question)
        found += _compared(question, today)
    else:
        found.append(("Costs", question.model_copy(update={**PLAIN, "kind": "cost", "by": question.by})))
        found += _by_dimension(question)[:1] if question.kind in {"explain", "forecast", "commitments"} else []
    return found + _deeper(question, today)


def _by_time(question: Question) -> list[tuple[str, Question]]:
    period = question.period
    if period is None or question.grain or question.against or question.average or period.days <= 1:
        return []
    grain, words = ("day", "By day") if period.days <= _DAYS_DRAWN else ("month", "By month")
    return [(words, question.model_copy(update={"grain": grain}))]


def _by_dimension(question: Question) -> list[tuple[str, Question]]:
    held = {filter_.dimension for filter_ in question.where if not filter_.exclude and len(filter_.values) == 1}
    used = {*question.by, *held}
    free = [(words, name) for words, name in _BREAKDOWNS if name not in used]
    return [(words, question.model_copy(update={"by": (name,)})) for words, name in free[: _MOST - 1]]


def _compared(question: Question, today: date | None) -> list[tuple[str, Question]]:
    if question.against or question.grain or question.period is None:
        return []
    before, words = previous(question.period, today)
    return [(words, question.model_copy(update={"against": before}))]


def _deeper(question: Question, today: date | None) -> list[tuple[str, Question]]:
    if question.period is None:
        return []
    found: list[tuple[str, Question]] = []
    plain = question.model_copy(update=PLAIN)
    money = question.metric != "ConsumedQuantity"
    if question.kind != "explain" and money:
        against = question.against or period_arithmetic.previous(question.period, today)
        found.append(("Why?", plain.model_copy(update={"kind": "explain", "against": against})))
    now = today is not None and today in month_of(question.period.start) and question.period.start.day == 1
    if question.kind in {"cost", "explain"} and now and money:
        whole = {"kind": "forecast", "period": month_of(question.period.start), "by": question.by}
        found.append(("Forecast", plain.model_copy(update=whole)))
    return found


def previous(period: Period, today: date | None = None) -> tuple[Period, str]:
    """What it is compared with like for like (``period_arithmetic.compared``), and what that is called."""
    before, unit, count = compared(period, today)
    many = f"{count} {unit.removeprefix('whole_')}s before"
    if unit in {"day", "whole_month"}:
        return before, f"vs {many}" if count > 1 else f"vs {unit.removeprefix('whole_')} before"
    return before, f"vs last {unit}"
