"""How far AWS's commitments reach and how far they are used, month by month, as Cost Explorer reports it.

Sources: GetSavingsPlansUtilization and GetSavingsPlansCoverage, GetReservationUtilization and GetReservationCoverage
(botocore 1.44.8); each page costs $0.01. One request brings all months of a service's reservations, or of an account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from bot.domain.commitments import (
    RESERVATIONS,
    SAVINGS_PLANS,
    CommitmentMeasure,
    CommitmentRow,
    CommitmentStatement,
)
from bot.domain.errors import CeilingReached, CostError, UnexpectedReply
from bot.domain.period import DAY, Period, add_months
from bot.providers import BillContext
from bot.providers.aws.client import AwsClient
from bot.providers.aws.errors import NoData

MONTHS = 12
"""Whole months before the present one that all four report ("the last 12 months and the current month")."""
RESERVED = (
    "Amazon Elastic Compute Cloud - Compute",
    "Amazon Relational Database Service",
    "Amazon ElastiCache",
    "Amazon MemoryDB",
    "Amazon Redshift",
    "Amazon Elasticsearch Service",
    "Amazon OpenSearch Service",
)
"""Services whose reservations are reported (``GetReservationUtilization.Filter``)."""
_HOURS = "Hours"
_SHAPE = "Please report it: this version of the bot does not support this reply."

Refused = Callable[[str, CostError], None]
"""Is told the operation that AWS refused, and why."""
_Split = Literal["ServiceName", "RegionId"]
_KEYS: Mapping[_Split, str] = {"ServiceName": "SERVICE", "RegionId": "REGION"}
_Dated = tuple[Period, CommitmentRow]


@dataclass(frozen=True)
class _Kind:
    """What a statement is of."""

    program: str
    measure: CommitmentMeasure
    unit: str
    service: str = ""
    dimension: Literal["", "SubAccountId", "ServiceName", "RegionId"] = ""


class _Left(Exception):
    """AWS refused an operation: what depends on it is left out."""


def statements(
    wire: AwsClient, today: date, bill: BillContext, refused: Refused, *, accounts: bool
) -> Iterator[CommitmentStatement]:
    """Everything that AWS reports now; Savings Plans by account only if ``accounts``: that is a request for each.

    What AWS refuses is handed to ``refused`` and left out.

    Raises:
        CeilingReached: from the meter.
    """
    report = _Report(wire, today, bill, refused)
    parts = [report.plans(accounts=accounts)]
    parts += [report.reservations(service) for service in RESERVED if service in bill.services]
    for part in parts:
        try:
            yield from part
        except _Left:
            continue


def probe(wire: AwsClient, today: date, operation: str) -> str:
    """What doctor says of one of the four operations, tried on the last whole month.

    Raises:
        CostError: as ``Wire.call``.
    """
    this = today.replace(day=1)
    params = {"TimePeriod": _range(Period(start=add_months(this, -1), end=this)), "Granularity": "MONTHLY"}
    try:
        wire.call("ce", operation, params)
    except NoData:
        return "No values."
    return "It can be read."


class _Report:
    """What AWS reports of one payer on a day."""

    def __init__(self, wire: AwsClient, today: date, bill: BillContext, refused: Refused) -> None:
        self._wire, self._bill, self._refused = wire, bill, refused
        end = today - DAY  # "before the current date", taken by the letter
        first = add_months(today.replace(day=1), -MONTHS)
        self._monthly: Mapping[str, object] = {
            "TimePeriod": _range(Period(start=first, end=end)),
            "Granularity": "MONTHLY",
        }
        present = end.replace(day=1)
        self._latest = [Period(start=add_months(present, -1), end=present)]
        """The last whole month and the present one: grouped requests have no granularity, so that each is one."""
        self._latest += [Period(start=present, end=end)] if present < end else []

    def plans(self, *, accounts: bool) -> Iterator[CommitmentStatement]:
        """Savings Plans: coverage is asked for only where there are any."""
        kind = _Kind(SAVINGS_PLANS, "utilization", self._bill.currency)
        results = self._results("GetSavingsPlansUtilization", "SavingsPlansUtilizationsByTime", self._monthly)
        used = [(_period(result), _used_plan(result)) for result in results] or self._none()
        yield from self._by_month(kind, used)
        if not any(row.whole for _, row in used):
            return
        kind = replace(kind, measure="coverage")
        yield from self._by_month(kind, self._covered_by_plans(self._monthly))
        for dimension in _KEYS:
            yield from self._by_month(replace(kind, dimension=dimension), self._plans_split(dimension))
        if accounts:
            rows = [dated for account in self._bill.accounts for dated in self._plans_of(account)]
            yield from self._by_month(replace(kind, dimension="SubAccountId"), rows)

    def reservations(self, service: str) -> Iterator[CommitmentStatement]:
        """Reservations of one service: coverage is asked for only where there are any."""
        kind = _Kind(RESERVATIONS, "utilization", _HOURS, service)
        only: Mapping[str, object] = {"Filter": _only("SERVICE", service)}
        results = self._results(
            "GetReservationUtilization", "UtilizationsByTime", {**self._monthly, **only}, "NextPageToken"
        )
        used = [(_period(result), _used_reservation(result)) for result in results] or self._none()
        yield from self._by_month(kind, used)
        if not any(row.whole for _, row in used):
            return
        kind = replace(kind, measure="coverage")
        params = {**only, "Metrics": ["Hour", "Cost"]}
        results = self._results(
            "GetReservationCoverage", "CoveragesByTime", {**self._monthly, **params}, "NextPageToken"
        )
        yield from self._by_month(
            kind, [(_period(result), _covered("", result.get("Total", {}))) for result in results]
        )
        by_account = {**params, "GroupBy": [{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}]}
        rows: list[_Dated] = []
        for days in self._latest:
            params = {"TimePeriod": _range(days), **by_account}
            results = self._results("GetReservationCoverage", "CoveragesByTime", params, "NextPageToken")
            groups = [group for result in results for group in _listed(result, "Groups")]
            rows += [(days, _covered(_attribute(group), group.get("Coverage", {}))) for group in groups]
        yield from self._by_month(replace(kind, dimension="SubAccountId"), rows)

    def _covered_by_plans(self, params: Mapping[str, object]) -> list[_Dated]:
        results = self._results("GetSavingsPlansCoverage", "SavingsPlansCoverages", params)
        return [(_period(result), _covered_by_plan("", result)) for result in results]

    def _plans_split(self, dimension: _Split) -> list[_Dated]:
        rows: list[_Dated] = []
        for days in self._latest:
            params = {"TimePeriod": _range(days), "GroupBy": [{"Type": "DIMENSION", "Key": _KEYS[dimension]}]}
            results = self._results("GetSavingsPlansCoverage", "SavingsPlansCoverages", params)
            rows += [(days, _covered_by_plan(_attribute(result), result)) for result in results]
        return rows

    def _plans_of(self, account: str) -> list[_Dated]:
        found = self._covered_by_plans({**self._monthly, "Filter": _only("LINKED_ACCOUNT", account)})
        return [(d, CommitmentRow(account, row.part, row.whole, row.open_cost)) for d, row in found if row.whole]

    def _none(self) -> list[_Dated]:
        """That there are no commitments at all, said of the months just asked for."""
        return [(days, CommitmentRow("", Decimal(0), Decimal(0), Decimal(0))) for days in self._latest]

    def _results(
        self, operation: str, name: str, params: Mapping[str, object], cursor: str = "NextToken"
    ) -> list[Mapping[str, Any]]:
        """The results on all pages; none where AWS has nothing of the kind.

        Raises:
            _Left: AWS refuses.
        """
        try:
            pages = list(self._wire.listed("ce", operation, params, cursor=cursor))
            return [result for page in pages for result in _listed(page, name)]
        except NoData:  # "The requested data is unavailable": there are no plans
            return []
        except CeilingReached:
            raise
        except CostError as error:
            self._refused(operation, error)
            raise _Left from None

    def _by_month(self, kind: _Kind, rows: Iterable[_Dated]) -> Iterator[CommitmentStatement]:
        months: dict[Period, list[CommitmentRow]] = {}
        for period, row in rows:
            months.setdefault(period, []).append(row)
        for period, found in months.items():
            yield CommitmentStatement(
                program=kind.program,
                measure=kind.measure,
                service=kind.service,
                dimension=kind.dimension,
                period=period,
                unit=kind.unit,
                currency=self._bill.currency,
                rows=tuple(found),
            )


def _used_plan(result: Mapping[str, Any]) -> CommitmentRow:
    used = result.get("Utilization", {})
    return CommitmentRow("", *(_amount(used, f"{name}Commitment") for name in ("Used", "Total", "Unused")))


def _covered_by_plan(value: str, result: Mapping[str, Any]) -> CommitmentRow:
    coverage = result.get("Coverage", {})
    part, rest = (_amount(coverage, name) for name in ("SpendCoveredBySavingsPlans", "OnDemandCost"))
    return CommitmentRow(value, part, part + rest, rest)


def _used_reservation(result: Mapping[str, Any]) -> CommitmentRow:
    used = result.get("Total", {})
    unused = _amount(used, "RICostForUnusedHours") if "RICostForUnusedHours" in used else None
    return CommitmentRow("", _amount(used, "TotalActualHours"), _amount(used, "PurchasedHours"), unused)


def _covered(value: str, coverage: Mapping[str, Any]) -> CommitmentRow:
    hours, cost = coverage.get("CoverageHours", {}), coverage.get("CoverageCost", {})
    rest = _amount(cost, "OnDemandCost") if "OnDemandCost" in cost else None
    return CommitmentRow(value, _amount(hours, "ReservedHours"), _amount(hours, "TotalRunningHours"), rest)


def _only(key: str, value: str) -> Mapping[str, object]:
    return {"Dimensions": {"Key": key, "Values": [value]}}


def _range(days: Period) -> Mapping[str, str]:
    return {"Start": str(days.start), "End": str(days.end)}


def _listed(reply: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = reply.get(name, [])
    if not isinstance(found, list):
        raise UnexpectedReply(f"AWS's {name} have another shape than known.", _SHAPE)
    return found


def _period(result: Mapping[str, Any]) -> Period:
    try:
        return Period(**{name.lower(): date.fromisoformat(result["TimePeriod"][name]) for name in ("Start", "End")})
    except (KeyError, TypeError, ValueError):
        raise UnexpectedReply("AWS reported commitments of no known days.", _SHAPE) from None


def _attribute(result: Mapping[str, Any]) -> str:
    """The value of the one attribute that a request grouped by, whatever AWS calls it here."""
    return str(next(iter(result.get("Attributes", {}).values()), ""))


def _amount(found: Mapping[str, Any], name: str) -> Decimal:
    """An amount; one that AWS leaves out beside others is nothing.

    Raises:
        UnexpectedReply: it is no number.
    """
    try:
        amount = Decimal(found.get(name) or "0")
    except (InvalidOperation, TypeError):
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise UnexpectedReply(f"AWS reported {name} that is not a number.", _SHAPE)
    return amount
