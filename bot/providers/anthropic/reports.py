"""Anthropic's older Usage and Cost Admin API: the bill by workspace and description, usage beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from bot.analytics.allocation import Meters
from bot.domain.errors import AccessDenied, RequestRefused
from bot.domain.period import DAY, Period
from bot.providers._http import VendorClient
from bot.providers._paging import labels, once, resumed, windows
from bot.providers._prices import list_prices
from bot.providers.anthropic.line_items import KINDS, LineItem, sku
from bot.providers.anthropic.names import AnthropicNames
from bot.providers.anthropic.notes import OnNote
from bot.providers.anthropic.responses import ClaudeCode, CodePage, ReportCost, ReportPage, ReportUsage
from bot.providers.anthropic.views import BY_KEY, BY_USER, AnalyticsView, tags

_BASE = "/v1/organizations"
_WINDOW = 31
_WHERE = ("workspace_id", "model", "service_tier", "context_window", "inference_geo")
"""What a bill and its meter have in common: five dimensions, the most that one request may group by."""
_SHARED = _WHERE[:4]
"""What lines are shared out by: an owner is a dimension too, so that the geography has to be left out."""
_OWNER = {BY_KEY: "api_key_id", BY_USER: "account_id"}
_COLUMN = {BY_KEY: "x_ApiKeyName", BY_USER: "x_UserName"}
_NAMED = {BY_KEY: "API key", BY_USER: "user"}
_CODE = "Claude Code"
"""The workspace that Claude Code makes for itself."""

_Bill = list[LineItem]
_Usage = list[tuple[date, ReportUsage]]


class Reports:
    """Lines of the bill by workspace, model and token type; by key (or user) they are estimated."""

    def __init__(self, wire: VendorClient, names: AnthropicNames, view: AnalyticsView, on_note: OnNote) -> None:
        self._wire, self._names, self._view, self._on_note = wire, names, view, on_note
        self._owner = view.owner
        self._price = list_prices("anthropic")

    def lines(self, days: Period) -> Iterator[LineItem]:
        """Every line of complete days."""
        for window in windows(days, _WINDOW):
            metered = self._usage(window, _WHERE, "tokens", "ConsumedQuantity")
            bill = list(_joined(self._bill(window), metered, self._view))
            yield from self._split(window, bill) if self._owner else bill

    def _bill(self, days: Period) -> Iterator[tuple[date, ReportCost]]:
        for day, row in self._rows("cost_report", days, ("workspace_id", "description")):
            yield day, self._wire.shaped(ReportCost, row)

    def _usage(self, days: Period, group: Sequence[str], view: str, column: str) -> _Usage:
        """What was metered, grouped; nothing, and a note, where that is refused."""
        try:
            rows = list(self._rows("usage_report/messages", days, group))
        except (AccessDenied, RequestRefused) as error:
            self._on_note(f"{view} (usage_report/messages)", error, frozenset({column}))
            return []
        return [(day, self._wire.shaped(ReportUsage, row)) for day, row in rows]

    def _split(self, days: Period, bill: _Bill) -> Iterator[LineItem]:
        """The bill shared out among its owners."""
        group = (*_SHARED, _OWNER[self._owner])
        yield from self._estimated(
            bill, self._usage(days, group, f"usage by {_NAMED[self._owner]}", _COLUMN[self._owner])
        )

    def _rows(self, path: str, days: Period, group: Sequence[str]) -> Iterator[tuple[date, dict[str, object]]]:
        """Rows by day, each once; on from the day reached where a cursor expires."""
        paged = resumed(days, lambda left: self._paged(path, left, group), "Anthropic")
        rows = ([row for row in page if row[0] in days] for _, page in paged)
        return once(rows, lambda row: (row[0], labels(row[1])))

    def _paged(
        self, path: str, days: Period, group: Sequence[str]
    ) -> Iterator[tuple[date, list[tuple[date, dict[str, object]]]]]:
        params = [
            ("starting_at", f"{days.start}T00:00:00Z"),
            ("ending_at", f"{days.end}T00:00:00Z"),
            ("bucket_width", "1d"),
            ("limit", str(min(_WINDOW, days.days))),
            *(("group_by[]", name) for name in group),
        ]
        for page in self._wire.pages(f"{_BASE}/{path}", params):
            buckets = self._wire.shaped(ReportPage, page).data
            last = max((bucket.starting_at for bucket in buckets), default=days.start - DAY)
            yield last, [(bucket.starting_at, row) for bucket in buckets for row in bucket.results]

    def _estimated(self, bill: _Bill, usage: _Usage) -> Iterator[LineItem]:
        """Lines shared out by metered usage; Claude Code's among people by its own analytics."""
        meters = self._metered(usage)
        code = self._code_days(bill) if self._owner == BY_USER else set()
        people = self._claude_code(code)
        for line in bill:
            if line.day in code and self._is_code(line):
                where, kind = (line.day, _CODE, line.model), KINDS.get(line.token_type, line.token_type)
                shares = people.shares(where, kind, line.cost, line.quantity)
            else:
                where = (line.day, _without_geography(line.account), line.model)
                shares = meters.shares(where, line.token_type, line.cost, line.quantity)
            for share in shares:
                yield replace(
                    line,
                    owner=share.owner,
                    cost=share.cost,
                    quantity=share.quantity,
                    unit=line.unit if share.quantity else "",
                    estimate=share.estimate,
                )

    def _metered(self, usage: _Usage) -> Meters:
        meters = Meters(lambda model, kind: self._price(model, KINDS.get(kind, kind)))
        for day, used in usage:
            by_key = self._owner == BY_KEY
            owner = self._names.key(used.api_key_id) if by_key else self._names.user(used.account_id)
            for kind, amount in used.metered().items():
                meters.add((day, used.account, used.model or ""), owner, kind, Decimal(amount))
        return meters

    def _is_code(self, line: LineItem) -> bool:
        return self._names.workspace(line.workspace)[1] == _CODE

    def _code_days(self, bill: _Bill) -> set[date]:
        return {line.day for line in bill if self._is_code(line)}

    def _claude_code(self, days: set[date]) -> Meters:
        """Tokens by person; one request a day, so only for days on which Claude Code was billed."""
        meters = Meters(self._price)
        for day in sorted(days):
            for person in self._people(day):
                owner = self._names.user(person.actor.email_address) or self._names.actor(person.actor)
                for usage in person.model_breakdown or ():
                    for kind, amount in usage.tokens.metered().items() if usage.tokens else ():
                        meters.add((day, _CODE, usage.model), owner, kind, Decimal(amount))
        return meters

    def _people(self, day: date) -> list[ClaudeCode]:
        params = [("starting_at", day.isoformat()), ("limit", "1000")]
        path = f"{_BASE}/usage_report/claude_code"
        try:
            pages = [self._wire.shaped(CodePage, page) for page in self._wire.pages(path, params)]
        except (AccessDenied, RequestRefused) as error:
            self._on_note("Claude Code by user (usage_report/claude_code)", error, frozenset({"x_UserName"}))
            return []
        return [person for page in pages for person in page.data if person.customer_type in {"api", None}]


def _without_geography(account: str) -> str:
    """An account as usage by owner has it: that is not told apart by geography."""
    return f"{account.rpartition('|')[0]}|"


def _joined(bill: Iterable[tuple[date, ReportCost]], usage: _Usage, view: AnalyticsView) -> Iterator[LineItem]:
    """Tokens stand on the line where bill and meter agree in every word, once; else nowhere."""
    tokens: dict[tuple[object, ...], int] = defaultdict(int)
    for day, used in usage:
        for kind, amount in used.metered().items():
            tokens[day, used.account, used.model, kind] += amount
    for day, row in bill:
        quantity = tokens.pop((day, row.account, row.model, row.token_type), 0)
        yield LineItem(
            day=day,
            workspace=row.workspace_id,
            account=row.account,
            model=row.model or "",
            sku=sku(row.model, row.cost_type, row.token_type, row.description),
            cost=row.amount,
            currency=row.currency.upper(),
            token_type=row.token_type or "",
            description=row.description or "",
            quantity=Decimal(quantity),
            unit="Tokens" if quantity else "",
            tags=tags(row, view.dimensions),
        )
