"""What every Web API method shares: its arguments, who calls, what it may touch, how it refuses."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.blockkit.validate import Problem
from simulators.slack.model import Channel, Install, Json, Message, Person
from simulators.slack.store import Store

Method = Callable[["Call"], Json]


class Refused(Exception):
    """The call is answered with ``ok: false``."""

    def __init__(self, error: str, *messages: str, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.more: Json = dict(more)
        if messages:
            self.more["response_metadata"] = {"messages": [f"[ERROR] {one}" for one in messages]}


@dataclass(frozen=True, slots=True)
class Entry:
    """A method with the scopes of which it needs one, and the arguments it needs."""

    run: Method
    scopes: tuple[str, ...]
    required: tuple[str, ...]


METHODS: dict[str, Entry] = {}


def method(name: str, *, scopes: str = "", required: str = "") -> Callable[[Method], Method]:
    """Register a Web API method; of several scopes one is enough."""

    def register(run: Method) -> Method:
        METHODS[name] = Entry(run, tuple(scopes.split()), tuple(required.split()))
        return run

    return register


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its arguments, the installation its token opens, and the workspace."""

    store: Store
    install: Install
    args: Mapping[str, object]
    base_url: str
    page_limit: int

    def text(self, name: str) -> str:
        """An argument as text, empty when it is absent."""
        value = self.args.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        """An argument as true or false."""
        return self.args.get(name) in (True, "1", "true", "True", 1)

    def json(self, name: str) -> object:
        """An argument that is JSON, or JSON in a string; None when it is absent."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise Refused("invalid_arguments", f"{name} is no JSON [json-pointer:/{name}]") from None

    def objects(self, name: str) -> list[Json]:
        """An argument that is an array of objects; empty when it is absent."""
        value = self.json(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise Refused("invalid_blocks" if name == "blocks" else "invalid_arguments", f"{name} must be an array")
        return value

    def number(self, name: str, default: int, most: int) -> int:
        """An argument as an integer between 1 and ``most``."""
        try:
            value = int(self.text(name) or default)
        except ValueError:
            raise Refused("invalid_arguments", f"{name} must be an integer") from None
        if value < 1 or value > most:
            raise Refused("invalid_limit" if name == "limit" else "invalid_arguments")
        return value

    # --- what is there ---

    def person(self, user: str) -> Person:
        """Someone of this workspace, of one it shares a channel with, or who is in a channel of it."""
        person = self.store.people.get(user)
        if person is None:
            raise Refused("user_not_found")
        shared = {team for one in self.visible() for team in (one.team, *one.shared_with)}
        here = any(user in one.members for one in self.visible())  # as those of a sister workspace in a Grid are
        if person.team not in {self.install.team, *shared} and not here:
            raise Refused("user_not_found")
        return person

    def visible(self) -> list[Channel]:
        """The channels that this installation can know of."""
        return [one for one in self.store.channels.values() if self.knows(one)]

    def knows(self, channel: Channel) -> bool:
        """Whether a channel exists as far as this installation can tell."""
        if self.install.team not in {channel.team, *channel.shared_with}:
            return False
        return channel.kind == "channel" or self.install.bot_user in channel.members

    def channel(self, name: str = "channel") -> Channel:
        """The channel that an argument names, by id (or by name, as chat.postMessage allows)."""
        given = self.text(name)
        channel = self.store.channels.get(given)
        if channel is None:
            bare = given.removeprefix("#")
            channel = next((one for one in self.visible() if one.kind != "im" and one.name == bare), None)
        if channel is None or not self.knows(channel):
            raise Refused("channel_not_found")
        return channel

    def member_of(self, channel: Channel) -> bool:
        """Whether the app has been invited."""
        return self.install.bot_user in channel.members

    def require(self, *scopes: str) -> None:
        """Refuse a call that none of these scopes allows."""
        if not self.install.scopes.intersection(scopes):
            provided = ",".join(sorted(self.install.scopes))
            raise Refused("missing_scope", needed=",".join(scopes), provided=provided)

    def message(self, channel: Channel, ts: str, error: str = "message_not_found") -> Message:
        """A message that everyone in the channel can see."""
        message = self.store.message(channel.id, ts)
        if message is None or message.ephemeral_for is not None:
            raise Refused(error)
        return message

    def paged(self, items: Sequence[Json], default: int = 100, most: int = 1000) -> tuple[list[Json], Json]:
        """One page of a listing, smaller than asked where pages are small, and its next cursor."""
        limit = min(self.number("limit", default, most), self.page_limit)
        start = _offset(self.text("cursor"))
        end = start + limit
        cursor = base64.b64encode(f"next:{end}".encode()).decode() if end < len(items) else ""
        return list(items[start:end]), {"response_metadata": {"next_cursor": cursor}}


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("next:"))
    except ValueError:
        raise Refused("invalid_cursor") from None


def refuse_problems(problems: Sequence[Problem], error: str) -> None:
    """Refuse what the strict checker has found wrong."""
    if problems:
        raise Refused(error, *(str(problem) for problem in problems))
