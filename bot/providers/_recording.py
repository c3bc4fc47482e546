"""Real replies of a person's own account, made safe to share: the shape stays, amounts and names do not.

While a ``Recording`` is open, every reply that an adapter reads is put down, one JSON object a line: vendor,
operation, parameters and the reply, redacted. Amounts and quantities are multiplied by one secret factor, names and ids
replaced by made-up ones (the same one for the same name), and cursors by numbers. What says how a vendor speaks stays:
keys, types, units, currencies, models, services, regions, dates.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import IO

_KEPT = frozenset(
    {
        *("object", "type", "currency", "unit", "quantity_unit", "model", "line_item", "token_type", "cost_type"),
        *("service_tier", "context_window", "inference_geo", "speed", "status", "role", "starting_at", "ending_at"),
        *("start_time", "end_time", "data_refreshed_at", "date", "has_more", "bucket_width", "time_bucket_width"),
        *(
            "group_by",
            "order",
            "order_by",
            "include_archived",
            "include_default",
            "limit",
            "api_source",
            "batch",
            "customer_type",
            "product",
            "period",
        ),
        *("interval", "start", "end", "granularity", "metrics", "groupby", "metric", "timeunit", "budgettype"),
        *("key", "service", "region", "recordtype", "record_type", "usage_type", "purchase_option", "values"),
        *("estimated", "invoicetype", "billtype", "receiverrole", "currencycode", "creditstatus", "currencyunit"),
        *("day", "service_description", "sku", "sku_id", "unit", "cost_type", "region", "zone", "invoice_month"),
        *("rate", "kind", "version", "message", "code", "servicename", "servicecategory", "chargecategory"),
        *("chargedescription", "pricingunit", "consumedunit", "billingcurrency", "regionid", "dimension"),
        *("searchstring", "created_at", "added_at", "terminal_type"),
    }
)
"""Keys, in lower case, whose words say how a vendor speaks and nothing of whose account it is."""
_MONEY = re.compile(
    r"amount|value|cost|quantity|tokens?\b|requests|input|output|cache|seconds|images|characters", re.IGNORECASE
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_ACCOUNT = re.compile(r"\b\d{12}\b")
_DATE = re.compile(r"\d{4}-\d\d(?:-\d\d)?(?:[T ].*)?")
_WORD = re.compile(r"[A-Za-z][\w .,()/+&:-]*")
_ID = re.compile(r"^(?!v\d+$)[^:]*\d")
_CURSOR = re.compile(r"page|token|cursor|after|next", re.IGNORECASE)
_CURRENT: ContextVar[Recording | None] = ContextVar("recording", default=None)


class Recording:
    """One recording; its factor and its made-up names are forgotten with it."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._factor = Decimal(secrets.randbelow(900) + 100) / Decimal(317)
        self._names: dict[str, str] = {}

    def add(self, vendor: str, operation: str, params: object, reply: object) -> None:
        """Puts down a reply, redacted."""
        entry = {
            "vendor": vendor,
            "operation": self._path(operation),
            "params": self.redacted(params),
            "reply": self.redacted(reply),
        }
        self._file.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")

    def redacted(self, value: object, key: str = "") -> object:
        """The value with its amounts scaled and its names made up."""
        if isinstance(value, Mapping):
            return {str(name): self.redacted(inner, str(name)) for name, inner in value.items()}
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            return [self.redacted(inner, key) for inner in value]
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | float | Decimal):
            return self._scaled(value, key)
        if isinstance(value, date | datetime):
            return value.isoformat()
        return self._text(str(value), key)

    def _scaled(self, number: float | Decimal, key: str) -> float | Decimal | int:
        if key.casefold() in _KEPT or not _MONEY.search(key):
            return number if isinstance(number, int) else float(number)
        scaled = Decimal(str(number)) * self._factor
        return int(scaled) if isinstance(number, int) else float(round(scaled, 9))

    def _text(self, text: str, key: str) -> str:
        if _NUMBER.fullmatch(text) and _MONEY.search(key):
            return self._digits(text)
        if not text or key.casefold() in _KEPT or _DATE.fullmatch(text):
            return _ACCOUNT.sub(lambda found: self._account(found[0]), text)
        if key == "Keys":  # of Cost Explorer: services and regions speak for AWS, tags and accounts for the account
            label, dollar, tag = text.partition("$")
            return f"{label}${self._name(tag, 'tag') if tag else ''}" if dollar else self._dimension(text)
        return self._name(text, "cursor" if _CURSOR.search(key) else key)

    def _dimension(self, text: str) -> str:
        if _ACCOUNT.fullmatch(text):
            return self._account(text)
        return text if _WORD.fullmatch(text) else self._name(text, "key")

    def _digits(self, text: str) -> str:
        try:
            return format(round(Decimal(text) * self._factor, 9).normalize(), "f")
        except InvalidOperation:
            return "0"

    def _account(self, number: str) -> str:
        return self._names.setdefault(number, f"{len(self._names) + 1:012}")

    def _name(self, text: str, key: str) -> str:
        """A made-up name, the same for the same text; an id keeps how it begins."""
        start = re.match(r"(?:[a-z]{2,8}[_-])?", text)
        prefix = start[0] if start and start[0] else f"{key.lower() or 'name'}-"
        return self._names.setdefault(text, f"{prefix}{len(self._names) + 1}")

    def _path(self, path: str) -> str:
        """A path with the ids in it made up; an AWS operation as it is."""
        parts = path.split("/")
        return "/".join(self._name(part, "id") if _ID.search(part) else part for part in parts)


def is_recording() -> bool:
    """Whether anybody is: what is costly to prepare need not be otherwise."""
    return _CURRENT.get() is not None


def record(vendor: str, operation: str, params: object, reply: object) -> None:
    """Puts a reply down, where somebody is recording."""
    if (recording := _CURRENT.get()) is not None:
        recording.add(vendor, operation, params, reply)


@contextmanager
def recording(file: IO[str]) -> Iterator[Recording]:
    """Records every reply that is read inside."""
    opened = Recording(file)
    token = _CURRENT.set(opened)
    try:
        yield opened
    finally:
        _CURRENT.reset(token)
