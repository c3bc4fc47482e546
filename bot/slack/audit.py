"""Who asked what, from where, and what kind of answer was shown; never the amounts."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from bot.coordination.store import ValueStore
from bot.render.csv_file import safe_cell

COLUMNS = ("at", "team", "user", "channel", "entry_point", "act", "question", "shown", "scope")


class Audit:
    """The log, kept for so many days."""

    def __init__(self, memory: ValueStore, now: Callable[[], datetime], *, days: int = 365) -> None:
        self._memory, self._now, self._days = memory, now, days
        self._purged_on: object = None

    def note(self, team: str, user: str, act: str, **more: object) -> None:
        """Writes down one act: ``asked``, ``refused``, ``shared``, ``exported``, ``changed access``."""
        at = self._now()
        key = f"{at:%Y-%m-%dT%H:%M:%S.%fZ}:{uuid4().hex[:8]}"
        self._memory.put("audit", key, {"at": key[:27], "team": team, "user": user, "act": act, **more})
        if self._purged_on != at.date():
            self._purged_on = at.date()
            self._memory.forget_before("audit", f"{at - timedelta(days=self._days):%Y-%m-%dT}")

    def entries(self, team: str) -> list[dict[str, object]]:
        """Everything of a workspace, oldest first."""
        # Version 0.1 wrote an entry's entry point as "way".
        logged = self._memory.all("audit").values()
        return [{"entry_point": entry.get("way", ""), **entry} for entry in logged if entry.get("team") == team]

    def words_of(self, team: str, read_as: str) -> str:
        """The words that were last read so in a workspace, today or yesterday; ``""`` where nobody said any."""
        now = self._now()
        for day in (now, now - timedelta(days=1)):
            logged = self._memory.all("audit", f"{day:%Y-%m-%dT}")
            for key in sorted(logged, reverse=True):
                entry = logged[key]
                asked = entry.get("team") == team and entry.get("act") == "asked"
                if asked and f": {read_as} (" in str(entry.get("shown")) and entry.get("question") != read_as:
                    return str(entry["question"])
        return ""

    def as_csv(self, team: str) -> str:
        """The log of a workspace as CSV; its cells start no formulas."""
        out = io.StringIO()
        table = csv.DictWriter(out, COLUMNS, extrasaction="ignore")
        table.writeheader()
        for entry in self.entries(team):
            table.writerow({name: safe_cell(entry.get(name, "")) for name in COLUMNS})
        return out.getvalue()
