"""Borealis, an invented company: the values its ledger knows."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.errors import NotUnderstood
from bot.domain.question import Question
from bot.language import Vocabulary, read_thread

VALUES = {
    "ServiceProviderName": ("AWS", "Google Cloud", "OpenAI", "Anthropic", "Microsoft Azure"),
    "ServiceName": (
        "Amazon Elastic Compute Cloud - Compute", "EC2 - Other", "Amazon Simple Storage Service",
        "Amazon Relational Database Service", "AWS Lambda", "Amazon DynamoDB", "AmazonCloudWatch", "Amazon Bedrock",
        "Amazon Elastic Container Service for Kubernetes", "Amazon ElastiCache", "AWS Support (Business)", "Tax",
        "Savings Plans for AWS Compute usage", "Compute Engine", "Kubernetes Engine", "BigQuery", "Cloud Storage",
        "Cloud SQL", "Vertex AI", "OpenAI API", "Claude API", "Virtual Machines", "Storage Accounts",
    ),
    "ServiceCategory": ("Compute", "Storage", "Databases", "Networking", "AI and Machine Learning", "Analytics"),
    "SubAccountName": (
        "orion-prod", "orion-staging", "sandbox", "Kepler", "data-lake", "Research", "Default", "Claude Code",
    ),
    "BillingAccountName": ("Borealis", "Borealis Holding"),
    "RegionId": ("us-west-2", "eu-central-1", "us-east-1", "us-east1", "europe-west3", "ap-south-1", "westeurope"),
    "SkuId": (
        "BoxUsage:m7g.xlarge", "EBS:VolumeUsage.gp3", "NatGateway-Bytes", "DataTransfer-Out-Bytes",
        "EU-DataTransfer-Regional-Bytes", "Network Data Transfer Out", "Storage", "gpt-5, input",
    ),
    "ChargeCategory": ("Usage", "Credit", "Purchase", "Tax", "Adjustment"),
    "PricingCategory": ("Standard", "Dynamic", "Committed"),
    "ResourceId": ("i-0ab12cd34", "orders-db", "borealis-raw"),
    "x_Model": (
        "gpt-5", "gpt-5-mini", "gpt-4o", "gpt-4o-mini", "claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5",
    ),
    "x_TokenType": ("input", "output", "cached_input", "cache_write"),
    "x_ApiKeyName": ("rider-bot", "ci-evals", "default-key"),
    "x_UserName": ("Ada Holm", "Ben Osei"),
    "Tags/team": ("kepler", "hubble", "orbit", "growth", "data"),
    "Tags/env": ("prod", "stage", "dev"),
    "Tags/cost-center": ("F-100", "F-200"),
    "Tags/project": ("maps", "rider-app"),
}  # fmt: skip
ALSO = {
    "orion-prod": ("220011001100",),
    "orion-staging": ("220011002200",),
    "eu-central-1": ("Europe (Frankfurt)",),
    "europe-west3": ("Frankfurt",),
    "us-west-2": ("US West (Oregon)",),
    "ap-south-1": ("Asia Pacific (Mumbai)",),
}


def entries():
    """Every value with a recent cost that falls with its place in the list."""
    return [
        (dimension, value, Decimal(1000 - place), ALSO.get(value, ()))
        for dimension, values in VALUES.items()
        for place, value in enumerate(values)
    ]


@pytest.fixture(scope="session")
def vocabulary():
    """What the ledger of Borealis knows."""
    return Vocabulary(entries(), tag_keys=("team", "env", "cost-center", "project"), first_day=date(2025, 3, 1))


KEYS = {
    "help": ("kind",),
    "unsupported": ("kind",),
    "price": ("kind", "where", "quantities"),
    "freshness": ("kind", "where"),
    "recommendations": ("kind", "where"),
    "commitments": ("kind", "where", "period", "by"),
    "budgets": ("kind", "where", "period"),
    "savings": ("kind", "where", "period"),
    "credits": ("kind", "where", "period", "charges"),
    "invoice": ("kind", "where", "period", "charges"),
    "values": ("kind", "where", "period", "by"),
    "anomalies": ("kind", "where", "period", "threshold"),
    "forecast": ("kind", "metric", "period", "by", "where", "charges"),
    "explain": ("kind", "metric", "period", "against", "by", "where", "charges"),
}
"""What of a question counts, by kind; of ``cost`` everything."""


def essence(question):
    """The part of a question that its kind has a use for, filters and values in any order."""
    read = Question.model_validate(question).model_dump(mode="json")
    read["where"] = sorted((item["dimension"], item["exclude"], sorted(item["values"])) for item in read["where"])
    return {key: read.get(key) for key in KEYS.get(read["kind"], tuple(read))}


def outcome(texts, today, vocabulary):
    """The essence of a thread's last question, or the words that were not understood."""
    try:
        reading = read_thread(texts, today=date.fromisoformat(today), vocabulary=vocabulary)
    except NotUnderstood as refusal:
        return sorted(refusal.unknown)
    return essence(reading.question)


@pytest.fixture(scope="session")
def reads():
    """How a thread is read: ``outcome``."""
    return outcome


@pytest.fixture(scope="session")
def compared():
    """What of a question counts: ``essence``."""
    return essence


@pytest.fixture(scope="session")
def sentences():
    """The sentences of Borealis and how each is to be read."""
    lines = (Path(__file__).parent / "sentences.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]
