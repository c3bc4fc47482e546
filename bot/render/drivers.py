"""Drivers of a change in words: what they are called, where they are, and what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import assert_never

from bot.domain.aggregate import cents
from bot.domain.answers.explanations import (
    CalendarChange,
    ChargeSort,
    Driver,
    DriverDetail,
    DriverEvent,
    DriverPlace,
    MixChange,
    OfSort,
    Others,
    PriceChange,
    QuantityChange,
    TransferDetail,
)
from bot.domain.money import apportioned, plain
from bot.domain.units import spoken
from bot.render.labels import day as short_day
from bot.render.labels import dimension as label_of
from bot.render.numbers import money

_ABOUT = {"ChargeCategory", "ChargeFrequency"}
_WHERE = ("RegionId", "SubAccountName")
_NEARLY = Decimal("0.95")


def named(key: Mapping[str, str | None]) -> str:
    """The values of a key as people say them: ``Amazon Bedrock in data-platform``; what has none is "no team".

    The provider is left out where anything else is named.
    """
    values = {name: value or f"no {label_of(name)}" for name, value in key.items() if name not in _ABOUT}
    if len(values) > 1:
        values.pop("ServiceProviderName", None)
    what = [value for name, value in values.items() if name not in _WHERE]
    where = [values[name] for name in _WHERE if name in values]
    return " in ".join([" · ".join(what), *where] if what else where)


def places(found: Sequence[DriverPlace]) -> str:
    """``nearly all for gpt-5 in staging and eu-west-1``; nothing where there is no place."""
    if not found:
        return ""
    much = "nearly all" if min(place.share for place in found) >= _NEARLY else "mostly"
    where = [place.value for place in found if place.dimension in _WHERE]
    tags = [f"{label_of(place.dimension)} {place.value}" for place in found if place.dimension.startswith("Tags/")]
    what = [place.value for place in found if place.dimension not in _WHERE and not place.dimension.startswith("Tags/")]
    words = [f"{word} {' and '.join(some)}" for word, some in (("for", what), ("in", where), ("with", tags)) if some]
    return f"{much} {' '.join(words)}"


def event_words(events: Sequence[DriverEvent]) -> str:
    """``new model claude-opus-5 since 9 Oct``, ``commitment sp-1 lapsed on 9 Oct``; nothing where nothing is known."""
    return "; ".join(map(_event, events[:2]))


def _event(event: DriverEvent) -> str:
    match event.kind:
        case "new model":
            return f"new model {event.name} since {short_day(event.day)}"
        case "model gone":
            return f"{event.name} not used since {short_day(event.day)}"
        case "commitment began":
            return f"commitment {event.name} began on {short_day(event.day)}"
        case "commitment lapsed":
            return f"commitment {event.name} lapsed on {short_day(event.day)}"
        case "price changed":
            return f"another price since {short_day(event.day)}"


def calendar_words(found: CalendarChange) -> str:
    """What the calendar's driver is called: ``the calendar (one more day, 5 Saturdays instead of 4)``."""
    words = [_days_words(found)] if found.length else []
    return f"the calendar ({', '.join([*words, weekday_words(found.counts)] if found.weekdays else words)})"


def _days_words(found: CalendarChange) -> str:
    """``one more day``, ``3 fewer days``."""
    longer = found.days - found.against_days
    count = "one" if abs(longer) == 1 else f"{abs(longer)}"
    return f"{count} {'more' if longer > 0 else 'fewer'} day{'s' * (abs(longer) != 1)}"


def weekday_words(counts: Sequence[tuple[int, int]]) -> str:
    """The weekdays that differ most in number, weekends first: ``5 Saturdays instead of 4``."""
    weekend = [(now, before) for now, before in counts[5:] if now != before]
    if len(weekend) == 1:
        name = "Saturdays" if counts[5][0] != counts[5][1] else "Sundays"
        return f"{weekend[0][0]} {name} instead of {weekend[0][1]}"
    now, before = (sum(count[at] for count in counts[5:]) for at in (0, 1))
    if now != before:
        return f"{now} weekend days instead of {before}"
    return "different weekdays"


def driver_label(driver: Driver) -> str:
    """What a driver is called: its key, with the sort of charge where it is not usage."""
    key = {name: value for name, value in driver.key.items() if name not in _ABOUT}
    if isinstance(driver.detail, CalendarChange):
        return "Calendar"
    category = driver.key.get("ChargeCategory")
    what = "Other" if None in key.values() else named(key)
    return f"{what} ({category.lower()})" if category else what


_SORTS: Mapping[ChargeSort, str] = {"ended credit": "credit that ended", "refund": "refund or adjustment"}
"""Sorts of charges that are called otherwise than they are named."""


def detail(found: DriverDetail, currency: str, digits: int | None = None, whole: Decimal | None = None) -> str:
    """What a driver's detail says: ``1.2M → 2.4M tokens``, ``credit that ended``, ``24 others``.

    Its money has so many decimal ``digits``, and adds up to the ``whole`` that is shown.
    """
    match found:
        case QuantityChange() | PriceChange():
            return _measured(found)
        case MixChange():
            return f"more usage at {'higher' if found.dearer else 'lower'} unit prices"
        case CalendarChange():
            return _calendar_detail(found, currency, digits, whole)
        case TransferDetail():
            return f"moved {'to' if found.amount > 0 else 'from'} {named(found.other)}"
        case OfSort():
            return _SORTS.get(found.sort, found.sort)
        case Others():
            return f"{found.count:,} other{'s' * (found.count != 1)}"
        case _:
            assert_never(found)


def _measured(found: QuantityChange | PriceChange) -> str:
    if isinstance(found, QuantityChange):
        return f"{_count(found.before)} → {_count(found.now)} {spoken(found.unit)}"
    if found.quantity is None:
        return f"{100 * found.part:+.0f}% for the same quantities"
    return f"{100 * found.part:+.0f}% on {_count(found.quantity)} {spoken(found.unit)}"


def _calendar_detail(found: CalendarChange, currency: str, digits: int | None, whole: Decimal | None) -> str:
    """``one more day: +$2,291; 5 Saturdays instead of 4: -$310``."""
    length, weekdays = found.length, found.weekdays
    if digits is not None:
        length, weekdays = apportioned([length, weekdays], digits)
    if whole is not None and found.length and found.weekdays:
        weekdays = whole - length
    words = []
    if found.length:
        words.append(f"{_days_words(found)}: {money(length, currency, digits=digits, signed=True)}")
    if found.weekdays:
        words.append(f"{weekday_words(found.counts)}: {money(weekdays, currency, digits=digits, signed=True)}")
    return "; ".join(words)


def _count(quantity: Decimal | None) -> str:
    """A quantity short enough to read: ``1.2M``, ``830k``, ``744``, ``0.5``."""
    quantity = quantity or Decimal(0)
    size = float(quantity)
    for limit, word in ((1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(size) >= limit:
            return f"{size / (1e3 if word == 'k' else limit):.3g}{word}"
    return plain(cents(quantity))
