"""Sentences that were refused, read by a language model, or reported as read wrongly: words and reading, no amounts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Literal

from msgspec import Struct

from bot.domain.question import Question
from bot.ledger.backend import LedgerPart

CorrectionKind = Literal["refused", "model", "reported"]


class Correction(Struct, frozen=True):
    """A sentence of somebody's, as it was redacted, and what became of it."""

    at: datetime
    """When it was last said so."""
    team: str
    person: str
    kind: CorrectionKind
    words: str
    unread: tuple[str, ...] = ()
    """The words that meant nothing."""
    reading: str = ""
    """How it was read, where it was."""
    question: Question | None = None
    times: int = 1


class Corrections(LedgerPart):
    """Every call is one transaction. A sentence that the same person repeats on a day is one row."""

    def add(self, correction: Correction, *, since: datetime) -> None:
        """Keep a sentence, and let go of all from before ``since``."""
        at = correction.at.astimezone(UTC).isoformat(timespec="seconds")
        same = (correction.team, correction.person, correction.kind, correction.words, at[:10])
        key = sha256(json.dumps(same).encode()).hexdigest()
        asked = correction.question.model_dump_json(exclude_defaults=True) if correction.question else ""
        row = (
            key,
            at,
            *same[:4],
            json.dumps(correction.unread, ensure_ascii=False),
            correction.reading,
            asked,
            correction.times,
        )
        with self._write() as connection:
            connection.execute("DELETE FROM correction WHERE at < ?", (since.astimezone(UTC).isoformat(),))
            connection.execute(
                "INSERT INTO correction VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET at = excluded.at, times = correction.times + excluded.times",
                row,
            )

    def all(self, *, since: datetime, team: str = "") -> list[Correction]:
        """Everything kept since then, oldest first; of one workspace, if one is named."""
        rows = self._connect().execute(
            "SELECT at, team, person, kind, words, unread, reading, question, times FROM correction"
            " WHERE at >= ? AND (team = ? OR ? = '') ORDER BY at, key",
            (since.astimezone(UTC).isoformat(), team, team),
        )
        return [
            Correction(
                datetime.fromisoformat(at),
                of_team,
                person,
                kind,
                words,
                tuple(json.loads(unread)),
                reading,
                Question.model_validate_json(question) if question else None,
                times,
            )
            for at, of_team, person, kind, words, unread, reading, question, times in rows
        ]

    def forget(self, team: str) -> None:
        """Delete everything of a workspace."""
        with self._write() as connection:
            connection.execute("DELETE FROM correction WHERE team = ?", (team,))
