"""The keys of one account, of which several overlap while they are being replaced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.providers import Check, Clock

_LONG_KEY = 16
"""Of such a key four characters are a quarter at most."""


class Keys:
    """The keys of one account, in the order given; several overlap while they are being replaced."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._refused: dict[str, datetime] = {}

    def order(self, text: str) -> list[str]:
        """The keys of a comma list, those that were refused last."""
        keys = [key for part in text.split(",") if (key := part.strip())]
        self._refused = {key: since for key, since in self._refused.items() if key in keys}
        return sorted(keys, key=lambda key: key in self._refused)

    def refused(self, key: str) -> datetime:
        """Remembers, and tells, since when the key is refused."""
        return self._refused.setdefault(key, self._clock())

    def works(self, key: str) -> None:
        """Forgets that it was refused."""
        self._refused.pop(key, None)

    def stale(self, vendor: str) -> Iterator[Check]:
        """A failed check for each key that is refused, naming no more than its last four characters."""
        now = self._clock()
        for key, since in self._refused.items():
            when = f" since {since:%Y-%m-%d %H:%M} UTC" if since < now else ""
            message = f"The key ending in {tail(key)} is refused{when}; another key is used."
            yield Check(f"{vendor} admin key", ok=False, message=message, hint="Take it out of the list of keys.")


def tail(key: str) -> str:
    """The last four characters of a key long enough to spare them."""
    return f"…{key[-4:]}" if len(key) >= _LONG_KEY else "…"
