"""``files.*``: the three steps of an upload, and what becomes of it."""

from __future__ import annotations

from bot.blockkit.validate import check_message
from simulators.slack.api.call import Call, Refused, method
from simulators.slack.api.chat import fill, refuse, thread
from simulators.slack.api.shapes import file as file_json
from simulators.slack.model import Channel, File, Json, Message


@method("files.getUploadURLExternal", scopes="files:write", required="filename length")
def upload_url(call: Call) -> Json:
    """Where to send the bytes of a file of this name and length."""
    length = call.number("length", 0, 1 << 30)
    file = File(call.store.new_id("F"), call.text("filename"), length, alt_txt=call.text("alt_txt"))
    file.user = call.install.bot_user
    call.store.files[file.id] = file
    return {"upload_url": f"{call.base_url}/upload/{file.id}", "file_id": file.id}


def _channels(call: Call) -> list[Channel]:
    named = [one for one in (call.text("channel_id") or call.text("channels")).split(",") if one]
    targets = []
    for one in named:
        channel = call.store.channels.get(one)
        if channel is None or not call.knows(channel):
            raise Refused("channel_not_found")
        if channel.is_archived:
            raise Refused("is_archived")
        if not call.member_of(channel):
            raise Refused("not_in_channel")
        targets.append(channel)
    return targets


@method("files.completeUploadExternal", scopes="files:write", required="files")
def complete(call: Call) -> Json:
    """Finish uploads, and share them where asked."""
    channels, finished = _channels(call), []
    for given in call.objects("files"):
        file = call.store.files.get(str(given.get("id")))
        if file is None or file.content is None:
            raise Refused("file_not_found")
        file.title = str(given.get("title") or file.name)
        file.channels += [one.id for one in channels if one.id not in file.channels]
        finished.append(file)
    content: Json = {"text": call.text("initial_comment")}
    if call.args.get("blocks"):
        content = {"blocks": call.objects("blocks")}
        refuse(check_message(content))
    for channel in channels:
        message = Message(call.store.new_ts(), channel.id, call.install.bot_user, thread_ts=thread(call, channel))
        message.files = [one.id for one in finished]
        call.store.add(fill(message, dict(content)))
    call.store.changed()
    return {"files": [file_json(one) for one in finished]}


def _file(call: Call) -> File:
    file = call.store.files.get(call.text("file"))
    if file is None or file.content is None:
        raise Refused("file_not_found")
    return file


@method("files.info", scopes="files:read files:write", required="file")
def info(call: Call) -> Json:
    """One file."""
    return {"file": file_json(_file(call))}


@method("files.delete", scopes="files:write", required="file")
def delete(call: Call) -> Json:
    """Delete a file of the app's own, wherever it was shared."""
    file = _file(call)
    if file.user != call.install.bot_user:
        raise Refused("cant_delete_file")
    del call.store.files[file.id]
    for message in call.store.messages():
        message.files = [one for one in message.files if one != file.id]
    call.store.changed()
    return {}
