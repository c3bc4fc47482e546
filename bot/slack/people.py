"""Who is asking: what Slack says of a person, a channel and a workspace; and what a person has set."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.coordination.store import ValueStore
from bot.domain.errors import Unavailable
from bot.domain.question import Filter

log = logging.getLogger(__name__)

_Fetched = TypeVar("_Fetched")
_MAX_AGE = 600.0
"""Seconds for which Slack's answer about a person is used again."""
_CHANNEL_MAX_AGE = 60.0
"""The same of who reads a channel, which can be shared at any time."""
_MAX_CACHED = 10_000


@dataclass(frozen=True)
class Workspace:
    """The workspace that a token is of, as Slack says: not as a payload claims."""

    team: str
    enterprise: str = ""
    """The Enterprise Grid it belongs to; its workspaces are one organization."""
    whole: bool = False
    """Whether the token is of all workspaces of the Grid."""


@dataclass(frozen=True)
class Person:
    """Somebody of a workspace. ``outside``: of another organization, by way of a shared channel."""

    id: str
    team: str
    timezone: str = "UTC"
    admin: bool = False
    guest: bool = False
    bot: bool = False
    outside: bool = False


class Preferences(BaseModel):
    """What a person has set; ``""`` and ``()`` stand for the default."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    timezone: str = ""
    currency: str = ""
    where: tuple[Filter, ...] = ()
    """Filters for questions that name no value of their dimension."""


class People:
    """People, user groups and channels, as Slack has them; its answers are used again for some minutes."""

    def __init__(
        self, memory: ValueStore, *, admins: frozenset[str] = frozenset(), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._memory, self._admins, self._clock = memory, admins, clock
        self._cache: dict[tuple[str, ...], tuple[float, Any]] = {}
        self._lock = threading.Lock()

    def workspace(self, client: WebClient) -> Workspace:
        """The workspace that the client's token is of.

        Raises:
            Unavailable: Slack does not say.
        """
        try:
            answer = self._cached(("token", client.token or ""), client.auth_test)
        except (SlackClientError, OSError) as error:
            message = "Slack did not identify this workspace, so I can't show costs."
            raise Unavailable(message, "Try again in a minute.") from error
        whole = bool(answer.get("is_enterprise_install"))
        return Workspace(str(answer.get("team_id") or ""), str(answer.get("enterprise_id") or ""), whole)

    def person(self, client: WebClient, team: str, user: str) -> Person:
        """Who it is: a member only where Slack's own answer for them names the token's workspace, or its Grid.

        Raises:
            Unavailable: Slack does not say; nothing is shown to somebody unknown.
        """
        home = self.workspace(client)
        try:
            profile = self._cached(("user", home.team, user), lambda: client.users_info(user=user)["user"])
        except (SlackClientError, OSError) as error:
            message = "Slack did not identify you, so I can't show costs."
            raise Unavailable(message, "Try again in a minute.") from error
        return self._person(profile, home, team if home.whole else home.team)

    def own_id(self, client: WebClient) -> str:
        """The user id of the bot itself, or ``""`` where Slack does not say."""
        try:
            return str(self._cached(("token", client.token or ""), client.auth_test).get("user_id") or "")
        except (SlackClientError, OSError):
            return ""

    def name_of(self, client: WebClient, user: str) -> str:
        """Somebody's full name, or ``""`` where Slack does not say."""
        try:
            home = self.workspace(client)
            profile = self._cached(("user", home.team, user), lambda: client.users_info(user=user)["user"])
        except (SlackClientError, OSError, Unavailable):
            return ""
        return str((profile.get("profile") or {}).get("real_name") or profile.get("real_name") or "")

    def _person(self, profile: Mapping[str, Any], home: Workspace, team: str) -> Person:
        grid = profile.get("enterprise_user") or {}
        same_grid = bool(home.enterprise) and grid.get("enterprise_id") == home.enterprise
        member = same_grid or (profile.get("team_id") == home.team and not profile.get("is_stranger"))
        user = str(profile["id"])
        return Person(
            id=user,
            team=team,
            timezone=str(profile.get("tz") or "UTC"),
            admin=bool(profile.get("is_admin") or profile.get("is_owner") or user in self._admins),
            guest=bool(profile.get("is_restricted") or profile.get("is_ultra_restricted")),
            bot=bool(profile.get("is_bot")),
            outside=not member,
        )

    def groups(self, client: WebClient, team: str, user: str) -> frozenset[str]:
        """The ids of the user groups that somebody is in.

        Raises:
            Unavailable: Slack does not say.
        """
        try:
            groups = self._usergroups(client, team)
        except (SlackClientError, OSError) as error:
            message = "Slack did not list your user groups, so I don't know what you may see."
            raise Unavailable(message, "Try again in a minute.") from error
        return frozenset(str(group["id"]) for group in groups if user in group.get("users", []))

    def named_groups(self, client: WebClient, team: str) -> dict[str, str]:
        """Every user group's name by id; none where Slack does not say."""
        try:
            groups = self._usergroups(client, team)
        except (SlackClientError, OSError):
            log.warning("usergroups.list failed", exc_info=True)
            return {}
        return {str(group["id"]): str(group.get("handle") or group.get("name") or group["id"]) for group in groups}

    def _usergroups(self, client: WebClient, team: str) -> list[Mapping[str, Any]]:
        groups: list[Mapping[str, Any]] = self._cached(
            ("groups", team), lambda: client.usergroups_list(include_users=True)["usergroups"]
        )
        return groups

    def shared_outside(self, client: WebClient, team: str, channel: str) -> bool | None:
        """Whether people of other organizations read the channel; None (never cached) where Slack does not say."""
        if not channel or channel.startswith("D"):
            return False
        try:
            answer = self._cached(
                ("channel", team, channel),
                lambda: client.conversations_info(channel=channel)["channel"],
                _CHANNEL_MAX_AGE,
            )
        except (SlackClientError, OSError):
            log.info("conversations.info failed for %s", channel)
            return None
        return bool(answer.get("is_ext_shared") or answer.get("is_pending_ext_shared"))

    def _cached(self, key: tuple[str, ...], fetch: Callable[[], _Fetched], max_age: float = _MAX_AGE) -> _Fetched:
        with self._lock:
            entry = self._cache.get(key)
        if entry and self._clock() - entry[0] < max_age:
            known: _Fetched = entry[1]
            return known
        answer = fetch()
        with self._lock:
            if len(self._cache) >= _MAX_CACHED:
                self._cache.clear()
            self._cache[key] = (self._clock(), answer)
        return answer

    def preferences(self, person: Person) -> Preferences:
        """What they have set."""
        return Preferences.model_validate(self._memory.get("preferences", f"{person.team}:{person.id}") or {})

    def prefer(self, person: Person, preferences: Preferences) -> None:
        """Stores what they have set."""
        key = f"{person.team}:{person.id}"
        self._memory.put("preferences", key, preferences.model_dump(mode="json"))

    def today(self, person: Person, now: datetime) -> date:
        """The day where they are."""
        name = self.preferences(person).timezone or person.timezone
        try:
            zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            return now.astimezone(UTC).date()
        return now.astimezone(zone).date()
