"""One pull of AWS's bill from Cost Explorer: rows in, charges out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from heapq import merge
from types import MappingProxyType
from typing import Any

from bot.domain.charge import Charge
from bot.domain.errors import CostError
from bot.domain.live_query import LiveQuery
from bot.domain.period import Period
from bot.providers.aws import groupings, live_query
from bot.providers.aws.client import AwsClient
from bot.providers.aws.cost_explorer import (
    Explorer,
    Filter,
    Row,
    anything,
    around,
    money,
    none_of,
    only,
    price,
    quantity,
)
from bot.providers.aws.groupings import ATTRIBUTED, BILL, COSTS, QUANTITY, View


class CostExplorerCharges:
    """What Cost Explorer tells of one payer, as charges."""

    def __init__(self, wire: AwsClient, payer: str, source: str, on_refusal: Callable[[CostError], None]) -> None:
        """``payer`` is its name in answers; ``on_refusal`` is called where AWS does not know the metrics of prices."""
        self._wire, self._payer_name, self._source = wire, payer, source
        self._explorer = Explorer(wire, on_refusal)
        self._payer: str | None = None

    def charges(self, view: View, days: Period) -> Iterator[Charge]:
        """Every charge of a view, day by day.

        Raises:
            CostError: as ``Explorer.rows``.
        """
        if view is BILL:
            return self._bill(days)
        if view in ATTRIBUTED.values():
            return self._attributed(view, days)
        return (self._charge(view, row) for row in self._rows(view, days))

    def live(self, view: View, where: Filter | None, wanted: LiveQuery) -> Iterator[Charge]:
        """What was asked live, by day or by month.

        Raises:
            CostError: as ``Explorer.rows``.
        """
        self._payer = self._payer or self._source  # what is only added up need not name its payer's number
        granularity = "DAILY" if wanted.daily else "MONTHLY"
        rows = self._explorer.rows(
            view.groups, COSTS, wanted.days, where, granularity=granularity, pages_at_most=live_query.PAGES_AT_MOST
        )
        return (self._charge(view, row) for row in rows if anything(row[2]))

    def _bill(self, days: Period) -> Iterator[Charge]:
        """One filtered pull for each charge category there is; usage is all that no other pull took."""
        seen, accounts = self._explorer.record_types(days)
        if len(accounts) == 1:
            return self._bill_of(next(iter(accounts)), days)
        apart: dict[str, list[str]] = defaultdict(list)
        for record_type in sorted(seen):
            apart[groupings.charge_category(record_type)].append(record_type)
        usage = apart.pop("Usage", [])
        others = sorted(name for types in apart.values() for name in types)
        pulls = [
            self._category(category, only("RECORD_TYPE", types), around([seen[name] for name in types]))
            for category, types in apart.items()
        ]
        if usage:
            pulls.append(self._category("Usage", none_of("RECORD_TYPE", others), days))
        return merge(*pulls, key=lambda charge: charge.day)

    def _bill_of(self, account: str, days: Period) -> Iterator[Charge]:
        """The bill of a payer with one account: that being known, service and charge category fit one request."""
        groups = (groupings.dimension("SERVICE"), groupings.dimension("RECORD_TYPE"))
        for day, (service, record_type), metrics in self._explorer.rows(groups, COSTS, days, None, priced=True):
            if anything(metrics):
                category = groupings.charge_category(record_type)
                columns = {"charge_category": category, "charge_frequency": groupings.FREQUENCY[category]}
                yield self._charge(BILL, (day, [account, service], metrics), columns)

    def _category(self, category: str, which: Filter | None, days: Period) -> Iterator[Charge]:
        columns: Mapping[str, str] = {"charge_category": category, "charge_frequency": groupings.FREQUENCY[category]}
        return (self._charge(BILL, row, columns) for row in self._rows(BILL, days, which))

    def _attributed(self, view: View, days: Period) -> Iterator[Charge]:
        """What models cost by service and two of their attributes; and per service all that is no model's.

        AWS groups by two, so each service with models is a filtered pull; the remainder makes every
        service add up to its bill.
        """
        by_service = (groupings.dimension("SERVICE"), view.groups[0])
        rows = self._explorer.rows(by_service, COSTS, days, None, granularity="MONTHLY")
        services = sorted({service for _, (service, _), metrics in rows if anything(metrics)})
        pulls = [self._attributed_of(view, service, days) for service in services]
        pulls.append(self._explorer.rows((groupings.dimension("SERVICE"),), COSTS, days, none_of("SERVICE", services)))
        for day, (service, *keys), metrics in merge(*pulls, key=lambda row: row[0]):
            named = keys or [f"{group['Key']}$" for group in view.groups]
            if anything(metrics):
                yield self._charge(view, (day, named, metrics), groupings.service(service))

    def _attributed_of(self, view: View, service: str, days: Period) -> Iterator[Row]:
        metrics = (*COSTS, QUANTITY) if view.quantity else COSTS
        for day, keys, amounts in self._explorer.rows(view.groups, metrics, days, only("SERVICE", [service])):
            yield day, [service, *keys], amounts

    def _rows(self, view: View, days: Period, which: Filter | None = None) -> Iterator[Row]:
        metrics = (*COSTS, QUANTITY) if view.quantity else COSTS
        rows = self._explorer.rows(view.groups, metrics, days, which, priced=True)
        return (row for row in rows if anything(row[2]))

    def _charge(self, view: View, row: Row, more: Mapping[str, Any] = MappingProxyType({})) -> Charge:
        day, keys, metrics = row
        columns = {**view.fill(*keys), **more}
        if "sub_account_id" in columns:
            id_ = columns["sub_account_id"]
            columns |= {"sub_account_name": self._explorer.accounts.get(id_, id_), "sub_account_type": "Linked account"}
        if view.quantity:
            columns |= quantity(metrics)
        billed, currency = money(metrics, "NetUnblendedCost", "UnblendedCost")
        return Charge(
            day=day,
            billed_cost=billed,
            effective_cost=money(metrics, "NetAmortizedCost", "AmortizedCost", "UnblendedCost")[0],
            list_cost=price(metrics, "ListCost"),
            contracted_cost=price(metrics, "ContractedCost"),
            billing_currency=currency,
            service_provider_name="AWS",
            host_provider_name="AWS",
            invoice_issuer_name="AWS",
            billing_account_id=self._payer_id(),
            billing_account_name=self._payer_name or self._source,
            billing_account_type="Payer account",
            **columns,
        )

    def _payer_id(self) -> str:
        if self._payer is None:
            self._payer = self._wire.account() or self._source
        return self._payer
