"""Cloud Billing, its catalogue and the Budget API, as Lumen Robotics would see them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from simulators.gcp.bill import ACCOUNT, ACCOUNT_NAME, METERS, PROJECTS
from simulators.http_server import Reply, Request, json_reply

_UNITS = {
    "hour": "h",
    "gibibyte hour": "GiBy.h",
    "gibibyte month": "GiBy.mo",
    "gibibyte": "GiBy",
    "tebibyte": "TiBy",
    "second": "s",
    "count": "count",
}
_NAME = f"billingAccounts/{ACCOUNT}"


def service_id(service: str) -> str:
    """A made-up id in the shape of Google's."""
    letters = f"{service.encode().hex().upper():0<12}"
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:12]}"


def billing(request: Request, parts: list[str]) -> Reply | None:
    """The reply to a request of one of these APIs, or None for an unknown path."""
    result: dict[str, Any] | None = None
    match parts:
        case ["v1", "billingAccounts"]:
            result = {"billingAccounts": [_account()]}
        case ["v1", "billingAccounts", account] if account == ACCOUNT:
            result = _account()
        case ["v1", "billingAccounts", account, "projects"] if account == ACCOUNT:
            result = {"projectBillingInfo": [_project(project) for project in PROJECTS]}
        case ["v1", "billingAccounts", account, "budgets"] if account == ACCOUNT:
            result = {"budgets": _BUDGETS}
        case ["v1", "services"]:
            result = {"services": [_service(service) for service in _SERVICES]}
        case ["v1", "services", wanted, "skus"]:
            currency = request.query.get("currencyCode", ["USD"])[0]
            fitting = [meter for meter in METERS if service_id(meter.service) == wanted]
            result = {"skus": [_sku(item.service, item.sku_id, currency) for item in fitting]}
    return json_reply(result) if result is not None else None


_SERVICES = sorted({meter.service for meter in METERS})
_BUDGETS: list[dict[str, Any]] = [
    {
        "name": f"{_NAME}/budgets/b1",
        "displayName": "Google Cloud",
        "budgetFilter": {"calendarPeriod": "MONTH", "creditTypesTreatment": "INCLUDE_ALL_CREDITS"},
        "amount": {"specifiedAmount": {"currencyCode": "USD", "units": "20000"}},
        "thresholdRules": [{"thresholdPercent": 0.5}, {"thresholdPercent": 0.9}, {"thresholdPercent": 1.0}],
    },
    {
        "name": f"{_NAME}/budgets/b2",
        "displayName": "BigQuery",
        "budgetFilter": {
            "calendarPeriod": "QUARTER",
            "services": [f"services/{service_id('BigQuery')}"],
            "labels": {"team": ["data"]},
            "creditTypesTreatment": "EXCLUDE_ALL_CREDITS",
        },
        "amount": {"specifiedAmount": {"currencyCode": "USD", "units": "9000", "nanos": 500000000}},
        "thresholdRules": [{"thresholdPercent": 0.9}],
    },
    {
        "name": f"{_NAME}/budgets/b3",
        "displayName": "Machine learning, as last month",
        "budgetFilter": {"projects": ["projects/lumen-ml"], "calendarPeriod": "MONTH"},
        "amount": {"lastPeriodAmount": {}},
    },
]


def _account() -> dict[str, Any]:
    return {"name": _NAME, "displayName": ACCOUNT_NAME, "open": True, "masterBillingAccount": ""}


def _project(project: str) -> dict[str, Any]:
    return {
        "name": f"projects/{project}/billingInfo",
        "projectId": project,
        "billingAccountName": _NAME,
        "billingEnabled": True,
    }


def _service(service: str) -> dict[str, Any]:
    identity = service_id(service)
    return {
        "name": f"services/{identity}",
        "serviceId": identity,
        "displayName": service,
        "businessEntityName": "businessEntities/GCP",
    }


def _sku(service: str, sku_id: str, currency: str) -> dict[str, Any]:
    meter = next(item for item in METERS if item.sku_id == sku_id)
    price = Decimal(meter.price)
    units = int(price)
    nanos = int((price - units) * 10**9)
    money = {"currencyCode": currency, "units": str(units), "nanos": nanos}
    return {
        "name": f"services/{service_id(service)}/skus/{sku_id}",
        "skuId": sku_id,
        "description": meter.sku,
        "category": {"serviceDisplayName": service, "usageType": "OnDemand"},
        "serviceRegions": [meter.region or "global"],
        "pricingInfo": [
            {
                "effectiveTime": "2026-11-01T00:00:00Z",
                "pricingExpression": {
                    "usageUnit": _UNITS[meter.unit],
                    "usageUnitDescription": meter.unit,
                    "displayQuantity": 1,
                    "tieredRates": [{"startUsageAmount": 0, "unitPrice": money}],
                },
                "currencyConversionRate": 1,
            }
        ],
        "serviceProviderName": "Google",
    }
