"""The workspace as tests and the page drive it: people act, one looks at what they see, things go wrong on cue.

    with Workspace() as ws:
        client = WebClient(token=BOT_TOKEN, base_url=ws.api_url)
        …start a Bolt app on it, then…
        ws.wait_connected()
        ws.slash(MEMBER, "#cloud-costs", "/spend", "yesterday")
        answer = ws.wait_for(lambda: ws.messages("#cloud-costs", as_user=MEMBER))[-1]
        ws.click(MEMBER, answer["ts"], "by_account")

Channels are given by id or as ``#name``; people by id (``ADMIN``, ``MEMBER``, ``GUEST``, ``OUTSIDER``) or name.
What is read is plain JSON, as Slack's Web API writes it, with ``is_ephemeral``, ``files``, ``streaming`` and
``tasks`` added to messages. No act raises for what the app did or failed to do; the ``Reply`` says it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self, TypeVar

from simulators.slack import model
from simulators.slack.api import shapes
from simulators.slack.delivery import Line, Reply
from simulators.slack.interactions import Acts
from simulators.slack.model import Channel, File, Install, Json, Message, Person, Team
from simulators.slack.page_api import page_routes
from simulators.slack.routes import SlackRoutes
from simulators.slack.server import Api, Server
from simulators.slack.store import ApiCall, Fault, Store

T = TypeVar("T")
SUGGESTIONS = (
    "/spend last week by service",
    "/spend this month vs last month",
    "@spend why is AWS up?",
    "/spend top 5 services",
    "/spend openai vs anthropic this month",
    "/spend help",
)
COMMANDS = {"/spend": ("Ask what you spend, and why", "[last week by service | why is AWS up? | help]")}


class Workspace:
    """A running simulated workspace on a port of the loopback interface; a context manager."""

    def __init__(  # noqa: PLR0913 - each is a dial of the simulation, all by keyword and with a default
        self,
        port: int = 0,
        *,
        now: Callable[[], float] = time.time,
        commands: Mapping[str, tuple[str, str]] | None = None,
        events: str = model.EVENTS,
        scopes: str = model.SCOPES,
        page_limit: int = 100,
        ack_seconds: float = 3.0,
        retry_waits: Sequence[float] = (0, 60, 300),
        shortcuts: Mapping[str, str] | None = None,
        suggestions: Sequence[str] = SUGGESTIONS,
    ) -> None:
        """Start it.

        ``now`` is the workspace's clock; ``page_limit`` makes listings come in small pages; ``shortcuts`` are
        message shortcuts, callback_id to name; ``suggestions`` are what the page offers to type.
        """
        self.store = Store(now)
        self._found(scopes)
        self.line = Line(self.store.changed, ack_seconds=ack_seconds, retry_waits=tuple(retry_waits))
        self._server = Server(port)
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.api_url = f"{self.url}/api/"
        self.acts = Acts(self.store, self.line, self.url)
        self.acts.commands = dict(commands or COMMANDS)
        self.acts.subscriptions = set(events.split())
        self.acts.shortcuts = dict(shortcuts or {})
        self.acts.suggestions = list(suggestions)
        api = Api(self.store, self.url, page_limit)
        own = SlackRoutes(api, self.line).paths()
        self._server.routes = {**own, **page_routes(self.store, self.acts)}
        self._server.start()

    def _found(self, scopes: str) -> None:
        for team in (model.HOME_TEAM, model.OTHER_TEAM):
            self.store.teams[team.id] = team
        self.store.people = {one.id: one for one in model.people()}
        self.store.channels = {one.id: one for one in model.channels()}
        install = Install(model.HOME_TEAM.id, model.BOT_USER, model.BOT_ID, frozenset(scopes.split()))
        self.store.installs[model.BOT_TOKEN] = install

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Close every connection and the port."""
        self.line.stop()
        self.store.changed()
        self._server.stop()

    # --- names ---

    def channel(self, name: str) -> Channel:
        """A channel by id or ``#name``."""
        with self.store.lock:
            channel = self.store.channels.get(name)
            bare = name.removeprefix("#")
            channel = channel or next((one for one in self.store.channels.values() if one.name == bare), None)
        if channel is None:
            raise LookupError(f"no channel {name}")
        return channel

    def person(self, name: str) -> Person:
        """Someone by id, handle or full name."""
        with self.store.lock:
            for one in self.store.people.values():
                if name in (one.id, one.name, one.real_name):
                    return one
        raise LookupError(f"nobody is called {name}")

    def dm_channel(self, user: str) -> str:
        """The id of the direct message between someone and the app."""
        person = self.person(user)
        install = next((one for one in self.store.installs.values() if one.team == person.team), None)
        return self.store.direct(person.id, install.bot_user if install else model.BOT_USER).id

    # --- people act ---

    def slash(self, user: str, channel: str, command: str, text: str = "") -> Reply:
        """Run a slash command; ``unknown_command`` for what the app has not, or for people from elsewhere."""
        return self.acts.slash(self.person(user).id, self.channel(channel).id, command, text)

    def mention(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Reply:
        """Write ``@spend text`` in a channel or a thread; ``reply.ts`` is the message's."""
        install = self._install_for(self.channel(channel))
        words = f"<@{install.bot_user}> {text}".strip()
        return self.acts.write(self.person(user).id, self.channel(channel).id, words, thread_ts)

    def dm(self, user: str, text: str, thread_ts: str | None = None) -> Reply:
        """Write to the app directly; ``reply.ts`` and ``reply.channel`` are the message's."""
        return self.acts.write(self.person(user).id, self.dm_channel(user), text, thread_ts)

    def say(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Reply:
        """Write in a channel, as it is typed: ``@names`` and ``#channels`` become mentions."""
        return self.acts.write(self.person(user).id, self.channel(channel).id, text, thread_ts)

    def click(
        self, user: str, where: str, action_id: str, value: object = None, *, block_id: str | None = None
    ) -> Reply:
        """Press or choose in a message (its ts) or a view (its id).

        ``value`` tells buttons of one action_id apart, names an option by its value (several as a list), or
        is the date, time, user, channel or text that is entered.
        """
        return self.acts.click(self.person(user).id, where, action_id, value, block_id)

    def suggest(self, user: str, where: str, action_id: str, query: str = "") -> list[Json]:
        """Type into an external menu; the options that the app offers."""
        return self.acts.suggest(self.person(user).id, where, action_id, query)

    def submit(self, user: str, view_id: str, state: Mapping[str, object] | None = None) -> Reply:
        """Fill in fields (by action_id, or ``block_id.action_id``) and press submit.

        Options are named by their value. A field that Slack itself refuses is ``invalid_fields``, with
        ``body["errors"]`` by block_id; the app is not asked.
        """
        return self.acts.submit(self.person(user).id, view_id, state or {})

    def close(self, user: str, view_id: str, *, everything: bool = False) -> Reply:
        """Close a modal; ``everything`` closes the whole stack."""
        return self.acts.close(self.person(user).id, view_id, everything=everything)

    def open_home(self, user: str, tab: str = "home") -> Json:
        """Open the app's Home (or ``messages``) tab; returns the event's envelope."""
        return self.acts.open_home(self.person(user).id, tab)

    def shortcut(self, user: str, callback_id: str, message_ts: str | None = None) -> Reply:
        """Run a shortcut: global, or on a message."""
        return self.acts.shortcut(self.person(user).id, callback_id, message_ts)

    def event(self, body: Json, team: str | None = None) -> Json:
        """Send any other event to the app; returns its envelope."""
        team = team or model.HOME_TEAM.id
        install = next(one for one in self.store.installs.values() if one.team == team)
        return self.acts.announce(install, {"event_ts": self.store.new_ts(), **body})

    def run_step(self, callback_id: str, inputs: Json) -> str:
        """Run the app's step of a workflow; its execution's id, to look up in ``store.executions``.

        The event carries a token of its own, good until the step is done, with the scopes of the app's.
        https://docs.slack.dev/reference/events/function_executed
        """
        install, execution = self.store.installs[model.BOT_TOKEN], self.store.new_id("Fx")
        token = f"xwfp-{execution}"
        self.store.installs[token] = install
        self.store.executions[execution] = {"state": "running", "token": token}
        function = {"id": "Fn0STEP", "callback_id": callback_id, "type": "app", "app_id": model.APP_ID}
        body = {"type": "function_executed", "function": function, "inputs": inputs, "bot_access_token": token}
        self.event({**body, "function_execution_id": execution, "workflow_execution_id": self.store.new_id("Wx")})
        return execution

    def stop_answer(self, user: str, channel: str, thread_ts: str) -> Json:
        """Press the stop button of an agent's session."""
        place = self.channel(channel).id
        growing = [one.ts for one in self.store.seen_by(user, place, thread_ts) if one.streaming]
        body = {"type": "agent_session_stopped", "channel": place, "user": self.person(user).id}
        return self.event({**body, "thread_ts": thread_ts, "streaming_message_ts": growing})

    def _install_for(self, channel: Channel) -> Install:
        teams = {channel.team, *channel.shared_with}
        return next(one for one in self.store.installs.values() if one.team in teams)

    # --- the workspace changes ---

    def invite(self, user: str, channel: str) -> None:
        """Put someone, or the app, into a channel; the app hears of it where it is a member."""
        place, person = self.channel(channel), self.person(user)
        with self.store.lock:
            place.members.add(person.id)
        self.store.changed()
        install = self.acts.installed(place.team)
        if install and install.bot_user in place.members and "member_joined_channel" in self.acts.subscriptions:
            kind = "G" if place.kind == "private" else "C"
            body = {"type": "member_joined_channel", "user": person.id, "channel": place.id, "channel_type": kind}
            self.acts.announce(install, {**body, "team": place.team, "event_ts": self.store.new_ts()}, place)

    def kick(self, user: str, channel: str) -> None:
        """Take someone, or the app, out of a channel."""
        with self.store.lock:
            self.channel(channel).members.discard(self.person(user).id)
        self.store.changed()

    def archive(self, channel: str, *, archived: bool = True) -> None:
        """Archive a channel, or bring it back."""
        self.channel(channel).is_archived = archived
        self.store.changed()

    def add_person(self, person: Person) -> Person:
        """Someone new."""
        self.store.people[person.id] = person
        self.store.changed()
        return person

    def add_channel(self, channel: Channel) -> Channel:
        """A new channel."""
        self.store.channels[channel.id] = channel
        self.store.changed()
        return channel

    def uninstall(self) -> None:
        """Take the app out of the workspace: its token is dead, and it is told so."""
        install = self.store.installs[model.BOT_TOKEN]
        for body in ({"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": [install.bot_user]}}):
            self.acts.announce(install, body)
        install.active = False

    def add_team(self, team: Team, member: Person) -> Channel:
        """Another workspace with one member and a #general of its own, into which the app can be installed."""
        self.store.teams[team.id] = team
        self.store.people[member.id] = member
        return self.add_channel(Channel(f"C{team.id[1:]}", f"general-{team.domain}", team.id, {member.id}))

    def oauth_code(self, team: str, user: str, *, scopes: str = model.SCOPES, rotates: bool = False) -> str:
        """A code for ``oauth.v2.access``, as it comes back when someone of a team agrees to install the app."""
        code = self.store.new_id("code")
        grant = {"team": team, "user": user, "scopes": scopes.split(), "rotates": rotates, "pending": True}
        self.store.codes[code] = grant
        return code

    # --- what one sees ---

    def messages(self, channel: str, thread_ts: str | None = None, as_user: str | None = None) -> list[Json]:
        """What stands in a channel or thread, oldest first; with ``as_user`` their ephemeral messages too."""
        user = self.person(as_user).id if as_user else None
        with self.store.lock:
            messages = self.store.seen_by(user, self.channel(channel).id, thread_ts)
            return [self.message_json(one) for one in messages]

    def message_json(self, message: Message) -> Json:
        """A message as JSON, with what only the simulation knows."""
        body = shapes.message(self.store, message, metadata=True)
        body |= {"channel": message.channel, "is_ephemeral": message.ephemeral_for is not None}
        return {**body, "streaming": message.streaming, "tasks": message.tasks}

    def from_bot(self, channel: str, thread_ts: str | None = None, as_user: str | None = None) -> list[Json]:
        """Only the app's messages."""
        return [one for one in self.messages(channel, thread_ts, as_user) if "bot_id" in one]

    def views(self, user: str) -> list[Json]:
        """Someone's open modals, the topmost last, with ``errors`` shown at their fields."""
        with self.store.lock:
            stack = self.store.stacks.get(self.person(user).id, [])
            held = [self.store.views[one] for one in stack]
            return [{**shapes.view(one), "errors": dict(one.errors)} for one in held]

    def home(self, user: str) -> Json | None:
        """Someone's App Home, or None before the app has published one."""
        with self.store.lock:
            held = self.store.homes.get(self.person(user).id)
            return shapes.view(self.store.views[held]) if held else None

    def status(self, channel: str, thread_ts: str) -> str:
        """What the app says it is at, below a thread; empty when nothing."""
        return str(self.store.statuses.get((self.channel(channel).id, thread_ts), {}).get("status", ""))

    @property
    def files(self) -> list[File]:
        """The files that were uploaded in full, oldest first."""
        with self.store.lock:
            return [one for one in self.store.files.values() if one.content is not None]

    @property
    def calls(self) -> list[ApiCall]:
        """Every Web API call so far, refused ones included."""
        with self.store.lock:
            return list(self.store.calls)

    def called(self, method: str) -> list[ApiCall]:
        """The calls of one method."""
        return [one for one in self.calls if one.method == method]

    def wait_for(self, look: Callable[[], T], timeout: float = 5.0) -> T:
        """Look again after every change until something true is seen; TimeoutError when it never is."""
        until = time.monotonic() + timeout
        while True:
            version = self.store.version
            seen = look()
            if seen:
                return seen
            left = until - time.monotonic()
            if left <= 0:
                last = [f"{one.method} {one.error or 'ok'}" for one in self.calls[-5:]]
                raise TimeoutError(f"not seen within {timeout} s; last calls: {last}")
            self.store.wait_beyond(version, min(left, 0.25))

    def wait_connected(self, timeout: float = 10.0) -> None:
        """Wait until the app holds a socket open."""
        self.line.wait_connected(timeout)

    # --- things go wrong on cue ---

    def fail(self, method: str, error: str, times: int = 1, *, status: int = 200, channel: str | None = None) -> None:
        """The next calls of a method (``*`` for any) are answered with this error."""
        place = self.channel(channel).id if channel else None
        self.store.faults.append(Fault(method, "fail", times, error, status, channel=place))

    def throttle(self, method: str, times: int = 1, retry_after: int = 1) -> None:
        """The next calls of a method are refused with 429 and Retry-After; ``response_url`` is a method here."""
        self.store.faults.append(Fault(method, "throttle", times, seconds=retry_after))

    def lose_reply(self, method: str, times: int = 1) -> None:
        """The next calls of a method are carried out, and then the line is cut before the reply."""
        self.store.faults.append(Fault(method, "cut", times))

    def slow(self, method: str, seconds: float, times: int = 1) -> None:
        """The next calls of a method take longer."""
        self.store.faults.append(Fault(method, "slow", times, seconds=seconds))

    def heal(self) -> None:
        """Nothing more goes wrong."""
        self.store.faults.clear()

    def repeat_next_event(self, times: int = 2) -> None:
        """The next event is delivered so many times, as when acknowledgements get lost."""
        self.acts.copies = times

    def refresh_sockets(self) -> None:
        """Ask the app to reconnect, as Slack does every few hours."""
        self.line.refresh()

    def connect_http(self, request_url: str) -> None:
        """From now on reach the app by signed requests to this URL."""
        self.line.request_url = request_url

    def verify_url(self) -> bool:
        """Whether the app's URL returns the challenge, as Slack asks when the URL is entered."""
        reply = self.line.deliver("events_api", {"type": "url_verification", "challenge": "3eZbrw1a", "token": "x"})
        return reply.body.get("challenge") == "3eZbrw1a"
