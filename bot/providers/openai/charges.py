"""One pull of OpenAI's bill: pages in, charges out."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypedDict

from bot.analytics.allocation import Meters
from bot.domain.charge import NOTHING, Charge
from bot.domain.errors import AccessDenied, CostError, RequestRefused, UnexpectedReply
from bot.domain.money import from_attos, to_attos
from bot.domain.period import DAY, Period
from bot.providers._http import PageExpired, VendorClient
from bot.providers._paging import labels, once, resumed, windows
from bot.providers._prices import list_prices
from bot.providers.openai.line_items import charge_category, focus_unit, read_line, undated
from bot.providers.openai.names import Known, OnNote, OpenAiNames
from bot.providers.openai.responses import Cost, Owned, Page, UsageRow

PROJECT, ITEM, BY_KEY, BY_USER = "project_id", "line_item", "api_key_id", "user_id"
BY_SOURCE, BY_TIER = "api_source", "tier"
"""What FOCUS has no column for, and a tag stands for; a tier is made of two groups of the meters."""
_COSTS, _USAGE = 180, 31
"""The most days a page of costs, and of usage, may hold."""
METERS = ("completions", "embeddings", "images", "audio_speeches", "audio_transcriptions", "decisions")
"""Where billed requests to models are counted, each once: searches are counted again here, moderations are free."""
TOOLS = {
    "web_search_calls": ("num_requests", "web search calls", "Calls"),
    "file_search_calls": ("num_requests", "file search calls", "Calls"),
    "code_interpreter_sessions": ("num_sessions", "code interpreter sessions", "Sessions"),
}
"""Where models' tools are counted: the count, what it is called, its unit. The requests to models that are told with
them are among those of ``METERS``; the bytes of vector stores do not add up over days."""
_NEWER = frozenset({"decisions", *TOOLS})
"""Those that an organization, or a gateway, may not have: where there are none (404), nothing is missing."""
_MISSING = 404
_NAMED = {BY_KEY: "API key", BY_USER: "user", BY_SOURCE: "API source", BY_TIER: "service tier"}
TAGS = {BY_SOURCE: "api source", BY_TIER: "service tier"}
COLUMN = {BY_KEY: "x_ApiKeyName", BY_USER: "x_UserName", **{by: f"Tags/{key}" for by, key in TAGS.items()}}
_TIERED = ("completions", "decisions")
"""Meters that tell tiers, batches and API sources apart."""

_Costs = list[tuple[date, Cost]]
_Usages = list[tuple[date, UsageRow]]


@dataclass(frozen=True)
class _Part:
    """What of a row of costs goes to one key or user."""

    owner: str
    cost: Decimal
    quantity: Decimal
    estimate: str = ""


class ChargePull:
    """One pull: pages in, charges out."""

    def __init__(
        self, wire: VendorClient, source: str, known: Known, today: date, on_note: OnNote = lambda *_: None
    ) -> None:
        self._wire, self._source, self._today, self._on_note = wire, source, today, on_note
        self._open_end = False
        """Whether OpenAI refuses an end that lies ahead, so that none is named."""
        self._refused: set[tuple[str, str]] = set()
        """What OpenAI would not tell by an owner (``("costs", "user_id")``): in one pull asked once, then left."""
        self.names = OpenAiNames(wire, known, on_note)
        self._organization = (source, source)

    def bill(self, days: Period) -> Iterator[Charge]:
        """The bill by project and line item; no usage is asked for, so that money never waits for meters."""
        for day, row in self._lines(days):
            yield self._charge(day, row, "", _Part("", row.value, row.quantity or Decimal(0)))

    def split(self, days: Period, owner: str) -> Iterator[Charge]:
        """The same bill, told apart by a key, user, API source or tier (estimated where OpenAI does not), and requests.

        Of tiers OpenAI tells what was metered alone.
        """
        for window in windows(days, _USAGE):
            bill, usage = list(self._lines(window)), list(self._used(window, owner))
            split = self._split(window, owner)
            yield from self._exact(bill, split, owner) if split else self._estimated(bill, usage, owner)
            for day, used in usage:
                yield from self._requests(day, used, owner)
            if owner not in TAGS:
                billed = {focus_unit(row.quantity_unit)[1] for _, row in bill}
                yield from self._tools(window, owner, billed)

    def _tools(self, days: Period, owner: str, billed: Collection[str]) -> Iterator[Charge]:
        """How often tools were used; not where the bill counts in the same unit already."""
        for meter, (count, sku, unit) in TOOLS.items():
            if unit in billed or (meter, owner) in self._refused:
                continue
            group = (PROJECT, owner) if count == "num_requests" else (PROJECT,)
            try:
                for day, used in self.usage(days, group, meter):
                    yield from self._counted(day, used, owner, (getattr(used, count) or 0, sku, unit))
            except (AccessDenied, RequestRefused) as error:
                self._not_metered(meter, owner, error)

    def _split(self, days: Period, owner: str) -> _Costs:
        """The costs by owner; nothing where OpenAI refuses to group by it, or knows none of the owners."""
        if owner == BY_TIER or ("costs", owner) in self._refused:
            return []
        try:
            split = list(self.costs(days, (PROJECT, ITEM, owner)))
        except RequestRefused as error:
            self._refused.add(("costs", owner))
            self._on_note(f"exact costs by {_NAMED[owner]} (they are estimated)", error, frozenset({COLUMN[owner]}))
            return []
        return split if any(getattr(row, owner) for _, row in split) else []

    def costs(self, days: Period, group: Sequence[str]) -> Iterator[tuple[date, Cost]]:
        """The rows of the Costs API, grouped."""
        for day, row in self._rows("/organization/costs", days, _COSTS, group):
            cost = self._wire.shaped(Cost, row)
            if cost.has_nulls:
                self._on_note("amounts", _null_amounts(day), frozenset({"BilledCost"}))
            if cost.organization_id:
                self._organization = (cost.organization_id, cost.organization_name or self._source)
            yield day, cost

    def usage(self, days: Period, group: Sequence[str], meter: str) -> Iterator[tuple[date, UsageRow]]:
        """The rows of one endpoint of the Usage API, grouped."""
        for day, row in self._rows(f"/organization/usage/{meter}", days, _USAGE, group):
            yield day, self._wire.shaped(UsageRow, row)

    def _lines(self, days: Period) -> Iterator[tuple[date, Cost]]:
        """The bill as fine as OpenAI lets it be grouped without losing a cent."""
        try:
            rows = self.costs(days, (PROJECT, ITEM))
            first = next(rows, None)
        except RequestRefused as error:
            self._on_note(
                "costs by line item", error, frozenset({"SkuId", "x_Model", "x_TokenType", "ConsumedQuantity"})
            )
            rows = self.costs(days, (PROJECT,))
            first = next(rows, None)
        if first:
            yield first
        yield from rows

    def _used(self, days: Period, owner: str) -> Iterator[tuple[date, UsageRow]]:
        """What was metered by project, model and owner; nothing, and a note, where the key may not read it."""
        group = ("service_tier", "batch") if owner == BY_TIER else (owner,)
        for meter in _TIERED if owner in TAGS else METERS:
            if (meter, owner) in self._refused:
                continue
            try:
                yield from self.usage(days, (PROJECT, "model", *group), meter)
            except (AccessDenied, RequestRefused) as error:
                self._not_metered(meter, owner, error)

    def _not_metered(self, meter: str, owner: str, error: CostError) -> None:
        """Remembers for this pull what OpenAI refused; of what not every organization has (404), nothing is missing."""
        self._refused.add((meter, owner))
        if not (meter in _NEWER and isinstance(error, RequestRefused) and error.status == _MISSING):
            self._on_note(f"usage by {_NAMED[owner]} ({meter})", error, frozenset({COLUMN[owner], "ConsumedQuantity"}))

    def _rows(
        self, path: str, days: Period, most: int, group: Sequence[str]
    ) -> Iterator[tuple[date, dict[str, object]]]:
        """Rows by day, each once; on from the day reached where a cursor expires."""
        paged = resumed(days, lambda left: self._paged(path, left, most, group), "OpenAI")
        pages = ([row for row in page if row[0] in days] for _, page in paged)
        return once(pages, lambda row: (row[0], labels(row[1])))

    def _paged(
        self, path: str, days: Period, most: int, group: Sequence[str]
    ) -> Iterator[tuple[date, list[tuple[date, dict[str, object]]]]]:
        for page in self._pages(path, days, most, group):
            buckets = [
                (datetime.fromtimestamp(bucket.start_time, UTC).date(), bucket.results)
                for bucket in self._wire.shaped(Page, page).data
            ]
            last = max((day for day, _ in buckets), default=days.start - DAY)
            yield last, [(day, row) for day, results in buckets for row in results]

    def _pages(self, path: str, days: Period, most: int, group: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        """The pages up to the end of the days; with no end named where one that lies ahead is refused.

        Whether OpenAI takes it is not documented; that today's costs come in part, is.
        """
        ahead = days.end > self._today
        params = [
            ("start_time", str(_seconds(days.start))),
            *([] if ahead and self._open_end else [("end_time", str(_seconds(days.end)))]),
            ("bucket_width", "1d"),
            ("limit", str(min(most, days.days))),
            *(("group_by[]", name) for name in group),
        ]
        try:
            yield from self._wire.pages(path, params)
        except PageExpired:
            raise
        except RequestRefused as refused:
            if not ahead or self._open_end or not re.search(r"end_time|future", refused.message):
                raise
            self._open_end = True
            yield from self._pages(path, days, most, group)

    def _exact(self, bill: _Costs, split: _Costs, owner: str) -> Iterator[Charge]:
        """What OpenAI tells by owner; the rest of each line of the bill names none."""
        left: dict[tuple[object, ...], _Rest] = {}
        for sign, rows in ((1, bill), (-1, split)):
            for day, row in rows:
                rest = left.setdefault((day, row.project_id, row.line_item, row.currency), _Rest(day, row))
                rest.add(sign, row)
        for day, row in split:
            part = _Part(getattr(row, owner) or "", row.value, row.quantity or Decimal(0))
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
            for name in {model, undated(model)}:
                for kind, amount in used.metered().items():
                    where = (day, used.project_id or "", name)
                    meters.add(where, getattr(used, owner) or "", kind, Decimal(amount))
        for day, row in bill:
            model, kind = read_line(row.line_item or "")
            where = (day, row.project_id or "", model)
            if where not in meters:
                where = (day, row.project_id or "", undated(model))
            for share in meters.shares(where, kind, row.value, row.quantity or Decimal(0)):
                part = _Part(share.owner, share.cost, share.quantity, share.estimate)
                yield self._charge(day, row, owner, part)

    def _charge(self, day: date, row: Cost, owner: str, part: _Part) -> Charge:
        line, currency = row.line_item or "", row.currency
        model, kind = read_line(line)
        category = charge_category(line, row.value)
        used = category == "Usage"
        factor, unit = focus_unit(row.quantity_unit) if used else (0, "")
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
            tags=_tags(owner, part.owner),
            **self._whose(row, owner, part.owner),
        )

    def _requests(self, day: date, used: UsageRow, owner: str) -> Iterator[Charge]:
        """How often a model was asked: a quantity that costs nothing of its own."""
        return self._counted(day, used, owner, (used.num_model_requests or 0, "requests", "Requests"))

    def _counted(self, day: date, used: UsageRow, owner: str, counted: tuple[int, str, str]) -> Iterator[Charge]:
        count, sku, unit = counted
        if count:
            whose = getattr(used, owner) or ""
            yield Charge(
                day=day,
                billed_cost=Decimal(0),
                billing_currency="USD",
                pricing_currency="USD",
                consumed_quantity=Decimal(count),
                consumed_unit=unit,
                pricing_category="Standard",
                sku_id=sku,
                sku_meter=sku,
                x_model=used.model or "",
                tags=_tags(owner, whose),
                **self._whose(used, owner, whose),
            )

    def _whose(self, row: Owned, owner: str, who: str) -> _Whose:
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
            "x_api_key_name": self.names.key(who, row.project_id) if owner == BY_KEY else "",
            "x_user_name": self.names.user(who) if owner == BY_USER else "",
        }


class _Whose(TypedDict):
    """What of a charge follows from whose it is."""

    service_provider_name: str
    invoice_issuer_name: str
    service_name: str
    service_category: str
    service_subcategory: str
    billing_account_id: str
    billing_account_name: str
    billing_account_type: str
    sub_account_id: str
    sub_account_name: str
    sub_account_type: str
    x_api_key_name: str
    x_user_name: str


@dataclass
class _Rest:
    """What of one line of the bill no owner has been told for, in attos."""

    day: date
    row: Cost
    cost: int = 0
    quantity: int = 0

    def add(self, sign: int, row: Cost) -> None:
        """Counts a row of the bill (1) or of an owner (-1)."""
        self.cost += sign * to_attos(row.value)
        self.quantity += sign * to_attos(row.quantity or Decimal(0))


@lru_cache(maxsize=1024)
def _tags(owner: str, value: str) -> Mapping[str, str]:
    """The tag that stands for an API source or a tier; none for keys and users, which have columns of their own."""
    return MappingProxyType({TAGS[owner]: value}) if owner in TAGS and value else NOTHING


def _null_amounts(day: date) -> UnexpectedReply:
    return UnexpectedReply(
        f"OpenAI sent a cost of {day} without an amount; it counts as zero until it has one.",
        "The next sync retries; compare with the usage page of the OpenAI console.",
    )


def _seconds(day: date) -> int:
    return int(datetime.combine(day, datetime.min.time(), UTC).timestamp())
