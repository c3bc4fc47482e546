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
from slack_sdk.errors import SlackClientError

from bot.blockkit.build import Message, cut
from bot.domain.answer import Answer
from bot.domain.errors import AccessDenied, CostError, NotUnderstood
from bot.domain.question import Question
from bot.render.slack import answer_message, followups
from bot.slack.context import Desk, Visit
from bot.slack.delivery import Place, Undeliverable
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


def ask(desk: Desk, visit: Visit, text: str) -> None:
    """Answers words, as a follow-up where there is something to follow.

    Raises:
        CostError: with what to do about it.
    """
    previous = recall(desk, visit.place, text)
    answer(desk, visit, lambda: _read(desk, visit, text, previous), words=text)


def _read(desk: Desk, visit: Visit, text: str, previous: Question | None) -> Reply:
    before = followups.currency_of(previous) or None
    plain = followups.bare(previous) if previous else None
    reply = desk.asker.ask(text, today=visit.today, previous=plain, scope=visit.scope, currency=before)
    question = with_usual(desk, visit, reply.question) if previous is None else reply.question
    asked = followups.asked_in(question, reply.currency)
    told: Reply = reply
    if question != reply.question or (desk.people.preferences(visit.person).currency and not reply.currency):
        told = _noted(made(desk, visit, asked), reply.note)
    return _Told(asked, told.read_as, told.answer, told.text, tuple(reply.alternatives))


def made(desk: Desk, visit: Visit, question: Question, *, live: bool = False) -> Reply:
    """The reply to a question, in the currency asked for, else in the person's own too.

    ``live`` allows the paid requests that a gap offers.

    Raises:
        CostError: with what to do about it.
    """
    currency = followups.currency_of(question) or desk.people.preferences(visit.person).currency or None
    return desk.asker.answer(question, scope=visit.scope, today=visit.today, currency=currency, live=live)


@dataclass(frozen=True)
class _Told:
    question: Question
    read_as: str
    answer: Answer
    text: str
    alternatives: tuple[Alternative, ...]


def with_usual(desk: Desk, visit: Visit, question: Question) -> Question:
    """The question with the person's own filters, where it names nothing of their dimension."""
    usual = desk.people.preferences(visit.person).where
    named = {each.dimension for each in question.where} | set(question.by)
    added = tuple(each for each in usual if each.dimension not in named)
    if not added or question.period is None:
        return question
    return question.model_copy(update={"where": (*question.where, *added)})


def answer_question(desk: Desk, visit: Visit, question: Question, *, note: str = "", live: bool = False) -> None:
    """Answers a question that a button or a modal carried; ``note`` says more on how it was read.

    ``live`` allows the paid requests that a gap offers.

    Raises:
        CostError: with what to do about it.
    """
    answer(desk, visit, lambda: _noted(made(desk, visit, question, live=live), note))


def _noted(reply: Reply, note: str) -> Reply:
    if not note:
        return reply
    return _Told(reply.question, f"{reply.read_as} · {note}", reply.answer, reply.text, tuple(reply.alternatives))


def answer(desk: Desk, visit: Visit, make: Callable[[], Reply], *, words: str = "") -> None:
    """Makes a reply while the asker is told to wait, if it takes long; notes, remembers and delivers it."""
    with Waiting(desk, visit) as waiting:
        reply = make()
        message = answer_message.draw(reply)
        stands = waiting.finish()
    place = visit.place
    desk.audit.note(
        visit.person.team,
        visit.person.id,
        "asked",
        channel=place.channel,
        way=visit.way,
        question=cut(words or reply.read_as, _MOST),
        shown=_shown(reply),
        scope=scope_words(visit),
    )
    remember(desk, place, place.thread, reply)
    sent = _delivered(desk, place, message, stands)
    if sent and not place.thread:
        remember(desk, place, sent, reply)


def _delivered(desk: Desk, place: Place, message: Message, stands: Stands) -> str:
    if isinstance(stands, str):
        with contextlib.suppress(Undeliverable):
            return desk.delivery.update(place.client, place.channel, stands, message)
    return desk.delivery.reply(place, message, replace=stands is True)


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


def scope_words(visit: Visit) -> str:
    """The scope for the log."""
    return json.dumps(visit.scope.model_dump(mode="json", exclude_defaults=True), sort_keys=True)


def remember(desk: Desk, place: Place, thread: str, reply: Reply) -> None:
    """Keeps the question with its thread, or (``""``) with the direct message."""
    if place.private or not place.channel:
        return
    told = {"question": followups.compact(reply.question), "at": desk.settings.now().isoformat()}
    desk.memory.put("thread", f"{place.team}:{place.channel}:{thread}", told)


def recall(desk: Desk, place: Place, text: str) -> Question | None:
    """The question that the words may follow up on."""
    if place.private or not place.channel:
        return None
    told = desk.memory.get("thread", f"{place.team}:{place.channel}:{place.thread}")
    if not told or (not place.thread and not _follows(told, text, desk.settings.now())):
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


def carried(desk: Desk, value: str) -> Question | str:
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
        found = desk.memory.get("question", told["k"])
    question = stored(found) if found is not None else None
    if question is None:
        raise NotUnderstood("I no longer know what this button asked.", "Ask again in words.")
    return question


class Waiting:
    """Tells the asker that work is under way once it has taken a second.

    In a thread that is Slack's own status, which goes when the answer comes; elsewhere it is a message, whose place the
    answer takes where Slack lets it.
    """

    def __init__(self, desk: Desk, visit: Visit) -> None:
        self._desk, self._visit = desk, visit
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
        stands, place = self.finish(), self._visit.place
        if error is not None and isinstance(stands, str):
            with contextlib.suppress(SlackClientError, OSError):
                place.client.chat_delete(channel=place.channel, ts=stands)

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
        place = self._visit.place
        if not place.private and place.thread:
            place.client.assistant_threads_setStatus(channel_id=place.channel, thread_ts=place.thread, status=_WORKING)
            return None
        sent = self._desk.delivery.reply(place, Message("Reading the ledger…"))
        if place.private:
            return self._visit.way == "slash" or None
        return sent


def apologise(desk: Desk, place: Place, error: BaseException) -> None:
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
        place = replace(place, private=True)
    try:
        desk.delivery.reply(place, message)
    except Undeliverable as failed:
        log.warning("could not tell %s: %s", place.user, failed.reason)
