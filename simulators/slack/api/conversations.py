"""``conversations.*``: which channels there are, who is in them, what was said."""

from __future__ import annotations

from simulators.slack.api.call import Call, Refused, method
from simulators.slack.api.shapes import channel as channel_json
from simulators.slack.api.shapes import message as message_json
from simulators.slack.model import Channel, Json, Message

READ = {"channel": "channels:read", "private": "groups:read", "im": "im:read"}
HISTORY = {"channel": "channels:history", "private": "groups:history", "im": "im:history"}
KINDS = {"public_channel": "channel", "private_channel": "private", "im": "im"}
ANY_READ = "channels:read groups:read im:read mpim:read"
ANY_HISTORY = "channels:history groups:history im:history mpim:history"


@method("conversations.info", scopes=ANY_READ, required="channel")
def info(call: Call) -> Json:
    """One conversation."""
    channel = call.channel()
    call.require(READ[channel.kind])
    return {"channel": channel_json(channel, bot_user=call.install.bot_user)}


@method("conversations.list", scopes=ANY_READ)
def listing(call: Call) -> Json:
    """All conversations of the kinds asked for."""
    kinds = [KINDS.get(one.strip()) for one in (call.text("types") or "public_channel").split(",")]
    for kind in kinds:
        if kind is None:
            continue
        call.require(READ[kind])
    matching = [one for one in call.visible() if one.kind in kinds]
    if call.flag("exclude_archived"):
        matching = [one for one in matching if not one.is_archived]
    page, metadata = call.paged([channel_json(one, bot_user=call.install.bot_user) for one in matching])
    return {"channels": page, **metadata}


@method("users.conversations", scopes=ANY_READ)
def of_user(call: Call) -> Json:
    """The conversations that someone, or the app, is in."""
    user = call.text("user") or call.install.bot_user
    matching = [one for one in call.visible() if user in one.members and one.kind != "im"]
    page, metadata = call.paged([channel_json(one, bot_user=call.install.bot_user) for one in matching])
    return {"channels": page, **metadata}


@method("conversations.members", scopes=ANY_READ, required="channel")
def members(call: Call) -> Json:
    """Who is in a conversation."""
    channel = call.channel()
    call.require(READ[channel.kind])
    page, metadata = call.paged([{"id": one} for one in sorted(channel.members)])
    return {"members": [one["id"] for one in page], **metadata}


@method("conversations.open", scopes="im:write mpim:write", required="users")
def opened(call: Call) -> Json:
    """The direct message with someone."""
    users = [one for one in call.text("users").split(",") if one]
    if len(users) != 1:
        raise Refused("not_enough_users" if not users else "method_not_supported_for_channel_type")
    person = call.person(users[0])
    if person.is_bot:
        raise Refused("cannot_dm_bot")
    channel = call.store.direct(person.id, call.install.bot_user)
    return {"channel": {"id": channel.id}, "no_op": False, "already_open": True}


@method("conversations.join", scopes="channels:join", required="channel")
def join(call: Call) -> Json:
    """Become a member of a public channel."""
    channel = call.channel()
    if channel.kind != "channel":
        raise Refused("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refused("is_archived")
    channel.members.add(call.install.bot_user)
    call.store.changed()
    return {"channel": channel_json(channel, bot_user=call.install.bot_user)}


def _readable(call: Call) -> Channel:
    channel = call.channel()
    call.require(HISTORY[channel.kind])
    if not call.member_of(channel):
        raise Refused("not_in_channel")
    return channel


def _between(call: Call, messages: list[Message]) -> list[Message]:
    oldest, latest = float(call.text("oldest") or 0), float(call.text("latest") or "inf")
    if call.flag("inclusive"):
        return [one for one in messages if oldest <= float(one.ts) <= latest]
    return [one for one in messages if oldest < float(one.ts) < latest]


def _page(call: Call, messages: list[Message]) -> Json:
    metadata = call.flag("include_all_metadata")
    page, cursor = call.paged([message_json(call.store, one, metadata=metadata) for one in messages], 100, 999)
    return {"messages": page, "has_more": bool(cursor["response_metadata"]["next_cursor"]), **cursor}


@method("conversations.history", scopes=ANY_HISTORY, required="channel")
def history(call: Call) -> Json:
    """What was said in a channel, newest first, without replies in threads."""
    channel = _readable(call)
    return _page(call, _between(call, call.store.seen_by(None, channel.id))[::-1])


@method("conversations.replies", scopes=ANY_HISTORY, required="channel ts")
def replies(call: Call) -> Json:
    """A thread, its first message included, oldest first."""
    channel = _readable(call)
    parent = call.message(channel, call.text("ts"), "thread_not_found")
    return _page(call, _between(call, call.store.seen_by(None, channel.id, parent.thread_ts or parent.ts)))
