"""Anthropic as the bot sees it: cost analytics, the older reports and names of one organization, on loopback.

Checks keys, the beta header and parameters as Anthropic does; the analytics page by rows with cursors that belong to
one query and can expire, the reports by days. The analytics tell up to four hours ago; the reports complete days.

Evidence: names, enums and limits of the analytics are those of the SDK anthropic 2.14.0
(``types.beta.organization.analytics``, checked by ``scripts.contracts``); of the older reports those of the
documentation ("Get Cost Report", "Get Messages Usage Report", "Claude Code Analytics API"). Rules that neither
states name their source where they stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.period import DAY, Period
from simulators.anthropic import bill
from simulators.anthropic.rows import (
    FANNED,
    GROUPS,
    LISTS,
    coder,
    description,
    digits,
    grouped,
    instant,
    part,
    report_key,
    row,
    tokens,
    told_key,
)
from simulators.http_server import Reply, Request, Simulator
from simulators.reports import cursor, exact_reply, listing, many, one, pointed

ADMIN_KEY = "sk-ant-admin01-lumenrobotics0123456789abcdef"
WORKSPACE_KEY = "sk-ant-api03-lumenrobotics0123456789abcdef"
LIMITS_BETA = "spend-limit-reads-2026-09-26"
BETA = "analytics-usage-cost-2026-08-24"

_SINCE = date(2026, 1, 1)
_LAG = timedelta(hours=4)
_ANALYTICS_PARAMS = frozenset(
    {
        *("starting_at", "ending_at", "time_bucket_width", "limit", "page", "order", "order_by", "group_by"),
        *("actor_ids", "actor_types", "agent_ids", "api_key_ids", "claude_tag_categories", "claude_tag_user_ids"),
        *("context_windows", "deployment_ids", "environment_ids", "exclude_deleted_users", "inference_geos", "models"),
        *("organization_ids", "products", "rbac_group_ids", "service_tiers", "session_ids", "slack_channel_ids"),
        *("speeds", "user_profile_ids", "workspace_ids"),
    }
)
"""``CostListParams`` and ``UsageListParams``; anything else is no parameter."""
_REPORT_PARAMS = frozenset({"starting_at", "ending_at", "bucket_width", "limit", "page", "group_by"})
_MOST_GROUPS, _MOST_ROWS, _MOST_DAYS = 5, 1000, 31
"""``CostListParams.group_by``: "at most 5, not counting cost_type and token_type"; of ``usage_report/messages``:
PostHog/posthog#72556, "Cannot specify more than 5 group_by[] dimensions."."""
_HIPAA = "This endpoint is unavailable for organizations with HIPAA readiness enabled."
"""Docstring of ``resources.beta.organization.analytics.cost``: "their API requests return a 400 error"; the words are
not documented."""
_USAGE_BY = {
    *("account_id", "api_key_id", "context_window", "inference_geo", "model"),
    *("service_account_id", "service_tier", "workspace_id"),
}
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    410: "invalid_request_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}

Bill = Callable[[date], Iterable[bill.Line]]


class _No(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__()
        self.reply = reply


def failure(status: int, message: str, *, code: str = "", retry_after: int | None = None) -> Reply:
    """An error as Anthropic words it."""
    error: dict[str, Any] = {"type": _TYPES.get(status, "api_error"), "message": message}
    if code:
        error["details"] = {"error_code": code}
    headers = {"retry-after": str(retry_after)} if retry_after is not None else {}
    body = {"type": "error", "error": error, "request_id": "req_011"}
    return exact_reply(body, status, {"request-id": "req_011", **headers})


THROTTLED = failure(429, "This request would exceed your organization's rate limit", retry_after=12)
OVERLOADED = failure(529, "Overloaded")


class AnthropicSimulator(Simulator):
    """One organization. ``page`` is the most groups (or days) a page carries.

    ``analytics`` and ``reports`` say which of the two series the organization has; take a key out of ``keys`` and it is
    unknown. With ``repeat`` each page begins with the end of the one before. ``hipaa``: the organization has HIPAA
    readiness enabled. ``future``: whether an end that lies ahead is taken (neither the SDK nor the documentation says;
    the guide to the older Enterprise analytics refuses it). ``anonymous``: actors cannot be rendered, each still
    with a row of its own (docstring of ``BetaAnalyticsCostGroup.actor``).
    """

    def __init__(  # noqa: PLR0913 - what may differ between organizations, by keyword
        self,
        clock: Callable[[], datetime],
        *,
        page: int = 1000,
        analytics: bool = True,
        reports: bool = True,
        repeat: bool = False,
        hipaa: bool = False,
        future: bool = True,
        anonymous: bool = False,
        lines: Bill = bill.lines,
    ) -> None:
        super().__init__(clock)
        self.page, self.analytics, self.reports, self.repeat = page, analytics, reports, repeat
        self.hipaa, self.future, self.anonymous = hipaa, future, anonymous
        self.limits: list[dict[str, Any]] | None = []
        """Spend limits; None for an organization without access to them."""
        self.spent: list[dict[str, Any]] = []
        """Rows of the report of effective limits."""
        self.people: list[dict[str, Any]] = list(LISTS["users"])
        """The members, as ``/users`` lists them."""
        self.keys = {ADMIN_KEY: True, WORKSPACE_KEY: False}
        """Keys, and whether they may read costs."""
        self._epoch, self._expired = 0, 410
        self._lines = lines
        self._changed: dict[date, Bill] = {}

    def lines(self, day: date) -> list[bill.Line]:
        """The lines told of a day at this moment, by the series that the bot should read."""
        return self._told(day) if self.analytics and day >= self._kept else self._reported(day)

    def truth(self, days: Period) -> Mapping[str, Decimal]:
        """What was billed, in dollars."""
        amounts = [line.cents.scaleb(-2) for day in days for line in self.lines(day)]
        return {"USD": sum(amounts, Decimal(0))} if amounts else {}

    def truth_by(self, days: Period, by: Callable[[bill.Line], object]) -> dict[Any, Decimal]:
        """The same, told apart by anything that a line knows."""
        sums: dict[Any, Decimal] = defaultdict(Decimal)
        for day in days:
            for line in self.lines(day):
                sums[by(line)] += line.cents.scaleb(-2)
        return dict(sums)

    def restate(self, day: date, factor: Decimal = Decimal("1.1")) -> None:
        """From now on, every line of the day costs that much more."""
        before = self._changed.get(day, self._lines)
        self._changed[day] = lambda day: [replace(item, list_cents=item.list_cents * factor) for item in before(day)]

    def vanish(self, day: date, workspace: str) -> None:
        """From now on, the day has nothing of that workspace."""
        before = self._changed.get(day, self._lines)
        self._changed[day] = lambda day: [line for line in before(day) if line.workspace != workspace]

    def expire(self, status: int = 410) -> None:
        """From now on, no cursor given before is good.

        The guide to Claude Enterprise's analytics: "If a request returns 400 or 410 with a message about the page
        cursor, discard it and start again".
        """
        self._epoch += 1
        self._expired = status

    @property
    def _kept(self) -> date:
        return max(_SINCE, self.clock().date() - timedelta(days=365))

    def _told(self, day: date) -> list[bill.Line]:
        """The analytics: up to the last refresh."""
        until = self.clock() - _LAG
        if day > until.date():
            return []
        lines = list(self._changed.get(day, self._lines)(day))
        share = Decimal(until.hour * 60 + until.minute) / 1440
        return lines if day < until.date() else [part(line, share) for line in lines]

    def _reported(self, day: date) -> list[bill.Line]:
        """The reports: complete days."""
        return list(self._changed.get(day, self._lines)(day)) if day < self.clock().date() else []

    def answer(self, request: Request) -> Reply:
        """Everything under ``/v1/organizations``."""
        try:
            self._authenticate(request)
            return self._answer(request, request.path.removeprefix("/v1/organizations/"))
        except _No as no:
            return no.reply

    def _authenticate(self, request: Request) -> None:
        key = request.headers.get("x-api-key") or request.headers.get("authorization", "").removeprefix("Bearer ")
        if key not in self.keys:
            raise _No(failure(401, "invalid x-api-key"))
        if not self.keys[key]:
            raise _No(failure(403, "This key may not read costs.", code="api_key_scope_missing"))
        if "anthropic-version" not in request.headers:
            raise _No(failure(400, "anthropic-version: header is required"))

    def _answer(self, request: Request, path: str) -> Reply:
        reports = {
            "analytics/cost": lambda: self._analytics(request, "cost"),
            "analytics/usage": lambda: self._analytics(request, "usage"),
            "cost_report": lambda: self._report(request, {"workspace_id", "description"}, self._costs),
            "usage_report/messages": lambda: self._report(request, _USAGE_BY, self._usage),
            "usage_report/claude_code": lambda: self._claude_code(request),
        }
        if path in reports:
            return reports[path]()
        if path.startswith("spend_limits"):
            return self._limits(request, path)
        if path == "users":
            return listing(request, self.people, "after_id")
        if path in LISTS:
            return listing(request, LISTS[path], "after_id")
        organization = {"id": bill.ORGANIZATION[0], "type": "organization", "name": bill.ORGANIZATION[1]}
        return exact_reply(organization) if path == "me" else failure(404, "Not found")

    # The analytics --------------------------------------------------------------------------------------

    def _analytics(self, request: Request, what: str) -> Reply:
        if BETA not in request.headers.get("anthropic-beta", ""):
            return failure(400, "This endpoint requires the anthropic-beta header.")
        if self.hipaa:
            return failure(400, _HIPAA)
        if not self.analytics:
            return failure(400, "Not enrolled.", code="organization_not_enrolled_in_beta")
        start, end = _when(request, "starting_at"), _when(request, "ending_at")
        group, result = many(request, "group_by"), pointed(request, (0, self._epoch))
        limit = int(one(request, "limit") or 20)
        faults = {
            **_unknown(request, _ANALYTICS_PARAMS),
            "limit": not 1 <= limit <= _MOST_ROWS,
            "group_by": not set(group) <= set(GROUPS) - (FANNED if what == "usage" else set()),
            "more than 5 of group_by": len(set(group) - FANNED) > _MOST_GROUPS,
            "starting_at": start.date() < self._kept,
            "ending_at": end - start > timedelta(days=31) or (end > self.clock() and not self.future),
            "time_bucket_width": one(request, "time_bucket_width") != "1d",
            "page": result is None,
        }
        if any(faults.values()):
            return failure(400, f"invalid: {', '.join(name for name, wrong in faults.items() if wrong)}")
        if result and result[1] != self._epoch:
            return failure(self._expired, "The page cursor has expired; discard it and start again.")
        days = Period(start=start.date(), end=(end - timedelta.resolution).date() + DAY)  # every bucket that begins
        return self._rows(request, what, days, group, min(limit, self.page))

    def _rows(self, request: Request, what: str, days: Period, group: list[str], limit: int) -> Reply:
        """``limit`` counts groups before they are fanned out by cost and token type."""
        begin = (pointed(request) or (0,))[0]
        base = [name for name in group if name not in FANNED]
        groups: list[tuple[date, list[bill.Line]]] = []
        for day in days:
            groups += [(day, item) for _, item in grouped(self._metered(what, day, group), base, told_key)]
            if len(groups) > begin + limit:
                break
        rows = [
            row(what, day, self._rendered(whose), fanned, group)
            for day, lines in groups[begin - self._back(begin) : begin + limit]
            for whose, fanned in grouped(lines, group, told_key)
        ]
        more = begin + limit < len(groups)
        return exact_reply(
            {
                "data": rows,
                "has_more": more,
                "next_page": cursor(request, begin + limit, self._epoch) if more else None,
                "data_refreshed_at": self._refreshed(),
            }
        )

    def _rendered(self, whose: dict[str, Any]) -> dict[str, Any]:
        """Dimensions as they are shown; Claude Enterprise's one workspace is null (``BetaAnalyticsCostGroup``)."""
        hidden = {*(["actor"] if self.anonymous else []), *(["workspace_id"] if not self.reports else [])}
        return {name: None if name in hidden else value for name, value in whose.items()}

    def _back(self, begin: int) -> int:
        """How much of the page before a page shows once more."""
        return min(begin, 2) if self.repeat else 0

    def _refreshed(self) -> str | None:
        """Up to when the analytics tell; nothing for an organization without use."""
        until = (self.clock() - _LAG).astimezone(UTC)
        return f"{until:%Y-%m-%dT%H:%M:%SZ}" if self._told(until.date() - DAY) else None

    def _metered(self, what: str, day: date, group: Sequence[str]) -> list[bill.Line]:
        """Usage knows models only; by token type alone, costs that are no token's are left out, as documented."""
        lines = self._told(day)
        if what == "usage" or ("token_type" in group and "cost_type" not in group):
            return [line for line in lines if line.token_type]
        return lines

    def _limits(self, request: Request, path: str) -> Reply:
        """``BetaSpendLimit`` and ``BetaSpendSummary``; the latter for Claude Enterprise alone, the former a preview."""
        if LIMITS_BETA not in request.headers.get("anthropic-beta", ""):
            return failure(400, "This endpoint requires the anthropic-beta header.")
        if self.limits is None:
            return failure(403, "Spend limits are an early access preview.")
        if path.endswith("effective") and self.reports:
            return failure(400, "Organization type not supported.")
        rows = self.spent if path.endswith("effective") else self.limits
        return exact_reply({"data": rows, "has_more": False, "next_page": None})

    # The older reports ----------------------------------------------------------------------------------

    def _report(
        self, request: Request, groups: set[str], rows: Callable[[date, Sequence[str]], list[dict[str, Any]]]
    ) -> Reply:
        group, result = many(request, "group_by"), pointed(request, (0, self._epoch))
        limit = int(one(request, "limit") or 7)
        start, end = _when(request, "starting_at").date(), _when(request, "ending_at").date()
        end = min(end, self.clock().date())
        self._check_report(request, group, groups)
        if not 1 <= limit <= _MOST_DAYS or result is None:
            return failure(400, "limit or page is invalid")
        if result[1] != self._epoch:
            return failure(self._expired, "The page cursor has expired; discard it and start again.")
        if start >= end:  # langwatch/langwatch#7178
            return failure(400, "ending date must be after starting date")
        size, days = min(limit, self.page), list(Period(start=start, end=end))
        shown, more = days[result[0] - self._back(result[0]) : result[0] + size], result[0] + size < len(days)
        return exact_reply(
            {
                "data": [
                    {"starting_at": instant(day), "ending_at": instant(day + DAY), "results": rows(day, group)}
                    for day in shown
                ],
                "has_more": more,
                "next_page": cursor(request, result[0] + size, self._epoch) if more else None,
            }
        )

    def _check_report(self, request: Request, group: Sequence[str], known: set[str]) -> None:
        if not self.reports:
            raise _No(failure(403, "This organization has no access to this endpoint."))
        if unknown := _unknown(request, _REPORT_PARAMS):
            raise _No(failure(400, f"{', '.join(unknown)}: Extra inputs are not permitted"))
        if len(set(group)) > _MOST_GROUPS:
            raise _No(failure(400, "Cannot specify more than 5 group_by[] dimensions."))
        if not set(group) <= known:
            raise _No(failure(400, "group_by is invalid"))

    def _costs(self, day: date, group: Sequence[str]) -> list[dict[str, Any]]:
        described = ["model", "cost_type", "token_type", "context_window", "service_tier", "inference_geo"]
        by = [*(["workspace_id"] if "workspace_id" in group else []), *(described if "description" in group else [])]
        return [
            {
                **dict.fromkeys((*described, "workspace_id", "description")),
                **whose,
                **({"description": description(item[0])} if "description" in group else {}),
                "amount": digits(sum((line.cents for line in item), Decimal(0))),
                "currency": "USD",
            }
            for whose, item in grouped(self._reported(day), by, report_key)
        ]

    def _usage(self, day: date, group: Sequence[str]) -> list[dict[str, Any]]:
        lines = [line for line in self._reported(day) if line.token_type]
        return [
            {**dict.fromkeys(_USAGE_BY), **whose, **tokens(item)} for whose, item in grouped(lines, group, report_key)
        ]

    def _claude_code(self, request: Request) -> Reply:
        day, result = date.fromisoformat(one(request, "starting_at") or ""), pointed(request)
        if result is None:
            return failure(400, "page is invalid")
        lines = [line for line in self._reported(day) if line.workspace == bill.CODE]
        people = [coder(day, item) for _, item in grouped(lines, ["account_id"], report_key)]
        size = min(int(one(request, "limit") or 20), self.page)
        more = result[0] + size < len(people)
        return exact_reply(
            {
                "data": people[result[0] : result[0] + size],
                "has_more": more,
                "next_page": cursor(request, result[0] + size) if more else None,
            }
        )


def _unknown(request: Request, known: frozenset[str]) -> dict[str, bool]:
    """Parameters that are none of the endpoint's."""
    return {name: True for name in request.query if name.removesuffix("[]") not in known}


def _when(request: Request, name: str) -> datetime:
    try:
        result = datetime.fromisoformat(one(request, name) or "")
    except ValueError:
        raise _No(failure(400, f"{name}: a date and time is required")) from None
    if result.tzinfo is None:
        raise _No(failure(400, f"{name}: a time zone is required"))
    return result.astimezone(UTC)
