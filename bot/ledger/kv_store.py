"""What the bot remembers beside charges, as small JSON values: threads, digests, alerts, settings, leases, notes."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.domain.feed import Note
from bot.domain.period import Period
from bot.ledger.backend import LedgerPart

ADVICE = "advice"
"""Kind of what vendors say beside the bill, by ``source/kind/name``."""
INVOICE, INVOICED = "invoice", "invoiced"
"""Kinds of what was invoiced (key: ``month_key``), and of what came of asking for it last, by source."""


def month_key(source: str, month: Period) -> str:
    """The key of what is kept of a source's calendar month: ``source/YYYY-MM``."""
    return f"{source}/{month.start:%Y-%m}"


class KeyValueStore(LedgerPart):
    """Values by kind and key. Every call is one transaction, safe between threads and processes."""

    def put(self, kind: str, key: str, value: Mapping[str, Any]) -> None:
        """Remember, in place of what stood there."""
        with self._write() as connection:
            connection.execute(
                "INSERT INTO memory VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value",
                (kind, key, _json(value)),
            )

    def get(self, kind: str, key: str) -> Mapping[str, Any] | None:
        """What was remembered, or None."""
        query = "SELECT value FROM memory WHERE kind = ? AND key = ?"
        row = self._connect().execute(query, (kind, key)).fetchone()
        value: Mapping[str, Any] | None = json.loads(row[0]) if row else None
        return value

    def all(self, kind: str, prefix: str = "") -> dict[str, Mapping[str, Any]]:
        """Everything of a kind by key, in key order; only keys that begin so, if asked."""
        query = "SELECT key, value FROM memory WHERE kind = ? AND substr(key, 1, ?) = ? ORDER BY key"
        rows = self._connect().execute(query, (kind, len(prefix), prefix)).fetchall()
        return {key: json.loads(value) for key, value in rows}

    def forget(self, kind: str, key: str) -> None:
        """Remember no longer."""
        with self._write() as connection:
            connection.execute("DELETE FROM memory WHERE kind = ? AND key = ?", (kind, key))

    def forget_before(self, kind: str, key: str) -> int:
        """Forget all of a kind whose key sorts before this one (keys that begin with a time); how many."""
        with self._write() as connection:
            return connection.execute("DELETE FROM memory WHERE kind = ? AND key < ?", (kind, key)).rowcount

    def claim(self, kind: str, key: str, value: Mapping[str, Any]) -> bool:
        """Remember if nothing stands there: True for exactly one caller, ever."""
        with self._write() as connection:
            row = (kind, key, _json(value))
            return connection.execute("INSERT INTO memory VALUES (?, ?, ?) ON CONFLICT DO NOTHING", row).rowcount == 1

    def swap(self, kind: str, key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """Put ``new`` in place of ``old`` if ``old`` still stands there."""
        with self._write() as connection:
            query = "UPDATE memory SET value = ? WHERE kind = ? AND key = ? AND value = ?"
            return connection.execute(query, (_json(new), kind, key, _json(old))).rowcount == 1


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


_NOTES = "notes"


def keep_notes(
    memory: KeyValueStore, source: str, notes: Sequence[Note], pulled: Collection[str], at: datetime
) -> None:
    """In place of what was known of the feeds just pulled, by name (``""`` for what was looked for in vain)."""
    kept = {(note.feed, note.view): note for note in notes_of(memory, source) if note.feed not in pulled}
    kept |= {(note.feed, note.view): note for note in notes}
    if kept:
        memory.put(_NOTES, source, {"at": at.isoformat(), "notes": [_note_json(note) for note in kept.values()]})
    else:
        memory.forget(_NOTES, source)


def notes_of(memory: KeyValueStore, source: str) -> list[Note]:
    """What of the source is missing, in the order learnt."""
    return [_note(note) for note in (memory.get(_NOTES, source) or {}).get("notes", [])]


def _note_json(note: Note) -> Mapping[str, object]:
    return {
        "view": note.view,
        "message": note.message,
        "hint": note.hint,
        "feed": note.feed,
        "columns": sorted(note.columns),
    }


def _note(value: Mapping[str, Any]) -> Note:
    return Note(**{**value, "columns": frozenset(value["columns"])})
