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
from bot.slack.context import Body, Desk, Visit, place_of
from bot.slack.delivery import Place, Undeliverable
from bot.slack.listeners import options
from bot.slack.listeners.messages import first_time
from bot.slack.modals import answer_forms, edit_question, fields

_Listened = dict[str, Any]


def listen(app: App, desk: Desk) -> None:
    """Registers the listeners for buttons and the modals they open."""
    app.action(re.compile(r"^ask:"))(once(desk, press_onward))
    app.action("live")(once(desk, press_live))
    app.action("help")(once(desk, press_help))
    app.action("csv")(once(desk, press_csv))
    app.action("share")(once(desk, press_share))
    app.action("change")(once(desk, press_change))
    app.action("more")(once(desk, press_more))
    app.view("wrong")(once(desk, submit_wrong))

    @app.view(edit_question.CALLBACK)
    def changed(ack: Ack, body: _Listened, client: WebClient) -> None:
        submit_change(desk, ack, body, client)

    @app.view("share")
    def shared(ack: Ack, body: _Listened, client: WebClient) -> None:
        submit_share(desk, ack, body, client)


def once(desk: Desk, handle: Callable[[Desk, Body, WebClient], None]) -> Callable[..., None]:
    """A listener that acknowledges at once and handles a payload only the first time it comes."""

    def listener(ack: Ack, body: _Listened, client: WebClient) -> None:
        ack()
        if first_time(desk, body):
            handle(desk, body, client)

    return listener


def visiting(desk: Desk, body: Body, client: WebClient) -> Visit:
    """Who pressed, and what they may see where the answer will stand.

    Raises:
        AccessDenied: nothing.
    """
    place = place_of(body, client)
    shared = desk.people.shared_outside(client, place.team, place.channel)
    return desk.visit(place, "button", shared=shared)


def keep(desk: Desk, question: Question) -> str:
    """Keeps a question for a modal; its key."""
    key = followups.key_of(question)
    desk.memory.put("question", key, followups.compact(question))
    return key


def kept(desk: Desk, key: str) -> Question:
    """A question that was kept.

    Raises:
        NotUnderstood: it is of a version whose questions are no longer read.
    """
    question = answers.stored(desk.memory.get("question", key))
    if question is None:
        raise NotUnderstood("I no longer know what this asked.", "Ask again in words.")
    return question


def pressed(desk: Desk, body: Body) -> Question | str:
    """What the pressed button carries."""
    return answers.carried(desk, str(body["actions"][0].get("value") or ""))


def pressed_question(desk: Desk, body: Body) -> Question:
    """The question that the pressed button carries.

    Raises:
        NotUnderstood: it carries none.
    """
    found = pressed(desk, body)
    if isinstance(found, str):
        raise NotUnderstood("This button carries no question.", "Ask again in words.")
    return found


def press_onward(desk: Desk, body: Body, client: WebClient) -> None:
    """Answers the next question, below the answer it was pressed on."""
    visit, asked = visiting(desk, body, client), pressed(desk, body)
    if isinstance(asked, str):
        answers.ask(desk, visit, asked)
    else:
        answers.answer_question(desk, visit, asked)


def press_live(desk: Desk, body: Body, client: WebClient) -> None:
    """Answers the question anew, now with the paid requests whose price the button named."""
    visit, question = visiting(desk, body, client), pressed_question(desk, body)
    answers.answer_question(desk, visit, question, live=True)


def press_help(desk: Desk, body: Body, client: WebClient) -> None:
    """Says what can be asked."""
    desk.say(visiting(desk, body, client), answer_message.welcome())


def press_share(desk: Desk, body: Body, client: WebClient) -> None:
    """Asks where to post the answer."""
    visit, question = visiting(desk, body, client), pressed_question(desk, body)
    reply = answers.made(desk, visit, question)
    told = fields.metadata(visit.place, question=keep(desk, question))
    desk.open(visit.place, str(body["trigger_id"]), answer_forms.share(reply.text, told))


def press_change(desk: Desk, body: Body, client: WebClient) -> None:
    """Opens every part of the question."""
    visit, question = visiting(desk, body, client), pressed_question(desk, body)
    tags = options.tag_keys(desk, visit.scope)
    told = fields.metadata(visit.place, question=keep(desk, question), currency=followups.currency_of(question))
    view = edit_question.view(question, desk.memory, tags, told)
    desk.open(visit.place, str(body["trigger_id"]), view)


def press_csv(desk: Desk, body: Body, client: WebClient) -> None:
    """Uploads the answer as a file: into the thread, or to the asker alone where the answer was private."""
    visit, question = visiting(desk, body, client), pressed_question(desk, body)
    reply = answers.made(desk, visit, question)
    content = csv_file.as_csv(reply.question, reply.answer)
    try:
        channel = desk.delivery.upload(
            visit.place, csv_file.name_of(question), content, reply.read_as, escape(reply.text)
        )
    except Undeliverable as error:
        raise Unavailable("Slack did not take the file.", error.mend) from error
    note(desk, visit, "exported", reply.read_as)
    if channel != visit.place.channel:
        desk.say(visit, answer_message.sentence("The CSV is in your direct messages with me."))


def note(desk: Desk, visit: Visit, act: str, question: str, **more: object) -> None:
    """Writes an act on an answer into the log."""
    desk.audit.note(
        visit.person.team,
        visit.person.id,
        act,
        channel=visit.place.channel,
        way=visit.way,
        question=question,
        scope=answers.scope_words(visit),
        **more,
    )


def press_more(desk: Desk, body: Body, client: WebClient) -> None:
    """The rarer things: how it was computed, this is wrong, schedule this."""
    what, _, key = str(body["actions"][0]["selected_option"]["value"]).partition(":")
    visit, question = visiting(desk, body, client), kept(desk, key)
    trigger = str(body["trigger_id"])
    if what == "schedule":
        if desk.schedule is None:
            raise Unavailable("Scheduling is switched off here.", f"Ask with {desk.settings.command} instead.")
        desk.open(visit.place, trigger, desk.schedule(visit, question))
        return
    reply = answers.made(desk, visit, question)
    if what == "computed":
        desk.open(visit.place, trigger, answer_forms.computed(reply))
    else:
        desk.open(visit.place, trigger, answer_forms.wrong(reply.text, fields.metadata(visit.place, question=key)))


def submitted(desk: Desk, body: Body, client: WebClient, place: Place | None = None) -> Visit:
    """Who submitted a modal, and what they may see where its answer will stand.

    Raises:
        AccessDenied: nothing.
    """
    place = place or fields.origin(body, client)
    shared = desk.people.shared_outside(client, place.team, place.channel)
    return desk.visit(place, "modal", shared=shared)


def submit_change(desk: Desk, ack: Ack, body: Body, client: WebClient) -> None:
    """Answers the changed question, or says at the field what is wrong with it."""
    key = fields.carried(body["view"]).get("question")
    before = answers.stored(desk.memory.get("question", key)) if key else None
    found = edit_question.read(desk.memory, body["view"]["state"]["values"], before)
    if isinstance(found, list):
        ack(response_action="errors", errors=fields.errors(found))
        return
    ack()
    asked = followups.asked_in(found, fields.carried(body["view"]).get("currency"))
    answers.answer_question(desk, submitted(desk, body, client), asked)


def submit_share(desk: Desk, ack: Ack, body: Body, client: WebClient) -> None:
    """Posts the answer in a channel, within what both the sharer and the channel may see."""
    entered = fields.Entered(body["view"]["state"]["values"])
    target = entered.whom("where")
    try:
        visit = _sharing(desk, body, client, target)
    except (AccessDenied, Unavailable) as error:
        ack(response_action="errors", errors={"where": f"{error}"[:150]})
        return
    ack()
    question = kept(desk, fields.carried(body["view"])["question"])
    message = _signed(answer_message.draw(answers.made(desk, visit, question)), visit.person.id, entered.text("note"))
    try:
        desk.delivery.post(client, target, message)
    except Undeliverable as error:
        raise Unavailable("Slack did not take it there.", error.mend) from error
    note(desk, visit, "shared", followups.key_of(question), shown=target)
    desk.say(submitted(desk, body, client), answer_message.sentence("Shared."))


def _sharing(desk: Desk, body: Body, client: WebClient, target: str) -> Visit:
    place = replace(fields.origin(body, client), channel=target, private=False, thread="")
    outside = desk.people.shared_outside(client, place.team, target)
    if outside is None:
        raise Unavailable("I do not see that channel.", "Invite me there (/invite), then share again.")
    return desk.visit(place, "modal", shared=outside)


def _signed(message: Message, user: str, said: str) -> Message:
    """The message with who shared it, and what they say with it."""
    line = f"<@{user}> shares this" + (f": {escape(said)}" if said else ".")
    signature = {"type": "context", "elements": [mrkdwn(line)]}
    return Message(f"{line}\n{message.text}", [signature, *message.blocks], message.kept)


def submit_wrong(desk: Desk, body: Body, client: WebClient) -> None:
    """Keeps what somebody thinks is wrong, with the question, how it was read and the answer."""
    visit = submitted(desk, body, client)
    question = kept(desk, fields.carried(body["view"])["question"])
    reply = answers.made(desk, visit, question)
    told = fields.Entered(body["view"]["state"]["values"]).text("note")
    report: Mapping[str, Any] = {
        "at": desk.settings.now().isoformat(),
        "team": visit.person.team,
        "user": visit.person.id,
        "note": told,
        "question": followups.compact(question),
        "read_as": reply.read_as,
        "text": reply.text,
        "answer": reply.answer.model_dump(mode="json"),
    }
    desk.memory.put("report", f"{desk.settings.now():%Y-%m-%dT%H:%M:%SZ}:{uuid4().hex[:8]}", report)
    note(desk, visit, "reported", reply.read_as)
    desk.say(
        visit, answer_message.sentence("Thank you: an admin will look at it.", "Your note is kept with the answer.")
    )
