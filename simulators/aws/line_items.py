"""The lines of the simulated bill as Cost Explorer filters, groups, adds up and pages them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from typing import Any, Literal

from bot.domain.period import Period
from simulators.aws import bill
from simulators.aws.rules import Refused

DIMENSIONS = {
    "LINKED_ACCOUNT": "account",
    "SERVICE": "service",
    "USAGE_TYPE": "usage_type",
    "REGION": "region",
    "RECORD_TYPE": "record_type",
    "PURCHASE_TYPE": "purchase",
}
_ATTRIBUTES: Mapping[str, Callable[[bill.Line], str]] = {
    "provider": lambda line: line.model and ("Anthropic" if line.model.startswith("Claude") else "Amazon"),
    "model": lambda line: line.model,
    "inferenceType": lambda line: line.inference,
    "feature": lambda line: line.model and "On-demand Inference",
}
"""botocore 1.44.8, ``ProductAttributeValues``: the four keys of Bedrock; a key that does not exist has no values."""
_NONE = {"REGION": "NoRegion", "PURCHASE_TYPE": "NoPurchaseType"}


def part(line: bill.Line, share: Decimal) -> bill.Line:
    """The line at a share of its amounts, ten digits each."""
    amounts = ("unblended", "net_unblended", "amortized", "net_amortized", "quantity")
    return replace(line, **{name: (getattr(line, name) * share).quantize(bill.TENTH_DIGIT) for name in amounts})


def passes(expression: Mapping[str, Any] | None, line: bill.Line) -> bool:
    """Whether a filter lets the line through."""
    if not expression:
        return True
    (root, inner) = next(iter(expression.items()))
    match root:
        case "And":
            return all(passes(item, line) for item in inner)
        case "Or":
            return any(passes(item, line) for item in inner)
        case "Not":
            return not passes(inner, line)
        case _:
            kind = {"Dimensions": "DIMENSION", "Tags": "TAG", "CostCategories": "COST_CATEGORY"}
            value = key_of({"Type": kind.get(root, "PRODUCT_ATTRIBUTE"), "Key": inner["Key"]}, line)
            bare = value if root == "Dimensions" else value.split("$", 1)[1]
            return bare == "" if "ABSENT" in inner.get("MatchOptions", []) else bare in inner["Values"]


def key_of(group: Mapping[str, str], line: bill.Line) -> str:
    """The group key as AWS writes it: plain for dimensions, ``key$value`` for all else."""
    key = group["Key"]
    match group["Type"]:
        case "DIMENSION":
            value = getattr(line, DIMENSIONS[key]) if key in DIMENSIONS else ""
            return value or _NONE.get(key, "")
        case "TAG":
            return f"{key}${line.team if key == 'team' else ''}"
        case "COST_CATEGORY":
            stage = "live" if line.account in (bill.PRODUCTION, bill.DATA) else ""
            return f"{key}${stage if key == 'Stage' else ''}"
        case _:
            return f"{key}${_ATTRIBUTES[key](line) if key in _ATTRIBUTES else ''}"


def periods(days: Period, granularity: Literal["DAILY", "MONTHLY"]) -> list[Period]:
    """The steps of a query."""
    edges = days.edges("day" if granularity == "DAILY" else "month")
    return [Period(start=a, end=b) for a, b in pairwise(edges)]


def summed(lines: Iterable[bill.Line], metric: str) -> str:
    """What lines come to, as AWS prints it."""
    return digits(sum((getattr(line, metric) for line in lines), Decimal(0)))


def digits(amount: Decimal) -> str:
    """Ten decimals at most and none that is nothing, as AWS prints amounts."""
    text = f"{amount:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def token_of(params: Mapping[str, Any], offset: int) -> str:
    """The token of the page that begins there; it fits this query alone."""
    return urlsafe_b64encode(f"{fingerprint_of(params)}:{offset}".encode()).decode()


def offset_of(params: Mapping[str, Any]) -> int:
    """Where the page begins that is asked for.

    Raises:
        Refused: the token is invalid, or of another query.
    """
    token = params.get("NextPageToken")
    if token is None:
        return 0
    try:
        fingerprint, offset = urlsafe_b64decode(token).decode().split(":")
    except ValueError:
        raise Refused("InvalidNextTokenException", "The pagination token is invalid.") from None
    if fingerprint != fingerprint_of(params):
        raise Refused("RequestChangedException", "The request changed between pages.")
    return int(offset)


def fingerprint_of(params: Mapping[str, Any]) -> str:
    """What tells a query from others, whatever page of it is asked for."""
    bare = {key: value for key, value in params.items() if key != "NextPageToken"}
    return sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()[:24]
