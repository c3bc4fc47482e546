"""What we know: the ledger of exact charges, and what the bot remembers beside them.

``replace`` and ``writing`` write, in one transaction each; everything else reads, and never waits for a writer.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from bot.domain.charge import Charge
from bot.domain.errors import Misconfigured
from bot.domain.feed import Feed, Freshness
from bot.domain.money import from_attos
from bot.domain.period import Period, day_number, numbered_day
from bot.domain.question import Filter
from bot.ledger.backend import Backend, Connection, Database
from bot.ledger.connection import LedgerFile
from bot.ledger.restatements import RestatedDay, Restatements

if TYPE_CHECKING:
    from bot.ledger.columns import Columns
    from bot.ledger.deliveries import Deliveries
    from bot.ledger.kv_store import KeyValueStore
    from bot.ledger.query import Query
    from bot.ledger.request_log import RequestLog
    from bot.ledger.result import Groups
    from bot.ledger.taught.aliases import Aliases
    from bot.ledger.taught.corrections import Corrections
    from bot.ledger.vendor_reports import VendorReports
    from bot.ledger.writer import Writer

_DAYS_AT_ONCE = 31


class WriteResult(Struct, frozen=True):
    """What a write did."""

    charges: int
    restated: list[RestatedDay] = field(default_factory=list)


class Ledger(Database):
    """A ledger, in a file or a database. One object serves all threads; each has a connection of its own."""

    def __init__(self, place: Path | str | Backend) -> None:
        super().__init__(LedgerFile(Path(place)) if isinstance(place, Path | str) else place)
        self._known: tuple[int, Sequence[tuple[Feed, int, Period | None]]] | None = None

    @classmethod
    def open(cls, url: str) -> Ledger:
        """The ledger of a ``LEDGER_URL`` (``sqlite:///path``, ``postgresql://…``).

        Raises:
            Misconfigured: the URL names no ledger this version can open.
        """
        if url.startswith(("postgresql://", "postgres://")):
            from bot.ledger.postgresql import Server  # only where it is named

            return cls(Server(url))
        scheme, _, path = url.partition(":///")
        if scheme != "sqlite" or not path:
            raise Misconfigured(
                f"LEDGER_URL {url.rpartition('@')[2]!r} is not a ledger this version can open.",
                "Use sqlite:///spend.db, sqlite:////an/absolute/path.db or postgresql://user@host/database.",
            )
        return cls(path)

    # --- writing ---------------------------------------------------------------------------------

    def replace(self, feed: Feed, days: Period, charges: Iterable[Charge], *, synced: datetime) -> WriteResult:
        """Make the feed agree with its source on those days, in one transaction; all charges are read first.

        Returns:
            how many charges there are now, and which days are charged differently than before.
        """
        from bot.ledger.columns import from_charges  # numpy only when writing

        return self.replace_columns(feed, days, [from_charges(charges)], synced=synced)

    def replace_columns(self, feed: Feed, days: Period, columns: Iterable[Columns], *, synced: datetime) -> WriteResult:
        """The same of charges in columns, written as they come: nothing lands unless all of them do."""
        from bot.ledger.writer import extend_days

        start, end = day_number(days.start), day_number(days.end)
        before = self.daily(feed, days)
        waiting = iter(columns)
        first = next(waiting, None)  # what takes its time until then holds up nobody who writes
        with self.writing(feed) as (writer, connection):
            writer.remove(start, end)
            for some in chain([first] if first is not None else [], waiting):
                writer.add(some)
            count = writer.charges
            extend_days(connection, writer.feed, start, end)
        after = self.daily(feed, days)
        restated = [
            RestatedDay(day, currency, was, after.get((day, currency), Decimal(0)))
            for (day, currency), was in sorted(before.items())
            if was != after.get((day, currency), Decimal(0)) and day >= (self.detail_from() or day)
        ]
        self.restatements.add(feed, restated, synced)
        return WriteResult(count, restated)

    @contextmanager
    def writing(self, feed: Feed) -> Iterator[tuple[Writer, Connection]]:
        """A transaction on one feed: all of it lands, or nothing does."""
        from bot.ledger.writer import Writer  # numpy only when writing

        with self.charging() as connection:
            writer = Writer(connection, feed)
            yield writer, connection
            writer.close()

    @contextmanager
    def charging(self) -> Iterator[Connection]:
        """A write transaction that may change charges: others that do wait until it ends."""
        with self.transaction() as connection:
            self._backend.lock(connection)
            yield connection

    def fresh(self, freshness: Freshness) -> None:
        """Note how current a source is."""
        row = (
            freshness.source,
            freshness.synced.astimezone(UTC).isoformat(),
            freshness.data_through.isoformat() if freshness.data_through else None,
            freshness.final_through.isoformat() if freshness.final_through else None,
        )
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO freshness VALUES (?, ?, ?, ?) ON CONFLICT (source) DO UPDATE SET synced = excluded.synced,"
                " data_through = excluded.data_through, final_through = excluded.final_through",
                row,
            )

    def forget_before(self, day: date) -> int:
        """Let go of the charges before a day, and of what was noted about them; how many feeds lost any."""
        end, shortened = day_number(day), 0
        for feed in self.feeds():
            known = self.covered(feed)
            if known is None or known.start >= day:
                continue
            with self.writing(feed) as (writer, connection):
                first = day_number(max(known.start, min(self.detail_from() or known.start, day)))
                if first > day_number(known.start):
                    writer.remove(day_number(known.start.replace(day=1)), first)  # folded months, which are small
                for start in range(first, min(end, day_number(known.end)), _DAYS_AT_ONCE):
                    writer.remove(start, min(start + _DAYS_AT_ONCE, end))
                connection.execute("UPDATE feed SET start = ? WHERE id = ?", (end, writer.feed))
            shortened += 1
        with self.transaction() as connection:
            connection.execute("DELETE FROM restated WHERE day < ?", (day.isoformat(),))
            connection.execute("DELETE FROM request WHERE at < ?", (day.isoformat(),))
            connection.execute("DELETE FROM replaced_fact")  # no import is undone after this
        return shortened

    # --- reading ---------------------------------------------------------------------------------

    def feeds(self) -> list[Feed]:
        """Every feed that the ledger knows."""
        return [feed for feed, _, _ in self._outline()]

    def covered(self, feed: Feed) -> Period | None:
        """The days of which the feed has charges, or is known to have none."""
        found = (days for known, _, days in self._outline() if (known.source, known.name) == (feed.source, feed.name))
        return next(found, None)

    def feed_number(self, feed: Feed) -> int | None:
        """The feed's number in the ledger."""
        found = (id_ for known, id_, _ in self._outline() if (known.source, known.name) == (feed.source, feed.name))
        return next(found, None)

    def numbered_feeds(self) -> list[tuple[Feed, int]]:
        """Every feed with its number in the ledger."""
        return [(feed, number) for feed, number, _ in self._outline()]

    def detail_from(self) -> date | None:
        """The first day that is told by itself: what is before it is kept by the month. None where all days are."""
        number = self.state("detail_from")
        return None if number is None else numbered_day(number)

    def _outline(self) -> Sequence[tuple[Feed, int, Period | None]]:
        """Every feed with its number and days; kept until charges change."""
        held = self._known
        if self.connection().in_transaction and getattr(self._local, "generation", None) is None:
            return self._read_outline()  # what this thread is writing is not there for others yet
        generation = self.generation()
        if held is None or held[0] != generation:
            held = self._known = (generation, self._read_outline())
        return held[1]

    def _read_outline(self) -> Sequence[tuple[Feed, int, Period | None]]:
        rows = self.connection().execute('SELECT source, name, grain, id, start, "end" FROM feed ORDER BY source, id')
        return [
            (
                Feed(source=source, name=name, grain=frozenset(json.loads(grain))),
                number,
                None if start is None else Period(start=numbered_day(start), end=numbered_day(end)),
            )
            for source, name, grain, number, start, end in rows
        ]

    def freshness(self) -> list[Freshness]:
        """How current each source is."""
        rows = self.connection().execute("SELECT * FROM freshness ORDER BY source")
        return [
            Freshness(source=source, synced=synced, data_through=through, final_through=final)
            for source, synced, through, final in rows
        ]

    def daily(self, feed: Feed, days: Period) -> dict[tuple[date, str], Decimal]:
        """The billed cost of each day with charges, by currency, straight from the facts."""
        rows = self.connection().execute(
            "SELECT f.day, s.BillingCurrency, sum(f.BilledCost >> 32), sum(f.BilledCost & 4294967295),"
            " sum(f.BilledCostAttos / 1000000000), sum(f.BilledCostAttos % 1000000000)"
            " FROM fact f JOIN series s ON s.id = f.series JOIN feed ON feed.id = s.feed"
            " WHERE f.day >= ? AND f.day < ? AND feed.source = ? AND feed.name = ? GROUP BY 1, 2",
            (day_number(days.start), day_number(days.end), feed.source, feed.name),
        )
        return {
            (numbered_day(day), currency): from_attos(((above << 32) + below) * 10**18 + high * 10**9 + low)
            for day, currency, above, below, high, low in rows
        }

    def totals(  # noqa: PLR0913 - a question has as many parts
        self,
        feed: Feed,
        metric: str,
        edges: Sequence[date],
        *,
        by: Sequence[str] = (),
        where: Sequence[Filter] = (),
        only: Collection[tuple[str, ...]] | None = None,
    ) -> Groups:
        """Exact sums of a metric between consecutive edges, per combination of ``by`` and currency (or unit)."""
        return self.query.totals(feed, metric, edges, by=by, where=where, only=only)

    @cached_property
    def query(self) -> Query:
        """The cube, and the star where the cube does not reach."""
        from bot.ledger.query import Query  # numpy only when asked

        return Query(self.connection, self.generation, self.feed_number, self.detail_from)

    def aliases_version(self) -> int:
        """A number that grows with every change of what teams have taught; 0 where nothing ever was."""
        return self.state("aliases") or 0

    @cached_property
    def memory(self) -> KeyValueStore:
        """What the bot remembers beside charges."""
        from bot.ledger.kv_store import KeyValueStore

        return KeyValueStore(self.connection, self.transaction)

    @cached_property
    def requests(self) -> RequestLog:
        """What asking vendors has cost."""
        from bot.ledger.request_log import RequestLog

        return RequestLog(self.connection, self.transaction)

    @cached_property
    def restatements(self) -> Restatements:
        """Days that a source gave differently than before."""
        return Restatements(self.connection, self.transaction)

    @cached_property
    def vendor_reports(self) -> VendorReports:
        """What vendors report of commitments and recommend."""
        from bot.ledger.vendor_reports import VendorReports

        return VendorReports(self.connection, self.transaction)

    @cached_property
    def deliveries(self) -> Deliveries:
        """Which file brought which charges."""
        from bot.ledger.deliveries import Deliveries  # numpy only when importing

        return Deliveries(self.connection, self.transaction)

    @cached_property
    def aliases(self) -> Aliases:
        """The names that teams have taught."""
        from bot.ledger.taught.aliases import Aliases

        return Aliases(self.connection, self.transaction)

    @cached_property
    def corrections(self) -> Corrections:
        """Sentences that were not understood, or not rightly."""
        from bot.ledger.taught.corrections import Corrections

        return Corrections(self.connection, self.transaction)
