"""A question put to a vendor itself, because somebody allowed it: metered, under the ceiling, kept for a while.

What it tells never enters the ledger: it is of another grain than every feed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from bot.domain.errors import CostError, Unavailable
from bot.domain.live_query import LivePrice, LiveQuery, LiveResult
from bot.domain.period import DAY, Period
from bot.domain.question import Filter, Question
from bot.ledger import Ledger
from bot.providers import LinksToConsole, Meter, Provider
from bot.providers import SupportsLiveQuery as Asked
from bot.sync.request_budget import RequestBudget, SourceMeter

_KEPT = timedelta(minutes=15)
_FINER = {"SubAccountName": "SubAccountId", "ServiceCategory": "ServiceName"}
"""What vendors filter by where people name something coarser, or something that changes."""


class LiveQueryService:
    """Asks the sources of a ledger; one object serves all threads."""

    def __init__(
        self,
        opens: Callable[[], Mapping[str, Callable[[Meter], Provider]]],
        ledger: Ledger,
        *,
        now: Callable[[], datetime],
        ceiling: Decimal | None,
    ) -> None:
        self._opens, self._ledger, self._now = opens, ledger, now
        self._budget = RequestBudget(ledger, ceiling, now, threading.Event())
        self._results: dict[tuple[str, LiveQuery], LiveResult] = {}

    def price(self, source: str, wanted: LiveQuery) -> LivePrice | None:
        """What asking would cost; None where the vendor cannot tell it. Makes no request that costs money."""
        try:
            provider = self._open(source, SourceMeter(source, self._budget))
        except CostError:
            return None
        return provider.live_price(self._finer(provider, wanted)) if isinstance(provider, Asked) else None

    def console_url(self, source: str, question: Question, feed: str) -> str | None:
        """The vendor's own page for what a question asks of one source; None where there is none."""
        try:
            provider = self._open(source, SourceMeter(source, self._budget))
        except CostError:
            return None
        if not isinstance(provider, LinksToConsole):
            return None
        where = tuple(self._finer_filter(source, one) for one in question.where) if _by_id(provider) else question.where
        return provider.console_url(question.model_copy(update={"where": where}), feed)

    def known(self, source: str, wanted: LiveQuery) -> LiveResult | None:
        """What the vendor told of it within the last quarter of an hour."""
        result = self._results.get((source, wanted))
        return replace(result, requests=0, cost=Decimal(0)) if result and self._now() - result.at < _KEPT else None

    def ask(self, source: str, wanted: LiveQuery) -> LiveResult | None:
        """What the vendor tells now; what went wrong stands in it. None where the vendor cannot tell it."""
        meter = SourceMeter(source, self._budget)
        days = wanted.days
        try:
            provider = self._open(source, meter)
            if not isinstance(provider, Asked):
                return None
            days = self._days(provider, days)
            asked = self._finer(provider, replace(wanted, days=days))
            if provider.live_price(asked) is None:
                return None
            charges = list(provider.live(asked))
        except CostError as error:
            return LiveResult((), days, self._now(), meter.requests, meter.cost, error)
        result = LiveResult(charges, days, self._now(), meter.requests, meter.cost)
        self._results = {key: kept for key, kept in self._results.items() if self._now() - kept.at < _KEPT}
        self._results[source, wanted] = result
        return result

    def _open(self, source: str, meter: Meter) -> Provider:
        opens = self._opens()
        if source not in opens:
            raise Unavailable(f"{source} is not a configured source.", "Set PROVIDERS.")
        return opens[source](meter)

    def _days(self, provider: Provider, days: Period) -> Period:
        """As far as the vendor tells of them.

        Raises:
            Unavailable: it tells of none.
        """
        bill = next(feed for feed in self._ledger.feeds() if feed.source == provider.source)
        horizon = provider.horizon(bill, self._now())
        result = days.meet(Period(start=horizon.floor or date.min + DAY, end=horizon.end))
        if result is None:
            raise Unavailable(f"The provider has no data before {horizon.floor}.")
        return result

    def _finer(self, provider: Provider, wanted: LiveQuery) -> LiveQuery:
        """The same by what the vendor filters by."""
        if not _by_id(provider):
            return wanted
        return replace(wanted, where=tuple(self._finer_filter(provider.source, one) for one in wanted.where))

    def _finer_filter(self, source: str, condition: Filter) -> Filter:
        """The same charges, by a dimension that the vendor filters by."""
        finer = _FINER.get(condition.dimension)
        if finer is None:
            return condition
        feed = next(
            feed for feed in self._ledger.feeds() if feed.source == source and not feed.missing([condition.dimension])
        )
        days = self._ledger.covered(feed)
        edges = [days.start, days.end] if days else []
        pairs = self._ledger.totals(feed, "BilledCost", edges, by=(condition.dimension, finer)) if days else []
        values = sorted({group.key[1] for group in pairs if group.key[0] in condition.values})
        return Filter(dimension=finer, values=tuple(values), exclude=condition.exclude)


def _by_id(provider: Provider) -> bool:
    """Whether the vendor filters by what people name more coarsely, or by names that change."""
    return isinstance(provider, Asked) and provider.filters_by_id
