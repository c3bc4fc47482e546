"""What vendors themselves say beside their bills, as a sync has kept it: always told as the vendor's own word.

Their forecasts, anomalies and budgets stand beside ours as notes; their list prices are prices like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.domain.answers.credits import CreditGrant
from bot.domain.answers.vendor_insights import VendorAnomaly, VendorBudget, VendorForecast, VendorInsight
from bot.domain.period import DAY, Period, month_of
from bot.domain.prices import BeyondUse, Price
from bot.domain.question import Question
from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.ledger.kv_store import ADVICE

_NAMED = {"ServiceName": "service", "SubAccountName": "account", "RegionId": "region", "SkuId": "usage_type"}
_PROVIDER = "ServiceProviderName"

_Stored = Mapping[str, Any]


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
    for stored in _kept(ledger, kind, touched):
        source = stored["source"]
        insight = read(question, {"currency": next(iter(currencies[source]), "USD"), **stored}, touched[source])
        if insight and source in old:
            insight = replace(insight, read_on=datetime.fromisoformat(stored["at"]).date())
        insights += [insight] if insight else []
    return insights


class VendorReply(Struct, frozen=True):
    """What came of asking a vendor: why it refused and what to do, both ``""`` where it answered."""

    message: str
    hint: str


def prices(skus: Collection[str], ledger: Ledger, sees: Callable[[str], bool]) -> list[Price]:
    """Vendors' list prices of these SKUs."""
    named = set(skus)
    found = [
        stored
        for stored in _kept(ledger, "price")
        if sees(stored["source"]) and named & {stored["name"], stored["sku"]}
    ]
    return [_price(stored) for stored in found]


def credits_left(ledger: Ledger, source: str) -> list[CreditGrant]:
    """The grants that the vendor of a source tells of, with what is left."""
    return [_grant(stored) for stored in _kept(ledger, "credit", {source: ""})]


def asked(ledger: Ledger, source: str, kind: str) -> VendorReply | None:
    """What came of asking a vendor; None where it was never asked."""
    found = ledger.memory.get(ADVICE, f"{source}/asked/{kind}")
    return None if found is None else VendorReply(found["message"], found["hint"])


def _grant(stored: _Stored) -> CreditGrant:
    start, expires = (date.fromisoformat(stored[name]) if stored[name] else None for name in ("start", "expires"))
    return CreditGrant(
        source=stored["source"],
        name=stored["title"] or stored["name"],
        currency=stored["currency"],
        left=Decimal(stored["left"]),
        granted=Decimal(stored["granted"]),
        start=start,
        expires=expires,
        only=stored["only"],
        reported=datetime.fromisoformat(stored["at"]).date(),
    )


def _kept(ledger: Ledger, kind: str, sources: Mapping[str, str] | None = None) -> Iterator[_Stored]:
    for stored in ledger.memory.all(ADVICE).values():
        if stored["kind"] == kind and (sources is None or stored["source"] in sources):
            yield stored


def _price(stored: _Stored) -> Price:
    above = stored.get("above")
    return Price(
        what={"SkuId": stored["sku"]},
        kind="list",
        currency=stored["currency"],
        amount=Decimal(stored["amount"]),
        unit=stored["unit"],
        source=f"{stored['source']}'s own price list",
        as_of=datetime.fromisoformat(stored["at"]).date(),
        note=BeyondUse(above) if above else None,
    )


def _forecast(question: Question, stored: _Stored, vendor: str) -> VendorForecast | None:
    """Of the whole bill to the month's end, where that is what was asked."""
    period = question.period
    other = any(condition.dimension != _PROVIDER for condition in question.where) or question.charges != "net"
    days = Period(start=date.fromisoformat(stored["start"]), end=date.fromisoformat(stored["end"]))
    if period is None or other or period != month_of(days.start):
        return None
    amount, low, high = (Decimal(stored[name]) for name in ("amount", "low", "high"))
    return VendorForecast(vendor, stored["currency"], days, amount, low, high)


def _anomaly(question: Question, stored: _Stored, vendor: str) -> VendorAnomaly | None:
    start, last = (date.fromisoformat(stored[name]) for name in ("start", "last"))
    days = Period(start=start, end=last + DAY)
    if question.period is None or question.period.meet(days) is None or not _about(question, stored):
        return None
    where = tuple(stored[name] for name in ("account", "region") if stored.get(name))
    return VendorAnomaly(vendor, stored["currency"], days, stored["service"], where, Decimal(stored["impact"]))


def _about(question: Question, stored: _Stored) -> bool:
    """Whether the filters, as far as the vendor names such things, let it pass."""
    for condition in question.where:
        if condition.dimension == _PROVIDER:
            continue
        name = _NAMED.get(condition.dimension)
        if name is None or (stored.get(name, "") in condition.values) == condition.exclude:
            return False
    return True


def _budget(question: Question, stored: _Stored, vendor: str) -> VendorBudget | None:
    if any(condition.dimension != _PROVIDER for condition in question.where):
        return None
    about = ", ".join(stored[name] for name in _SCOPE if stored.get(name))
    spent, expected = (Decimal(stored[name]) if name in stored else None for name in ("spent", "expected"))
    limit = Decimal(stored["limit"])
    return VendorBudget(
        vendor, stored["currency"], stored["name"], limit, stored.get("every", ""), about, spent, expected
    )


_SCOPE = ("services", "projects", "labels", "regions", "filter")
"""What a vendor's budget may be about, where it is not everything."""
_INSIGHTS: Mapping[str, tuple[str, Callable[[Question, _Stored, str], VendorInsight | None]]] = {
    "forecast": ("forecast", _forecast),
    "anomalies": ("anomaly", _anomaly),
    "budgets": ("budget", _budget),
}
KINDS = frozenset(_INSIGHTS)
"""Kinds of questions to whose answers vendors have a word of their own to add."""
