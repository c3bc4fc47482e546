"""What an optional view of a source could not bring, though its bill came whole."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct


class Note(Struct, frozen=True):
    """``view`` names what was asked for ("costs by API key"); ``message`` says why, ``hint`` what to do."""

    view: str
    message: str
    hint: str = ""
    feed: str = ""
    """The feed concerned; ``""`` for one that could not even be found."""
    columns: frozenset[str] = frozenset()
    """FOCUS columns whose values are missing or coarser for it: who asks by them is told."""

    def concerns(self, columns: Collection[str]) -> bool:
        """Whether an answer that rests on these columns would have used the view; ``Tags`` stands for all tags."""
        if "Tags" in self.columns and any(column.startswith("Tags/") for column in columns):
            return True
        return not self.columns.isdisjoint(columns)

    def sentence(self, source: str) -> str:
        """For people: whose view is missing, and why."""
        return f"{source}: no {self.view}. {self.message}"
