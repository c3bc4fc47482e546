"""How a question was read, in small type: every part of it that matters."""

from __future__ import annotations

from datetime import date
from typing import Final

from bot.domain.period import Period
from bot.domain.question import Filter, Quantity, Question

_METRICS: Final = {
    "BilledCost": "billed cost",
    "EffectiveCost": "effective (amortized) cost",
    "ListCost": "list cost",
    "ContractedCost": "contracted cost",
    "ConsumedQuantity": "quantity used",
}
_CHARGES: Final = {
    "net": "net of credits",
    "gross": "before credits and refunds",
    "credits": "credits and refunds only",
    "tax": "tax only",
}
_KINDS: Final = {
    "explain": "why it changed",
    "forecast": "forecast",
    "anomalies": "anomalies",
    "budgets": "budgets",
    "price": "list price",
    "savings": "savings",
    "credits": "credits left",
    "invoice": "against the invoice",
    "freshness": "how current the data is",
    "help": "what can be asked",
    "unsupported": "not something I answer",
}
NOUNS: Final = {
    "ServiceProviderName": "provider",
    "ServiceName": "service",
    "ServiceCategory": "service category",
    "SubAccountName": "account",
    "BillingAccountName": "billing account",
    "RegionId": "region",
    "SkuId": "SKU",
    "ChargeCategory": "charge type",
    "PricingCategory": "pricing category",
    "ResourceId": "resource",
    "x_Model": "model",
    "x_TokenType": "token type",
    "x_ApiKeyName": "API key",
    "x_UserName": "user",
    "Tags": "tag key",
}
_SHOWN: Final = 4
_WORDS: Final = frozenset(("Tokens", "Hours", "Requests"))
"""Units that are everyday words."""


def noun(dimension: str) -> str:
    """What people call a dimension."""
    return NOUNS.get(dimension, dimension.removeprefix("Tags/"))


def describe(question: Question, *, currency: str | None = None) -> str:
    """One line: what, of what, when, in which measure."""
    parts = [_KINDS.get(question.kind, "")]
    if question.quantities:
        parts[0] = f"what {' and '.join(map(quantity, question.quantities))} would cost"
    if question.kind == "values":
        parts[0] = f"which {' and '.join(map(_plural, question.by))} there are"
    parts.extend(map(_filter, question.where))
    if question.kind != "values" and question.by:
        parts.append(f"by {' and '.join(map(noun, question.by))}")
    if question.grain:
        parts.append(f"by {question.grain}")
    if question.top:
        parts.append(f"top {question.top}")
    if question.order == "change":
        parts.append("what changed most first")
    if question.threshold:
        share = question.threshold.share
        usual = f" and {float(100 * share):g}% of the usual" if share is not None else ""
        parts.append(f"{question.threshold.op} {question.threshold.amount:,f}{usual}")
    parts.extend(_times(question))
    if question.kind in {"cost", "explain", "forecast", "anomalies"}:
        parts.append(_measure(question))
    if currency:
        parts.append(f"in {currency}")
    return " · ".join(part for part in parts if part)


def quantity(asked: Quantity) -> str:
    """So much of a unit: 3,000,000 input tokens, 2 TB-Months."""
    unit = asked.unit.lower() if asked.unit in _WORDS else asked.unit
    kind = f"{asked.token_type} ".replace("_", " ") if asked.token_type else ""
    return f"{asked.amount:,f} {kind}{unit.removesuffix('s') if asked.amount == 1 else unit}"


def days(period: Period) -> str:
    """The days a period covers, both ends named: 23 Oct–21 Nov 2026."""
    first, last = period.start, period.last
    if first == last:
        return _day(first)
    if first.year != last.year:
        return f"{_day(first)}–{_day(last)}"
    if first.month != last.month:
        return f"{first.day} {first:%b}–{_day(last)}"
    return f"{first.day}–{_day(last)}"


def _times(question: Question) -> list[str]:
    period = [days(question.period)] if question.period else []
    return [*period, *([f"vs {days(question.against)}"] if question.against else [])]


def _measure(question: Question) -> str:
    metric = _METRICS[question.metric]
    if question.kind == "anomalies" and question.charges == "net":
        return f"{metric}, {_CHARGES['gross']}"
    if question.metric == "ConsumedQuantity" and question.charges == "net":
        return metric
    return f"{metric}, {_CHARGES[question.charges]}"


def _filter(each: Filter) -> str:
    if each.values == ("",):
        return f"with any {noun(each.dimension)}" if each.exclude else f"without {noun(each.dimension)}"
    shown = [value or "none" for value in each.values[:_SHOWN]]
    more = f" and {len(each.values) - _SHOWN} more" if len(each.values) > _SHOWN else ""
    text = ", ".join(shown) + more
    if each.dimension.startswith("Tags/"):
        text = f"{noun(each.dimension)} {text}"
    return f"without {text}" if each.exclude else text


def _plural(dimension: str) -> str:
    word = noun(dimension)
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2] not in "aeiou" else f"{word}s"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
