"""Drivers as rows: one a key, their figures rounded so that every column adds up as shown."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from bot.domain.answers.explanations import CalendarChange, Driver
from bot.domain.money import apportioned, total


class DriverRow(NamedTuple):
    """All drivers of one key, and one driver of all of them: its ``amount`` is what was billed in the period."""

    whole: Driver
    parts: Sequence[Driver]


class RowFigures(NamedTuple):
    """The figures of a row as they are shown; ``change`` leaves out what the calendar makes."""

    change: Decimal
    against: Decimal
    amount: Decimal


def driver_rows(drivers: Sequence[Driver]) -> list[DriverRow]:
    """A row a key, in order; what quantity, mix and price made of one stands in one row."""
    rows: list[list[Driver]] = []
    for driver in drivers:
        if rows and _same(rows[-1][0], driver):
            rows[-1].append(driver)
        else:
            rows.append([driver])
    return [DriverRow(_whole(parts), tuple(parts)) for parts in rows]


def row_figures(rows: Sequence[Driver], digits: int) -> list[RowFigures]:
    """The figures of rows of one currency: changes, and both bills, each add up to their rounded sums."""
    before, now = (apportioned([getattr(row, name) for row in rows], digits) for name in ("against", "amount"))
    calendar = apportioned([total([row.amount, -row.against, -row.change]) for row in rows], digits)
    return [
        RowFigures(late - early - effect, early, late)
        for late, early, effect in zip(now, before, calendar, strict=True)
    ]


def _same(one: Driver, other: Driver) -> bool:
    return None not in one.key.values() and (one.key, one.currency) == (other.key, other.currency)


def _whole(parts: Sequence[Driver]) -> Driver:
    """One driver of all parts; the calendar has no bill of its own."""
    calendar = isinstance(parts[0].detail, CalendarChange)
    return replace(
        parts[0],
        change=total([part.change for part in parts]),
        against=total([part.against for part in parts]),
        amount=Decimal(0) if calendar else total([part.billed for part in parts]),
    )
