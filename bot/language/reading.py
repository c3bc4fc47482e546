"""Words → Question: the passes in their order, the contract's defaults, and the refusals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal

from bot.costs.errors import NotUnderstood
from bot.costs.period import Grain, Period
from bot.costs.question import Filter, Question
from bot.language import suggest
from bot.language.compose import Composer, Draft
from bot.language.kinds import Signs, kind_of
from bot.language.meanings import Role
from bot.language.moments import Clock, Rolling, Span, unit_around
from bot.language.segment import Item, segment
from bot.language.text import Text, plain, tokenize
from bot.language.timing import Times, Timing, just_before, paced
from bot.language.vocabulary import Vocabulary

LONGEST: Final = 1_000
"""Characters; a longer text is not one question."""
_TIMELESS: Final = frozenset({"price", "freshness", "help", "unsupported"})
_HARD: Final = (Role.NUMBER, Role.AMOUNT, Role.PERCENT, Role.UNKNOWN, Role.BOTTOM, Role.WHEN)
_SERIES: Final[dict[str, int]] = {"month": 6, "week": 8, "quarter": 4}


@dataclass(frozen=True)
class Customs:
    """How the asker writes: the day weeks start on (0 is Monday) and the order of 11/03."""

    week_start: int = 0
    date_order: Literal["MDY", "DMY", "YMD"] = "MDY"


@dataclass(frozen=True)
class Alternative:
    """Another plausible reading, and what to call it."""

    label: str
    question: Question


@dataclass(frozen=True)
class Word:
    """What a phrase of the text became: ``spend ask --explain-reading``."""

    text: str
    start: int
    end: int
    meaning: str


@dataclass(frozen=True)
class Reading:
    """A question, and how it came about."""

    question: Question
    alternatives: tuple[Alternative, ...] = ()
    words: tuple[Word, ...] = ()
    currency: str | None = None
    notes: tuple[str, ...] = ()
    text: str = field(default="", repr=False)


def read(
    text: str,
    *,
    today: date,
    vocabulary: Vocabulary,
    previous: Question | None = None,
    customs: Customs = Customs(),
) -> Reading:
    """The question that a text asks; ``previous`` is the one before it in its thread.

    Raises ``NotUnderstood`` with the words it cannot place, and the nearest it could answer.
    """
    words = plain(text)
    if not any(character.isalnum() for character in words):
        raise NotUnderstood(
            "I see no words to read.",
            f"Ask for costs in a sentence, such as {suggest.FIRST!r}.",
            suggestions=suggest.EXAMPLES,
        )
    if len(words) > LONGEST:
        raise NotUnderstood(
            f"That is {len(words):,} characters long; I read questions of up to {LONGEST:,}.",
            "Ask for one thing in a sentence or two.",
            suggestions=suggest.EXAMPLES,
        )
    clock = Clock(today, customs.week_start, vocabulary.first_day)
    return _Sentence(tokenize(words), vocabulary, clock, customs, previous).read()


def read_thread(texts: Sequence[str], *, today: date, vocabulary: Vocabulary, customs: Customs = Customs()) -> Reading:
    """The last of a thread's texts, read after the earlier ones; what of them is not understood counts for nothing."""
    previous: Question | None = None
    for text in texts[:-1]:
        try:
            previous = read(text, today=today, vocabulary=vocabulary, previous=previous, customs=customs).question
        except NotUnderstood:
            continue
    return read(texts[-1], today=today, vocabulary=vocabulary, previous=previous, customs=customs)


class _Sentence:
    """One text on its way to a question."""

    def __init__(
        self, text: Text, vocabulary: Vocabulary, clock: Clock, customs: Customs, previous: Question | None
    ) -> None:
        self._vocabulary, self._clock = vocabulary, clock
        self._text, self._items = segment(text, vocabulary, customs.date_order)
        self._composer = Composer(self._items, vocabulary)
        self._previous = previous if previous and previous.kind not in _TIMELESS else None
        self._notes: list[str] = []

    @property
    def _draft(self) -> Draft:
        return self._composer.draft

    def read(self) -> Reading:
        help_only = self._help()
        if help_only:
            return self._reading(Question(kind="help"))
        composer = self._composer
        composer.settle_senses()
        composer.thresholds()
        composer.percentages()
        composer.tops()
        composer.tags()
        composer.qualifiers()
        signs = Signs(composer, ahead=False)
        if kind_of(signs) == "unsupported":
            return self._reading(Question(kind="unsupported"))
        composer.metrics()
        composer.breakdowns(ranking=self._draft.ranked)
        timing = self._timing(signs)
        kind = kind_of(replace_ahead(signs, self._ahead(timing)))
        composer.filters()
        if kind == "unsupported":
            return self._reading(Question(kind="unsupported"))
        self._refuse_unknown(kind)
        from bot.language.finish import Finisher  # noqa: PLC0415

        finisher = Finisher(composer, timing, kind, self._clock, self._previous, self._vocabulary)
        question = finisher.question()
        return self._reading(question, finisher.alternatives(question))

    def _help(self) -> bool:
        """Greetings and "what can I ask" when nothing else is said."""
        items = self._items
        if any(item.matches and not item.meanings for item in items):
            return False
        helps = [item for item in items if (m := item.get(Role.KIND)) and m.value == "help"]
        rest = [item for item in items if item not in helps and not _small(item)]
        if helps:
            return not rest
        greeting = {
            "hi",
            "hello",
            "hey",
            "yo",
            "hiya",
            "good morning",
            "good afternoon",
            "good evening",
            "thanks",
            "thank you",
            "thx",
            "ty",
            "cheers",
            "morning",
        }
        texts = {item.text.casefold() for item in items}
        return not rest and bool(texts & greeting) and self._previous is None

    def _timing(self, signs: Signs) -> Timing:
        ahead = signs.says("forecast") and not signs.says("why")
        comparing = any(item.has(Role.COMPARE) or (item.has(Role.CHANGE) and item.free) for item in self._items)
        self._clock = replace(self._clock, ahead=ahead)
        return Times(self._items, self._clock, comparing=comparing).read()

    def _ahead(self, timing: Timing) -> bool:
        return timing.period is not None and timing.period.start > self._clock.today

    def _refuse_unknown(self, kind: str) -> None:
        if kind == "help":
            return
        unknown = [item for item in self._items if item.free and _strange(item)]
        if not unknown:
            return
        raise suggest.not_understood(self._chunks(unknown), self._items, self._vocabulary)

    def _chunks(self, unknown: list[Item]) -> list[str]:
        """The unknown phrases as typed: joined ones together ("INV-2024-001")."""
        chunks: list[tuple[int, int]] = []
        tokens = self._text.tokens
        for item in unknown:
            start, end = item.start, item.end
            while start > 0 and tokens[start].glued:
                start -= 1
            while end < len(tokens) and tokens[end].glued and not (end == len(tokens) - 1 and not tokens[end].word):
                end += 1
            if chunks and start <= chunks[-1][1]:
                chunks[-1] = (chunks[-1][0], max(end, chunks[-1][1]))
            else:
                chunks.append((start, end))
        return [self._text.between(start, end).strip(" ,.?!;:") for start, end in chunks]

    def _reading(self, question: Question, alternatives: tuple[Alternative, ...] = ()) -> Reading:
        words = tuple(
            Word(item.text, self._text.tokens[item.start].start, self._text.tokens[item.end - 1].end, _trace(item))
            for item in self._items
        )
        return Reading(question, alternatives, words, self._draft.currency, tuple(self._notes), self._text.plain)


def replace_ahead(signs: Signs, ahead: bool) -> Signs:
    """The same signs, knowing whether the period lies ahead."""
    signs.ahead = ahead
    return signs


def _small(item: Item) -> bool:
    return any(
        item.has(role)
        for role in (
            Role.FILLER,
            Role.IN,
            Role.AND,
            Role.THAT,
            Role.WHICH,
            Role.DASH,
            Role.SHOW,
            Role.ALSO,
            Role.EXIST,
            Role.TO,
        )
    )


def _strange(item: Item) -> bool:
    if item.matches:
        return True
    if not item.meanings:
        return True
    return all(meaning.role in _HARD for meaning in item.meanings)


def _trace(item: Item) -> str:
    if item.used:
        return item.used
    return item.meanings[0].role.value if item.meanings else "unknown"
