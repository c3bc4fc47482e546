"""The simulated AWS's reports of commitments: the bill's own Savings Plan, and reservations where a test sets some.

Rules are those of the operations' models (botocore 1.44.8, ``GetSavingsPlansCoverage`` and the like), each named where
it is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bot.domain.period import Period, add_months
from simulators.aws import bill
from simulators.aws.line_items import digits, key_of, passes, periods
from simulators.aws.rules import MONTHS_KEPT, Refused, invalid

Lines = Callable[[date], Iterable[bill.Line]]
ELIGIBLE = frozenset({bill.EC2, "AWS Lambda"})
"""Services that a Compute Savings Plan covers, of those on the bill."""
_PLAN_GROUPS = ("INSTANCE_FAMILY", "REGION", "SERVICE")
_PLAN_FILTERS = ("LINKED_ACCOUNT", "REGION", "SERVICE", "INSTANCE_FAMILY")
_USED_FILTERS = (
    *("LINKED_ACCOUNT", "SAVINGS_PLAN_ARN", "SAVINGS_PLANS_TYPE", "REGION", "PAYMENT_OPTION", "INSTANCE_TYPE_FAMILY"),
)
_RESERVED = (
    bill.EC2,
    "Amazon Relational Database Service",
    "Amazon ElastiCache",
    "Amazon MemoryDB",
    "Amazon Redshift",
    "Amazon Elasticsearch Service",
    "Amazon OpenSearch Service",
)
_ZERO = Decimal(0)


@dataclass(frozen=True)
class Reserved:
    """Reservations of one service, alike every day: hours bought, used, and run in all by account; USD an hour."""

    purchased: Decimal
    used: Decimal
    running: Mapping[str, Decimal]
    hourly: Decimal
    on_demand: Decimal


# Savings Plans --------------------------------------------------------------------------------------------


def plans_coverage(params: Mapping[str, Any], today: date, lines: Lines) -> dict[str, Any]:
    """The reply of GetSavingsPlansCoverage.

    Raises:
        Refused: what the operation does not take; DataUnavailableException where nothing could be covered.
    """
    days = _days(params, today)
    _one_of(params, _PLAN_GROUPS)
    _filters(params, _PLAN_FILTERS)
    if params.get("Metrics", ["SpendCoveredBySavingsPlans"]) != ["SpendCoveredBySavingsPlans"]:
        raise invalid("The only valid value of Metrics is SpendCoveredBySavingsPlans.")
    groups = params.get("GroupBy") or []
    steps = [days] if groups else periods(days, params.get("Granularity", "DAILY"))
    found: list[dict[str, Any]] = []
    for step in steps:
        eligible = [line for day in step for line in lines(day) if _eligible(line, params)]
        parts: dict[str, list[bill.Line]] = {} if groups else {"": eligible}
        for line in eligible if groups else ():
            parts.setdefault(key_of(groups[0], line), []).append(line)
        found += [_covered(step, groups, value, part) for value, part in sorted(parts.items())]
    if not any(part["Coverage"]["TotalCost"] != "0" for part in found) and "Filter" not in params:
        raise Refused("DataUnavailableException", "The requested data is unavailable.")
    return {"SavingsPlansCoverages": found}


def _eligible(line: bill.Line, params: Mapping[str, Any]) -> bool:
    """What a plan covers or could: on-demand usage of eligible services, spot left out."""
    covers = line.record_type == "SavingsPlanCoveredUsage"
    could = line.record_type == "Usage" and line.purchase == "On Demand Instances"
    return line.service in ELIGIBLE and (covers or could) and passes(params.get("Filter"), line)


def _covered(step: Period, groups: Sequence[Mapping[str, str]], value: str, lines: list[bill.Line]) -> dict[str, Any]:
    covered = sum((line.unblended for line in lines if line.record_type != "Usage"), _ZERO)
    rest = sum((line.unblended for line in lines if line.record_type == "Usage"), _ZERO)
    whole = covered + rest
    return {
        "Attributes": {groups[0]["Key"]: value} if groups else {},
        "Coverage": {
            "SpendCoveredBySavingsPlans": digits(covered),
            "OnDemandCost": digits(rest),
            "TotalCost": digits(whole),
            "CoveragePercentage": digits(_percent(covered, whole)),
        },
        "TimePeriod": _told(step),
    }


def plans_utilization(params: Mapping[str, Any], today: date, lines: Lines) -> dict[str, Any]:
    """The reply of GetSavingsPlansUtilization.

    Raises:
        Refused: what the operation does not take; DataUnavailableException where there are no plans.
    """
    days = _days(params, today)
    _filters(params, _USED_FILTERS)
    found, sums = [], (_ZERO, _ZERO)
    for step in periods(days, params.get("Granularity", "DAILY")):
        result = [line for day in step for line in lines(day)]
        whole = sum((line.unblended for line in result if line.record_type == "SavingsPlanRecurringFee"), _ZERO)
        used = sum((line.amortized for line in result if line.record_type == "SavingsPlanCoveredUsage"), _ZERO)
        if whole:
            found.append({"TimePeriod": _told(step), "Utilization": _utilization(used, whole)})
        sums = sums[0] + used, sums[1] + whole
    if not found:
        raise Refused("DataUnavailableException", "The requested data is unavailable.")
    return {"SavingsPlansUtilizationsByTime": found, "Total": {"Utilization": _utilization(*sums)}}


def _utilization(used: Decimal, whole: Decimal) -> dict[str, str]:
    return {
        "TotalCommitment": digits(whole),
        "UsedCommitment": digits(used),
        "UnusedCommitment": digits(whole - used),
        "UtilizationPercentage": digits(_percent(used, whole)),
    }


# Reservations ---------------------------------------------------------------------------------------------


def reservation_utilization(params: Mapping[str, Any], today: date, reserved: Mapping[str, Reserved]) -> dict[str, Any]:
    """The reply of GetReservationUtilization; zeros where there are no reservations.

    Raises:
        Refused: what the operation does not take.
    """
    days = _days(params, today)
    _one_of(params, ("SUBSCRIPTION_ID",))
    owned = reserved.get(_service(params))
    steps = periods(days, params.get("Granularity", "DAILY"))
    return {
        "UtilizationsByTime": [
            {"TimePeriod": _told(step), "Groups": [], "Total": _used(step, owned)} for step in steps
        ],
        "Total": _used(days, owned),
    }


def _used(step: Period, owned: Reserved | None) -> dict[str, str]:
    purchased, used = (owned.purchased * step.days, owned.used * step.days) if owned else (_ZERO, _ZERO)
    unused = purchased - used
    return {
        "UtilizationPercentage": digits(_percent(used, purchased)),
        "PurchasedHours": digits(purchased),
        "TotalActualHours": digits(used),
        "UnusedHours": digits(unused),
        "RICostForUnusedHours": digits(unused * (owned.hourly if owned else _ZERO)),
    }


def reservation_coverage(params: Mapping[str, Any], today: date, reserved: Mapping[str, Reserved]) -> dict[str, Any]:
    """The reply of GetReservationCoverage.

    Raises:
        Refused: what the operation does not take.
    """
    days = _days(params, today)
    groups = params.get("GroupBy") or []
    _one_of(params, ("AZ", "INSTANCE_TYPE", "LINKED_ACCOUNT", "PLATFORM", "REGION", "TENANCY"))
    metrics = params.get("Metrics", ["Hour"])
    if not set(metrics) <= {"Hour", "Unit", "Cost"} or ("Unit" in metrics and _service(params) != bill.EC2):
        raise invalid("Valid values of Metrics are Hour, Unit (EC2 alone) and Cost.")
    owned = reserved.get(_service(params))
    steps = [days] if groups else periods(days, params.get("Granularity", "DAILY"))
    found = []
    for step in steps:
        shares = owned.running if owned else {}
        parts = [
            {"Attributes": {"linkedAccount": account}, "Coverage": _reach(step, owned, account, metrics)}
            for account in sorted(shares)
            if groups
        ]
        found.append({"TimePeriod": _told(step), "Groups": parts, "Total": _reach(step, owned, "", metrics)})
    return {"CoveragesByTime": found, "Total": _reach(days, owned, "", metrics)}


def _reach(step: Period, owned: Reserved | None, account: str, metrics: Sequence[str]) -> dict[str, Any]:
    """Reserved hours go to the accounts in their order, as far as each has run any."""
    left = owned.used if owned else _ZERO
    reserved, running = _ZERO, _ZERO
    for name, hours in sorted(owned.running.items()) if owned else ():
        taken = min(left, hours)
        left -= taken
        if account in ("", name):
            reserved, running = reserved + taken, running + hours
    rest = (running - reserved) * step.days
    found: dict[str, Any] = {}
    if "Hour" in metrics:
        found["CoverageHours"] = {
            "OnDemandHours": digits(rest),
            "ReservedHours": digits(reserved * step.days),
            "TotalRunningHours": digits(running * step.days),
            "CoverageHoursPercentage": digits(_percent(reserved, running)),
        }
    if "Cost" in metrics:
        found["CoverageCost"] = {"OnDemandCost": digits(rest * (owned.on_demand if owned else _ZERO))}
    return found


# What all four refuse -------------------------------------------------------------------------------------


def _days(params: Mapping[str, Any], today: date) -> Period:
    """The days asked about, held to what the models say of ``TimePeriod`` and ``Granularity``.

    "The Start date must be within 13 months. The End date must be … before the current date"; "supports only DAILY and
    MONTHLY granularities"; "Granularity can't be set if GroupBy is set".
    """
    start, end = (date.fromisoformat(params["TimePeriod"][key]) for key in ("Start", "End"))
    if end <= start:
        raise invalid("Start date (and hour) should be before end date (and hour)")
    if end >= today:
        raise invalid("The End date must be before the current date.")
    if start < add_months(today.replace(day=1), 1 - MONTHS_KEPT):
        raise invalid("The Start date must be within 13 months.")
    if params.get("GroupBy") and "Granularity" in params:
        raise invalid("Granularity can't be set if GroupBy is set.")
    if params.get("Granularity") == "HOURLY":
        raise invalid("Only DAILY and MONTHLY granularities are supported.")
    return Period(start=start, end=end)


def _one_of(params: Mapping[str, Any], allowed: Sequence[str]) -> None:
    for group in params.get("GroupBy") or []:
        if group["Type"] != "DIMENSION" or group["Key"] not in allowed:
            raise invalid(f"Group Definition dimension {group['Key']} is invalid")


def _filters(params: Mapping[str, Any], allowed: Sequence[str]) -> None:
    found = params.get("Filter")
    if found and ("Dimensions" not in found or found["Dimensions"]["Key"] not in allowed):
        raise invalid("The Filter has a dimension that this operation does not take.")


def _service(params: Mapping[str, Any]) -> str:
    """The service of the filter, one of those with reservations.

    "If not specified, the SERVICE filter defaults to Amazon Elastic Compute Cloud - Compute"; of the two values that it
    may have, one is simulated.
    """
    found = params.get("Filter", {}).get("Dimensions", {"Key": "SERVICE", "Values": [bill.EC2]})
    if found["Key"] != "SERVICE" or len(found["Values"]) != 1 or found["Values"][0] not in _RESERVED:
        raise invalid("The SERVICE filter names a service without reservations.")
    return str(found["Values"][0])


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (100 * part / whole).quantize(bill.TENTH_DIGIT) if whole else _ZERO


def _told(step: Period) -> dict[str, str]:
    return {"Start": str(step.start), "End": str(step.end)}
