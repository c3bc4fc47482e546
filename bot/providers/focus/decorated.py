"""Names of columns with remarks, as people and reporting tools write them, down to the bare name.

``BilledCost (USD)``, ``billed_cost_usd``, ``BilledCostInUsd``: a currency. ``Sum of BilledCost``, ``SUM(BilledCost)``,
``Costs[BilledCost]``: spreadsheets' pivots, SQL, Power BI. ``BilledCost:decimal``, ``ChargePeriodStart (UTC)``: a type
or time zone. A remark of another kind, such as ``(thousands)`` or ``(PST)``, is not taken off: it changes the meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.providers.focus.number_text import currencies_of_sign

Currencies = frozenset[str]
_NONE: Currencies = frozenset()
_TYPES = frozenset(
    {
        *("bigint", "bool", "boolean", "date", "datetime", "datetime64", "decimal", "double", "float", "float64"),
        *("int", "int64", "integer", "json", "map", "number", "numeric", "object", "real", "str", "string", "struct"),
        *("text", "timestamp", "timestamptz", "varchar", "variant"),
    }
)
_UTC = frozenset({"utc", "gmt", "z", "utc+0", "utc+00:00", "+00:00"})
_REMARK = re.compile(r"(.+?)\s*[(\[{]\s*([^()\[\]{}]+?)\s*(?:\(\s*[0-9 ,]+\))?\s*[)\]}]", re.DOTALL)
_TYPED = re.compile(r"(.+?)\s*::?\s*([A-Za-z0-9]+)(?:\([0-9, ]+\))?")
_SUM = re.compile(r"sum[ _]*(?:of[ _]+|\(\s*(?:\w+\.)?)?(.+?)\s*\)?", re.IGNORECASE)
_WITHIN = re.compile(r"'?[^\[\]]*\[\s*([^\[\]]+?)\s*\]")
_CODE_BEHIND = re.compile(r"(.*?[A-Za-z])(?:[ _.,/-]+(?:in[ _.-]+)?([A-Za-z]{3})|(?<=[a-z])(?:In)?([A-Z][A-Za-z]{2}))")
_SIGN_BEHIND = re.compile(r"(.*[A-Za-z])[ _]*([^\sA-Za-z0-9_.]{1,3})")
_UTC_BEHIND = re.compile(r"(.*?[A-Za-z])(?:[ _.-]+(?:in[ _.-]+)?(?:utc|gmt)|(?<=[a-z])(?:UTC|Utc))", re.IGNORECASE)
_WORDS = frozenset({"ALL", "TOP"})
"""Currencies (of Albania and Tonga) that are words where no bracket is around them."""
_SEPARATORS = " ._/[:-"


def undecorated(name: str) -> Iterator[tuple[str, Currencies]]:
    """Barer and barer forms of a name, each with the currencies that what was taken off can mean."""
    for bare, currencies in _once(name.strip(" *#\t\r\n\u00a0")):
        yield bare, currencies
        for barer, others in _once(bare):
            yield barer, currencies or others


def _once(name: str) -> Iterator[tuple[str, Currencies]]:
    if found := _REMARK.fullmatch(name):
        bare, remark = found[1], found[2]
        currencies = _currencies(re.sub(r"(?i)^in ", "", remark))
        if currencies or remark.casefold() in _TYPES | _UTC | {"sum"}:
            yield bare, currencies
    if (found := _TYPED.fullmatch(name)) and found[2].casefold() in _TYPES:
        yield found[1], _NONE
    if found := _SUM.fullmatch(name):
        yield found[1], _NONE
    if found := _WITHIN.fullmatch(name):
        yield found[1], _NONE
    if found := _CODE_BEHIND.fullmatch(name):
        code = (found[2] or found[3]).upper()
        if code not in _WORDS and (currencies := _currencies(code)):
            yield found[1], currencies
    if (found := _SIGN_BEHIND.fullmatch(name)) and (currencies := _currencies(found[2])):
        yield found[1], currencies
    if found := _UTC_BEHIND.fullmatch(name):
        yield found[1], _NONE


def _currencies(text: str) -> Currencies:
    """What a code or sign can mean; nothing where it is neither."""
    if not re.fullmatch("[A-Za-z]{3}", text):
        return currencies_of_sign(text)
    from babel.numbers import is_currency  # loads where a name has a remark

    return frozenset({text.upper()}) if is_currency(text.upper()) else _NONE


def without_table(names: Sequence[str]) -> list[str]:
    """The names without what stands before all of them: a table's or a view's name, as in ``focus.BilledCost``."""
    named = [name.strip() for name in names if name.strip()]
    before = _common_start([name.casefold() for name in named]) if len(named) > 1 else ""
    before = before[: max(before.rfind(mark) for mark in _SEPARATORS) + 1]
    if not before.strip(_SEPARATORS):
        return list(names)
    return [name.strip()[len(before) :].removesuffix("]" if before[-1] == "[" else "") for name in names]


def _common_start(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    same = (at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    return first[: next(same, min(len(first), len(last)))]
