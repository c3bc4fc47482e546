"""Who is asking: what Slack tells of a person, and what they have set for themselves."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.domain.errors import Unavailable
from bot.domain.question import Filter
from bot.slack.ports import Memory

log = logging.getLogger(__name__)

_FRESH = 600.0
"""Seconds for which Slack's word about a person is taken as still true."""
_CHANNEL_FRESH = 60.0
"""The same of who reads a channel, which can be shared at any time."""
_MOST_KEPT = 10_000


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
    """Somebody of a workspace. ``outside``: of another organisation, by way of a shared channel."""

    id: str
    team: str
    timezone: str = "UTC"
    admin: bool = False
    guest: bool = False
    bot: bool = False
    outside: bool = False


class Preferences(BaseModel):
    """What a person has set; ``""`` and ``()`` are "as usual"."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    timezone: str = ""
    currency: str = ""
    where: tuple[Filter, ...] = ()
    """Filters for questions that name nothing of their dimension."""


class People:
    """What is known of people, groups and channels; Slack is asked at most every ten minutes for each."""

    def __init__(
        self, memory: Memory, *, admins: frozenset[str] = frozenset(), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._memory, self._admins, self._clock = memory, admins, clock
        self._told: dict[tuple[str, ...], tuple[float, Any]] = {}
        self._lock = threading.Lock()

    def workspace(self, client: WebClient) -> Workspace:
        """The workspace that the client's token is of.

        Raises:
            Unavailable: Slack does not say.
        """
        try:
            told = self._fresh(("token", client.token or ""), client.auth_test)
        except (SlackClientError, OSError) as error:
            message = "Slack does not tell me which workspace this is, so I show no numbers."
            raise Unavailable(message, "Try again in a minute.") from error
        whole = bool(told.get("is_enterprise_install"))
        return Workspace(str(told.get("team_id") or ""), str(told.get("enterprise_id") or ""), whole)

    def person(self, client: WebClient, team: str, user: str) -> Person:
        """Who it is: a member only where Slack's own answer for them names the token's workspace, or its Grid.

        Raises:
            Unavailable: Slack does not say; nothing is shown to somebody unknown.
        """
        home = self.workspace(client)
        try:
            told = self._fresh(("user", home.team, user), lambda: client.users_info(user=user)["user"])
        except (SlackClientError, OSError) as error:
            message = "Slack does not tell me who you are, so I show no numbers."
            raise Unavailable(message, "Try again in a minute.") from error
        return self._read(told, home, team if home.whole else home.team)

    def own_id(self, client: WebClient) -> str:
        """The user id of the bot itself, or ``""`` where Slack does not say."""
        try:
            return str(self._fresh(("token", client.token or ""), client.auth_test).get("user_id") or "")
        except (SlackClientError, OSError):
            return ""

    def name_of(self, client: WebClient, user: str) -> str:
        """What somebody is called in full, or ``""`` where Slack does not say."""
        try:
            home = self.workspace(client)
            found = self._fresh(("user", home.team, user), lambda: client.users_info(user=user)["user"])
        except (SlackClientError, OSError, Unavailable):
            return ""
        return str((found.get("profile") or {}).get("real_name") or found.get("real_name") or "")

    def _read(self, told: Mapping[str, Any], home: Workspace, team: str) -> Person:
        grid = told.get("enterprise_user") or {}
        same_grid = bool(home.enterprise) and grid.get("enterprise_id") == home.enterprise
        member = same_grid or (told.get("team_id") == home.team and not told.get("is_stranger"))
        user = str(told["id"])
        return Person(
            id=user,
            team=team,
            timezone=str(told.get("tz") or "UTC"),
            admin=bool(told.get("is_admin") or told.get("is_owner") or user in self._admins),
            guest=bool(told.get("is_restricted") or told.get("is_ultra_restricted")),
            bot=bool(told.get("is_bot")),
            outside=not member,
        )

    def groups(self, client: WebClient, team: str, user: str) -> frozenset[str]:
        """The user groups somebody is in.

        Raises:
            Unavailable: Slack does not say.
        """
        try:
            found = self._fresh(
                ("groups", team),
                lambda: client.usergroups_list(include_users=True)["usergroups"],
            )
        except (SlackClientError, OSError) as error:
            message = "Slack does not tell me your user groups, so I cannot tell what you may see."
            raise Unavailable(message, "Try again in a minute.") from error
        return frozenset(str(each["id"]) for each in found if user in each.get("users", []))

    def named_groups(self, client: WebClient, team: str) -> dict[str, str]:
        """Every user group's name by id; none where Slack does not say."""
        try:
            found = self._fresh(
                ("groups", team),
                lambda: client.usergroups_list(include_users=True)["usergroups"],
            )
        except (SlackClientError, OSError):
            log.warning("usergroups.list failed", exc_info=True)
            return {}
        return {str(each["id"]): str(each.get("handle") or each.get("name") or each["id"]) for each in found}

    def shared_outside(self, client: WebClient, team: str, channel: str) -> bool | None:
        """Whether people of other organisations read the channel; None where Slack does not say, which is not kept."""
        if not channel or channel.startswith("D"):
            return False
        try:
            told = self._fresh(
                ("channel", team, channel),
                lambda: client.conversations_info(channel=channel)["channel"],
                _CHANNEL_FRESH,
            )
        except (SlackClientError, OSError):
            log.info("conversations.info failed for %s", channel)
            return None
        return bool(told.get("is_ext_shared") or told.get("is_pending_ext_shared"))

    def _fresh(self, key: tuple[str, ...], ask: Callable[[], Any], seconds: float = _FRESH) -> Any:  # noqa: ANN401 - JSON
        with self._lock:
            found = self._told.get(key)
        if found and self._clock() - found[0] < seconds:
            return found[1]
        told = ask()
        with self._lock:
            if len(self._told) >= _MOST_KEPT:
                self._told.clear()
            self._told[key] = (self._clock(), told)
        return told

    def preferences(self, person: Person) -> Preferences:
        """What they have set."""
        return Preferences.model_validate(self._memory.get("preferences", f"{person.team}:{person.id}") or {})

    def prefer(self, person: Person, preferences: Preferences) -> None:
        """Keeps what they have set."""
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
