"""What vendors themselves say beside their bills, as a sync has kept it: always told as the vendor's own word.

Their forecasts, anomalies and budgets stand beside ours as sentences; their list prices are prices like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bot import render
from bot.analytics.credits import Grant
from bot.domain.answer import Gap
from bot.domain.period import DAY, Period, month_of
from bot.domain.prices import Price
from bot.domain.question import Question
from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.ledger.kv_store import ADVICE

_NAMED = {"ServiceName": "service", "SubAccountName": "account", "RegionId": "region", "SkuId": "usage_type"}
_EVERY = {"daily": "a day", "weekly": "a week", "monthly": "a month", "quarterly": "a quarter", "annually": "a year"}
_PROVIDER = "ServiceProviderName"

_Told = Mapping[str, Any]


def notes(question: Question, ledger: Ledger, scope: Scope, touched: Mapping[str, str]) -> list[str]:
    """Sentences that belong beside an answer; ``touched`` are the sources it is about, with their vendors' names.

    Who sees only part of a source is not told of it: none of this can be narrowed.
    """
    if scope.where:
        return []
    kind, sentence = _SAYINGS[question.kind]
    currencies = {feed.source: ledger.query.labels(feed, "BillingCurrency") for feed in reversed(ledger.feeds())}
    old = {source for source in touched if (refused := asked(ledger, source, kind)) and refused.what}
    said = []
    for told in _kept(ledger, kind, touched):
        source = told["source"]
        text = sentence(question, {"currency": next(iter(currencies[source]), "USD"), **told}, touched[source])
        said += [_dated(text, told) if source in old else text] if text else []
    return said


def _dated(text: str, told: _Told) -> str:
    """A sentence that the vendor did not say again when it was asked last."""
    day = render.day(datetime.fromisoformat(told["at"]).date())
    return f"{text.removesuffix('.')} (as of {day}; it could not be read since)."


def prices(skus: Collection[str], ledger: Ledger, sees: Callable[[str], bool]) -> list[Price]:
    """Vendors' list prices of these SKUs."""
    named = set(skus)
    found = [told for told in _kept(ledger, "price") if sees(told["source"]) and named & {told["name"], told["sku"]}]
    return [_price(told) for told in found]


def credits_left(ledger: Ledger, source: str) -> list[Grant]:
    """The grants that the vendor of a source tells of, with what is left."""
    return [_grant(told) for told in _kept(ledger, "credit", {source: ""})]


def asked(ledger: Ledger, source: str, kind: str) -> Gap | None:
    """What came of asking a vendor: None where it was never asked, else a gap, of no words where it told."""
    found = ledger.memory.get(ADVICE, f"{source}/asked/{kind}")
    return None if found is None else Gap(source=source, what=found["message"], hint=found["hint"])


def _grant(told: _Told) -> Grant:
    start, expires = (date.fromisoformat(told[name]) if told[name] else None for name in ("start", "expires"))
    return Grant(
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
        note=f"beyond {above} a month" if above else "",
    )


def _forecast(question: Question, told: _Told, vendor: str) -> str:
    """Of the whole bill to the month's end, where that is what was asked."""
    period = question.period
    other = any(each.dimension != _PROVIDER for each in question.where) or question.charges != "net"
    start = date.fromisoformat(told["start"])
    if period is None or other or period != month_of(start):
        return ""
    amount, low, high = (_money(told, name) for name in ("amount", "low", "high"))
    last = render.day(date.fromisoformat(told["end"]) - DAY)
    return f"{vendor}'s own forecast of {render.day(start)} to {last}: {amount}, 80% sure between {low} and {high}."


def _anomaly(question: Question, told: _Told, vendor: str) -> str:
    start, last = (date.fromisoformat(told[name]) for name in ("start", "last"))
    days = Period(start=start, end=last + DAY)
    if question.period is None or question.period.meet(days) is None or not _about(question, told):
        return ""
    where = [told[name] for name in ("account", "region") if told.get(name)]
    what = f"{told['service']} in {' · '.join(where)}" if where else told["service"]
    impact = _money(told, "impact")
    return f"{vendor}'s own anomaly detection: {what}, {render.period(days)}, {impact} more than it expected."


def _about(question: Question, told: _Told) -> bool:
    """Whether the filters, as far as the vendor names such things, let it pass."""
    for each in question.where:
        if each.dimension == _PROVIDER:
            continue
        name = _NAMED.get(each.dimension)
        if name is None or (told.get(name, "") in each.values) == each.exclude:
            return False
    return True


def _budget(question: Question, told: _Told, vendor: str) -> str:
    if any(each.dimension != _PROVIDER for each in question.where):
        return ""
    every = _EVERY.get(told.get("every", ""), told.get("every", ""))
    about = ", ".join(told[name] for name in ("services", "projects", "labels") if told.get(name))
    limit = " ".join(filter(None, (_money(told, "limit"), every, f"for {about}" if about else "")))
    spent = f"{_money(told, 'spent')} of {limit} spent" if "spent" in told else limit
    expected = f", {_money(told, 'expected')} expected" if "expected" in told else ""
    return f"{vendor}'s own budget “{told['name']}”: {spent}{expected}."


def _money(told: _Told, name: str) -> str:
    return render.money(Decimal(told[name]), told["currency"])


_SAYINGS: Mapping[str, tuple[str, Callable[[Question, _Told, str], str]]] = {
    "forecast": ("forecast", _forecast),
    "anomalies": ("anomaly", _anomaly),
    "budgets": ("budget", _budget),
}
KINDS = frozenset(_SAYINGS)
"""Kinds of questions to whose answers vendors have a word of their own to add."""
