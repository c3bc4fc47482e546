"""What the app receives: the JSON of commands, events, clicks, submissions, as Slack writes it."""

from __future__ import annotations

from simulators.slack.api import shapes
from simulators.slack.model import APP_ID, Channel, Install, Json, Message, Person, View
from simulators.slack.store import Store

TOKEN = "deprecated-verification-token"


def event(store: Store, install: Install, body: Json, *, channel: Channel | None = None) -> Json:
    """An Events API envelope around one event."""
    grants = {"enterprise_id": None, "team_id": install.team, "user_id": install.bot_user}
    return {
        "token": TOKEN,
        "team_id": install.team,
        "context_team_id": install.team,
        "context_enterprise_id": None,
        "api_app_id": APP_ID,
        "event": body,
        "type": "event_callback",
        "event_id": store.new_id("Ev"),
        "event_time": int(store.now()),
        "authorizations": [{**grants, "is_bot": True, "is_enterprise_install": False}],
        "is_ext_shared_channel": bool(channel and channel.shared_with),
        "event_context": store.new_id("4-"),
    }


def message_event(store: Store, message: Message, kind: str) -> Json:
    """The event of a message that someone wrote: ``message`` or ``app_mention``."""
    person, channel = store.people[message.user], store.channels[message.channel]
    body: Json = {
        "type": kind,
        "user": message.user,
        "ts": message.ts,
        "client_msg_id": store.new_id("m"),
        "text": message.text,
        "team": person.team,
        "blocks": message.blocks,
        "channel": message.channel,
        "event_ts": message.ts,
    }
    if message.thread_ts:
        body["thread_ts"] = message.thread_ts
    if kind == "message":
        body["channel_type"] = {"im": "im", "private": "group"}.get(channel.kind, "channel")
    if person.team != channel.team:
        body |= {"user_team": person.team, "source_team": person.team}
    return body


def command(store: Store, person: Person, channel: Channel, words: tuple[str, str], replies: tuple[str, str]) -> Json:
    """A slash command: ``words`` are the command and its text, ``replies`` response_url and trigger_id."""
    name = {"im": "directmessage", "private": "privategroup"}.get(channel.kind, channel.name)
    return {
        "token": TOKEN,
        "team_id": person.team,
        "team_domain": store.teams[person.team].domain,
        "channel_id": channel.id,
        "channel_name": name,
        "user_id": person.id,
        "user_name": person.name,
        "command": words[0],
        "text": words[1],
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": replies[0],
        "trigger_id": replies[1],
    }


def interaction(store: Store, install: Install, person: Person, kind: str, trigger: str) -> Json:
    """What all interactions have in common."""
    team = store.teams[install.team]
    return {
        "type": kind,
        "token": TOKEN,
        "team": {"id": team.id, "domain": team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "api_app_id": APP_ID,
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": person.team},
        "trigger_id": trigger,
    }


def in_message(store: Store, message: Message, response_url: str) -> Json:
    """Where a click in a message happened. Of an ephemeral message Slack does not tell the content."""
    channel = store.channels[message.channel]
    ephemeral = message.ephemeral_for is not None
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    place: Json = {
        "container": container,
        "channel": {"id": channel.id, "name": "directmessage" if channel.kind == "im" else channel.name},
        "response_url": response_url,
    }
    if not ephemeral:
        place["message"] = shapes.message(store, message, metadata=True)
    return place


def in_view(view: View) -> Json:
    """Where a click in a modal or in App Home happened."""
    return {"container": {"type": "view", "view_id": view.id}, "view": shapes.view(view)}


def action(block: Json, element: Json, entered: Json, at: str) -> Json:
    """One action of a click."""
    action: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": at,
        **entered,
    }
    if element["type"] == "button":
        action["text"] = element["text"]
    if "value" in element and element["type"] in ("button", "icon_button"):
        action["value"] = element["value"]
    return action
