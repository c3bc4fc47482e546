"""What vendors themselves say beside their bills, as a sync has kept it: always told as the vendor's own word.

Their forecasts, anomalies and budgets stand beside ours as notes; their list prices are prices like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot.domain.answers.credits import CreditGrant
from bot.domain.answers.notes import VendorAnomaly, VendorBudget, VendorForecast, VendorInsight
from bot.domain.period import DAY, Period, month_of
from bot.domain.prices import BeyondUse, Price
from bot.domain.question import Question
from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.ledger.kv_store import ADVICE

_NAMED = {"ServiceName": "service", "SubAccountName": "account", "RegionId": "region", "SkuId": "usage_type"}
_PROVIDER = "ServiceProviderName"

_Told = Mapping[str, Any]


def notes(question: Question, ledger: Ledger, scope: Scope, touched: Mapping[str, str]) -> list[VendorInsight]:
    """What belongs beside an answer; ``touched`` are the sources it is about, with their vendors' names.

    Who sees only part of a source is not told of it: none of this can be narrowed.
    """
    if scope.where:
        return []
    kind, read = _INSIGHTS[question.kind]
    currencies = {feed.source: ledger.query.labels(feed, "BillingCurrency") for feed in reversed(ledger.feeds())}
    old = {source for source in touched if (refused := asked(ledger, source, kind)) and refused.message}
    insights = []
    for told in _kept(ledger, kind, touched):
        source = told["source"]
        insight = read(question, {"currency": next(iter(currencies[source]), "USD"), **told}, touched[source])
        if insight and source in old:
            insight = replace(insight, read_on=datetime.fromisoformat(told["at"]).date())
        insights += [insight] if insight else []
    return insights


@dataclass(frozen=True)
class VendorReply:
    """What came of asking a vendor: why it refused and what to do, both ``""`` where it answered."""

    message: str
    hint: str


def prices(skus: Collection[str], ledger: Ledger, sees: Callable[[str], bool]) -> list[Price]:
    """Vendors' list prices of these SKUs."""
    named = set(skus)
    found = [told for told in _kept(ledger, "price") if sees(told["source"]) and named & {told["name"], told["sku"]}]
    return [_price(told) for told in found]


def credits_left(ledger: Ledger, source: str) -> list[CreditGrant]:
    """The grants that the vendor of a source tells of, with what is left."""
    return [_grant(told) for told in _kept(ledger, "credit", {source: ""})]


def asked(ledger: Ledger, source: str, kind: str) -> VendorReply | None:
    """What came of asking a vendor; None where it was never asked."""
    found = ledger.memory.get(ADVICE, f"{source}/asked/{kind}")
    return None if found is None else VendorReply(found["message"], found["hint"])


def _grant(told: _Told) -> CreditGrant:
    start, expires = (date.fromisoformat(told[name]) if told[name] else None for name in ("start", "expires"))
    return CreditGrant(
        source=told["source"],
        name=told["title"] or told["name"],
        currency=told["currency"],
        left=Decimal(told["left"]),
        granted=Decimal(told["granted"]),
        start=start,
        expires=expires,
        only=told["only"],
        told=datetime.fromisoformat(told["at"]).date(),
    )


def _kept(ledger: Ledger, kind: str, sources: Mapping[str, str] | None = None) -> Iterator[_Told]:
    for told in ledger.memory.all(ADVICE).values():
        if told["kind"] == kind and (sources is None or told["source"] in sources):
            yield told


def _price(told: _Told) -> Price:
    above = told.get("above")
    return Price(
        what={"SkuId": told["sku"]},
        kind="list",
        currency=told["currency"],
        amount=Decimal(told["amount"]),
        unit=told["unit"],
        source=f"{told['source']}'s own price list",
        as_of=datetime.fromisoformat(told["at"]).date(),
        note=BeyondUse(above) if above else None,
    )


def _forecast(question: Question, told: _Told, vendor: str) -> VendorForecast | None:
    """Of the whole bill to the month's end, where that is what was asked."""
    period = question.period
    other = any(each.dimension != _PROVIDER for each in question.where) or question.charges != "net"
    days = Period(start=date.fromisoformat(told["start"]), end=date.fromisoformat(told["end"]))
    if period is None or other or period != month_of(days.start):
        return None
    amount, low, high = (Decimal(told[name]) for name in ("amount", "low", "high"))
    return VendorForecast(vendor, told["currency"], days, amount, low, high)


def _anomaly(question: Question, told: _Told, vendor: str) -> VendorAnomaly | None:
    start, last = (date.fromisoformat(told[name]) for name in ("start", "last"))
    days = Period(start=start, end=last + DAY)
    if question.period is None or question.period.meet(days) is None or not _about(question, told):
        return None
    where = tuple(told[name] for name in ("account", "region") if told.get(name))
    return VendorAnomaly(vendor, told["currency"], days, told["service"], where, Decimal(told["impact"]))


def _about(question: Question, told: _Told) -> bool:
    """Whether the filters, as far as the vendor names such things, let it pass."""
    for each in question.where:
        if each.dimension == _PROVIDER:
            continue
        name = _NAMED.get(each.dimension)
        if name is None or (told.get(name, "") in each.values) == each.exclude:
            return False
    return True


def _budget(question: Question, told: _Told, vendor: str) -> VendorBudget | None:
    if any(each.dimension != _PROVIDER for each in question.where):
        return None
    about = ", ".join(told[name] for name in ("services", "projects", "labels") if told.get(name))
    spent, expected = (Decimal(told[name]) if name in told else None for name in ("spent", "expected"))
    limit = Decimal(told["limit"])
    return VendorBudget(vendor, told["currency"], told["name"], limit, told.get("every", ""), about, spent, expected)


_INSIGHTS: Mapping[str, tuple[str, Callable[[Question, _Told, str], VendorInsight | None]]] = {
    "forecast": ("forecast", _forecast),
    "anomalies": ("anomaly", _anomaly),
    "budgets": ("budget", _budget),
}
KINDS = frozenset(_INSIGHTS)
"""Kinds of questions to whose answers vendors have a word of their own to add."""
