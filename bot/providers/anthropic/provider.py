"""The adapter: feeds, horizon, charges, checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from itertools import chain

from bot.domain.charge import Charge
from bot.domain.errors import AccessDenied, CostError, RequestRefused
from bot.domain.feed import Feed, Note
from bot.domain.period import DAY, Period, add_months
from bot.providers import Advice, Check, Clock, Horizon, Meter, Notes, RequestKind
from bot.providers._http import UnfinishedQueries, Vendor, VendorClient
from bot.providers._keys import Keys, tail
from bot.providers._requests import by_permission, count, distinct_failures, tried
from bot.providers.anthropic.analytics import KEPT, SINCE, Analytics
from bot.providers.anthropic.insights import BETA as LIMITS_BETA
from bot.providers.anthropic.insights import advice
from bot.providers.anthropic.line_items import KINDS, LineItem
from bot.providers.anthropic.names import KEYS, USERS, WORKSPACES, AnthropicNames, Known
from bot.providers.anthropic.notes import OnNote
from bot.providers.anthropic.reports import Reports
from bot.providers.anthropic.settings import AnthropicSettings
from bot.providers.anthropic.views import BY_KEY, BY_USER, TAGS, VIEWS, AnalyticsView

MOVING = timedelta(days=31)
"""How far back a day may still change: Anthropic revises for up to 30 days."""
MONTHS = 13
"""How many whole months are asked for at first."""

_BETA = "analytics-usage-cost-2026-08-24"
_MISSING = 404


class Anthropic:
    """One organization of Anthropic. ``settings`` may be a callable: it is asked anew at every pull."""

    def __init__(
        self,
        settings: AnthropicSettings | Callable[[], AnthropicSettings],
        *,
        meter: Meter,
        clock: Clock,
        source: str = "anthropic",
    ) -> None:
        self.source = source
        self._settings = settings
        self._meter, self._clock = meter, clock
        self._keys = Keys(clock)
        self._through: dict[str, date | None] = {}
        self._floor: date | None = None
        self._known: Known = {}
        self._notes = Notes()
        self._unfinished = UnfinishedQueries(clock)

    def feeds(self) -> Sequence[Feed]:
        """Workspace × model × token type; the same by API key, by user, by product, tier and speed, by place."""
        return [view.feed(self.source) for view in VIEWS.values()]

    def horizon(self, feed: Feed, now: datetime) -> Horizon:
        """13 whole months and the current one, the last 31 days of which may move; today is partial.

        What only the analytics tell apart begins where they do.
        """
        today = now.astimezone(UTC).date()
        view = VIEWS[feed.name]
        floor = _analytics_from(today) if view.dimensions and not view.owner else self._floor
        deepest = max(add_months(today.replace(day=1), -MONTHS), floor or date.min)
        return Horizon(deepest, max(today - MOVING, deepest), today + DAY, floor=floor)

    def charges(self, feed: Feed, days: Period) -> Iterator[Charge]:
        """Every cost of those days, each day from one of Anthropic's two series, and the requests made."""
        self._through[feed.name] = None
        self._notes.begin(feed.name)
        with self._wire() as wire:
            names = AnthropicNames(wire, self._known, self._noting(feed))
            organization = names.organization(self.source)
            for line in self._lines(wire, names, feed, days):
                self._learn(feed, line.day)
                yield _charge(line, names, organization, VIEWS[feed.name].owner)

    def data_through(self, feed: Feed) -> date | None:
        """The last day told in what was last pulled: charged for, or refreshed by the vendor."""
        return self._through.get(feed.name)

    def notes(self) -> Sequence[Note]:
        """What the last pulls could not bring beside the bill, and why."""
        return self._notes.all()

    def _noting(self, feed: Feed) -> OnNote:
        def note(view: str, error: CostError, columns: frozenset[str]) -> None:
            self._notes.add(Note(view, error.message, error.hint, feed.name, columns))

        return note

    def _lines(self, wire: VendorClient, names: AnthropicNames, feed: Feed, days: Period) -> Iterator[LineItem]:
        view, today = VIEWS[feed.name], self._today()
        note = self._noting(feed)
        analytics = Analytics(wire, names, view, self._clock(), note)
        new = days.meet(Period(start=_analytics_from(today), end=date.max))
        lines = _opened(analytics, new, today, note, view) if new else None
        blank = lines == () and analytics.refreshed is None  # open, but nothing has been exported yet
        end = new.start if new and lines is not None and not blank else days.end
        old = days.meet(Period(start=date.min, end=min(end, today)))
        if old:
            yield from self._older(Reports(wire, names, view, note), old, analytics)
        yield from lines or ()
        if analytics.refreshed and new:
            self._learn(feed, min((analytics.refreshed.astimezone(UTC) - timedelta.resolution).date(), new.last))

    def _older(self, reports: Reports, days: Period, analytics: Analytics) -> Iterator[LineItem]:
        """The older report; in Claude Enterprise, which has the analytics alone, there is none."""
        try:
            yield from reports.lines(days)
        except (AccessDenied, RequestRefused) as error:
            today = self._today()
            if _opened(analytics, Period(start=today - DAY, end=today), today) is None:
                raise self._neither(error) from None
            self._floor = _analytics_from(today)

    def _neither(self, error: CostError) -> CostError:
        """Why neither series can be read: to a key of Claude Enterprise without the scope, both do not exist (404)."""
        if isinstance(error, RequestRefused) and error.status == _MISSING:
            return AccessDenied("This key can read neither Anthropic's cost analytics nor its cost report.", _GRANT)
        return error

    def _learn(self, feed: Feed, day: date) -> None:
        self._through[feed.name] = max(self._through[feed.name] or day, day)

    def advice(self, *, paid: bool = True) -> Iterator[Advice]:
        """Spend limits of the organization, its workspaces and its members, as budgets."""
        with self._wire() as wire:
            yield from advice(wire, AnthropicNames(wire, self._known))

    def requests(self) -> Sequence[RequestKind]:
        """Every kind of request that a sync makes; asks nobody. All are free."""
        analytics = ("analytics/cost", "analytics/usage")
        older = ("cost_report", "usage_report/messages", "usage_report/claude_code")
        lists = ("me", "workspaces", "api_keys", "users", "spend_limits", "spend_limits/effective")
        needed = {
            **dict.fromkeys(analytics, "an admin key, or read:analytics"),
            **dict.fromkeys((*older, *lists), "an admin key"),
        }
        return [RequestKind(f"GET /v1/organizations/{path}", key) for path, key in needed.items()]

    def least_privilege(self) -> str:
        """The one key that there is for it, and what it is used for; asks nobody."""
        kinds = by_permission(self.requests())
        lines = [f"- {permission}: {', '.join(paths)}" for permission, paths in kinds.items()]
        only = "Anthropic's admin keys have no narrower scopes. In Claude Enterprise: a key with read:analytics alone."
        return "\n".join(["A key that may:", *lines, only])

    def checks(self) -> Iterator[Check]:
        """Asks either series for yesterday, and for the names."""
        return distinct_failures(self._checks())

    def _checks(self) -> Iterator[Check]:
        today = self._today()
        day = Period(start=today - DAY, end=today)
        with self._wire() as wire:
            names = AnthropicNames(wire, {})
            costs = tried("Anthropic costs", lambda: self._try_costs(wire, names, day))
            yield costs
            if costs.ok:
                yield from self._keys.stale("Anthropic")
            for what, path in (("workspaces", WORKSPACES), ("API keys", KEYS), ("users", USERS)):
                named = partial(_listed, names, path)
                yield tried(f"Anthropic {what}", named, f"Without it {what} are shown by their ids.")

    def _try_costs(self, wire: VendorClient, names: AnthropicNames, day: Period) -> str:
        view = next(iter(VIEWS.values()))
        analytics = Analytics(wire, names, view, self._clock(), lambda *_: None)
        lines = _opened(analytics, day, self._today())
        if lines is not None:
            return f"Costs can be read: {count(len(list(lines)), 'line')} on {day.start}."
        try:
            lines = list(Reports(wire, names, view, lambda *_: None).lines(day))
        except (AccessDenied, RequestRefused) as error:
            raise self._neither(error) from None
        return (
            f"Costs can be read: {count(len(lines), 'line')} on {day.start}, from the older report. This"
            " organization has no access to cost analytics, so Priority Tier is missing, and costs by key and user"
            " are estimates."
        )

    def _today(self) -> date:
        return self._clock().astimezone(UTC).date()

    def _wire(self) -> VendorClient:
        settings = self._settings() if callable(self._settings) else self._settings
        return VendorClient(
            Vendor("Anthropic", _headers, _denied),
            settings.base_url,
            keys=self._keys,
            secret=settings.admin_key.get_secret_value(),
            meter=self._meter,
            clock=self._clock,
            timeout=settings.timeout,
            unfinished=self._unfinished,
        )


def _opened(
    analytics: Analytics,
    days: Period,
    today: date,
    on_note: OnNote = lambda *_: None,
    view: AnalyticsView | None = None,
) -> Iterable[LineItem] | None:
    """The lines of the analytics, ``()`` for none; None where the organization has no access to them.

    Not every refusal says why: Anthropic answers 400 to organizations with HIPAA readiness, in words of its own (the
    SDK's docstring of ``analytics/cost``). Whatever it is that a single finished day is refused for too, it is not the
    question.
    """
    lines = analytics.lines(days)
    try:
        first = next(lines, None)
    except (AccessDenied, RequestRefused) as refusal:
        if not _is_closed(refusal) and not (_is_one_day(days, today) or _refuses_a_day(analytics, today)):
            raise
        lost = {f"Tags/{TAGS[name]}" for name in (view.dimensions if view else ()) if name in _ANALYTICS_ALONE}
        on_note(_OLDER, refusal, frozenset(lost))
        return None
    return chain([first], lines) if first else ()


_ANALYTICS_ALONE = frozenset({"product", "speed"})
"""Dimensions that the older report does not tell."""
_OLDER = "cost analytics (using the older report: no Priority Tier, keys and users estimated)"


def _is_closed(refusal: CostError) -> bool:
    """Whether a refusal says by its kind that there is no access, whatever was asked."""
    return not isinstance(refusal, RequestRefused) or refusal.status == _MISSING


def _is_one_day(days: Period, today: date) -> bool:
    return days.days == 1 and days.end <= today


def _refuses_a_day(analytics: Analytics, today: date) -> bool:
    """Whether the analytics refuse even yesterday alone."""
    try:
        next(analytics.lines(Period(start=today - DAY, end=today)), None)
    except (AccessDenied, RequestRefused):
        return True
    return False


def _charge(line: LineItem, names: AnthropicNames, organization: tuple[str, str], owner: str) -> Charge:
    workspace, name = names.workspace(line.workspace)
    credit = line.cost < 0 and bool(re.search(r"credit|grant|promo", f"{line.sku} {line.description}", re.IGNORECASE))
    return Charge(
        day=line.day,
        billed_cost=line.cost,
        effective_cost=line.cost,
        list_cost=line.list_cost,
        contracted_cost=None if line.list_cost is None else line.cost,  # the bill is after discounts, before credits
        billing_currency=line.currency,
        pricing_currency=line.currency,
        consumed_quantity=line.quantity,
        consumed_unit=line.unit,
        pricing_quantity=line.quantity if line.token_type else Decimal(0),
        pricing_unit=line.unit if line.token_type else "",
        pricing_category="" if credit else "Standard",
        service_provider_name="Anthropic",
        invoice_issuer_name="Anthropic",
        service_name="Claude API",
        service_category="AI and Machine Learning",
        service_subcategory="Generative AI",
        billing_account_id=organization[0],
        billing_account_name=organization[1],
        billing_account_type="Organization",
        sub_account_id=workspace,
        sub_account_name=name,
        sub_account_type="Workspace",
        sku_id=line.sku,
        sku_meter=KINDS.get(line.token_type, line.token_type),
        charge_category="Credit" if credit else "Usage",
        charge_frequency="One-Time" if credit else "Usage-Based",
        charge_description=line.description,
        x_model=line.model,
        x_token_type=KINDS.get(line.token_type, line.token_type),
        x_estimate=line.estimate,
        tags=line.tags,
        x_api_key_name=line.owner if owner == BY_KEY else "",
        x_user_name=line.owner if owner == BY_USER else "",
    )


def _analytics_from(today: date) -> date:
    """The first day that the analytics still tell of."""
    return max(SINCE, today - DAY * KEPT)


def _listed(names: AnthropicNames, path: str) -> str:
    return f"{len(names.listed(path))} have names."


def _beta(path: str) -> str:
    return _BETA if "/analytics/" in path else LIMITS_BETA if "/spend_limits" in path else ""


def _headers(key: str, path: str) -> dict[str, str]:
    """Keys go by one header, access tokens (sk-ant-oat…, or a gateway's own) by the other."""
    token = not key.startswith("sk-ant-") or key.startswith("sk-ant-oat")
    return {
        "anthropic-version": "2023-06-01",
        **({"Authorization": f"Bearer {key}"} if token else {"x-api-key": key}),
        **({"anthropic-beta": beta} if (beta := _beta(path)) else {}),
    }


_GRANT = (
    "An organization admin creates an admin key in the Claude Console under Settings → Admin keys;"
    " in Claude Enterprise the key needs the scope read:analytics. Set ANTHROPIC_ADMIN_KEY to it."
)


def _denied(status: int, key: str, _words: str) -> AccessDenied:
    """What the key is, and what is needed; the vendor's words name no scope.

    Keys of Claude Enterprise begin like the Console's API keys.
    """
    if key.startswith("sk-ant-api"):
        message = (
            f"Anthropic refused the key {tail(key)}: this is an API key; costs need an admin key or, in Claude"
            " Enterprise, whose keys begin alike, one with the scope read:analytics."
        )
    elif status == HTTPStatus.UNAUTHORIZED:
        message = f"Anthropic does not recognize the admin key {tail(key)}."
    else:
        message = f"Anthropic does not let the admin key {tail(key)} read costs."
    return AccessDenied(message, _GRANT)
