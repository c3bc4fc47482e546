"""OpenAI as the bot sees it: costs, usage and names of one organization, over HTTP on loopback.

Checks keys, scopes and parameters as OpenAI does; takes ``group_by`` with and without brackets; pages by cursors
that belong to one query; writes amounts as numbers, with exponents and as strings. By API key it leaves out what
was used without one; by user and project together it refuses, as it does for some organizations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from bot.domain.period import DAY, Period
from simulators.http_server import Reply, Request, Simulator
from simulators.openai import bill
from simulators.openai.lists import keys, projects, seconds, users
from simulators.reports import Raw, cursor, exact_reply, listing, many, one, pointed, written

ADMIN_KEY = "sk-admin-lumenrobotics0123456789abcdef"
PROJECT_KEY = "sk-proj-lumenrobotics0123456789abcdef"
EVERYTHING = frozenset({"api.usage.read", "api.management.read"})

_COSTS_PARAMS = frozenset(
    {
        *("start_time", "end_time", "bucket_width", "limit", "page", "group_by"),
        *("api_key_ids", "line_items", "project_ids"),
    }
)
"""``UsageCostsParams``; anything else is no parameter."""
_USAGE_PARAMS = (_COSTS_PARAMS - {"line_items"}) | {"user_ids", "models", "batch"}
"""``UsageCompletionsParams``."""
_MOST = {"costs": 180, "usage": 31}
"""Buckets of a day on a page: ``UsageCostsParams.limit``, ``UsageCompletionsParams.limit``."""
_COSTS_BY = {"project_id", "user_id", "line_item", "api_key_id", "api_source"}
_USAGE_BY = {"project_id", "user_id", "api_key_id", "model"}
_COMPLETIONS_BY = _USAGE_BY | {"batch", "service_tier", "api_source"}
_TOOLS_BY = {
    "web_search_calls": {"project_id", "user_id", "api_key_id", "model", "context_level", "api_source"},
    "file_search_calls": {"project_id", "user_id", "api_key_id", "vector_store_id"},
    "code_interpreter_sessions": {"project_id"},
}
"""``group_by`` of ``UsageWebSearchCallsParams``, ``UsageFileSearchCallsParams``, ``UsageCodeInterpreterSessions…``."""
_METERS = {
    "completions": (bill.OLD, bill.NEW, bill.SMALL),
    "embeddings": (bill.EMBEDDING,),
    "moderations": (),
    "images": (),
    "audio_speeches": (),
    "audio_transcriptions": (bill.SPEECH,),
    "decisions": (),
}

Bill = Callable[[date], Iterable[bill.Line]]


def failure(status: int, message: str, *, code: str | None = None, retry_after: int | None = None) -> Reply:
    """An error as OpenAI words it."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    headers = {"x-request-id": "req_1", **({"retry-after": str(retry_after)} if retry_after is not None else {})}
    return exact_reply({"error": error}, status, headers)


THROTTLED = failure(429, "Rate limit reached for organization", code="rate_limit_exceeded", retry_after=7)
BROKEN = failure(500, "The server had an error while processing your request. Sorry about that!")


class OpenAISimulator(Simulator):
    """One organization. ``page`` is the most buckets of a page; with ``repeat`` each begins with the last one's end.

    ``tells_users``: costs may be grouped by user and project ("depends on the organization", ``UsageCostsParams``).
    ``tells_keys``: by project, line item and key; PostHog/posthog#71784 saw a 400 for it, though the SDK has it.
    ``nulls``: some amounts, values and currencies are null, as ``DataResultOrganizationCostsResult`` allows.
    ``nested``: a user's name and address stand under ``user`` (``OrganizationUser``).
    """

    def __init__(  # noqa: PLR0913 - what may differ between organizations, by keyword
        self,
        clock: Callable[[], datetime],
        *,
        page: int = 180,
        repeat: bool = False,
        tells_users: bool = False,
        tells_keys: bool = True,
        nulls: bool = False,
        nested: bool = False,
        lines: Bill = bill.lines,
    ) -> None:
        super().__init__(clock)
        self.page, self.repeat, self.tells_users, self.tells_keys = page, repeat, tells_users, tells_keys
        self.nulls, self.nested = nulls, nested
        self._epoch = 0
        self.limits: dict[str, int] = {}
        """Hard spend limits in cents, by project; of the organization under ``""``."""
        self.keys: dict[str, frozenset[str]] = {ADMIN_KEY: EVERYTHING, PROJECT_KEY: frozenset()}
        """Keys and their scopes; take one out and it is unknown."""
        self._lines = lines
        self._changed: dict[date, Bill] = {}

    def lines(self, day: date) -> list[bill.Line]:
        """The lines told of a day at this moment; today's are partial, tomorrow has none."""
        now = self.clock()
        if day > now.date():
            return []
        lines = list(self._changed.get(day, self._lines)(day))
        if day < now.date():
            return lines
        return [_part(line, Decimal(now.hour * 60 + now.minute) / 1440) for line in lines]

    def truth(self, days: Period) -> Mapping[str, Decimal]:
        """What was billed, in dollars."""
        amounts = [line.amount for day in days for line in self.lines(day)]
        return {"USD": sum(amounts, Decimal(0))} if amounts else {}

    def truth_by(self, days: Period, by: Callable[[bill.Line], object]) -> dict[Any, Decimal]:
        """The same, told apart by anything that a line knows."""
        sums: dict[Any, Decimal] = defaultdict(Decimal)
        for day in days:
            for line in self.lines(day):
                sums[by(line)] += line.amount
        return dict(sums)

    def restate(self, day: date, factor: Decimal = Decimal("1.1")) -> None:
        """From now on, every line of the day costs that much more."""
        before = self._changed.get(day, self._lines)
        self._changed[day] = lambda day: [replace(line, amount=line.amount * factor) for line in before(day)]

    def vanish(self, day: date, project: str) -> None:
        """From now on, the day has nothing of that project."""
        before = self._changed.get(day, self._lines)
        self._changed[day] = lambda day: [line for line in before(day) if line.project != project]

    def expire(self) -> None:
        """From now on, no cursor given before is good."""
        self._epoch += 1

    def answer(self, request: Request) -> Reply:
        """Costs, usage and lists under ``/v1/organization``."""
        path = request.path.removeprefix("/v1/organization/")
        refusal = self._refusal(request, "api.usage.read" if path[:5] in {"costs", "usage"} else "api.management.read")
        if refusal:
            return refusal
        match path.split("/"):
            case ["costs"]:
                return self._report(request, "costs", _COSTS_BY, self._costs)
            case [*place, "spend_limit"]:
                return self._limit(place)
            case ["usage", meter] if meter in {*_METERS, *_TOOLS_BY}:
                return self._usage_of(request, meter)
            case [*names] if (entries := self._entries(names, request)) is not None:
                return listing(request, entries, "after")
        return failure(404, f"Invalid URL (GET {request.path})")

    def _usage_of(self, request: Request, meter: str) -> Reply:
        by = _TOOLS_BY.get(meter, _COMPLETIONS_BY if meter in {"completions", "decisions"} else _USAGE_BY)
        rows = self._tools if meter in _TOOLS_BY else self._usage
        return self._report(request, "usage", by, lambda day, group: rows(meter, day, group))

    def _refusal(self, request: Request, scope: str) -> Reply | None:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if key not in self.keys:
            hidden = f"{key[:9]}***{key[-4:]}"
            message = f"Incorrect API key provided: {hidden}. You can find your API key in your account."
            return failure(401, message, code="invalid_api_key")
        if scope not in self.keys[key]:
            return failure(403, f"You have insufficient permissions for this operation. Missing scopes: {scope}.")
        return None

    def _report(
        self,
        request: Request,
        kind: str,
        groups: set[str],
        rows: Callable[[date, Sequence[str]], list[dict[str, Any]]],
    ) -> Reply:
        start, end = one(request, "start_time"), one(request, "end_time")
        limit = int(one(request, "limit") or 7)
        group, cursor_told = many(request, "group_by"), pointed(request, (0, self._epoch))
        if refusal := self._wrong(request, kind, groups) or self._ungrouped(kind, set(group)):
            return refusal
        if start is None or cursor_told is None or cursor_told[1] != self._epoch:
            return failure(400, "Invalid value for 'page': the cursor has expired.", code="invalid_value")
        first, begin = _day(start), cursor_told[0]
        days = [first + DAY * n for n in range(((_day(end) if end else self.clock().date() + DAY) - first).days)]
        size = min(limit, self.page)
        shown = days[max(0, begin - (1 if self.repeat else 0)) : begin + size]
        more = begin + size < len(days)
        return exact_reply(
            {
                "object": "page",
                "data": [
                    {
                        "object": "bucket",
                        "start_time": seconds(day),
                        "end_time": seconds(day + DAY),
                        "results": rows(day, group),
                    }
                    for day in shown
                ],
                "has_more": more,
                "next_page": cursor(request, begin + size, self._epoch) if more else None,
            }
        )

    def _limit(self, place: Sequence[str]) -> Reply:
        """``OrganizationSpendLimit`` and ``ProjectSpendLimit``; none set is not found."""
        whose, cents = ("project" if place else "organization"), self.limits.get("".join(place[1:]))
        if cents is None:
            return failure(404, "No spend limit is configured.")
        limit = {"threshold_amount": cents, "currency": "USD", "interval": "month"}
        return exact_reply({"object": f"{whose}.spend_limit", **limit, "enforcement": {"status": "inactive"}})

    def _wrong(self, request: Request, kind: str, groups: set[str]) -> Reply | None:
        """What is no parameter, or no value for it."""
        known = _COSTS_PARAMS if kind == "costs" else _USAGE_PARAMS
        unknown = next((name for name in request.query if name.removesuffix("[]") not in known), None)
        if unknown:
            return failure(400, f"Unknown parameter: '{unknown}'.", code="unknown_parameter")
        start, end = one(request, "start_time") or "", one(request, "end_time") or "9" * 10
        if not start.isdigit():
            return failure(400, "Missing required parameter: 'start_time'.", code="missing_required_parameter")
        if not end.isdigit() or int(end) <= int(start):
            return failure(400, "Invalid 'end_time': it must be after 'start_time'.", code="invalid_value")
        limit, most = int(one(request, "limit") or 7), _MOST[kind]
        if not 1 <= limit <= most:
            message = f"Invalid 'limit': integer above maximum value. Expected a value <= {most}, but got {limit}."
            return failure(400, message, code="integer_above_max_value")
        if (one(request, "bucket_width") or "1d") != "1d" or not groups.issuperset(many(request, "group_by")):
            return failure(400, "Invalid value for 'bucket_width' or 'group_by[]'.", code="invalid_value")
        return None

    def _ungrouped(self, kind: str, group: set[str]) -> Reply | None:
        """Costs that this organization is not told together."""
        if kind != "costs":
            return None
        if {"user_id", "project_id"} <= group and not self.tells_users:
            return failure(400, "Grouping by user_id and project_id is not supported for this organization.")
        if {"project_id", "line_item", "api_key_id"} <= group and not self.tells_keys:
            return failure(400, "Grouping by project_id, line_item and api_key_id is not supported.")
        return None

    def _costs(self, day: date, group: Sequence[str]) -> list[dict[str, Any]]:
        lines = [line for line in self.lines(day) if "api_key_id" not in group or line.key]
        return [
            {
                "object": "organization.costs.result",
                "amount": {
                    "value": written(sum((line.amount for line in item), Decimal(0))),
                    "currency": None if self.nulls else "usd",
                },
                "api_source": None,
                **dict.fromkeys(_COSTS_BY),
                **whose,
                "organization_id": bill.ORGANIZATION[0],
                "organization_name": bill.ORGANIZATION[1],
                **_quantity(item, told="line_item" in group),
            }
            for whose, item in _grouped(lines, group)
        ] + self._nameless(day)

    def _nameless(self, day: date) -> list[dict[str, Any]]:
        """With ``nulls``, a row of nothing: on odd days no amount, on even ones one without value and currency."""
        if not self.nulls:
            return []
        amount = None if day.day % 2 else {"value": None, "currency": None}
        row = dict.fromkeys((*_COSTS_BY, "organization_id", "organization_name", "quantity", "quantity_unit"))
        return [{"object": "organization.costs.result", **row, "amount": amount}]

    def _usage(self, meter: str, day: date, group: Sequence[str]) -> list[dict[str, Any]]:
        if meter == "moderations":
            requests = bill.moderated(day) if self.lines(day) else 0
            if not requests:
                return []
            row = {"input_tokens": requests * 90, "num_model_requests": requests, "project_id": bill.CHAT}
            return [{"object": "organization.usage.moderations.result", **row, "model": "omni-moderation-latest"}]
        lines = [line for line in self.lines(day) if line.model in _METERS[meter]]
        return [
            {
                "object": f"organization.usage.{meter}.result",
                **dict.fromkeys(_COMPLETIONS_BY),
                **whose,
                "num_model_requests": sum(line.requests for line in item),
                **_metered(meter, item),
            }
            for whose, item in _grouped(lines, group)
        ]

    def _tools(self, meter: str, day: date, group: Sequence[str]) -> list[dict[str, Any]]:
        """Web searches, told with the requests that made them (``DataResultOrganizationUsageWebSearchesResult``)."""
        lines = [line for line in self.lines(day) if line.item == bill.SEARCHES and meter == "web_search_calls"]
        return [
            {
                "object": "organization.usage.web_searches.result",
                **dict.fromkeys(_TOOLS_BY[meter]),
                **whose,
                "num_requests": sum(line.quantity for line in item),
                "num_model_requests": sum(line.quantity for line in item),
            }
            for whose, item in _grouped(lines, group)
        ]

    def _entries(self, names: Sequence[str], request: Request) -> list[dict[str, Any]] | None:
        match names:
            case ["projects"]:
                return projects(archived=one(request, "include_archived") == "true")
            case ["projects", project, "api_keys"] if project in bill.PROJECTS:
                return keys(project)
            case ["users"]:
                return users(nested=self.nested)
            case ["spend_alerts"] | ["projects", _, "spend_alerts"]:
                return []
        return None


def _grouped(lines: Iterable[bill.Line], group: Sequence[str]) -> list[tuple[dict[str, str | None], list[bill.Line]]]:
    fields = {
        "project_id": "project",
        "api_key_id": "key",
        "user_id": "user",
        "line_item": "item",
        "model": "model",
        "service_tier": "tier",
        "batch": "batch",
        "api_source": "source",
    }
    groups: dict[tuple[str | None, ...], list[bill.Line]] = defaultdict(list)
    for line in lines:
        groups[tuple(getattr(line, fields[name]) if name in fields else None for name in group)].append(line)
    return [(dict(zip(group, key, strict=True)), item) for key, item in groups.items()]


def _quantity(lines: Sequence[bill.Line], *, told: bool) -> dict[str, Any]:
    units = {line.unit for line in lines}
    if not told or len(units) != 1 or units == {None}:
        return {"quantity": None, "quantity_unit": None}
    total = sum(line.quantity for line in lines)
    if units == {"tokens"} and lines[0].model == bill.EMBEDDING:
        return {"quantity": Raw(format(Decimal(total).scaleb(-3), "f")), "quantity_unit": "1000_tokens"}
    return {"quantity": total, "quantity_unit": units.pop()}


def _metered(meter: str, lines: Sequence[bill.Line]) -> dict[str, int]:
    def total(kind: str) -> int:
        return sum(line.quantity for line in lines if line.kind == kind)

    if meter == "audio_transcriptions":
        return {"seconds": total("")}
    if meter == "embeddings":
        return {"input_tokens": total("input")}
    fresh, cached = total("input"), total("cached input")
    return {
        "input_tokens": fresh + cached,
        "input_uncached_tokens": fresh,
        "input_cached_tokens": cached,
        "input_cache_write_tokens": 0,
        "output_tokens": total("output"),
    }


def _part(line: bill.Line, share: Decimal) -> bill.Line:
    """That much of a line, its quantity whole and its amount in proportion."""
    quantity = int(line.quantity * share)
    price = line.amount / line.quantity if line.quantity else Decimal(0)
    return replace(line, quantity=quantity, amount=(price * quantity).normalize(), requests=int(line.requests * share))


def _day(seconds: str) -> date:
    return datetime.fromtimestamp(int(seconds), UTC).date()
