"""The names behind Anthropic's ids."""

from __future__ import annotations

from bot.domain.errors import AccessDenied, UnexpectedReply
from bot.providers._http import Refused, Wire
from bot.providers.anthropic.responses import Named

WORKSPACES, KEYS, USERS = (f"/v1/organizations/{each}" for each in ("workspaces", "api_keys", "users"))
ORGANIZATION = "/v1/organizations/me"
DEFAULT = "Default"
"""The workspace of whatever names none."""

_MORE = {WORKSPACES: [("include_archived", "true"), ("include_default", "true")]}

Known = dict[str, list[Named]]
"""Every list read so far; shared by the pulls of one adapter."""


class Names:
    """Ids to names, each list asked for when first needed; where the key may not read one, ids stay."""

    def __init__(self, wire: Wire, known: Known) -> None:
        self._wire, self._lists = wire, known
        self._known: dict[tuple[str, str], str] = {}

    def workspace(self, workspace: str | None) -> tuple[str, str]:
        """Id and name of a workspace; what names none is in the default one, whatever that is called."""
        if workspace:
            name = self._name(WORKSPACES, workspace)
            return workspace, DEFAULT if _is_default(name) else name
        known = (each.id for each in self._list(WORKSPACES) if _is_default(each.name or ""))
        return next(known, ""), DEFAULT

    def key(self, key: str | None) -> str:
        """An API key's name; ``""`` for none, as in the Console's workbench."""
        return self._name(KEYS, key) if key else ""

    def user(self, user: str | None) -> str:
        """A user's name, found by id or e-mail address; ``""`` for none."""
        return self._name(USERS, user) if user else ""

    def organization(self, otherwise: str) -> tuple[str, str]:
        """Id and name of the organization, as far as the vendor tells: a label must not hold up the bill."""
        if ORGANIZATION not in self._lists:
            try:
                self._lists[ORGANIZATION] = [self._wire.shaped(Named, self._wire.get(ORGANIZATION))]
            except (AccessDenied, UnexpectedReply):
                self._lists[ORGANIZATION] = [Named(id=otherwise)]
        [told] = self._lists[ORGANIZATION]
        return told.id, told.name or otherwise

    def listed(self, path: str) -> list[Named]:
        """Everything on a list; with its rarer parts where the vendor knows how to leave them in."""
        try:
            return self._asked(path, _MORE.get(path, []))
        except Refused:
            return self._asked(path, [])

    def _asked(self, path: str, more: list[tuple[str, str]]) -> list[Named]:
        told = self._wire.listing(path, [("limit", "1000"), *more], "after_id")
        return [self._wire.shaped(Named, each) for each in told]

    def _list(self, path: str) -> list[Named]:
        if path not in self._lists:
            try:
                self._lists[path] = self.listed(path)
            except (AccessDenied, Refused):
                self._lists[path] = []
        return self._lists[path]

    def _name(self, path: str, key: str) -> str:
        if (path, key) not in self._known:
            known = (each.name or each.email or each.id for each in self._list(path) if key in {each.id, each.email})
            self._known[path, key] = next(known, key)
        return self._known[path, key]


def _is_default(name: str) -> bool:
    return name.casefold() in {"default", "default workspace"}
