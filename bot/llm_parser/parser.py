"""Asks the model once for a sentence, keeps what it said, and says that it was a model that read."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from typing import Final

from bot.domain.question import Question
from bot.language import Reading, Vocabulary, Word
from bot.language.normalize import plain
from bot.ledger.kv_store import KeyValueStore
from bot.llm_parser.prompt import INSTRUCTIONS, message, schema
from bot.llm_parser.validate import checked
from bot.llm_parser.vendors import Model, Unanswered

KIND: Final = "sentence"
"""Where what models have read is kept: candidates for the grammar's own test sentences."""
_log = logging.getLogger(__name__)


class LlmParser:
    """Reads with a model what the grammar cannot."""

    def __init__(self, model: Model, memory: KeyValueStore, *, clock: Callable[[], datetime]) -> None:
        self._model, self._memory, self._clock = model, memory, clock

    def read(
        self, text: str, *, today: date, vocabulary: Vocabulary, previous: Question | None, team: str = ""
    ) -> Reading | None:
        """The reading of a model, or None; the same sentence of the same day is read once for a workspace.

        The names sent are those of ``vocabulary``, which holds what the asker may see.
        """
        text = plain(text)
        before = previous.model_dump(mode="json") if previous else None
        asked = json.dumps([self._model.name, text, today.isoformat(), before])
        key = f"{team}:{sha256(asked.encode()).hexdigest()}"
        try:
            known = self._memory.get(KIND, key)
            if known and "words" in known:
                kept = {"words": known["words"], "unread": [], "question": known["question"]}
                return self._reading(text, checked(kept, vocabulary, text))
            sent = message(text, today=today, vocabulary=vocabulary, previous=previous)
            reply = self._model.reply(INSTRUCTIONS, sent, schema(vocabulary))
            question = checked(reply, vocabulary, text)
        except Unanswered as reason:
            _log.info("the language model read nothing: %s", reason, extra={"model": self._model.name})
            return None
        kept = {
            "text": text,
            "today": today.isoformat(),
            "previous": before,
            "question": question.model_dump(mode="json"),
            "words": reply["words"],
            "model": self._model.name,
            "at": self._clock().isoformat(),
        }
        self._memory.put(KIND, key, kept)
        return self._reading(text, question)

    def _reading(self, text: str, question: Question) -> Reading:
        by = self._model.name
        words = (Word(text, 0, len(text), f"read by {by}"),)
        return Reading(question, words=words, text=text, read_by=by, notes=(f"read by {by}, a language model",))
