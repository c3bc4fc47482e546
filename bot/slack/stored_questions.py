"""The questions that outlive a message: those of threads, of buttons and of modals that are open.

A thread keeps its question, so that "and by region?" works in it, after a restart too. A direct message outside threads
keeps its last one for half an hour, and only short follow-ups refer to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from slack_sdk import WebClient

from bot.domain.errors import NotUnderstood
from bot.domain.question import Question
from bot.render.slack import followups
from bot.slack.context import AppContext
from bot.slack.delivery import Destination

_RECENT = timedelta(minutes=30)
_FOLLOW_UP = re.compile(
    r"(and|what about|how about|just|only|also|why|by|per|top|show that|same|without|except|vs|versus|compare"
    r"|compared|as a|in)\b",
    re.IGNORECASE,
)
_MAX_FOLLOW_UP_WORDS = 6
_EXPIRED = "Ask the question again."


def remember(context: AppContext, destination: Destination, thread: str, question: Question) -> None:
    """Stores the question of a thread, or (``""``) of a direct message. A private reply has none to follow up."""
    if destination.private or not destination.channel:
        return
    entry = {"question": followups.compact(question), "at": context.settings.now().isoformat()}
    context.memory.put("thread", f"{destination.team}:{destination.channel}:{thread}", entry)


def recall(context: AppContext, destination: Destination, text: str) -> Question | None:
    """The question that the words may follow up on."""
    if destination.private or not destination.channel:
        return None
    entry = context.memory.get("thread", f"{destination.team}:{destination.channel}:{destination.thread}")
    if not entry or (not destination.thread and not _follows_up(entry, text, context.settings.now())):
        return None
    return parse(entry.get("question"))


def _follows_up(entry: Mapping[str, Any], text: str, now: datetime) -> bool:
    recent = now - datetime.fromisoformat(str(entry["at"])) < _RECENT
    return recent and bool(_FOLLOW_UP.match(text.strip())) and len(text.split()) <= _MAX_FOLLOW_UP_WORDS


def parse(value: object) -> Question | None:
    """A question from its stored JSON; None where this version no longer reads it."""
    try:
        return Question.model_validate(value)
    except ValidationError:
        return None


def of_button(context: AppContext, client: WebClient, value: str) -> Question | str:
    """What a button's value asks: a question, or words.

    Raises:
        NotUnderstood: an earlier version wrote it, and its questions are no longer read.
    """
    try:
        content = json.loads(value)
    except ValueError:
        content = {}
    if not isinstance(content, dict):
        content = {}
    if isinstance(content.get("t"), str):
        return str(content["t"])
    stored = content.get("q")
    if isinstance(content.get("k"), str):
        stored = context.workspace_memory(client).get("question", content["k"])
    question = parse(stored) if stored is not None else None
    if question is None:
        raise NotUnderstood("This button's question has expired.", _EXPIRED)
    return question


def put(context: AppContext, client: WebClient, question: Question) -> str:
    """Stores a question for a modal; the key to get it by."""
    key = followups.key_of(question)
    context.workspace_memory(client).put("question", key, followups.compact(question))
    return key


def get(context: AppContext, client: WebClient, key: str) -> Question:
    """The question stored under a key.

    Raises:
        NotUnderstood: there is none, or an earlier version wrote it.
    """
    question = parse(context.workspace_memory(client).get("question", key))
    if question is None:
        raise NotUnderstood("This question has expired.", _EXPIRED)
    return question
