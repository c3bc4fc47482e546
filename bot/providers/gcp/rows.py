"""Rows of the export's sums, made into charges."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from bot.costs.charge import Charge
from bot.costs.errors import UnexpectedReply
from bot.costs.period import add_months, month_of
from bot.providers.gcp.names import (
    model_of,
    pricing_category,
    region_name,
    service_category,
    token_type_of,
    unit_of,
)
from bot.providers.gcp.sql import CREDIT_TYPES, FOCUS_KEYS

PROVIDER = "Google Cloud"
NANO = Decimal("1e-9")
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_ZERO = Decimal(0)
_CATEGORIES = {"tax": "Tax", "adjustment": "Adjustment", "rounding_error": "Adjustment"}

Row = Mapping[str, Any]


def exact(value: float | Decimal | None) -> Decimal:
    """A FLOAT64 sum rounded half-even to 1e-9; a NUMERIC as it is; null is nothing."""
    if value is None:
        return _ZERO
    amount = value if isinstance(value, Decimal) else Decimal(repr(value)).quantize(NANO, context=_WIDE)
    if not amount.is_finite():
        raise UnexpectedReply(f"The billing export has an amount that is no number ({value}).")
    return amount


def native(row: Row, account_name: str) -> Iterator[Charge]:
    """The charge of one row of a detailed or standard export, and its credits as charges of their own."""
    cost, discounts = exact(row["cost"]), exact(row["discounts"])
    category = _CATEGORIES.get(row["cost_type"], "Usage")
    shared = _native_dimensions(row, account_name)
    sku, unit = row["sku"], unit_of(row["sku"], row["unit"])
    quantity = exact(row["quantity"])
    yield Charge(
        **shared,
        billed_cost=cost + discounts,
        effective_cost=cost + discounts,
        list_cost=exact(row["list_cost"]),
        contracted_cost=cost,
        consumed_quantity=quantity,
        consumed_unit=unit,
        pricing_quantity=quantity,
        pricing_unit=unit,
        pricing_category=pricing_category(row["service"], sku) if category == "Usage" else "",
        charge_category=category,
        charge_class=_charge_class(category, row["day"], shared["x_billing_month"]),
        charge_frequency="Usage-Based" if category == "Usage" else "One-Time",
        charge_description=row["adjustment"] or f"{row['service']} {sku}".strip(),
    )
    yield from _credits(row, shared)


def focus(row: Row, account_name: str) -> Iterator[Charge]:
    """The charge of one row of the FOCUS export, with the credits in it told apart again."""
    shared = _focus_dimensions(row, account_name)
    usage = row["ChargeCategory"] == "Usage"
    granted = list(_credits(row, shared)) if usage else []
    own = sum((each.billed_cost for each in granted), _ZERO)
    yield Charge(
        **shared,
        billed_cost=exact(row["BilledCost"]) - own,
        effective_cost=exact(row["EffectiveCost"]) - own,
        list_cost=exact(row["ListCost"]),
        contracted_cost=exact(row["ContractedCost"]),
        consumed_quantity=exact(row["ConsumedQuantity"]),
        consumed_unit=row["ConsumedUnit"],
        pricing_quantity=exact(row["PricingQuantity"]),
        pricing_unit=row["PricingUnit"],
        pricing_category=row["PricingCategory"],
        charge_category=row["ChargeCategory"] or "Usage",
        charge_class=row["ChargeClass"],
        charge_frequency=row["ChargeFrequency"] or "Usage-Based",
        charge_description=row["ChargeDescription"],
    )
    yield from granted


def _native_dimensions(row: Row, account_name: str) -> dict[str, Any]:
    return {
        **_everywhere(row),
        "billing_currency": row["currency"],
        "billing_account_id": row["account"],
        "billing_account_name": account_name or row["account"],
        "sub_account_id": row["project_id"],
        "sub_account_name": row["project_name"] or row["project_id"],
        "sub_account_type": "Project" if row["project_id"] else "",
        "service_name": row["service"],
        "service_category": service_category(row["service"]),
        "region_id": row["region"],
        "region_name": region_name(row["region"]),
        "availability_zone": row["zone"],
        "sku_id": row["sku"],
        "sku_meter": row["sku"],
        "sku_price_id": row["sku_id"],
        "resource_id": row["resource_id"] or row["resource_name"],
        "resource_name": row["resource_name"],
        "x_model": model_of(row["sku"]),
        "x_token_type": token_type_of(row["sku"]),
        "x_billing_month": _invoice_month(row["invoice_month"], row["day"]),
    }


def _focus_dimensions(row: Row, account_name: str) -> dict[str, Any]:
    told = {_SNAKE[name]: row[name] for name in _FOCUS_SHARED}
    described = row["ChargeDescription"]
    return {
        **_everywhere(row),
        **told,
        "invoice_issuer_name": told["invoice_issuer_name"] or PROVIDER,
        "billing_account_name": told["billing_account_name"] or account_name or told["billing_account_id"],
        "sub_account_name": told["sub_account_name"] or told["sub_account_id"],
        "service_category": told["service_category"] or service_category(told["service_name"]),
        "region_name": told["region_name"] or region_name(told["region_id"]),
        "x_model": model_of(described),
        "x_token_type": token_type_of(described),
        "x_billing_month": _billing_month(row["billing_start"], row["billing_end"], row["day"]),
    }


def _everywhere(row: Row) -> dict[str, Any]:
    rate = row["rate"]
    return {
        "day": row["day"],
        "service_provider_name": PROVIDER,
        "host_provider_name": PROVIDER,
        "invoice_issuer_name": PROVIDER,
        "billing_account_type": "Billing account",
        "tags": _tags(row["labels"], row["tags"], row["project_labels"]),
        "x": {"x_CurrencyConversionRate": str(rate)} if rate not in {None, 1} else {},
    }


def _credits(row: Row, shared: Mapping[str, Any]) -> Iterator[Charge]:
    for each in CREDIT_TYPES:
        amount = exact(row.get(each.lower()))
        if amount:
            yield Charge(
                **{**shared, "x": {**shared["x"], "x_CreditType": each}},
                billed_cost=amount,
                effective_cost=amount,
                list_cost=_ZERO,
                contracted_cost=_ZERO,
                charge_category="Credit",
                charge_description=row.get(f"{each.lower()}_name") or each.replace("_", " ").capitalize(),
            )


def _charge_class(category: str, day: date, billing_month: str) -> str:
    """An adjustment of a day whose own invoice has been written is a correction."""
    closed = billing_month and date.fromisoformat(billing_month[:10]) > day
    return "Correction" if category == "Adjustment" and closed else ""


def _invoice_month(month: str, day: date) -> str:
    """``""`` for the calendar month of the day, else the invoice's month as ``start/end``."""
    if not month:
        return ""
    start = date(int(month[:4]), int(month[4:6]), 1)
    return _billing_month(start, add_months(start, 1), day)


def _billing_month(start: date | None, end: date | None, day: date) -> str:
    usual = month_of(day)
    if start is None or end is None or (start, end) == (usual.start, usual.end):
        return ""
    return f"{start}/{end}"


@lru_cache(maxsize=65_536)
def _tags(labels: str, tags: str, project_labels: str) -> Mapping[str, str]:
    """Labels, then resource tags, then (where wanted) the project's labels, for keys not yet there."""
    merged: dict[str, str] = {}
    for text in (labels, tags, project_labels):
        for pair in json.loads(text) or ():
            folded = {name.casefold(): value for name, value in pair.items()}
            merged.setdefault(folded["key"], folded.get("value") or "")
    return MappingProxyType(dict(sorted(merged.items())))


def _snake(column: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in column).lstrip("_")


_OWN = {"ChargeCategory", "ChargeClass", "ChargeFrequency", "ChargeDescription"}
_AMOUNTS = {"PricingCategory", "PricingUnit", "ConsumedUnit"}
_FOCUS_SHARED = tuple(name for name in FOCUS_KEYS if name not in _OWN | _AMOUNTS)
_SNAKE = {name: _snake(name) for name in FOCUS_KEYS}
