"""The least that the settings of a payer need, as an IAM policy to paste."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.providers.aws.settings import AwsSettings


def listed(words: str) -> list[str]:
    """The words between commas."""
    return [word.strip() for word in words.split(",") if word.strip()]


def policy(settings: AwsSettings) -> str:
    """Reading alone, and exactly the actions that the bot calls."""
    statements = [*_costs(settings), *_export(settings)]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _costs(settings: AwsSettings) -> list[dict[str, Any]]:
    if not settings.cost_explorer:
        return []
    feeds = listed(settings.feeds)
    optional = {
        "ce:GetDimensionValues": "models" in feeds,
        "ce:GetTags": "tags" in feeds,
        "ce:GetCostCategories": bool(listed(settings.cost_categories)),
    }
    actions = ["ce:GetCostAndUsage", *(action for action, needed in optional.items() if needed)]
    actions += ["ce:GetCostForecast", "ce:GetAnomalies", "budgets:ViewBudget"]
    actions += ["billing:GetCredits", "invoicing:ListInvoiceSummaries"]
    return [{"Sid": "SpendReadsCosts", "Effect": "Allow", "Action": actions, "Resource": "*"}]


def _export(settings: AwsSettings) -> list[dict[str, Any]]:
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
    return "aws-cn" if region.startswith("cn-") else "aws"
