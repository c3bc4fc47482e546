"""The names behind Anthropic's ids."""

from __future__ import annotations

from collections import defaultdict

from bot.domain.errors import AccessDenied, CostError, RequestRefused, UnexpectedReply
from bot.providers._http import VendorClient
from bot.providers.anthropic.notes import OnNote
from bot.providers.anthropic.responses import Actor, NamedResource

WORKSPACES, KEYS, USERS = (f"/v1/organizations/{path}" for path in ("workspaces", "api_keys", "users"))
ORGANIZATION = "/v1/organizations/me"
DEFAULT = "Default"
"""The workspace of whatever names none."""

_MORE = {WORKSPACES: [("include_archived", "true"), ("include_default", "true")]}

Known = dict[str, list[NamedResource]]
"""Every list read so far; shared by the pulls of one adapter."""


_DELETED = "Deleted User"
"""What Anthropic calls everyone whose account was deleted, as the SDK's ``BetaAnalyticsUserActor.name`` says."""
_WHAT = {WORKSPACES: "workspaces", KEYS: "API keys", USERS: "users"}
_COLUMN = {WORKSPACES: "SubAccountName", KEYS: "x_ApiKeyName", USERS: "x_UserName"}


class AnthropicNames:
    """Ids to names, each list asked for when first needed; where the key may not read one, ids stay and it is noted."""

    def __init__(self, wire: VendorClient, known: Known, on_note: OnNote = lambda *_: None) -> None:
        self._wire, self._lists, self._on_note = wire, known, on_note
        self._refused: dict[str, CostError] = {}
        self._known: dict[tuple[str, str], str] = {}
        self._people: defaultdict[str, set[str]] = defaultdict(set)

    def workspace(self, workspace: str | None) -> tuple[str, str]:
        """Id and name of a workspace; what names none is in the default one, whatever that is called."""
        if workspace:
            name = self._name(WORKSPACES, workspace)
            return workspace, DEFAULT if _is_default(name) else name
        known = (workspace.id for workspace in self._list(WORKSPACES) if _is_default(workspace.name or ""))
        return next(known, ""), DEFAULT

    def key(self, key: str | None) -> str:
        """An API key's name; ``""`` for none, as in the Console's workbench."""
        return self._name(KEYS, key) if key else ""

    def user(self, user: str | None) -> str:
        """A user's name, found by id or e-mail address; ``""`` for none. Namesakes are told apart."""
        if not user:
            return ""
        found = next((member for member in self._list(USERS) if user in {member.id, member.email}), None)
        return self._distinct_name(found.name or "", found.email or "", found.id) if found else user

    def meet(self, actor: Actor) -> None:
        """Learns of somebody, so that a namesake is told apart from them."""
        if actor.name and actor.identity:
            self._people[actor.name].add(actor.identity)

    def actor(self, actor: Actor | None) -> str:
        """Who an actor of the analytics is; ``""`` for a bare API key, which is nobody."""
        if actor is None or actor.type == "api_actor":
            return ""
        return self._distinct_name(actor.name or "", actor.email_address or actor.subject or "", actor.identity)

    def _distinct_name(self, name: str, address: str, id_: str) -> str:
        """A name that one person alone has; else with what tells them apart: the address, or the id's end."""
        members = self._list(USERS, needed=False)
        namesakes = self._people.get(name, set()) | {member.id for member in members if member.name == name}
        if name and name != _DELETED and len(namesakes | ({id_} if id_ else set())) <= 1:
            return name
        apart = address or (f"…{id_[-6:]}" if name else id_)
        return f"{name} ({apart})" if name and apart else name or apart

    def organization(self, otherwise: str) -> tuple[str, str]:
        """Id and name of the organization, as far as the vendor tells: a label must not hold up the bill."""
        if ORGANIZATION not in self._lists:
            try:
                self._lists[ORGANIZATION] = [self._wire.shaped(NamedResource, self._wire.get(ORGANIZATION))]
            except (AccessDenied, UnexpectedReply):  # a name alone: the source's own serves as well
                return otherwise, otherwise
        [organization] = self._lists[ORGANIZATION]
        return organization.id, organization.name or otherwise

    def listed(self, path: str) -> list[NamedResource]:
        """Everything on a list; with its rarer parts where the vendor knows how to leave them in."""
        try:
            return self._asked(path, _MORE.get(path, []))
        except RequestRefused:
            return self._asked(path, [])

    def _asked(self, path: str, more: list[tuple[str, str]]) -> list[NamedResource]:
        entries = self._wire.listing(path, [("limit", "1000"), *more], "after_id")
        return [self._wire.shaped(NamedResource, entry) for entry in entries]

    def _list(self, path: str, *, needed: bool = True) -> list[NamedResource]:
        """The list, asked for once a pull; where it is refused and what it names is needed, that is noted."""
        if path not in self._lists and path not in self._refused:
            try:
                self._lists[path] = self.listed(path)
            except (AccessDenied, RequestRefused) as error:
                self._refused[path] = error
        if needed and path in self._refused:
            self._on_note(f"names of {_WHAT[path]}", self._refused[path], frozenset({_COLUMN[path]}))
        return self._lists.get(path, [])

    def _name(self, path: str, key: str) -> str:
        if (path, key) not in self._known:
            known = (
                named.name or named.email or named.id for named in self._list(path) if key in {named.id, named.email}
            )
            self._known[path, key] = next(known, key)
        return self._known[path, key]


def _is_default(name: str) -> bool:
    return name.casefold() in {"default", "default workspace"}
