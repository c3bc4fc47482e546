"""Words → Question: the passes in their order, and the refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Final, Literal

from bot.domain.errors import NotUnderstood
from bot.domain.question import Question
from bot.language import amounts, breakdowns, defaults, filters, kinds, names, quantities, suggest, threads
from bot.language.defaults import TIMELESS, Understood
from bot.language.describe import describe, noun
from bot.language.meanings import Role
from bot.language.moments import Clock, Part, Relative
from bot.language.segment import Item, segment
from bot.language.sentence import Sentence
from bot.language.text import Text, plain, tokenize
from bot.language.timing import Timing, read_times
from bot.language.vocabulary import Vocabulary

LONGEST: Final = 1_000
"""Characters; a longer text is not one question."""
_MOST_TOKENS: Final = 200
"""Words and signs, likewise."""
_HARD: Final = (Role.NUMBER, Role.AMOUNT, Role.PERCENT, Role.UNKNOWN, Role.BOTTOM, Role.WHEN, Role.NONE)
"""What no sentence may say without its being used."""
_HOLLOW: Final = (
    Role.FILLER, Role.AND, Role.IN, Role.DASH, Role.TO, Role.FROM, Role.EQUALS, Role.THAT, Role.SINCE, Role.WHICH,
    Role.SHOW, Role.SOURCE, Role.ALSO, Role.EXIST, Role.LIST,
)  # fmt: skip
_SHARES: Final = ("share", "percentage", "percent", "proportion", "fraction", "ratio")
_WHOLE: Final = frozenset(
    ("so far", "total", "totals", "overall", "everything", "in total", "how much", "summary", "overview", "report",
     "numbers", "much", "grand total", "sum", "figures", "snapshot", "rundown", "all", "amount", "money", "combined")
)  # fmt: skip
"""Small words that alone ask for the total."""


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
    """A question, and how it came about. ``text`` are the words without markup.

    ``currency`` is the one asked for, ``unit`` that of the quantity that is meant first ("tokens").

    ``read_by`` names the language model that read it, where it was not the grammar.
    """

    question: Question
    alternatives: tuple[Alternative, ...] = ()
    words: tuple[Word, ...] = ()
    currency: str | None = None
    unit: str | None = None
    notes: tuple[str, ...] = ()
    text: str = field(default="", repr=False)
    read_by: str = ""


_DEFAULT: Final = Customs()


def read(
    text: str,
    *,
    today: date,
    vocabulary: Vocabulary,
    previous: Question | None = None,
    customs: Customs = _DEFAULT,
) -> Reading:
    """The question that a text asks; ``previous`` is the one before it in its thread.

    Raises ``NotUnderstood`` with the words it cannot place, and the nearest it could answer.
    """
    words = plain(text)
    if not any(character.isalnum() for character in words):
        raise suggest.nothing_said()
    if len(words) > LONGEST:
        raise suggest.too_long(f"{len(words):,} characters", f"{LONGEST:,}")
    cut = tokenize(words)
    if len(cut.tokens) > _MOST_TOKENS:
        raise suggest.too_long(f"{len(cut.tokens):,} words and signs", f"{_MOST_TOKENS:,}")
    return _tried(partial(_Reader, cut, today, vocabulary, previous, customs))


def _tried(reader: Callable[..., _Reader]) -> Reading:
    """A reading; of a price that cannot be read, one that knows the models which only price lists know."""
    first = reader()
    try:
        found = first.read()
    except NotUnderstood as refusal:
        if not (refusal.unread and first.priced):
            raise
        listed = reader(listed=True).read()
        if listed.question.kind != "price":
            raise
        return listed
    if found.question.kind == "unsupported" and first.priced:
        with suppress(NotUnderstood):
            listed = reader(listed=True).read()
            return listed if listed.question.kind == "price" else found
    return found


def read_thread(texts: Sequence[str], *, today: date, vocabulary: Vocabulary, customs: Customs = _DEFAULT) -> Reading:
    """The last of a thread's texts, after the earlier ones; those not understood count for nothing."""
    previous: Question | None = None
    for text in texts[:-1]:
        try:
            question = read(text, today=today, vocabulary=vocabulary, previous=previous, customs=customs).question
        except NotUnderstood:
            continue
        previous = previous if previous and question.kind in TIMELESS else question
    last = texts[-1] if texts else ""
    return read(last, today=today, vocabulary=vocabulary, previous=previous, customs=customs)


class _Reader:
    """One text on its way to a question."""

    def __init__(  # noqa: PLR0913 - all that a reading may depend on
        self,
        text: Text,
        today: date,
        vocabulary: Vocabulary,
        previous: Question | None,
        customs: Customs,
        *,
        listed: bool = False,
    ) -> None:
        self._text, items = segment(text, vocabulary, customs.date_order, listed=listed)
        self._sentence = Sentence(items, vocabulary)
        self._clock = Clock(today, customs.week_start, vocabulary.first_day)
        self._previous = previous if previous and previous.kind not in TIMELESS else None
        self._price = previous if previous and previous.kind == "price" else None

    @property
    def priced(self) -> bool:
        """Whether a price is asked for, so that models count which only price lists know."""
        return bool(self._sentence.draft.quantities) or kinds.asks_price(self._sentence)

    def read(self) -> Reading:
        sentence = self._sentence
        if kinds.asks_help(sentence, following=self._previous is not None):
            return self._reading(Question(kind="help"))
        names.settle_senses(sentence)
        amounts.thresholds(sentence)
        amounts.percentages(sentence)
        amounts.tops(sentence)
        quantities.quantities(sentence)
        if kinds.kind_of(sentence) == "unsupported":
            return self._reading(Question(kind="unsupported"), self._nearest())
        understood = self._passed()
        self._refuse(understood)
        return self._answer(understood)

    def _passed(self) -> Understood:
        """The sentence after the passes that give its words their parts."""
        sentence = self._sentence
        names.tags(sentence)
        names.qualifiers(sentence)
        amounts.measures(sentence)
        breakdowns.breakdowns(sentence)
        understood = self._understood()
        for item in sentence.items if understood.kind == "invoice" else ():
            item.used = item.used or ("agrees" if item.said in kinds.AGREES else "")
        filters.filters(sentence, savings=understood.kind == "savings", spoken_of=threads.spoken_of(self._previous))
        return understood

    def _nearest(self) -> tuple[Alternative, ...]:
        """The question nearest to one that is not answered: what that is about costs, broken down."""
        try:
            understood = replace(self._passed(), kind="cost")
            asked = defaults.question(understood)
        except NotUnderstood:
            return ()
        if not asked.by and asked.grain is None:
            named = {each.dimension for each in asked.where if not each.exclude}
            asked = asked.model_copy(update={"by": ("SkuId" if "ServiceName" in named else "ServiceName",)})
        label, _, _ = describe(asked).rpartition(" · ")
        return (Alternative(label, asked),)

    def _understood(self) -> Understood:
        kind = kinds.kind_of(self._sentence)
        if kind == "cost" and self._ends_ahead():
            kind = "forecast"
        clock = replace(self._clock, ahead=kind == "forecast")
        timing: Timing = read_times(self._sentence, clock, base=threads.base(self._previous))
        if kind == "cost" and timing.period is not None and timing.period.start > clock.today:
            kind = "forecast"
        return Understood(self._sentence, timing, kind, clock)

    def _ends_ahead(self) -> bool:
        """As in "eom aws": only a forecast can tell of the end of what is under way."""
        moments = [meaning.value for _, meaning in self._sentence.having(Role.WHEN)]
        return len(moments) == 1 and isinstance(moments[0], Relative) and moments[0].whole

    def _answer(self, understood: Understood) -> Reading:
        price = threads.priced(understood, self._price) if self._price is not None else None
        if price is not None:
            return self._reading(price)
        if self._previous is not None:
            question = threads.follow_up(understood, self._previous)
        else:
            question = defaults.question(understood)
        self._sentence.draft.notes.extend(self._caveats(understood, question))
        others = tuple(
            Alternative(f"{noun(each.dimension)} {', '.join(each.values[:2])}", other)
            for each, other in defaults.alternatives(understood, question)
        )
        return self._reading(question, others)

    def _caveats(self, understood: Understood, question: Question) -> Iterator[str]:
        """What was asked beyond what the question can carry."""
        if question.kind == "price" and self._sentence.draft.currency:
            yield "prices stay in the currency they are told in"
        if question.kind == "price" and understood.timing.period is not None:
            yield "list prices of today, and what we paid in the last 30 days"
        if question.kind == "cost" and question.top and len(question.by) > 1:
            yield f"the top {question.top} of all pairs, not of each {noun(question.by[-1])}"
        if question.kind == "cost" and kinds.wonders(self._sentence):
            yield "what each costs; why two things differ is more than I can tell"
        if question.kind == "cost" and not question.by and self._sentence.says(*_SHARES):
            yield "shares stand in the table of a breakdown, such as by service"

    # -- refusals -------------------------------------------------------------------------------------------------

    def _refuse(self, understood: Understood) -> None:
        items = self._sentence.items
        unknown = [item for item in items if item.free and (not item.meanings or _hard(item) or self._denies(item))]
        bottom = next((item for item in unknown if item.has(Role.BOTTOM)), None)
        if bottom and len(unknown) == 1:
            raise suggest.from_the_bottom(bottom.text)
        if unknown:
            raise suggest.not_understood(self._chunks(unknown), self._sentence.vocabulary, priced=self.priced)
        named = [item.text for item in items if (m := item.get(Role.WHEN)) and isinstance(m.value, Part)]
        if understood.kind == "forecast" and understood.timing.against is not None and len(named) > 1:
            raise suggest.forecast_of_two(named)
        if lost := self._ungoverned(understood):
            raise suggest.no_such_day(lost.text)
        if understood.kind not in {"values", "freshness"}:
            breakdowns.refuse_keys(self._sentence)
        draft = self._sentence.draft
        if draft.quantities and not (draft.where or draft.by or self._price):
            raise suggest.of_what(draft.quantities[0], self._sentence.vocabulary)
        hollow = all(any(item.has(role) for role in _HOLLOW) and not item.used for item in items)
        if hollow and self._previous is None and not any(item.said in _WHOLE for item in items):
            raise suggest.nothing_said()

    def _denies(self, item: Item) -> bool:
        """Whether it leaves something out that it could not; "not" alone says so only before what divides costs."""
        after = self._sentence.at(item, 1)
        divides = after is not None and any(after.has(role) for role in (Role.BY, Role.IN, Role.CHARGES))
        return item.has(Role.NOT) and not item.has(Role.FILLER) and (item.said != "not" or divides)

    def _ungoverned(self, understood: Understood) -> Item | None:
        """As in "since launch": what should be a day and is none."""
        if understood.timing.period is not None or understood.kind == "freshness":
            return None
        for item, _ in self._sentence.having(Role.SINCE):
            after = self._sentence.beside(item, 1, lambda each: each.has(Role.FILLER))
            if after is not None and after.free and not after.has(Role.THAT):
                return after
        return None

    def _chunks(self, unknown: list[Item]) -> list[str]:
        """The unknown phrases as typed: joined ones together ("INV-2024-001"), a number with its name ("opus 9")."""
        chunks: list[tuple[int, int]] = []
        for item in unknown:
            start, end = self._widened(item)
            if chunks and start <= chunks[-1][1]:
                chunks[-1] = (chunks[-1][0], max(end, chunks[-1][1]))
            else:
                chunks.append((start, end))
        return [self._text.between(start, end).strip(" ,.?!;:()") for start, end in chunks]

    def _widened(self, item: Item) -> tuple[int, int]:
        tokens, start, end = self._text.tokens, item.start, item.end
        before = self._sentence.at(item, -1)
        if item.has(Role.NUMBER) and before and before.matches:
            start = before.start
        understood = {at for each in self._sentence.items if each.used for at in range(each.start, each.end)}
        while start > 0 and tokens[start].glued and start - 1 not in understood:
            start -= 1
        while end < len(tokens) and tokens[end].glued and end not in understood:
            end += 1
        return start, end

    def _reading(self, question: Question, alternatives: tuple[Alternative, ...] = ()) -> Reading:
        tokens, draft = self._text.tokens, self._sentence.draft
        words = tuple(
            Word(item.text, tokens[item.start].start, tokens[item.end - 1].end, _trace(item))
            for item in self._sentence.items
        )
        return Reading(question, alternatives, words, draft.currency, draft.unit, tuple(draft.notes), self._text.plain)


def _hard(item: Item) -> bool:
    return bool(item.matches) or all(meaning.role in _HARD for meaning in item.meanings)


def _trace(item: Item) -> str:
    if item.used:
        return item.used
    return item.meanings[0].role.value if item.meanings else "unknown"
