"""Words → Answer: the seam that Slack, the clock, the terminal and the tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import cached_property
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from bot.domain.answers import Answer, CostAnswer
from bot.domain.errors import ConnectionLost, NotUnderstood
from bot.domain.live_query import ConsoleLink
from bot.domain.question import Question
from bot.domain.scope import EVERYTHING, Scope
from bot.domain.units import in_unit
from bot.language import Alternative, Customs, Reading, Vocabulary, describe, read
from bot.tracing import span

if TYPE_CHECKING:
    from bot.analytics.budget import Budget
    from bot.analytics.credits import DeclaredCredit
    from bot.answering.live_query import LiveQueries
    from bot.answering.teaching import Lesson, Sentences, Teaching
    from bot.answering.vocabulary import KnownNames
    from bot.domain.answers import Reconciliation
    from bot.domain.business_unit import BusinessUnit
    from bot.domain.money import Money
    from bot.ledger import Ledger

_AT_ONCE = 2
"""Answers computed side by side: more would only make each other slow, and everybody wait for the slowest."""

_ONE = Decimal(1)
__all__ = ["Alternative", "AnswerResult", "AnswerService", "Defaults"]


class Defaults(Struct, frozen=True):
    """What a workspace has set."""

    zone: tzinfo
    customs: Customs = field(default_factory=Customs)
    currency: str | None = None
    """Amounts are also given in this currency."""
    budgets: Callable[[], Sequence[Budget]] = tuple
    """The budgets there are."""
    declared_credits: Callable[[], Sequence[DeclaredCredit]] = tuple
    """The credits that people declared."""
    units: Callable[[], Sequence[BusinessUnit]] = tuple
    """What the business counts, so that costs can be given per one of them."""
    unit_names: Callable[[str], Sequence[str]] = lambda _team: ()
    """What these are called."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """The sources that are pulled, each with its provider's name: those the ledger knows nothing of are gaps."""
    corrections_days: int = 180
    """How many days sentences that were not understood are kept; 0 keeps none."""

    @property
    def week_start(self) -> int:
        """0 for Monday to 6 for Sunday."""
        return self.customs.week_start


class FallbackParser(Protocol):
    """Reads what the grammar cannot: a language model, where one is switched on."""

    def read(
        self, text: str, *, today: date, vocabulary: Vocabulary, previous: Question | None, team: str = ""
    ) -> Reading | None:
        """A reading, or None; ``team`` is the workspace it is for."""


class AnswerResult(Struct, frozen=True):
    """An answer, and how the question was read. ``render`` makes its words and its JSON."""

    question: Question
    read_as: str
    answer: Answer
    alternatives: tuple[Alternative, ...] = ()
    """Other readings that would give other numbers."""
    reading: Reading | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """What more there is to say of how it was read."""
        return tuple(self.reading.notes) if self.reading else ()


class AnswerService:
    """Answers questions from one ledger. One object serves all threads."""

    def __init__(  # noqa: PLR0913 - what an answer stands on
        self,
        ledger: Ledger,
        *,
        clock: Callable[[], datetime],
        defaults: Defaults,
        live: Callable[[], LiveQueries] | None = None,
        interpreter: FallbackParser | None = None,
        aliases: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    ) -> None:
        """``live`` makes whoever asks vendors, where somebody allows it, what no feed in the ledger tells.

        ``interpreter`` may read what the grammar cannot; ``aliases`` are names people use, beside those that ship.
        """
        self._ledger, self._clock, self._defaults, self._live = ledger, clock, defaults, live
        self._interpreter, self._aliases = interpreter, aliases
        self._turns = BoundedSemaphore(_AT_ONCE)

    @cached_property
    def _names(self) -> KnownNames:
        from bot.answering.vocabulary import KnownNames  # numpy only when asked

        return KnownNames(self._ledger, self._defaults, self._aliases, self.today)

    def today(self, zone: tzinfo | None = None) -> date:
        """The current day, in the workspace's time zone or the given one."""
        return self._clock().astimezone(zone or self._defaults.zone).date()

    def read(
        self, text: str, *, today: date | None = None, previous: Question | None = None, scope: Scope = EVERYTHING
    ) -> Reading:
        """The question that the words put, and how they were read.

        Raises:
            NotUnderstood: naming the words that mean nothing here.
        """
        today, vocabulary = today or self.today(), self.vocabulary(scope)
        try:
            reading = read(text, today=today, vocabulary=vocabulary, previous=previous, customs=self._defaults.customs)
        except NotUnderstood as refusal:
            tried = self._interpreter if refusal.unread else None
            found = (
                tried.read(text, today=today, vocabulary=vocabulary, previous=previous, team=scope.team)
                if tried
                else None
            )
            if found is None:
                raise
            return found
        return _with_aliases(reading, text, vocabulary)

    @cached_property
    def teaching(self) -> Teaching:
        """The names that workspaces teach."""
        from bot.answering.teaching import Teaching  # seldom

        return Teaching(self._ledger, self, self._clock)

    @cached_property
    def sentences(self) -> Sentences:
        """The sentences that were not understood, or not rightly."""
        from bot.answering.teaching import Sentences  # seldom

        return Sentences(self._ledger, self._clock, self._defaults.corrections_days)

    def candidates(self, team: str = "") -> Iterator[Lesson]:
        """The sentences that were not understood, or not rightly, as aliases and test cases, most frequent first."""
        from bot.answering.teaching import candidates  # seldom
        from bot.language.errors import nearest

        vocabulary = self.vocabulary(Scope(team=team))

        def read_now(words: str) -> Question | None:
            with suppress(NotUnderstood):
                reading = read(words, today=self.today(), vocabulary=vocabulary, customs=self._defaults.customs)
                return None if reading.question.kind in {"unsupported", "help"} else reading.question
            return None

        return candidates(self.sentences.all(team), lambda word: nearest(word, vocabulary), read_now)

    def read_earlier(
        self, texts: Iterable[str], *, today: date | None = None, scope: Scope = EVERYTHING
    ) -> Question | None:
        """The question that a thread's earlier texts amount to.

        As in Slack, neither a text that is not understood nor one about nothing (help) loses what was asked before.
        """
        question: Question | None = None
        for text in texts:
            try:
                reading = self.read(text, today=today, previous=question, scope=scope)
            except NotUnderstood:
                continue
            question = question if question and reading.question.period is None else reading.question
        return question

    def ask(  # noqa: PLR0913 - who asks, when, and after what
        self,
        text: str,
        *,
        today: date | None = None,
        previous: Question | None = None,
        scope: Scope = EVERYTHING,
        live: bool = False,
        defaults: Defaults | None = None,
        complete: Callable[[Question], Question] = lambda question: question,
    ) -> AnswerResult:
        """The answer to words; ``live`` allows the paid requests that a gap offers.

        ``complete`` adds to the question that was read what the person asking has set; it is answered once, completed.

        Raises:
            NotUnderstood: naming the words that mean nothing here; or with the choices, where the words mean one
                question as well as another and their numbers differ.
            Unavailable: there are no bills yet.
        """
        try:
            with span("read"):
                reading = self.read(text, today=today, previous=previous, scope=scope)
        except NotUnderstood as refusal:
            self._filled()  # without bills no name means anything
            raise self._with_silent_sources(refusal, scope) from None
        others = self._telling_apart(reading, scope, today)
        if equal := [other for other in others if other.equal]:
            raise _either(text, reading, equal)
        reply = self.answer(complete(reading.question), scope=scope, today=today, live=live, defaults=defaults)
        read_as = " · ".join([reply.read_as, *reading.notes])
        return AnswerResult(reply.question, read_as, reply.answer, others, reading)

    def answer(
        self,
        question: Question,
        *,
        scope: Scope = EVERYTHING,
        today: date | None = None,
        live: bool = False,
        defaults: Defaults | None = None,
    ) -> AnswerResult:
        """The answer to a question, narrowed to what the person asking may see; ``live`` as for ``ask``.

        Raises:
            Unavailable: there are no bills yet.
        """
        from bot.answering.dispatch import AnswerContext, answer  # numpy only when asked
        from bot.answering.live_query import Counter

        if question.period is not None:
            self._filled()
        defaults = defaults or self._defaults
        day = today or self.today(defaults.zone)
        counter = Counter(self._live, allowed=live) if self._live else None

        def read() -> Answer:
            with self._ledger.reading():
                return answer(question, AnswerContext(self._ledger, scope, day, defaults, counter))

        with span("ledger", kind=question.kind), nullcontext() if live else self._turns:
            try:
                found = read()
            except ConnectionLost:  # the next connection is a new one
                found = read()
        shown_in = question.currency or defaults.currency
        described = describe(question, currency=_asked(question, shown_in))
        return AnswerResult(question, described, _meant_first(found, question.unit))

    def console_links(self, result: AnswerResult, *, scope: Scope = EVERYTHING) -> list[ConsoleLink]:
        """Where vendors show the same days and filters themselves; none for what their pages cannot show."""
        question = result.question
        if self._live is None or question.kind not in ("cost", "explain") or _beyond_consoles(question):
            return []
        narrowed = question.model_copy(update={"where": (*question.where, *scope.where)})
        urls = [
            (fresh.source, self._live().console_url(fresh.source, narrowed, fresh.feed))
            for fresh in result.answer.as_of
        ]
        return [ConsoleLink(source, url) for source, url in urls if url]

    def _telling_apart(self, reading: Reading, scope: Scope, today: date | None) -> tuple[Alternative, ...]:
        """The other readings that would give other numbers."""
        if not reading.alternatives or reading.question.period is None:
            return tuple(reading.alternatives)
        totals = self._totals(reading.question, scope, today)
        return tuple(
            alternative
            for alternative in reading.alternatives
            if self._totals(alternative.question, scope, today) != totals
        )

    def _totals(self, question: Question, scope: Scope, today: date | None) -> object:
        plain: dict[str, object] = {"kind": "cost", "by": (), "grain": None, "top": None, "threshold": None}
        answer = self.answer(question.model_copy(update=plain), scope=scope, today=today).answer
        return answer.totals if isinstance(answer, CostAnswer) else answer

    def reconcile(
        self, source: str, month: str, invoice: Money | None, *, scope: Scope = EVERYTHING, today: date | None = None
    ) -> Reconciliation:
        """A source's month (``2026-10``, ``October``) against what its invoice says: None takes the vendor's word.

        Raises:
            NotUnderstood: there is no such source or month, or nothing to compare with.
        """
        from bot.answering.kinds.invoice import month as month_of  # seldom asked
        from bot.answering.kinds.invoice import reconciled

        return reconciled(self._ledger, scope, source, month_of(month, today or self.today()), invoice)

    def _with_silent_sources(self, refusal: NotUnderstood, scope: Scope) -> NotUnderstood:
        """The refusal; where a word is unknown and a source has told nothing yet, it says that the word may be its."""
        if not refusal.unknown:
            return refusal
        from bot.answering.data_quality import never_landed  # seldom

        reporting = {feed.source for feed in self._ledger.feeds()}
        declared = {source: name for source, name in self._defaults.sources.items() if scope.sees(source)}
        hint = never_landed(declared, reporting, self._ledger.memory)
        return NotUnderstood(
            refusal.message,
            f"{refusal.hint} {hint}".strip(),
            unknown=refusal.unknown,
            suggestions=refusal.suggestions,
            unread=refusal.unread,
        )

    def sees_all(self, about: Scope, scope: Scope) -> bool:
        """Whether whoever sees ``scope`` sees all that something (a budget, a digest) is about."""
        from bot.answering.query import LedgerReader  # numpy only when asked

        return LedgerReader(self._ledger, scope, self.today()).sees_all(about)

    def _filled(self) -> None:
        if not self._ledger.generation():
            from bot.answering.data_quality import none_yet  # seldom

            raise none_yet(self._ledger.memory)

    def closest(self, dimension: str, prefix: str, *, scope: Scope = EVERYTHING, limit: int = 100) -> list[str]:
        """Values of a dimension that hold the letters, dearest first: for autocomplete."""
        return self._names.closest(dimension, prefix, scope)[:limit]

    def vocabulary(self, scope: Scope = EVERYTHING) -> Vocabulary:
        """The words the ledger knows, as far as the scope sees; kept until the ledger changes."""
        return self._names.vocabulary(scope)


def _either(text: str, reading: Reading, others: Sequence[Alternative]) -> NotUnderstood:
    """The question back, where nothing says which of several readings with different numbers is meant."""
    choices = [describe(question) for question in (reading.question, *(other.question for other in others))]
    message = f"{text.strip()!r} can mean {len(choices)} questions, and their numbers differ."
    return NotUnderstood.between(message, "Which one do you mean?", choices)


def _with_aliases(reading: Reading, text: str, vocabulary: Vocabulary) -> Reading:
    """The reading, with a note on each taught name that the text holds."""
    if not vocabulary.taught:
        return reading
    from bot.language.teaching import shown, used  # only where names are taught

    notes = [f"“{phrase}” = {shown(filters)}" for phrase, filters in used(text, reading.question, vocabulary)]
    return replace(reading, notes=(*reading.notes, *notes))


def _meant_first(answer: Answer, unit: str | None) -> Answer:
    """Of quantities in many units those of the one that was asked after first."""
    if unit is None or not isinstance(answer, CostAnswer):
        return answer
    ordered = sorted(
        answer.totals, key=lambda figure: (figure.unit != unit, in_unit(_ONE, figure.unit or "", unit) is None)
    )
    return replace(answer, totals=tuple(ordered))


def _asked(question: Question, currency: str | None) -> str | None:
    """The currency, for kinds of questions whose figures can be converted."""
    able = question.kind in ("cost", "explain", "forecast", "values") and question.metric != "ConsumedQuantity"
    return currency if able else None


def _beyond_consoles(question: Question) -> bool:
    """Whether a question asks for a figure that no page of a vendor has, though it has the charges."""
    return any((question.only, question.share_of is not None, question.per, question.beside, question.usage))
