"""How a question was read, in one line of small type that reads back as the same question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from bot.domain.labels import CHARGES, KINDS, METRICS, dimension
from bot.domain.period import Period
from bot.domain.question import Filter, Quantity, Question, Threshold

_ORDERS: Final = {
    "change": "what changed most first",
    "increase": "what rose most first",
    "decrease": "what fell most first",
    "growth": "what grew fastest first",
}
_NAMED: Final = frozenset(
    ("SkuId", "BillingAccountName", "PricingCategory", "x_TokenType", "x_ApiKeyName", "x_UserName")
)
"""Dimensions that are named with their values, as tags are: others say by themselves what they are."""
_SHOWN: Final = 8
_WORDS: Final = frozenset(("Tokens", "Hours", "Requests", "Calls", "Queries"))
"""Units that are everyday words."""
_SPOKEN: Final = {"Credits": "compute credits"}
"""Units whose name alone means something else."""


def describe(question: Question, *, currency: str | None = None) -> str:
    """One line: what, of what, when, in which measure."""
    parts = [_kind(question), *([] if question.usage else _filters(question.where))]
    if question.share_of is not None:
        parts.append(f"as a share of {' and '.join(_filters(question.share_of)) or 'the total'}")
    if question.kind != "values" and question.by:
        parts.append(f"by {' and '.join(map(dimension, question.by))}")
    parts.extend(_series(question))
    parts.append(f"top {question.top}" if question.top else "")
    parts.append(_ORDERS.get(question.order, ""))
    parts.append(_threshold(question.threshold) if question.threshold else "")
    parts.extend(_times(question))
    if question.kind in {"cost", "explain", "forecast", "anomalies"}:
        parts.append(_measure(question))
    converted = currency or question.currency
    parts.append(f"in {converted}" if converted else "")
    return " · ".join(part for part in parts if part)


def quantity(asked: Quantity) -> str:
    """So much of a unit: 3,000,000 input tokens, 2 TB-Months."""
    unit = spoken_unit(asked.unit)
    kind = f"{asked.token_type} ".replace("_", " ") if asked.token_type else ""
    return f"{asked.amount:,f} {kind}{unit.removesuffix('s') if asked.amount == 1 else unit}"


def spoken_unit(unit: str) -> str:
    """A unit within a sentence."""
    return unit.lower() if unit in _WORDS else _SPOKEN.get(unit, unit)


def days(period: Period) -> str:
    """The days a period covers, both ends named: 23 Oct–21 Nov 2026."""
    first, last = period.start, period.last
    if first == last:
        return _day(first)
    if first.year != last.year:
        return f"{_day(first)} – {_day(last)}"
    if first.month != last.month:
        return f"{first.day} {first:%b}–{_day(last)}"
    return f"{first.day}–{_day(last)}"


def _kind(question: Question) -> str:
    if question.usage is not None:
        used = " ".join([*_filters(question.usage.where), "usage"])
        priced = ", ".join(value for part in question.where for value in part.values)
        return f"{used} from {_ends(question.usage.period)} at {priced} prices"
    if question.quantities:
        return f"what {' and '.join(map(quantity, question.quantities))} would cost"
    if question.kind == "values":
        return f"which {' and '.join(dimension(name, plural=True) for name in question.by)} there are"
    if question.only:
        return "only what is new" if question.only == "new" else "only what is gone"
    return "" if question.kind == "cost" else KINDS[question.kind]


def _series(question: Question) -> list[str]:
    """How the amounts run over time, or are averaged."""
    parts = [f"by {question.grain}"] if question.grain else []
    if question.average:
        parts.append(f"on average per {question.average}")
    if question.cumulative:
        parts.append("cumulative")
    return parts


def _threshold(limit: Threshold) -> str:
    usual = f" and {float(100 * limit.share):g}% of the usual" if limit.share is not None else ""
    amount = f"{limit.op} {limit.amount:,f}{'%' if limit.percent else ''}{usual}"
    return f"change {amount}" if limit.of == "change" else amount


def _times(question: Question) -> list[str]:
    period = [days(question.period)] if question.period else []
    return [*period, *([f"vs {days(question.against)}"] if question.against else [])]


def _measure(question: Question) -> str:
    if question.beside:
        return _beside(question)
    metric = METRICS[question.metric]
    if question.per is not None:
        metric = f"{metric} per {spoken_unit(question.per.unit)}"
    if question.unit:
        metric = f"{spoken_unit(question.unit)} used"
    if question.kind == "anomalies" and question.charges == "net":
        return f"{metric}, {CHARGES['gross']}"
    if question.metric == "ConsumedQuantity" and question.charges == "net":
        return metric
    return f"{metric}, {CHARGES[question.charges]}"


def _beside(question: Question) -> str:
    if question.beside == "net":
        metric = "" if question.metric == "BilledCost" else f"{METRICS[question.metric]}, "
        return f"{metric}gross beside net"
    other = METRICS[question.beside or "BilledCost"]
    charges = "" if question.charges == "net" else f", {CHARGES[question.charges]}"
    return f"{METRICS[question.metric]} beside {other}{charges or ', net of credits'}"


def _filters(where: Sequence[Filter]) -> list[str]:
    return [_filter(part) for part in where]


def _filter(part: Filter) -> str:
    name = dimension(part.dimension)
    if part.values == ("",):
        return f"with any {name}" if part.exclude else f"without {name}"
    shown = [value or "none" for value in part.values[:_SHOWN]]
    more = f" and {len(part.values) - _SHOWN} more" if len(part.values) > _SHOWN else ""
    text = (" and " if part.exclude else ", ").join(shown) + more
    charge = part.dimension == "ChargeCategory" and not part.exclude
    if charge or part.dimension in _NAMED or part.dimension.startswith("Tags/"):
        text = f"{name} {text}"
    return f"without {text}" if part.exclude else text


def _ends(period: Period) -> str:
    return f"{_day(period.start)} to {_day(period.last)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
