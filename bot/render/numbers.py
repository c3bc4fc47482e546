"""Money, quantities and changes in words, rounded for people; exact until then.

Currencies have their own sign and digits (CLDR, by way of babel for all but the commonest).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from bot.domain.question import Quantity
from bot.domain.units import spoken

_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
_COMMON = {"USD": ("$", 2), "EUR": ("€", 2), "GBP": ("£", 2), "JPY": ("¥", 0), "INR": ("₹", 2)}
_WHOLE_FROM = 1000
_FINEST = 12
_TENFOLD, _HUNDRED = 10, 100
_MILLION, _BILLION = 10**6, 10**9
_LEADING = 4
"""So many figures of a column keep their own rounding: three that a sentence names, and what all others came to."""


@lru_cache
def _currency(code: str) -> tuple[str, int]:
    """Its sign (with a space where it is a word) and its usual decimal places."""
    if code in _COMMON:
        return _COMMON[code]
    from babel.numbers import get_currency_precision, get_currency_symbol  # noqa: PLC0415 - 80 ms

    sign = get_currency_symbol(code, locale="en_US")
    return (f"{sign} " if sign[-1:].isalpha() else sign), get_currency_precision(code)


def places(amount: Decimal, currency: str | None) -> int:
    """Decimal places that suit an amount of this size: none from 1,000 on, two digits below a cent."""
    usual = _currency(currency)[1] if currency else 2
    size = abs(amount)
    if size >= _WHOLE_FROM:
        return 0
    if not size or size >= Decimal(1).scaleb(-usual):
        return usual
    return min(_FINEST, 1 - size.adjusted())


def places_of(pairs: Iterable[tuple[Decimal, Decimal | None]], currency: str | None) -> int:
    """Decimal places that suit the sum of amounts told beside each other, each with what it is compared with."""
    return places(sum((max(abs(now), abs(then or Decimal(0))) for now, then in pairs), Decimal(0)), currency)


def rounded(amount: Decimal, digits: int) -> Decimal:
    """The amount with so many decimal places, halves away from zero."""
    return amount.quantize(Decimal(1).scaleb(-digits), context=_WIDE)


def money(amount: Decimal, currency: str, *, digits: int | None = None, signed: bool = False, hint: bool = True) -> str:
    """``$1,903``, ``-€12.40``, ``$0.0042``, ``CHF 8.10``; ``signed`` writes the plus as well.

    An amount that is not zero but rounds to it reads ``<$0.01`` (unless ``hint`` is off).
    """
    digits = places(amount, currency) if digits is None else digits
    sign, _ = _currency(currency)
    size = rounded(abs(amount), digits)
    if not size and amount and hint:
        smallest = f"{sign}{Decimal(1).scaleb(-digits):f}"
        return f"<{smallest}" if amount > 0 else f">-{smallest}"
    minus = "-" if amount < 0 and size else "+" if signed and size else ""
    return f"{minus}{sign}{size:,f}"


def quantity(amount: Decimal, unit: str, *, signed: bool = False, short: bool = True) -> str:
    """``12.4M tokens``, ``1,250 hours``, ``0.0042 GB``; ``short`` writes millions as M."""
    size, suffix = abs(amount), ""
    if short and size >= _MILLION:
        size, suffix = (size / _BILLION, "B") if size >= _BILLION else (size / _MILLION, "M")
    digits = _quantity_places(size)
    text = f"{rounded(size, digits):,f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    minus = "-" if amount < 0 else "+" if signed and amount else ""
    times = "× " if unit[:1].isdigit() else ""
    return f"{minus}{text}{suffix} {times}{spoken(unit)}".rstrip()


def _quantity_places(size: Decimal) -> int:
    if not size or size == size.to_integral_value():
        return 0
    if size >= _WHOLE_FROM:
        return 0
    return min(_FINEST, max(0, 2 - size.adjusted()))


def figure(
    amount: Decimal,
    currency: str | None,
    unit: str | None,
    *,
    signed: bool = False,
    digits: int | None = None,
) -> str:
    """An amount in its currency, or a quantity in its unit."""
    if currency:
        return money(amount, currency, signed=signed, digits=digits)
    return quantity(amount, unit or "", signed=signed)


def apportioned(amounts: Sequence[Decimal], digits: int, whole: Decimal | None = None) -> list[Decimal]:
    """The amounts rounded so that they add up to ``whole``: unless told, their own rounded sum.

    What simple rounding leaves over goes to those nearest to a half, the four largest (of few, half of them) last:
    so the figures that matter are the same in every answer. A zero stays zero; without ``whole`` none moves by a step.
    """
    step = Decimal(1).scaleb(-digits)
    told = [rounded(each, digits) for each in amounts]
    target = rounded(_sum(amounts) if whole is None else whole, digits)
    missing = int(_WIDE.divide(_WIDE.subtract(target, _sum(told)), step))
    up = missing > 0
    leading = set(
        sorted(range(len(told)), key=lambda at: -abs(amounts[at]))[
            : _LEADING if len(told) > _LEADING else len(told) // 2
        ]
    )
    fitting = [at for at, each in enumerate(amounts) if each and (each > told[at] if up else each < told[at])]
    others = [at for at, each in enumerate(amounts) if each and at not in set(fitting)]
    fitting.sort(key=lambda at: (at in leading, -abs(amounts[at] - told[at]), at))
    for at in [*fitting, *others][: abs(missing)]:
        told[at] += step if up else -step
    return told


def settled(amounts: Sequence[Decimal], digits: int, other: int | None = None) -> list[Decimal]:
    """Each amount rounded by itself, never bent for another; what that leaves over goes to ``other``.

    ``other`` is the place of the one that stands for the rest; where it is too small to take it, it does not.
    """
    told = [rounded(each, digits) for each in amounts]
    if other is None:
        return told
    left = _WIDE.subtract(rounded(_sum(amounts), digits), _sum(told))
    if abs(left) < abs(amounts[other]):
        told[other] = _WIDE.add(told[other], left)
    return told


def left_over(amounts: Sequence[Decimal], told: Sequence[Decimal], digits: int) -> Decimal:
    """By how much more the figures shown add up to than their sum as it is shown."""
    return _WIDE.subtract(_sum(told), rounded(_sum(amounts), digits))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    result = Decimal(0)
    for each in amounts:
        result = _WIDE.add(result, each)
    return result


def percent(now: Decimal, before: Decimal | None) -> str:
    """``+12%``, ``-4.2%``, ``×14``, ``new``, ``gone``, or ``""`` where a ratio says nothing."""
    if before is None or before < 0 or now < 0 or not (now or before):
        return ""
    if not before or not now:
        return "new" if now else "gone"
    ratio = now / before
    if ratio >= _TENFOLD:
        return f"×{rounded(ratio, 0):,f}"
    share = (ratio - 1) * 100
    digits = 0 if abs(share) >= _TENFOLD else 1
    text = f"{rounded(abs(share), digits):f}"
    if not Decimal(text):
        return "±0%"
    return f"{'+' if share > 0 else '-'}{text.removesuffix('.0')}%"


def share(part: Decimal, whole: Decimal) -> str:
    """``33%`` of the whole, ``<1%``; ``""`` where the parts have different signs or there is no whole."""
    if whole <= 0 or part < 0 or part > whole:
        return ""
    percentage = part / whole * 100
    if 0 < percentage < 1:
        return "<1%"
    nearly = whole - part > 0 and rounded(percentage, 0) == _HUNDRED
    return ">99%" if nearly else f"{rounded(percentage, 0):f}%"


def change(now: Decimal, before: Decimal, currency: str | None, unit: str | None = None) -> str:
    """The change in words: ``up 12% (+$1,310)``, ``new``, ``down 4.2% (-$12.00)``, ``unchanged``.

    Money is the difference of what is shown of both, so that it agrees with them where they stand beside it.
    """
    if now == before:
        return "unchanged"
    moved = moved_by(now, before, currency) if currency else figure(now - before, currency, unit, signed=True)
    word = "up" if now > before else "down"
    ratio = percent(now, before)
    if not ratio:
        return f"{word} {moved.lstrip('+-')}"
    if ratio.startswith("×"):
        return f"{ratio.removeprefix('×')} times as much ({moved})"
    said = {
        "new": "new, nothing before",
        "gone": f"gone, {figure(before, currency, unit)} before",
        "±0%": f"nearly unchanged ({moved})",
    }
    return said.get(ratio) or f"{word} {ratio.lstrip('+-')} ({moved})"


def moved_by(now: Decimal, before: Decimal, currency: str) -> str:
    """The difference of what is shown of two amounts; of what is alike as shown, the exact one."""
    digits = places(max(abs(now), abs(before)), currency)
    shown = rounded(now, digits) - rounded(before, digits)
    return money(shown, currency, digits=digits, signed=True) if shown else money(now - before, currency, signed=True)


def amount_of(found: Mapping[str, Any], key: str) -> Decimal | None:
    """The amount that a plain mapping carries under a key, or None where it carries none."""
    try:
        return Decimal(str(found[key]))
    except (KeyError, InvalidOperation):
        return None


def to_the_cent(amount: Decimal, currency: str) -> str:
    """Money as invoices write it, however large: ``$44,472.50``."""
    return money(amount, currency, digits=places(Decimal(1), currency))


def money_of(found: Mapping[str, Any], key: str, *, signed: bool = False) -> str:
    """An amount of a plain mapping in its own currency or unit (dollars where it names neither)."""
    amount = amount_of(found, key)
    if amount is None:
        return ""
    unit = found.get("unit")
    return figure(amount, found.get("currency") or (None if unit else "USD"), unit, signed=signed)


def price(found: Mapping[str, Any]) -> str:
    """The unit price that a plain mapping carries: list prices to the last digit, what was paid to four."""
    amount, currency = amount_of(found, "amount"), str(found.get("currency") or "USD")
    if amount is None:
        return ""
    exact = amount if found.get("kind") == "list" else _WIDE.create_decimal(f"{amount:.4g}")
    digits = max(-int(exact.normalize().as_tuple().exponent), _currency(currency)[1])
    return money(exact, currency, digits=min(digits, _FINEST))


def per(found: Mapping[str, Any]) -> str:
    """What a unit price is for: ``million tokens``, ``1,000 requests``, ``hour``."""
    count, unit = amount_of(found, "per"), spoken(str(found.get("unit") or ""))
    if count == 1 and not unit[:1].isdigit():
        unit = unit.removesuffix("s")
    if count is None or not unit:
        return str(found.get("per") or unit)
    if count == _MILLION:
        return f"million {unit}"
    return unit if count == 1 else f"{count:,f} {unit}"


def asked_for(asked: Quantity) -> str:
    """So much as a price is asked of: ``3,000,000 input tokens``, ``2 TB-Months``."""
    unit = spoken(asked.unit)
    kind = f"{asked.token_type} ".replace("_", " ") if asked.token_type else ""
    return f"{asked.amount:,f} {kind}{unit.removesuffix('s') if asked.amount == 1 else unit}"


def total_of(found: Mapping[str, Any]) -> str:
    """What a quantity comes to at a price: to the cent, and below a cent to two digits."""
    amount, currency = amount_of(found, "total"), str(found.get("currency") or "USD")
    if amount is None:
        return ""
    return money(amount, currency, digits=max(places(amount, currency), _currency(currency)[1]))
