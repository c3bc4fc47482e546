"""Who may see what: rules of a workspace that narrow the scope of every answer.

By default full members may ask for everything, guests and people of other organizations for nothing,
and channels shared with other organizations get no numbers. Rules are in an order: the first that names the
person, else the first that names one of their user groups, else the first for everyone, says what the person
may see. A rule for a channel narrows that further for whatever is shown there. A guest may ask only where a
rule names them. The scope goes to whoever asks the ledger: a number outside it is never read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict
from slack_sdk import WebClient

from bot.coordination.store import ValueStore
from bot.domain.errors import AccessDenied
from bot.domain.scope import EVERYTHING, Scope
from bot.slack.people import People, Person

Subject = Literal["everyone", "user", "group", "channel"]
_ORDER: tuple[Subject, ...] = ("user", "group", "everyone")
_REFUSAL = "I can't show costs here."


class AccessRule(BaseModel):
    """One rule. ``id`` is Slack's id of the person, group or channel; ``""`` for everyone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    subject: Subject
    id: str = ""
    deny: bool = False
    scope: Scope = EVERYTHING

    def names(self, person: Person, groups: frozenset[str]) -> bool:
        """Whether it is about this person."""
        match self.subject:
            case "user":
                return self.id == person.id
            case "group":
                return self.id in groups
            case "everyone":
                return True
        return False


class Rules(BaseModel):
    """The rules of one workspace, in their order."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    rules: tuple[AccessRule, ...] = ()


def decide(rules: tuple[AccessRule, ...], person: Person, groups: frozenset[str], channel: str) -> Scope:
    """What a person may see in a channel (``""`` for where they alone read). Pure.

    Raises:
        AccessDenied: nothing.
    """
    if person.bot or person.outside:
        raise AccessDenied(_REFUSAL, "Only members of this organization can ask.")
    applicable = _first(rules, person, groups)
    if person.guest and (applicable is None or applicable.subject != "user"):
        raise AccessDenied(_REFUSAL, "Only full members can ask. An admin can add an access rule for you.")
    scope = EVERYTHING
    for rule in filter(None, (applicable, _of_channel(rules, channel))):
        if rule.deny:
            raise AccessDenied(_REFUSAL, "An access rule excludes you. Your admins can change it.")
        scope = scope.within(rule.scope)
    return scope


def _first(rules: tuple[AccessRule, ...], person: Person, groups: frozenset[str]) -> AccessRule | None:
    fitting = [rule for rule in rules if rule.names(person, groups)]
    return min(fitting, key=lambda rule: _ORDER.index(rule.subject), default=None)


def _of_channel(rules: tuple[AccessRule, ...], channel: str) -> AccessRule | None:
    return next((rule for rule in rules if rule.subject == "channel" and rule.id == channel), None)


def _refuse_shared(shared: bool | None) -> None:
    if shared is None:
        raise AccessDenied(
            "I can't see who reads this channel, so I can't show costs here.",
            "Invite me (/invite), or ask me in a direct message.",
        )
    if shared:
        raise AccessDenied(_REFUSAL, "People from other organizations read this channel. Ask me in a direct message.")


class Access:
    """The stored rules of each workspace. ``workspaces`` holds what each may see at all, if not everything."""

    def __init__(self, memory: ValueStore, people: People, *, workspaces: Mapping[str, Scope] | None = None) -> None:
        self._memory, self._people, self._workspaces = memory, people, workspaces

    def rules(self, team: str) -> tuple[AccessRule, ...]:
        """The rules of a workspace."""
        return Rules.model_validate(self._memory.get("access", team) or {}).rules

    def change(self, team: str, rules: tuple[AccessRule, ...]) -> None:
        """Stores the rules of a workspace."""
        self._memory.put("access", team, Rules(rules=rules).model_dump(mode="json"))

    def erase(self, team: str) -> None:
        """Deletes the rules of a workspace."""
        self._memory.forget("access", team)

    def scope(self, client: WebClient, person: Person, channel: str, *, shared: bool | None = False) -> Scope:
        """What the person may see in the channel; ``shared``: people of other organizations read it, None: perhaps.

        Raises:
            AccessDenied: nothing.
            Unavailable: Slack does not say who they are.
        """
        _refuse_shared(shared)
        rules = self.rules(person.team)
        grouped = any(rule.subject == "group" for rule in rules)
        groups = self._people.groups(client, person.team, person.id) if grouped else frozenset()
        allowed = decide(rules, person, groups, channel)
        return self.workspace(person.team).within(allowed).within(Scope(team=person.team))

    def unnamed_scope(self, team: str, channel: str, *, shared: bool | None) -> Scope:
        """What a full member whom no rule names may see in the channel: for what asks without a person.

        Raises:
            AccessDenied: nothing.
        """
        _refuse_shared(shared)
        allowed = decide(self.rules(team), Person("", team), frozenset(), channel)
        return self.workspace(team).within(allowed).within(Scope(team=team))

    def channel_scope(self, team: str, channel: str) -> Scope:
        """What may be posted in a channel without being asked for: a digest, an alert.

        Raises:
            AccessDenied: nothing.
        """
        rule = _of_channel(self.rules(team), channel)
        if rule and rule.deny:
            raise AccessDenied("An access rule keeps costs out of this channel.")
        return self.workspace(team).within(rule.scope if rule else EVERYTHING).within(Scope(team=team))

    def workspace(self, team: str) -> Scope:
        """What anybody of a workspace may see at most.

        Raises:
            AccessDenied: the workspace was given no sources.
        """
        if self._workspaces is None:
            return EVERYTHING
        if team not in self._workspaces:
            raise AccessDenied(
                "This workspace has no cost sources yet.",
                "The bot's operator assigns sources to workspaces in sources.toml.",
            )
        return self._workspaces[team]
