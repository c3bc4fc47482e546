"""What people type to the bot: the slash command, mentions, direct messages; and the message shortcut."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient

from bot.domain.errors import NotUnderstood
from bot.domain.period_arithmetic import previous
from bot.domain.question import Question
from bot.render.slack import followups, plain_message
from bot.slack import answers, stored_questions
from bot.slack.context import AppContext, Body, Request, destination_of
from bot.slack.deduplication import is_first_delivery
from bot.slack.delivery import Destination
from bot.slack.inbox import Inbox

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|([^>]*))?>")
_LINK = re.compile(r"<(?:https?|mailto|tel):[^|>]*(?:\|([^>]*))?>")
_MAX_SHORTCUT_TEXT, _MAX_READINGS = 500, 8
_HELP = frozenset({"", "help", "?", "hi", "hello"})
ANSWERED = frozenset({None, "file_share", "me_message", "thread_broadcast"})
"""Subtypes of a direct message in which a person says something: none, with a file, as ``/me``, from a thread."""
UNANSWERED = frozenset(
    {
        "assistant_app_thread",  # Slack's own opening of a thread
        "bot_message",  # another app's words
        "ekm_access_denied",  # words that the app may not read
        "message_changed",  # what was answered once; whoever edits a question asks it anew to have it answered
        "message_deleted",
        "message_replied",  # says that there is a reply, which comes by itself
        *("channel_archive", "channel_join", "channel_leave", "channel_name", "channel_posting_permissions"),
        *("channel_purpose", "channel_topic", "channel_unarchive"),  # of channels, in Slack's words
    }
)
"""Subtypes that are left, each on purpose; one that is in neither is left too. Source: ``AllMessageEvents`` of
``@slack/types`` and https://docs.slack.dev/reference/events/message."""


def typed_text(context: AppContext, client: WebClient, text: str) -> str:
    """Slack's text as it was typed: without the bot's own mention, others by name, links by their words.

    Whoever else is mentioned, a channel or a user group too, is a word of the question.
    """

    def named(mention: re.Match[str]) -> str:
        user, label = mention[1], mention[2]
        if user == context.people.own_id(client):
            return " "
        name = label or context.people.name_of(client, user)
        return f"<@{user}|{name}>" if name else mention[0]

    text = _MENTION.sub(named, text)
    text = _LINK.sub(lambda match: match[1] or " ", text)
    return html.unescape(text).strip()


def listen(app: App, context: AppContext) -> None:
    """Registers the listeners."""
    inbox = context.inbox = Inbox(context, partial(entry_point_of, context.settings.command), on_question)

    @app.command(context.settings.command)
    def command(ack: Ack, body: Body, client: WebClient, context: BoltContext) -> None:
        ack()
        inbox.answer(body, client, context)

    @app.event("app_mention")
    def mention(body: Body, client: WebClient, context: BoltContext) -> None:
        inbox.answer(body, client, context)

    @app.event("message")
    def message(body: Body, client: WebClient, context: BoltContext) -> None:
        if inbox.entry_point(body):
            inbox.answer(body, client, context)

    @app.shortcut("explain_cost")
    def explain_cost(ack: Ack, body: Body, client: WebClient) -> None:
        ack()
        if is_first_delivery(context, body):
            on_explain_shortcut(context, body, client)


def entry_point_of(command: str, body: Body) -> str:
    """By which way a payload is a question: ``slash``, ``mention`` or ``message``; ``""`` for any other."""
    if body.get("command"):
        return "slash" if body["command"] == command else ""
    event = body.get("event") or {}
    if event.get("type") == "app_mention":
        return "mention"
    direct = event.get("type") == "message" and event.get("channel_type") == "im"
    return "message" if direct and event.get("subtype") in ANSWERED else ""


def on_question(context: AppContext, body: Body, destination: Destination, entry_point: str) -> None:
    """What somebody has typed, by whichever way it came."""
    if entry_point == "slash":
        on_command(context, body, destination)
    else:
        on_message(context, body, destination, entry_point)


def on_command(context: AppContext, body: Body, destination: Destination) -> None:
    """A slash command: a subcommand of the bot's own, or a question."""
    client = destination.client
    text = typed_text(context, client, str(body.get("text") or ""))
    trigger = str(body.get("trigger_id") or "")
    if text.lower() in context.exact_commands:
        context.exact_commands[text.lower()](destination, trigger)
        return
    word, _, rest = text.partition(" ")
    shared = context.people.shared_outside(client, destination.team, destination.channel)
    request = context.authorize(destination, "slash", shared=shared)
    if text.lower() in _HELP:
        context.reply(request, plain_message.welcome())
    elif word.lower() in context.subcommands:
        context.subcommands[word.lower()](request, rest.strip(), trigger)
    else:
        answers.ask(context, request, text)


def on_message(context: AppContext, body: Body, destination: Destination, entry_point: str) -> None:
    """A mention or a direct message, unless a bot wrote it."""
    event = body["event"]
    if event.get("bot_id") or not event.get("user"):
        return
    client = destination.client
    if context.settings.agent and not destination.thread:
        destination = replace(destination, thread=str(event.get("ts") or ""), active=False)
    shared = bool(body.get("is_ext_shared_channel")) or context.people.shared_outside(
        client, destination.team, destination.channel
    )
    request = context.authorize(destination, entry_point, shared=shared)
    text = typed_text(context, client, str(event.get("text") or ""))
    if text.lower() in _HELP:
        context.reply(request, plain_message.welcome())
    else:
        answers.ask(context, request, text)


def on_explain_shortcut(context: AppContext, body: Body, client: WebClient) -> None:
    """Explains the cost in a message: of the bot's own message its question, else what its words are about."""
    destination = destination_of(body, client)
    shared = context.people.shared_outside(client, destination.team, destination.channel)
    request = context.authorize(destination, "shortcut", shared=shared)
    message = body.get("message") or {}
    question = _question_of(context, client, message)
    if question is not None:
        answers.answer_question(context, request, why(question, request.today))
        return
    words = typed_text(context, client, str(message.get("text") or ""))[:_MAX_SHORTCUT_TEXT]
    question, ignored = read_loosely(context, request, words)
    note = f"Ignored: {', '.join(ignored)}" if ignored else ""
    answers.answer_question(context, request, why(question, request.today), note=note)


def read_loosely(context: AppContext, request: Request, words: str) -> tuple[Question, list[str]]:
    """What somebody else's message may be about, and the words of it that were left out because they mean nothing.

    Raises:
        NotUnderstood: it holds nothing about costs.
    """
    ignored: list[str] = []
    for _ in range(_MAX_READINGS):
        try:
            reply = context.answer_service.ask(words, today=request.today, scope=request.scope)
        except NotUnderstood as error:
            unknown = [word for word in error.unknown if word and word in words]
            if not unknown:
                break
            for word in unknown:
                words = words.replace(word, " ")
            ignored += unknown
        else:
            if reply.question.period is not None:
                return reply.question, ignored
            break
    raise NotUnderstood(
        "I don't recognize a cost in that message.",
        "Ask me a question instead:",
        suggestions=("why did it go up this month?",),
    )


def why(question: Question, today: date | None = None) -> Question:
    """Why the question's period differs from the one it is compared with, or else from the one before."""
    period = question.period
    against = question.against or (previous(period, today) if period else None)
    return question.model_copy(update={**followups.PLAIN, "kind": "explain", "against": against})


def _question_of(context: AppContext, client: WebClient, message: Mapping[str, Any]) -> Question | None:
    """The question that one of the bot's own answers carries on its buttons."""
    for block in message.get("blocks") or ():
        for element in block.get("elements") or () if block.get("type") == "actions" else ():
            if element.get("action_id") == "csv":
                question = stored_questions.of_button(context, client, str(element.get("value")))
                return question if isinstance(question, Question) else None
    return None
