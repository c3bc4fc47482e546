"""Answers that grow while one reads: ``chat.*Stream``, ``assistant.threads.*``, ``agents.sessions.*``."""

from __future__ import annotations

from bot.blockkit.validate import check_blocks, check_chunks, check_message, check_prompts
from simulators.slack.api.call import Call, Refused, method, refuse_problems
from simulators.slack.api.chat import refuse, target, thread
from simulators.slack.api.shapes import message as message_json
from simulators.slack.model import Json, Message

MOST_MARKDOWN, MOST_BLOCKS, MOST_LOADING, MOST_STATUS = 12_000, 50, 10, 50
STATUSES = ("active", "processing", "suspended", "closed")


def grow(call: Call, message: Message) -> None:
    """Add what a call brings to a streaming message."""
    chunks = call.objects("chunks")
    refuse_problems(check_chunks(chunks), "invalid_chunks")
    if call.text("markdown_text") and chunks:
        raise Refused("invalid_arguments", "markdown_text and chunks exclude each other")
    if len(call.text("markdown_text")) > MOST_MARKDOWN:
        raise Refused("msg_too_long")
    message.markdown += call.text("markdown_text")
    for chunk in chunks:
        _add(message, chunk)
    message.text = message.markdown
    call.store.touch(message)


def _add(message: Message, chunk: Json) -> None:
    if chunk["type"] == "markdown_text":
        message.markdown += chunk["text"]
    elif chunk["type"] == "plan_update":
        message.plan = chunk["title"]
    elif chunk["type"] == "blocks":
        refuse_problems(check_blocks(chunk["blocks"]), "invalid_blocks")
        message.blocks = [*message.blocks, *chunk["blocks"]]
    else:
        task = {key: value for key, value in chunk.items() if key != "type"}
        others = [one for one in message.tasks if one["id"] != task["id"]]
        at = next((index for index, one in enumerate(message.tasks) if one["id"] == task["id"]), len(others))
        message.tasks = [*others[:at], task, *others[at:]]


@method("chat.startStream", scopes="chat:write", required="channel thread_ts")
def start(call: Call) -> Json:
    """Begin an answer in a thread."""
    channel = target(call)
    if channel.kind != "im":
        for name in ("recipient_user_id", "recipient_team_id"):
            if not call.text(name):
                raise Refused(f"missing_{name}")
    message = Message(call.store.new_ts(), channel.id, call.install.bot_user, thread_ts=thread(call, channel))
    message.streaming = True
    grow(call, message)
    call.store.add(message)
    _session(call, channel.id, message.thread_ts or message.ts, "processing")
    return {"channel": channel.id, "ts": message.ts}


def _streaming(call: Call) -> Message:
    message = call.message(call.channel(), call.text("ts"))
    if message.user != call.install.bot_user or not message.streaming:
        raise Refused("message_not_in_streaming_state")
    return message


@method("chat.appendStream", scopes="chat:write", required="channel ts")
def append(call: Call) -> Json:
    """Add to an answer that has begun."""
    message = _streaming(call)
    if not call.text("markdown_text") and not call.objects("chunks"):
        raise Refused("no_text")
    grow(call, message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.stopStream", scopes="chat:write", required="channel ts")
def stop(call: Call) -> Json:
    """Finish an answer; only now it may carry blocks of every kind."""
    message = _streaming(call)
    blocks = call.objects("blocks")
    refuse(check_message({"text": message.text or " ", "blocks": blocks}))
    metadata = call.json("metadata")
    grow(call, message)
    message.streaming = False
    message.blocks = [*message.blocks, *blocks]
    message.metadata = metadata if isinstance(metadata, dict) else None
    call.store.touch(message)
    _session(call, message.channel, message.thread_ts or message.ts, call.text("session_status") or "active")
    return {"channel": message.channel, "ts": message.ts, "message": message_json(call.store, message)}


@method("assistant.threads.setStatus", scopes="assistant:write chat:write", required="channel_id thread_ts status")
def set_status(call: Call) -> Json:
    """Say below a thread what the app is at; gone with its next message."""
    channel = call.channel("channel_id")
    loading = call.json("loading_messages") or []
    if not isinstance(loading, list) or len(loading) > MOST_LOADING:
        raise Refused("invalid_arguments", "loading_messages: at most 10")
    key = (channel.id, call.text("thread_ts"))
    if call.text("status"):
        call.store.statuses[key] = {"status": call.text("status"), "loading_messages": loading}
    else:
        call.store.statuses.pop(key, None)
    call.store.changed()
    return {}


@method("assistant.threads.setTitle", scopes="assistant:write", required="channel_id thread_ts title")
def set_title(call: Call) -> Json:
    """Name a thread in the app's direct message."""
    _session(call, call.channel("channel_id").id, call.text("thread_ts"), title=call.text("title"))
    return {}


@method("assistant.threads.setSuggestedPrompts", scopes="assistant:write", required="channel_id prompts")
def set_prompts(call: Call) -> Json:
    """Offer up to four things to ask."""
    prompts = call.objects("prompts")
    refuse_problems(check_prompts(prompts), "invalid_arguments")
    call.store.prompts[call.channel("channel_id").id] = prompts
    call.store.changed()
    return {}


def _session(call: Call, channel: str, ts: str, status: str = "", title: str = "") -> None:
    session = call.store.sessions.setdefault((channel, ts), {"status": "active", "title": ""})
    session |= {key: value for key, value in (("status", status), ("title", title)) if value}
    call.store.changed()


@method("agents.sessions.setStatus", scopes="chat:write", required="channel_id thread_ts status")
def session_status(call: Call) -> Json:
    """Move an agent's session to another state."""
    if call.text("status") not in STATUSES:
        raise Refused("invalid_arguments", f"status must be one of {', '.join(STATUSES)}")
    channel = call.channel("channel_id")
    _session(call, channel.id, call.text("thread_ts"), call.text("status"), call.text("title"))
    return {}


@method("agents.sessions.rename", scopes="chat:write", required="channel_id thread_ts title")
def session_rename(call: Call) -> Json:
    """Name an agent's session."""
    most = 200
    if len(call.text("title")) > most:
        raise Refused("invalid_arguments", "title: at most 200 characters")
    _session(call, call.channel("channel_id").id, call.text("thread_ts"), title=call.text("title"))
    return {}
