"""Notes on what optional views could not bring, kept by source until a pull brings it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.domain.note import Note
from bot.ledger.kv_store import KeyValueStore

_NOTES = "notes"


def keep_notes(
    memory: KeyValueStore, source: str, notes: Sequence[Note], pulled: Collection[str], at: datetime
) -> None:
    """In place of what was known of the feeds just pulled, by name (``""`` for what was looked for in vain)."""
    kept = {(note.feed, note.view): note for note in notes_of(memory, source) if note.feed not in pulled}
    kept |= {(note.feed, note.view): note for note in notes}
    if kept:
        memory.put(_NOTES, source, {"at": at.isoformat(), "notes": [_json(note) for note in kept.values()]})
    else:
        memory.forget(_NOTES, source)


def notes_of(memory: KeyValueStore, source: str) -> list[Note]:
    """What of the source is missing, in the order learnt."""
    return [_note(note) for note in (memory.get(_NOTES, source) or {}).get("notes", [])]


def _json(note: Note) -> Mapping[str, object]:
    return {
        "view": note.view,
        "message": note.message,
        "hint": note.hint,
        "feed": note.feed,
        "columns": sorted(note.columns),
    }


def _note(value: Mapping[str, Any]) -> Note:
    return Note(**{**value, "columns": frozenset(value["columns"])})
