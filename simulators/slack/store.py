"""The workspace's memory, safe to use from any thread: every change wakes those who wait for one."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from simulators.slack import model
from simulators.slack.model import Channel, File, Install, Json, Message, Person, Team, View


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One Web API call as it arrived, with how it was answered (``error`` is empty when ok)."""

    method: str
    args: Json
    ok: bool
    error: str
    at: float


@dataclass(slots=True)
class Fault:
    """Something that is to go wrong with the next calls of a method."""

    method: str
    kind: str
    times: int
    error: str = ""
    status: int = 200
    seconds: float = 0
    channel: str | None = None


@dataclass(slots=True)
class Trigger:
    """A trigger_id: opens one view, soon."""

    user: str
    until: float
    view: str | None = None
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """A response_url: five posts within half an hour; ``ready`` once a command is acknowledged."""

    channel: str
    user: str
    until: float
    original: str | None = None
    thread_ts: str | None = None
    uses: int = 5
    ready: threading.Event | None = None


@dataclass
class Store:
    """Everything the workspace knows. Hold ``lock`` to read several things or to change one."""

    now: Callable[[], float] = time.time
    lock: threading.RLock = field(default_factory=threading.RLock)
    version: int = 0
    teams: dict[str, Team] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    usergroups: list[Json] = field(default_factory=lambda: [dict(one) for one in model.USERGROUPS])
    installs: dict[str, Install] = field(default_factory=dict)
    spoken: dict[str, dict[str, Message]] = field(default_factory=dict)
    replies: dict[tuple[str, str], list[Message]] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    stacks: dict[str, list[str]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    statuses: dict[tuple[str, str], Json] = field(default_factory=dict)
    sessions: dict[tuple[str, str], Json] = field(default_factory=dict)
    prompts: dict[str, list[Json]] = field(default_factory=dict)
    codes: dict[str, Json] = field(default_factory=dict)
    tickets: set[str] = field(default_factory=set)
    calls: list[ApiCall] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    canvases: dict[str, Json] = field(default_factory=dict)
    """By id: title, channel and Markdown."""
    executions: dict[str, Json] = field(default_factory=dict)
    """Steps of workflows under way or done, by ``function_execution_id``."""
    scheduled: dict[str, Json] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(time.time_ns() // 10**6))
    """No two runs give out the same ids: an app that remembers what it has seen must not take one for another."""
    _last_ts: float = 0.0

    def __post_init__(self) -> None:
        self._woken = threading.Condition(self.lock)

    def changed(self) -> None:
        """Something is new: wake whoever waits."""
        with self.lock:
            self.version += 1
            self._woken.notify_all()

    def wait_beyond(self, version: int, seconds: float) -> int:
        """The version as soon as it is newer than this one, or the same after so many seconds."""
        with self.lock:
            self._woken.wait_for(lambda: self.version != version, seconds)
            return self.version

    def new_id(self, letter: str) -> str:
        """A fresh id: ``F00001``."""
        with self.lock:
            return f"{letter}{next(self._numbers):08d}"

    def new_ts(self) -> str:
        """A message's timestamp, later than every one before."""
        with self.lock:
            self._last_ts = max(self.now(), self._last_ts + 0.0001)
            return f"{self._last_ts:.6f}"

    def add(self, message: Message) -> Message:
        """Store a message; blocks and elements without an id get one, as in Slack."""
        name_parts(message.blocks, self.new_id)
        with self.lock:
            self.spoken.setdefault(message.channel, {})[message.ts] = message
            if message.thread_ts not in (None, message.ts):
                self.replies.setdefault((message.channel, str(message.thread_ts)), []).append(message)
            if message.user in self.bot_users():
                self.statuses.pop((message.channel, message.thread_ts or message.ts), None)
        self.changed()
        return message

    def remove(self, message: Message) -> None:
        """Take a message away."""
        with self.lock:
            del self.spoken[message.channel][message.ts]
            if message.thread_ts not in (None, message.ts):
                self.replies[message.channel, str(message.thread_ts)].remove(message)
        self.changed()

    def messages(self) -> list[Message]:
        """Every message everywhere, ephemeral ones included."""
        with self.lock:
            return [one for channel in self.spoken.values() for one in channel.values()]

    def touch(self, message: Message) -> None:
        """A message has changed: its new parts are named, and whoever waits is woken."""
        name_parts(message.blocks, self.new_id)
        self.changed()

    def bot_users(self) -> set[str]:
        """The app's users, one a workspace."""
        return {install.bot_user for install in self.installs.values()}

    def message(self, channel: str, ts: str) -> Message | None:
        """The message with this timestamp, ephemeral ones included."""
        with self.lock:
            return self.spoken.get(channel, {}).get(ts)

    def seen_by(self, user: str | None, channel: str, thread_ts: str | None = None) -> list[Message]:
        """What stands in a channel or a thread, oldest first; ephemeral messages only for ``user``."""
        with self.lock:
            here = self.spoken.get(channel, {})
            if thread_ts is None:
                messages = [one for one in here.values() if _in_channel(one)]
            else:
                root = here.get(thread_ts)
                messages = [*([root] if root else []), *self.replies.get((channel, thread_ts), ())]
            return [one for one in messages if one.ephemeral_for in (None, user)]

    def direct(self, user: str, bot_user: str = model.BOT_USER) -> Channel:
        """The direct message between someone and the app, made when it is first needed."""
        with self.lock:
            for channel in self.channels.values():
                if channel.kind == "im" and channel.members == {user, bot_user}:
                    return channel
            team = next((one.team for one in self.installs.values() if one.bot_user == bot_user), "")
            channel = Channel(f"D{user[1:]}{bot_user[1:]}", user, team, {user, bot_user}, "im")
            self.channels[channel.id] = channel
            return channel

    def trigger(self, user: str, seconds: float, view: str | None = None) -> str:
        """A fresh trigger_id."""
        with self.lock:
            name = f"{next(self._numbers)}.{int(self.now())}.simulated"
            self.triggers[name] = Trigger(user, time.monotonic() + seconds, view)
            return name

    def response_url(self, handle: ResponseUrl) -> str:
        """The path of a fresh response_url."""
        name = self.new_id("R")
        with self.lock:
            self.response_urls[name] = handle
        return f"/response/{name}"

    def _meant(self, fault: Fault, args: Json) -> bool:
        """Whether a fault is meant for a call: everywhere, or in the channel that it names."""
        if fault.channel is None:
            return True
        given = str(args.get("channel") or args.get("channel_id") or "")
        return given.removeprefix("#") in (fault.channel, self.channels[fault.channel].name)

    def fault(self, method: str, args: Json) -> Fault | None:
        """The fault that this call runs into, if one waits for it; used up by being asked for."""
        with self.lock:
            for fault in self.faults:
                if fault.method not in (method, "*") or not self._meant(fault, args):
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return None


def _in_channel(message: Message) -> bool:
    return message.thread_ts in (None, message.ts) or message.broadcast


def name_parts(blocks: Sequence[Json], new_id: Callable[[str], str]) -> None:
    """Give a block_id to every block and an action_id to every element that came without."""
    for block in blocks:
        block.setdefault("block_id", new_id("b"))
        for element in elements(block):
            if element.get("type") not in ("image", "plain_text", "mrkdwn"):
                element.setdefault("action_id", new_id("a"))
        name_parts(block.get("child_blocks", ()), new_id)


def elements(block: Json) -> Iterator[Json]:
    """The interactive and other elements that lie directly in a block."""
    if block["type"] in ("actions", "context_actions"):
        yield from block["elements"]
    for key in ("accessory", "element"):
        if isinstance(block.get(key), dict):
            yield block[key]
    if block["type"] == "card":
        yield from block.get("actions", ())
    if block["type"] == "data_table":
        cells = (cell for row in block["rows"] for cell in row)
        yield from (cell["element"] for cell in cells if cell["type"] == "action_cell")


def walk(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Every (block, element) of a payload, containers and carousels opened."""
    for block in blocks:
        for element in elements(block):
            yield block, element
        yield from walk(block.get("child_blocks", ()))
        if block["type"] == "carousel":
            yield from walk(block["elements"])
