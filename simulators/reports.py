"""What the simulated vendors of tokens share: exact numbers in JSON, and cursors bound to their query."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Any

from simulators.company import chance
from simulators.http_server import Reply, Request

_RAW = re.compile(r'"\\u0000([^"]*)"')

_STRINGS, _EXPONENTS = 0.2, 0.2
"""Shares of amounts."""


@dataclass(frozen=True)
class Raw:
    """A number written into JSON digit by digit, as no float could."""

    digits: str


def exact_reply(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """A JSON body in which every ``Raw`` stands with all its digits."""
    text = json.dumps(value, default=lambda item: f"\0{item.digits}")
    body = _RAW.sub(r"\1", text).encode()
    return Reply(status, body, {"Content-Type": "application/json", **(headers or {})})


def written(amount: Decimal) -> Raw | str:
    """The amount as a plain number, one with an exponent, or a string: vendors mix all three."""
    plain, dice = format(amount, "f"), chance("written", str(amount))
    if dice < _STRINGS:
        return plain
    return Raw(f"{amount:e}") if dice < _STRINGS + _EXPONENTS else Raw(plain)


def cursor(request: Request, *result: int) -> str:
    """An opaque cursor that is good for this query only."""
    text = json.dumps([*result, _fingerprint(request)])
    return f"page_{base64.urlsafe_b64encode(text.encode()).decode()}"


def pointed(request: Request, start: tuple[int, ...] = (0,)) -> tuple[int, ...] | None:
    """What the request's cursor was told; ``start`` without one, None when it belongs to another query."""
    page = one(request, "page")
    if page is None:
        return start
    try:
        *result, query = json.loads(base64.urlsafe_b64decode(page.removeprefix("page_")))
        return tuple(map(int, result)) if query == _fingerprint(request) else None
    except (binascii.Error, ValueError, TypeError):
        return None


def one(request: Request, name: str) -> str | None:
    """A parameter's only (or last) value."""
    values = request.query.get(name)
    return values[-1] if values else None


def many(request: Request, name: str) -> list[str]:
    """A repeated parameter, in either spelling: ``name=`` or ``name[]=``."""
    return [*request.query.get(f"{name}[]", []), *request.query.get(name, [])]


def listing(request: Request, entries: Sequence[Mapping[str, Any]], after: str) -> Reply:
    """A page of a list that goes on ``after`` an id."""
    limit, last = int(one(request, "limit") or 20), one(request, after)
    ids = [entry["id"] for entry in entries]
    start = ids.index(last) + 1 if last in ids else 0
    page = entries[start : start + limit]
    return exact_reply(
        {
            "object": "list",
            "data": page,
            "first_id": page[0]["id"] if page else None,
            "last_id": page[-1]["id"] if page else None,
            "has_more": start + limit < len(entries),
        }
    )


def _fingerprint(request: Request) -> str:
    query = sorted((name, values) for name, values in request.query.items() if name != "page")
    return blake2b(repr([request.path, query]).encode(), digest_size=8).hexdigest()
