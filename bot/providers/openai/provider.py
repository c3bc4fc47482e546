"""The adapter: feeds, horizon, charges, checks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from http import HTTPStatus

from bot.domain.charge import Charge
from bot.domain.errors import AccessDenied, CostError
from bot.domain.feed import ANY_TAG, Feed, Note, except_tags
from bot.domain.period import DAY, Period, add_months
from bot.providers import Advice, Check, Clock, Horizon, Meter, Notes, RequestKind
from bot.providers._http import UnfinishedQueries, Vendor, VendorClient
from bot.providers._keys import Keys, tail
from bot.providers._requests import by_permission, count, distinct_failures, tried
from bot.providers.openai.charges import (
    BY_KEY,
    BY_SOURCE,
    BY_TIER,
    BY_USER,
    COLUMN,
    METERS,
    PROJECT,
    TAGS,
    TOOLS,
    ChargePull,
)
from bot.providers.openai.insights import advice, budgets
from bot.providers.openai.names import PROJECTS, USERS, Known, OnNote, OpenAiNames
from bot.providers.openai.responses import UsageRow
from bot.providers.openai.settings import OpenAISettings

MOVING = timedelta(days=35)
"""How far back a day may still change."""
MONTHS = 13
"""How many whole months are asked for at first."""

_LINE = "project × line item"
_OWNERS = {
    _LINE: "",
    f"{_LINE} × api key": BY_KEY,
    f"{_LINE} × user": BY_USER,
    f"{_LINE} × api source": BY_SOURCE,
    f"{_LINE} × service tier": BY_TIER,
}
"""Feeds, by what each is told apart by beside project and line item."""
_SCOPES = {"api.usage.read": "Usage: Read", "api.management.read": "Management: Read"}
"""Scopes, as the form for a new admin key calls them."""
_GRAIN = frozenset(
    {
        *("ServiceProviderName", "ServiceName", "ServiceCategory", "BillingAccountName", "SubAccountName"),
        *("SkuId", "x_Model", "x_TokenType", "ChargeCategory", "PricingCategory"),
        *("RegionId", "ResourceId", ANY_TAG),  # OpenAI has none: known to name none
    }
)


class OpenAI:
    """One organization of OpenAI. ``settings`` may be a callable: it is asked anew at every pull."""

    def __init__(
        self,
        settings: OpenAISettings | Callable[[], OpenAISettings],
        *,
        meter: Meter,
        clock: Clock,
        source: str = "openai",
    ) -> None:
        self.source = source
        self._settings = settings
        self._meter, self._clock = meter, clock
        self._keys = Keys(clock)
        self._through: dict[str, date | None] = {}
        self._known: Known = {}
        self._notes = Notes()
        self._unfinished = UnfinishedQueries(clock)

    def feeds(self) -> Sequence[Feed]:
        """Project × line item, and the same by API key, by user, by API source and by service tier."""
        grains = {name: frozenset({COLUMN[owner]} if owner else ()) for name, owner in _OWNERS.items()}
        return [
            Feed(
                source=self.source,
                name=name,
                grain=_GRAIN | own | except_tags(*(key for key in TAGS.values() if f"Tags/{key}" not in own)),
            )
            for name, own in grains.items()
        ]

    def horizon(self, feed: Feed, now: datetime) -> Horizon:
        """13 whole months and the current one, the last 35 days of which may move; today is partial."""
        today = now.astimezone(UTC).date()
        return Horizon(add_months(today.replace(day=1), -MONTHS), today - MOVING, today + DAY)

    def charges(self, feed: Feed, days: Period) -> Iterator[Charge]:
        """Every cost of those days, and the requests made as charges of nothing."""
        self._through[feed.name] = None
        self._notes.begin(feed.name)
        with self._wire() as wire:
            pull = ChargePull(wire, self.source, self._known, self._today(), self._noting(feed))
            owner = _OWNERS[feed.name]
            for charge in pull.split(days, owner) if owner else pull.bill(days):
                self._through[feed.name] = max(self._through[feed.name] or charge.day, charge.day)
                yield charge

    def notes(self) -> Sequence[Note]:
        """What the last pulls could not bring beside the bill, and why."""
        return self._notes.all()

    def _noting(self, feed: Feed) -> OnNote:
        def note(view: str, error: CostError, columns: frozenset[str]) -> None:
            self._notes.add(Note(view, error.message, error.hint, feed.name, columns))

        return note

    def data_through(self, feed: Feed) -> date | None:
        """The last day with any cost or usage in what was last pulled."""
        return self._through.get(feed.name)

    def advice(self, *, paid: bool = True) -> Iterator[Advice]:
        """Spend limits and alerts of the organization and its projects, as budgets."""
        with self._wire() as wire:
            yield from advice(wire, OpenAiNames(wire, self._known))

    def requests(self) -> Sequence[RequestKind]:
        """Every kind of request that a sync makes; asks nobody. All are free."""
        usage = [RequestKind(f"GET /organization/usage/{meter}", "api.usage.read") for meter in (*METERS, *TOOLS)]
        names = [
            RequestKind(f"GET {path}", "api.management.read") for path in (PROJECTS, f"{PROJECTS}/…/api_keys", USERS)
        ]
        limits = [
            RequestKind(f"GET {path}/{what}", "api.management.read")
            for path in ("/organization", f"{PROJECTS}/…")
            for what in ("spend_limit", "spend_alerts")
        ]
        return [RequestKind("GET /organization/costs", "api.usage.read"), *usage, *names, *limits]

    def least_privilege(self) -> str:
        """The scopes of an admin key, each with what it is needed for; asks nobody."""
        scopes = by_permission(self.requests())
        lines = [f"- {_SCOPES.get(scope, scope)} ({scope}): {', '.join(paths)}" for scope, paths in scopes.items()]
        return "\n".join(['An admin key of the kind "Restricted", that may:', *lines])

    def checks(self) -> Iterator[Check]:
        """Asks for a day of costs, a day of usage, and the names."""
        return distinct_failures(self._checks())

    def _checks(self) -> Iterator[Check]:
        today = self._today()
        day = Period(start=today - DAY, end=today)
        with self._wire() as wire:
            pull = ChargePull(wire, self.source, {}, today)
            costs = tried("OpenAI costs", lambda: _costs_read(len(list(pull.costs(day, (PROJECT,)))), day.start))
            yield costs
            if costs.ok:
                yield from self._keys.stale("OpenAI")
            hint = "Without it, requests are not counted and costs by user are not estimated."
            yield tried("OpenAI usage", lambda: _metered(list(pull.usage(day, (), "completions"))), hint)
            for what, path in (("projects", PROJECTS), ("users", USERS)):
                named = partial(_listed, pull, path)
                yield tried(f"OpenAI {what}", named, f"Without it {what} are shown by their ids.")
            limits = partial(_limited, wire, OpenAiNames(wire, {}))
            yield tried("OpenAI spend limits", limits, "Without it spend limits are no budgets here.")

    def _today(self) -> date:
        return self._clock().astimezone(UTC).date()

    def _wire(self) -> VendorClient:
        settings = self._settings() if callable(self._settings) else self._settings
        return VendorClient(
            Vendor("OpenAI", lambda key, _: {"Authorization": f"Bearer {key}"}, _denied),
            settings.base_url,
            keys=self._keys,
            secret=settings.admin_key.get_secret_value(),
            meter=self._meter,
            clock=self._clock,
            timeout=settings.timeout,
            unfinished=self._unfinished,
        )


def _costs_read(rows: int, day: date) -> str:
    if rows:
        return f"Costs can be read: {count(rows, 'project')} on {day}."
    return (
        f"Costs can be read, but there were none on {day}; if there should be, the key belongs to another organization."
    )


def _metered(rows: Sequence[tuple[date, UsageRow]]) -> str:
    requests = sum(row.num_model_requests or 0 for _, row in rows)
    return f"Usage can be read: {count(requests, 'request')}."


def _listed(pull: ChargePull, path: str) -> str:
    return f"{len(pull.names.listed(path))} have names."


_ORDINARY = {"sk-proj-": "a project key", "sk-svcacct-": "a service account's key", "sk-admin-": ""}


def _denied(status: int, key: str, words: str) -> AccessDenied:
    """What the key is, and what is needed."""
    named = (kind for prefix, kind in _ORDINARY.items() if key.startswith(prefix))
    kind = next(named, "an ordinary API key" if key.startswith("sk-") else "")
    scopes = re.search(r"[Mm]issing scopes?: ([\w.]+(?:, ?[\w.]+)*\w)", words)
    if kind:
        message = f"OpenAI refused the key {tail(key)}: this is {kind}; costs need an admin key."
    elif scopes:
        message = f"The OpenAI key {tail(key)} lacks the permission {scopes[1]}."
    else:
        what = "does not recognize" if status == HTTPStatus.UNAUTHORIZED else "rejected"
        message = f"OpenAI {what} the admin key {tail(key)}."
    return AccessDenied(
        message,
        "An organization owner creates an admin key under Settings → Organization → Admin keys"
        ' (restricted to "Usage: Read", and to read projects and users for their names); set OPENAI_ADMIN_KEY to it.',
    )


def _limited(wire: VendorClient, names: OpenAiNames) -> str:
    return f"{len(list(budgets(wire, names)))} can be read."
