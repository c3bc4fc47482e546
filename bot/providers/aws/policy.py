"""The least that the settings of a payer need, as an IAM policy to paste."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.providers import RequestKind
from bot.providers.aws.groupings import ATTRIBUTED, BESIDE, BILL

if TYPE_CHECKING:
    from bot.providers.aws.settings import AwsSettings


def listed(words: str) -> list[str]:
    """The words between commas."""
    return [word.strip() for word in words.split(",") if word.strip()]


def requests(settings: AwsSettings) -> list[RequestKind]:
    """What a sync asks, as the settings have it; of views by tag, one stands for all."""
    found = [RequestKind("sts:GetCallerIdentity", _NONE)]
    if settings.data_export:
        found += [RequestKind(f"s3:{name}", f"s3:{action}", feed="data export") for name, action in _S3.items()]
    if not settings.cost_explorer:
        return found
    feeds = listed(settings.feeds)
    wanted = [BILL.name, *(BESIDE[word].name for word in feeds if word in BESIDE)]
    if "tags" in feeds:
        keys = [key for key in listed(settings.tag_keys) if key != "*"]
        found += [] if keys else [RequestKind("ce:GetTags", "ce:GetTags", PRICE)]
        wanted += [f"service × tag {key}" for key in keys or ["…"]]
    wanted += [f"service × cost category {name}" for name in listed(settings.cost_categories)]
    attributed = [view.name for word, view in ATTRIBUTED.items() if word in feeds]
    found += [RequestKind("ce:GetDimensionValues", "ce:GetDimensionValues", PRICE)] if attributed else []
    wanted += attributed
    found += [RequestKind("ce:GetCostAndUsage", "ce:GetCostAndUsage", PRICE, feed) for feed in wanted]
    paid = ("GetCostForecast", "GetAnomalies", *REPORTS) if settings.asks_for_all else ("GetCostForecast",)
    found += [RequestKind(f"ce:{name}", f"ce:{name}", PRICE) for name in paid]
    if not settings.asks_for_all:
        return found
    free = _FREE | ({name: name for name in _HUB} if hub(settings.region) else {})
    return [*found, *(RequestKind(name, action) for name, action in free.items())]


def hub(region: str) -> bool:
    """Whether the region's partition has Cost Optimization Hub, which answers in us-east-1 alone."""
    return not region.startswith(("cn-", "us-gov-", "eusc-"))


_NONE = "none"
PRICE = Decimal("0.01")
"""USD for each answered request to Cost Explorer, pages included; failed ones are free."""
_S3 = {"ListObjectsV2": "ListBucket", "GetObject": "GetObject"}
REPORTS = (
    "GetSavingsPlansUtilization",
    "GetSavingsPlansCoverage",
    "GetReservationUtilization",
    "GetReservationCoverage",
)
"""Asked where no export says how commitments are used: FOCUS exports do, CUR 2.0 does not."""
_HUB = (
    "cost-optimization-hub:ListRecommendations",
    "cost-optimization-hub:ListRecommendationSummaries",
)
_FREE = {
    "budgets:DescribeBudgets": "budgets:ViewBudget",
    "billing:GetCredits": "billing:GetCredits",
    "invoicing:ListInvoiceSummaries": "invoicing:ListInvoiceSummaries",
}


def policy(settings: AwsSettings) -> str:
    """Reading alone, and exactly the actions that the bot calls."""
    statements = [*_costs(settings), *_export(settings)]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _costs(settings: AwsSettings) -> list[dict[str, object]]:
    """Every action but the export's that some request of a sync needs; doctor also looks for the cost categories."""
    needed = [kind.permission for kind in requests(settings)]
    needed += ["billing:GetBillingViewData"] if settings.billing_view else []
    needed += ["ce:GetCostCategories"] if settings.cost_explorer and listed(settings.cost_categories) else []
    actions = [action for action in dict.fromkeys(needed) if action != _NONE and not action.startswith("s3:")]
    return [{"Sid": "SpendReadsCosts", "Effect": "Allow", "Action": actions, "Resource": "*"}] if actions else []


def _export(settings: AwsSettings) -> list[dict[str, object]]:
    """The bucket's list, and what lies under the export's own prefix."""
    place = re.fullmatch(r"s3://([^/]+)/?(.*?)/?", settings.data_export)
    if place is None:
        return []
    bucket = f"arn:{_partition(settings.region)}:s3:::{place[1]}"
    return [
        {"Sid": "SpendListsExports", "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": bucket},
        {
            "Sid": "SpendReadsExports",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": f"{bucket}/{place[2]}/*",
        },
    ]


def _partition(region: str) -> str:
    return next((name for start, name in _PARTITIONS.items() if region.startswith(start)), "aws")


_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov", "eusc-": "aws-eusc"}
"""By how their regions begin, as in botocore's ``partitions.json``."""
