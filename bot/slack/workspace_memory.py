"""What buttons, menus and windows of a workspace carry by a key: of no use to another one, erased with its own."""

from __future__ import annotations

from bot.coordination.store import Stored, ValueStore

KINDS = ("question", "value", "sentence")
"""What is kept so; ``sentence`` by who has them read."""


class WorkspaceMemory:
    """Values by kind and key, for one workspace."""

    def __init__(self, memory: ValueStore, team: str) -> None:
        self._memory, self._team = memory, team

    def put(self, kind: str, key: str, value: Stored) -> None:
        """Keeps the value, in place of what was there."""
        self._memory.put(kind, f"{self._team}:{key}", value)

    def get(self, kind: str, key: str) -> Stored | None:
        """What is kept, or None; what 0.1 kept without naming a workspace is found too."""
        return self._memory.get(kind, f"{self._team}:{key}") or self._memory.get(kind, key)


def erase(memory: ValueStore, team: str, *, last: bool) -> None:
    """Forgets what is kept for a workspace; with the ``last`` one also what names none."""
    for kind in KINDS:
        for key in memory.all(kind):
            if key.startswith(f"{team}:") or (last and ":" not in key):
                memory.forget(kind, key)
