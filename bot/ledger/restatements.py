"""Days whose total a source gave differently than before: which, when, and what they were."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from msgspec import Struct

from bot.analytics.completion import Earlier
from bot.domain.feed import Feed
from bot.domain.period import DAY, Period
from bot.ledger.backend import LedgerPart


class RestatedDay(Struct, frozen=True):
    """A day whose total a source gave differently than before."""

    day: date
    currency: str
    was: Decimal
    now: Decimal


class Restatements(LedgerPart):
    """The restated days of a ledger."""

    def add(self, feed: Feed, restated: list[RestatedDay], at: datetime) -> None:
        """Keep which days of a feed its source gave differently than before, and when."""
        if not restated:
            return
        when = at.astimezone(UTC).isoformat()
        rows = [(when, feed.source, feed.name, r.day.isoformat(), r.currency, str(r.was), str(r.now)) for r in restated]
        with self._write() as connection:
            connection.executemany("INSERT INTO restated VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def within(self, days: Period, since: datetime | None = None) -> list[tuple[str, RestatedDay]]:
        """Which of those days a source restated a day or more after they were over, with the source, oldest first.

        Until then charges of a day still arrive, and nothing is restated.
        """
        rows = self._connect().execute(
            "SELECT source, day, currency, was, now, at FROM restated r WHERE day >= ? AND day < ? AND at >= ?"
            " AND feed = (SELECT name FROM feed f WHERE f.source = r.source ORDER BY id LIMIT 1) ORDER BY at",
            (
                days.start.isoformat(),
                days.end.isoformat(),
                since.astimezone(UTC).isoformat() if since else "",
            ),
        )
        return [
            (source, RestatedDay(date.fromisoformat(day), currency, Decimal(was), Decimal(now)))
            for source, day, currency, was, now, at in rows
            if date.fromisoformat(day) + DAY < date.fromisoformat(at[:10])
        ]

    def earlier_figures(self, feed: Feed, since: date) -> list[tuple[str, Earlier]]:
        """The replaced figures of the feed's days from ``since`` on, with their currencies."""
        rows = self._connect().execute(
            "SELECT currency, day, at, was FROM restated WHERE source = ? AND feed = ? AND day >= ?",
            (feed.source, feed.name, since.isoformat()),
        )
        return [
            (currency, Earlier(date.fromisoformat(day), datetime.fromisoformat(until), Decimal(was)))
            for currency, day, until, was in rows
        ]
