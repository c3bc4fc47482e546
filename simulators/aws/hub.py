"""The simulated AWS's Cost Optimization Hub: what could be saved on the bill of Lumen Robotics.

Rules and shapes are those of the service's model (botocore 1.44.8, ``cost-optimization-hub``); that an account without
the hub is answered AccessDeniedException with the words below is what hashicorp/terraform-provider-aws checks for
(resource ``aws_costoptimizationhub_preferences``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from bot.domain.period import DAY
from simulators.aws import bill
from simulators.aws.rules import Refused, invalid

_BY = {
    "AccountId": "accountId",
    "Region": "region",
    "ActionType": "actionType",
    "ResourceType": "currentResourceType",
    "RestartNeeded": "restartNeeded",
    "RollbackPossible": "rollbackPossible",
    "ImplementationEffort": "implementationEffort",
}
"""Values of ``groupBy``: the model has a plain string; these are the dimensions of the page "Viewing your savings
opportunities"."""
OVERLAP = 41.5
"""USD of a Savings Plan's savings that are gone once instances are made smaller."""
_ITEMS = (
    # id, account, region, resource, type, action, savings, cost, effort, restart, rollback, current, recommended, team
    ("rec-1", "staging", "us-east-1", "vol-0a1b2c3d4e5f60001", "EbsVolume", "Delete", 96.48, 96.48, "VeryLow", False,
     False, "gp3 1206 GB, unattached", "", "platform"),
    ("rec-2", "production", "us-east-1", "i-0f00dfeed00000001", "Ec2Instance", "Rightsize", 182.5, 365.0, "Medium",
     True, True, "m6i.2xlarge", "m6i.xlarge", "platform"),
    ("rec-3", "data-platform", "us-west-2", "lumen-warehouse", "RdsDbInstance", "Rightsize", 241.123456, 610.2, "High",
     True, True, "db.r6g.2xlarge", "db.r6g.xlarge", "data"),
    ("rec-4", "sandbox", "us-east-1", "i-0f00dfeed00000002", "Ec2Instance", "Stop", 70.08, 70.08, "VeryLow", False,
     True, "t3.xlarge, CPU below 1%", "", ""),
    ("rec-5", "lumen-payer", "", "", "ComputeSavingsPlans", "PurchaseSavingsPlans", 310.0, 1240.0, "VeryLow", False,
     False, "", "$1.20 an hour, 1 year, no upfront", ""),
)  # fmt: skip
_ALSO = ("rec-6", "production", "us-east-1", "i-0f00dfeed00000001", "Ec2Instance", "MigrateToGraviton", 150.0, 365.0,
         "High", True, True, "m6i.2xlarge", "m7g.xlarge", "platform")  # fmt: skip
"""A second recommendation for one resource: named only with ``includeAllRecommendations``."""


def recommendations(params: Mapping[str, Any], today: date, *, enrolled: bool, page: int) -> dict[str, Any]:
    """The reply of ListRecommendations.

    Raises:
        Refused: the account is not enrolled, or what the operation does not take.
    """
    items = _all(today, enrolled=enrolled, every=bool(params.get("includeAllRecommendations")))
    at = int(params.get("nextToken", 0))
    size = min(page, params.get("maxResults") or page)
    more = {"nextToken": str(at + size)} if at + size < len(items) else {}
    return {"items": items[at : at + size], **more}


def summaries(params: Mapping[str, Any], today: date, *, enrolled: bool) -> dict[str, Any]:
    """The reply of ListRecommendationSummaries.

    Raises:
        Refused: the account is not enrolled, or it groups by what is no dimension.
    """
    items = _all(today, enrolled=enrolled, every=False)
    if params["groupBy"] not in _BY:
        raise invalid(f"{params['groupBy']} is not a dimension of recommendations.")
    groups: dict[str, list[float]] = defaultdict(list)
    for item in items:
        groups[str(item[_BY[params["groupBy"]]])].append(item["estimatedMonthlySavings"])
    return {
        "estimatedTotalDedupedSavings": round(sum(item["estimatedMonthlySavings"] for item in items) - OVERLAP, 6),
        "items": [
            {"group": name, "estimatedMonthlySavings": round(sum(found), 6), "recommendationCount": len(found)}
            for name, found in sorted(groups.items())
        ],
        "groupBy": params["groupBy"],
        "currencyCode": "USD",
    }


def _all(today: date, *, enrolled: bool, every: bool) -> list[dict[str, Any]]:
    if not enrolled:
        raise Refused("AccessDeniedException", "AWS account is not enrolled for recommendations.")
    ids = {name: id_ for id_, name in bill.ACCOUNTS.items()}
    refreshed = int(datetime.combine(today - DAY, time(3), UTC).timestamp())
    found = []
    for row in (*_ITEMS, *([_ALSO] if every else [])):
        id_, account, region, resource, type_, action, savings, cost, effort, restart, rollback, now, then, team = row
        found.append(
            {
                "recommendationId": id_,
                "accountId": ids[account],
                "region": region,
                "resourceId": resource,
                "resourceArn": f"arn:aws:ec2:{region}:{ids[account]}:{resource}" if resource else "",
                "currentResourceType": type_,
                "recommendedResourceType": type_,
                "estimatedMonthlySavings": savings,
                "estimatedSavingsPercentage": round(100 * savings / cost, 4),
                "estimatedMonthlyCost": cost,
                "currencyCode": "USD",
                "implementationEffort": effort,
                "restartNeeded": restart,
                "actionType": action,
                "rollbackPossible": rollback,
                "currentResourceSummary": now,
                "recommendedResourceSummary": then,
                "lastRefreshTimestamp": refreshed,
                "recommendationLookbackPeriodInDays": 14,
                "source": "CostExplorer" if "Purchase" in action else "ComputeOptimizer",
                "tags": [{"key": "team", "value": team}] if team else [],
            }
        )
    return found
