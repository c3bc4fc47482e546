"""What people do: each act is checked as Slack would, delivered to the app, and its answer carried out."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping

from simulators.slack import answers, forms, payloads
from simulators.slack.api import shapes
from simulators.slack.api.call import Refused
from simulators.slack.delivery import Line, Reply
from simulators.slack.model import Channel, Install, Json, Message, View
from simulators.slack.store import ResponseUrl, Store, walk


class Acts:
    """People's side of the workspace. Every act returns the app's Reply; none raises for what the app did."""

    def __init__(self, store: Store, line: Line, base_url: str) -> None:
        self.store = store
        self.line = line
        self.base_url = base_url
        self.commands: dict[str, tuple[str, str]] = {}
        self.shortcuts: dict[str, str] = {}
        self.suggestions: list[str] = []
        self.subscriptions: set[str] = set()
        self.trigger_seconds = 3.0
        self.copies = 1
        self._offered: dict[tuple[str, str], list[Json]] = {}

    # --- words ---

    def write(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Reply:
        """Post a message as someone, and tell the app when it is mentioned or spoken to directly."""
        place = self._place(user, channel)
        with self.store.lock:
            message = Message(self.store.new_ts(), place.id, user, self.escape(text), thread_ts=thread_ts)
            message.blocks = [_rich_text(message.text)]
            self.store.add(message)
        self._tell(place, message)
        return Reply(acked=True, ts=message.ts, channel=place.id)

    def _place(self, user: str, channel: str) -> Channel:
        place = self.store.channels[channel]
        if user not in place.members:
            raise LookupError(f"{self.store.people[user].real_name} is not in #{place.name}")
        if place.is_archived:
            raise LookupError(f"#{place.name} is archived")
        return place

    def _tell(self, place: Channel, message: Message) -> None:
        for install in self._listening(place):
            if f"<@{install.bot_user}>" in message.text and "app_mention" in self.subscriptions:
                self.announce(install, payloads.message_event(self.store, message, "app_mention"), place)
            kind = {"im": "message.im", "private": "message.groups"}.get(place.kind, "message.channels")
            if kind in self.subscriptions and install.bot_user in place.members:
                self.announce(install, payloads.message_event(self.store, message, "message"), place)

    def _listening(self, place: Channel) -> list[Install]:
        active = {one.bot_user: one for one in self.store.installs.values() if one.active}
        teams = {place.team, *place.shared_with}
        return [one for one in active.values() if one.team in teams]

    def announce(self, install: Install, body: Json, channel: Channel | None = None) -> Json:
        """Send an event to the app in the background; the envelope is returned."""
        envelope = payloads.event(self.store, install, body, channel=channel)
        copies, self.copies = self.copies, 1
        self.line.announce(envelope, copies)
        return envelope

    def escape(self, text: str) -> str:
        """What someone types becomes what Slack stores: entities, and ids for @names and #channels."""
        text = re.sub(r"&(?!amp;|lt;|gt;)", "&amp;", text)
        text = re.sub(r"<(?![@#!]|https?:)", "&lt;", text)
        for person in sorted(self.store.people.values(), key=lambda one: -len(one.real_name)):
            for name in (person.real_name, person.name):
                text = re.sub(rf"(?<![\w<])@{re.escape(name)}\b", f"<@{person.id}>", text, flags=re.IGNORECASE)
        for channel in self.store.channels.values():
            if channel.kind != "im":
                text = re.sub(
                    rf"(?<![\w<])#{re.escape(channel.name)}(?![\w-])", f"<#{channel.id}|{channel.name}>", text
                )
        return text

    def slash(self, user: str, channel: str, command: str, text: str = "") -> Reply:
        """Run a slash command. Someone from another organization has none of this app's commands."""
        place, person = self._place(user, channel), self.store.people[user]
        install = self.installed(person.team)
        if command not in self.commands or install is None:
            return Reply(acked=False, error="unknown_command")
        ready = threading.Event()
        handle = ResponseUrl(place.id, user, time.monotonic() + answers.KEEPS, ready=ready)
        url = self.base_url + self.store.response_url(handle)
        words = (command, self.escape(text).strip())
        payload = payloads.command(self.store, person, place, words, (url, self._trigger(user)))
        reply = self.line.deliver("slash_commands", payload)
        carried = self._carried(reply, lambda body: answers.acknowledge_command(self.store, handle, body))
        ready.set()
        return carried

    def installed(self, team: str) -> Install | None:
        """The app as it is installed in a team, or None."""
        return next((one for one in self.store.installs.values() if one.team == team and one.active), None)

    def _trigger(self, user: str, view: str | None = None) -> str:
        return self.store.trigger(user, self.trigger_seconds, view)

    def _carried(self, reply: Reply, act: Callable[[Json], None]) -> Reply:
        if not reply.acked:
            return reply
        try:
            with self.store.lock:
                act(reply.body)
        except Refused as refusal:
            details = refusal.more.get("response_metadata", {}).get("messages", ())
            return Reply(acked=True, body=reply.body, error=f"{refusal.error} {'; '.join(details)}".strip())
        return reply

    # --- clicks ---

    def click(self, user: str, where: str, action_id: str, value: object = None, block_id: str | None = None) -> Reply:
        """Press a button or choose in a menu, in a message (by ts) or a view (by id)."""
        view = self.store.views.get(where)
        place = view if view is not None else self._message(user, where)
        block, element = self._element(place, action_id, value, block_id)
        entered = self._entered(place, block, element, value)
        return self._send_click(user, place, payloads.action(block, element, entered, self.store.new_ts()))

    def _entered(self, place: View | Message, block: Json, element: Json, value: object) -> Json:
        kind = element["type"]
        if kind == "feedback_buttons":
            return {"value": str(value)}
        if kind in ("button", "icon_button", "workflow_button"):
            return {}
        offered = self._offered.get((place.id if isinstance(place, View) else place.ts, element["action_id"]), ())
        entered = forms.entered(element, value, offered)
        if isinstance(place, View) and kind in forms.STATEFUL:
            held = {"type": kind, **entered}
            place.state.setdefault(block["block_id"], {})[element["action_id"]] = held
        return entered

    def _send_click(self, user: str, place: View | Message, action: Json) -> Reply:
        person = self.store.people[user]
        with self.store.lock:
            if isinstance(place, View):
                install, where = self._owner(place.team), payloads.in_view(place)
                trigger = self._trigger(user, place.id)
            else:
                install = self._author(place)
                handle = ResponseUrl(place.channel, user, time.monotonic() + answers.KEEPS, place.ts, place.thread_ts)
                where = payloads.in_message(self.store, place, self.base_url + self.store.response_url(handle))
                where["state"] = {"values": forms.initial_state({"blocks": place.blocks})}
                trigger = self._trigger(user)
            payload = payloads.interaction(self.store, install, person, "block_actions", trigger)
        return self.line.deliver("interactive", {**payload, **where, "actions": [action]})

    def _owner(self, team: str) -> Install:
        install = self.installed(team)
        if install is None:
            raise LookupError("the app is not installed")
        return install

    def _author(self, message: Message) -> Install:
        install = next((one for one in self.store.installs.values() if one.bot_user == message.user), None)
        if install is None:
            raise LookupError("this message is not the app's")
        return install

    def _message(self, user: str, ts: str) -> Message:
        with self.store.lock:
            for one in self.store.messages():
                visible = one.ephemeral_for in (None, user) and user in self.store.channels[one.channel].members
                if one.ts == ts and visible:
                    return one
        raise LookupError(f"{self.store.people[user].real_name} sees no message or view {ts}")

    def _element(self, place: View | Message, action_id: str, value: object, block_id: str | None) -> tuple[Json, Json]:
        blocks = place.payload["blocks"] if isinstance(place, View) else place.blocks
        elements = [
            (block, element)
            for block, element in walk(blocks)
            if element.get("action_id") == action_id and block_id in (None, block["block_id"])
        ]
        exact = [one for one in elements if value is not None and one[1].get("value") == value]
        if not elements:
            known = ", ".join(sorted({str(one.get("action_id")) for _, one in walk(blocks)}))
            raise LookupError(f"nothing to press is called {action_id!r}; there are: {known or 'none'}")
        return (exact or elements)[0]

    def suggest(self, user: str, where: str, action_id: str, query: str = "") -> list[Json]:
        """The options that the app offers for what someone types into an external menu."""
        view = self.store.views.get(where)
        place = view if view is not None else self._message(user, where)
        block, element = self._element(place, action_id, None, None)
        install = self._owner(place.team) if isinstance(place, View) else self._author(place)
        payload = payloads.interaction(self.store, install, self.store.people[user], "block_suggestion", "")
        del payload["trigger_id"]
        at = payloads.in_view(place) if isinstance(place, View) else payloads.in_message(self.store, place, "")
        asked = {"action_id": action_id, "block_id": block["block_id"], "value": query}
        reply = self.line.deliver("interactive", {**payload, **at, **asked})
        groups = reply.body.get("option_groups") or []
        offered = [*(reply.body.get("options") or []), *(one for group in groups for one in group["options"])]
        self._offered.setdefault((where, element["action_id"]), []).extend(offered)
        return offered

    # --- views ---

    def fill_in(self, view: View, values: Mapping[str, object]) -> None:
        """Put values into fields, by action_id (or ``block_id.action_id``)."""
        for name, value in values.items():
            block_id, _, action_id = name.rpartition(".")
            block, element = self._element(view, action_id or name, None, block_id or None)
            offered = self._offered.get((view.id, element["action_id"]), ())
            held = {"type": element["type"], **forms.entered(element, value, offered)}
            view.state.setdefault(block["block_id"], {})[element["action_id"]] = held

    def submit(self, user: str, view_id: str, values: Mapping[str, object]) -> Reply:
        """Press a modal's submit button after filling in ``values``."""
        view = self._open_view(user, view_id)
        with self.store.lock:
            self.fill_in(view, values)
            view.errors = forms.missing(view)
            if view.errors:
                self.store.changed()
                return Reply(acked=False, body={"errors": dict(view.errors)}, error="invalid_fields")
            person, trigger = self.store.people[user], self._trigger(user, view.id)
            payload = payloads.interaction(self.store, self._owner(view.team), person, "view_submission", trigger)
            payload |= {"view": shapes.view(view), "response_urls": []}
        reply = self.line.deliver("interactive", payload)
        return self._carried(reply, lambda body: answers.acknowledge_submission(self.store, view, body))

    def close(self, user: str, view_id: str, *, everything: bool = False) -> Reply:
        """Close a modal (or the whole stack); the app hears of it where it asked to."""
        view = self._open_view(user, view_id)
        with self.store.lock:
            stack = self.store.stacks[user]
            if everything or view.payload.get("clear_on_close"):
                stack.clear()
            else:
                stack.remove(view.id)
            self.store.changed()
            if not view.payload.get("notify_on_close"):
                return Reply(acked=True)
            payload = payloads.interaction(
                self.store, self._owner(view.team), self.store.people[user], "view_closed", ""
            )
            del payload["trigger_id"]
            payload |= {"view": shapes.view(view), "is_cleared": everything}
        return self.line.deliver("interactive", payload)

    def _open_view(self, user: str, view_id: str) -> View:
        if view_id not in self.store.stacks.get(user, ()):
            raise LookupError(f"{self.store.people[user].real_name} has no modal {view_id} open")
        return self.store.views[view_id]

    def open_home(self, user: str, tab: str = "home") -> Json:
        """Look at the app's Home (or Messages) tab; the event's envelope is returned."""
        person = self.store.people[user]
        install = self._owner(person.team)
        place = self.store.direct(user, install.bot_user)
        body: Json = {"type": "app_home_opened", "user": user, "channel": place.id, "tab": tab}
        body["event_ts"] = self.store.new_ts()
        held = self.store.homes.get(user)
        if held is not None and tab == "home":
            body["view"] = shapes.view(self.store.views[held])
        return self.announce(install, body) if "app_home_opened" in self.subscriptions else {}

    def shortcut(self, user: str, callback_id: str, message_ts: str | None = None) -> Reply:
        """Run a global shortcut, or one on a message."""
        person = self.store.people[user]
        install = self._owner(person.team)
        kind = "message_action" if message_ts else "shortcut"
        payload = payloads.interaction(self.store, install, person, kind, self._trigger(user))
        payload |= {"callback_id": callback_id, "action_ts": self.store.new_ts()}
        if message_ts:
            message = self._message(user, message_ts)
            handle = ResponseUrl(message.channel, user, time.monotonic() + answers.KEEPS, thread_ts=message.thread_ts)
            place = payloads.in_message(self.store, message, self.base_url + self.store.response_url(handle))
            payload["message_ts"] = message.ts
            payload |= {key: place[key] for key in ("channel", "message", "response_url") if key in place}
        return self.line.deliver("interactive", payload)


def _rich_text(text: str) -> Json:
    """What a person's own message looks like in ``blocks``."""
    parts: list[Json] = []
    for piece in re.split(r"(<[@#!][^>]+>)", text):
        if piece.startswith("<@"):
            parts.append({"type": "user", "user_id": piece[2:-1].split("|")[0]})
        elif piece.startswith("<#"):
            parts.append({"type": "channel", "channel_id": piece[2:-1].split("|")[0]})
        elif piece:
            parts.append({"type": "text", "text": _plain(piece)})
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
