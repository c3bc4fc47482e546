"""The figures of a breakdown as its table shows them: each rounded by itself, "Other" so that they add up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.domain.answers import Line
from bot.domain.rounding import settled
from bot.render.numbers import figure, money, places_of


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
