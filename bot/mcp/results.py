"""What the tools return: the public answer JSON, cut into pages that fit a model's context."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.errors import NotUnderstood

PAGE = 50
"""Rows in one result unless the caller asks for another number."""
MAX_PAGE = 200
_PAGED = ("lines", "series", "drivers", "anomalies", "values", "recommendations", "commitments")
_ALWAYS = ("totals", "as_of", "gaps")


class Days(BaseModel):
    """Days, the end excluded."""

    start: str
    end: str


class Answer(BaseModel):
    """An answer. Amounts are exact decimal strings, each with its currency or unit."""

    model_config = ConfigDict(extra="allow")

    read_as: str = Field(description="How the question was read, with days and cost basis; show it")
    days: Days | None = None
    against: Days | None = None
    totals: list[dict[str, Any]]
    as_of: list[dict[str, Any]] = Field(description="Per source: last sync, last day with data, last final day")
    gaps: list[dict[str, Any]] = Field(description="What is missing from the numbers")
    next: str | None = Field(default=None, description="Cursor for the rows left out")


class Values(BaseModel):
    """Values of a dimension, most expensive first."""

    values: list[str]
    next: str | None = None


class Sources(BaseModel):
    """How current each source is."""

    as_of: list[dict[str, Any]]
    gaps: list[dict[str, Any]]


def answer_page(public: Mapping[str, Any], *, limit: int, cursor: str | None) -> dict[str, Any]:
    """The public JSON of an answer with at most ``limit`` rows of each list, from ``cursor`` on.

    Raises:
        NotUnderstood: the cursor is of another question, or no cursor at all.
    """
    question, answer = public["question"], public["answer"]
    key = _key(question, answer["totals"])
    start = _start(cursor, key)
    shown: dict[str, Any] = {"read_as": public["read_as"], "days": question.get("period")}
    if question.get("against"):
        shown["against"] = question["against"]
    more = False
    for name, value in answer.items():
        if name in _PAGED and isinstance(value, Sequence):
            more |= len(value) > start + limit
            rows = value[start : start + limit]
            if rows:
                shown[name] = list(rows)
        elif value or name in _ALWAYS:
            shown[name] = value
    shown["next"] = _cursor(key, start + limit) if more else None
    return shown


def value_page(values: Sequence[str], *, limit: int, cursor: str | None, key: Sequence[str]) -> dict[str, Any]:
    """At most ``limit`` of the values from ``cursor`` on.

    Raises:
        NotUnderstood: the cursor is of another list, or no cursor at all.
    """
    digest = _key(*key)
    start = _start(cursor, digest)
    more = len(values) > start + limit
    return {
        "values": list(values[start : start + limit]),
        "next": _cursor(digest, start + limit) if more else None,
    }


def _key(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:12]


def _cursor(key: str, start: int) -> str:
    return base64.urlsafe_b64encode(f"{key}:{start}".encode()).decode()


def _start(cursor: str | None, key: str) -> int:
    if not cursor:
        return 0
    try:
        of, _, start = base64.urlsafe_b64decode(cursor.encode()).decode().partition(":")
        place = int(start)
    except (binascii.Error, UnicodeError, ValueError):
        raise NotUnderstood(f"{cursor!r} is not a cursor of this server.", "Leave it out to start over.") from None
    if of != key or place < 0:
        raise NotUnderstood(
            "This cursor belongs to another question, or the bills have changed.", "Leave it out to start over."
        )
    return place
