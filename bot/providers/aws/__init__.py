"""Amazon Web Services, one payer, over Cost Explorer (``GetCostAndUsage``).

Grain: Cost Explorer groups by two dimensions a request, so the bill comes as several overlapping feeds; the
first, account × service × charge category, has its third dimension by one filtered pull per category. Days are
UTC. AWS tells of today in part, refreshes up to three times a day, and restates a month until its bill closes
(here: the 10th of the next). It keeps 13 whole months and the current one by day. Each page costs $0.01.

In China the payer's own partition is asked (region ``cn-northwest-1``, keys of that partition); GovCloud accounts
are on the bill of the commercial account linked to them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from heapq import merge
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from bot.domain.charge import Charge
from bot.domain.commitments import COMMITMENTS, CommitmentStatement, RecommendationReport
from bot.domain.errors import AccessDenied, CostError, UnexpectedReply
from bot.domain.feed import Feed, Note
from bot.domain.live_query import LivePrice, LiveQuery
from bot.domain.period import DAY, Period, add_months
from bot.domain.question import Question
from bot.providers import (
    Advice,
    BillContext,
    Check,
    Clock,
    Horizon,
    Invoice,
    Meter,
    Notes,
    RequestKind,
)
from bot.providers.aws import commitments, export, groupings, live_query
from bot.providers.aws.checks import MONTHS, checks, lately
from bot.providers.aws.client import AwsClient
from bot.providers.aws.console import cost_explorer_url
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
from bot.providers.aws.groupings import BILL, COSTS, MODELS, QUANTITY, View
from bot.providers.aws.insights import advice
from bot.providers.aws.invoices import invoices
from bot.providers.aws.policy import PRICE, hub, listed, requests
from bot.providers.aws.policy import policy as iam_policy
from bot.providers.aws.recommendations import recommendations
from bot.providers.aws.settings import AwsSettings

if TYPE_CHECKING:
    import boto3

    from bot.providers._block import Block

__all__ = ["Aws", "AwsSettings"]

CLOSED_BY = 10
"""The day of a month by which the bill of the month before no longer moves."""
TAGS_AT_MOST = 5
_REST, _REST_BESIDE, _REST_EXPORT = timedelta(hours=8), timedelta(hours=24), timedelta(hours=1)
"""AWS refreshes the bill up to three times a day; the views beside it are worth one request a day."""
_FILLS_IN = timedelta(days=2)
"""Cost Explorer shows most of a day within 24 hours; days before these change by restatement alone."""
_NOT_ASKED = "aws:"
"""Tags of AWS's own making (who created a resource) say nothing of who should pay."""


class Aws:
    """One payer. Make a new one for each sync: credentials are looked up once in its life."""

    filters_by_id = True

    def __init__(
        self,
        settings: AwsSettings | Callable[[], AwsSettings],
        *,
        meter: Meter,
        clock: Clock,
        source: str = "aws",
        session: Callable[[], boto3.Session] | None = None,
    ) -> None:
        self.source = source
        self._settings = settings() if callable(settings) else settings
        self._clock = clock
        self._wire = AwsClient(self._settings, meter=meter, clock=clock, session=session)
        self._notes = Notes()
        self._explorer = Explorer(self._wire, self._without_prices)
        self._through: dict[str, date] = {}
        self._payer: str | None = None

    # What there is -------------------------------------------------------------------------------------

    def feeds(self) -> Sequence[Feed]:
        """The bill first; beside it the views that the settings name, as far as AWS has them."""
        exported = (
            [Feed(source=self.source, name=export.NAME, grain=export.GRAIN)] if self._settings.data_export else []
        )
        if not self._settings.cost_explorer:
            return exported
        wanted = listed(self._settings.feeds)
        beside = [groupings.BESIDE[word] for word in wanted if word in groupings.BESIDE]
        if "tags" in wanted:
            beside += [groupings.tag(key) for key in self._tag_keys()]
        beside += [groupings.cost_category(name) for name in listed(self._settings.cost_categories)]
        models = "models" in wanted and self._has_models()
        known = frozenset() if models is not False else groupings.AI
        chosen = [BILL, *beside, *([MODELS] if models else [])]
        return [*(view.feed(self.source, frozenset() if view is MODELS else known) for view in chosen), *exported]

    def editions(self, feed: Feed) -> Mapping[date, str] | None:
        """Of a data export, what was delivered for each month; None for Cost Explorer's feeds."""
        if feed.name != export.NAME:
            return None
        return {month: manifest.version for month, manifest in self._export().manifests().items()}

    def _export(self) -> export.Export:
        return export.Export(self._settings.data_export, self._wire)

    def horizon(self, feed: Feed, now: datetime) -> Horizon:
        """13 whole months and the current one; models from when AWS began to tell them."""
        month = now.date().replace(day=1)
        first = add_months(month, -MONTHS)
        deepest = max(first, groupings.MODELS_SINCE) if feed.name == MODELS.name else first
        moving = month if now.day > CLOSED_BY else add_months(month, -1)
        return Horizon(
            deepest=deepest,
            moving=max(moving, deepest),
            end=now.date() + DAY,
            floor=deepest,
            in_day_order=feed.name != export.NAME,
            rest=_REST_EXPORT if feed.name == export.NAME else _REST if feed.name == BILL.name else _REST_BESIDE,
            open=None if feed.name == export.NAME else max(now.date() - _FILLS_IN, deepest),
        )

    def data_through(self, feed: Feed) -> date | None:
        """The last day on which the last ``charges`` had anything."""
        return self._through.get(feed.name)

    def notes(self) -> Sequence[Note]:
        """What could not be found or told beside the bill."""
        return self._notes.all()

    def _without_prices(self, error: CostError) -> None:
        columns = frozenset({"ListCost", "ContractedCost"})
        self._notes.add(Note("costs at list and contracted prices", error.message, error.hint, BILL.name, columns))

    def _not_found(self, what: str, error: CostError, *columns: str) -> None:
        self._notes.add(Note(what, error.message, error.hint, columns=frozenset(columns)))

    # The charges ---------------------------------------------------------------------------------------

    def charges(self, feed: Feed, days: Period) -> Iterator[Charge]:
        """Every charge of the feed on those days, day by day.

        Raises:
            CostError: AccessDenied, Unavailable, UnexpectedReply or CeilingReached.
        """
        self._through.pop(feed.name, None)
        self._notes.begin(feed.name)
        for charge in self._charges_of(feed.name, days):
            self._through[feed.name] = max(charge.day, self._through.get(feed.name, charge.day))
            yield charge

    def blocks(self, feed: Feed, days: Period) -> Iterator[Block] | None:
        """The data export's charges as columns, where it is Parquet; None for all else.

        Raises:
            CostError: as ``charges``.
        """
        if feed.name != export.NAME:
            return None
        self._through.pop(feed.name, None)
        self._notes.begin(feed.name)
        return (found := self._export().blocks(days)) and self._dated(feed, found)

    def _dated(self, feed: Feed, blocks: Iterator[Block]) -> Iterator[Block]:
        for block in blocks:
            last = date(1970, 1, 1) + DAY * int(block.day.max())
            self._through[feed.name] = max(last, self._through.get(feed.name, last))
            yield block

    def _charges_of(self, name: str, days: Period) -> Iterator[Charge]:
        if name == export.NAME:
            return self._export().charges(days)
        view = groupings.view(name)
        if view is BILL:
            return self._bill(days)
        if view is MODELS:
            return self._models(days)
        return (self._charge(view, row) for row in self._rows(view, days))

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

    def _models(self, days: Period) -> Iterator[Charge]:
        """What models cost by service, model and token type; and per service all that is no model's.

        AWS groups by two, so each service with models is a filtered pull; the remainder makes every
        service add up to its bill.
        """
        by_service = (groupings.dimension("SERVICE"), MODELS.groups[0])
        rows = self._explorer.rows(by_service, COSTS, days, None, granularity="MONTHLY")
        services = sorted({service for _, (service, _), metrics in rows if anything(metrics)})
        pulls = [self._models_of(service, days) for service in services]
        pulls.append(self._explorer.rows((groupings.dimension("SERVICE"),), COSTS, days, none_of("SERVICE", services)))
        for row in merge(*pulls, key=lambda row: row[0]):
            day, keys, metrics = row
            if len(keys) == 1:
                keys = [keys[0], "model$", "inferenceType$"]
            if anything(metrics):
                yield self._charge(MODELS, (day, keys[1:], metrics), groupings.service(keys[0]))

    def _models_of(self, service: str, days: Period) -> Iterator[Row]:
        rows = self._explorer.rows(MODELS.groups, (*COSTS, QUANTITY), days, only("SERVICE", [service]))
        for day, keys, metrics in rows:
            yield day, [service, *keys], metrics

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
            billing_account_name=self._settings.payer or self.source,
            billing_account_type="Payer account",
            **columns,
        )

    def _payer_id(self) -> str:
        if self._payer is None:
            self._payer = self._wire.account() or self.source
        return self._payer

    # Where else to look ----------------------------------------------------------------------------------

    def console_url(self, question: Question, feed: str) -> str | None:
        """Cost Explorer's page for the question; none of a data export, which names services otherwise."""
        if not self._settings.cost_explorer or feed == export.NAME or not self._settings.region.startswith("us-"):
            return None
        return cost_explorer_url(question, listed(self._settings.cost_categories))

    # What is asked live ----------------------------------------------------------------------------------

    def live_price(self, wanted: LiveQuery) -> LivePrice | None:
        """One page's, and that of as many as are read at most."""
        can = self._settings.cost_explorer and live_query.asked(wanted, listed(self._settings.cost_categories))
        return LivePrice(PRICE, PRICE * live_query.PAGES_AT_MOST) if can else None

    def live(self, wanted: LiveQuery) -> Iterator[Charge]:
        """The charges wanted, by day or by month; a month's stand on its first day asked for.

        Raises:
            CostError: as ``charges``; or the reply is longer than anybody wants to pay for.
        """
        asked = live_query.asked(wanted, listed(self._settings.cost_categories))
        if asked is None:
            raise UnexpectedReply("Cost Explorer can't combine these dimensions.", "Break down by fewer dimensions.")
        view, where = asked
        self._payer = self._payer or self.source  # what is only added up need not name its payer's number
        granularity = "DAILY" if wanted.daily else "MONTHLY"
        rows = self._explorer.rows(
            view.groups, COSTS, wanted.days, where, granularity=granularity, pages_at_most=live_query.PAGES_AT_MOST
        )
        return (self._charge(view, row) for row in rows if anything(row[2]))

    # What must be discovered ---------------------------------------------------------------------------

    def _tag_keys(self) -> list[str]:
        """The tags to tell apart; with ``*`` the first five that are activated, none where that is denied."""
        wanted = listed(self._settings.tag_keys)
        if wanted != ["*"]:
            return wanted
        try:
            found = [key for page in self._wire.pages("GetTags", self._lately()) for key in page.get("Tags", [])]
        except (AccessDenied, UnexpectedReply) as error:
            self._not_found("cost allocation tags", error, "Tags")
            return []
        return sorted(key for key in found if key and not key.startswith(_NOT_ASKED))[:TAGS_AT_MOST]

    def _has_models(self) -> bool | None:
        """Whether any service bills by model; None where that cannot be told."""
        params = {**self._lately(), "Dimension": "SERVICE", "SearchString": "Bedrock"}
        try:
            return bool(self._wire.call("ce", "GetDimensionValues", params).get("DimensionValues"))
        except (AccessDenied, UnexpectedReply) as error:
            self._not_found("view by model", error, "x_Model", "x_TokenType")
            return None

    def _lately(self) -> Mapping[str, object]:
        return lately(self._clock().date())

    def advice(self, *, paid: bool = True) -> Iterator[Advice]:
        """AWS's own budgets, forecast and anomalies; nothing where Cost Explorer is not asked."""
        return advice(self._wire, self._clock().date(), paid=paid) if self._settings.cost_explorer else iter(())

    def invoices(self, month: Period) -> Sequence[Invoice]:
        """What AWS has invoiced for a month; nothing where Cost Explorer is not asked.

        Raises:
            CostError: as ``charges``.
        """
        return invoices(self._wire, month) if self._settings.cost_explorer else ()

    def commitments(self, bill: BillContext, *, accounts: bool) -> Iterator[CommitmentStatement]:
        """What Cost Explorer reports of Savings Plans and reservations; nothing where it is not asked.

        Raises:
            CeilingReached: from the meter.
        """
        if not self._settings.cost_explorer:
            return iter(())
        self._notes.begin(COMMITMENTS)
        today = self._clock().date()
        return commitments.statements(self._wire, today, bill, self._unreported, accounts=accounts)

    def _unreported(self, operation: str, error: CostError) -> None:
        view = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", operation.removeprefix("Get")).lower()
        self._notes.add(Note(view, error.message, error.hint, COMMITMENTS))

    def recommendations(self) -> RecommendationReport | None:
        """What Cost Optimization Hub recommends; None where there is no hub.

        Raises:
            CostError: as ``charges``.
        """
        asked = self._settings.cost_explorer and hub(self._settings.region)
        return recommendations(self._wire) if asked else None

    def requests(self) -> Sequence[RequestKind]:
        """Every kind of request that a sync makes; asks nobody."""
        return requests(self._settings)

    def least_privilege(self) -> str:
        """An IAM policy; asks nobody."""
        return iam_policy(self._settings)

    def checks(self) -> Iterator[Check]:
        """Credentials, then each action that the settings call for; each of Cost Explorer's is a request."""
        return checks(self._settings, self.source, self._wire, self._clock().date())
