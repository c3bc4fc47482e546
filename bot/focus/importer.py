"""FOCUS files → ledger, each file a delivery of its own in a transaction of its own.

What a delivery replaces is decided by its origin: a newer run of one export and billing period replaces what the older
one brought of it; parts of a run, and other sub accounts, stand beside each other. What is replaced is kept aside until
the next sweep of old charges, so that the last import can be undone. A file that is in already changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from bot.domain.errors import InvalidFile, OutOfRange
from bot.domain.imported import Imported
from bot.domain.money import total
from bot.domain.period import Period
from bot.focus.bill import bills_of
from bot.focus.intake import FEED, Intake, Options, Unconventional, feed_of, note_freshness
from bot.focus.origin import origin_of
from bot.ledger import Ledger
from bot.ledger.backend import Connection
from bot.ledger.deliveries import FileDelivery
from bot.ledger.writer import Writer, shrink_days
from bot.providers import focus

__all__ = ["FEED", "Imported", "Options", "feed_of", "import_files", "undo"]

Progress = Callable[[Path, int], None]
"""Given the file and how many of its bytes have been read."""


def import_files(  # noqa: PLR0913 - what to import, how, and whom to tell
    ledger: Ledger,
    paths: Sequence[Path],
    *,
    now: datetime,
    options: Options | None = None,
    progress: Progress = lambda _path, _bytes: None,
    announce: Callable[[Imported], None] = lambda _imported: None,
) -> list[Imported]:
    """Bring FOCUS files into the ledger, each whole or not at all; a folder stands for the files in it.

    ``announce`` is given what is about to become of each file before it does.
    """
    options = options or Options()
    command = _Command(ledger, ledger.deliveries.next_command(), now, options, progress, announce)
    files = sorted(_files(paths), key=lambda path: origin_of(path).order)
    with _kept_or_not(ledger, dry_run=options.dry_run):
        return [command.take(path) for path in files]


def undo(ledger: Ledger, now: datetime) -> list[FileDelivery]:
    """Take back the deliveries of the last import, and bring back what they replaced; which ones, newest first.

    Raises:
        InvalidFile: what it replaced is no longer kept.
    """
    with ledger.charging() as connection:
        deliveries = ledger.deliveries.last_command()
        for delivery in deliveries:
            _take_back(ledger, connection, delivery, now)
    return deliveries


def _take_back(ledger: Ledger, connection: Connection, delivery: FileDelivery, now: datetime) -> None:
    replaced = ledger.deliveries.replaced(delivery.id)
    if replaced and not ledger.deliveries.holds_replaced(delivery.id):
        raise InvalidFile(
            f"What {delivery.file} replaced is no longer stored, so it can't be undone.",
            "Import the file that it replaced again, with --force.",
        )
    sources = {number: feed.source for feed, number in ledger.numbered_feeds()}
    touched = {part.feed for part in (*delivery.slices, *replaced)}
    for number in sorted(touched):
        writer = Writer(connection, feed_of(sources[number]))
        days = [(part.first, part.last) for part in delivery.slices if part.feed == number]
        if days:
            writer.remove(min(first for first, _ in days), max(last for _, last in days) + 1, delivery=delivery.id)
        writer.restore(delivery.id)
        writer.close()
    for part in replaced:
        ledger.deliveries.mark_replaced(part, None)
    ledger.deliveries.mark_undone(delivery.id)
    for number in sorted(touched):
        shrink_days(connection, number)
        note_freshness(ledger, connection, number, sources[number], now)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files, and for a folder all that may hold charges within it."""
    for path in paths:
        if path.is_dir():
            yield from sorted(
                file for file in path.rglob("*") if file.is_file() and focus.is_data(str(file.relative_to(path)))
            )
        else:
            yield path


@contextmanager
def _kept_or_not(ledger: Ledger, *, dry_run: bool) -> Iterator[None]:
    """A transaction of which a dry run keeps nothing."""
    if not dry_run:
        yield
        return
    with ledger.charging() as connection:
        try:
            yield
        finally:
            connection.execute("ROLLBACK")
            connection.execute("BEGIN")


@dataclass(frozen=True)
class _Command:
    """One import: where its files go, and who is kept informed."""

    ledger: Ledger
    number: int
    now: datetime
    options: Options
    progress: Progress
    announce: Callable[[Imported], None]

    def take(self, path: Path) -> Imported:
        """One file, whole or not at all."""
        conventions: dict[str, focus.Conventions] = {}
        while True:
            try:
                with self.ledger.charging() as connection, _savepoint(connection):
                    imported = self._bills(path, connection, conventions)
                    self.announce(imported)
                return imported  # noqa: TRY300 - after it is committed
            except Unconventional as signal:
                try:
                    conventions[signal.member.name] = focus.find_conventions(signal.member, self.options.encoding)
                except InvalidFile as error:
                    return self._refused(path, error)
            except InvalidFile as error:
                return self._refused(path, error)
            except OutOfRange as error:
                return self._refused(path, InvalidFile(f"{path.name}: {error.message}", error.hint))

    def _bills(self, path: Path, connection: Connection, conventions: Mapping[str, focus.Conventions]) -> Imported:
        """The bills in a file, one after the other."""
        digest, bills = bills_of(path)
        if self._intake(connection).stands(path.name, digest):
            return Imported(path.name, already=True)
        taken = [
            self._intake(connection).take(bill, conventions, lambda done: self.progress(path, done)) for bill in bills
        ]
        return _together(path.name, taken)

    def _intake(self, connection: Connection) -> Intake:
        return Intake(self.ledger, connection, self.number, self.now, self.options)

    def _refused(self, path: Path, error: InvalidFile) -> Imported:
        imported = Imported(path.name, error=error)
        self.announce(imported)
        return imported


def _together(name: str, bills: Sequence[Imported]) -> Imported:
    """What became of the bills of one file: what one replaces of another is neither brought nor replaced."""
    if len(bills) == 1:
        return bills[0]
    names = {bill.file for bill in bills}
    taken_back = [old for bill in bills for old in bill.replaced if old.file in names]
    days = [bill.days for bill in bills if bill.days]
    totals = _sum([bill.totals for bill in bills], [old.totals for old in taken_back])
    return Imported(
        name,
        sum(bill.charges for bill in bills) - sum(old.charges for old in taken_back),
        Period(start=min(period.start for period in days), end=max(period.end for period in days)) if days else None,
        {currency: amount for currency, amount in totals.items() if any(currency in bill.totals for bill in bills)},
        sum(bill.rounded for bill in bills),
        tuple(old for bill in bills for old in bill.replaced if old.file not in names),
        already=all(bill.already for bill in bills),
    )


def _sum(added: Sequence[Mapping[str, Decimal]], taken: Sequence[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    currencies = sorted({currency for amounts in (*added, *taken) for currency in amounts})
    return {
        currency: total(
            [amounts[currency] for amounts in added if currency in amounts]
            + [-amounts[currency] for amounts in taken if currency in amounts]
        )
        for currency in currencies
    }


@contextmanager
def _savepoint(connection: Connection) -> Iterator[None]:
    """A part of a transaction that can fail alone."""
    connection.execute("SAVEPOINT file")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK TO file")
        connection.execute("RELEASE file")
        raise
    connection.execute("RELEASE file")
