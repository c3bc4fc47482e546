"""The names behind OpenAI's ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from bot.domain.errors import AccessDenied, CostError, RequestRefused
from bot.providers._http import VendorClient
from bot.providers.openai.responses import NamedItem

PROJECTS, USERS = "/organization/projects", "/organization/users"

Known = dict[str, dict[str, str]]
"""Names by id, for every list read so far; shared by the pulls of one adapter."""


OnNote = Callable[[str, CostError, frozenset[str]], None]
"""Called with the view, the vendor's refusal, and the FOCUS columns that lack it."""


class OpenAiNames:
    """Ids to names, each list asked for when first needed; where the key may not read one, ids stay and it is noted."""

    def __init__(self, wire: VendorClient, known: Known, on_note: OnNote = lambda *_: None) -> None:
        self._wire, self._lists, self._on_note = wire, known, on_note
        self._refused: set[str] = set()

    def project(self, project: str | None) -> str:
        """A project's name; ``""`` for none."""
        return self._name(PROJECTS, project, ("include_archived", "true"))

    def user(self, user: str | None) -> str:
        """A user's name; ``""`` for none."""
        return self._name(USERS, user)

    def key(self, key: str | None, project: str | None) -> str:
        """The name of a project's API key; ``""`` for none."""
        path = f"{PROJECTS}/{project}/api_keys" if project else ""
        return self._name(path, key, ("owner_project_access", "any"))

    def listed(self, path: str, *params: tuple[str, str]) -> dict[str, str]:
        """Names by id, as far as the vendor tells; namesakes are told apart by address, or by the id's end."""
        listed = self._wire.listing(path, [("limit", "100"), *params], "after")
        entries = [self._wire.shaped(NamedItem, entry) for entry in listed]
        names = Counter(entry.known_as for entry in entries)
        return {entry.id: _label(entry, alone=names[entry.known_as] <= 1) for entry in entries}

    def _name(self, path: str, key: str | None, *params: tuple[str, str]) -> str:
        if not key:
            return ""
        if path and path not in self._lists and path not in self._refused:
            self._learn(path, *params)
        return self._lists.get(path, {}).get(key, key)

    def _learn(self, path: str, *params: tuple[str, str]) -> None:
        try:
            self._lists[path] = self._asked(path, *params)
        except (AccessDenied, RequestRefused) as error:
            self._refused.add(path)
            what, column = next(named for end, named in _WHAT.items() if path.endswith(end))
            self._on_note(f"names of {what}", error, frozenset({column}))

    def _asked(self, path: str, *params: tuple[str, str]) -> dict[str, str]:
        """The list; without its rarer parts where the vendor does not know how to leave them in."""
        try:
            return self.listed(path, *params)
        except RequestRefused:
            if not params:
                raise
            return self.listed(path)


_WHAT = {
    "/api_keys": ("API keys", "x_ApiKeyName"),
    "/users": ("users", "x_UserName"),
    "/projects": ("projects", "SubAccountName"),
}


def _label(entry: NamedItem, *, alone: bool) -> str:
    name = entry.known_as
    if name and alone:
        return name
    apart = entry.address or (f"…{entry.id[-6:]}" if name else entry.id)
    return f"{name} ({apart})" if name else apart
