"""Simulated AWS, from Cost Explorer to Invoicing, on one port: it tells the bill of Lumen Robotics.

What it tells is a pure function of the day and the clock; what it refuses, AWS would refuse (``aws_rules``).
Point boto3 at it with ``endpoint_url``; the keys it knows are ``ACCESS_KEY`` and those it hands out by AssumeRole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any
from urllib.parse import parse_qs

from bot.domain.period import DAY, Period, add_months, month_of
from simulators.aws import bill, billing, commitments, hub, insights
from simulators.aws.line_items import (
    DIMENSIONS,
    fingerprint_of,
    key_of,
    offset_of,
    part,
    passes,
    periods,
    summed,
    token_of,
)
from simulators.aws.rules import (
    METRICS,
    MONTHS_KEPT,
    Refused,
    check_expression,
    check_query,
    check_range,
    check_shape,
    invalid,
)
from simulators.http_server import Reply, Request, Simulator

ACCESS_KEY = "AKIALUMENDEMO0000001"
SECRET_KEY = "lumen/demo/secret/lumen/demo/secret/0001"
ROLE = f"arn:aws:iam::{bill.PAYER}:role/spend-read"
CLOSES_ON = 5
"""The day of the next month on which a month's bill is final."""

TARGETS = {
    "AWSInsightsIndexService": "ce",
    "AWSBudgetServiceGateway": "budgets",
    "AWSOrganizationsV20161128": "organizations",
    "AWSBilling": "billing",
    "Invoicing": "invoicing",
    "CostOptimizationHubService": "cost-optimization-hub",
}
_METRICS = {
    "UnblendedCost": "unblended",
    "NetUnblendedCost": "net_unblended",
    "AmortizedCost": "amortized",
    "NetAmortizedCost": "net_amortized",
    "BlendedCost": "unblended",
    "UsageQuantity": "quantity",
    "BilledCost": "net_unblended",
    "ContractedCost": "unblended",
    "ListCost": "unblended",
    "PublicEquivalentBilledCost": "unblended",
    "PublicOnDemandCost": "unblended",
}
_ACTIONS = {"DescribeBudgets": "ViewBudget"}
"""What IAM calls an operation, where it has a name of its own for it."""
_SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>\w+)/\d{8}/[\w-]+/[\w-]+/aws4_request, ?SignedHeaders=[\w;-]+, ?"
    r"Signature=[0-9a-f]{64}"
)

Bill = Callable[[date], Iterable[bill.Line]]


class AwsSimulator(Simulator):
    """AWS as the bot sees it.

    ``page`` is how many groups a page of Cost Explorer carries; with ``repeat`` each begins with the last
    group of the one before; ``net`` is whether the account has discounts, and so the Net metrics. ``priced``: whether
    Cost Explorer knows the metrics of prices, as it does since botocore 1.44.8. ``budgets``: whether there are any;
    an account without them may be told NotFoundException, which is among DescribeBudgets' errors.
    """

    def __init__(  # noqa: PLR0913 - what may differ between payers, by keyword
        self,
        clock: Callable[[], datetime],
        *,
        page: int = 600,
        currency: str = "USD",
        net: bool = True,
        repeat: bool = False,
        priced: bool = True,
        budgets: bool = True,
        lines: Bill = bill.lines,
    ) -> None:
        super().__init__(clock)
        self.priced, self.budgets = priced, budgets
        self.page = page
        self.currency = currency
        self.net = net
        self.repeat = repeat
        self.keys = {ACCESS_KEY}
        self.denied: set[str] = set()
        """Operations that the key may not call."""
        self.budget: dict[str, Any] = {}
        """Members of the budget beside its plain ones, as ``CostFilters``; with none it is about everything."""
        self.reserved: dict[str, commitments.Reserved] = {}
        """Reservations by service; the bill itself has none."""
        self.enrolled = True
        """Whether Cost Optimization Hub is enabled."""
        self._lines = lines
        self._changed: dict[date, Bill] = {}
        self._results: dict[str, list[tuple[Any, ...]]] = {}

    # What the world knows ------------------------------------------------------------------------------

    def lines(self, day: date) -> list[bill.Line]:
        """The lines told of a day at this moment; today's are partial, tomorrow has none."""
        now = self.clock()
        if day > now.date() or day < self.kept.start:
            return []
        lines = list(self._changed.get(day, self._lines)(day))
        if day < now.date():
            return lines
        return [part(line, Decimal(now.hour * 60 + now.minute) / 1440) for line in lines]

    @property
    def kept(self) -> Period:
        """The days that may be asked for without a fee."""
        month = month_of(self.clock().date())
        return Period(start=add_months(month.start, -MONTHS_KEPT), end=month.end)

    def truth(self, days: Period) -> Mapping[str, Decimal]:
        """BilledCost (net unblended, or unblended for accounts without discounts) by currency."""
        metric = "net_unblended" if self.net else "unblended"
        amounts = [getattr(line, metric) for day in days for line in self.lines(day)]
        return {self.currency: sum(amounts, Decimal(0))} if amounts else {}

    def restate(self, day: date, factor: Decimal = Decimal("1.1")) -> None:
        """From now on, every line of the day costs that much more."""
        before = self._changed.get(day, self._lines)
        self._changed[day] = lambda day: [part(line, factor) for line in before(day)]

    def vanish(self, day: date, service: str) -> None:
        """From now on, the day has nothing of that service."""
        before = self._changed.get(day, self._lines)
        self._changed[day] = lambda day: [line for line in before(day) if line.service != service]

    # The wire ------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        """JSON for all but STS, which has query and XML."""
        try:
            self._authenticate(request)
            target = request.headers.get("x-amz-target")
            if target is None:
                return self._sts(request)
            prefix, operation = target.split(".", 1)
            service = TARGETS.get(prefix)
            handler = getattr(self, f"_{operation}", None)
            if service is None or handler is None:
                return _error("UnknownOperationException", f"{target} is not simulated")
            self._authorize(service, operation)
            check_shape(service, operation, request.json())
            return _json(handler(request.json()))
        except Refused as refused:
            asked_sts = "x-amz-target" not in request.headers
            return (_xml_error if asked_sts else _error)(refused.kind, refused.message)

    def _authenticate(self, request: Request) -> None:
        signed = _SIGNED.fullmatch(request.headers.get("authorization", ""))
        if signed is None:
            raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
        if signed["key"] not in self.keys:
            message = "The security token included in the request is invalid."
            raise Refused("UnrecognizedClientException", message)

    def _authorize(self, service: str, operation: str) -> None:
        if operation in self.denied:
            action = f"{service}:{_ACTIONS.get(operation, operation)}"
            raise Refused(
                "AccessDeniedException",
                f"User: arn:aws:iam::{bill.PAYER}:user/bot is not authorized to perform: {action} on resource: "
                f"arn:aws:{service}:us-east-1:{bill.PAYER}:/{operation} because no identity-based policy allows "
                f"the {action} action",
            )

    def _sts(self, request: Request) -> Reply:
        form = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        match form.get("Action"):
            case "GetCallerIdentity":
                inner = (
                    f"<Arn>arn:aws:iam::{bill.PAYER}:user/bot</Arn><UserId>AIDALUMEN</UserId>"
                    f"<Account>{bill.PAYER}</Account>"
                )
            case "AssumeRole" if form.get("RoleArn") == ROLE:
                inner = self._assumed(form)
            case action:
                return _xml_error("AccessDenied", f"not authorized to perform: sts:{action}")
        action = form["Action"]
        body = (
            f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>{inner}'
            f"</{action}Result><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"
        )
        return Reply(200, body.encode(), {"Content-Type": "text/xml"})

    def _assumed(self, form: Mapping[str, str]) -> str:
        key = f"ASIALUMENDEMO{len(self.keys):07}"
        self.keys.add(key)
        until = (datetime.now(self.clock().tzinfo) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return (
            f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{SECRET_KEY}</SecretAccessKey>"
            f"<SessionToken>lumen</SessionToken><Expiration>{until}</Expiration></Credentials><AssumedRoleUser>"
            f"<Arn>{ROLE}/{form['RoleSessionName']}</Arn><AssumedRoleId>AROA:1</AssumedRoleId></AssumedRoleUser>"
        )

    # Cost Explorer -------------------------------------------------------------------------------------

    def _GetCostAndUsage(self, params: dict[str, Any]) -> dict[str, Any]:
        start, end = check_range(params, self.clock().date())
        check_query(params, start)
        if not self.priced and not {*params["Metrics"]} <= {*METRICS[:7]}:
            raise invalid(f"Metrics {params['Metrics']} are invalid")
        groups = params.get("GroupBy") or []
        offset = offset_of(params)
        rows = self._told(params, Period(start=start, end=end), first=offset == 0)
        before = 1 if self.repeat and offset else 0
        part = rows[offset - before : offset + self.page] if groups else rows
        reply: dict[str, Any] = {
            "GroupDefinitions": groups,
            "ResultsByTime": [
                self._result(period, list(same), grouped=bool(groups))
                for period, same in groupby(part, key=lambda row: row[0])
            ],
            "DimensionValueAttributes": self._attributes(groups, part),
        }
        if groups and offset + self.page < len(rows):
            reply["NextPageToken"] = token_of(params, offset + self.page)
        return reply

    def _told(self, params: dict[str, Any], days: Period, *, first: bool) -> list[tuple[Any, ...]]:
        """(period, keys, metrics) of the whole range, told at the first page and kept for the others."""
        fingerprint = fingerprint_of(params)
        if first or fingerprint not in self._results:
            steps = periods(days, params["Granularity"])
            rows = [(period, *row) for period in steps for row in self._rows(period, params)]
            self._results[fingerprint] = rows
        return self._results[fingerprint]

    def _rows(self, period: Period, params: dict[str, Any]) -> list[tuple[Any, ...]]:
        """(keys, metrics) of one period; one row without keys where nothing was used."""
        wanted = [line for day in period for line in self.lines(day) if passes(params.get("Filter"), line)]
        groups = params.get("GroupBy") or []
        if any(group["Type"] == "PRODUCT_ATTRIBUTE" for group in groups):
            wanted = [line for line in wanted if line.service == bill.BEDROCK]
        found: dict[tuple[str, ...], list[bill.Line]] = {}
        for line in wanted:
            found.setdefault(tuple(key_of(group, line) for group in groups), []).append(line)
        if not found or not groups:
            return [((), self._metrics(params["Metrics"], wanted))]
        return [(keys, self._metrics(params["Metrics"], found[keys])) for keys in sorted(found)]

    def _metrics(self, names: Iterable[str], lines: list[bill.Line]) -> dict[str, dict[str, str]]:
        result = [name for name in names if self.net or not name.startswith("Net")]
        return {name: {"Amount": summed(lines, _METRICS[name]), "Unit": self._unit(name, lines)} for name in result}

    def _unit(self, metric: str, lines: list[bill.Line]) -> str:
        if metric != "UsageQuantity":
            return self.currency
        units = {line.unit for line in lines if line.quantity}
        return units.pop() if len(units) == 1 else "N/A"

    def _result(self, period: Period, rows: list[tuple[Any, ...]], *, grouped: bool) -> dict[str, Any]:
        closes = add_months(period.last.replace(day=1), 1) + DAY * (CLOSES_ON - 1)
        return {
            "TimePeriod": {"Start": str(period.start), "End": str(period.end)},
            "Total": {} if grouped else rows[0][2],
            "Groups": [{"Keys": list(keys), "Metrics": metrics} for _, keys, metrics in rows if keys],
            "Estimated": self.clock().date() < closes,
        }

    def _attributes(self, groups: list[dict[str, str]], rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
        at = next((n for n, group in enumerate(groups) if group["Key"] == "LINKED_ACCOUNT"), None)
        if at is None:
            return []
        accounts = sorted({keys[at] for _, keys, _ in rows if keys})
        return [{"Value": id_, "Attributes": {"description": bill.ACCOUNTS[id_]}} for id_ in accounts]

    def _GetDimensionValues(self, params: dict[str, Any]) -> dict[str, Any]:
        dimension = params["Dimension"]
        if dimension not in DIMENSIONS:
            raise invalid(f"Dimension {dimension} is not simulated")
        group = {"Type": "DIMENSION", "Key": dimension}
        sought = params.get("SearchString", "").lower()
        values = [value for value in self._values(group, params) if sought in value.lower()]
        result = [
            {
                "Value": value,
                "Attributes": {"description": bill.ACCOUNTS[value]} if dimension == "LINKED_ACCOUNT" else {},
            }
            for value in values
        ]
        return {"DimensionValues": result, "ReturnSize": len(result), "TotalSize": len(result)}

    def _GetTags(self, params: dict[str, Any]) -> dict[str, Any]:
        key = params.get("TagKey")
        values = self._values({"Type": "TAG", "Key": key}, params) if key else ["aws:createdBy", "team"]
        tags = [value.split("$", 1)[1] for value in values] if key else values
        return {"Tags": tags, "ReturnSize": len(tags), "TotalSize": len(tags)}

    def _GetCostCategories(self, params: dict[str, Any]) -> dict[str, Any]:
        del params
        return {"CostCategoryNames": ["Stage"], "ReturnSize": 1, "TotalSize": 1}

    def _values(self, group: dict[str, str], params: dict[str, Any]) -> list[str]:
        start, end = check_range({**params, "Granularity": "DAILY"}, self.clock().date())
        if params.get("Filter"):
            check_expression(params["Filter"])
        days = Period(start=start, end=end)
        lines = (line for day in days for line in self.lines(day) if passes(params.get("Filter"), line))
        return sorted({key_of(group, line) for line in lines})

    def _GetCostForecast(self, params: dict[str, Any]) -> dict[str, Any]:
        return insights.forecast(params, self.clock().date(), self.lines, _METRICS, self.currency)

    def _GetAnomalyMonitors(self, params: dict[str, Any]) -> dict[str, Any]:
        del params
        monitor = {"MonitorArn": _MONITOR, "MonitorName": "services", "MonitorType": "DIMENSIONAL"}
        return {"AnomalyMonitors": [monitor]}

    def _GetAnomalies(self, params: dict[str, Any]) -> dict[str, Any]:
        return insights.anomalies(params, self.clock().date(), _MONITOR)

    def _GetSavingsPlansCoverage(self, params: dict[str, Any]) -> dict[str, Any]:
        return commitments.plans_coverage(params, self.clock().date(), self.lines)

    def _GetSavingsPlansUtilization(self, params: dict[str, Any]) -> dict[str, Any]:
        return commitments.plans_utilization(params, self.clock().date(), self.lines)

    def _GetReservationCoverage(self, params: dict[str, Any]) -> dict[str, Any]:
        return commitments.reservation_coverage(params, self.clock().date(), self.reserved)

    def _GetReservationUtilization(self, params: dict[str, Any]) -> dict[str, Any]:
        return commitments.reservation_utilization(params, self.clock().date(), self.reserved)

    # Cost Optimization Hub -----------------------------------------------------------------------------

    def _ListRecommendations(self, params: dict[str, Any]) -> dict[str, Any]:
        return hub.recommendations(params, self.clock().date(), enrolled=self.enrolled, page=3)

    def _ListRecommendationSummaries(self, params: dict[str, Any]) -> dict[str, Any]:
        return hub.summaries(params, self.clock().date(), enrolled=self.enrolled)

    # Billing and Invoicing -----------------------------------------------------------------------------

    def _GetCredits(self, params: dict[str, Any]) -> dict[str, Any]:
        return billing.credits_of(params, self.clock().date(), self.lines, self.currency)

    def _ListInvoiceSummaries(self, params: dict[str, Any]) -> dict[str, Any]:
        invoiced = billing.InvoicedBill(self.lines, self.net, self.currency, CLOSES_ON)
        return billing.summaries(params, self.clock().date(), invoiced, page=2)

    # Budgets and Organizations -------------------------------------------------------------------------

    def _DescribeBudgets(self, params: dict[str, Any]) -> dict[str, Any]:
        more = self.budget if self.budgets else None
        return insights.budgets(params, self.clock().date(), self.lines, self.currency, more)

    def _ListAccounts(self, params: dict[str, Any]) -> dict[str, Any]:
        del params
        return {"Accounts": [{"Id": id_, "Name": name, "Status": "ACTIVE"} for id_, name in bill.ACCOUNTS.items()]}


_MONITOR = f"arn:aws:ce::{bill.PAYER}:anomalymonitor/1"


def _json(value: object, status: int = 200) -> Reply:
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "lumen"}
    return Reply(status, json.dumps(value).encode(), headers)


def _error(kind: str, message: str) -> Reply:
    return _json({"__type": kind, "Message": message}, 400)


def _xml_error(kind: str, message: str) -> Reply:
    body = f"<ErrorResponse><Error><Code>{kind}</Code><Message>{message}</Message></Error></ErrorResponse>"
    return Reply(403, body.encode(), {"Content-Type": "text/xml"})
