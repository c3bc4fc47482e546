"""The address of Cost Explorer's page for a question, where the page can show the same days and filters.

AWS does not document these addresses. They are as saved reports carry them in 2026: public links to reports show the
form of ``filter``, ``groupBy``, ``costAggregate`` and that ``endDate`` is the last day shown, and
grafana/cloudcost-exporter links to one in its documentation.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from urllib.parse import quote, urlencode

from bot.domain.question import Charges, Filter, Metric, Question

_PAGE = "https://us-east-1.console.aws.amazon.com/costmanagement/home?region=us-east-1#/cost-explorer"
_COSTS: Mapping[Metric, str] = {"BilledCost": "netUnblendedCost", "EffectiveCost": "netAmortizedCost"}
_DIMENSIONS = {
    "ServiceName": "Service",
    "SubAccountId": "LinkedAccount",
    "RegionId": "Region",
    "SkuId": "UsageType",
}
_GROUPS = {**_DIMENSIONS, "SubAccountName": "LinkedAccount"}
_CHARGE_TYPE = "RecordTypeV2"
_CHARGES: Mapping[Charges, tuple[str, tuple[str, ...]]] = {
    "gross": ("EXCLUDES", ("Credit", "Refund")),
    "credits": ("INCLUDES", ("Credit", "Refund")),
    "tax": ("INCLUDES", ("Tax",)),
}
_MOST_DAYS = 92
"""Longer periods are shown by month."""


class _NotShown(Exception):
    """Cost Explorer's page cannot show it."""


def cost_explorer_url(question: Question, cost_categories: Collection[str]) -> str | None:
    """The page with the question's days, filters and breakdown; None where it cannot show the same charges.

    Accounts are filtered by ``SubAccountId``.
    """
    period = question.period
    if period is None or question.metric not in _COSTS:
        return None
    try:
        filters = [_filter(one, cost_categories) for one in question.where if one.dimension != "ServiceProviderName"]
    except _NotShown:
        return None
    if question.charges != "net":
        operator, kinds = _CHARGES[question.charges]
        filters.append(_row(_CHARGE_TYPE, operator, kinds))
    by_month = question.grain in ("month", "quarter", "year") or period.days > _MOST_DAYS
    parameters = {
        "chartStyle": "STACK",
        "costAggregate": _COSTS[question.metric],
        "startDate": period.start.isoformat(),
        "endDate": period.last.isoformat(),
        "historicalRelativeRange": "CUSTOM",
        "futureRelativeRange": "CUSTOM",
        "excludeForecasting": "true",
        "granularity": "Monthly" if by_month else "Daily",
        "groupBy": json.dumps(_groups(question.by, cost_categories), separators=(",", ":")),
        "filter": json.dumps(filters, separators=(",", ":")),
        "reportMode": "STANDARD",
        "showOnlyUncategorized": "false",
        "showOnlyUntagged": "false",
    }
    return f"{_PAGE}?{urlencode(parameters, quote_via=quote)}"


def _groups(by: Collection[str], cost_categories: Collection[str]) -> list[str]:
    """What the page breaks down by: it knows one dimension at a time."""
    for name in by:
        if name in _GROUPS:
            return [_GROUPS[name]]
        if name.startswith("Tags/") and name.removeprefix("Tags/") not in cost_categories:
            return [f"TagKeyValue:{name.removeprefix('Tags/')}"]
    return []


def _filter(condition: Filter, cost_categories: Collection[str]) -> dict[str, object]:
    operator = "EXCLUDES" if condition.exclude else "INCLUDES"
    name = condition.dimension
    if not condition.values or "" in condition.values:
        raise _NotShown
    if name in _DIMENSIONS:
        return _row(_DIMENSIONS[name], operator, condition.values)
    key = name.removeprefix("Tags/")
    if key == name or key in cost_categories:
        raise _NotShown
    return {**_row("TagKey", operator, condition.values), "growableValue": _shown(key)}


def _row(dimension: str, operator: str, values: Collection[str]) -> dict[str, object]:
    shown = {"id": dimension, "displayValue": dimension}
    return {"dimension": shown, "operator": operator, "values": [_shown(value) for value in values]}


def _shown(value: str) -> dict[str, str]:
    return {"value": value, "displayValue": value}
