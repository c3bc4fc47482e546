"""Cells and names for tables of plain mappings: amounts rounded alike, days in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from bot import render
from bot.blockkit.build import Block, cut, number_cell, text_cell
from bot.domain.period import Period
from bot.render.slack.tables import cell

Found = Mapping[str, Any]
"""A driver, an anomaly, a budget … as plain values; a key that is absent leaves its cell empty."""
MOST_TEXT = 120


def money_cell(found: Found, key: str, *, signed: bool = False) -> Block:
    """An amount of the mapping in its currency, or an empty cell."""
    amount = render.amount_of(found, key)
    if amount is None:
        return text_cell("–")
    return number_cell(float(amount), render.money_of(found, key, signed=signed))


def column(found: Sequence[Found], key: str, *, signed: bool = False) -> list[Block]:
    """A column of amounts, those of one currency rounded alike."""
    known = [(render.amount_of(each, key), str(each.get("currency") or "USD"), each.get("unit")) for each in found]
    sizes: dict[str, Decimal] = {}
    for amount, currency, _ in known:
        sizes[currency] = max(sizes.get(currency, Decimal(0)), abs(amount or Decimal(0)))
    return [
        text_cell("")
        if amount is None
        else money_cell(each, key, signed=signed)
        if unit
        else cell(amount, (currency, None), amount, render.places(sizes[currency], currency), signed=signed)
        for each, (amount, currency, unit) in zip(found, known, strict=True)
    ]


def days(found: Found) -> str:
    """The days from its ``start`` up to its ``end`` in words."""
    start, end = date_of(found.get("start")), date_of(found.get("end"))
    if not start:
        return ""
    if not end or end <= start:
        return render.day(start)
    return render.period(Period(start=start, end=end), year=False)


def date_of(text: object) -> date | None:
    """A day from an ISO date or time, or None."""
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


def name_of(found: Found) -> str:
    """What it is called, cut to a cell's length."""
    key = found.get("key")
    told = found.get("label") or found.get("name") or (render.label(key) if isinstance(key, Mapping) else key)
    return cut(str(told or "Total"), MOST_TEXT)
