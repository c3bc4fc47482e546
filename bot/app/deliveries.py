"""A folder or bucket as a source: its new files are fetched, and imported as ``spend import`` imports them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.domain.imported import Imported
from bot.focus.importer import import_files
from bot.focus.origin import origin_of
from bot.ledger import Ledger
from bot.providers import Check, Clock, Meter
from bot.providers.focus.folder import DeliveredFile, Folder
from bot.providers.focus.settings import FocusSettings

_TAKEN = "delivered file"
"""Kind of memory: the version of each file that was taken in or refused, by ``source/path``."""


class DeliveredFiles:
    """What lies in one place. A file that is in the ledger is not fetched again until its content changes."""

    def __init__(self, settings: FocusSettings, *, meter: Meter, clock: Clock, source: str = "focus") -> None:
        del meter, clock  # as every source is opened; stores ask no money for what is read here
        self.source = source
        self._folder = Folder(settings)

    def take(self, ledger: Ledger, now: datetime) -> Sequence[Imported]:
        """Takes in every file that is new or changed, older runs before newer ones; older than what stands is left.

        Raises:
            CostError: the place cannot be listed or read.
        """
        known = ledger.memory.all(_TAKEN, f"{self.source}/")
        found = self._folder.files()
        fresh = [file for file in found if known.get(self._key(file), {}).get("version") != file.version]
        taken: list[Imported] = []
        with TemporaryDirectory(prefix="spend-") as folder:
            paths = [self._folder.fetch(file, Path(folder)) for file in fresh]
            for file in fresh:
                self._folder.fetch_beside(file, Path(folder))
            in_order = sorted(zip(paths, fresh, strict=True), key=lambda pair: origin_of(pair[0]).order)
            for path, file in in_order:
                taken += import_files(ledger, [path], now=now)
                ledger.memory.put(_TAKEN, self._key(file), {"version": file.version})
        for key in set(known) - {self._key(file) for file in found}:
            ledger.memory.forget(_TAKEN, key)
        return taken

    def checks(self) -> Iterator[Check]:
        """Whether the place can be listed, and holds files."""
        yield self._folder.check()

    def _key(self, file: DeliveredFile) -> str:
        return f"{self.source}/{file.path}"
