"""The names behind OpenAI's ids."""

from __future__ import annotations

from bot.domain.errors import AccessDenied
from bot.providers._http import Refused, Wire
from bot.providers.openai.responses import Named

PROJECTS, USERS = "/organization/projects", "/organization/users"

Known = dict[str, dict[str, str]]
"""Names by id, for every list read so far; shared by the pulls of one adapter."""


class Names:
    """Ids to names, each list asked for when first needed; where the key may not read one, ids stay."""

    def __init__(self, wire: Wire, known: Known) -> None:
        self._wire, self._lists = wire, known

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
        """Names by id, as far as the vendor tells."""
        told = self._wire.listing(path, [("limit", "100"), *params], "after")
        entries = [self._wire.shaped(Named, each) for each in told]
        return {each.id: each.name or each.email or each.id for each in entries}

    def _name(self, path: str, key: str | None, *params: tuple[str, str]) -> str:
        if not key:
            return ""
        if path and path not in self._lists:
            self._lists[path] = self._allowed(path, *params)
        return self._lists.get(path, {}).get(key, key)

    def _allowed(self, path: str, *params: tuple[str, str]) -> dict[str, str]:
        try:
            return self.listed(path, *params)
        except AccessDenied:
            return {}
        except Refused:
            return self._allowed(path) if params else {}
