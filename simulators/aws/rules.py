"""What Cost Explorer would refuse: AWS's own service model (botocore's), and the rules it does not write down.

The model alone leaves enums, patterns and meaning unchecked; a simulator that let those pass would bless calls
that fail in production.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import botocore.session
from botocore.model import ListShape, ServiceModel, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator

from bot.domain.period import add_months

_MOST_GROUPS = 2
METRICS = (
    "AmortizedCost",
    "BlendedCost",
    "NetAmortizedCost",
    "NetUnblendedCost",
    "NormalizedUsageAmount",
    "UnblendedCost",
    "UsageQuantity",
    "BilledCost",
    "ContractedCost",
    "ListCost",
    "PublicEquivalentBilledCost",
    "PublicOnDemandCost",
)
"""botocore 1.44.8, ``GetCostAndUsage.Metrics``: the model says them in its documentation alone."""
GROUPS = (
    "AZ",
    "INSTANCE_TYPE",
    "LEGAL_ENTITY_NAME",
    "INVOICING_ENTITY",
    "LINKED_ACCOUNT",
    "OPERATION",
    "PLATFORM",
    "PURCHASE_TYPE",
    "SERVICE",
    "TENANCY",
    "RECORD_TYPE",
    "USAGE_TYPE",
    "REGION",
)
ATTRIBUTES_SINCE = date(2026, 9, 1)
MONTHS_KEPT = 13


class Refused(Exception):
    """An error reply: its ``__type`` and message."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind, self.message = kind, message


def invalid(message: str) -> Refused:
    """A ValidationException."""
    return Refused("ValidationException", message)


@lru_cache
def service(name: str) -> ServiceModel:
    """The service model that boto3 itself was generated from."""
    return botocore.session.Session().get_service_model(name)


def check_shape(name: str, operation: str, params: Mapping[str, Any]) -> None:
    """Holds a request to the model, enums and patterns included.

    Raises:
        Refused: a ValidationException that says what is wrong.
    """
    shape = service(name).operation_model(operation).input_shape
    if shape is None:
        return  # it takes nothing
    report = ParamValidator().validate(params, shape)
    wrong = [report.generate_report()] if report.has_errors() else list(_walk(shape, params, operation))
    if wrong:
        raise invalid("; ".join(wrong))


def _walk(shape: Shape | None, value: object, path: str) -> Iterator[str]:
    """What is wrong with the strings of a value whose shape has been validated."""
    match shape, value:
        case StructureShape(), Mapping():
            for key, inner in value.items():
                yield from _walk(shape.members[key], inner, f"{path}.{key}")
        case ListShape(), list() | tuple():
            for position, inner in enumerate(value):
                yield from _walk(shape.member, inner, f"{path}[{position}]")
        case StringShape(), str():
            yield from _check_string(shape, value, path)


def _check_string(shape: StringShape, value: str, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is not one of {', '.join(shape.enum)}"
    try:
        if (pattern := shape.metadata.get("pattern")) and not re.fullmatch(pattern, value):
            yield f"{path}: {value!r} does not match {pattern}"
    except re.error:
        return  # Java's \p{L} and the like


def check_range(params: Mapping[str, Any], today: date) -> tuple[date, date]:
    """Start and end of a DAILY or MONTHLY request.

    Raises:
        Refused: they are dates AWS does not tell of.
    """
    if params["Granularity"] == "HOURLY":
        raise invalid("Hourly granularity is not enabled for this account.")
    start, end = (_plain_date(params["TimePeriod"][key], key) for key in ("Start", "End"))
    if end <= start:
        raise invalid("Start date (and hour) should be before end date (and hour)")
    this_month = today.replace(day=1)
    if start < add_months(this_month, -MONTHS_KEPT):
        raise invalid("You haven't enabled historical data beyond 14 months")
    if end > add_months(this_month, 1):
        raise invalid("end date past the beginning of next month")
    return start, end


def _plain_date(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(f"{name} time {text} is invalid. Valid format is: yyyy-MM-dd.") from None


def check_query(params: Mapping[str, Any], start: date) -> None:
    """Metrics, groups and filter of GetCostAndUsage.

    Raises:
        Refused: what AWS would refuse.
    """
    metrics = params.get("Metrics") or []
    if not metrics:
        raise invalid("Metrics is required")
    for metric in metrics:
        if metric not in METRICS:
            raise invalid(f"Metric {metric} is invalid")
    groups = params.get("GroupBy") or []
    if len(groups) > _MOST_GROUPS:
        raise invalid("Only two values for GroupBy are allowed")
    for group in groups:
        _check_group(group)
    expression = params.get("Filter")
    if expression is not None:
        check_expression(expression)
    if not _uses_attributes(groups, expression):
        return
    check_attributes(expression)
    if start < ATTRIBUTES_SINCE:
        raise Refused("DataUnavailableException", "Product attributes are available from 2026-09-01.")


def _check_group(group: Mapping[str, Any]) -> None:
    if not group.get("Type") or not group.get("Key"):
        raise invalid("GroupBy needs Type and Key")
    if group["Type"] == "DIMENSION" and group["Key"] not in GROUPS:
        raise invalid(f"Group Definition dimension {group['Key']} is invalid")


def _uses_attributes(groups: list[Mapping[str, Any]], expression: object) -> bool:
    return any(group["Type"] == "PRODUCT_ATTRIBUTE" for group in groups) or ("ProductAttributes" in repr(expression))


def check_attributes(expression: Mapping[str, Any] | None, *, inside_not: bool = False) -> None:
    """SERVICE filters beside product attributes: supported services alone, and none inside Not.

    botocore 1.44.8, ``ProductAttributeValues`` ("A SERVICE filter must contain only supported services, or the request
    fails with a ValidationException") and ``GetCostAndUsage.Filter`` ("A SERVICE filter inside Not doesn't meet this
    requirement").

    Raises:
        Refused: a ValidationException.
    """
    for root, inner in (expression or {}).items():
        if root in ("And", "Or"):
            for item in inner:
                check_attributes(item, inside_not=inside_not)
        elif root == "Not":
            check_attributes(inner, inside_not=True)
        elif root == "Dimensions" and inner["Key"] == "SERVICE":
            if inside_not:
                raise invalid("A SERVICE filter inside Not cannot be combined with product attributes.")
            if wrong := [value for value in inner["Values"] if "Bedrock" not in value]:
                raise invalid(f"Services without product attributes: {', '.join(wrong)}")


def check_expression(expression: Mapping[str, Any]) -> None:
    """One root, enough operands, all the way down.

    Raises:
        Refused: what AWS would refuse.
    """
    if len(expression) != 1:
        raise invalid(
            "Expression has more than one roots. Only one root operator is allowed for each expression: "
            "And, Or, Not, Dimensions, Tags, CostCategories"
        )
    (root, inner) = next(iter(expression.items()))
    match root:
        case "And" | "Or":
            if len(inner) <= 1:
                raise invalid(f"{root} needs at least two expressions")
            for item in inner:
                check_expression(item)
        case "Not":
            check_expression(inner)
        case _:
            _check_leaf(root, inner)


def _check_leaf(root: str, leaf: Mapping[str, Any]) -> None:
    options = leaf.get("MatchOptions", [])
    allowed = ("EQUALS", "CASE_SENSITIVE") if root == "Dimensions" else ("EQUALS", "CASE_SENSITIVE", "ABSENT")
    if any(option not in allowed for option in options):
        raise invalid(f"MatchOptions {options} are not valid for {root}")
    if not leaf.get("Key") or not (leaf.get("Values") or "ABSENT" in options):
        raise invalid(f"{root} needs Key and Values")
