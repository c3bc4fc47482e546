"""FOCUS files → ledger, all the files of one command in one transaction.

A file replaces what the ledger held of its slices: the days it has charges on, per provider, billing account and
billing period. Files of one command are parts of one export: where they share a slice they add up. A file that is in
the ledger already changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import file_digest
from pathlib import Path

from bot.domain.errors import InvalidFile
from bot.domain.feed import ANY_TAG, Feed, Freshness
from bot.domain.period import DAY, Period, month_of
from bot.domain.question import DIMENSIONS
from bot.ledger import Ledger
from bot.ledger.columns import Columns, Labels, day_of
from bot.ledger.writer import Writer, extend_days
from bot.providers import focus

FEED = "FOCUS file"
Progress = Callable[[Path, int], None]
"""Told the file and how many of its bytes have been read."""


@dataclass(frozen=True)
class Imported:
    """What became of one file."""

    file: str
    charges: int
    days: Period | None
    currencies: tuple[str, ...] = ()
    already: bool = False
    """It was in the ledger before, and nothing changed."""


def import_files(
    ledger: Ledger, paths: Sequence[Path], *, now: datetime, progress: Progress = lambda _path, _bytes: None
) -> list[Imported]:
    """Bring FOCUS files into the ledger: all of them, or nothing.

    Raises:
        InvalidFile: with file, row, column and reason; the ledger is as it was.
    """
    with ledger.transaction() as connection:
        intake = _Intake(connection)
        imported = [_one(ledger, intake, path, progress) for path in paths]
        intake.close(ledger, now)
        _note(connection, intake.digests, imported, now, ledger.generation())
    return imported


def feed_of(provider: str) -> Feed:
    """The feed that files of a provider land in; it tells everything apart."""
    return Feed(source=provider, name=FEED, grain=frozenset({*DIMENSIONS, "CommitmentDiscountStatus", ANY_TAG}))


def _one(ledger: Ledger, intake: _Intake, path: Path, progress: Progress) -> Imported:
    if not path.is_file():
        raise InvalidFile(f"There is no file {path}.", "Check the path.")
    digest = _digest(path)
    met = digest in intake.digests.values()
    intake.digests[path] = digest
    if met or _is_in(ledger, digest):
        return Imported(path.name, 0, None, already=True)
    charges, first, last = 0, None, None
    currencies: set[str] = set()
    for block in focus.read(path, lambda done: progress(path, done)):
        intake.add(_columns(block))
        charges += len(block)
        currencies.update(block.series["BillingCurrency"].values)
        low, high = day_of(block.day.min()), day_of(block.day.max())
        first, last = min(first or low, low), max(last or high, high)
    days = Period(start=first, end=last + DAY) if first and last else None
    return Imported(path.name, charges, days, tuple(sorted(currencies)))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "blake2b").hexdigest()


def _is_in(ledger: Ledger, digest: str) -> bool:
    """Whether the file landed, and no charge has changed since."""
    query = "SELECT generation FROM imported WHERE digest = ?"
    row = ledger.connection().execute(query, (digest,)).fetchone()
    return bool(row) and row[0] == ledger.generation()


def _note(
    connection: sqlite3.Connection,
    digests: Mapping[Path, str],
    imported: Sequence[Imported],
    now: datetime,
    generation: int,
) -> None:
    """Remember every file of this command, and that older ones no longer stand for sure."""
    at = now.astimezone(UTC).isoformat()
    if any(not each.already for each in imported):
        connection.execute("DELETE FROM imported WHERE generation < ?", (generation,))
    for path, digest in digests.items():
        charges = next(each.charges for each in imported if each.file == path.name)
        row = (digest, path.name, at, charges, generation)
        connection.execute(
            "INSERT INTO imported VALUES (?, ?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET file = excluded.file,"
            " at = excluded.at, charges = excluded.charges, generation = excluded.generation",
            row,
        )


def _columns(block: focus.Block) -> Columns:
    def labelled(texts: dict[str, focus.Text]) -> dict[str, Labels]:
        return {name: Labels(text.values, text.codes) for name, text in texts.items()}

    series, details = labelled(dict(block.series)), labelled(dict(block.details))
    return Columns(block.day, block.amounts, series, details, block.untold)


class _Intake:
    """One command's writing: a writer a provider, and the slices that are new already."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._writers: dict[str, Writer] = {}
        self._held: dict[str, set[int]] = {}
        self._seen: dict[str, set[tuple[str, str, int]]] = {}
        self._last: dict[str, date] = {}
        self.digests: dict[Path, str] = {}

    def add(self, columns: Columns) -> None:
        """Add charges of any providers, taking away what the ledger held of their slices."""
        providers = columns.series["ServiceProviderName"]
        for code, provider in enumerate(providers.values):
            mine = columns if len(providers.values) == 1 else columns.take(providers.codes == code)
            if not len(mine):
                continue
            writer = self._writer(provider)
            for account, billing, start, end in self._new_slices(provider, mine):
                if self._held[provider]:
                    where = "s.BillingAccountId = ? AND s.x_BillingMonth = ?"
                    writer.remove(start, end, where, (account, billing))
            writer.add(mine)
            extend_days(self._connection, writer.feed, int(mine.day.min()), int(mine.day.max()) + 1)
            self._last[provider] = max(self._last.get(provider, date.min), day_of(mine.day.max()))

    def close(self, ledger: Ledger, now: datetime) -> None:
        """Finish every writer and note how current each provider is."""
        for provider, writer in self._writers.items():
            writer.close()
            last = max(self._last[provider], *(day_of(day) for day in self._held[provider]), date.min)
            final = last if (last + DAY).day == 1 else month_of(last).start - timedelta(days=1)
            source = feed_of(provider).source
            ledger.fresh(Freshness(source=source, synced=now, data_through=last, final_through=final))

    def _writer(self, provider: str) -> Writer:
        if provider not in self._writers:
            writer = Writer(self._connection, feed_of(provider))
            query = "SELECT DISTINCT day FROM cube WHERE feed = ?"
            self._writers[provider] = writer
            self._held[provider] = {row[0] for row in self._connection.execute(query, (writer.feed,))}
            self._seen[provider] = set()
        return self._writers[provider]

    def _new_slices(self, provider: str, columns: Columns) -> Iterator[tuple[str, str, int, int]]:
        """(billing account, billing period, first day, end) of runs of days this command has not met before."""
        account, billing = columns.series["BillingAccountId"], columns.series["x_BillingMonth"]
        wide = len(billing.values) << 20
        found = set((account.codes * wide + (billing.codes << 20) + columns.day).tolist())
        slices = ((each // wide, each % wide >> 20, each % (1 << 20)) for each in sorted(found))
        seen = self._seen[provider]
        fresh = [key for a, b, day in slices if (key := (account.values[a], billing.values[b], day)) not in seen]
        seen.update(fresh)
        start = 0
        for n, (a, b, day) in enumerate(fresh, start=1):
            if n == len(fresh) or fresh[n] != (a, b, day + 1):
                yield a, b, fresh[start][2], day + 1
                start = n
