"""What AWS itself says beside the bill: budgets and credits (free to read), a forecast and anomalies ($0.01 each)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.domain.errors import AccessDenied, Misconfigured, RequestRefused, Unavailable, UnexpectedReply
from bot.domain.money import plain
from bot.domain.period import month_of
from bot.providers import Advice, InsightKind
from bot.providers.aws.client import AwsClient

Ask = Callable[[AwsClient, date], Iterator[Advice]]
_LOOKS_BACK = timedelta(days=90)
_YEAR = timedelta(days=364)
"""AWS tells of credits of a year at the most."""
_LEVEL = 80
_SHAPE = "Please report it: this version of the bot does not support this reply."


def advice(wire: AwsClient, today: date, *, paid: bool = True, view: bool = False) -> Iterator[Advice]:
    """Budgets, credits and, if ``paid``, the forecast to the month's end and anomalies; and what came of asking.

    Of a billing ``view`` AWS has the forecast alone: the rest is about the whole account.

    Raises:
        CeilingReached: from the meter.
    """
    for kind, ask in ASKS.items():
        if (kind in PAID and not paid) or (view and kind not in OF_VIEWS):
            continue
        try:
            yield from list(ask(wire, today))
            yield Advice("asked", kind, {"message": "", "hint": ""})
        except (AccessDenied, Misconfigured, Unavailable, UnexpectedReply) as error:
            yield Advice("asked", kind, {"message": error.message, "hint": error.hint})


def _budgets(wire: AwsClient, today: date) -> Iterator[Advice]:
    for page in _budget_pages(wire):
        for budget in page.get("Budgets", []):
            limit = budget.get("BudgetLimit") or _planned(budget, today)
            if budget.get("BudgetType") == "COST" and limit:
                yield Advice("budget", str(budget["BudgetName"]), _budget(budget, limit))


def _planned(budget: Mapping[str, Any], today: date) -> Mapping[str, Any] | None:
    """The limit of the present month or quarter, where each has its own (``PlannedBudgetLimits``, by epoch seconds)."""
    planned: Mapping[str, Mapping[str, Any]] = budget.get("PlannedBudgetLimits") or {}
    now = datetime.combine(today, datetime.min.time(), UTC).timestamp()
    begun = [start for start in planned if int(start) <= now]
    return planned[max(begun, key=int)] if begun else None


def _budget_pages(wire: AwsClient) -> Iterator[Mapping[str, Any]]:
    """The budgets; an account that has none may say so by an error (``NotFoundException`` of DescribeBudgets).

    Without ``ShowFilterExpression`` a budget with such a filter looks like one about everything.
    """
    params = {"AccountId": wire.known_account(), "ShowFilterExpression": True}
    try:
        yield from wire.listed("budgets", "DescribeBudgets", params)
    except RequestRefused as refused:
        if refused.code != "NotFoundException":
            raise


def _scope(budget: Mapping[str, Any]) -> dict[str, str]:
    """What a budget is about, where not everything: each dimension with its values, or its filter, or its view."""
    filters: Mapping[str, Any] = budget.get("CostFilters") or {}
    named = {name: ", ".join(map(str, values)) for name, values in filters.items() if values}
    scope = {_FILTERS[name]: values for name, values in named.items() if name in _FILTERS}
    others = [f"{name}={values}" for name, values in named.items() if name not in _FILTERS]
    if budget.get("FilterExpression") and not named:
        others.append(json.dumps(budget["FilterExpression"], sort_keys=True)[:_EXPRESSION])
    view = str(budget.get("BillingViewArn") or "").partition(":billingview/")[2]
    others += [f"billing view {view}"] if view and view != _PRIMARY else []
    return {**scope, **({"filter": ", ".join(others)} if others else {})}


_EXPRESSION = 200
_PRIMARY = "primary"
"""The view that every account has: all of its bill."""
_FILTERS = {"Service": "services", "LinkedAccount": "projects", "TagKeyValue": "labels", "Region": "regions"}


def _budget(budget: Mapping[str, Any], limit: Mapping[str, Any]) -> dict[str, str]:
    spend = budget.get("CalculatedSpend", {})
    details = {
        "limit": _amount(limit["Amount"]),
        "currency": str(limit["Unit"]),
        "every": str(budget["TimeUnit"]).lower(),
        **_scope(budget),
    }
    for ours, theirs in (("spent", "ActualSpend"), ("expected", "ForecastedSpend")):
        if theirs in spend:
            details[ours] = _amount(spend[theirs]["Amount"])
    return details


def _forecast(wire: AwsClient, today: date) -> Iterator[Advice]:
    """From today, which it includes, to the end of the month."""
    end = month_of(today).end
    reply = wire.call(
        "ce",
        "GetCostForecast",
        {
            "TimePeriod": {"Start": str(today), "End": str(end)},
            "Metric": "UNBLENDED_COST",
            "Granularity": "MONTHLY",
            "PredictionIntervalLevel": _LEVEL,
        },
    )
    try:
        total, (month, *_) = reply["Total"], reply["ForecastResultsByTime"]
        details = {
            "start": str(today),
            "end": str(end),
            "amount": _amount(total["Amount"]),
            "low": _amount(month["PredictionIntervalLowerBound"]),
            "high": _amount(month["PredictionIntervalUpperBound"]),
            "currency": str(total["Unit"]),
        }
    except (KeyError, ValueError):
        raise UnexpectedReply("AWS's forecast has an unexpected format.", _SHAPE) from None
    yield Advice("forecast", "month", details)


def _anomalies(wire: AwsClient, today: date) -> Iterator[Advice]:
    params = {"DateInterval": {"StartDate": str(today - _LOOKS_BACK), "EndDate": str(today)}}
    for page in wire.pages("GetAnomalies", params):
        for anomaly in page.get("Anomalies", []):
            cause: Mapping[str, Any] = next(iter(anomaly.get("RootCauses", [])), {})
            start = str(anomaly.get("AnomalyStartDate", ""))[:10]
            details = {
                "start": start,
                "last": str(anomaly.get("AnomalyEndDate", start))[:10],
                "impact": _amount(repr(anomaly["Impact"].get("TotalImpact", 0.0))),
                "service": str(cause.get("Service") or anomaly.get("DimensionValue", "")),
                "region": str(cause.get("Region", "")),
                "account": str(cause.get("LinkedAccountName") or cause.get("LinkedAccount", "")),
                "usage_type": str(cause.get("UsageType", "")),
            }
            yield Advice("anomaly", str(anomaly["AnomalyId"]), details)


def _credits(wire: AwsClient, today: date) -> Iterator[Advice]:
    """Every credit of the payer's family. What is left is without what the open month has used of it already."""
    since = datetime.combine(today - _YEAR, datetime.min.time(), UTC)
    params = {"accountId": wire.known_account(), "startDate": since, "payerAccountFlag": True}
    for credit in wire.call("billing", "GetCredits", params).get("credits", []):
        try:
            left = credit.get("estimatedAmount") or credit["remainingAmount"]
            details = {
                "granted": _amount(credit["initialAmount"]["currencyAmount"]),
                "left": _amount(left["currencyAmount"]),
                "currency": str(left["currencyCode"]),
                "start": str(_day(credit["startDate"])),
                "expires": str(_day(credit["endDate"])) if "endDate" in credit else "",
                "only": ", ".join(map(str, credit.get("applicableProductNames") or ())),
                "title": str(credit["description"]),
            }
        except (KeyError, TypeError, AttributeError):
            raise UnexpectedReply("AWS's credits have an unexpected format.", _SHAPE) from None
        if credit.get("creditStatus") != "DISABLED":
            yield Advice("credit", str(credit["creditId"]), details)


def _day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()


ASKS: Mapping[InsightKind, Ask] = {
    "budget": _budgets,
    "credit": _credits,
    "forecast": _forecast,
    "anomaly": _anomalies,
}
"""What AWS may be asked beside the bill."""
OF_VIEWS = frozenset({"forecast"})
PAID = frozenset({"forecast", "anomaly"})
"""What of it Cost Explorer answers, for money."""


def _amount(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise UnexpectedReply("AWS sent an amount that is not a number.", _SHAPE) from None
    return plain(amount)
