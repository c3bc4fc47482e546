"""The one table of labels: what dimensions, metrics and charges are called in answers, forms, help and "Read as"."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Label(NamedTuple):
    """What a thing is called within a sentence, one and several."""

    singular: str
    plural: str


DIMENSIONS: Final[Mapping[str, Label]] = MappingProxyType(
    {
        "ServiceProviderName": Label("provider", "providers"),
        "ServiceName": Label("service", "services"),
        "ServiceCategory": Label("service category", "service categories"),
        "SubAccountName": Label("account", "accounts"),
        "BillingAccountName": Label("billing account", "billing accounts"),
        "RegionId": Label("region", "regions"),
        "SkuId": Label("SKU", "SKUs"),
        "ChargeCategory": Label("charge category", "charge categories"),
        "PricingCategory": Label("pricing category", "pricing categories"),
        "ResourceId": Label("resource", "resources"),
        "x_Model": Label("model", "models"),
        "x_TokenType": Label("token type", "token types"),
        "x_ApiKeyName": Label("API key", "API keys"),
        "x_UserName": Label("user", "users"),
        "Tags": Label("tag key", "tag keys"),
    }
)
METRICS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "BilledCost": "billed cost",
        "EffectiveCost": "effective (amortized) cost",
        "ListCost": "list cost",
        "ContractedCost": "contracted cost",
        "ConsumedQuantity": "usage quantity",
    }
)
CHARGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "net": "net of credits",
        "gross": "before credits and refunds",
        "credits": "credits and refunds only",
        "tax": "tax only",
    }
)

KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cost": "costs",
        "explain": "why it changed",
        "forecast": "forecast",
        "anomalies": "anomalies",
        "values": "list of values",
        "budgets": "budgets",
        "savings": "savings",
        "commitments": "commitment coverage and utilization",
        "recommendations": "savings recommendations",
        "credits": "credits remaining",
        "invoice": "invoice reconciliation",
        "price": "list price",
        "freshness": "data freshness",
        "help": "what can be asked",
        "unsupported": "not something I can answer",
    }
)
"""Kinds of questions; all but the last read back as themselves."""


def dimension(name: str, *, plural: bool = False) -> str:
    """What a dimension is called: ``service``, ``accounts``; a tag by its key, anything unknown by its name."""
    if name.startswith("Tags/"):
        key = name.removeprefix("Tags/")
        return _plural(key) if plural else key
    label = DIMENSIONS.get(name, Label(name, name))
    return label.plural if plural else label.singular


def sentence_case(text: str) -> str:
    """The text as a title, a button or a column has it: ``API keys``, ``Service category``."""
    return f"{text[:1].upper()}{text[1:]}"


def _plural(noun: str) -> str:
    if noun.endswith("y") and noun[-2:-1] not in set("aeiou"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"
