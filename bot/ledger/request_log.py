"""What asking vendors has cost: the meter behind the monthly ceiling."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_UP, Decimal

from bot.domain.money import from_attos, to_attos
from bot.domain.period import month_of
from bot.ledger.backend import LedgerPart

_SMALLEST = Decimal("1e-12")
"""Prices by the byte have endless digits; a request is never counted for less than it costs."""


class RequestLog(LedgerPart):
    """Every request to a vendor, with its price in USD."""

    def add(self, source: str, operation: str, cost: Decimal, at: datetime) -> None:
        """Note a request made at an instant."""
        attos = to_attos(cost.quantize(_SMALLEST, ROUND_UP))
        row = (at.astimezone(UTC).isoformat(), source, operation, str(attos))
        with self._write() as connection:
            connection.execute("INSERT INTO request VALUES (?, ?, ?, ?)", row)

    def spent(self, day: date, source: str | None = None) -> Decimal:
        """USD spent on requests in the calendar month (UTC) around a day."""
        return from_attos(sum(self._attos(day, source)))

    def made(self, day: date, source: str | None = None) -> int:
        """How many requests were made in that month."""
        return len(self._attos(day, source))

    def _attos(self, day: date, source: str | None) -> list[int]:
        month = month_of(day)
        rows = self._connect().execute(
            "SELECT attos FROM request WHERE at >= ? AND at < ? AND (CAST(? AS TEXT) IS NULL OR source = ?)",
            (month.start.isoformat(), month.end.isoformat(), source, source),
        )
        return [int(row[0]) for row in rows]
