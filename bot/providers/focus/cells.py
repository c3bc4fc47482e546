"""The cells of FOCUS files, one at a time: numbers, instants and tags as people's tools write them."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
import pyarrow as pa

from bot.domain.period import month_of

Ints = np.ndarray[Any, np.dtype[np.int64]]


def plain(value: object) -> str:
    """Any value as text, in one spelling; nothing is ``""``."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, list):  # a Parquet map
        return json.dumps({str(key): each for key, each in value}, sort_keys=True, default=str)
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True, default=str)
    return str(value)


def tag_text(text: str) -> str:
    """Tags as JSON in one spelling. Real files also hold pairs (``"key": "value"``) without braces."""
    if not text:
        return ""
    whole = text if text.lstrip().startswith("{") else f"{{{text}}}"
    tags = json.loads(whole)
    return json.dumps(tags, sort_keys=True, ensure_ascii=False) if tags else ""


def shortest(value: float | None) -> Decimal | None:
    """A binary float as the shortest decimal that means it, cut at 1e-18."""
    return None if value is None else Decimal(repr(value)).quantize(Decimal(1).scaleb(-18))


def number(text: str) -> Decimal:
    """A number as people's tools write it: ``1,000.5``, ``$10,000.00``, ``1E-5``, ``(3.00)`` for minus three."""
    bare = text.strip().replace("$", "").replace(",", "")
    negative = bare.startswith("(") and bare.endswith(")")
    try:
        number = Decimal(bare.strip("()"))
    except InvalidOperation:
        msg = f"{text!r} is not a number"
        raise ValueError(msg) from None
    if not number.is_finite():
        msg = f"{text!r} is not a number"
        raise ValueError(msg)
    if number != 0 and int(number.normalize().as_tuple().exponent) < -18:  # noqa: PLR2004 - attos
        msg = f"{text} has more than 18 decimal places; the ledger would have to round it"
        raise ValueError(msg)
    return -number if negative else number


def halves(column: pa.Array) -> tuple[Ints, Ints]:
    """Whole units (rounded down) and attos of 128-bit decimals, by long division in 32-bit limbs."""
    if not len(column):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    buffer = np.frombuffer(column.buffers()[1], dtype="<u8").reshape(-1, 2)
    pairs = buffer[column.offset : column.offset + len(column)]
    low, high = pairs[:, 0].copy(), pairs[:, 1].copy()
    negative = high >> np.uint64(63) == 1
    low[negative] = ~low[negative] + np.uint64(1)
    high[negative] = ~high[negative] + (low[negative] == 0).astype(np.uint64)
    mask = np.uint64(0xFFFFFFFF)
    limbs = [high >> np.uint64(32), high & mask, low >> np.uint64(32), low & mask]
    limbs, below_nano = _divided(limbs)
    limbs, nanos = _divided(limbs)
    whole = ((limbs[2] << np.uint64(32)) | limbs[3]).astype(np.int64)
    attos = (nanos * np.uint64(10**9) + below_nano).astype(np.int64)
    whole = np.where(negative, -whole - (attos > 0), whole)
    return whole, np.where(negative & (attos > 0), 10**18 - attos, attos)


def _divided(limbs: list[Any]) -> tuple[list[Any], Any]:
    billion, rest, quotient = np.uint64(10**9), np.zeros(len(limbs[0]), dtype=np.uint64), []
    for limb in limbs:
        step = (rest << np.uint64(32)) | limb
        quotient.append(step // billion)
        rest = step % billion
    return quotient, rest


_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})")


def instant(value: object) -> datetime:
    """An instant in UTC. ``5/1/25`` is read month first, as the specification's own examples are written."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if value is None:
        msg = "it is empty, and may not be"
        raise ValueError(msg)
    text = str(value).strip()
    if found := _US_DATE.fullmatch(text):
        month, day, year = map(int, found.groups())
        return datetime(year + 2000 * (year < 100), month, day, tzinfo=UTC)  # noqa: PLR2004 - "25"
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is not a date such as 2026-11-01T00:00:00Z"
        raise ValueError(msg) from None
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def day_number(instant: datetime, *, up: bool) -> int:
    """Days since 1970; ``up`` counts a part of a day as a whole one."""
    if up:
        instant += timedelta(days=1, microseconds=-1)
    return (instant.date() - date(1970, 1, 1)).days


def billing_month(day: int, start: int, end: int) -> str:
    """``""`` where the billing period (day numbers) is the calendar month of the day, else ``start/end``."""
    first = date(1970, 1, 1)
    month = month_of(first + timedelta(days=day))
    begins, ends = first + timedelta(days=start), first + timedelta(days=end)
    return "" if (begins, ends) == (month.start, month.end) else f"{begins}/{ends}"
