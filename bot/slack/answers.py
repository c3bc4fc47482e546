"""From a question to its answer on the screen: asked within the scope, drawn, delivered, remembered.

A thread keeps its question, so that "and by region?" works in it, after a restart too. A direct message
outside threads keeps it for half an hour and takes only short follow-ups for such.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Literal, Self
from uuid import uuid4

from pydantic import ValidationError
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.blockkit.build import Message, cut
from bot.domain.answer import Answer
from bot.domain.errors import AccessDenied, CostError, NotUnderstood
from bot.domain.question import Question
from bot.render.slack import answer_message, followups
from bot.slack.context import AppContext, Request
from bot.slack.delivery import Destination, Undeliverable
from bot.slack.ports import Alternative, Reply

log = logging.getLogger(__name__)

SLOW = 1.0
"""Seconds after which the asker is told that work is under way."""
_WORKING = "is reading the ledger…"
Stands = str | Literal[True] | None
"""A waiting message to be replaced: by its timestamp, by the same response_url (True), or none."""
_RECENT = timedelta(minutes=30)
_FOLLOW_UP = re.compile(
    r"(and|what about|how about|just|only|also|why|by|per|top|show that|same|without|except|vs|versus|compare"
    r"|compared|as a|in)\b",
    re.IGNORECASE,
)
_SHORT = 6
_MOST = 500
"""Letters of a question that the log keeps."""


def ask(context: AppContext, request: Request, text: str) -> None:
    """Answers words, as a follow-up where there is something to follow.

    Raises:
        CostError: with what to do about it.
    """
    previous = recall(context, request.destination, text)
    answer(context, request, lambda: _read(context, request, text, previous), words=text)


def _read(context: AppContext, request: Request, text: str, previous: Question | None) -> Reply:
    before = followups.currency_of(previous) or None
    plain = followups.bare(previous) if previous else None
    reply = context.asker.ask(text, today=request.today, previous=plain, scope=request.scope, currency=before)
    question = with_usual(context, request, reply.question) if previous is None else reply.question
    asked = followups.asked_in(question, reply.currency)
    told: Reply = reply
    if question != reply.question or (context.people.preferences(request.person).currency and not reply.currency):
        told = _noted(made(context, request, asked), reply.note)
    return _Told(asked, told.read_as, told.answer, told.text, tuple(reply.alternatives))


def made(context: AppContext, request: Request, question: Question, *, live: bool = False) -> Reply:
    """The reply to a question, in the currency asked for, else in the person's own too.

    ``live`` allows the paid requests that a gap offers.

    Raises:
        CostError: with what to do about it.
    """
    currency = followups.currency_of(question) or context.people.preferences(request.person).currency or None
    return context.asker.answer(question, scope=request.scope, today=request.today, currency=currency, live=live)


@dataclass(frozen=True)
class _Told:
    question: Question
    read_as: str
    answer: Answer
    text: str
    alternatives: tuple[Alternative, ...]


def with_usual(context: AppContext, request: Request, question: Question) -> Question:
    """The question with the person's own filters, where it names nothing of their dimension."""
    usual = context.people.preferences(request.person).where
    named = {each.dimension for each in question.where} | set(question.by)
    added = tuple(each for each in usual if each.dimension not in named)
    if not added or question.period is None:
        return question
    return question.model_copy(update={"where": (*question.where, *added)})


def answer_question(
    context: AppContext, request: Request, question: Question, *, note: str = "", live: bool = False
) -> None:
    """Answers a question that a button or a modal carried; ``note`` says more on how it was read.

    ``live`` allows the paid requests that a gap offers.

    Raises:
        CostError: with what to do about it.
    """
    answer(context, request, lambda: _noted(made(context, request, question, live=live), note))


def _noted(reply: Reply, note: str) -> Reply:
    if not note:
        return reply
    return _Told(reply.question, f"{reply.read_as} · {note}", reply.answer, reply.text, tuple(reply.alternatives))


def answer(context: AppContext, request: Request, make: Callable[[], Reply], *, words: str = "") -> None:
    """Makes a reply while the asker is told to wait, if it takes long; notes, remembers and delivers it."""
    with Waiting(context, request) as waiting:
        reply = make()
        message = answer_message.draw(reply)
        stands = waiting.finish()
    destination = request.destination
    context.audit.note(
        request.person.team,
        request.person.id,
        "asked",
        channel=destination.channel,
        entry_point=request.entry_point,
        question=cut(words or reply.read_as, _MOST),
        shown=_shown(reply),
        scope=scope_words(request),
    )
    remember(context, destination, destination.thread, reply)
    sent = _delivered(context, destination, message, stands)
    if sent and not destination.thread:
        remember(context, destination, sent, reply)


def _delivered(context: AppContext, destination: Destination, message: Message, stands: Stands) -> str:
    if isinstance(stands, str):
        with contextlib.suppress(Undeliverable):
            return context.delivery.update(destination.client, destination.channel, stands, message)
    return context.delivery.reply(destination, message, replace=stands is True)


def _shown(reply: Reply) -> str:
    parts = {
        "totals": reply.answer.totals,
        "lines": reply.answer.lines,
        "series": reply.answer.series,
        "drivers": reply.answer.drivers,
        "anomalies": reply.answer.anomalies,
        "budgets": reply.answer.budgets,
        "values": reply.answer.values,
    }
    told = [f"{len(found)} {name}" for name, found in parts.items() if found]
    return f"{reply.question.kind}: {reply.read_as} ({', '.join(told) or 'no figures'})"


def scope_words(request: Request) -> str:
    """The scope for the log."""
    return json.dumps(request.scope.model_dump(mode="json", exclude_defaults=True), sort_keys=True)


def remember(context: AppContext, destination: Destination, thread: str, reply: Reply) -> None:
    """Keeps the question with its thread, or (``""``) with the direct message."""
    if destination.private or not destination.channel:
        return
    told = {"question": followups.compact(reply.question), "at": context.settings.now().isoformat()}
    context.memory.put("thread", f"{destination.team}:{destination.channel}:{thread}", told)


def recall(context: AppContext, destination: Destination, text: str) -> Question | None:
    """The question that the words may follow up on."""
    if destination.private or not destination.channel:
        return None
    told = context.memory.get("thread", f"{destination.team}:{destination.channel}:{destination.thread}")
    if not told or (not destination.thread and not _follows(told, text, context.settings.now())):
        return None
    return stored(told.get("question"))


def _follows(told: Mapping[str, Any], text: str, now: datetime) -> bool:
    recent = now - datetime.fromisoformat(str(told["at"])) < _RECENT
    return recent and bool(_FOLLOW_UP.match(text.strip())) and len(text.split()) <= _SHORT


def stored(found: object) -> Question | None:
    """A question as it was kept; None where this version no longer reads it."""
    try:
        return (followups.AskedIn if isinstance(found, dict) and "currency" in found else Question).model_validate(
            found
        )
    except ValidationError:
        return None


def carried(context: AppContext, client: WebClient, value: str) -> Question | str:
    """What a button asks: a question, or words.

    Raises:
        NotUnderstood: it is of a version whose questions are no longer read.
    """
    try:
        told = json.loads(value)
    except ValueError:
        told = {}
    if isinstance(told, dict) and isinstance(told.get("t"), str):
        return str(told["t"])
    found = told.get("q") if isinstance(told, dict) else None
    if isinstance(told, dict) and isinstance(told.get("k"), str):
        found = context.kept(client).get("question", told["k"])
    question = stored(found) if found is not None else None
    if question is None:
        raise NotUnderstood("I no longer know what this button asked.", "Ask again in words.")
    return question


class Waiting:
    """Tells the asker that work is under way once it has taken a second.

    In a thread that is Slack's own status, which goes when the answer comes; elsewhere it is a message, whose place the
    answer takes where Slack lets it.
    """

    def __init__(self, context: AppContext, request: Request) -> None:
        self._context, self._request = context, request
        self._timer = threading.Timer(SLOW, self._tell)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._done = False
        self._stands: Stands = None

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stands, destination = self.finish(), self._request.destination
        if error is not None and isinstance(stands, str):
            with contextlib.suppress(SlackClientError, OSError):
                destination.client.chat_delete(channel=destination.channel, ts=stands)

    def finish(self) -> Stands:
        """The work is done; what message stands to be replaced."""
        self._timer.cancel()
        with self._lock:
            self._done = True
            return self._stands

    def _tell(self) -> None:
        with self._lock:
            if self._done:
                return
            try:
                self._stands = self._told()
            except (SlackClientError, OSError, Undeliverable):
                log.info("could not show that work is under way", exc_info=True)

    def _told(self) -> Stands:
        destination = self._request.destination
        if not destination.private and destination.thread:
            destination.client.assistant_threads_setStatus(
                channel_id=destination.channel, thread_ts=destination.thread, status=_WORKING
            )
            return None
        sent = self._context.delivery.reply(destination, Message("Reading the ledger…"))
        if destination.private:
            return self._request.entry_point == "slash" or None
        return sent


def report_error(context: AppContext, destination: Destination, error: BaseException) -> None:
    """Tells the asker what went wrong and what to do; a mistake of ours by its reference in the log."""
    if isinstance(error, CostError):
        suggestions = error.suggestions if isinstance(error, NotUnderstood) else ()
        message = answer_message.sentence(error.message, error.hint, suggestions)
    elif isinstance(error, Undeliverable):
        log.error("undeliverable: %s", error.reason)
        return
    else:
        reference = uuid4().hex[:8]
        log.error("a bug of ours, reference %s", reference, exc_info=error)
        message = answer_message.sentence(
            "Something broke, and that is our bug: no number is better than a wrong one.",
            f"Whoever runs me finds it in the log under {reference}.",
        )
    if isinstance(error, AccessDenied):
        destination = replace(destination, private=True)
    try:
        context.delivery.reply(destination, message)
    except Undeliverable as failed:
        log.warning("could not tell %s: %s", destination.user, failed.reason)
