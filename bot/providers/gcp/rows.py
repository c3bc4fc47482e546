"""Rows of the export's sums, made into charges."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from bot.domain.charge import Charge, attribute
from bot.domain.errors import UnexpectedReply
from bot.domain.period import add_months, month_of
from bot.providers.gcp.names import (
    model_of,
    pricing_category,
    region_name,
    resource_type,
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
_FOCUS_CATEGORIES = {
    **_CATEGORIES,
    **{name.lower(): name for name in ("Usage", "Purchase", "Tax", "Credit", "Adjustment")},
    "regular": "Usage",
    "": "Usage",
}
"""By the words of the export, and of the view, which keeps ``cost_type`` as it is."""
_SKU = re.compile(r"\b[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}\b")
"""A SKU's code: what Google's FOCUS tables have as ``SkuId``, its name standing in ``ChargeDescription`` alone."""

Row = Mapping[str, Any]


def exact(value: float | Decimal | None) -> Decimal:
    """A FLOAT64 sum rounded half-even to 1e-9; a NUMERIC as it is; null is nothing."""
    if value is None:
        return _ZERO
    amount = value if isinstance(value, Decimal) else Decimal(repr(value)).quantize(NANO, context=_WIDE)
    if not amount.is_finite():
        raise UnexpectedReply(f"The billing export has an amount that is not a number ({value}).")
    return amount


@dataclass(frozen=True)
class _Key:
    """What one key text says: the dimensions of its charges, and what only its usage has."""

    fields: Mapping[str, Any]
    shared: Mapping[str, Any]
    usage: Mapping[str, Any]


def native(row: Row, account_name: str) -> Iterator[Charge]:
    """The charge of one row of a detailed or standard export, and its credits as charges of their own."""
    key = _native_key(row["key"], account_name)
    cost = exact(row["cost"])
    quantity = exact(row["quantity"]) if key.usage["consumed_unit"] else _ZERO
    net = cost + exact(row["discounts"])
    shared = _on_day(row, key.shared, _invoice_month(key.fields["invoice_month"], row["day"]))
    category = key.usage["charge_category"]
    yield Charge(
        **shared,
        **key.usage,
        billed_cost=net,
        effective_cost=net,
        list_cost=exact(row["list_cost"]),
        contracted_cost=cost,
        consumed_quantity=quantity,
        pricing_quantity=quantity,
        charge_class=_charge_class(category, row["day"], shared["x_billing_month"]),
        unknown_columns=("ListCost",) if row["unlisted"] else (),
    )
    yield from _credits(row, shared)


def focus(row: Row, account_name: str) -> Iterator[Charge]:
    """The charge of one row of the FOCUS export, with the credits in it fields apart again."""
    key = _focus_key(row["key"], account_name)
    month = _billing_month(key.fields["billing_start"], key.fields["billing_end"], row["day"])
    shared = _on_day(row, key.shared, month)
    granted = list(_credits(row, shared)) if key.usage["charge_category"] == "Usage" else []
    own = sum((credit.billed_cost for credit in granted), _ZERO)
    yield Charge(
        **shared,
        **key.usage,
        billed_cost=exact(row["BilledCost"]) - own,
        effective_cost=exact(row["EffectiveCost"]) - own,
        list_cost=exact(row["ListCost"]),
        contracted_cost=exact(row["ContractedCost"]),
        consumed_quantity=exact(row["PricingQuantity" if key.usage["pricing_unit"] else "ConsumedQuantity"]),
        pricing_quantity=exact(row["PricingQuantity"]),
    )
    yield from granted


@lru_cache(maxsize=65_536)
def account_of(key: str) -> str:
    """The billing account that a row's key names."""
    fields = json.loads(key)
    return str(fields.get("account") or fields.get("BillingAccountId") or "")


@lru_cache(maxsize=65_536)
def _native_key(text: str, account_name: str) -> _Key:
    fields = json.loads(text)
    service, sku = fields["service"], fields["sku"]
    category = _CATEGORIES.get(fields["cost_type"], "Usage")
    unit = unit_of(sku, fields["unit"]) if category == "Usage" else ""
    taxed = category == "Tax"
    shared = _EVERYWHERE | {
        "tags": _tags(fields),
        "billing_currency": fields["currency"],
        "billing_account_id": fields["account"],
        "billing_account_name": account_name or fields["account"],
        "sub_account_id": fields["project_id"],
        "sub_account_name": fields["project_name"] or fields["project_id"],
        "sub_account_type": "Project" if fields["project_id"] else "",
        "service_name": service,
        "service_category": service_category(service),
        "region_id": fields["region"],
        "region_name": region_name(fields["region"]),
        "availability_zone": fields["zone"],
        "sku_id": "" if taxed else sku,
        "sku_meter": "" if taxed else sku,
        "sku_price_id": "" if taxed else fields["sku_id"],
        "resource_id": fields["resource_id"] or fields["resource_name"],
        "resource_name": fields["resource_name"],
        "resource_type": resource_type(fields["resource_id"]),
        "x_model": model_of(sku),
        "x_token_type": token_type_of(sku),
    }
    usage = {
        "consumed_unit": unit,
        "pricing_unit": unit,
        "pricing_category": pricing_category(service, sku) if category == "Usage" else "",
        "charge_category": category,
        "charge_frequency": "Usage-Based" if category == "Usage" else "One-Time",
        "charge_description": fields["adjustment"] or f"{service} {sku}".strip(),
    }
    return _Key(fields, shared, usage)


@lru_cache(maxsize=65_536)
def _focus_key(text: str, account_name: str) -> _Key:
    fields = json.loads(text)
    words = {attribute(name): fields[name] for name in FOCUS_KEYS}
    usage = {name: words.pop(name) for name in _USAGE}
    shared = _EVERYWHERE | words
    shared |= {
        "tags": _tags(fields),
        "invoice_issuer_name": words["invoice_issuer_name"] or PROVIDER,
        "billing_account_name": words["billing_account_name"] or account_name or words["billing_account_id"],
        "sub_account_name": words["sub_account_name"] or words["sub_account_id"],
        "service_category": words["service_category"] or service_category(words["service_name"]),
        "region_name": words["region_name"] or region_name(words["region_id"]),
        "x_model": model_of(usage["charge_description"]),
        "x_token_type": token_type_of(usage["charge_description"]),
    }
    shared |= _sku_columns(words["sku_id"], words["sku_price_id"], usage["charge_description"])
    usage["charge_category"] = _FOCUS_CATEGORIES.get(usage["charge_category"].casefold(), usage["charge_category"])
    usage["charge_frequency"] = usage["charge_frequency"] or "Usage-Based"
    if usage["pricing_unit"]:
        # ConsumedUnit says "requests" where tokens are counted (webframp/swamp, gcp/vertex-usage), PricingUnit "count"
        usage["pricing_unit"] = usage["consumed_unit"] = unit_of(usage["charge_description"], usage["pricing_unit"])
    return _Key(fields, shared, usage)


def _sku_columns(sku: str, price: str, description: str) -> dict[str, str]:
    """A SKU by its name, its code kept for the price list; as it is where it is no code."""
    code = _SKU.search(sku) or _SKU.search(price)
    if not (code and description):
        return {}
    return {"sku_id": description, "sku_meter": description, "sku_price_id": code[0]}


def _on_day(row: Row, shared: Mapping[str, Any], billing_month: str) -> dict[str, Any]:
    rate = row["rate"]
    foreign = {"x_CurrencyConversionRate": str(rate)} if rate not in {None, 1} else {}
    return {**shared, "day": row["day"], "x_billing_month": billing_month, "x": foreign}


def _credits(row: Row, shared: Mapping[str, Any]) -> Iterator[Charge]:
    for kind in CREDIT_TYPES:
        amount = exact(row.get(kind.lower()))
        if amount:
            yield Charge(
                **{**shared, "x": {**shared["x"], "x_CreditType": kind}},
                billed_cost=amount,
                effective_cost=amount,
                list_cost=_ZERO,
                contracted_cost=_ZERO,
                charge_category="Credit",
                charge_description=row.get(f"{kind.lower()}_name") or kind.replace("_", " ").capitalize(),
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


def _billing_month(start: date | str, end: date | str, day: date) -> str:
    """``""`` for the calendar month of the day; an end on the last day of a month is the start of the next."""
    if not (start and end):
        return ""
    ends = date.fromisoformat(str(end))
    if ends.day != 1 and ends == month_of(ends).last:
        ends = month_of(ends).end
    usual = month_of(day)
    return "" if (str(start), ends) == (str(usual.start), usual.end) else f"{start}/{ends}"


def _tags(fields: Mapping[str, Any]) -> Mapping[str, str]:
    """Labels, then resource tags, then (where wanted) the project's labels, for keys not yet there.

    In the FOCUS view all of them stand together, each with its type; the system's own are nobody's tags.
    """
    merged: dict[str, str] = {}
    for name, types in (("labels", _OWN), ("tags", _OWN), ("project_labels", _PROJECT)):
        for pair in fields[name] or ():
            folded = {key.casefold(): value for key, value in pair.items()}
            if folded["key"] and folded.get("type", "") in types:
                merged.setdefault(folded["key"], folded.get("value") or "")
    return MappingProxyType(dict(sorted(merged.items())))


_OWN, _PROJECT = ("", "label", "tag"), ("", "project_label")
"""Types of pairs in the FOCUS view; elsewhere they have none."""


_USAGE = (
    "charge_category",
    "charge_class",
    "charge_frequency",
    "charge_description",
    "pricing_category",
    "pricing_unit",
    "consumed_unit",
)
"""What a credit has of its own, or has not."""
_EVERYWHERE = {
    "service_provider_name": PROVIDER,
    "host_provider_name": PROVIDER,
    "invoice_issuer_name": PROVIDER,
    "billing_account_type": "Billing account",
}
