"""Cells of tables: names, and amounts rounded alike."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from bot.blockkit.build import Block, cut, number_cell, text_cell
from bot.render.numbers import money, places
from bot.render.slack.tables import cell

MOST_TEXT = 120


class CellAmount(NamedTuple):
    """An amount of a currency; None is not known."""

    value: Decimal | None
    currency: str | None


def money_cell(amount: CellAmount, *, signed: bool = False) -> Block:
    """An amount in its currency, ``–`` where it is not known."""
    if amount.value is None:
        return text_cell("–")
    return number_cell(float(amount.value), money(amount.value, amount.currency or "USD", signed=signed))


def column(amounts: Sequence[CellAmount], *, signed: bool = False) -> list[Block]:
    """A column of amounts, those of one currency rounded alike; what is not known is left empty."""
    sizes: dict[str | None, Decimal] = {}
    for amount in amounts:
        sizes[amount.currency] = max(sizes.get(amount.currency, Decimal(0)), abs(amount.value or Decimal(0)))
    return [
        text_cell("")
        if value is None
        else cell(value, (currency or "USD", None), value, places(sizes[currency], currency), signed=signed)
        for value, currency in amounts
    ]


def name_cell(name: str) -> Block:
    """What a row is called, cut to a cell's length."""
    return text_cell(cut(name or "Total", MOST_TEXT))
