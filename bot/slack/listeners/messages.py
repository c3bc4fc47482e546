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
from bot.slack.context import AppContext, Body, Request, destination_of

_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")
_CHANNEL = re.compile(r"<#[CG][A-Z0-9]+(?:\|([^>]*))?>")
_LINK = re.compile(r"<(?:https?|mailto|tel):[^|>]*(?:\|([^>]*))?>")
_MOST, _TRIES = 500, 8
_HELP = frozenset({"", "help", "?", "hi", "hello"})


def typed_text(text: str) -> str:
    """Slack's text as it was typed: without mentions, links by their words, entities undone."""
    text = _MENTION.sub(" ", text)
    text = _CHANNEL.sub(lambda found: found[1] or " ", text)
    text = _LINK.sub(lambda found: found[1] or " ", text)
    return html.unescape(text).strip()


def listen(app: App, context: AppContext) -> None:
    """Registers the listeners."""

    @app.command(context.settings.command)
    def slash(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        if is_first_delivery(context, body):
            on_command(context, body, client)

    @app.event("app_mention")
    def mention(body: dict[str, Any], client: WebClient) -> None:
        if is_first_delivery(context, body):
            on_message(context, body, client, "mention")

    @app.event("message")
    def message(body: dict[str, Any], client: WebClient) -> None:
        event = body["event"]
        said = event.get("channel_type") == "im" and event.get("subtype") in {None, "file_share"}
        if said and is_first_delivery(context, body):
            on_message(context, body, client, "message")

    @app.shortcut("explain_cost")
    def explain(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        if is_first_delivery(context, body):
            explain_message(context, body, client)


def is_first_delivery(context: AppContext, body: Body) -> bool:
    """Whether this payload is seen for the first time, by whichever replica: Slack repeats what it missed."""
    name = body.get("event_id") or body.get("trigger_id")
    if not name:
        return True
    context.purge_expired()
    now = context.settings.now()
    at = int(body.get("event_time") or now.replace(minute=0, second=0).timestamp())
    return context.memory.claim("seen", f"{at:011d}:{name}", {"at": now.isoformat()})


def on_command(context: AppContext, body: Body, client: WebClient) -> None:
    """A slash command: a word of the bot's own, or a question."""
    destination = destination_of(body, client)
    text = typed_text(str(body.get("text") or ""))
    trigger = str(body.get("trigger_id") or "")
    if text.lower() in context.exact_commands:
        context.exact_commands[text.lower()](destination, trigger)
        return
    word, _, rest = text.partition(" ")
    request = context.authorize(
        destination, "slash", shared=context.people.shared_outside(client, destination.team, destination.channel)
    )
    if text.lower() in _HELP:
        context.reply(request, answer_message.welcome())
    elif word.lower() in context.subcommands:
        context.subcommands[word.lower()](request, rest.strip(), trigger)
    else:
        answers.ask(context, request, text)


def on_message(context: AppContext, body: Body, client: WebClient, entry_point: str) -> None:
    """A mention or a direct message, unless a bot wrote it."""
    event = body["event"]
    if event.get("bot_id") or not event.get("user"):
        return
    destination = destination_of(body, client)
    if context.settings.agent and not destination.thread:
        destination = replace(destination, thread=str(event.get("ts") or ""), active=False)
    shared = bool(body.get("is_ext_shared_channel")) or context.people.shared_outside(
        client, destination.team, destination.channel
    )
    request = context.authorize(destination, entry_point, shared=shared)
    text = typed_text(str(event.get("text") or ""))
    if text.lower() in _HELP:
        context.reply(request, answer_message.welcome())
    else:
        answers.ask(context, request, text)


def explain_message(context: AppContext, body: Body, client: WebClient) -> None:
    """Why the cost in a message is what it is: of the bot's own message its question, else its words."""
    destination = destination_of(body, client)
    shared = context.people.shared_outside(client, destination.team, destination.channel)
    request = context.authorize(destination, "shortcut", shared=shared)
    message = body.get("message") or {}
    question = _asked_in(context, client, message)
    if question is not None:
        answers.answer_question(context, request, explaining(question))
        return
    words = typed_text(str(message.get("text") or ""))[:_MOST]
    question, left_out = read_loosely(context, request, words)
    note = f"Read without: {', '.join(left_out)}" if left_out else ""
    answers.answer_question(context, request, explaining(question), note=note)


def read_loosely(context: AppContext, request: Request, words: str) -> tuple[Question, list[str]]:
    """What somebody else's message may be about, and the words of it that mean nothing here.

    Raises:
        NotUnderstood: it holds nothing of costs.
    """
    left_out: list[str] = []
    for _ in range(_TRIES):
        try:
            reply = context.asker.ask(words, today=request.today, scope=request.scope)
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


def _asked_in(context: AppContext, client: WebClient, message: Mapping[str, Any]) -> Question | None:
    for block in message.get("blocks") or ():
        for element in block.get("elements") or () if block.get("type") == "actions" else ():
            if element.get("action_id") == "csv":
                found = answers.carried(context, client, str(element.get("value")))
                return found if isinstance(found, Question) else None
    return None
