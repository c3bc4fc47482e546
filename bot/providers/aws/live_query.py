"""A question put to Cost Explorer itself: grouped by two dimensions as no view of ours is, filtered by any.

What AWS cannot group or filter by, or not without guessing how it spells it, is not offered.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from bot.domain.live_query import LiveQuery
from bot.domain.question import Filter
from bot.providers.aws import groupings
from bot.providers.aws.groupings import Group, View, dimension

PAGES_AT_MOST = 10
"""So long a reply is read to its end; condition page costs as much as the first."""

Expression = Mapping[str, Any]
_Columns = Callable[[str], dict[str, object]]
_GROUPS: dict[str, tuple[str, _Columns]] = {
    "ServiceName": ("SERVICE", groupings.service),
    "ServiceCategory": ("SERVICE", groupings.service),
    "SubAccountName": ("LINKED_ACCOUNT", lambda id_: {"sub_account_id": id_}),
    "RegionId": ("REGION", groupings.region),
    "SkuId": ("USAGE_TYPE", lambda usage_type: {"sku_id": usage_type}),
    "PricingCategory": ("PURCHASE_TYPE", lambda option: {"pricing_category": groupings.pricing_category(option)}),
    "ChargeCategory": ("RECORD_TYPE", lambda kind: {"charge_category": groupings.charge_category(kind)}),
}
_FILTERS = {"ServiceName": "SERVICE", "SubAccountId": "LINKED_ACCOUNT", "RegionId": "REGION", "SkuId": "USAGE_TYPE"}
_NONE = {"RegionId": "NoRegion"}
_RECORD_TYPES = {
    ("ChargeCategory", "Credit"): ["Credit"],
    ("ChargeCategory", "Adjustment"): ["Refund"],
    ("ChargeCategory", "Tax"): ["Tax"],
    ("x_Credit", "credit"): ["Credit", "Refund"],
}
"""What AWS always spells alike; fees and usage it does not."""


class _CannotTell(Exception):
    """Cost Explorer has no words for it."""


def asked(wanted: LiveQuery, cost_categories: Collection[str]) -> tuple[View, Expression | None] | None:
    """The view and the filter to ask Cost Explorer for; None where it cannot tell this together."""
    try:
        groups = {str(group): (group, fill) for group, fill in _groups(wanted.by, cost_categories)}
        where = [
            _expression(condition, wanted, cost_categories)
            for condition in wanted.where
            if _varies(condition.dimension)
        ]
        _check_models(wanted)
    except _CannotTell:
        return None
    chosen = list(groups.values()) or [(dimension("SERVICE"), groupings.service)]
    view = View(
        name="asked live",
        groups=tuple(group for group, _ in chosen),
        grain=frozenset(wanted.by),
        fill=lambda *keys: _columns([fill(key) for (_, fill), key in zip(chosen, keys, strict=True)]),
    )
    return view, {"And": where} if len(where) > 1 else where[0] if where else None


def _check_models(wanted: LiveQuery) -> None:
    """Models go with services that have models, and with no service left out.

    botocore 1.44.8, ``ProductAttributeValues``: a SERVICE filter must contain only supported services, and one inside
    Not fails with a ValidationException.

    Raises:
        _CannotTell: AWS would refuse the request.
    """
    if all(condition.dimension != "x_Model" for condition in wanted.where):
        return
    for condition in wanted.where:
        named = condition.dimension == "ServiceName"
        if named and (condition.exclude or not all("bedrock" in value.casefold() for value in condition.values)):
            raise _CannotTell


def _varies(name: str) -> bool:
    return name not in groupings.CONSTANT


def _groups(by: Collection[str], cost_categories: Collection[str]) -> list[tuple[Group, _Columns]]:
    found: list[tuple[Group, _Columns]] = []
    for name in filter(_varies, by):
        if name in _GROUPS:
            key, fill = _GROUPS[name]
            found.append((dimension(key), fill))
        elif name.startswith("Tags/"):
            found.append(_label(name.removeprefix("Tags/"), cost_categories))
        else:
            raise _CannotTell
    return found


def _label(key: str, cost_categories: Collection[str]) -> tuple[Group, _Columns]:
    view = (groupings.cost_category if key in cost_categories else groupings.tag)(key)
    return view.groups[1], lambda label: {"tags": view.fill("", label)["tags"]}


def _columns(parts: list[Mapping[str, Any]]) -> dict[str, object]:
    tags = {key: value for part in parts for key, value in part.get("tags", {}).items()}
    merged = {key: value for part in parts for key, value in part.items()}
    return {"service_name": "", **merged, "tags": tags}


def _expression(condition: Filter, wanted: LiveQuery, cost_categories: Collection[str]) -> Expression:
    found = _passing(condition, wanted, cost_categories)
    return {"Not": found} if condition.exclude else found


def _passing(condition: Filter, wanted: LiveQuery, cost_categories: Collection[str]) -> Expression:
    """The charges with one of the filter's values."""
    name, values = condition.dimension, list(condition.values)
    if not values:
        raise _CannotTell
    if name in _FILTERS:
        return _leaf("Dimensions", _FILTERS[name], [value or _NONE.get(name, "") for value in values])
    if name.startswith("Tags/"):
        key = name.removeprefix("Tags/")
        return _labelled("CostCategories" if key in cost_categories else "Tags", key, values)
    if name == "x_Model" and all(values) and not condition.exclude and wanted.days.start >= groupings.MODELS_SINCE:
        return _leaf("ProductAttributes", "model", values)
    if all((name, value) in _RECORD_TYPES for value in values):
        return _leaf("Dimensions", "RECORD_TYPE", [kind for value in values for kind in _RECORD_TYPES[name, value]])
    raise _CannotTell


def _labelled(kind: str, key: str, values: list[str]) -> Expression:
    """Values of a tag or cost category; having none is a filter of its own."""
    named = [value for value in values if value]
    parts = [_leaf(kind, key, named)] if named else []
    if "" in values:
        parts.append({kind: {"Key": key, "MatchOptions": ["ABSENT"]}})
    return {"Or": parts} if len(parts) > 1 else parts[0]


def _leaf(kind: str, key: str, values: list[str]) -> Expression:
    return {kind: {"Key": key, "Values": values}}
