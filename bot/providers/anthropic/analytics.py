"""Anthropic's Usage and Cost Analytics API: every dollar told by workspace, key, user, model and token type."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TypeVar

from bot.domain.errors import AccessDenied, CostError, RequestRefused, Unavailable
from bot.domain.period import Period
from bot.providers._http import PageExpired, Params, VendorClient
from bot.providers._paging import once, windows
from bot.providers.anthropic.line_items import LineItem, requests, sku
from bot.providers.anthropic.names import AnthropicNames
from bot.providers.anthropic.notes import OnNote
from bot.providers.anthropic.responses import AnalyticsCost, AnalyticsGroup, AnalyticsPage, AnalyticsUsage
from bot.providers.anthropic.views import BY_KEY, BY_USER, TAGS, AnalyticsView, tags

SINCE = date(2026, 1, 1)
"""The first day it tells of."""
KEPT = 364
"""How many whole days it keeps."""

_BASE = "/v1/organizations/analytics"
_WINDOW, _ROWS = 31, 1000
_RESTARTS = 3
_INVALID = 400
_FANNED = ("cost_type", "token_type")

_SEATS = CostError(
    "In Claude Enterprise with seats, these costs are extra usage alone; seats are invoiced apart.",
    "Add the invoices for seats as a FOCUS file if they are to count.",
)
"""Said where a workspace is null: in Claude Enterprise alone it is (``BetaAnalyticsCostGroup.workspace_id``), whose
analytics tell extra usage of plans by seats (guide to the Claude Enterprise Analytics API)."""
_Row = TypeVar("_Row", AnalyticsCost, AnalyticsUsage)
_End = Callable[[datetime], datetime | None]


class Analytics:
    """Lines of the bill by workspace, model and token type, and by what a view is told apart by beside these."""

    def __init__(
        self, wire: VendorClient, names: AnthropicNames, view: AnalyticsView, now: datetime, on_note: OnNote
    ) -> None:
        self._wire, self._names, self._view = wire, names, view
        self._now, self._on_note = now, on_note
        self._ends = list(_ENDS)
        self.refreshed: datetime | None = None
        """Up to when the vendor has told, as learnt by the last page."""

    def lines(self, days: Period) -> Iterator[LineItem]:
        """Every line, window by window; a window is told whole or not at all. Beside owners stand their requests."""
        for window in windows(days, _WINDOW):
            costs = self._costs(window)
            usage = self._metered(window, self._view.group)
            for group in [*(row.group for row in costs), *(row.group for row in usage)]:
                if group.actor:
                    self._names.meet(group.actor)
            if any(row.group.workspace_id is None for row in costs):
                self._on_note("fees of seats", _SEATS, frozenset({"BilledCost"}))
            tokens: dict[tuple[object, ...], int] = defaultdict(int)
            for used in usage:
                for kind, amount in used.usage.metered().items():
                    tokens[used.starting_at, *self._shared(used.group), kind] += amount
            for row in costs:
                kind = row.group.token_type or ""
                yield self._line(row, tokens.pop((row.starting_at, *self._shared(row.group), kind), 0))
            yield from self._requests(usage)

    def _requests(self, usage: Iterable[AnalyticsUsage]) -> Iterator[LineItem]:
        """How often models were asked, where the view tells by whom or through what."""
        beside = bool(self._view.columns)
        for row in usage:
            if beside and row.usage.requests:
                group, named = row.group, tags(row.group, self._view.dimensions)
                owner = self._named(group)
                yield requests(row.starting_at, group.workspace_id, group.model, row.usage.requests, owner, named)

    def _costs(self, days: Period) -> list[AnalyticsCost]:
        """The costs of a window; an owner's without further dimensions, where Anthropic knows none of these."""
        try:
            return self._rows("cost", days, (*self._view.group, *_FANNED), AnalyticsCost)
        except RequestRefused as refused:
            if refused.status != _INVALID or not (self._view.owner and self._view.dimensions):
                raise
            without = replace(self._view, dimensions=())
            rows = self._rows("cost", days, (*without.group, *_FANNED), AnalyticsCost)
            named = " and ".join(TAGS[name] for name in self._view.dimensions)
            self._on_note(f"{named} beside users", refused, self._view.columns - without.columns)
            self._view = without
            return rows

    def _metered(self, days: Period, by: tuple[str, ...]) -> list[AnalyticsUsage]:
        """What was metered; nothing, and a note, where that is refused."""
        try:
            return self._rows("usage", days, by, AnalyticsUsage)
        except (AccessDenied, RequestRefused) as error:
            self._on_note("tokens and requests (analytics/usage)", error, frozenset({"ConsumedQuantity"}))
            return []

    def _line(self, row: AnalyticsCost, tokens: int) -> LineItem:
        group, cost = row.group, row.cost
        return LineItem(
            day=row.starting_at,
            workspace=group.workspace_id,
            model=group.model or "",
            sku=sku(group.model, group.cost_type, group.token_type),
            cost=cost.amount,
            currency=cost.currency.upper(),
            list_cost=cost.list_amount,
            token_type=group.token_type or "",
            owner=self._named(group),
            tags=tags(group, self._view.dimensions),
            quantity=Decimal(tokens),
            unit="Tokens" if tokens else "",
        )

    def _named(self, group: AnalyticsGroup) -> str:
        if self._view.owner == BY_KEY:
            return self._names.key(group.api_key_id)
        return self._names.actor(group.actor) if self._view.owner == BY_USER else ""

    def _shared(self, group: AnalyticsGroup) -> tuple[object, ...]:
        """The grain that bill and meter share."""
        further = (getattr(group, name) for name in self._view.dimensions)
        return group.workspace_id, group.api_key_id, group.actor, group.model, *further

    def _rows(self, what: str, days: Period, group: tuple[str, ...], model: type[_Row]) -> list[_Row]:
        """All rows of a window; from the first page again when the cursor has expired on the way."""
        for _ in range(_RESTARTS):
            try:
                entries = self._entries(what, days, group)
            except PageExpired:
                continue
            rows = (self._wire.shaped(model, row) for row in entries)
            return [row for row in rows if row.starting_at in days]
        raise Unavailable("Anthropic's pages expired faster than they could be read.", "The bot will retry.")

    def _entries(self, what: str, days: Period, group: tuple[str, ...]) -> list[dict[str, object]]:
        """The rows up to the end of the days; where an end that lies ahead is refused, up to an earlier one.

        Whether Anthropic takes an end in the future is not documented: it is asked, and heeded from then on.
        """
        while True:
            ending = self._ends[0](self._now) if days.end > self._now.date() else None
            end = min(_midnight(days.end), ending) if ending else _midnight(days.end)
            if end <= _midnight(days.start):
                return []
            params = _params(days.start, end, group)
            try:
                return list(once(self._paged(f"{_BASE}/{what}", params), _identity_by(group)))
            except RequestRefused as refused:
                ahead = days.end > self._now.date() and len(self._ends) > 1
                if refused.status != _INVALID or not ahead or isinstance(refused, PageExpired):
                    raise
                del self._ends[0]

    def _paged(self, path: str, params: Params) -> Iterator[Sequence[dict[str, object]]]:
        for page in self._wire.pages(path, params):
            report = self._wire.shaped(AnalyticsPage, page)
            self.refreshed = report.data_refreshed_at or self.refreshed
            yield report.data


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


_ENDS: tuple[_End, ...] = (
    lambda _: None,  # as asked: today's bucket whole, the rest of it still to come
    lambda now: now.astimezone(UTC).replace(microsecond=0),
    lambda now: _midnight(now.astimezone(UTC).date()),
)
"""Where a window that reaches into the future ends, each tried when the one before was refused."""


def _params(start: date, end: datetime, group: Sequence[str]) -> Params:
    return [
        ("starting_at", f"{start}T00:00:00Z"),
        ("ending_at", f"{end:%Y-%m-%dT%H:%M:%SZ}"),
        ("time_bucket_width", "1d"),
        ("limit", str(_ROWS)),
        ("order_by", "time"),
        ("order", "asc"),
        *(("group_by[]", name) for name in group),
    ]


def _identity_by(group: Sequence[str]) -> Callable[[dict[str, object]], str | None]:
    """What tells a row from all others; None where its actor cannot be rendered: of these there may be many alike."""

    def identity(row: dict[str, object]) -> str | None:
        whose = row.get("group")
        nameless = BY_USER in group and (not isinstance(whose, dict) or whose.get(BY_USER) is None)
        return None if nameless else json.dumps([row.get("starting_at"), whose], default=str)

    return identity
