"""The buttons and the menu of an answer: follow-up questions, live query, CSV, share, edit, computation, report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.blockkit.build import Message, escape, mention, rich_text, run
from bot.domain.errors import AccessDenied, NotUnderstood, Unavailable
from bot.domain.question import Question
from bot.render import answer_json, csv_file
from bot.render.slack import answer_message, followups, plain_message
from bot.render.text import headline_text
from bot.slack import answers, stored_questions
from bot.slack.context import AppContext, Body, Request, destination_of
from bot.slack.deduplication import deduplicated
from bot.slack.delivery import Destination, FileUpload, Undeliverable
from bot.slack.modals import answer_forms, choices, edit_question, fields


def listen(app: App, context: AppContext) -> None:
    """Registers the listeners for buttons and the modals they open."""
    app.action(re.compile(r"^ask:"))(deduplicated(context, on_follow_up))
    app.action("live")(deduplicated(context, on_live))
    app.action("help")(deduplicated(context, on_help))
    app.action("csv")(deduplicated(context, on_csv))
    app.action("share")(deduplicated(context, on_share))
    app.action("change")(deduplicated(context, on_edit))
    app.action("more")(deduplicated(context, on_more))
    app.view("wrong")(deduplicated(context, on_report_submitted))

    @app.view(edit_question.CALLBACK)
    def edited(ack: Ack, body: dict[str, object], client: WebClient) -> None:
        on_edit_submitted(context, ack, body, client)

    @app.view("share")
    def shared(ack: Ack, body: dict[str, object], client: WebClient) -> None:
        on_share_submitted(context, ack, body, client)


# --- who pressed what ---------------------------------------------------------------------------------------


def authorized(context: AppContext, body: Body, client: WebClient) -> Request:
    """Who pressed a button, and what they may see where the answer will stand.

    Raises:
        AccessDenied: nothing.
    """
    return _request(context, destination_of(body, client), "button")


def submitted(context: AppContext, body: Body, client: WebClient) -> Request:
    """Who submitted a modal, and what they may see where its answer will stand.

    Raises:
        AccessDenied: nothing.
    """
    return _request(context, fields.origin(body, client), "modal")


def _request(context: AppContext, destination: Destination, entry_point: str) -> Request:
    shared = context.people.shared_outside(destination.client, destination.team, destination.channel)
    return context.authorize(destination, entry_point, shared=shared)


def _pressed(context: AppContext, body: Body, client: WebClient) -> Question | str:
    return stored_questions.of_button(context, client, str(body["actions"][0].get("value") or ""))


def _pressed_question(context: AppContext, body: Body, client: WebClient) -> Question:
    """The question that the pressed button carries.

    Raises:
        NotUnderstood: it carries none.
    """
    question = _pressed(context, body, client)
    if isinstance(question, str):
        raise NotUnderstood("This button no longer has a question.", "Ask the question again.")
    return question


# --- buttons ------------------------------------------------------------------------------------------------


def on_follow_up(context: AppContext, body: Body, client: WebClient) -> None:
    """Answers the next question, below the answer it was pressed on."""
    request, question = authorized(context, body, client), _pressed(context, body, client)
    if isinstance(question, str):
        answers.ask(context, request, question)
    else:
        answers.answer_question(context, request, question)


def on_live(context: AppContext, body: Body, client: WebClient) -> None:
    """Answers the question anew, with the paid requests whose price the button named."""
    request, question = authorized(context, body, client), _pressed_question(context, body, client)
    answers.answer_question(context, request, question, live=True)


def on_help(context: AppContext, body: Body, client: WebClient) -> None:
    """Shows what can be asked."""
    context.reply(authorized(context, body, client), plain_message.welcome())


def on_csv(context: AppContext, body: Body, client: WebClient) -> None:
    """Uploads the answer as a file: into the thread, or to the asker alone where the answer was private."""
    request, question = authorized(context, body, client), _pressed_question(context, body, client)
    reply = answers.reply_to(context, request, question)
    content = csv_file.as_csv(reply.question, reply.answer)
    file = FileUpload(csv_file.name_of(question), content, title=reply.read_as, comment=escape(headline_text(reply)))
    try:
        channel = context.delivery.upload(request.destination, file)
    except Undeliverable as error:
        raise Unavailable("Slack rejected the file.", error.remedy) from error
    answers.audit(context, request, "exported", reply.read_as)
    if channel != request.destination.channel:
        context.reply(request, plain_message.sentence("The CSV is in your direct messages with me."))


def on_share(context: AppContext, body: Body, client: WebClient) -> None:
    """Asks where to post the answer."""
    request, question = authorized(context, body, client), _pressed_question(context, body, client)
    reply = answers.reply_to(context, request, question)
    metadata = fields.metadata(request.destination, question=stored_questions.put(context, client, question))
    context.open(request.destination, str(body["trigger_id"]), answer_forms.share(headline_text(reply), metadata))


def on_edit(context: AppContext, body: Body, client: WebClient) -> None:
    """Opens every part of the question for editing."""
    request, question = authorized(context, body, client), _pressed_question(context, body, client)
    metadata = fields.metadata(request.destination, question=stored_questions.put(context, client, question))
    tags = choices.tag_keys(context, request.scope)
    view = edit_question.view(question, context.workspace_memory(client), tags, metadata)
    context.open(request.destination, str(body["trigger_id"]), view)


def on_more(context: AppContext, body: Body, client: WebClient) -> None:
    """The answer's menu: schedule it, see how it was computed, report it as wrong."""
    action, _, key = str(body["actions"][0]["selected_option"]["value"]).partition(":")
    request, question = authorized(context, body, client), stored_questions.get(context, client, key)
    destination, trigger = request.destination, str(body["trigger_id"])
    if action == "schedule":
        if context.digest_modal is None:
            raise Unavailable("Scheduling is turned off here.", f"Ask with {context.settings.command} instead.")
        context.open(destination, trigger, context.digest_modal(request, question))
        return
    reply = answers.reply_to(context, request, question)
    if action == "computed":
        context.open(destination, trigger, answer_forms.computed(reply))
    else:
        view = answer_forms.report(headline_text(reply), fields.metadata(destination, question=key))
        context.open(destination, trigger, view)


# --- modals -------------------------------------------------------------------------------------------------


def on_edit_submitted(context: AppContext, ack: Ack, body: Body, client: WebClient) -> None:
    """Answers the edited question, or says at the field what is wrong with it."""
    metadata = fields.read_metadata(body["view"])
    key = metadata.get("question")
    memory = context.workspace_memory(client)
    before = stored_questions.parse(memory.get("question", key)) if key else None
    question = edit_question.read(memory, body["view"]["state"]["values"], before)
    if isinstance(question, list):
        ack(response_action="errors", errors=fields.errors(question))
        return
    ack()
    answers.answer_question(context, submitted(context, body, client), question)


def on_share_submitted(context: AppContext, ack: Ack, body: Body, client: WebClient) -> None:
    """Posts the answer in a channel, within what both the sharer and the channel may see."""
    entered = fields.Entered(body["view"]["state"]["values"])
    target = entered.conversation("where")
    try:
        request = _request_to_share(context, body, client, target)
    except (AccessDenied, Unavailable) as error:
        ack(response_action="errors", errors={"where": f"{error}"[:150]})
        return
    ack()
    question = stored_questions.get(context, client, fields.read_metadata(body["view"])["question"])
    answer = answer_message.draw(answers.reply_to(context, request, question))
    try:
        context.delivery.post(client, target, _signed(answer, request.person.id, entered.text("note")))
    except Undeliverable as error:
        raise Unavailable("Slack rejected the message.", error.remedy) from error
    answers.audit(context, request, "shared", followups.key_of(question), shown=target)
    context.reply(submitted(context, body, client), plain_message.sentence("Shared."))


def _request_to_share(context: AppContext, body: Body, client: WebClient, target: str) -> Request:
    destination = replace(fields.origin(body, client), channel=target, private=False, thread="")
    shared = context.people.shared_outside(client, destination.team, target)
    if shared is None:
        raise Unavailable("I can't see that channel.", "Invite me there (/invite), then share again.")
    return context.authorize(destination, "modal", shared=shared)


def _signed(message: Message, user: str, note: str) -> Message:
    """The message below a line that names who shared it, and their note."""
    signature = rich_text(mention(user), run(" shared this" + (f": {note}" if note else ".")))
    text = f"<@{user}> shared this" + (f": {escape(note)}" if note else ".")
    return Message(f"{text}\n{message.text}", [signature, *message.blocks], message.kept)


def on_report_submitted(context: AppContext, body: Body, client: WebClient) -> None:
    """Stores what somebody believes is wrong, with the question, how it was read and the answer."""
    request = submitted(context, body, client)
    question = stored_questions.get(context, client, fields.read_metadata(body["view"])["question"])
    reply = answers.reply_to(context, request, question)
    now = context.settings.now()
    report: Mapping[str, Any] = {
        "at": now.isoformat(),
        "team": request.person.team,
        "user": request.person.id,
        "note": fields.Entered(body["view"]["state"]["values"]).text("note"),
        "question": followups.compact(question),
        "read_as": reply.read_as,
        "text": headline_text(reply),
        "answer": answer_json.answer_json(reply.answer),
    }
    context.memory.put("report", f"{now:%Y-%m-%dT%H:%M:%SZ}:{uuid4().hex[:8]}", report)
    person = request.person
    words = context.audit.words_of(person.team, reply.read_as) or reply.read_as
    context.answer_service.sentences.reported(words, reply.read_as, question, team=person.team, person=person.id)
    answers.audit(context, request, "reported", reply.read_as)
    thanks = plain_message.sentence("Thanks. Your admins will see the report.", "Your note was saved with the answer.")
    context.reply(request, thanks)
