"""What Google recommends: Recommender's daily export to BigQuery, of cost alone.

Sources: the page "Export recommendations to BigQuery", and the queries of GoogleCloudPlatform/professional-services
(``recommendations_export``, one partition a day): savings are costs below zero over ``duration``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.commitments import Action, Recommendation, RecommendationReport
from bot.domain.errors import UnexpectedReply
from bot.providers.gcp.bigquery import BigQuery

_LOOKS_BACK = timedelta(days=14)
"""How old the newest partition may be; an export that stopped before has no recommendations of today."""
_MONTH = 30 * 24 * 3600
"""Seconds of the month that estimates are given for."""
_NANO = Decimal("1e-9")
_SHAPE = "Please report it: this version of the bot does not know such a table."
_KINDS: Mapping[str, Action] = {
    "commitment": "commitment",
    "idle": "idle",
    "unattended": "idle",
    "stop_vm": "idle",
    "delete": "idle",
    "overprovisioned": "rightsizing",
    "change_machine_type": "rightsizing",
    "machinetype": "rightsizing",
    "rightsiz": "rightsizing",
    "resize": "rightsizing",
}
"""Parts of a recommender's name or subtype, by what its recommendations come down to; the first that fits."""
_SERVICES = {
    "compute": "Compute Engine",
    "cloudsql": "Cloud SQL",
    "bigquery": "BigQuery",
    "run": "Cloud Run",
    "container": "Kubernetes Engine",
    "storage": "Cloud Storage",
    "alloydb": "AlloyDB",
}
"""Services as the bill calls them, by the second word of a recommender (``google.compute.…``)."""


def statement(table: str) -> str:
    """The newest day's open recommendations on cost; parameter ``@since``."""
    cost = "t.primary_impact.cost_projection"
    columns = {
        "name": "t.name",
        "location": "t.location",
        "recommender": "t.recommender",
        "subtype": "t.recommender_subtype",
        "entity": "t.cloud_entity_id",
        "description": "t.description",
        "resources": "ARRAY_TO_STRING(t.target_resources, ' ')",
        "refreshed": "DATE(t.last_refresh_time)",
        "currency": f"{cost}.cost.currency_code",
        "units": f"{cost}.cost.units",
        "nanos": f"{cost}.cost.nanos",
        "seconds": f"{cost}.duration.seconds",
        "day": "DATE(_PARTITIONTIME)",
    }
    listed = ",\n  ".join(f"{expression} AS {name}" for name, expression in columns.items())
    return (
        f"SELECT\n  {listed}\nFROM `{table}` AS t\n"  # noqa: S608 - a table's name of a checked form
        "WHERE t.state = 'ACTIVE' AND t.primary_impact.category = 'COST' AND _PARTITIONTIME = (\n"
        f"  SELECT MAX(_PARTITIONTIME) FROM `{table}` WHERE _PARTITIONTIME >= @since\n)\nORDER BY 1"
    )


def recommendations(bigquery: BigQuery, table: str, now: datetime) -> RecommendationReport:
    """Everything recommended on the newest day that was exported.

    Raises:
        CostError: as ``BigQuery.rows``.
    """
    items: dict[str, Recommendation] = {}
    days = []
    for row in bigquery.rows(statement(table), {"since": now - _LOOKS_BACK}):
        item = _recommendation(row)
        days.append(row["day"])
        if item.savings > 0:
            items[item.id] = item
    return RecommendationReport(list(items.values()), {}, max(days, default=None))


def _recommendation(row: Mapping[str, Any]) -> Recommendation:
    try:
        amount = -(Decimal(int(row["units"] or 0)) + Decimal(int(row["nanos"] or 0)) * _NANO)
        recommender, resource = str(row["recommender"]), str(row["resources"] or "").split(" ")[0]
        refreshed = row["refreshed"]
        return Recommendation(
            id=str(row["name"]),
            kind=_kind(f"{recommender} {row['subtype'] or ''}"),
            action=str(row["subtype"] or recommender.rpartition(".")[2]),
            savings=_monthly(amount, int(row["seconds"] or 0)),
            currency=str(row["currency"] or "USD"),
            account=_project(resource) or str(row["entity"] or ""),
            region=re.sub(r"-[a-z]$", "", str(row["location"] or "")).replace("global", ""),
            resource=resource.rpartition("/")[2],
            resource_type=recommender.rpartition(".")[2],
            service=_SERVICES.get(recommender.split(".")[1] if "." in recommender else "", ""),
            current=str(row["description"] or ""),
            refreshed=refreshed if isinstance(refreshed, date) else None,
        )
    except (KeyError, TypeError, ValueError):
        raise UnexpectedReply("Google's recommendations have another shape than known.", _SHAPE) from None


def _monthly(amount: Decimal, seconds: int) -> Decimal:
    """The amount over a month; an estimate without a duration is one of a month."""
    if seconds in (0, _MONTH):
        return amount
    return (amount * _MONTH / seconds).quantize(_NANO)


def _kind(words: str) -> Action:
    text = words.casefold()
    return next((kind for part, kind in _KINDS.items() if part in text), "other")


def _project(resource: str) -> str:
    """The project's id in a resource's full name; ``""`` where it is given by number alone."""
    found = re.search(r"/projects/([^/]+)", resource)
    return found[1] if found and not found[1].isdigit() else ""
