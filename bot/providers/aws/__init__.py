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
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

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
from bot.providers.aws.charges import CostExplorerCharges
from bot.providers.aws.checks import MONTHS, checks, lately
from bot.providers.aws.client import AwsClient
from bot.providers.aws.console import cost_explorer_url
from bot.providers.aws.groupings import ATTRIBUTED, BILL, MODELS
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
_ATTRIBUTED = frozenset(view.name for view in ATTRIBUTED.values())
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
        self._pull = CostExplorerCharges(self._wire, self._settings.payer, source, self._without_prices)
        self._through: dict[str, date] = {}

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
        attributed = [view for word, view in ATTRIBUTED.items() if word in wanted]
        models = bool(attributed) and self._has_models()
        known = frozenset() if models is not False else groupings.AI
        chosen = [BILL, *beside, *(attributed if models else [])]
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
        deepest = max(first, groupings.MODELS_SINCE) if feed.name in _ATTRIBUTED else first
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
        return self._export().charges(days) if name == export.NAME else self._pull.charges(groupings.view(name), days)

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
        return self._pull.live(*asked, wanted)

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
        """AWS's own budgets, forecast and anomalies, of a billing view the forecast; nothing without Cost Explorer."""
        if not self._settings.cost_explorer:
            return iter(())
        return advice(self._wire, self._clock().date(), paid=paid, view=bool(self._settings.billing_view))

    def invoices(self, month: Period) -> Sequence[Invoice]:
        """What AWS has invoiced for a month; nothing of a billing view, or where Cost Explorer is not asked.

        Raises:
            CostError: as ``charges``.
        """
        return invoices(self._wire, month) if self._settings.asks_for_all else ()

    def commitments(self, bill: BillContext, *, accounts: bool) -> Iterator[CommitmentStatement]:
        """What Cost Explorer reports of Savings Plans and reservations; nothing of a billing view, or without it.

        Raises:
            CeilingReached: from the meter.
        """
        if not self._settings.asks_for_all:
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
        asked = self._settings.asks_for_all and hub(self._settings.region)
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
