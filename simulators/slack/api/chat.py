"""``chat.*``: posting, changing, deleting, scheduling; and ``reactions.add``."""

from __future__ import annotations

from collections.abc import Sequence

from bot.blockkit.validate import Problem, check_message
from simulators.slack.api.call import Call, Refused, method, refuse_problems
from simulators.slack.api.shapes import message as message_json
from simulators.slack.model import Channel, Json, Message

NOT_BLOCKS = {"no_text": "no_text", "markdown_text_conflict": "markdown_text_conflict"}


def body(call: Call, *, least: bool = True) -> Json:
    """What the call wants to say, checked strictly; ``least`` refuses a message that says nothing."""
    given: Json = {key: call.text(key) for key in ("text", "markdown_text") if call.args.get(key)}
    given |= {key: call.objects(key) for key in ("blocks", "attachments") if call.args.get(key) is not None}
    metadata = call.json("metadata")
    if metadata is not None:
        given["metadata"] = metadata
    refuse(check_message(given), least=least)
    refuse_unknown_files(call, given.get("blocks", ()))
    return given


def refuse_unknown_files(call: Call, blocks: Sequence[Json]) -> None:
    """A picture that names a file must name one that is there."""
    for index, block in enumerate(blocks):
        name = block.get("slack_file", {}).get("id")
        if name is not None and (name not in call.store.files or call.store.files[name].content is None):
            raise Refused("invalid_blocks", f"invalid slack file [json-pointer:/blocks/{index}/slack_file]")


def refuse(problems: list[Problem], *, least: bool = True) -> None:
    """Turn the checker's findings into the error that Slack answers with."""
    for problem in problems:
        word = problem.message.split(":")[0]
        if word in NOT_BLOCKS and (least or word != "no_text"):
            raise Refused(word)
        if problem.pointer == "/text":
            raise Refused("msg_too_long")
        if problem.pointer.startswith("/metadata"):
            raise Refused("invalid_metadata_format")
    remaining = [problem for problem in problems if not problem.message.startswith("no_text")]
    refuse_problems(remaining, "invalid_blocks")


def target(call: Call) -> Channel:
    """The channel to speak in, when the app may speak there; a user's id means the direct message."""
    person = call.store.people.get(call.text("channel"))
    if person is not None:
        return call.store.direct(call.person(person.id).id, call.install.bot_user)
    channel = call.channel()
    if channel.is_archived:
        raise Refused("is_archived")
    if not call.member_of(channel) and "chat:write.public" not in call.install.scopes:
        raise Refused("not_in_channel")
    return channel


def thread(call: Call, channel: Channel) -> str | None:
    """The thread to answer in, which must exist."""
    ts = call.text("thread_ts")
    if not ts:
        return None
    parent = call.message(channel, ts, "thread_not_found")
    return parent.thread_ts or parent.ts


def fill(message: Message, content: Json) -> Message:
    """Put what was said into a message."""
    if content.get("markdown_text"):
        content = {**content, "text": content["markdown_text"]}
        content["blocks"] = [{"type": "markdown", "text": content["markdown_text"]}]
    message.text = content.get("text", message.text)
    message.blocks = content.get("blocks", message.blocks)
    message.attachments = content.get("attachments", message.attachments)
    message.metadata = content.get("metadata", message.metadata)
    return message


@method("chat.postMessage", scopes="chat:write", required="channel")
def post(call: Call) -> Json:
    """Post a message."""
    channel = target(call)
    message = Message(call.store.new_ts(), channel.id, call.install.bot_user, thread_ts=thread(call, channel))
    message.broadcast = call.flag("reply_broadcast")
    call.store.add(fill(message, body(call)))
    return {"channel": channel.id, "ts": message.ts, "message": message_json(call.store, message, metadata=True)}


@method("chat.postEphemeral", scopes="chat:write", required="channel user")
def post_ephemeral(call: Call) -> Json:
    """Post a message that one member of the channel sees."""
    channel = target(call)
    person = call.person(call.text("user"))
    if person.id not in channel.members:
        raise Refused("user_not_in_channel")
    message = Message(call.store.new_ts(), channel.id, call.install.bot_user, ephemeral_for=person.id)
    message.thread_ts = thread(call, channel)
    call.store.add(fill(message, body(call)))
    return {"message_ts": message.ts}


@method("chat.update", scopes="chat:write", required="channel ts")
def update(call: Call) -> Json:
    """Change a message of the app's own."""
    channel = call.channel()
    message = call.message(channel, call.text("ts"))
    if message.user != call.install.bot_user:
        raise Refused("cant_update_message")
    if message.streaming:
        raise Refused("streaming_state_conflict")
    if channel.is_archived:
        raise Refused("is_archived")
    fill(message, body(call))
    message.edited = True
    call.store.touch(message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": message_json(call.store, message)}


@method("chat.delete", scopes="chat:write", required="channel ts")
def delete(call: Call) -> Json:
    """Delete a message of the app's own."""
    channel = call.channel()
    message = call.message(channel, call.text("ts"))
    if message.user != call.install.bot_user:
        raise Refused("cant_delete_message")
    call.store.remove(message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink", required="channel message_ts")
def permalink(call: Call) -> Json:
    """A link to a message."""
    channel = call.channel()
    message = call.message(channel, call.text("message_ts"))
    digits = message.ts.replace(".", "")
    return {"channel": channel.id, "permalink": f"{call.base_url}/archives/{channel.id}/p{digits}"}


@method("chat.scheduleMessage", scopes="chat:write", required="channel post_at")
def schedule(call: Call) -> Json:
    """Keep a message for later; the simulation lists it and never posts it."""
    channel = target(call)
    at = call.number("post_at", 1, 10**11)
    if at <= call.store.now():
        raise Refused("time_in_past")
    name = call.store.new_id("Q")
    call.store.scheduled[name] = {"id": name, "channel_id": channel.id, "post_at": at, **body(call)}
    return {"channel": channel.id, "scheduled_message_id": name, "post_at": at}


@method("chat.scheduledMessages.list", scopes="chat:write")
def scheduled(call: Call) -> Json:
    """What is kept for later."""
    kept, metadata = call.paged(list(call.store.scheduled.values()))
    return {"scheduled_messages": kept, **metadata}


@method("chat.deleteScheduledMessage", scopes="chat:write", required="channel scheduled_message_id")
def unschedule(call: Call) -> Json:
    """Forget what was kept for later."""
    if call.store.scheduled.pop(call.text("scheduled_message_id"), None) is None:
        raise Refused("invalid_scheduled_message_id")
    return {}


@method("reactions.add", scopes="reactions:write", required="channel name timestamp")
def react(call: Call) -> Json:
    """Put an emoji under a message."""
    message = call.message(call.channel(), call.text("timestamp"))
    users = message.reactions.setdefault(call.text("name"), [])
    if call.install.bot_user in users:
        raise Refused("already_reacted")
    users.append(call.install.bot_user)
    call.store.changed()
    return {}


@method("reactions.remove", scopes="reactions:write", required="channel name timestamp")
def unreact(call: Call) -> Json:
    """Take the emoji away again."""
    message = call.message(call.channel(), call.text("timestamp"))
    users = message.reactions.get(call.text("name"), [])
    if call.install.bot_user not in users:
        raise Refused("no_reaction")
    users.remove(call.install.bot_user)
    if not users:
        del message.reactions[call.text("name")]
    call.store.changed()
    return {}
