"""Changes in words: the sentence that an explanation opens with, drivers and their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import assert_never

from bot.domain.aggregate import cents
from bot.domain.answers.explanations import (
    ChargeSort,
    Driver,
    DriverDetail,
    Explanation,
    OfSort,
    Others,
    PriceChange,
    QuantityChange,
)
from bot.domain.money import plain, total
from bot.domain.period import DAY
from bot.domain.rounding import apportioned, rounded
from bot.domain.units import spoken
from bot.render.labels import dimension as label_of
from bot.render.numbers import MoneyFormat, places
from bot.render.numbers import money as plain_money

_STANDS_OUT = Decimal("0.2")
"""The part of a change from which on a driver is named as its cause."""
_OFFSET, _ALL = Decimal("1.25"), Decimal("0.995")
"""From here on a cause is offset by others, and worth naming both; from here on it is all of the change."""
_ABOUT = {"ChargeCategory", "ChargeFrequency"}
_PLACES = ("RegionId", "SubAccountName")
_WHY = {
    "new": ", which is new",
    "vanished": ", which is gone",
    "volume": ", from the quantity used",
    "price": ", from the price or mix",
}


def opening(explanation: Explanation) -> str:
    """The sentence on one currency's change, its amounts as the table below shows them."""
    return headline(explanation.change, explanation.currency, explanation.drivers, _as_shown(explanation))


def _as_shown(explanation: Explanation) -> MoneyFormat:
    """Money rounded as the whole is; a change as the difference of its two amounts, as a table shows them."""
    sums: dict[tuple[str | None, ...], tuple[Decimal, Decimal]] = {}
    for driver in explanation.drivers:
        key = tuple(driver.key.values())
        now, before = sums.get(key, (Decimal(0), Decimal(0)))
        sums[key] = (total([now, driver.amount]), total([before, driver.against]))
    digits = places(max(abs(explanation.amount), abs(explanation.against)), explanation.currency)
    sides = (apportioned([pair[side] for pair in sums.values()], digits) for side in (0, 1))
    shown = {abs(now - then): abs(a - b) for (now, then), a, b in zip(sums.values(), *sides, strict=True)}
    shown[abs(explanation.change)] = abs(rounded(explanation.amount, digits) - rounded(explanation.against, digits))

    def money(amount: Decimal, currency: str) -> str:
        seen = shown.get(amount) or amount
        return plain_money(seen, currency, digits=digits if rounded(seen, digits) else None)

    return money


def headline(change: Decimal, currency: str, drivers: Sequence[Driver], money: MoneyFormat) -> str:
    """``$4,210 more, 83% of it Amazon Bedrock in data-platform since Tuesday 17 Nov``."""
    causes = _causes(drivers)
    if not change:
        moved = any(driver.change for driver in drivers)
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


_Cause = tuple[Decimal, Driver]


def _causes(drivers: Sequence[Driver]) -> list[_Cause]:
    """The named keys by size, the two parts of a split one together under its larger part."""
    by_key: dict[tuple[str | None, ...], list[Driver]] = {}
    for driver in drivers:
        values = tuple(driver.key.values())
        if None not in values:
            by_key.setdefault(values, []).append(driver)
    causes = [
        (sum((part.change for part in parts), Decimal(0)), max(parts, key=lambda part: abs(part.change)))
        for parts in by_key.values()
    ]
    return sorted(causes, key=lambda cause: -abs(cause[0]))


def _moved(cause: _Cause, currency: str, money: MoneyFormat) -> str:
    amount, driver = cause
    return f"{_name(driver)} {money(abs(amount), currency)} {'more' if amount > 0 else 'less'}{_when(driver)}"


def _name(driver: Driver) -> str:
    name = named(driver.key)
    if driver.kind in {"credit", "purchase", "other"} and driver.detail:
        note = detail(driver.detail)
        return f"{note} ({name})" if name else note
    return name or "all of it"


def named(key: Mapping[str, str | None]) -> str:
    """The values of a key as people say them: ``Amazon Bedrock in data-platform``; what has none is "no team".

    The provider is left out where anything else is named.
    """
    values = {name: value or f"no {label_of(name)}" for name, value in key.items() if name not in _ABOUT}
    if len(values) > 1:
        values.pop("ServiceProviderName", None)
    what = [value for name, value in values.items() if name not in _PLACES]
    where = [values[name] for name in _PLACES if name in values]
    return " in ".join([" · ".join(what), *where] if what else where)


def _when(driver: Driver) -> str:
    if driver.since and driver.until:
        last = driver.until - DAY
        return f" on {_day(last)}" if last == driver.since else f" from {_day(driver.since)} to {_day(last)}"
    if driver.until:
        return f" until {_day(driver.until - DAY)}"
    return f" since {_day(driver.since)}" if driver.since else ""


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%b}"


def _why(cause: _Cause, drivers: Sequence[Driver]) -> str:
    amount, driver = cause
    parts = [part for part in drivers if tuple(part.key.values()) == tuple(driver.key.values())]
    clear = len(parts) == 1 or abs(driver.change) >= abs(amount) * Decimal("0.75")
    return _WHY.get(driver.kind, "") if clear else ""


def driver_label(driver: Driver) -> str:
    """What a driver is called: its key, with the sort of charge where it is not usage."""
    key = {name: value for name, value in driver.key.items() if name not in _ABOUT}
    category = driver.key.get("ChargeCategory")
    what = "Other" if None in key.values() else named(key)
    return f"{what} ({category.lower()})" if category else what


_SORTS: Mapping[ChargeSort, str] = {"ended credit": "credit that ended", "refund": "refund or adjustment"}
"""Sorts of charges that are called otherwise than they are named."""


def detail(found: DriverDetail) -> str:
    """What a driver's detail says: ``1.2M → 2.4M tokens``, ``credit that ended``, ``24 others``."""
    match found:
        case QuantityChange():
            return f"{_count(found.before)} → {_count(found.now)} {spoken(found.unit)}"
        case PriceChange(quantity=None):
            return f"{100 * found.part:+.0f}% for the same quantities"
        case PriceChange():
            return f"{100 * found.part:+.0f}% for each of {_count(found.quantity)} {spoken(found.unit)}"
        case OfSort():
            return _SORTS.get(found.sort, found.sort)
        case Others():
            return f"{found.count:,} other{'s' * (found.count != 1)}"
        case _:
            assert_never(found)


def _count(quantity: Decimal | None) -> str:
    """A quantity short enough to read: ``1.2M``, ``830k``, ``744``, ``0.5``."""
    quantity = quantity or Decimal(0)
    size = float(quantity)
    for limit, word in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(size) >= limit:
            return f"{size / (1e3 if word == 'k' else limit):.3g}{word}"
    return plain(cents(quantity))
