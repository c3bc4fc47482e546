"""What a Slack workspace consists of: teams, people, channels, messages, files, views; and who is who in ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

BOT_TOKEN = "xoxb-simulated-bot"
APP_TOKEN = "xapp-1-simulated"
SIGNING_SECRET = "simulated-signing-secret"
CLIENT_ID, CLIENT_SECRET = "1000.2000", "simulated-client-secret"
APP_ID, BOT_ID, BOT_USER = "A0SPEND", "B0SPEND", "U0SPEND"

SCOPES = (
    "app_mentions:read channels:history channels:join channels:read chat:write chat:write.public commands files:write "
    "groups:history groups:read im:history im:write usergroups:read users:read"
)
"""What the app has been granted: what its manifest asks for, and no more."""
EVENTS = (
    "app_home_opened app_mention app_uninstalled agent_session_stopped member_joined_channel message.im tokens_revoked"
)


@dataclass(frozen=True, slots=True)
class Team:
    """A workspace: a company's own, or that of another one it shares a channel with."""

    id: str
    name: str
    domain: str
    enterprise: str = ""
    """The Enterprise Grid it belongs to; its workspaces are one organization."""


@dataclass(slots=True)
class Person:
    """Someone in Slack. A guest is ``is_restricted``; an outsider has another team's id."""

    id: str
    team: str
    name: str
    real_name: str
    tz: str = "UTC"
    is_admin: bool = False
    is_restricted: bool = False
    is_bot: bool = False
    role: str = "Member"


@dataclass(slots=True)
class Channel:
    """A place for messages: public, private, or a direct message (``im``) with the app."""

    id: str
    name: str
    team: str
    members: set[str] = field(default_factory=set)
    kind: str = "channel"
    shared_with: frozenset[str] = frozenset()
    is_archived: bool = False
    topic: str = ""


@dataclass(slots=True)
class File:
    """A file that was uploaded; it is nowhere to be seen until its upload is completed."""

    id: str
    name: str
    length: int
    title: str = ""
    alt_txt: str = ""
    content: bytes | None = None
    channels: list[str] = field(default_factory=list)
    user: str = ""


@dataclass(slots=True)
class Message:
    """One message; ``ephemeral_for`` is the only person who sees it, when it is ephemeral."""

    ts: str
    channel: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    ephemeral_for: str | None = None
    metadata: Json | None = None
    edited: bool = False
    files: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    streaming: bool = False
    markdown: str = ""
    tasks: list[Json] = field(default_factory=list)
    plan: str = ""
    broadcast: bool = False


@dataclass(slots=True)
class View:
    """A modal on someone's stack, or somebody's App Home."""

    id: str
    team: str
    user: str
    payload: Json
    hash: str
    root: str
    previous: str | None = None
    state: dict[str, dict[str, Json]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Install:
    """The app in one workspace: what a bot token opens."""

    team: str
    bot_user: str
    bot_id: str
    scopes: frozenset[str]
    active: bool = True


HOME_TEAM = Team("T0LUMEN", "Lumen Robotics", "lumen-robotics")
OTHER_TEAM = Team("T0UMBRA", "Umbra Logistics", "umbra-logistics")

ADMIN, MEMBER, GUEST, OUTSIDER = "U0AMARA", "U0JONAS", "U0NOOR", "U0VIKTOR"


def people() -> list[Person]:
    """Everyone in the invented company, a guest, and someone from a company it works with."""
    home = HOME_TEAM.id
    return [
        Person(ADMIN, home, "amara", "Amara Obi", "Africa/Lagos", is_admin=True, role="Admin"),
        Person(MEMBER, home, "jonas", "Jonas Weber", "Europe/Berlin"),
        Person("U0MEI", home, "mei", "Mei Lin", "Asia/Singapore"),
        Person("U0PRIYA", home, "priya", "Priya Nair", "Asia/Kolkata"),
        Person("U0TOMAS", home, "tomas", "Tomás Silva", "America/Los_Angeles"),
        Person(GUEST, home, "noor", "Noor Haddad", "Europe/Paris", is_restricted=True, role="Guest"),
        Person(OUTSIDER, OTHER_TEAM.id, "viktor", "Viktor Lund", "Europe/Oslo", role="Other company"),
        Person(BOT_USER, home, "spend", "Spend", is_bot=True, role="App"),
    ]


def channels() -> list[Channel]:
    """The company's channels: one for costs, two for chat, one shared, one private, one archived."""
    home = HOME_TEAM.id
    staff = {ADMIN, MEMBER, "U0MEI", "U0PRIYA", "U0TOMAS"}
    costs = Channel("C0COSTS", "cloud-costs", home, {*staff, BOT_USER}, topic="What we spend, and why")
    general = Channel("C0GENERAL", "general", home, set(staff), topic="Company-wide announcements")
    random = Channel("C0RANDOM", "random", home, {*staff, GUEST}, topic="Anything else")
    shared = Channel(
        "C0PARTNER",
        "umbra-partnership",
        home,
        {ADMIN, MEMBER, OUTSIDER, BOT_USER},
        shared_with=frozenset({OTHER_TEAM.id}),
        topic="With Umbra Logistics",
    )
    finance = Channel("G0FINANCE", "finance-private", home, {ADMIN, "U0PRIYA"}, "private", topic="Closing")
    old = Channel("C0OLD", "aws-migration", home, {*staff, BOT_USER}, is_archived=True)
    guests = Channel("C0GUEST", "site-refresh", home, {ADMIN, GUEST, BOT_USER}, topic="With our agency")
    return [costs, general, random, shared, finance, guests, old]


USERGROUPS: Sequence[Json] = (
    {"id": "S0FINOPS", "handle": "finops", "name": "FinOps", "users": [ADMIN, "U0PRIYA"]},
    {"id": "S0VISION", "handle": "vision-team", "name": "Vision team", "users": ["U0MEI"]},
)
