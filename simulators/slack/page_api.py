"""What the page asks of the workspace: everything one person sees, news of changes, and their acts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from simulators.slack import model
from simulators.slack.api import shapes
from simulators.slack.delivery import Reply
from simulators.slack.interactions import Acts
from simulators.slack.model import Channel, Json, Message
from simulators.slack.server import Handler, Routes
from simulators.slack.store import Store

NEWS_SECONDS = 15.0
WORDS = {
    "unknown_command": "{command} is not a valid command here.",
    "operation_timeout": "{command} failed because the app did not respond in time.",
    "no_app": "The app is not connected yet. Try again in a moment.",
    "connection_failed": "The app could not be reached.",
    "http_error": "The app answered with an error.",
    "http_timeout": "The app did not respond in time.",
}


def seen(store: Store, acts: Acts, asked: Mapping[str, str]) -> Json:
    """Everything that one person sees now: ``user``, ``channel`` and ``thread`` are asked for."""
    with store.lock:
        user = asked.get("user") or model.MEMBER
        joined = [one for one in store.channels.values() if user in one.members and one.kind != "im"]
        install = acts.installed(store.people[user].team)
        direct = store.direct(user, install.bot_user) if install else None
        channel = store.channels.get(asked.get("channel", ""))
        if channel is None or user not in channel.members:
            channel = next(one for one in (*joined, direct) if one is not None)
        thread = asked.get("thread") or None
        home = store.homes.get(user)
        return {
            "version": store.version,
            "me": user,
            "team": {"name": store.teams[store.people[user].team].name, "home": model.HOME_TEAM.name},
            "bot": model.BOT_USER,
            "people": {one.id: _person(store, one.id) for one in store.people.values()},
            "usergroups": {one["id"]: one["handle"] for one in store.usergroups},
            "channels": [{**_channel(one), "latest": _latest(store, one, user)} for one in joined],
            "all_channels": {one.id: one.name for one in store.channels.values() if one.kind != "im"},
            "direct": direct.id if direct else "",
            "direct_latest": _latest(store, direct, user) if direct else "0",
            "channel": _channel(channel),
            "messages": [_message(store, one, user) for one in store.seen_by(user, channel.id)],
            "thread": [_message(store, one, user) for one in store.seen_by(user, channel.id, thread)] if thread else [],
            "statuses": {ts: one for (place, ts), one in store.statuses.items() if place == channel.id},
            "prompts": store.prompts.get(channel.id, []),
            "views": [_view(store, one) for one in store.stacks.get(user, [])],
            "home": _view(store, home) if home else None,
            "commands": {name: list(words) for name, words in acts.commands.items()} if install else {},
            "suggestions": [one for one in acts.suggestions if install or not one.startswith("/")],
            "shortcuts": [{"callback_id": key, "name": name} for key, name in acts.shortcuts.items()],
            "connected": bool(acts.line.connections or acts.line.request_url),
        }


def _person(store: Store, user: str) -> Json:
    one = store.people[user]
    outside = one.team != model.HOME_TEAM.id
    kept = {"name": one.name, "real_name": one.real_name, "role": one.role, "bot": one.is_bot, "tz": one.tz}
    return {"id": one.id, **kept, "outside": store.teams[one.team].name if outside else ""}


def _latest(store: Store, channel: Channel, user: str) -> str:
    """The timestamp of the newest message that someone sees in a channel."""
    return max((one.ts for one in store.seen_by(user, channel.id)), default="0")


def _channel(one: Channel) -> Json:
    kept = {"id": one.id, "name": one.name, "kind": one.kind, "topic": one.topic, "archived": one.is_archived}
    return {**kept, "shared": bool(one.shared_with), "members": len(one.members)}


def _message(store: Store, one: Message, user: str) -> Json:
    body = shapes.message(store, one)
    replies = [reply for reply in store.seen_by(user, one.channel, one.ts) if reply.ts != one.ts]
    body |= {"ephemeral": one.ephemeral_for is not None, "streaming": one.streaming, "tasks": one.tasks}
    body |= {
        "plan": one.plan,
        "markdown": one.markdown,
        "replies": len(replies),
        "root": one.thread_ts in (None, one.ts),
    }
    body["repliers"] = list(dict.fromkeys(reply.user for reply in replies))
    for file in body.get("files", ()):
        content = store.files[file["id"]].content or b""
        file["preview"] = content[:4000].decode(errors="replace")
    return body


def _view(store: Store, name: str) -> Json:
    view = store.views[name]
    return {**shapes.view(view), "errors": dict(view.errors)}


def act(acts: Acts, asked: Json) -> Json:
    """Carry out what someone did on the page."""
    doing = ACTS.get(str(asked.get("do")))
    if doing is None:
        return {"ok": False, "error": "unknown_act"}
    try:
        result = doing(acts, str(asked["user"]), asked)
    except (LookupError, ValueError) as problem:
        return {"ok": False, "message": str(problem).strip("'\"")}
    if isinstance(result, Reply):
        return _told(result, str(asked.get("command", "The app")))
    return {"ok": True, "options": result} if isinstance(result, list) else {"ok": True}


def _told(reply: Reply, command: str) -> Json:
    if reply.error == "invalid_fields":
        return {"ok": True, "errors": reply.body["errors"]}
    if reply.error:
        word = WORDS.get(reply.error, f"Slack refused what the app answered: {reply.error}")
        return {"ok": False, "error": reply.error, "message": word.format(command=command)}
    return {"ok": True, "ts": reply.ts}


def _click(acts: Acts, user: str, one: Json) -> Reply:
    """A click; in a view, what was typed before it goes along."""
    view = acts.store.views.get(one["where"])
    if view is not None:
        acts.fill_in(view, one.get("state") or {})
    return acts.click(user, one["where"], one["action"], one.get("value"), one.get("block"))


ACTS: dict[str, Callable[[Acts, str, Json], object]] = {
    "slash": lambda acts, user, one: acts.slash(user, one["channel"], one["command"], one.get("text", "")),
    "write": lambda acts, user, one: acts.write(user, one["channel"], one["text"], one.get("thread")),
    "click": lambda acts, user, one: acts.click(user, one["where"], one["action"], one.get("value"), one.get("block")),
    "suggest": lambda acts, user, one: acts.suggest(user, one["where"], one["action"], one.get("query", "")),
    "submit": lambda acts, user, one: acts.submit(user, one["view"], one.get("state", {})),
    "close": lambda acts, user, one: acts.close(user, one["view"], everything=bool(one.get("everything"))),
    "home": lambda acts, user, one: acts.open_home(user, one.get("tab", "home")),
    "shortcut": lambda acts, user, one: acts.shortcut(user, one["callback"], one.get("ts")),
}


def page_routes(store: Store, acts: Acts) -> Routes:
    """The paths under which the page talks to the workspace."""

    def state(handler: Handler, _rest: str, query: Mapping[str, str]) -> None:
        if query.get("user", model.MEMBER) not in store.people:
            handler.reply_json({"ok": False, "message": "Nobody has this id."}, 404)
            return
        handler.reply_json(seen(store, acts, query))

    def news(handler: Handler, _rest: str, query: Mapping[str, str]) -> None:
        known = int(query.get("version") or 0)
        handler.reply_json({"version": store.wait_beyond(known, NEWS_SECONDS)})

    def do(handler: Handler, _rest: str, _query: Mapping[str, str]) -> None:
        origin = handler.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != handler.headers.get("Host"):
            handler.reply_json({"ok": False, "message": "Only this page may act."}, 403)
            return
        handler.reply_json(act(acts, json.loads(handler.body())))

    return {"/page/state": state, "/page/news": news, "/page/act": do}
