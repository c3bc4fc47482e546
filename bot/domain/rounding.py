"""Rounding amounts so that what is shown adds up as shown. Exact decimals in, exact decimals out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
_LEADING = 4
"""So many figures of a column keep their own rounding: three that a sentence names, and what all others came to."""


def rounded(amount: Decimal, digits: int) -> Decimal:
    """The amount with so many decimal places, halves away from zero."""
    return amount.quantize(Decimal(1).scaleb(-digits), context=_WIDE)


def apportioned(amounts: Sequence[Decimal], digits: int, whole: Decimal | None = None) -> list[Decimal]:
    """The amounts rounded so that they add up to ``whole``: unless told, their own rounded sum.

    What simple rounding leaves over goes to those nearest to a half, the four largest (of few, half of them) last:
    so the figures that matter are the same in every answer. A zero stays zero; without ``whole`` none moves by a step.
    """
    step = Decimal(1).scaleb(-digits)
    shown = [rounded(amount, digits) for amount in amounts]
    target = rounded(_sum(amounts) if whole is None else whole, digits)
    missing = int(_WIDE.divide(_WIDE.subtract(target, _sum(shown)), step))
    up = missing > 0
    leading = set(
        sorted(range(len(shown)), key=lambda at: -abs(amounts[at]))[
            : _LEADING if len(shown) > _LEADING else len(shown) // 2
        ]
    )
    fitting = [at for at, amount in enumerate(amounts) if amount and (amount > shown[at] if up else amount < shown[at])]
    others = [at for at, amount in enumerate(amounts) if amount and at not in set(fitting)]
    fitting.sort(key=lambda at: (at in leading, -abs(amounts[at] - shown[at]), at))
    for at in [*fitting, *others][: abs(missing)]:
        shown[at] += step if up else -step
    return shown


def settled(amounts: Sequence[Decimal], digits: int, other: int | None = None) -> list[Decimal]:
    """Each amount rounded by itself, never bent for another; what that leaves over goes to ``other``.

    ``other`` is the place of the one that stands for the rest; where it is too small to take it, it does not.
    """
    shown = [rounded(amount, digits) for amount in amounts]
    if other is None:
        return shown
    left = _WIDE.subtract(rounded(_sum(amounts), digits), _sum(shown))
    if abs(left) < abs(amounts[other]):
        shown[other] = _WIDE.add(shown[other], left)
    return shown


def left_over(amounts: Sequence[Decimal], shown: Sequence[Decimal], digits: int) -> Decimal:
    """By how much more the figures shown add up to than their sum as it is shown."""
    return _WIDE.subtract(_sum(shown), rounded(_sum(amounts), digits))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    result = Decimal(0)
    for amount in amounts:
        result = _WIDE.add(result, amount)
    return result
