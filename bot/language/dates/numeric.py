"""Dates in figures: 2026-11-03, 2026-10, 202610, 11/03, 03.11.2026, 10/2026."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

from bot.language.dates.expressions import Day, Moment, Part

Order = Literal["MDY", "DMY", "YMD"]
_MONTHS: Final = 12
_LAST_DAY: Final = 31
_NONE: Final = 99
"""A month that no calendar has."""
_TAIL: Final = r"(?:t\d\d:\d\d(?::\d\d)?z?)?(?![\w/]|\.\d|-\d(?!\d?/\d))"
_FORMS: Final = tuple(
    re.compile(form + _TAIL, re.IGNORECASE)
    for form in (
        r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})[-/](?P<month>\d{1,2})",
        r"(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)?",
        r"(?P<one>\d{1,2})(?P<sign>[-/.])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})",
        r"(?P<one>\d{1,2})/(?P<two>\d{1,2})",
        r"(?P<month>\d{1,2})[-/](?P<year>\d{4})",
    )
)


def numeric_dates(text: str, start: int, order: Order) -> Iterator[tuple[int, Moment]]:
    """Every date in figures that begins at a position, and where it ends."""
    for form in _FORMS:
        match = form.match(text, start)
        if match:
            parts = match.groupdict()
            moment = _either(parts, order) if parts.get("one") else _plain(parts)
            if moment:
                yield match.end(), moment


def _plain(parts: dict[str, str | None]) -> Moment:
    year, month, day = (int(parts.get(name) or 0) for name in ("year", "month", "day"))
    if parts.get("day"):
        return Day(day, month or _NONE, year=year)
    return Part("month", month, year=year) if 1 <= month <= _MONTHS else Day(1, _NONE, year=year)


def _either(parts: dict[str, str | None], order: Order) -> Moment | None:
    """Two small numbers: which is the month is a custom, unless only one can be."""
    one, two = int(parts["one"] or 0), int(parts["two"] or 0)
    day_first = order == "DMY" or parts.get("sign") == "."
    month, day = (two, one) if day_first else (one, two)
    if month > _MONTHS >= day:
        month, day = day, month
    year = parts.get("year")
    if year is None and not (1 <= month <= _MONTHS and 1 <= day <= _LAST_DAY):
        return None
    return Day(day, month or _NONE, year=full_year(year) if year else None)


def full_year(year: str) -> int:
    """As in "26" is 2026."""
    return int(year) if len(year) > len("26") else 2000 + int(year)
