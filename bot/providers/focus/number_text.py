"""One number as people's tools write it: signs, currencies, groups, exponents, decimal points and commas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from enum import Enum
from typing import Literal

from bot.domain.money import LARGEST

DecimalMark = Literal[".", ","]

_ATTO = Decimal("1e-18")
WIDE = Context(prec=400, rounding=ROUND_HALF_EVEN)
LONGEST = 120
"""Characters of the longest number."""
_VANISHING = -200
"""The power of ten below which an amount is far below half an atto."""
_SHOWN = 40
NOTHING = frozenset({"", "null", "none", "nan", "<na>", "nat", "n/a", "na", "\\n", "(null)", "#n/a", "-nan", "-"})
"""How tools write that there is no number, in lower case."""
_DOLLARS: Mapping[str, str] = {
    "US": "USD",
    "CA": "CAD",
    "C": "CAD",
    "AU": "AUD",
    "A": "AUD",
    "NZ": "NZD",
    "HK": "HKD",
    "S": "SGD",
    "R": "BRL",
    "MX": "MXN",
}
_SYMBOLS: Mapping[str, frozenset[str]] = {
    **{f"{prefix}$": frozenset({code}) for prefix, code in _DOLLARS.items()},
    **dict.fromkeys(("Rs.", "Rs"), frozenset({"INR", "PKR", "LKR", "NPR", "MUR"})),
    **dict.fromkeys(("kr.", "kr"), frozenset({"SEK", "NOK", "DKK", "ISK"})),
    "zł": frozenset({"PLN"}),
    "Kč": frozenset({"CZK"}),
    "$": frozenset(
        {
            *("USD", "AUD", "BBD", "BMD", "BND", "BSD", "BZD", "CAD", "CLP", "COP", "FJD", "GYD", "HKD", "JMD"),
            *("KYD", "LRD", "MXN", "NAD", "NZD", "SGD", "SRD", "TTD", "TWD", "XCD", "ARS", "UYU", "BRL"),
        }
    ),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP", "EGP", "GIP", "FKP", "SHP", "LBP", "SYP"}),
    **dict.fromkeys(("¥", "￥"), frozenset({"JPY", "CNY"})),
    "₹": frozenset({"INR"}),
    "₩": frozenset({"KRW", "KPW"}),
    "₽": frozenset({"RUB"}),
    "₺": frozenset({"TRY"}),
    "₫": frozenset({"VND"}),
    "฿": frozenset({"THB"}),
    "₴": frozenset({"UAH"}),
    "₦": frozenset({"NGN"}),
    "₱": frozenset({"PHP"}),
    "₪": frozenset({"ILS"}),
    "₡": frozenset({"CRC"}),
    "₲": frozenset({"PYG"}),
}
_SPACES = re.compile("[\\s\u00a0\u2007\u2009\u202f]+")
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u2060\ufeff]")
"""Letters without width, which come along when a cell is copied."""
_NO_COST = re.compile(r"\s+-\s+|\s*[$€£¥]\s*-\s*|\s*-\s*[$€£¥]\s*")
"""How a spreadsheet's accounting format writes zero."""


class MarkNeeded(Exception):
    """Whether the file writes a decimal point or comma has to be known before a cell can be read."""


def beyond_range(text: str) -> str:
    """What is said of a number that the ledger does not hold."""
    return f"{shown(text)} is beyond the ledger's range of {LARGEST:,}"


def shown(text: str) -> str:
    """A cell within a sentence, cut where it is long."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


@dataclass(frozen=True)
class NumberText:
    """One number in attos."""

    attos: int
    rounded: bool = False
    currencies: frozenset[str] = frozenset()


class Mark(Enum):
    """What a cell says of the file's decimal mark."""

    NEITHER = "no separator"
    POINT = "a decimal point"
    COMMA = "a decimal comma"
    POINT_OR_GROUP = "1.500"
    COMMA_OR_GROUP = "1,500"
    UNREADABLE = "no number"


_GROUPS = r"(?:[1-9][0-9]{0,2}(?:%s[0-9]{3})+|[1-9][0-9]?(?:%s[0-9]{2})+%s[0-9]{3})"
"""Thousands, also as India groups them: 12,34,567."""
_COMMA_GROUPS, _POINT_GROUPS = (_GROUPS.replace("%s", mark) for mark in (",", r"\."))
_EXPONENT = r"(?:[eE][+-]?[0-9]{1,6})?"
_AS_POINT = re.compile(rf"(?:[0-9]+|{_COMMA_GROUPS})?(?:\.[0-9]*)?{_EXPONENT}")
_AS_COMMA = re.compile(rf"(?:[0-9]+|{_POINT_GROUPS})?(?:,[0-9]*)?{_EXPONENT}")
_GROUP_LIKE = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


def mark_of(text: str) -> Mark:
    """What a cell says of the decimal mark of its file."""
    bare = _bare(text)
    if bare is None:
        return Mark.UNREADABLE
    digits = bare.digits
    if "," not in digits and "." not in digits:
        return Mark.NEITHER
    if _GROUP_LIKE.fullmatch(digits):
        return Mark.COMMA_OR_GROUP if "," in digits else Mark.POINT_OR_GROUP
    point, comma = _AS_POINT.fullmatch(digits), _AS_COMMA.fullmatch(digits)
    if point and comma:
        return Mark.NEITHER
    return Mark.POINT if point else Mark.COMMA if comma else Mark.UNREADABLE


def read_number(text: str, mark: DecimalMark | None) -> NumberText | None:
    """A number as people's tools write it; None where the cell says that there is none.

    Raises:
        ValueError: it is no number, infinite, or beyond the ledger's range.
        MarkNeeded: it depends on the file's decimal mark, which is not known yet.
    """
    if _NO_COST.fullmatch(text):
        return NumberText(0)
    if text.strip().casefold() in NOTHING:
        return None
    bare = _bare(text)
    if bare is None:
        raise ValueError(_no_number(text))
    if mark is None and ("," in bare.digits or bare.digits.count(".") > 1):
        raise MarkNeeded
    if mark == ",":
        if not _AS_COMMA.fullmatch(bare.digits):
            raise ValueError(f"{shown(text)} is not a number with a decimal comma, as the file has elsewhere")
        digits = bare.digits.replace(".", "").replace(",", ".")
    elif _AS_POINT.fullmatch(bare.digits):
        digits = bare.digits.replace(",", "")
    else:
        raise ValueError(_no_number(text))
    try:
        number = Decimal(digits)
    except InvalidOperation:
        raise ValueError(_no_number(text)) from None
    exact = number_of(-number if bare.negative else number, text)
    return NumberText(exact.attos, exact.rounded, bare.currencies)


def _no_number(text: str) -> str:
    return f"{shown(text)} is not a number"


def number_of(number: Decimal, text: str) -> NumberText:
    """A decimal in attos, rounded half-even.

    Raises:
        ValueError: it is not finite, or beyond the ledger's range.
    """
    if not number.is_finite():
        raise ValueError(_no_number(text))
    if abs(number) >= LARGEST:
        raise ValueError(beyond_range(text))
    if number and number.adjusted() < _VANISHING:
        return NumberText(0, rounded=True)
    attos = number.quantize(_ATTO, context=WIDE)
    return NumberText(int(attos.scaleb(18, context=WIDE)), rounded=attos != number)


@dataclass(frozen=True)
class _Bare:
    digits: str
    negative: bool
    currencies: frozenset[str]


def _bare(text: str) -> _Bare | None:
    """The digits and separators of a number; None where something else stands in the cell."""
    if len(text) > LONGEST:
        return None
    rest = _INVISIBLE.sub("", text).strip()
    if len(rest) > 1 and rest[0] == rest[-1] == '"':
        rest = rest[1:-1].strip()
    if rest.startswith('="') and rest.endswith('"'):  # a spreadsheet's way of keeping text as it is
        rest = rest[2:-1]
    rest = _SPACES.sub(" ", rest.removeprefix("'")).strip().replace("\u2212", "-")
    sign, currencies = "", None
    for _ in range(3):  # sign, currency, sign: -$5, $-5, ($5), $ (5), EUR 5, 5 €, 5.00-
        if not sign and rest.startswith("(") and rest.endswith(")"):
            sign, rest = "(", rest[1:-1].strip()
        elif not sign and rest[:1] in ("-", "+"):
            sign, rest = rest[0], rest[1:].strip()
        elif not sign and rest.endswith("-"):
            sign, rest = "-", rest[:-1].strip()
        found, rest = _currency(rest)
        if found and currencies is not None:
            return None
        currencies = found or currencies
    rest = re.sub(r"(?<=[0-9])['\u2019 ](?=[0-9]{3}(?![0-9]))", "", rest)
    if not re.fullmatch(rf"[0-9.,]*[0-9][0-9.,]*{_EXPONENT}", rest):
        return None
    return _Bare(rest, sign in ("-", "("), currencies or frozenset())


def currencies_of_sign(sign: str) -> frozenset[str]:
    """The currencies that a sign can mean; none where it is no currency's."""
    return _SYMBOLS.get(sign, frozenset())


def _currency(text: str) -> tuple[frozenset[str] | None, str]:
    """The currencies that a sign or code around a number can mean, and the rest."""
    for sign, codes in _SYMBOLS.items():
        if text.startswith(sign):
            return codes, text.removeprefix(sign).strip()
        if text.endswith(sign):
            return codes, text.removesuffix(sign).strip()
    if found := re.fullmatch(r"([A-Za-z]{3}) ?([-+0-9(.,].*)", text, re.DOTALL):
        return frozenset({found[1].upper()}), found[2]
    if found := re.fullmatch(r"(.*[0-9.,]) ?([A-Za-z]{3})", text, re.DOTALL):
        return frozenset({found[2].upper()}), found[1]
    return None, text
