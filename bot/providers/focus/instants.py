"""The instants of FOCUS files, in every form that generators and people's tools write; in UTC where no zone is named.

ISO 8601 with ``T`` or a blank, with fractions, offsets, ``Z`` or `` UTC``; ``10/5/2026 0:00`` and ``05.10.2026``, day
or month first by all the dates of the file; ``5 Oct 2026``; ``20261005``; seconds, milli-, micro- and nanoseconds since
1970; a spreadsheet's day numbers. Sources: exports of AWS, Azure, OCI, BigQuery, Snowflake and Athena; re-saves by
Excel, PowerShell and pandas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Literal

from bot.domain.period import EPOCH, month_of, numbered_day

DateOrder = Literal["MDY", "DMY"]
_FIRST, _LAST = 1990, 2199
"""Years that a bill can be of."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_MONTHS, _HALF_DAY = 12, 12
_TIME = (
    r"(?:(?:[Tt]|,?\s+|:)(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d{1,12}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
_ZONE = (
    r"\s*(?P<zone>Z|z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?(?::00)?(?:\s*(?:UTC|GMT))?)?"
    r"(?(zone)(?:\[[A-Za-z_/+-]{1,40}\]|\s\([A-Za-z .]{1,60}\))?)"
)
"""What follows an offset in brackets is the place or zone whose offset it is, as Java and JavaScript write it."""
_ISO = re.compile(rf"(?P<year>\d{{4}})(?P<s>[-/.]|\. )(?P<month>\d{{1,2}})(?P=s)(?P<day>\d{{1,2}})\.?{_TIME}{_ZONE}")
_EAST_ASIAN = re.compile(
    rf"(?P<year>\d{{4}})[年년]\s?(?P<month>\d{{1,2}})[月월]\s?(?P<day>\d{{1,2}})[日일]{_TIME}{_ZONE}"
)
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?"
    rf"(?P<fraction>(?!))?(?P<half>(?!))?{_ZONE}"
)
_NUMERIC = re.compile(rf"(?P<a>\d{{1,2}})(?P<s>[-/.])(?P<b>\d{{1,2}})(?P=s)(?P<year>\d{{4}}|\d{{2}}){_TIME}{_ZONE}")
_WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,?\s+)?"
_NAMED = (
    re.compile(
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[-/\s.]+(?P<name>[A-Za-z]{{3,9}})\.?[-/\s,]+(?P<year>\d{{4}}|\d{{2}}){_TIME}{_ZONE}"
    ),
    re.compile(
        rf"{_WEEKDAY}(?P<name>[A-Za-z]{{3,9}})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_TIME}{_ZONE}"
    ),
    re.compile(rf"{_WEEKDAY}(?P<name>[A-Za-z]{{3}})\s+(?P<day>\d{{1,2}}){_TIME}{_ZONE}\s+(?P<year>\d{{4}})"),
)
_NUMBER = re.compile(r"(\d{5,20})(?:\.(\d*))?")
_DOT_NET = re.compile(r"/Date\((\d{9,15})(?:[+-]0000)?\)/")
_ALL_DIGITS = re.compile(r"(\d)\.(\d{9,18})[eE]\+?(\d{1,2})")
"""A count since 1970 with an exponent, and every digit of it: with fewer it would be another moment."""
_SHEET_DAYS = range(36526, 73051)
"""A spreadsheet's numbers of the days from 2000 to 2099."""
_SINCE_1970 = {range(9, 12): 1, range(12, 15): 10**3, range(15, 18): 10**6, range(18, 21): 10**9}
"""Digits of a count since 1970 to how many of its units make a second."""
_SHOWN = 40


class OrderNeeded(Exception):
    """Whether the file writes the day or the month first has to be known before a cell can be read."""


@lru_cache(maxsize=8192)  # the hours of some months, four times over
def read_instant(text: str, order: DateOrder | None) -> datetime:
    """An instant in UTC.

    Raises:
        ValueError: it is none, or not of the years 1990 to 2199.
        OrderNeeded: it depends on the file's order of day and month, which is not known yet.
    """
    bare = text.strip().strip("'\"").strip()
    if not bare:
        raise ValueError("it must not be empty")
    try:
        instant = _parsed(bare, order)
    except (ValueError, OverflowError):
        instant = None
    if instant is None:
        raise ValueError(f"{_shown(text)} is not a date such as 2026-11-01T00:00:00Z")
    return plausible(instant, text)


def plausible(instant: datetime, text: str) -> datetime:
    """The instant, where a bill can be of its year.

    Raises:
        ValueError: it cannot.
    """
    if not _FIRST <= instant.year <= _LAST:
        raise ValueError(f"{_shown(text)} is not a date a bill can have ({_FIRST} to {_LAST})")
    return instant


def _shown(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


def _parsed(text: str, order: DateOrder | None) -> datetime | None:
    if len(text) > 2 * _SHOWN:
        return None
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text) or _EAST_ASIAN.fullmatch(text):
        return _built(found, int(found["year"]), int(found["month"]), int(found["day"]))
    if found := _NUMERIC.fullmatch(text):
        month, day = _ordered(found, order)
        return _built(found, _year(found["year"]), month, day)
    for form in _NAMED:
        if found := form.fullmatch(text):
            name = found["name"].casefold()
            if name[:3] not in _MONTHS:
                return None
            return _built(found, _year(found["year"]), _MONTHS.index(name[:3]) + 1, int(found["day"]))
    return _counted(text)


def _ordered(found: re.Match[str], order: DateOrder | None) -> tuple[int, int]:
    """Month and day."""
    first, second = int(found["a"]), int(found["b"])
    if found["s"] == ".":
        return second, first
    if order is None:
        if first <= _YEAR_MONTHS and second <= _YEAR_MONTHS and first != second:
            raise OrderNeeded
        return (second, first) if first > _YEAR_MONTHS else (first, second)
    return (first, second) if order == "MDY" else (second, first)


def _year(text: str) -> int:
    return int(text) + 2000 * (len(text) == len("25"))


def _built(found: re.Match[str], year: int, month: int, day: int) -> datetime:
    hour, minute = int(found["hour"] or 0), int(found["minute"] or 0)
    second = min(int(found["second"] or 0), 59)  # a leap second
    if half := (found["half"] or "").replace(".", "").casefold():
        if not 1 <= hour <= _HALF_DAY:
            raise ValueError(hour)
        hour = hour % _HALF_DAY + _HALF_DAY * (half == "pm")
    midnight = hour == 2 * _HALF_DAY and not minute and not second
    micros = int((found["fraction"] or "0").ljust(6, "0")[:6])
    local = datetime(year, month, day, 0 if midnight else hour, minute, second, micros, _zone(found["zone"]))
    return (local + timedelta(days=midnight)).astimezone(UTC)


def _zone(text: str | None) -> timezone:
    offset = re.search(r"([+-])(\d{2}):?(\d{2})?", text or "")
    if offset is None:
        return UTC
    away = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
    return timezone(-away if offset[1] == "-" else away)


def _counted(text: str) -> datetime | None:
    """A count of seconds or parts of them since 1970, or a spreadsheet's count of days."""
    if found := _DOT_NET.fullmatch(text):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(found[1]))
    if (found := _ALL_DIGITS.fullmatch(text)) and int(found[3]) <= len(found[2]):
        text = f"{found[1]}{found[2][: int(found[3])]}.{found[2][int(found[3]) :]}"
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    whole, fraction = int(found[1]), float(f"0.{found[2] or 0}")
    if whole in _SHEET_DAYS:
        return datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=whole, seconds=round(fraction * 86400))
    for digits, units in _SINCE_1970.items():
        if len(found[1]) in digits:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=whole * 10**6 // units)
    return None


def day_number(instant: datetime, *, up: bool) -> int:
    """Days since 1970; ``up`` counts a part of a day as a whole one."""
    if up:
        instant += timedelta(days=1, microseconds=-1)
    return instant.toordinal() - EPOCH


def billing_month(day: int, start: int, end: int) -> str:
    """``""`` where the billing period (day numbers) is the calendar month of the day, else ``start/end``.

    A period that ends on the last day of its month, rather than after it, is that month.
    """
    month = month_of(numbered_day(day))
    begins, ends = numbered_day(start), numbered_day(end)
    own = month_of(begins)
    if begins.day == 1 and ends == own.last:
        ends = own.end
    return "" if (begins, ends) == (month.start, month.end) else f"{begins}/{ends}"


# --- day or month first ---------------------------------------------------------------------------------------


def date_order(columns: Mapping[str, Iterable[str]]) -> tuple[DateOrder, tuple[str, str] | None]:
    """The order of day and month in a file by all its dates, and the column and cell that leave it open.

    Only one order may make every cell a date; of two, the one in which billing periods begin and end on the first of a
    month, or else in which all charges lie within the billing periods.
    """
    cells = {name: list(texts) for name, texts in columns.items()}
    orders: tuple[DateOrder, ...] = ("MDY", "DMY")
    possible = [order for order in orders if _all_read(cells, order)]
    open_ = _first_open(cells)
    if len(possible) == 1:
        return possible[0], None
    if not possible:
        return "MDY", open_
    for agrees in (_bills_by_month, _within_bills):
        chosen = [order for order in possible if agrees(cells, order)]
        if len(chosen) == 1:
            return chosen[0], None
    return "MDY", open_


def _all_read(cells: Mapping[str, list[str]], order: DateOrder) -> bool:
    return all(_tried(text, order) is not None for texts in cells.values() for text in texts if _is_numeric(text))


def _first_open(cells: Mapping[str, list[str]]) -> tuple[str, str] | None:
    for name, texts in cells.items():
        for text in texts:
            try:
                read_instant(text, None)
            except OrderNeeded:
                return name, text
            except ValueError:
                continue
    return None


def _bills_by_month(cells: Mapping[str, list[str]], order: DateOrder) -> bool:
    days = [found.day for found in _of(cells, order, "BillingPeriodStart", "BillingPeriodEnd")]
    return bool(days) and set(days) == {1}


def _within_bills(cells: Mapping[str, list[str]], order: DateOrder) -> bool:
    bills, charges = _of(cells, order, "BillingPeriodStart", "BillingPeriodEnd"), _of(cells, order, "ChargePeriodStart")
    return bool(bills) and all(min(bills) <= day <= max(bills) for day in charges)


def _of(cells: Mapping[str, list[str]], order: DateOrder, *names: str) -> list[Any]:
    found = [_tried(text, order) for name in names for text in cells.get(name, ())]
    return [instant for instant in found if instant is not None]


def _is_numeric(text: str) -> bool:
    return _NUMERIC.fullmatch(text.strip()) is not None


def _tried(text: str, order: DateOrder) -> datetime | None:
    try:
        return read_instant(text, order)
    except ValueError:
        return None
