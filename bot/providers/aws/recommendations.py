"""What AWS recommends: Cost Optimization Hub, free of charge, in the commercial partition alone.

Sources: ListRecommendations, which names one recommendation a resource unless ``includeAllRecommendations`` is set, and
ListRecommendationSummaries, which adds up what is saved by all that can be done together (botocore 1.44.8).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from bot.domain.commitments import Action, Recommendation, RecommendationReport
from bot.domain.errors import UnexpectedReply
from bot.providers.aws.client import AwsClient

HUB = "cost-optimization-hub"
_PAGE = 1000
"""Recommendations on a page, the most there may be."""
_GROUP = "ResourceType"
_SHAPE = "Please report it: this version of the bot does not support this reply."
_KINDS: Mapping[str, Action] = {
    "Stop": "idle",
    "Delete": "idle",
    "ScaleIn": "rightsizing",
    "Rightsize": "rightsizing",
    "PurchaseSavingsPlans": "commitment",
    "PurchaseReservedInstances": "commitment",
    "Upgrade": "upgrade",
    "MigrateToGraviton": "upgrade",
}
"""What an ``ActionType`` comes down to."""
_SERVICES = {
    "Ec2Instance": "Amazon Elastic Compute Cloud - Compute",
    "Ec2AutoScalingGroup": "Amazon Elastic Compute Cloud - Compute",
    "Ec2InstanceSavingsPlans": "Amazon Elastic Compute Cloud - Compute",
    "Ec2ReservedInstances": "Amazon Elastic Compute Cloud - Compute",
    "EbsVolume": "EC2 - Other",
    "NatGateway": "EC2 - Other",
    "LambdaFunction": "AWS Lambda",
    "EcsService": "Amazon Elastic Container Service",
    "RdsDbInstance": "Amazon Relational Database Service",
    "RdsDbInstanceStorage": "Amazon Relational Database Service",
    "RdsReservedInstances": "Amazon Relational Database Service",
    "AuroraDbClusterStorage": "Amazon Relational Database Service",
    "DocumentDBCluster": "Amazon DocumentDB (with MongoDB compatibility)",
    "OpenSearchReservedInstances": "Amazon OpenSearch Service",
    "RedshiftReservedInstances": "Amazon Redshift",
    "ElastiCacheReservedInstances": "Amazon ElastiCache",
    "ElastiCacheCluster": "Amazon ElastiCache",
    "MemoryDbReservedInstances": "Amazon MemoryDB",
    "MemoryDBCluster": "Amazon MemoryDB",
    "DynamoDbReservedCapacity": "Amazon DynamoDB",
    "DynamoDBTable": "Amazon DynamoDB",
    "SageMakerSavingsPlans": "Amazon SageMaker",
    "SageMakerEndpoint": "Amazon SageMaker",
    "WorkSpaces": "Amazon WorkSpaces",
}
"""The service, as Cost Explorer calls it, that a resource of a type is billed under."""


def recommendations(wire: AwsClient) -> RecommendationReport:
    """Everything that is recommended now, and what it comes to together.

    Raises:
        CostError: as ``Wire.call``; AccessDenied too where the hub is not enabled.
    """
    items: dict[str, Recommendation] = {}
    for page in wire.listed(HUB, "ListRecommendations", {"maxResults": _PAGE}, cursor="nextToken"):
        for found in page.get("items", []):
            item = _recommendation(found)
            items.setdefault(item.id, item)
    together = {}
    for page in wire.listed(HUB, "ListRecommendationSummaries", {"groupBy": _GROUP}, cursor="nextToken"):
        if "estimatedTotalDedupedSavings" in page:  # the same on every page: of all groups
            together[str(page.get("currencyCode") or "USD")] = _number(page["estimatedTotalDedupedSavings"])
    reported = max((item.refreshed for item in items.values() if item.refreshed), default=None)
    return RecommendationReport(list(items.values()), together, reported)


def _recommendation(found: Mapping[str, Any]) -> Recommendation:
    try:
        action, type_ = str(found["actionType"]), str(found.get("currentResourceType", ""))
        refreshed = found.get("lastRefreshTimestamp")
        cost = found.get("estimatedMonthlyCost")
        return Recommendation(
            id=str(found["recommendationId"]),
            kind=_KINDS.get(action, "other"),
            action=action,
            savings=_number(found["estimatedMonthlySavings"]),
            currency=str(found.get("currencyCode") or "USD"),
            account=str(found.get("accountId", "")),
            region=str(found.get("region", "")),
            resource=str(found.get("resourceId") or found.get("resourceArn") or ""),
            resource_type=type_,
            service=_SERVICES.get(type_, ""),
            effort=str(found.get("implementationEffort", "")),
            cost=None if cost is None else _number(cost),
            current=str(found.get("currentResourceSummary", "")),
            recommended=str(found.get("recommendedResourceSummary", "")),
            refreshed=refreshed.astimezone(UTC).date() if isinstance(refreshed, datetime) else None,
            tags=MappingProxyType({str(tag["key"]): str(tag.get("value", "")) for tag in found.get("tags") or ()}),
        )
    except (KeyError, TypeError):
        raise UnexpectedReply("AWS's recommendations have another shape than known.", _SHAPE) from None


def _number(value: object) -> Decimal:
    """A JSON number, by the digits that AWS sent."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise UnexpectedReply("AWS recommended something with savings that are no number.", _SHAPE)
    return number
