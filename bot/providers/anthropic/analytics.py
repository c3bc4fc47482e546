"""Anthropic's Usage and Cost Analytics API: every dollar told by workspace, key, user, model and token type."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from bot.domain.errors import AccessDenied, Unavailable
from bot.domain.period import Period
from bot.providers._http import Params, Refused, Wire, once, windows
from bot.providers.anthropic.line_items import BY_KEY, BY_USER, Line, requests, sku
from bot.providers.anthropic.names import Names
from bot.providers.anthropic.responses import AnalyticsCost, AnalyticsPage, AnalyticsUsage, Group

SINCE = date(2026, 1, 1)
"""The first day it tells of."""
KEPT = 364
"""How many whole days it keeps."""

_BASE = "/v1/organizations/analytics"
_WINDOW, _ROWS = 31, 1000
_RESTARTS = 3
_GONE = 410

_Row = TypeVar("_Row", AnalyticsCost, AnalyticsUsage)


class Analytics:
    """Lines of the bill by workspace, model and token type and, if asked, by key (or user)."""

    def __init__(self, wire: Wire, names: Names, owner: str) -> None:
        self._wire, self._names, self._owner = wire, names, owner
        self.refreshed: datetime | None = None
        """Up to when the vendor has told, as learnt by the last page."""

    def lines(self, days: Period) -> Iterator[Line]:
        """Every line, window by window; a window is told whole or not at all. Beside owners stand their requests."""
        by = ("workspace_id", "model", *([self._owner] if self._owner else []))
        for window in windows(days, _WINDOW):
            costs = self._rows("cost", window, (*by, "cost_type", "token_type"), AnalyticsCost)
            usage = self._metered(window, by)
            tokens: dict[tuple[object, ...], int] = defaultdict(int)
            for used in usage:
                for kind, amount in used.usage.metered().items():
                    tokens[used.starting_at, *_shared(used.group), kind] += amount
            for row in costs:
                kind = row.group.token_type or ""
                yield self._line(row, tokens.pop((row.starting_at, *_shared(row.group), kind), 0))
            for used in usage if self._owner else ():
                if used.usage.requests:
                    where, owner = used.group, self._named(used.group)
                    yield requests(used.starting_at, where.workspace_id, where.model, used.usage.requests, owner)

    def _metered(self, days: Period, by: tuple[str, ...]) -> list[AnalyticsUsage]:
        """What was metered; nothing where that is refused."""
        try:
            return self._rows("usage", days, by, AnalyticsUsage)
        except (AccessDenied, Refused):
            return []

    def _line(self, row: AnalyticsCost, tokens: int) -> Line:
        group, cost = row.group, row.cost
        return Line(
            day=row.starting_at,
            workspace=group.workspace_id,
            model=group.model or "",
            sku=sku(group.model, group.cost_type, group.token_type),
            cost=cost.amount,
            currency=cost.currency.upper(),
            list_cost=cost.list_amount,
            token_type=group.token_type or "",
            owner=self._named(group),
            quantity=Decimal(tokens),
            unit="Tokens" if tokens else "",
        )

    def _named(self, group: Group) -> str:
        if self._owner == BY_KEY:
            return self._names.key(group.api_key_id)
        return group.actor.label if self._owner == BY_USER and group.actor else ""

    def _rows(self, what: str, days: Period, group: tuple[str, ...], model: type[_Row]) -> list[_Row]:
        """All rows of a window; from the first page again when the cursor has expired on the way."""
        params = [
            ("starting_at", f"{days.start}T00:00:00Z"),
            ("ending_at", f"{days.end}T00:00:00Z"),
            ("time_bucket_width", "1d"),
            ("limit", str(_ROWS)),
            ("order_by", "time"),
            ("order", "asc"),
            *(("group_by[]", name) for name in group),
        ]
        for _ in range(_RESTARTS):
            try:
                told = list(once(self._paged(f"{_BASE}/{what}", params), _identity))
            except Refused as refused:
                if refused.status != _GONE:
                    raise
                continue
            rows = (self._wire.shaped(model, row) for row in told)
            return [row for row in rows if row.starting_at in days]
        raise Unavailable("Anthropic's pages expired faster than they could be read.", "It is asked again later.")

    def _paged(self, path: str, params: Params) -> Iterator[Sequence[dict[str, object]]]:
        for page in self._wire.pages(path, params):
            told = self._wire.shaped(AnalyticsPage, page)
            self.refreshed = told.data_refreshed_at or self.refreshed
            yield told.data


def _identity(row: dict[str, object]) -> str:
    return json.dumps([row.get("starting_at"), row.get("group")], default=str)


def _shared(group: Group) -> tuple[object, ...]:
    """The grain that bill and meter share."""
    return group.workspace_id, group.api_key_id, group.actor, group.model
