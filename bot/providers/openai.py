"""OpenAI: what an organization was billed, from its Costs API, and what it used, from its Usage API.

Endpoints: GET /organization/costs, /organization/usage/*, /organization/projects, /users. Amounts are dollars.
Grain: project × line item (model and token type stand in the line item), with tokens in its quantity; beside it the
same by API key and by user. Where the Costs API does not tell a key or user apart, the line is split by metered
usage and says so. Days are UTC; today's are partial. OpenAI says nothing on how late a day settles: 35 days are
taken as moving.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.costs.allocate import Meters
from bot.costs.charge import Charge
from bot.costs.errors import AccessDenied, CostError
from bot.costs.feed import ANY_TAG, Feed
from bot.costs.money import from_attos, to_attos
from bot.costs.period import DAY, Period, add_months
from bot.providers import Check, Clock, Horizon, Meter
from bot.providers._prices import list_prices
from bot.providers._wire import Amount, Keys, Refused, Told, Vendor, Wire, tail, windows

MOVING = timedelta(days=35)
"""How far back a day may still change."""
MONTHS = 13
"""How many whole months are asked for at first."""

_COSTS, _USAGE = 180, 31
"""The most days a page of costs, and of usage, may hold."""

_LINE, _KEY, _USER = "project × line item", "project × line item × api key", "project × line item × user"
_PROJECT, _ITEM, _BY_KEY, _BY_USER = "project_id", "line_item", "api_key_id", "user_id"
_PROJECTS, _USERS = "/organization/projects", "/organization/users"
_METERS = ("completions", "embeddings", "moderations", "images", "audio_speeches", "audio_transcriptions")
"""Where requests to models are counted, each once; searches and sessions are counted again elsewhere."""

_GRAIN = frozenset(
    {
        *("ServiceProviderName", "ServiceName", "ServiceCategory", "BillingAccountName", "SubAccountName"),
        *("SkuId", "x_Model", "x_TokenType", "ChargeCategory", "PricingCategory", "ConsumedQuantity"),
        *("RegionId", "ResourceId", ANY_TAG),  # OpenAI has none: known to name none
    }
)


class OpenAISettings(BaseModel):
    """How to ask OpenAI for an organization's costs."""

    model_config = ConfigDict(frozen=True)

    admin_key: SecretStr = Field(
        description="An admin key of the organization (sk-admin-…); two, with a comma, while one replaces the other.",
        json_schema_extra={"env": "OPENAI_ADMIN_KEY"},
    )
    base_url: str = Field(
        default="https://api.openai.com/v1",
        description="Where OpenAI's API is, ending in /v1; for a proxy or a simulator.",
        json_schema_extra={"env": "OPENAI_BASE_URL"},
    )
    timeout: float = Field(
        default=60,
        gt=0,
        description="How many seconds to wait for a reply of OpenAI.",
        json_schema_extra={"env": "OPENAI_TIMEOUT"},
    )


class _Money(Told):
    value: Amount
    currency: str = Field(pattern="^[A-Za-z]{3}$")


class _Owned(Told):
    """What a row of costs or usage belongs to; None where it is not told apart."""

    project_id: str | None = None
    user_id: str | None = None
    api_key_id: str | None = None


class _Cost(_Owned):
    amount: _Money
    line_item: str | None = None
    quantity: Amount | None = None
    quantity_unit: str | None = None
    organization_id: str | None = None
    organization_name: str | None = None


class _Usage(_Owned):
    model: str | None = None
    input_tokens: int = 0
    input_cached_tokens: int | None = None
    input_cache_write_tokens: int | None = None
    output_tokens: int | None = None
    images: int | None = None
    characters: int | None = None
    seconds: int | None = None
    num_model_requests: int | None = None

    def metered(self) -> dict[str, int]:
        """By token type (or the word of another measure); ``input`` without what the cache held or took."""
        cached, written = self.input_cached_tokens or 0, self.input_cache_write_tokens or 0
        measures = {
            "input": self.input_tokens - cached - written,
            "cached_input": cached,
            "cache_write": written,
            "output": self.output_tokens,
            "images": self.images,
            "characters": self.characters,
            "seconds": self.seconds,
        }
        return {kind: amount for kind, amount in measures.items() if amount}


_Costs = list[tuple[date, _Cost]]
_Usages = list[tuple[date, _Usage]]


class _Bucket(Told):
    start_time: int = Field(ge=0, lt=2**33)
    results: list[dict[str, object]]


class _Page(Told):
    data: list[_Bucket]


class _Named(Told):
    id: str
    name: str | None = None
    email: str | None = None


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

    def feeds(self) -> Sequence[Feed]:
        """Project × line item, and the same by API key and by user."""
        grains = {_LINE: _GRAIN, _KEY: _GRAIN | {"x_ApiKeyName"}, _USER: _GRAIN | {"x_UserName"}}
        return [Feed(source=self.source, name=name, grain=grain) for name, grain in grains.items()]

    def horizon(self, feed: Feed, now: datetime) -> Horizon:  # noqa: ARG002 - all feeds alike
        """13 whole months and the current one, the last 35 days of which may move; today is partial."""
        today = now.astimezone(UTC).date()
        return Horizon(add_months(today.replace(day=1), -MONTHS), today - MOVING, today + DAY)

    def charges(self, feed: Feed, days: Period) -> Iterator[Charge]:
        """Every cost of those days, and the requests made as charges of nothing."""
        self._through[feed.name] = None
        with self._wire() as wire:
            pull = _Pull(wire, self.source)
            owner = {_LINE: "", _KEY: _BY_KEY, _USER: _BY_USER}[feed.name]
            for charge in pull.split(days, owner) if owner else pull.bill(days):
                self._through[feed.name] = max(self._through[feed.name] or charge.day, charge.day)
                yield charge

    def data_through(self, feed: Feed) -> date | None:
        """The last day with any cost or usage in what was last pulled."""
        return self._through.get(feed.name)

    def checks(self) -> Iterator[Check]:
        """Asks for a day of costs, a day of usage, and the names."""
        today = self._clock().astimezone(UTC).date()
        day = Period(start=today - DAY, end=today)
        with self._wire() as wire:
            pull = _Pull(wire, self.source)
            yield _tried("costs", lambda: f"{len(list(pull.costs(day, (_PROJECT,))))} rows for {day.start}.")
            for sentence in self._keys.stale():
                yield Check("OpenAI admin key", ok=False, message=sentence, hint="Take it out of OPENAI_ADMIN_KEY.")
            yield _tried("usage", lambda: f"{len(list(pull.usage(day, (), 'completions')))} rows for {day.start}.")
            yield _tried("projects", lambda: f"{len(pull.names.listed(_PROJECTS))} named.")
            yield _tried("users", lambda: f"{len(pull.names.listed(_USERS))} named.")

    def _wire(self) -> Wire:
        settings = self._settings() if callable(self._settings) else self._settings
        return Wire(
            Vendor("OpenAI", lambda key: {"Authorization": f"Bearer {key}"}, _denied),
            settings.base_url,
            keys=self._keys,
            secret=settings.admin_key.get_secret_value(),
            meter=self._meter,
            clock=self._clock,
            timeout=settings.timeout,
        )


class _Names:
    """Ids to names, each list asked for when first needed; where the key may not read one, ids stay."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._lists: dict[str, dict[str, str]] = {}

    def project(self, project: str | None) -> str:
        """A project's name; ``""`` for none."""
        return self._name(_PROJECTS, project, ("include_archived", "true"))

    def owner(self, what: str, owner: str | None, project: str | None) -> str:
        """The name of an API key (of a project) or of a user; ``""`` for none."""
        if what == _BY_USER:
            return self._name(_USERS, owner)
        path = f"{_PROJECTS}/{project}/api_keys" if project else ""
        return self._name(path, owner, ("owner_project_access", "any"))

    def listed(self, path: str, *params: tuple[str, str]) -> dict[str, str]:
        """Names by id, as far as the vendor tells."""
        told = self._wire.listing(path, [("limit", "100"), *params], "after")
        entries = [self._wire.shaped(_Named, each) for each in told]
        return {each.id: each.name or each.email or each.id for each in entries}

    def _name(self, path: str, key: str | None, *params: tuple[str, str]) -> str:
        if not key:
            return ""
        if path and path not in self._lists:
            self._lists[path] = self._allowed(path, *params)
        return self._lists.get(path, {}).get(key, key)

    def _allowed(self, path: str, *params: tuple[str, str]) -> dict[str, str]:
        try:
            return self.listed(path, *params)
        except AccessDenied:
            return {}
        except Refused:
            return self._allowed(path) if params else {}


@dataclass(frozen=True)
class _Part:
    """What of a row of costs goes to one key or user."""

    owner: str
    cost: Decimal
    quantity: Decimal
    estimate: str = ""


class _Pull:
    """One pull: pages in, charges out."""

    def __init__(self, wire: Wire, source: str) -> None:
        self._wire, self._source = wire, source
        self.names = _Names(wire)
        self._organization = (source, source)

    def bill(self, days: Period) -> Iterator[Charge]:
        """The bill by project and line item, and the requests by project and model."""
        for day, row in self._lines(days):
            yield self._charge(day, row, "", _Part("", row.amount.value, row.quantity or Decimal(0)))
        for day, used in self._used(days, ()):
            yield from self._requests(day, used, "")

    def split(self, days: Period, owner: str) -> Iterator[Charge]:
        """The same bill, told apart by key or user as well: by OpenAI where it can, else estimated."""
        for window in windows(days, _USAGE):
            bill, usage = list(self._lines(window)), list(self._used(window, (owner,)))
            try:
                told = list(self.costs(window, (_PROJECT, _ITEM, owner)))
            except Refused:
                yield from self._estimated(bill, usage, owner)
            else:
                yield from self._exact(bill, told, owner)
            for day, used in usage:
                yield from self._requests(day, used, owner)

    def costs(self, days: Period, group: Sequence[str]) -> Iterator[tuple[date, _Cost]]:
        """The rows of the Costs API, grouped."""
        for day, row in self._rows("/organization/costs", days, _COSTS, group):
            cost = self._wire.shaped(_Cost, row)
            if cost.organization_id:
                self._organization = (cost.organization_id, cost.organization_name or self._source)
            yield day, cost

    def usage(self, days: Period, group: Sequence[str], meter: str) -> Iterator[tuple[date, _Usage]]:
        """The rows of one endpoint of the Usage API, grouped."""
        for day, row in self._rows(f"/organization/usage/{meter}", days, _USAGE, group):
            yield day, self._wire.shaped(_Usage, row)

    def _lines(self, days: Period) -> Iterator[tuple[date, _Cost]]:
        """The bill as fine as OpenAI lets it be grouped without losing a cent."""
        try:
            rows = self.costs(days, (_PROJECT, _ITEM))
            first = next(rows, None)
        except Refused:
            rows = self.costs(days, (_PROJECT,))
            first = next(rows, None)
        if first:
            yield first
        yield from rows

    def _used(self, days: Period, owner: Sequence[str]) -> Iterator[tuple[date, _Usage]]:
        """What was metered by project and model; nothing where the key may not read it."""
        for meter in _METERS:
            try:
                yield from self.usage(days, (_PROJECT, "model", *owner), meter)
            except (AccessDenied, Refused):
                continue

    def _rows(
        self, path: str, days: Period, most: int, group: Sequence[str]
    ) -> Iterator[tuple[date, dict[str, object]]]:
        """Rows by day, each once although a page may begin with the bucket that ended the one before."""
        params = [
            ("start_time", str(_seconds(days.start))),
            ("end_time", str(_seconds(days.end))),
            ("bucket_width", "1d"),
            ("limit", str(min(most, days.days))),
            *(("group_by[]", name) for name in group),
        ]
        before: set[object] = set()
        for page in self._wire.pages(path, params):
            here: set[object] = set()
            for bucket in self._wire.shaped(_Page, page).data:
                day = datetime.fromtimestamp(bucket.start_time, UTC).date()
                for row in bucket.results if day in days else ():
                    identity = (day, _identity(row))
                    here.add(identity)
                    if identity not in before:
                        yield day, row
            before = here

    def _exact(self, bill: _Costs, told: _Costs, owner: str) -> Iterator[Charge]:
        """What OpenAI tells by owner; the rest of each line of the bill names none."""
        left: dict[tuple[object, ...], _Rest] = {}
        for sign, rows in ((1, bill), (-1, told)):
            for day, row in rows:
                rest = left.setdefault((day, row.project_id, row.line_item, row.amount.currency), _Rest(day, row))
                rest.add(sign, row)
        for day, row in told:
            part = _Part(getattr(row, owner) or "", row.amount.value, row.quantity or Decimal(0))
            yield self._charge(day, row, owner, part)
        for rest in left.values():
            if rest.cost or rest.quantity:
                part = _Part("", from_attos(rest.cost), from_attos(rest.quantity))
                yield self._charge(rest.day, rest.row, owner, part)

    def _estimated(self, bill: _Costs, usage: _Usages, owner: str) -> Iterator[Charge]:
        """Each line of the bill shared out by what was metered of its model."""
        meters = Meters(list_prices("openai"))
        for day, used in usage:
            model = used.model or ""
            for name in {model, _undated(model)}:
                for kind, amount in used.metered().items():
                    where = (day, used.project_id or "", name)
                    meters.add(where, getattr(used, owner) or "", kind, Decimal(amount))
        for day, row in bill:
            model, kind = read_line(row.line_item or "")
            where = (day, row.project_id or "", model)
            if where not in meters:
                where = (day, row.project_id or "", _undated(model))
            for share in meters.shares(where, kind, row.amount.value, row.quantity or Decimal(0)):
                part = _Part(share.owner, share.cost, share.quantity, share.estimate)
                yield self._charge(day, row, owner, part)

    def _charge(self, day: date, row: _Cost, owner: str, part: _Part) -> Charge:
        line, currency = row.line_item or "", row.amount.currency.upper()
        model, kind = read_line(line)
        category = _category(line, row.amount.value)
        used = category == "Usage"
        factor, unit = _unit(row.quantity_unit) if used else (0, "")
        return Charge(
            day=day,
            billed_cost=part.cost,
            billing_currency=currency,
            pricing_currency=currency,
            consumed_quantity=part.quantity * factor,
            consumed_unit=unit,
            pricing_quantity=part.quantity * factor,
            pricing_unit=unit,
            pricing_category="Standard" if used else "",
            sku_id=line,
            sku_meter=kind,
            charge_category=category,
            charge_frequency="Usage-Based" if used else "One-Time",
            charge_description=line,
            x_model=model,
            x_token_type=kind,
            x_estimate=part.estimate,
            **self._whose(row, owner, part.owner),
        )

    def _requests(self, day: date, used: _Usage, owner: str) -> Iterator[Charge]:
        """How often a model was asked: a quantity that costs nothing of its own."""
        if used.num_model_requests:
            yield Charge(
                day=day,
                billed_cost=Decimal(0),
                billing_currency="USD",
                pricing_currency="USD",
                consumed_quantity=Decimal(used.num_model_requests),
                consumed_unit="Requests",
                pricing_category="Standard",
                sku_id=f"{used.model}, requests" if used.model else "requests",
                sku_meter="requests",
                x_model=used.model or "",
                **self._whose(used, owner, getattr(used, owner) or "" if owner else ""),
            )

    def _whose(self, row: _Owned, owner: str, who: str) -> dict[str, Any]:
        column = {_BY_KEY: "x_api_key_name", _BY_USER: "x_user_name"}
        named = {column[owner]: self.names.owner(owner, who, row.project_id)} if owner else {}
        return {
            "service_provider_name": "OpenAI",
            "invoice_issuer_name": "OpenAI",
            "service_name": "OpenAI API",
            "service_category": "AI and Machine Learning",
            "service_subcategory": "Generative AI",
            "billing_account_id": self._organization[0],
            "billing_account_name": self._organization[1],
            "billing_account_type": "Organization",
            "sub_account_id": row.project_id or "",
            "sub_account_name": self.names.project(row.project_id),
            "sub_account_type": "Project" if row.project_id else "",
            **named,
        }


@dataclass
class _Rest:
    """What of one line of the bill no owner has been told for, in attos."""

    day: date
    row: _Cost
    cost: int = 0
    quantity: int = 0

    def add(self, sign: int, row: _Cost) -> None:
        """Counts a row of the bill (1) or of an owner (-1)."""
        self.cost += sign * to_attos(row.amount.value)
        self.quantity += sign * to_attos(row.quantity or Decimal(0))


_KINDS = {
    "input": "input",
    "cached input": "cached_input",
    "input cached": "cached_input",
    "cache write": "cache_write",
    "input cache write": "cache_write",
    "output": "output",
}
_TOKENS = re.compile(r"input|output|cache", re.IGNORECASE)
_MODEL = re.compile(r"(?:chatgpt|codex|dall|gpt|o\d|omni|sora|text-\w+|tts|whisper)\b.*", re.IGNORECASE)


def read_line(line: str) -> tuple[str, str]:
    """Model and token type of a line item, each ``""`` where it names none.

    ``"gpt-6-astra, cached input"`` is ``("gpt-6-astra", "cached_input")``; the vendor's own word stands for a type
    that is not one of four; ``"web search tool calls"`` is neither.
    """
    head, comma, word = line.rpartition(", ")
    if comma and (_TOKENS.search(word) or _MODEL.fullmatch(head)):
        plain = word.strip().lower().replace("_", " ").removesuffix(" tokens")
        return head, _KINDS.get(plain, word)
    return (line, "") if _MODEL.fullmatch(line) else ("", "")


_UNITS: dict[str, tuple[int, str]] = {
    "tokens": (1, "Tokens"),
    "1000_tokens": (1000, "Tokens"),
    "duration_seconds": (1, "Seconds"),
    "duration_minutes": (1, "Minutes"),
    "minutes": (1, "Minutes"),
    "duration_hours": (1, "Hours"),
    "hours": (1, "Hours"),
    "gibibyte_hours": (1, "GiB-Hours"),
}


def _unit(word: str | None) -> tuple[int, str]:
    """Factor and FOCUS unit of OpenAI's; mixed quantities (no unit) are none."""
    return _UNITS.get(word, (1, word.replace("_", " ").title())) if word else (0, "")


def _category(line: str, amount: Decimal) -> str:
    """FOCUS's category: money given back is a credit or a refund, anything else is usage."""
    if amount < 0 and re.search(r"credit|grant|promo", line, re.IGNORECASE):
        return "Credit"
    if amount < 0 and re.search(r"refund|adjustment", line, re.IGNORECASE):
        return "Adjustment"
    return "Usage"


def _undated(model: str) -> str:
    """The model without the date of its snapshot, since bill and meter name it with or without."""
    return re.sub(r"-\d{4}-\d\d-\d\d$", "", model)


def _identity(row: dict[str, object]) -> frozenset[tuple[str, object]]:
    """What tells a row from others of its bucket: everything but measures."""
    words = ((name, value) for name, value in row.items() if isinstance(value, str | bool | None))
    return frozenset((name, value) for name, value in words if name != "quantity")


def _seconds(day: date) -> int:
    return int(datetime.combine(day, datetime.min.time(), UTC).timestamp())


def _tried(what: str, attempt: Callable[[], str]) -> Check:
    try:
        return Check(f"OpenAI {what}", ok=True, message=attempt())
    except CostError as error:
        return Check(f"OpenAI {what}", ok=False, message=error.message, hint=error.hint)


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
        what = "does not know" if status == 401 else "does not let in"  # noqa: PLR2004 - unauthorized
        message = f"OpenAI {what} the admin key {tail(key)}."
    return AccessDenied(
        message,
        "An owner of the organization makes an admin key under Settings → Organization → Admin keys"
        ' (restricted to "Usage: Read", and to read projects and users for their names); put it into OPENAI_ADMIN_KEY.',
    )
