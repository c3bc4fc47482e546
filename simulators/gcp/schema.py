"""The columns of Google's three billing exports and of its FOCUS view, and rows reshaped from one to another.

Evidence: the standard and detailed exports by their documentation ("Structure of Standard data export", "Structure of
Detailed data export"); the FOCUS export by its documentation ("Structure of FOCUS data export", Preview) and by the
schema that Costroid/costroid pins (``internal/ingest/gcpfocusbq``, 2026-07-10): no service category, labels as
``x_Labels`` and ``x_ProjectLabels``, a SKU's code as ``SkuId``; its units by webframp/swamp (``gcp/vertex-usage``):
``ConsumedUnit`` is ``usage.unit``, which for tokens is the word "requests". The view by Google's template (guide
"FOCUS BigQuery view"): categories are ``cost_type``, billing periods are DATETIME and end on their last day, labels and
tags stand together in ``Tags``.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from bot.domain.period import add_months

Field = tuple[str, str] | tuple[str, str, list[Any]]
"""Name and type (``[]`` after a type: repeated), and the fields of a RECORD."""

_PAIR: list[Any] = [("key", "STRING"), ("value", "STRING")]
_CREDIT: list[Any] = [
    ("name", "STRING"),
    ("amount", "FLOAT"),
    ("full_name", "STRING"),
    ("id", "STRING"),
    ("type", "STRING"),
]
_STANDARD: list[Any] = [
    ("billing_account_id", "STRING"),
    ("service", "RECORD", [("id", "STRING"), ("description", "STRING")]),
    ("sku", "RECORD", [("id", "STRING"), ("description", "STRING")]),
    ("usage_start_time", "TIMESTAMP"),
    ("usage_end_time", "TIMESTAMP"),
    ("project", "RECORD", [("id", "STRING"), ("number", "STRING"), ("name", "STRING"), ("labels", "RECORD[]", _PAIR)]),
    ("labels", "RECORD[]", _PAIR),
    ("system_labels", "RECORD[]", _PAIR),
    ("tags", "RECORD[]", [*_PAIR, ("inherited", "BOOLEAN"), ("namespace", "STRING")]),
    (
        "location",
        "RECORD",
        [("location", "STRING"), ("country", "STRING"), ("region", "STRING"), ("zone", "STRING")],
    ),
    ("export_time", "TIMESTAMP"),
    ("cost", "FLOAT"),
    ("currency", "STRING"),
    ("currency_conversion_rate", "FLOAT"),
    (
        "usage",
        "RECORD",
        [
            ("amount", "FLOAT"),
            ("unit", "STRING"),
            ("amount_in_pricing_units", "FLOAT"),
            ("pricing_unit", "STRING"),
        ],
    ),
    ("credits", "RECORD[]", _CREDIT),
    ("invoice", "RECORD", [("month", "STRING")]),
    ("cost_type", "STRING"),
    (
        "adjustment_info",
        "RECORD",
        [("id", "STRING"), ("description", "STRING"), ("mode", "STRING"), ("type", "STRING")],
    ),
    ("cost_at_list", "FLOAT"),
]
_WORDS = (
    "AvailabilityZone", "BillingAccountId", "BillingAccountType", "BillingCurrency", "ChargeCategory", "ChargeClass",
    "ChargeDescription", "ConsumedUnit", "PricingCategory", "PricingCurrency", "PricingUnit", "ProviderName",
    "RegionId", "ResourceId", "ResourceName", "ServiceName", "SkuId", "SkuPriceId", "SubAccountId", "SubAccountName",
)  # fmt: skip
_FOCUS: list[Any] = [
    *((name, "NUMERIC") for name in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")),
    *((name, "NUMERIC") for name in ("ConsumedQuantity", "PricingQuantity")),
    *((name, "TIMESTAMP") for name in ("BillingPeriodStart", "BillingPeriodEnd")),
    *((name, "TIMESTAMP") for name in ("ChargePeriodStart", "ChargePeriodEnd")),
    *((name, "STRING") for name in _WORDS),
    ("x_CurrencyConversionRate", "FLOAT"),
    ("x_ExportTime", "TIMESTAMP"),
    ("x_Labels", "RECORD[]", [("Key", "STRING"), ("Value", "STRING")]),
    ("x_ProjectLabels", "RECORD[]", [("Key", "STRING"), ("Value", "STRING")]),
    (
        "x_Credits",
        "RECORD[]",
        [("Name", "STRING"), ("Amount", "NUMERIC"), ("FullName", "STRING"), ("Id", "STRING"), ("Type", "STRING")],
    ),
    ("export_time", "TIMESTAMP"),
]
_RESOURCE: Any = ("resource", "RECORD", [("name", "STRING"), ("global_name", "STRING")])
_VIEW: list[Any] = [
    *((name, "NUMERIC") for name in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")),
    *((name, "NUMERIC") for name in ("ConsumedQuantity", "PricingQuantity")),
    *((name, "DATETIME") for name in ("BillingPeriodStart", "BillingPeriodEnd")),
    *((name, "TIMESTAMP") for name in ("ChargePeriodStart", "ChargePeriodEnd")),
    *((name, "STRING") for name in _WORDS),
    ("Tags", "RECORD[]", [*_PAIR, ("type", "STRING"), ("inherited", "BOOLEAN"), ("namespace", "STRING")]),
    ("export_time", "TIMESTAMP"),
]
SCHEMAS: dict[str, list[Any]] = {
    "detailed": [*_STANDARD, _RESOURCE],
    "standard": _STANDARD,
    "focus": _FOCUS,
    "focus_view": _VIEW,
}


def bigquery_schema(kind: str) -> list[dict[str, Any]]:
    """The fields as ``tables.get`` tells them."""
    return [_described(item) for item in SCHEMAS[kind] if not kind.startswith("focus") or item[0] != "export_time"]


def arrow_schema(kind: str) -> pa.Schema:
    """The same as an Arrow schema."""
    return pa.schema([(item[0], _arrow(item)) for item in SCHEMAS[kind]])


def standard_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the detailed export as the standard one has it: without the resource."""
    return {name: value for name, value in row.items() if name != "resource"}


def focus_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the detailed export as the FOCUS one has it: costs net of credits, NUMERIC."""
    cost, list_cost = _numeric(row["cost"]), row["cost_at_list"]
    net = sum((_numeric(credit["amount"]) for credit in row["credits"]), cost)
    usage, project, place, resource = (row[name] or {} for name in ("usage", "project", "location", "resource"))
    quantity = _numeric(usage.get("amount_in_pricing_units") or 0)
    start = row["usage_start_time"].replace(
        year=int(row["invoice"]["month"][:4]), month=int(row["invoice"]["month"][4:]), day=1, hour=0
    )
    end = add_months(start.date(), 1)
    category = {"tax": "Tax", "adjustment": "Adjustment", "rounding_error": "Adjustment"}.get(row["cost_type"], "Usage")
    return {
        "BilledCost": net,
        "EffectiveCost": net,
        "ListCost": cost if list_cost is None else _numeric(list_cost),
        "ContractedCost": cost,
        "ConsumedQuantity": _numeric(usage.get("amount") or 0),
        "PricingQuantity": quantity,
        "BillingPeriodStart": start,
        "BillingPeriodEnd": start.replace(year=end.year, month=end.month),
        "ChargePeriodStart": row["usage_start_time"],
        "ChargePeriodEnd": row["usage_end_time"],
        "AvailabilityZone": place.get("zone"),
        "BillingAccountId": row["billing_account_id"],
        "BillingAccountType": "Billing account",
        "BillingCurrency": row["currency"],
        "ChargeCategory": category,
        "ChargeDescription": row["sku"]["description"],
        "ConsumedUnit": "requests" if usage.get("pricing_unit") == "count" else usage.get("unit"),
        "PricingCategory": "Standard" if category == "Usage" else None,
        "PricingCurrency": row["currency"],
        "PricingUnit": usage.get("pricing_unit"),
        "ProviderName": "Google Cloud",
        "RegionId": place.get("region"),
        "ResourceId": resource.get("global_name"),
        "ResourceName": resource.get("name"),
        "ServiceName": row["service"]["description"],
        "SkuId": row["sku"]["id"],
        "SkuPriceId": f"SKU ID:{row['sku']['id']}, Price Tier Start Amount: 0",
        "SubAccountId": project.get("id"),
        "SubAccountName": project.get("name"),
        "x_CurrencyConversionRate": row["currency_conversion_rate"],
        "x_ExportTime": row["export_time"],
        "x_Labels": [{"Key": label["key"], "Value": label["value"]} for label in row["labels"]],
        "x_ProjectLabels": [{"Key": item["key"], "Value": item["value"]} for item in project.get("labels") or []],
        "x_Credits": [_focus_credit(credit) for credit in row["credits"]],
    }


def view_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the detailed export as the view has it."""
    focus = focus_row(row)
    start = focus["BillingPeriodStart"].replace(tzinfo=None)
    tags = [
        *({**label, "type": "label", "inherited": False, "namespace": "n/a"} for label in row["labels"]),
        *({**label, "type": "system_label", "inherited": False, "namespace": "n/a"} for label in row["system_labels"]),
        *(
            {**item, "type": "project_label", "inherited": True, "namespace": "n/a"}
            for item in (row["project"] or {}).get("labels") or []
        ),
        *({**tag, "type": "tag"} for tag in row["tags"]),
    ]
    return {
        **{name: focus.get(name) for name, *_ in _VIEW if name in focus},
        "BillingPeriodStart": start,
        "BillingPeriodEnd": focus["BillingPeriodEnd"].replace(tzinfo=None) - timedelta(days=1),
        "ChargeCategory": {"regular": "usage"}.get(row["cost_type"], row["cost_type"]),
        "Tags": tags,
    }


def _focus_credit(credit: dict[str, Any]) -> dict[str, Any]:
    return {
        "Name": credit["name"],
        "Amount": _numeric(credit["amount"]),
        "FullName": credit["full_name"],
        "Id": credit["id"],
        "Type": credit["type"],
    }


def _numeric(number: float) -> Decimal:
    return Decimal(repr(number))


def _described(field: Field) -> dict[str, Any]:
    name, type_, *inner = field
    described: dict[str, Any] = {
        "name": name,
        "type": type_.removesuffix("[]"),
        "mode": "REPEATED" if type_.endswith("[]") else "NULLABLE",
    }
    return described | {"fields": [_described(item) for item in inner[0]]} if inner else described


def _arrow(field: Field) -> pa.DataType:
    types = {
        "STRING": pa.string(),
        "FLOAT": pa.float64(),
        "BOOLEAN": pa.bool_(),
        "NUMERIC": pa.decimal128(38, 9),
        "TIMESTAMP": pa.timestamp("us", "UTC"),
        "DATETIME": pa.timestamp("us"),
    }
    _, type_, *inner = field
    plain = pa.struct([(item[0], _arrow(item)) for item in inner[0]]) if inner else types[type_]
    return pa.list_(plain) if type_.endswith("[]") else plain
