"""Amounts in the currency asked for, each day at that day's rate, with the rates' date and source.

Where a currency has no rate, nothing is converted: its total stands as billed, beside the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from bot.costs.answer import Converted
from bot.costs.cell import Cell

Rate = Callable[[date, str, str], tuple[Decimal, date] | None]
"""What one unit of a currency is in another on a day, and the day that rate is of; None where there is none."""

_MICRO = Decimal("0.000001")
_DIGITS = 60
_WEEKEND = 5
"""A rate may be so many days old on a day without one of its own: weekends and bank holidays."""


@dataclass(frozen=True)
class Conversion:
    """A converted total. ``carried`` counts the days for which an older rate had to do."""

    converted: Converted
    first_rate: date
    carried: int = 0

    def note(self) -> str:
        """What it rests on, in a sentence."""
        last = self.converted.rate_date
        days = f"{last.day} {last:%b %Y}"
        if self.first_rate != last:
            days = f"{self.first_rate.day} {self.first_rate:%b %Y} to {days}"
        late = f"; {self.carried} later days at the last rate known" if self.carried else ""
        return f"Converted to {self.converted.currency} at each day's rate of {days} ({self.converted.source}){late}."


def convert(  # noqa: PLR0913 - what is converted, to what, and by whose rates
    cell: Cell,
    days: Sequence[date],
    to: str,
    rate: Rate,
    source: str,
    *,
    against: tuple[Cell, Sequence[date]] | None = None,
) -> Conversion | None:
    """The cell's total in another currency, rounded to millionths; None where a day has no rate.

    ``cell`` has an amount for each of ``days``; ``against`` is the same for the period compared with.
    """
    found = _sum(cell, days, to, rate)
    compared = _sum(against[0], against[1], to, rate) if against else None
    if found is None or (against and compared is None):
        return None
    amount, used = found
    dates = [told for _, told in used]
    return Conversion(
        Converted(
            currency=to,
            amount=amount,
            against=compared[0] if compared else None,
            rate_date=max(dates),
            source=source,
        ),
        first_rate=min(dates),
        carried=sum((day - told).days > _WEEKEND for day, told in used),
    )


def _sum(cell: Cell, days: Sequence[date], to: str, rate: Rate) -> tuple[Decimal, list[tuple[date, date]]] | None:
    """The sum of each day at its rate, exact until it is rounded once; and which day's rate each day took."""
    whole, used = Decimal(0), []
    with localcontext() as context:
        context.prec = _DIGITS
        for day, amount in zip(days, cell.amounts, strict=True):
            found = (Decimal(1), day) if cell.unit == to else rate(day, cell.unit, to)
            if found is None:
                return None
            whole += amount * found[0]
            used.append((day, found[1]))
        return (whole.quantize(_MICRO, ROUND_HALF_EVEN), used) if used else None


def together(conversions: Sequence[Conversion | None]) -> Decimal | None:
    """One total over all currencies; None where one of them has no rate, as a sum without it would mislead."""
    if not conversions or None in conversions:
        return None
    return sum((each.converted.amount for each in conversions if each), Decimal(0))
