"""Units as vendors spell them, and what so much of one is in another: 1 TB-Month is 1,000 GB-Mo, an hour 3,600 s.

A unit is a product of measures (``GiB.h``). Two units fit where their measures are the same; a month has no fixed
number of hours, so that the two never fit. ``GB`` is 10^9 bytes, ``GiB`` is 2^30.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from functools import lru_cache
from typing import Final

_EXACT: Final = Context(prec=60)
_COUNT = re.compile(r"\s*(\d+(?:\.\d+)?)?\s*([km](?=\s))?\s*(.*)", re.IGNORECASE)
_SCALES: Final = {"k": 10**3, "m": 10**6}
_PARTS = re.compile(r"[a-z]+")
_SIZE, _TIME, _MONTH, _REQUEST = "size", "time", "month", "request"
_PREFIXES: Final = (("", 0), ("k", 1), ("m", 2), ("g", 3), ("t", 4), ("p", 5))
_NAMES: Final = ("", "kilo", "mega", "giga", "tera", "peta")
_BINARY: Final = ("", "kibi", "mebi", "gibi", "tebi", "pebi")
_MEASURES: Final[dict[str, tuple[str, int]]] = {
    **{f"{prefix}b": (_SIZE, 1000**power) for prefix, power in _PREFIXES if prefix},
    **{f"{prefix}ib": (_SIZE, 1024**power) for prefix, power in _PREFIXES if prefix},
    **{f"{prefix}by": (_SIZE, 1000**power) for prefix, power in _PREFIXES},
    **{f"{prefix}iby": (_SIZE, 1024**power) for prefix, power in _PREFIXES if prefix},
    **{f"{name}byte": (_SIZE, 1000**power) for power, name in enumerate(_NAMES)},
    **{f"{name}byte": (_SIZE, 1024**power) for power, name in enumerate(_BINARY)},
    **dict.fromkeys(("s", "sec", "second"), (_TIME, 1)),
    **dict.fromkeys(("min", "minute"), (_TIME, 60)),
    **dict.fromkeys(("h", "hr", "hour"), (_TIME, 3600)),
    **dict.fromkeys(("mo", "month"), (_MONTH, 1)),
    **dict.fromkeys(("request", "call", "query", "querie", "invocation"), (_REQUEST, 1)),
}
_EVERYDAY: Final = frozenset({"Tokens", "Hours", "Requests"})
_EMPTY: Final = frozenset(("per", "api", "of"))


_STANDARD: Final[dict[str, str]] = {
    **dict.fromkeys(("token", "tokens", "tok", "toks"), "Tokens"),
    **dict.fromkeys(("request", "requests", "req", "reqs"), "Requests"),
    **dict.fromkeys(("gb-hour", "gb-hours", "gb-hr", "gb-hrs", "gb-h", "gb hour", "gb hours", "gb hrs"), "GB-Hours"),
    **dict.fromkeys(("gbh", "gb.h", "gb*h", "gigabyte-hour", "gigabyte-hours", "gigabyte hours"), "GB-Hours"),
}
"""Names of units that vendors spell and count in many ways, in the one that sums are kept in."""
_COUNTED = re.compile(
    r"(?:per\s+)?(?P<count>\d[\d,]*)?\s*(?P<scale>thousand|million|billion|k|m|b)?s?[\s-]*(?P<name>[a-z][a-z .*-]*)",
    re.IGNORECASE,
)
_TIMES: Final = {"k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "b": 10**9, "billion": 10**9}


@lru_cache(maxsize=4096)
def standard(unit: str) -> tuple[str, int]:
    """A unit's standard name and how many of it one of the unit is: ``1K tokens`` is 1,000 Tokens.

    A unit that the table does not know stays as it is, and one.
    """
    bare = " ".join(unit.casefold().split())
    if bare in ("mtok", "mtoks", "mtokens"):
        return "Tokens", 10**6
    if bare in _STANDARD:
        return _STANDARD[bare], 1
    found = _COUNTED.fullmatch(bare)
    name = _STANDARD.get(found["name"].strip()) if found else None
    if found is None or name is None:
        return unit, 1
    return name, int((found["count"] or "1").replace(",", "")) * _TIMES.get(found["scale"] or "", 1)


def spoken(unit: str) -> str:
    """A unit within a sentence: ``tokens`` for ``Tokens``; ``GB`` and ``vCPU-Hours`` as they are."""
    return unit.lower() if unit in _EVERYDAY else unit


def in_unit(amount: Decimal, unit: str, to: str) -> Decimal | None:
    """So much of a unit in another one, to sixty digits; None where the two measure different things."""
    (measures, factor), (others, divisor) = _parsed(unit), _parsed(to)
    if measures != others or not measures:
        return None
    return _EXACT.divide(_EXACT.multiply(amount, factor), divisor)


def same_unit(unit: str, other: str) -> bool:
    """Whether two spellings are one unit: ``h``, ``Hours`` and ``1 Hour`` are; ``Calls`` and ``Queries`` are not."""
    return unit.casefold() == other.casefold() or counted_in(Decimal(1), unit, other) == 1


def counted_in(amount: Decimal, unit: str, to: str) -> Decimal | None:
    """As ``in_unit``, but calls, queries and requests are not counted as each other."""
    return in_unit(amount, unit, to) if _named_counts(unit) == _named_counts(to) else None


@lru_cache(maxsize=4096)
def _named_counts(unit: str) -> frozenset[str]:
    """By what its counts go (calls, queries): they are told apart, though a price for one is a price for the other."""
    words = (word.removesuffix("s") for word in _PARTS.findall(unit.casefold()))
    return frozenset(word for word in words if _MEASURES.get(word, ("", 1))[0] == _REQUEST)


def is_size(unit: str) -> bool:
    """Whether it measures bytes, and nothing beside them."""
    return _parsed(unit)[0] == (_SIZE,)


@lru_cache(maxsize=4096)
def _parsed(unit: str) -> tuple[tuple[str, ...], Decimal]:
    """What a unit measures, and how many of its smallest it is."""
    found = _COUNT.fullmatch(unit)
    number, scale, words = found.groups() if found else (None, None, unit)
    factor = Decimal(number or 1) * _SCALES.get((scale or "").casefold(), 1)
    measures = []
    for word in _PARTS.findall(words.casefold()):
        measure, times = _measure(word)
        factor *= times
        measures += [measure] if measure else []
    return tuple(sorted(measures)), factor


def _measure(word: str) -> tuple[str, int]:
    if word in _EMPTY:
        return "", 1
    singular = word.removesuffix("s") or word
    return _MEASURES.get(word) or _MEASURES.get(singular) or (singular, 1)
