"""The views of one AWS bill: by which two dimensions each is grouped, and what its keys mean in FOCUS."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.domain.feed import Feed
from bot.providers.aws.services import category, region_names

COSTS = ("UnblendedCost", "NetUnblendedCost", "AmortizedCost", "NetAmortizedCost")
PRICES = ("ListCost", "ContractedCost")
"""Metrics grain since 2026 (botocore 1.44.8, ``GetCostAndUsage.Metrics``); where they are refused, the bill does
without."""
QUANTITY = "UsageQuantity"
MODELS_SINCE = date(2026, 9, 1)
"""Product attributes are grain for days from here on."""
CONSTANT = frozenset(("ServiceProviderName", "BillingAccountName", "x_ApiKeyName", "x_UserName"))
"""In every grain: the same for all charges of a payer, or nothing that AWS has."""
AI = frozenset(("x_Model", "x_TokenType"))

Group = Mapping[str, str]
Fill = Callable[..., dict[str, object]]


@dataclass(frozen=True)
class View:
    """A feed as Cost Explorer is asked for it. ``fill`` turns its group keys into columns."""

    name: str
    groups: tuple[Group, ...]
    grain: frozenset[str]
    fill: Fill
    quantity: bool = False

    def feed(self, source: str, known: frozenset[str] = frozenset()) -> Feed:
        """The feed, its grain widened by what is known to name none."""
        return Feed(source=source, name=self.name, grain=self.grain | CONSTANT | known)


def dimension(key: str) -> Group:
    """A group by one of AWS's own dimensions."""
    return {"Type": "DIMENSION", "Key": key}


def service(name: str) -> dict[str, object]:
    """The columns of a service as Cost Explorer names it."""
    return {"service_name": name or "Unknown service", "service_category": category(name)}


def region(name: str) -> dict[str, object]:
    """The columns of a region as Cost Explorer names it."""
    id_ = "" if name in ("NoRegion", "") else name
    return {"region_id": id_, "region_name": region_names().get(id_, id_)}


def _region(name: str, where: str) -> dict[str, object]:
    return {**service(name), **region(where)}


def _usage_type(name: str, usage_type: str) -> dict[str, object]:
    return {**service(name), "sku_id": usage_type, "sku_meter": usage_type}


def _purchase(name: str, option: str) -> dict[str, object]:
    return {**service(name), "pricing_category": pricing_category(option)}


def pricing_category(option: str) -> str:
    """FOCUS's PricingCategory of a purchase option; ``""`` for charges that nobody priced by one."""
    words = option.casefold()
    if "spot" in words:
        return "Dynamic"
    if "reserved" in words or "savings plan" in words:
        return "Committed"
    return "Standard" if "demand" in words else ""


_SERVICE = frozenset(("ServiceName", "ServiceCategory"))
BILL = View(
    name="account × service × charge category",
    groups=(dimension("LINKED_ACCOUNT"), dimension("SERVICE")),
    grain=_SERVICE | {"SubAccountName", "ChargeCategory"},
    fill=lambda account, name: {"sub_account_id": account, **service(name)},
)
REGION = View(
    name="service × region",
    groups=(dimension("SERVICE"), dimension("REGION")),
    grain=_SERVICE | {"RegionId"},
    fill=_region,
)
USAGE_TYPE = View(
    name="service × usage type",
    groups=(dimension("SERVICE"), dimension("USAGE_TYPE")),
    grain=_SERVICE | {"SkuId"},
    fill=_usage_type,
    quantity=True,
)
PURCHASE = View(
    name="service × purchase option",
    groups=(dimension("SERVICE"), dimension("PURCHASE_TYPE")),
    grain=_SERVICE | {"PricingCategory"},
    fill=_purchase,
)
MODELS = View(
    name="service × model × token type",
    groups=({"Type": "PRODUCT_ATTRIBUTE", "Key": "model"}, {"Type": "PRODUCT_ATTRIBUTE", "Key": "inferenceType"}),
    grain=_SERVICE | AI,
    fill=lambda model, kind: {"x_model": bare(model), "x_token_type": token_type(bare(kind))},
    quantity=True,
)
PROVIDERS = View(
    name="service × model provider × feature",
    groups=({"Type": "PRODUCT_ATTRIBUTE", "Key": "provider"}, {"Type": "PRODUCT_ATTRIBUTE", "Key": "feature"}),
    grain=_SERVICE | {"Tags/model provider", "Tags/feature"},
    fill=lambda provider, feature: {
        "tags": {name: value for name, value in _provided(bare(provider), bare(feature)) if value}
    },
)
ATTRIBUTED = {"models": MODELS, "model providers": PROVIDERS}
"""Views by product attributes, which AWS tells of Bedrock alone, by their word in ``AWS_FEEDS``."""
BESIDE = {
    "region": REGION,
    "usage type": USAGE_TYPE,
    "purchase option": PURCHASE,
}
"""Views pulled beside the bill, by their word in ``AWS_FEEDS``."""


def _provided(provider: str, feature: str) -> tuple[tuple[str, str], ...]:
    return ("model provider", provider), ("feature", feature)


def tag(key: str) -> View:
    """Service × one cost allocation tag."""
    return _labelled("tag", "TAG", key)


def cost_category(name: str) -> View:
    """Service × one cost category."""
    return _labelled("cost category", "COST_CATEGORY", name)


def _labelled(kind: str, type_: str, key: str) -> View:
    def fill(name: str, label: str) -> dict[str, object]:
        value = bare(label)
        return {**service(name), "tags": {key: value} if value else {}}

    return View(
        name=f"service × {kind} {key}",
        groups=(dimension("SERVICE"), {"Type": type_, "Key": key}),
        grain=_SERVICE | {f"Tags/{key}"},
        fill=fill,
    )


def view(name: str) -> View:
    """The view that a feed's name stands for."""
    for known in (BILL, *ATTRIBUTED.values(), *BESIDE.values()):
        if known.name == name:
            return known
    labelled = re.fullmatch(r"service × (tag|cost category) (.+)", name)
    if labelled is None:
        msg = f"AWS has no feed {name!r}"
        raise KeyError(msg)
    return (tag if labelled[1] == "tag" else cost_category)(labelled[2])


def bare(label: str) -> str:
    """What stands after ``key$``; values may have dollar signs of their own."""
    return label.partition("$")[2]


def token_type(kind: str) -> str:
    """Our word for AWS's kind of inference, or AWS's own where we have none."""
    return {
        "input tokens": "input",
        "output tokens": "output",
        "cache read input tokens": "cached_input",
        "cache write input tokens": "cache_write",
    }.get(kind.casefold(), kind)


_CHARGES = {
    "credit": "Credit",
    "refund": "Adjustment",
    "tax": "Tax",
    "fee": "Purchase",
    "rifee": "Purchase",
    "recurringreservationfee": "Purchase",
    "reservationrecurringfee": "Purchase",
    "upfrontreservationfee": "Purchase",
    "reservationupfrontfee": "Purchase",
    "savingsplanrecurringfee": "Purchase",
    "recurringsavingsplanfee": "Purchase",
    "savingsplanupfrontfee": "Purchase",
    "upfrontsavingsplanfee": "Purchase",
    "savingsplansrecurringfee": "Purchase",
    "savingsplansupfrontfee": "Purchase",
    "supportfee": "Purchase",
    "otheroutofcyclecharges": "Purchase",
    "outofcyclecharges": "Purchase",
}
"""Charge types as the API, the console and the page "Supported dimensions" of Cost Categories spell them. Families of
discounts stay with the usage that they lower."""


def charge_category(record_type: str) -> str:
    """FOCUS's ChargeCategory of a record type, however its spelling varies; all that is not known is Usage."""
    return _CHARGES.get(re.sub(r"[^a-z]", "", record_type.casefold()), "Usage")


FREQUENCY = {
    "Usage": "Usage-Based",
    "Purchase": "Recurring",
    "Tax": "Recurring",
    "Credit": "One-Time",
    "Adjustment": "One-Time",
}
"""FOCUS's ChargeFrequency of what Cost Explorer tells by charge category."""
