"""What people teach: names of their own, and the sentences that show where the language lacks something."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import uuid4

from msgspec import Struct, field, structs

from bot.domain.errors import NotUnderstood
from bot.domain.question import Filter, Question
from bot.domain.redaction import redacted
from bot.domain.scope import Scope
from bot.language import Reading, Vocabulary
from bot.language.teaching import Taught, folded, taught
from bot.ledger import Ledger
from bot.ledger.taught.aliases import Alias
from bot.ledger.taught.corrections import Correction, CorrectionKind

KEPT_DAYS = 180
"""Days for which sentences are kept, where nothing else is set."""


class Readers(Protocol):
    """Who reads words, as far as teaching needs it."""

    def vocabulary(self, scope: Scope) -> Vocabulary:
        """The words that the ledger knows, as far as the scope sees."""

    def today(self) -> date:
        """The day it is."""


class Teaching(Struct, frozen=True):
    """The aliases of workspaces. Every change is for all replicas at once: each looks before it reads."""

    ledger: Ledger
    readers: Readers
    clock: Callable[[], datetime]

    def add(self, phrase: str, expression: str, *, person: str, scope: Scope) -> Taught:
        """Teach a phrase to the scope's workspace, in place of what it stood for there.

        Raises:
            NotUnderstood: the phrase has a meaning already, or the expression names nothing within the scope.
        """
        vocabulary = self.readers.vocabulary(scope)
        found = taught(phrase, expression, today=self.readers.today(), vocabulary=vocabulary)
        self.ledger.aliases.add(
            Alias(uuid4().hex, scope.team, found.phrase, found.expression, found.filters, person, self.clock())
        )
        return found

    def remove(self, phrase: str, *, person: str, team: str) -> str:
        """Teach a phrase no longer; the phrase as it was kept.

        Raises:
            NotUnderstood: the workspace has taught no such phrase.
        """
        kept = folded(phrase)
        if not self.ledger.aliases.remove(team, kept, person, self.clock()):
            known = [alias.phrase for alias in self.ledger.aliases.all(team) if alias.team == team]
            hint = f"Available: {', '.join(known)}." if known else "There are none yet."
            raise NotUnderstood(f"There is no alias {phrase!r}.", hint, unknown=[phrase])
        return kept

    def undo(self, team: str) -> tuple[str, Alias]:
        """Take back a workspace's last act: ``added`` or ``removed``, and the alias.

        Raises:
            NotUnderstood: there is nothing to take back.
        """
        found = self.ledger.aliases.undo(team)
        if found is None:
            raise NotUnderstood("No alias was added or removed that could be undone.")
        return found

    def listed(self, scope: Scope) -> list[tuple[Alias, Sequence[Filter]]]:
        """The aliases of the scope's workspace that name something within the scope, with what they name there."""
        seen = self.readers.vocabulary(scope).taught
        return [(alias, seen[alias.phrase]) for alias in self.ledger.aliases.all(scope.team) if alias.phrase in seen]

    def forget(self, team: str) -> None:
        """Delete all that a workspace taught."""
        self.ledger.aliases.forget(team)


class Sentences(Struct, frozen=True):
    """The sentences that were not understood, or not rightly: words and reading, never amounts; kept for some days."""

    ledger: Ledger
    clock: Callable[[], datetime]
    days: int = KEPT_DAYS

    def refused(self, text: str, refusal: NotUnderstood, *, team: str, person: str) -> None:
        """Keep a sentence that was refused."""
        unread = tuple(redacted(word) for word in refusal.unknown) if refusal.unread else ()
        self._keep(Correction(self.clock(), team, person, "refused", text, unread))

    def unanswered(self, reading: Reading, *, team: str, person: str) -> None:
        """Keep a sentence that was taken for one that is not answered here, where it has words that are not known."""
        if reading.unread:
            unread = tuple(redacted(word) for word in reading.unread)
            self._keep(Correction(self.clock(), team, person, "refused", reading.text, unread))

    def read_by_model(self, text: str, reading: str, question: Question, *, team: str, person: str) -> None:
        """Keep a sentence that a language model read."""
        self._keep(Correction(self.clock(), team, person, "model", text, reading=reading, question=question))

    def reported(self, text: str, reading: str, question: Question, *, team: str, person: str) -> None:
        """Keep a sentence whose answer somebody reported as wrong."""
        self._keep(Correction(self.clock(), team, person, "reported", text, reading=reading, question=question))

    def all(self, team: str = "") -> list[Correction]:
        """Everything that is kept, oldest first; of one workspace, if one is named."""
        return self.ledger.corrections.all(since=self._since(), team=team)

    def forget(self, team: str) -> None:
        """Delete all of a workspace."""
        self.ledger.corrections.forget(team)

    def _keep(self, correction: Correction) -> None:
        if not self.days:
            return
        asked = correction.question
        amounts = asked is not None and (asked.threshold is not None or bool(asked.quantities))
        kept = structs.replace(
            correction,
            words=" ".join(redacted(correction.words).split())[:500],
            reading=redacted(correction.reading),
            question=None if amounts else asked,
        )
        self.ledger.corrections.add(kept, since=self._since())

    def _since(self) -> datetime:
        return self.clock() - timedelta(days=self.days)


class Lesson(Struct):
    """A sentence as it may become an alias or a test case: how often it was said, what was unknown, what is near."""

    phrase: str
    times: int = 0
    kinds: set[CorrectionKind] = field(default_factory=set)
    unread: tuple[str, ...] = ()
    near: dict[str, Sequence[str]] = field(default_factory=dict)
    """The names of the ledger most like each unknown word."""
    reading: str = ""
    case: dict[str, object] = field(default_factory=dict)
    """A line of ``tests/language/corpus``."""

    @property
    def aliases(self) -> list[str]:
        """The commands that would teach the unknown words: the name most like each, or a gap to fill."""
        return [f'alias "{folded(word)}" = {next(iter(self.near[word]), "…")}' for word in self.unread]


def candidates(
    corrections: Sequence[Correction], nearest: Callable[[str], Sequence[str]], read: Callable[[str], Question | None]
) -> Iterator[Lesson]:
    """The sentences, the most frequent first. ``read`` says what a sentence means by now, if anything."""
    found: dict[str, Lesson] = {}
    for correction in corrections:
        candidate = found.setdefault(folded(correction.words), Lesson(correction.words))
        candidate.times += correction.times
        candidate.kinds.add(correction.kind)
        candidate.unread = candidate.unread or correction.unread
        candidate.reading = correction.reading or candidate.reading
        asked = correction.question.model_dump(mode="json", exclude_defaults=True) if correction.question else None
        candidate.case = {
            "text": correction.words,
            "today": correction.at.date().isoformat(),
            "accept": [
                asked
                or {"error": "NotUnderstood", **({"unknown": list(correction.unread)} if correction.unread else {})}
            ],
        }
    for candidate in sorted(found.values(), key=lambda correction: (-correction.times, correction.phrase)):
        question = read(candidate.phrase) if candidate.kinds == {"refused"} else None
        if question is not None:
            candidate.unread = ()
            candidate.case["accept"] = [question.model_dump(mode="json", exclude_defaults=True)]
        candidate.near = {word: tuple(nearest(word)) for word in candidate.unread}
        yield candidate
