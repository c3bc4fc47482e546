"""The sentence that an explanation opens with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Protocol

from bot.domain.aggregate import MoneyFormat
from bot.domain.period import DAY

_STANDS_OUT = Decimal("0.2")
"""The part of a change from which on a driver is named as its cause."""
_OFFSET, _ALL = Decimal("1.25"), Decimal("0.995")
"""From here on a cause is offset by others, and worth naming both; from here on it is all of the change."""
_ABOUT = {"ChargeCategory", "ChargeFrequency"}
_PLACES = ("RegionId", "SubAccountName")
_NOUNS = {
    "ServiceProviderName": "provider",
    "ServiceName": "service",
    "ServiceCategory": "category",
    "SubAccountName": "account",
    "BillingAccountName": "billing account",
    "RegionId": "region",
    "SkuId": "SKU",
    "ResourceId": "resource",
    "PricingCategory": "pricing category",
    "x_Model": "model",
    "x_TokenType": "token type",
    "x_ApiKeyName": "key",
    "x_UserName": "person",
}
_WHY = {
    "new": ", which is new",
    "vanished": ", which is gone",
    "volume": ", from the quantity used",
    "price": ", from the price or mix",
}


class _Driver(Protocol):
    @property
    def key(self) -> Mapping[str, str | None]: ...
    @property
    def kind(self) -> str: ...
    @property
    def change(self) -> Decimal: ...
    @property
    def since(self) -> date | None: ...
    @property
    def until(self) -> date | None: ...
    @property
    def note(self) -> str: ...


def headline(change: Decimal, currency: str, drivers: Sequence[_Driver], money: MoneyFormat) -> str:
    """``$4,210 more, 83% of it Amazon Bedrock in data-platform since Tuesday 17 Nov``."""
    causes = _causes(drivers)
    if not change:
        moved = any(each.change for each in drivers)
        return "No change" + (": what rose and what fell cancel out" if moved else "")
    amount = f"{money(abs(change), currency)} {'more' if change > 0 else 'less'}"
    with_it = [cause for cause in causes if cause[0] * change > 0]
    against_it = [cause for cause in causes if cause[0] * change < 0]
    if not with_it:
        return amount
    first = with_it[0]
    share = first[0] / change
    if share > _OFFSET and against_it:
        return f"{amount}: {_moved(first, currency, money)}, {_moved(against_it[0], currency, money)}"
    part = "all of it" if share >= _ALL else f"{100 * share:.0f}% of it"
    if share < _STANDS_OUT:
        return f"{amount}, spread out; the largest part, {100 * share:.0f}%, is {_name(first[1])}"
    return f"{amount}, {part} {_name(first[1])}{_when(first[1])}{_why(first, drivers)}"


_Cause = tuple[Decimal, _Driver]


def _causes(drivers: Sequence[_Driver]) -> list[_Cause]:
    """The named keys by size, the two parts of a split one together under its larger part."""
    by_key: dict[tuple[str | None, ...], list[_Driver]] = {}
    for each in drivers:
        values = tuple(each.key.values())
        if None not in values:
            by_key.setdefault(values, []).append(each)
    causes = [
        (sum((each.change for each in parts), Decimal(0)), max(parts, key=lambda each: abs(each.change)))
        for parts in by_key.values()
    ]
    return sorted(causes, key=lambda cause: -abs(cause[0]))


def _moved(cause: _Cause, currency: str, money: MoneyFormat) -> str:
    amount, driver = cause
    return f"{_name(driver)} {money(abs(amount), currency)} {'more' if amount > 0 else 'less'}{_when(driver)}"


def _name(driver: _Driver) -> str:
    name = named(driver.key)
    if driver.kind in {"credit", "purchase", "other"} and driver.note:
        return f"{driver.note} ({name})" if name else driver.note
    return name or "all of it"


def named(key: Mapping[str, str | None]) -> str:
    """The values of a key as people say them: ``Amazon Bedrock in data-platform``; what has none is "no team".

    The provider is left out where anything else is named.
    """
    values = {name: value or f"no {noun(name)}" for name, value in key.items() if name not in _ABOUT}
    if len(values) > 1:
        values.pop("ServiceProviderName", None)
    what = [value for name, value in values.items() if name not in _PLACES]
    where = [values[name] for name in _PLACES if name in values]
    return " in ".join([" · ".join(what), *where] if what else where)


def _when(driver: _Driver) -> str:
    if driver.since and driver.until:
        last = driver.until - DAY
        return f" on {_day(last)}" if last == driver.since else f" from {_day(driver.since)} to {_day(last)}"
    if driver.until:
        return f" until {_day(driver.until - DAY)}"
    return f" since {_day(driver.since)}" if driver.since else ""


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%b}"


def _why(cause: _Cause, drivers: Sequence[_Driver]) -> str:
    amount, driver = cause
    parts = [each for each in drivers if tuple(each.key.values()) == tuple(driver.key.values())]
    clear = len(parts) == 1 or abs(driver.change) >= abs(amount) * Decimal("0.75")
    return _WHY.get(driver.kind, "") if clear else ""


def noun(dimension: str) -> str:
    """The everyday word for a dimension: ``account`` for SubAccountName, the key for a tag."""
    return _NOUNS.get(dimension, dimension.removeprefix("Tags/"))
