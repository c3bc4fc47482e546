"""Values of time phrases: how dates are meant, and lengths of time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from bot.language.chart import REJECTED
from bot.language.dates.expressions import Day, Moment
from bot.language.semantics.values import Value

Timed = tuple[str, tuple[Moment, ...]]
"""How dates are meant, and the dates."""
SENSES: Final = (
    "when", "from_to", "range", "between", "since", "to", "until", "before", "after", "versus", "versus_range",
    "versus_whole", "with_date", "pair", "joined", "as_of",
)  # fmt: skip
_LAST_DAY: Final = 31


def length_of(*values: Value) -> tuple[int, str, str]:
    """So many of a unit, and "first" or "last" where that was said."""
    count = next(value for value in values if isinstance(value, int))
    words = [value for value in values if isinstance(value, str)]
    return count, words[-1], words[0] if len(words) > 1 else ""


def timed(sense: str, *values: Value) -> Timed:
    """The dates among the values of a pattern, meant so."""
    return sense, tuple(value for value in values if isinstance(value, Moment))


def when_any(*values: Value) -> Timed | None:
    """A date that may be missing."""
    return next((("when", (value,)) for value in values if isinstance(value, Moment)), None)


def changed_from(*values: Value) -> Timed:
    """What a change is held against."""
    return timed("since" if "since" in values else "versus", *values)


def day_range(*values: Value) -> Value:
    """From a day to another of its month: "3 Nov to 9"."""
    found = _days(values)
    return ("range", found) if found else REJECTED


def range_day(*values: Value) -> Value:
    """From a day to another of its month that names the month: "3 to 9 Nov"."""
    found = _days(values)
    return ("range", found[::-1]) if found else REJECTED


def versus_days(*values: Value) -> Value:
    """Against the days from one to another: "vs 3-9 Nov"."""
    found = _days(values)
    return ("versus_range", found[::-1]) if found else REJECTED


def _days(values: Iterable[Value]) -> tuple[Moment, ...]:
    """A day of a month, and the day of the same month that is the number beside it."""
    values = tuple(values)
    moment = next(value for value in values if isinstance(value, Moment))
    count = next(value for value in values if isinstance(value, int))
    if not isinstance(moment, Day) or not 1 <= count <= _LAST_DAY or moment.month is None:
        return ()
    return (moment, replace(moment, day=count))


def offset_from(*values: Value) -> Value:
    """So long after or before a date."""
    length = next(value for value in values if isinstance(value, tuple))
    moment = next(value for value in values if isinstance(value, Moment))
    words = [value for value in values if isinstance(value, str) and value not in {"in", "for", "over", "during"}]
    return ("offset", (length, words[-1], moment))
