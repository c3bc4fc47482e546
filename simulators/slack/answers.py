"""What an acknowledgement or a response_url changes in the workspace."""

from __future__ import annotations

import time

from bot.blockkit.validate import check_message
from simulators.slack.api.call import Refused
from simulators.slack.api.chat import fill, refuse
from simulators.slack.api.views import push_onto, refuse_surface, replace
from simulators.slack.model import Json, Message, View
from simulators.slack.store import ResponseUrl, Store

KEEPS = 1800.0


def respond(store: Store, handle: ResponseUrl, payload: Json) -> None:
    """Do what was posted to a response_url; Refused says why not."""
    if time.monotonic() > handle.until:
        raise Refused("expired_url")
    if handle.uses <= 0:
        raise Refused("used_url")
    if payload.get("thread_ts") and payload.get("response_type") != "in_channel":
        payload = {key: value for key, value in payload.items() if key != "thread_ts"}
    refuse(check_message(payload))
    handle.uses -= 1
    if payload.get("delete_original"):
        _delete(store, handle)
    else:
        show(store, handle, payload)


def _delete(store: Store, handle: ResponseUrl) -> None:
    with store.lock:
        message = store.message(handle.channel, handle.original or "")
        if message is not None:
            store.remove(message)


def show(store: Store, handle: ResponseUrl, payload: Json) -> Message:
    """Post what was said, or put it in the place of the original."""
    with store.lock:
        original = store.message(handle.channel, handle.original or "")
        if payload.get("replace_original") and original is not None:
            fill(original, {"blocks": [], **payload})
            original.edited = original.ephemeral_for is None
            store.touch(original)
            return original
        public = payload.get("response_type") == "in_channel"
        author = next(iter(store.channels[handle.channel].members & store.bot_users()), None)
        message = Message(store.new_ts(), handle.channel, author or _bot(store, handle))
        message.ephemeral_for = None if public else handle.user
        message.thread_ts = payload.get("thread_ts") or handle.thread_ts
        store.add(fill(message, payload))
        if handle.original is None:
            handle.original = message.ts
        return message


def _bot(store: Store, handle: ResponseUrl) -> str:
    team = store.people[handle.user].team
    return next((one.bot_user for one in store.installs.values() if one.team == team), next(iter(store.bot_users())))


def acknowledge_command(store: Store, handle: ResponseUrl, body: Json) -> None:
    """A command's acknowledgement may carry a message."""
    if body.get("text") or body.get("blocks") or body.get("attachments"):
        refuse(check_message(body))
        show(store, handle, body)


def acknowledge_submission(store: Store, view: View, body: Json) -> None:
    """A submission's acknowledgement closes the view, or says what happens in its place."""
    stack = store.stacks.get(view.user, [])
    action = body.get("response_action")
    if action == "errors":
        known = {block["block_id"] for block in view.payload["blocks"]}
        errors = body.get("errors") or {}
        if not errors or not set(errors) <= known:
            raise Refused("invalid_errors", f"errors must name blocks of the view, not {sorted(set(errors) - known)}")
        view.errors = dict(errors)
    elif action == "update":
        refuse_surface(body["view"], "modal")
        replace(store, view, body["view"])
    elif action == "push":
        refuse_surface(body["view"], "modal")
        push_onto(store, view.user, view.team, body["view"])
    elif action == "clear":
        stack.clear()
    elif action is None:
        if view.id in stack:
            stack.remove(view.id)
    else:
        raise Refused("invalid_response_action")
    store.changed()
