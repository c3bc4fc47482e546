"""What the simulated AWS says beside its bill: a forecast, the findings of its anomaly detection, and a budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from bot.domain.period import DAY, Period
from simulators.aws import bill
from simulators.aws.line_items import digits, passes, summed
from simulators.aws.rules import Refused, invalid

Lines = Callable[[date], Iterable[bill.Line]]


def forecast(
    params: Mapping[str, Any], today: date, lines: Lines, metrics: Mapping[str, str], currency: str
) -> dict[str, Any]:
    """The reply of GetCostForecast: as many days as the mean of the last week.

    Raises:
        Refused: it does not begin today, is by the hour, or is of what cannot be forecast.
    """
    start, end = (date.fromisoformat(params["TimePeriod"][key]) for key in ("Start", "End"))
    if start != today or end <= start or params["Granularity"] == "HOURLY":
        raise invalid("Start time must be equal to or no later than the current date")
    metric = params["Metric"].title().replace("_", "")
    if metric not in metrics:
        raise invalid(f"{params['Metric']} cannot be forecast")
    week = Period(start=today - DAY * 7, end=today)
    used = [line for day in week for line in lines(day) if passes(params.get("Filter"), line)]
    mean = (Decimal(summed(used, metrics[metric])) / 7 * (end - start).days).quantize(Decimal("1e-9"))
    month = {
        "TimePeriod": params["TimePeriod"],
        "MeanValue": digits(mean),
        "PredictionIntervalLowerBound": digits(mean * Decimal("0.9")),
        "PredictionIntervalUpperBound": digits(mean * Decimal("1.1")),
    }
    return {"Total": {"Amount": digits(mean), "Unit": currency}, "ForecastResultsByTime": [month]}


def anomalies(params: Mapping[str, Any], today: date, monitor: str) -> dict[str, Any]:
    """The reply of GetAnomalies: the spike of the bill, once it has begun."""
    since = date.fromisoformat(params["DateInterval"]["StartDate"])
    first, last = bill.SPIKE[0], bill.SPIKE[1] - DAY
    if since > last or today <= first:
        return {"Anomalies": []}
    cause = {
        "Service": "Amazon SageMaker",
        "Region": "us-west-2",
        "LinkedAccount": bill.DATA,
        "LinkedAccountName": bill.ACCOUNTS[bill.DATA],
        "UsageType": "USW2-Train:ml.p4d.24xlarge",
    }
    spike = {
        "AnomalyId": "a-1",
        "AnomalyStartDate": f"{first}T00:00:00Z",
        "AnomalyEndDate": f"{last}T00:00:00Z",
        "DimensionValue": "Amazon SageMaker",
        "RootCauses": [cause],
        "AnomalyScore": {"MaxScore": 0.91, "CurrentScore": 0.9},
        "Impact": {"MaxImpact": 871.22, "TotalImpact": 2512.6, "TotalActualSpend": 2826.55},
        "MonitorArn": monitor,
    }
    return {"Anomalies": [spike]}


def budgets(
    params: Mapping[str, Any],
    today: date,
    lines: Lines,
    currency: str,
    more: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The reply of DescribeBudgets: one budget with ``more`` in it; None where there is no budget.

    Its filter expression comes only where it is asked for (botocore 1.44.8, ``ShowFilterExpression``), and planned
    limits in place of the one limit.

    Raises:
        Refused: another account is asked about; or there is none, of which NotFoundException is among the errors.
    """
    if params["AccountId"] != bill.PAYER:
        raise Refused("AccessDeniedException", "not authorized to perform: budgets:ViewBudget")
    if more is None:
        raise Refused("NotFoundException", "Unable to find budgets.")
    month = Period(start=today.replace(day=1), end=today + DAY)
    spent = sum((line.unblended for day in month for line in lines(day)), Decimal(0))
    budget = {
        "BudgetName": "AWS, all accounts",
        "BudgetLimit": {"Amount": "48000.0", "Unit": currency},
        "TimeUnit": "MONTHLY",
        "BudgetType": "COST",
        "CalculatedSpend": {"ActualSpend": {"Amount": digits(spent), "Unit": currency}},
    }
    hidden = {"FilterExpression"} if not params.get("ShowFilterExpression") else set()
    hidden |= {"BudgetLimit"} if "PlannedBudgetLimits" in more else set()
    return {"Budgets": [{name: value for name, value in {**budget, **more}.items() if name not in hidden}]}
