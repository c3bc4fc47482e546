"""Deliveries: which file brought which charges, so that a later one can replace them, and be undone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from bot.domain.money import from_attos
from bot.ledger.backend import LedgerPart

Hashes = NDArray[np.uint64]


class Slice(Struct, frozen=True):
    """The charges of one source, billing account and billing period that a delivery brought."""

    delivery: int
    feed: int
    account: str
    period: str
    """``2026-10`` for a calendar month, else ``2026-10-05/2026-11-05``."""
    first: int
    last: int
    """Days, as numbers."""
    charges: int
    totals: dict[str, Decimal]
    """Billed cost by currency."""
    sub_accounts: frozenset[str]
    sketch: Hashes
    replaced_by: int | None = None


class FileDelivery(Struct, frozen=True):
    """One file that was imported."""

    id: int
    command: int
    """Files of one command have one number."""
    at: datetime
    file: str
    digest: str
    export: str
    run: str
    undone: bool
    slices: tuple[Slice, ...] = ()


class Deliveries(LedgerPart):
    """The deliveries of a ledger; whatever writes is called within a transaction."""

    def new(self, command: int, at: datetime, file: str, digest: str, origin: tuple[str, str]) -> int:
        """Note a delivery, its origin by export and run; its number."""
        with self._write() as connection:
            row = (command, at.astimezone(UTC).isoformat(), file, digest, *origin)
            query = (
                "INSERT INTO delivery (id, command, at, file, digest, export, run)"
                " VALUES ((SELECT coalesce(max(id), 0) + 1 FROM delivery), ?, ?, ?, ?, ?, ?)"
            )
            connection.execute(query, row)
            return int(connection.execute("SELECT max(id) FROM delivery").fetchone()[0])

    def next_command(self) -> int:
        """The number of the next command."""
        return int(self._connect().execute("SELECT coalesce(max(command), 0) + 1 FROM delivery").fetchone()[0])

    def add(self, part: Slice) -> None:
        """Note a slice of a delivery."""
        totals = json.dumps({currency: str(amount) for currency, amount in part.totals.items()})
        row = (part.delivery, part.feed, part.account, part.period, part.first, part.last, part.charges, totals)
        rest = (json.dumps(sorted(part.sub_accounts)), part.sketch.tobytes())
        with self._write() as connection:
            connection.execute("INSERT INTO delivery_slice VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)", row + rest)

    def standing(self, feed: int, account: str, period: str) -> list[tuple[FileDelivery, Slice]]:
        """What stands of a slice, oldest first."""
        where = "s.feed = ? AND s.account = ? AND s.period = ? AND s.replaced_by IS NULL AND d.undone = 0"
        return list(self._slices(where, (feed, account, period)))

    def of_digest(self, digest: str) -> list[FileDelivery]:
        """Every delivery of the same bytes that was not undone."""
        return self._all("WHERE digest = ? AND undone = 0", (digest,))

    def last_command(self) -> list[FileDelivery]:
        """The deliveries of the last command that was not undone, newest first."""
        return self._all("WHERE command = (SELECT max(command) FROM delivery WHERE undone = 0) AND undone = 0", ())

    def all(self) -> list[FileDelivery]:
        """Every delivery, newest first."""
        return self._all("", ())

    def one(self, number: int) -> FileDelivery:
        """One delivery."""
        return self._all("WHERE id = ?", (number,))[0]

    def replaced(self, by: int) -> list[Slice]:
        """The slices that a delivery replaced, whole or in part."""
        return [part for _, part in self._slices("s.replaced_by = ?", (by,))]

    def mark_replaced(self, part: Slice, by: int | None) -> None:
        """Note that a slice is replaced, or (None) stands again."""
        with self._write() as connection:
            connection.execute(
                "UPDATE delivery_slice SET replaced_by = ?"
                " WHERE delivery = ? AND feed = ? AND account = ? AND period = ?",
                (by, part.delivery, part.feed, part.account, part.period),
            )

    def mark_undone(self, delivery: int) -> None:
        """Note that a delivery was taken back."""
        with self._write() as connection:
            connection.execute("UPDATE delivery SET undone = 1 WHERE id = ?", (delivery,))

    def holds_replaced(self, by: int) -> bool:
        """Whether what a delivery replaced is still kept."""
        return (
            self._connect().execute("SELECT 1 FROM replaced_fact WHERE replaced_by = ?", (by,)).fetchone() is not None
        )

    def measure(self, part: Slice, sub_accounts: Collection[str] | None = None) -> tuple[int, dict[str, Decimal]]:
        """How many charges of a slice are in the ledger, and what was billed by currency."""
        where, arguments = slice_condition(part, sub_accounts)
        rows = self._connect().execute(
            "SELECT s.BillingCurrency, sum(f.charges), sum(f.BilledCost >> 32), sum(f.BilledCost & 4294967295),"
            " sum(f.BilledCostAttos / 1000000000), sum(f.BilledCostAttos % 1000000000)"
            " FROM fact f JOIN series s ON s.id = f.series"
            f" WHERE f.delivery = ? AND s.feed = ? AND f.day >= ? AND f.day <= ? AND {where} GROUP BY 1",
            (part.delivery, part.feed, part.first, part.last, *arguments),
        )
        found = [
            (currency, charges, from_attos(((above << 32) + below) * 10**18 + high * 10**9 + low))
            for currency, charges, above, below, high, low in rows
        ]
        return sum(charges for _, charges, _ in found), {currency: amount for currency, _, amount in found}

    def _all(self, where: str, arguments: tuple[object, ...]) -> list[FileDelivery]:
        query = f"SELECT id, command, at, file, digest, export, run, undone FROM delivery {where} ORDER BY id DESC"
        deliveries = [_delivery(row) for row in self._connect().execute(query, arguments)]
        parts: dict[int, list[Slice]] = {delivery.id: [] for delivery in deliveries}
        for owner, part in self._slices("1 = 1", ()) if deliveries else ():
            parts.setdefault(owner.id, []).append(part)
        return [replace(delivery, slices=tuple(parts[delivery.id])) for delivery in deliveries]

    def _slices(self, where: str, arguments: tuple[object, ...]) -> Iterator[tuple[FileDelivery, Slice]]:
        query = (
            "SELECT d.id, d.command, d.at, d.file, d.digest, d.export, d.run, d.undone, s.delivery, s.feed, s.account,"
            " s.period, s.first, s.last, s.charges, s.totals, s.sub_accounts, s.sketch, s.replaced_by"
            f" FROM delivery_slice s JOIN delivery d ON d.id = s.delivery WHERE {where} ORDER BY d.id, s.feed, s.period"
        )
        for row in self._connect().execute(query, arguments):
            delivery, feed, account, period, first, last, charges, totals, sub_accounts, sketch, replaced_by = row[8:]
            yield (
                _delivery(row[:8]),
                Slice(
                    delivery,
                    feed,
                    account,
                    period,
                    first,
                    last,
                    charges,
                    {currency: Decimal(amount) for currency, amount in json.loads(totals).items()},
                    frozenset(json.loads(sub_accounts)),
                    np.frombuffer(sketch, dtype=np.uint64),
                    replaced_by,
                ),
            )


def slice_condition(part: Slice, sub_accounts: Collection[str] | None = None) -> tuple[str, tuple[str, ...]]:
    """A condition on ``series s`` that chooses a slice's, or some sub accounts' of it, and its arguments."""
    where = "s.BillingAccountId = ? AND s.x_BillingMonth = ?"
    arguments = [part.account, part.period if "/" in part.period else ""]
    if sub_accounts is not None:
        marks = ", ".join("?" * len(sub_accounts))
        where += f" AND coalesce(nullif(s.SubAccountId, ''), s.SubAccountName) IN ({marks})"
        arguments += sorted(sub_accounts)
    return where, tuple(arguments)


def _delivery(row: tuple[object, ...]) -> FileDelivery:
    number, command, at, file, digest, export, run, undone = row
    return FileDelivery(number, command, datetime.fromisoformat(str(at)), file, digest, export, run, bool(undone))  # type: ignore[arg-type]  # as the table has them
