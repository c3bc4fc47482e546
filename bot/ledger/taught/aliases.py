"""Names that a workspace has taught, each for filters. What was removed stays, so that it can be undone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from bot.domain.question import Filter
from bot.ledger.backend import Connection, LedgerPart

_COLUMNS = "key, team, phrase, expression, filters, person, at"


class Alias(Struct, frozen=True):
    """A phrase, the words that say what it stands for, and the filters that those were when it was taught."""

    key: str
    team: str
    """The workspace that uses it; ``""`` for every one."""
    phrase: str
    expression: str
    filters: tuple[Filter, ...]
    person: str
    at: datetime


class Aliases(LedgerPart):
    """Every call is one transaction; ``Ledger.aliases_version`` tells other processes that something changed."""

    def all(self, team: str) -> list[Alias]:
        """The aliases of a workspace and those for all, by phrase; for ``""`` those of every workspace."""
        rows = self._connect().execute(
            f"SELECT {_COLUMNS} FROM alias WHERE removed IS NULL AND (team = ? OR team = '' OR ? = '')"
            " ORDER BY phrase, team",
            (team, team),
        )
        return [_alias(row) for row in rows]

    def meanings(self, team: str) -> dict[str, tuple[Filter, ...]]:
        """What each phrase stands for in a workspace, its own aliases before those for all.

        For ``""`` (whoever runs the bot) a phrase that two workspaces use differently stands for nothing.
        """
        found: dict[str, tuple[Filter, ...]] = {}
        own: set[str] = set()
        clashing: set[str] = set()
        for alias in self.all(team):
            if alias.team == team:
                found[alias.phrase] = alias.filters
                own.add(alias.phrase)
            elif alias.phrase not in own:
                if found.get(alias.phrase, alias.filters) != alias.filters:
                    clashing.add(alias.phrase)
                found[alias.phrase] = alias.filters
        return {phrase: filters for phrase, filters in found.items() if phrase in own or phrase not in clashing}

    def add(self, alias: Alias) -> None:
        """Teach a phrase, in place of what it stood for."""
        team, phrase, person, when = alias.team, alias.phrase, alias.person, _instant(alias.at)
        kept = json.dumps([part.model_dump(mode="json") for part in alias.filters], ensure_ascii=False)
        with self._changing() as connection:
            connection.execute(
                "UPDATE alias SET removed = ?, removed_by = ? WHERE team = ? AND phrase = ? AND removed IS NULL",
                (when, person, team, phrase),
            )
            connection.execute(
                "INSERT INTO alias VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
                (alias.key, team, phrase, alias.expression, kept, person, when),
            )

    def remove(self, team: str, phrase: str, person: str, at: datetime) -> bool:
        """Teach a phrase no longer; whether the workspace had it."""
        with self._changing() as connection:
            query = "UPDATE alias SET removed = ?, removed_by = ? WHERE team = ? AND phrase = ? AND removed IS NULL"
            return connection.execute(query, (_instant(at), person, team, phrase)).rowcount > 0

    def undo(self, team: str) -> tuple[str, Alias] | None:
        """Take back the last act of a workspace: ``added`` or ``removed``, and the alias; None where there is none."""
        with self._changing() as connection:
            last = connection.execute(
                f"SELECT {_COLUMNS}, removed FROM alias WHERE team = ?"
                " ORDER BY coalesce(removed, at) DESC, removed IS NULL DESC LIMIT 1",
                (team,),
            ).fetchone()
            if last is None:
                return None
            alias, removed = _alias(last[:-1]), last[-1]
            if removed is not None:
                connection.execute("UPDATE alias SET removed = NULL, removed_by = NULL WHERE key = ?", (alias.key,))
                return "removed", alias
            connection.execute("DELETE FROM alias WHERE key = ?", (alias.key,))
            connection.execute(
                "UPDATE alias SET removed = NULL, removed_by = NULL WHERE team = ? AND phrase = ? AND removed = ?",
                (team, alias.phrase, last[6]),
            )
            return "added", alias

    def forget(self, team: str) -> None:
        """Delete everything of a workspace."""
        with self._changing() as connection:
            connection.execute("DELETE FROM alias WHERE team = ?", (team,))

    @contextmanager
    def _changing(self) -> Iterator[Connection]:
        """A write that other processes learn of."""
        with self._write() as connection:
            connection.execute("UPDATE state SET value = value + 1 WHERE name = 'aliases'")
            yield connection


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _alias(row: Sequence[Any]) -> Alias:
    key, team, phrase, expression, filters, person, at = row
    kept: list[Mapping[str, Any]] = json.loads(filters)
    return Alias(
        key,
        team,
        phrase,
        expression,
        tuple(Filter.model_validate(part) for part in kept),
        person,
        datetime.fromisoformat(at),
    )
