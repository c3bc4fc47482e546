"""From a question to its answer on the screen: answered within the asker's scope, rendered, delivered, remembered."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import uuid4

from msgspec import structs

from bot.blockkit.build import Message, cut
from bot.domain.answers import AnswerBasis
from bot.domain.errors import AccessDenied, CostError, NotUnderstood
from bot.domain.question import Question
from bot.render.slack import answer_message, plain_message
from bot.slack import stored_questions
from bot.slack.context import AppContext, Request
from bot.slack.delivery import Destination, Undeliverable
from bot.slack.ports import Reply
from bot.slack.progress import Placeholder, ProgressMessage
from bot.tracing import span

log = logging.getLogger(__name__)

_MAX_LOGGED = 500
"""Characters of a question that the audit log keeps."""


def ask(context: AppContext, request: Request, text: str) -> None:
    """Answers words, as a follow-up where there is something to follow up on.

    Raises:
        CostError: with what to do about it.
    """
    previous = stored_questions.recall(context, request.destination, text)
    try:
        _answer(context, request, lambda: _read(context, request, text, previous), words=text)
    except NotUnderstood as refusal:
        context.answer_service.sentences.refused(text, refusal, team=request.person.team, person=request.person.id)
        raise


def answer_question(
    context: AppContext, request: Request, question: Question, *, note: str = "", live: bool = False
) -> None:
    """Answers a question that a button or a modal carried; ``note`` says more on how it was read.

    ``live`` allows the paid requests that a gap offers.

    Raises:
        CostError: with what to do about it.
    """
    _answer(context, request, lambda: _with_note(reply_to(context, request, question, live=live), note))


def reply_to(context: AppContext, request: Request, question: Question, *, live: bool = False) -> Reply:
    """The reply to a question, in the currency asked for, else in the person's own too.

    ``live`` allows the paid requests that a gap offers.

    Raises:
        CostError: with what to do about it.
    """
    asked = _in_own_currency(context, request, question)
    reply = context.answer_service.answer(asked, scope=request.scope, today=request.today, live=live)
    return structs.replace(reply, question=question)


def _read(context: AppContext, request: Request, text: str, previous: Question | None) -> Reply:
    """The reply to words: the question that they are, completed by what the person has set, answered once."""
    completed: Question | None = None

    def complete(question: Question) -> Question:
        nonlocal completed
        completed = question if previous is not None else _with_usual_filters(context, request, question)
        return _in_own_currency(context, request, completed)

    service = context.answer_service
    reply = service.ask(text, today=request.today, previous=previous, scope=request.scope, complete=complete)
    _keep(context, request, text, reply)
    return structs.replace(reply, question=completed or reply.question)


def _in_own_currency(context: AppContext, request: Request, question: Question) -> Question:
    """The question in the person's own currency, where it names none; what is kept of it stays without."""
    own = context.people.preferences(request.person).currency
    return question if question.currency or not own else question.model_copy(update={"currency": own})


def _keep(context: AppContext, request: Request, text: str, reply: Reply) -> None:
    """Keeps a sentence that a language model read, or that is not answered here, for ``spend doctor language``."""
    reading, team, person = reply.reading, request.person.team, request.person.id
    if reading is not None and reading.read_by:
        context.answer_service.sentences.read_by_model(text, reply.read_as, reply.question, team=team, person=person)
    elif reading is not None:
        context.answer_service.sentences.unanswered(reading, team=team, person=person)


def _with_usual_filters(context: AppContext, request: Request, question: Question) -> Question:
    """The question with the person's own filters, where it names nothing of their dimension."""
    usual = context.people.preferences(request.person).where
    named = {filtered.dimension for filtered in question.where} | set(question.by)
    added = tuple(usual_filter for usual_filter in usual if usual_filter.dimension not in named)
    if not added or question.period is None:
        return question
    return question.model_copy(update={"where": (*question.where, *added)})


def _with_note(reply: Reply, note: str) -> Reply:
    if not note:
        return reply
    return structs.replace(reply, read_as=f"{reply.read_as} · {note}")


def _answer(context: AppContext, request: Request, make_reply: Callable[[], Reply], *, words: str = "") -> None:
    """Makes a reply while the asker sees that it is worked on; logs, remembers and delivers it."""
    with span("question", entry_point=request.entry_point), ProgressMessage(context, request) as progress:
        reply = make_reply()
        with span("render"):
            links = context.answer_service.console_links(reply, scope=request.scope)
            message = answer_message.draw(reply, links)
        placeholder = progress.finish()
    destination = request.destination
    question = cut(words or reply.read_as, _MAX_LOGGED)
    audit(context, request, "asked", question, shown=_describe(reply))
    stored_questions.remember(context, destination, destination.thread, reply.question)
    ts = _deliver(context, destination, message, placeholder)
    if ts and not destination.thread:
        stored_questions.remember(context, destination, ts, reply.question)


def _deliver(context: AppContext, destination: Destination, message: Message, placeholder: Placeholder) -> str:
    if isinstance(placeholder, str):
        with contextlib.suppress(Undeliverable):
            return context.delivery.update(destination.client, destination.channel, placeholder, message)
    return context.delivery.reply(destination, message, replace=placeholder is True)


def audit(context: AppContext, request: Request, act: str, question: str, **more: object) -> None:
    """Writes an act on an answer into the audit log, with the scope it was done in."""
    context.audit.note(
        request.person.team,
        request.person.id,
        act,
        channel=request.destination.channel,
        entry_point=request.entry_point,
        question=question,
        scope=json.dumps(request.scope.model_dump(mode="json", exclude_defaults=True), sort_keys=True),
        **more,
    )


def _describe(reply: Reply) -> str:
    """The kind and size of an answer for the audit log, without its amounts."""
    own = [name for name in reply.answer.__struct_fields__ if name not in AnswerBasis.__struct_fields__]
    parts = {name: getattr(reply.answer, name) for name in own}
    counts = [f"{len(part)} {name}" for name, part in parts.items() if isinstance(part, Sequence) and part]
    return f"{reply.question.kind}: {reply.read_as} ({', '.join(counts) or 'no figures'})"


def report_error(context: AppContext, destination: Destination, error: BaseException) -> None:
    """Tells the asker what went wrong and what to do; a bug of ours by its reference in the log."""
    if isinstance(error, Undeliverable):
        log.error("undeliverable: %s", error.reason)
        return
    if isinstance(error, CostError):
        suggestions = error.suggestions if isinstance(error, NotUnderstood) else ()
        message = plain_message.sentence(error.message, error.hint, suggestions)
    else:
        reference = uuid4().hex[:8]
        log.error("a bug of ours, reference %s", reference, exc_info=error)
        message = plain_message.sentence(
            "Something went wrong on our side, so there is no answer: no number is better than a wrong one.",
            f"Tell the bot's operator: the log has the details under {reference}.",
        )
    if isinstance(error, AccessDenied):
        destination = replace(destination, private=True)
    try:
        context.delivery.reply(destination, message)
    except Undeliverable as failed:
        log.warning("could not report an error to %s: %s", destination.user, failed.reason)
