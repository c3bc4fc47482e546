"""Sources of files that others deliver: what is new among them is taken in, each file whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.domain.feed import Note
from bot.domain.imported import Imported
from bot.ledger import Ledger
from bot.ledger.kv_store import keep_notes
from bot.sync.report import FeedReport, SourceReport
from bot.sync.selection import lately

FILES = "files"
"""Stands for a feed in reports, and in notes on files that were refused."""
DELIVERED = "deliveries looked for"
"""Kind of memory, by source: when its files were last listed."""


@runtime_checkable
class TakesDeliveries(Protocol):
    """A source that is no vendor's API, but a place where files arrive."""

    source: str

    def take(self, ledger: Ledger, now: datetime) -> Sequence[Imported]:
        """Takes in every file that is new, or changed since it was taken in; what became of each.

        Raises:
            CostError: the place cannot be listed or read.
        """


def deliver(provider: TakesDeliveries, ledger: Ledger, now: datetime, report: SourceReport, *, by_hand: bool) -> None:
    """Takes in what is new, on the clock unless that was done within the day; a refused file leaves a note."""
    if not by_hand and lately(ledger, DELIVERED, provider.source, now):
        return
    taken = provider.take(ledger, now)
    for imported in taken:
        if imported.error is None and imported.days is not None:
            report.feeds.append(FeedReport(imported.file, imported.days, imported.charges))
    refused = [
        Note(f"charges of {imported.file}", imported.error.message, imported.error.hint, FILES)
        for imported in taken
        if imported.error is not None
    ]
    if taken:
        keep_notes(ledger.memory, provider.source, refused, {FILES}, now)
    if refused:
        report.status = "partial"
    ledger.memory.put(DELIVERED, provider.source, {"at": now.isoformat()})
