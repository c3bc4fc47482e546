"""What is said to the bot: the slash command, mentions, direct messages, the message shortcut."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.domain.errors import NotUnderstood
from bot.domain.question import Question
from bot.render.slack import answer_message, followups
from bot.slack import answers
from bot.slack.context import Body, Desk, Visit, place_of

_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
_CHANNEL = re.compile(r"<#[CG][A-Z0-9]+(?:\|([^>]*))?>")
_LINK = re.compile(r"<(?:https?|mailto|tel):[^|>]*(?:\|([^>]*))?>")
_MOST, _TRIES = 500, 8
_HELP = frozenset({"", "help", "?", "hi", "hello"})


def heard(text: str) -> str:
    """Slack's text as it was typed: without mentions, links by their words, entities undone."""
    text = _MENTION.sub(" ", text)
    text = _CHANNEL.sub(lambda found: found[1] or " ", text)
    text = _LINK.sub(lambda found: found[1] or " ", text)
    return html.unescape(text).strip()


def listen(app: App, desk: Desk) -> None:
    """Registers the listeners."""

    @app.command(desk.settings.command)
    def slash(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        if first_time(desk, body):
            hear_command(desk, body, client)

    @app.event("app_mention")
    def mention(body: dict[str, Any], client: WebClient) -> None:
        if first_time(desk, body):
            hear_event(desk, body, client, "mention")

    @app.event("message")
    def message(body: dict[str, Any], client: WebClient) -> None:
        event = body["event"]
        said = event.get("channel_type") == "im" and event.get("subtype") in {None, "file_share"}
        if said and first_time(desk, body):
            hear_event(desk, body, client, "message")

    @app.shortcut("explain_cost")
    def explain(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        if first_time(desk, body):
            explain_message(desk, body, client)


def first_time(desk: Desk, body: Body) -> bool:
    """Whether this payload is seen for the first time, by whichever replica: Slack repeats what it missed."""
    name = body.get("event_id") or body.get("trigger_id")
    if not name:
        return True
    desk.tidy()
    now = desk.settings.now()
    at = int(body.get("event_time") or now.replace(minute=0, second=0).timestamp())
    return desk.memory.claim("seen", f"{at:011d}:{name}", {"at": now.isoformat()})


def hear_command(desk: Desk, body: Body, client: WebClient) -> None:
    """A slash command: a word of the bot's own, or a question."""
    place = place_of(body, client)
    text = heard(str(body.get("text") or ""))
    trigger = str(body.get("trigger_id") or "")
    if text.lower() in desk.phrases:
        desk.phrases[text.lower()](place, trigger)
        return
    word, _, rest = text.partition(" ")
    visit = desk.visit(place, "slash", shared=desk.people.shared_outside(client, place.team, place.channel))
    if text.lower() in _HELP:
        desk.say(visit, answer_message.welcome())
    elif word.lower() in desk.words:
        desk.words[word.lower()](visit, rest.strip(), trigger)
    else:
        answers.ask(desk, visit, text)


def hear_event(desk: Desk, body: Body, client: WebClient, way: str) -> None:
    """A mention or a direct message, unless a bot wrote it."""
    event = body["event"]
    if event.get("bot_id") or not event.get("user"):
        return
    place = place_of(body, client)
    if desk.settings.agent and not place.thread:
        place = replace(place, thread=str(event.get("ts") or ""), active=False)
    visit = desk.visit(place, way, shared=_read_outside(body))
    text = heard(str(event.get("text") or ""))
    if text.lower() in _HELP:
        desk.say(visit, answer_message.welcome())
    else:
        answers.ask(desk, visit, text)


def _read_outside(body: Body) -> bool:
    event: Mapping[str, Any] = body["event"]
    team = body.get("team_id")
    writer = event.get("user_team") or event.get("source_team")
    return bool(body.get("is_ext_shared_channel")) or bool(writer and team and writer != team)


def explain_message(desk: Desk, body: Body, client: WebClient) -> None:
    """Why the cost in a message is what it is: of the bot's own message its question, else its words."""
    place = place_of(body, client)
    shared = desk.people.shared_outside(client, place.team, place.channel)
    visit = desk.visit(place, "shortcut", shared=shared)
    message = body.get("message") or {}
    question = _asked_in(desk, message)
    if question is not None:
        answers.answer_question(desk, visit, explaining(question))
        return
    words = heard(str(message.get("text") or ""))[:_MOST]
    question, left_out = read_loosely(desk, visit, words)
    note = f"Read without: {', '.join(left_out)}" if left_out else ""
    answers.answer_question(desk, visit, explaining(question), note=note)


def read_loosely(desk: Desk, visit: Visit, words: str) -> tuple[Question, list[str]]:
    """What somebody else's message may be about, and the words of it that mean nothing here.

    Raises:
        NotUnderstood: it holds nothing of costs.
    """
    left_out: list[str] = []
    for _ in range(_TRIES):
        try:
            reply = desk.asker.ask(words, today=visit.today, scope=visit.scope)
        except NotUnderstood as error:
            unknown = [each for each in error.unknown if each and each in words]
            if not unknown:
                break
            for each in unknown:
                words = words.replace(each, " ")
            left_out += unknown
        else:
            if reply.question.period is not None:
                return followups.asked_in(reply.question, reply.currency), left_out
            break
    raise NotUnderstood(
        "I find no cost in that message that I know.", "Ask me in words:", suggestions=("why did it go up this month?",)
    )


def explaining(question: Question) -> Question:
    """The question why: of its period against the one before, if it names none itself."""
    period = question.period
    against = question.against or (followups.previous(period)[0] if period else None)
    bare = {"by": (), "grain": None, "top": None, "order": "cost", "threshold": None}
    return question.model_copy(update={"kind": "explain", "against": against, **bare})


def _asked_in(desk: Desk, message: Mapping[str, Any]) -> Question | None:
    for block in message.get("blocks") or ():
        for element in block.get("elements") or () if block.get("type") == "actions" else ():
            if element.get("action_id") == "csv":
                found = answers.carried(desk, str(element.get("value")))
                return found if isinstance(found, Question) else None
    return None
