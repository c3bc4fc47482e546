"""What every listener shares, and the request that each handles: a person, a destination and what they may see."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.blockkit.build import Block, Message
from bot.blockkit.validate import check_view
from bot.coordination.store import ValueStore
from bot.domain.errors import AccessDenied, Unavailable
from bot.domain.question import Question
from bot.domain.scope import Scope
from bot.slack.access import Access
from bot.slack.audit import Audit
from bot.slack.delivery import Delivery, Destination
from bot.slack.people import People, Person
from bot.slack.ports import Asker, Operations
from bot.slack.workspace_memory import WorkspaceMemory

if TYPE_CHECKING:
    from bot.slack.inbox import Inbox

log = logging.getLogger(__name__)

Body = Mapping[str, Any]
"""A payload as Slack sends it."""
WORKSPACE = "x_workspace"
"""Where the app writes into a payload which workspace's token answers it: Slack's word, not the payload's own."""
_SEEN_DAYS = 2
_EXPIRED_TRIGGER = frozenset({"expired_trigger_id", "trigger_expired", "trigger_exchanged"})


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class SlackSettings:
    """How the bot behaves in Slack. Nothing here is read from the environment."""

    command: str = "/spend"
    admins: frozenset[str] = frozenset()
    """Ids of people who administer the bot beside the workspace's own admins."""
    workspaces: Mapping[str, Scope] | None = None
    """What each workspace may see; None where there is one and it may see everything."""
    audit_days: int = 365
    thread_days: int = 90
    """How long a thread keeps its question."""
    agent: bool = False
    """Slack's agent surface: direct messages are threads with suggested prompts; guests cannot use it."""
    currencies: tuple[str, ...] = ("USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "INR")
    now: Callable[[], datetime] = _now


@dataclass(frozen=True)
class Request:
    """What somebody asks for, from where, and within what they may see."""

    destination: Destination
    person: Person
    scope: Scope
    today: date
    """The day where the person is."""
    entry_point: str
    """``slash``, ``mention``, ``message``, ``button``, ``menu``, ``modal``, ``shortcut`` or ``home``."""


Subcommand = Callable[[Request, str, str], None]
"""Handles a first word after the slash command: the request, the text after the word, and a trigger for a modal."""
ExactCommand = Callable[[Destination, str], None]
"""Handles all of a slash command's text, for those too who may see no costs: the destination and a trigger."""
HomeSection = Callable[[Request], list[Block]]
"""Blocks of App Home for whoever opens it."""
AdminHomeSection = Callable[[Destination], list[Block]]
"""Blocks of App Home for admins."""


@dataclass
class AppContext:
    """The parts that listeners share, and the lists that they register themselves in."""

    answer_service: Asker
    memory: ValueStore
    settings: SlackSettings
    people: People
    access: Access
    audit: Audit
    delivery: Delivery
    operations: Operations | None = None
    """How the sources are doing."""
    subcommands: dict[str, Subcommand] = field(default_factory=dict)
    """By first words after the slash command: ``digest``."""
    exact_commands: dict[str, ExactCommand] = field(default_factory=dict)
    """By all of its text: ``settings``."""
    home_sections: list[HomeSection] = field(default_factory=list)
    admin_home_sections: list[AdminHomeSection] = field(default_factory=list)
    digest_modal: Callable[[Request, Question], Block] | None = None
    """The modal that schedules a question; None where digests are off."""
    inbox: Inbox | None = None
    """The questions received and not answered yet; made with the listeners."""
    on_uninstall: list[Callable[[str], None]] = field(default_factory=list)
    """Called with a workspace that has removed the app."""
    _purged_on: date | None = None
    _purge_lock: threading.Lock = field(default_factory=threading.Lock)

    def workspace_memory(self, client: WebClient) -> WorkspaceMemory:
        """What buttons and modals of the client's workspace carry by a key.

        Raises:
            Unavailable: Slack does not say which workspace that is.
        """
        return WorkspaceMemory(self.memory, self.people.workspace(client).team)

    def authorize(self, destination: Destination, entry_point: str, *, shared: bool | None = False) -> Request:
        """The request of whoever asks, with what they may see there. ``shared``: other organizations read it.

        Raises:
            AccessDenied: nothing.
            Unavailable: Slack does not say who they are.
        """
        person = self.people.person(destination.client, destination.team, destination.user)
        try:
            scope = self.access.scope(destination.client, person, destination.channel, shared=shared)
        except AccessDenied:
            self.audit.note(
                destination.team, person.id, "refused", channel=destination.channel, entry_point=entry_point
            )
            raise
        return Request(destination, person, scope, self.people.today(person, self.settings.now()), entry_point)

    def admin(self, destination: Destination) -> Person:
        """The person, if they administer the bot.

        Raises:
            AccessDenied: they do not.
        """
        person = self.people.person(destination.client, destination.team, destination.user)
        if not person.admin or person.outside:
            raise AccessDenied("Only admins of this workspace can do that.", "Ask one of them.")
        return person

    def authorize_admin(self, destination: Destination, entry_point: str) -> Request:
        """The request of an admin, with what the workspace may see: a rule that shuts an admin out can be undone.

        Raises:
            AccessDenied: they are none.
        """
        person = self.admin(destination)
        scope = self.access.workspace(destination.team)
        return Request(destination, person, scope, self.people.today(person, self.settings.now()), entry_point)

    def reply(self, request: Request, message: Message) -> None:
        """Replies with a message that holds no figures."""
        self.delivery.reply(request.destination, message)

    def open(self, destination: Destination, trigger: str, view: Block) -> None:
        """Opens a modal, or puts it on top of the one that is open.

        Raises:
            Unavailable: Slack did not wait long enough.
        """
        for problem in check_view(view):
            log.error("a view of ours is not valid: %s", problem)
        try:
            destination.client.views_open(trigger_id=trigger, view=view)
        except SlackApiError as error:
            if error.response.get("error") in _EXPIRED_TRIGGER:
                raise Unavailable("The form took too long to open.", "Please try again.") from error
            raise

    def purge_expired(self) -> None:
        """Once a day deletes what is too old to matter: payloads seen, questions of old threads."""
        now = self.settings.now()
        with self._purge_lock:
            if self._purged_on == now.date():
                return
            self._purged_on = now.date()
        for kind in ("seen", "inbox"):
            self.memory.forget_before(kind, f"{int((now - timedelta(days=_SEEN_DAYS)).timestamp()):011d}")
        oldest = (now - timedelta(days=self.settings.thread_days)).isoformat()
        for key, entry in self.memory.all("thread").items():
            if str(entry.get("at", "")) < oldest:
                self.memory.forget("thread", key)


def destination_of(body: Body, client: WebClient) -> Destination:
    """Where the answer to a payload goes: privately after commands and on ephemeral messages."""
    if "event" in body:
        return _of_event(body, client)
    if "command" in body:
        return Destination(
            client,
            team_of(body),
            str(body.get("channel_id") or ""),
            str(body.get("user_id") or ""),
            response_url=str(body.get("response_url") or ""),
        )
    return _of_interaction(body, client)


def _of_event(body: Body, client: WebClient) -> Destination:
    event = body["event"]
    channel, user = str(event.get("channel") or ""), str(event.get("user") or "")
    thread = event.get("thread_ts") or ("" if channel.startswith("D") else event.get("ts"))
    active = bool(event.get("thread_ts"))
    return Destination(client, team_of(body), channel, user, str(thread or ""), private=not channel, active=active)


def _of_interaction(body: Body, client: WebClient) -> Destination:
    container = body.get("container") or {}
    message = body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    private = bool(container.get("is_ephemeral")) or not channel or body.get("type") == "message_action"
    root = message.get("thread_ts") or container.get("thread_ts")
    if not root and not private and not channel.startswith("D"):
        root = message.get("ts") or container.get("message_ts")
    return Destination(
        client,
        team_of(body),
        channel,
        str((body.get("user") or {}).get("id") or ""),
        str(root or ""),
        str(body.get("response_url") or ""),
        private,
    )


def team_of(body: Body) -> str:
    """The workspace that a payload is answered for."""
    return str(body.get(WORKSPACE) or body.get("team_id") or (body.get("team") or {}).get("id") or "")
