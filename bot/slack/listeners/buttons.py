"""What is pressed on an answer: the next question, CSV, share, change, how computed, wrong, schedule."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blockkit.build import Message, escape, mrkdwn
from bot.domain.errors import AccessDenied, NotUnderstood, Unavailable
from bot.domain.question import Question
from bot.render import csv_file
from bot.render.slack import answer_message, followups
from bot.slack import answers
from bot.slack.context import AppContext, Body, Request, destination_of
from bot.slack.delivery import Destination, Undeliverable
from bot.slack.listeners import options
from bot.slack.listeners.messages import is_first_delivery
from bot.slack.modals import answer_forms, edit_question, fields

_Listened = dict[str, Any]


def listen(app: App, context: AppContext) -> None:
    """Registers the listeners for buttons and the modals they open."""
    app.action(re.compile(r"^ask:"))(deduplicated(context, press_onward))
    app.action("live")(deduplicated(context, press_live))
    app.action("help")(deduplicated(context, press_help))
    app.action("csv")(deduplicated(context, press_csv))
    app.action("share")(deduplicated(context, press_share))
    app.action("change")(deduplicated(context, press_change))
    app.action("more")(deduplicated(context, press_more))
    app.view("wrong")(deduplicated(context, submit_wrong))

    @app.view(edit_question.CALLBACK)
    def changed(ack: Ack, body: _Listened, client: WebClient) -> None:
        submit_change(context, ack, body, client)

    @app.view("share")
    def shared(ack: Ack, body: _Listened, client: WebClient) -> None:
        submit_share(context, ack, body, client)


def deduplicated(context: AppContext, handle: Callable[[AppContext, Body, WebClient], None]) -> Callable[..., None]:
    """A listener that acknowledges at once and handles a payload only the first time it comes."""

    def listener(ack: Ack, body: _Listened, client: WebClient) -> None:
        ack()
        if is_first_delivery(context, body):
            handle(context, body, client)

    return listener


def authorized(context: AppContext, body: Body, client: WebClient) -> Request:
    """Who pressed, and what they may see where the answer will stand.

    Raises:
        AccessDenied: nothing.
    """
    destination = destination_of(body, client)
    shared = context.people.shared_outside(client, destination.team, destination.channel)
    return context.authorize(destination, "button", shared=shared)


def keep(context: AppContext, client: WebClient, question: Question) -> str:
    """Keeps a question for a modal; its key."""
    key = followups.key_of(question)
    context.kept(client).put("question", key, followups.compact(question))
    return key


def kept(context: AppContext, client: WebClient, key: str) -> Question:
    """A question that was kept.

    Raises:
        NotUnderstood: it is of a version whose questions are no longer read.
    """
    question = answers.stored(context.kept(client).get("question", key))
    if question is None:
        raise NotUnderstood("I no longer know what this asked.", "Ask again in words.")
    return question


def pressed(context: AppContext, body: Body, client: WebClient) -> Question | str:
    """What the pressed button carries."""
    return answers.carried(context, client, str(body["actions"][0].get("value") or ""))


def pressed_question(context: AppContext, body: Body, client: WebClient) -> Question:
    """The question that the pressed button carries.

    Raises:
        NotUnderstood: it carries none.
    """
    found = pressed(context, body, client)
    if isinstance(found, str):
        raise NotUnderstood("This button carries no question.", "Ask again in words.")
    return found


def press_onward(context: AppContext, body: Body, client: WebClient) -> None:
    """Answers the next question, below the answer it was pressed on."""
    request, asked = authorized(context, body, client), pressed(context, body, client)
    if isinstance(asked, str):
        answers.ask(context, request, asked)
    else:
        answers.answer_question(context, request, asked)


def press_live(context: AppContext, body: Body, client: WebClient) -> None:
    """Answers the question anew, now with the paid requests whose price the button named."""
    request, question = authorized(context, body, client), pressed_question(context, body, client)
    answers.answer_question(context, request, question, live=True)


def press_help(context: AppContext, body: Body, client: WebClient) -> None:
    """Says what can be asked."""
    context.reply(authorized(context, body, client), answer_message.welcome())


def press_share(context: AppContext, body: Body, client: WebClient) -> None:
    """Asks where to post the answer."""
    request, question = authorized(context, body, client), pressed_question(context, body, client)
    reply = answers.made(context, request, question)
    told = fields.metadata(request.destination, question=keep(context, client, question))
    context.open(request.destination, str(body["trigger_id"]), answer_forms.share(reply.text, told))


def press_change(context: AppContext, body: Body, client: WebClient) -> None:
    """Opens every part of the question."""
    request, question = authorized(context, body, client), pressed_question(context, body, client)
    tags = options.tag_keys(context, request.scope)
    told = fields.metadata(
        request.destination, question=keep(context, client, question), currency=followups.currency_of(question)
    )
    view = edit_question.view(question, context.kept(client), tags, told)
    context.open(request.destination, str(body["trigger_id"]), view)


def press_csv(context: AppContext, body: Body, client: WebClient) -> None:
    """Uploads the answer as a file: into the thread, or to the asker alone where the answer was private."""
    request, question = authorized(context, body, client), pressed_question(context, body, client)
    reply = answers.made(context, request, question)
    content = csv_file.as_csv(reply.question, reply.answer)
    try:
        channel = context.delivery.upload(
            request.destination, csv_file.name_of(question), content, reply.read_as, escape(reply.text)
        )
    except Undeliverable as error:
        raise Unavailable("Slack did not take the file.", error.remedy) from error
    note(context, request, "exported", reply.read_as)
    if channel != request.destination.channel:
        context.reply(request, answer_message.sentence("The CSV is in your direct messages with me."))


def note(context: AppContext, request: Request, act: str, question: str, **more: object) -> None:
    """Writes an act on an answer into the log."""
    context.audit.note(
        request.person.team,
        request.person.id,
        act,
        channel=request.destination.channel,
        entry_point=request.entry_point,
        question=question,
        scope=answers.scope_words(request),
        **more,
    )


def press_more(context: AppContext, body: Body, client: WebClient) -> None:
    """The rarer things: how it was computed, this is wrong, schedule this."""
    what, _, key = str(body["actions"][0]["selected_option"]["value"]).partition(":")
    request, question = authorized(context, body, client), kept(context, client, key)
    trigger = str(body["trigger_id"])
    if what == "schedule":
        if context.digest_modal is None:
            raise Unavailable("Scheduling is switched off here.", f"Ask with {context.settings.command} instead.")
        context.open(request.destination, trigger, context.digest_modal(request, question))
        return
    reply = answers.made(context, request, question)
    if what == "computed":
        context.open(request.destination, trigger, answer_forms.computed(reply))
    else:
        context.open(
            request.destination,
            trigger,
            answer_forms.wrong(reply.text, fields.metadata(request.destination, question=key)),
        )


def submitted(context: AppContext, body: Body, client: WebClient, destination: Destination | None = None) -> Request:
    """Who submitted a modal, and what they may see where its answer will stand.

    Raises:
        AccessDenied: nothing.
    """
    destination = destination or fields.origin(body, client)
    shared = context.people.shared_outside(client, destination.team, destination.channel)
    return context.authorize(destination, "modal", shared=shared)


def submit_change(context: AppContext, ack: Ack, body: Body, client: WebClient) -> None:
    """Answers the changed question, or says at the field what is wrong with it."""
    key = fields.carried(body["view"]).get("question")
    before = answers.stored(context.kept(client).get("question", key)) if key else None
    found = edit_question.read(context.kept(client), body["view"]["state"]["values"], before)
    if isinstance(found, list):
        ack(response_action="errors", errors=fields.errors(found))
        return
    ack()
    asked = followups.asked_in(found, fields.carried(body["view"]).get("currency"))
    answers.answer_question(context, submitted(context, body, client), asked)


def submit_share(context: AppContext, ack: Ack, body: Body, client: WebClient) -> None:
    """Posts the answer in a channel, within what both the sharer and the channel may see."""
    entered = fields.Entered(body["view"]["state"]["values"])
    target = entered.whom("where")
    try:
        request = _sharing(context, body, client, target)
    except (AccessDenied, Unavailable) as error:
        ack(response_action="errors", errors={"where": f"{error}"[:150]})
        return
    ack()
    question = kept(context, client, fields.carried(body["view"])["question"])
    message = _signed(
        answer_message.draw(answers.made(context, request, question)), request.person.id, entered.text("note")
    )
    try:
        context.delivery.post(client, target, message)
    except Undeliverable as error:
        raise Unavailable("Slack did not take it there.", error.remedy) from error
    note(context, request, "shared", followups.key_of(question), shown=target)
    context.reply(submitted(context, body, client), answer_message.sentence("Shared."))


def _sharing(context: AppContext, body: Body, client: WebClient, target: str) -> Request:
    destination = replace(fields.origin(body, client), channel=target, private=False, thread="")
    outside = context.people.shared_outside(client, destination.team, target)
    if outside is None:
        raise Unavailable("I do not see that channel.", "Invite me there (/invite), then share again.")
    return context.authorize(destination, "modal", shared=outside)


def _signed(message: Message, user: str, said: str) -> Message:
    """The message with who shared it, and what they say with it."""
    line = f"<@{user}> shares this" + (f": {escape(said)}" if said else ".")
    signature = {"type": "context", "elements": [mrkdwn(line)]}
    return Message(f"{line}\n{message.text}", [signature, *message.blocks], message.kept)


def submit_wrong(context: AppContext, body: Body, client: WebClient) -> None:
    """Keeps what somebody thinks is wrong, with the question, how it was read and the answer."""
    request = submitted(context, body, client)
    question = kept(context, client, fields.carried(body["view"])["question"])
    reply = answers.made(context, request, question)
    told = fields.Entered(body["view"]["state"]["values"]).text("note")
    report: Mapping[str, Any] = {
        "at": context.settings.now().isoformat(),
        "team": request.person.team,
        "user": request.person.id,
        "note": told,
        "question": followups.compact(question),
        "read_as": reply.read_as,
        "text": reply.text,
        "answer": reply.answer.model_dump(mode="json"),
    }
    context.memory.put("report", f"{context.settings.now():%Y-%m-%dT%H:%M:%SZ}:{uuid4().hex[:8]}", report)
    note(context, request, "reported", reply.read_as)
    context.reply(
        request, answer_message.sentence("Thank you: an admin will look at it.", "Your note is kept with the answer.")
    )
