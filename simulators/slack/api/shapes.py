"""How the Web API writes down what the workspace knows."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from simulators.slack.model import APP_ID, Channel, File, Json, Message, Person, View
from simulators.slack.store import Store


def user(person: Person, *, home: str, now: float) -> Json:
    """A user, as ``users.info`` tells it."""
    offset = datetime.fromtimestamp(now, ZoneInfo(person.tz)).utcoffset()
    profile: Json = {
        "id": person.id,
        "team_id": person.team,
        "name": person.name,
        "real_name": person.real_name,
        "deleted": False,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": False,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": int(now),
        "profile": {"real_name": person.real_name, "display_name": person.name, "team": person.team},
    }
    if person.team != home:
        profile = {
            key: value for key, value in profile.items() if key not in {"is_admin", "is_owner", "is_primary_owner"}
        }
        profile["is_stranger"] = True
    return profile


def channel(one: Channel, *, bot_user: str, creator: str = "U0AMARA") -> Json:
    """A conversation, as ``conversations.info`` tells it."""
    common: Json = {"id": one.id, "created": 1_700_000_000, "is_archived": one.is_archived, "is_im": one.kind == "im"}
    common |= {"is_org_shared": False, "context_team_id": one.team, "is_mpim": False}
    if one.kind == "im":
        return {**common, "user": next(iter(one.members - {bot_user}), bot_user), "is_open": True}
    return {
        **common,
        "name": one.name,
        "name_normalized": one.name,
        "is_channel": one.kind == "channel",
        "is_group": False,
        "is_private": one.kind == "private",
        "is_general": one.name == "general",
        "is_shared": bool(one.shared_with),
        "is_ext_shared": bool(one.shared_with),
        "shared_team_ids": sorted({one.team, *one.shared_with}),
        "is_member": bot_user in one.members,
        "creator": creator,
        "num_members": len(one.members),
        "topic": {"value": one.topic, "creator": "", "last_set": 0},
        "purpose": {"value": one.topic, "creator": "", "last_set": 0},
    }


def message(store: Store, one: Message, *, metadata: bool = False) -> Json:
    """A message, as ``conversations.history`` and interactions tell it."""
    body: Json = {"type": "message", "user": one.user, "text": one.text, "ts": one.ts}
    install = next((candidate for candidate in store.installs.values() if candidate.bot_user == one.user), None)
    person = store.people.get(one.user)
    body["team"] = person.team if person else ""
    if install is not None:
        body |= {"bot_id": install.bot_id, "app_id": APP_ID}
    body |= {key: value for key, value in (("blocks", one.blocks), ("attachments", one.attachments)) if value}
    if one.thread_ts:
        body["thread_ts"] = one.thread_ts
    visible = [reply for reply in store.replies.get((one.channel, one.ts), ()) if reply.ephemeral_for is None]
    if visible:
        body |= {"thread_ts": one.ts, "reply_count": len(visible), "latest_reply": visible[-1].ts}
        body["reply_users"] = sorted({reply.user for reply in visible})
    if one.edited:
        body["edited"] = {"user": one.user, "ts": one.ts}
    if one.files:
        body["files"] = [file(store.files[name]) for name in one.files]
        body["upload"] = True
    if one.reactions:
        body["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in one.reactions.items()
        ]
    if metadata and one.metadata:
        body["metadata"] = one.metadata
    return body


def file(one: File) -> Json:
    """A file, as ``files.info`` tells it."""
    kind = one.name.rpartition(".")[2].lower() if "." in one.name else "text"
    return {
        "id": one.id,
        "name": one.name,
        "title": one.title or one.name,
        "alt_txt": one.alt_txt,
        "filetype": kind,
        "mimetype": {"csv": "text/csv", "png": "image/png", "json": "application/json"}.get(kind, "text/plain"),
        "size": one.length,
        "user": one.user,
        "mode": "hosted",
        "url_private": f"/files/{one.id}/{one.name}",
        "permalink": f"/files/{one.id}/{one.name}",
        "channels": list(one.channels),
    }


def view(one: View) -> Json:
    """A view, as ``views.*`` and interactions tell it."""
    payload = one.payload
    return {
        "id": one.id,
        "team_id": one.team,
        "app_id": APP_ID,
        "app_installed_team_id": one.team,
        "bot_id": "B0SPEND",
        "title": {"type": "plain_text", "text": "View Title", "emoji": True},
        "submit": None,
        "close": None,
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        **payload,
        "state": {"values": one.state},
        "hash": one.hash,
        "root_view_id": one.root,
        "previous_view_id": one.previous,
    }
