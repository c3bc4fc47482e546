"""Money, quantities and changes in words, rounded for people; exact until then.

Currencies have their own sign and digits (CLDR, by way of babel for all but the commonest).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from bot.domain.answers import Line
from bot.domain.answers.prices import Quote
from bot.domain.money import rounded, settled
from bot.domain.prices import Price
from bot.domain.question import Quantity
from bot.domain.units import spoken

MoneyFormat = Callable[[Decimal, str], str]
"""Draws an amount of a currency for people."""

_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
_COMMON = {"USD": ("$", 2), "EUR": ("€", 2), "GBP": ("£", 2), "JPY": ("¥", 0), "INR": ("₹", 2)}
_WHOLE_FROM = 1000
_FINEST = 12
_TENFOLD, _HUNDRED, _THOUSAND = 10, 100, 1000
_MILLION, _BILLION = 10**6, 10**9


@lru_cache
def _currency(code: str) -> tuple[str, int]:
    """Its sign (with a space where it is a word) and its usual decimal places."""
    if code in _COMMON:
        return _COMMON[code]
    from babel.numbers import get_currency_precision, get_currency_symbol  # 80 ms

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
    words = {
        "new": "new (no cost before)" if currency else "new",
        "gone": f"gone ({figure(before, currency, unit)} before)",
        "±0%": f"nearly unchanged ({moved})",
    }
    return words.get(ratio) or f"{word} {ratio.lstrip('+-')} ({moved})"


def moved_by(now: Decimal, before: Decimal, currency: str) -> str:
    """The difference of what is shown of two amounts; of what is alike as shown, the exact one."""
    digits = places(max(abs(now), abs(before)), currency)
    shown = rounded(now, digits) - rounded(before, digits)
    return money(shown, currency, digits=digits, signed=True) if shown else money(now - before, currency, signed=True)


def whole_percent(share: Decimal) -> str:
    """A part as a whole percentage: ``78%``."""
    return f"{rounded(share * 100, 0):f}%"


def to_the_cent(amount: Decimal, currency: str) -> str:
    """Money as invoices write it, however large: ``$44,472.50``."""
    return money(amount, currency, digits=places(Decimal(1), currency))


def unit_price(price: Price) -> str:
    """A unit price: list prices to the last digit, what was paid to four."""
    exact = price.amount if price.kind == "list" else _WIDE.create_decimal(f"{price.amount:.4g}")
    digits = max(-int(exact.normalize().as_tuple().exponent), _currency(price.currency)[1])
    return money(exact, price.currency, digits=min(digits, _FINEST))


def per(price: Price) -> str:
    """What a unit price is for: ``million tokens``, ``1,000 requests``, ``hour``."""
    unit = spoken(price.unit)
    if price.per == 1 and not unit[:1].isdigit():
        unit = unit.removesuffix("s")
    if not unit:
        return str(price.per)
    if price.per == _MILLION:
        return f"million {unit}"
    return unit if price.per == 1 else f"{price.per:,f} {unit}"


def asked_for(asked: Quantity) -> str:
    """So much as a price is asked of: ``3,000,000 input tokens``, ``2 TB-Months``."""
    unit = spoken(asked.unit)
    kind = f"{asked.token_type} ".replace("_", " ") if asked.token_type else ""
    return f"{asked.amount:,f} {kind}{unit.removesuffix('s') if asked.amount == 1 else unit}"


def total_of(quote: Quote) -> str:
    """What a quantity comes to at a price: to the cent, and below a cent to two digits."""
    currency = quote.price.currency
    return money(quote.total, currency, digits=max(places(quote.total, currency), _currency(currency)[1]))


def request_cost(amount: Decimal) -> str:
    """What paid requests cost, in US dollars to the cent: ``$0.12``, and ``$0.00`` for less than half a cent."""
    return f"${amount:.2f}"


def as_shown(lines: Sequence[Line]) -> list[str]:
    """The amounts of a breakdown as its table shows them: to places that suit their sum, none bent for another."""
    shown = [figure(line.amount, line.currency, line.unit) for line in lines]
    for currency, at, digits in _alike(lines):
        for index, amount in zip(at, settled([lines[n].amount for n in at], digits, other(lines, at)), strict=True):
            shown[index] = money(amount or lines[index].amount, currency, digits=digits)
    return shown


def changes_shown(lines: Sequence[Line]) -> list[str]:
    """The changes of a breakdown as its table shows them: the difference of the two amounts shown."""
    exact = [(line.amount, line.against or Decimal(0)) for line in lines]
    shown = [
        figure(now - before, line.currency, line.unit, signed=True)
        for line, (now, before) in zip(lines, exact, strict=True)
    ]
    for currency, at, digits in _alike(lines):
        now, before = (settled([exact[n][side] for n in at], digits, other(lines, at)) for side in (0, 1))
        for index, moved in zip(at, map(Decimal.__sub__, now, before), strict=True):
            shown[index] = money(moved or Decimal(0), currency, digits=digits, signed=True)
    return shown


def other(lines: Sequence[Line], at: Sequence[int]) -> int | None:
    """Among some lines the place of the one that stands for the rest."""
    return next((place for place, n in enumerate(at) if lines[n].other), None)


def _alike(lines: Sequence[Line]) -> list[tuple[str, list[int], int]]:
    """Each currency, where its lines are, and the decimal places that suit their sum."""
    found: list[tuple[str, list[int], int]] = []
    for currency in dict.fromkeys(line.currency for line in lines if line.currency):
        at = [index for index, line in enumerate(lines) if line.currency == currency]
        found.append((currency, at, places_of([(lines[n].amount, lines[n].against) for n in at], currency)))
    return found
