"""Words → Question: normalized, cut into tokens, laid out as a lattice, parsed, merged and checked."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from bot.domain.errors import NotUnderstood
from bot.domain.question import Question
from bot.language import errors
from bot.language.chart import ChartEdge, Cover, ParseChart
from bot.language.dates.expressions import Clock
from bot.language.dates.public_holidays import NATIONAL, named
from bot.language.describe import describe
from bot.language.entities import Vocabulary
from bot.language.grammar import grammar
from bot.language.lattice import Lattice
from bot.language.lexicon import lexicon
from bot.language.normalize import TokenizedText, plain, tokenize
from bot.language.reading import Alternative, Customs, Node, Reading, Word
from bot.language.semantics import filters
from bot.language.semantics.constructors import constructors
from bot.language.semantics.followup import follow_up
from bot.language.semantics.question import TIMELESS, Builder, Built
from bot.language.semantics.slots import Filling, Slots, Unfit
from bot.language.spelling import corrected

LONGEST: Final = 1_000
"""Characters; a longer text is not one question."""
_MAX_TOKENS: Final = 200
_NEAR: Final = 2.5
"""How much dearer a further cover may be that is tried where a cheaper one makes no question."""
_ALIKE: Final = 0.25
"""How much dearer another reading may be to be offered beside the one that answers."""
_EQUAL: Final = 0.01
"""Costs that differ by less are the same: nothing says which of two readings is meant."""
_GREETING: Final = frozenset(
    ("hey", "hi", "hello", "yo", "hiya", "morning", "thanks", "thank", "thx", "ty", "cheers", "good", "afternoon",
     "evening", "help")
)  # fmt: skip
_TOTAL: Final = frozenset(
    ("much", "report", "summary", "overview", "numbers", "figures", "amount", "snapshot", "rundown", "amounts")
)
"""Function words that alone ask for the total."""
_CHANGES_A_THREAD: Final = frozenset(("add", "remove", "drop", "put", "set"))
"""Verbs that in a thread change the question before and order nothing."""
_REPORTING: Final = frozenset(("show", "give", "tell", "how", "what"))
"""Words after which nothing is ordered."""
_OF_DAYS: Final = frozenset(("since", "until", "till"))
"""Words that a day follows."""
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

    Raises:
        NotUnderstood: naming the words that have no part in any reading, and the nearest that could be answered.
    """
    words = plain(text)
    if not any(character.isalnum() for character in words):
        raise errors.nothing_asked()
    if len(words) > LONGEST:
        raise errors.too_long(f"{len(words):,} characters", f"{LONGEST:,}")
    cut = tokenize(words)
    if len(cut.tokens) > _MAX_TOKENS:
        raise errors.too_long(f"{len(cut.tokens):,} words and signs", f"{_MAX_TOKENS:,}")
    return _Parser(cut, today, vocabulary, previous, customs).read()


def read_thread(texts: Sequence[str], *, today: date, vocabulary: Vocabulary, customs: Customs = _DEFAULT) -> Reading:
    """The last of a thread's texts, after the earlier ones; those not understood count for nothing."""
    previous: Question | None = None
    for text in texts[:-1]:
        try:
            question = read(text, today=today, vocabulary=vocabulary, previous=previous, customs=customs).question
        except NotUnderstood:
            continue
        previous = previous if previous and question.kind in TIMELESS - {"price"} else question
    last = texts[-1] if texts else ""
    return read(last, today=today, vocabulary=vocabulary, previous=previous, customs=customs)


class _Parser(Struct, frozen=True):
    text: TokenizedText
    today: date
    vocabulary: Vocabulary
    previous: Question | None
    customs: Customs

    def read(self) -> Reading:
        """The reading by the names of the ledger; of a price that has none, by the models of price lists too."""
        country = self.customs.country
        try:
            reading = self._read(listed=False, holidays=self._names_a_feast_of_its_own(country))
        except NotUnderstood as refusal:
            if refusal.unread and country:
                with suppress(NotUnderstood):
                    return self._read(listed=False, holidays=True)
            if not refusal.unread or not self._asks_a_price():
                raise
            try:
                listed = self._read(listed=True)
            except NotUnderstood:
                raise refusal from None
            if listed.question.kind != "price":
                raise
            return listed
        return reading

    def _names_a_feast_of_its_own(self, country: str) -> bool:
        """Whether a feast is named that the asker's country may keep on another day than the United States."""
        if country in {"", "US"}:
            return False
        words = {token.norm for token in self.text.tokens}
        return any(words.issuperset(name.split()) for name in NATIONAL)

    def _asks_a_price(self) -> bool:
        words = {token.norm for token in self.text.tokens}
        return bool(words & _PRICED) or (self.previous is not None and self.previous.kind == "price")

    def _read(self, *, listed: bool, holidays: bool = False) -> Reading:
        rules = grammar(constructors)
        cut = corrected(self.text, self.vocabulary, lexicon(), listed=listed)
        kept = named(self.customs.country, self.today.year) if holidays else None
        lattice = Lattice(
            cut, self.vocabulary, lexicon(), self.customs.date_order, rules.literals, listed=listed, holidays=kept
        )
        if _commands(lattice, follows=self.previous is not None):
            return Reading(Question(kind="unsupported"), text=cut.plain)
        return self._of_covers(ParseChart(lattice, rules).covers(), lattice)

    def _of_covers(self, covers: list[Cover], lattice: Lattice) -> Reading:
        """The cheapest row of parts that makes a question; the first refusal where none does."""
        refusal: NotUnderstood | None = None
        for at, cover in enumerate(covers):
            if cover.unknown:
                if refusal is None and any(slot.name == "unsupported" for slot in cover.slots):
                    return _reading(Built(Question(kind="unsupported")), cover, lattice)
                refusal = refusal or self._unread(cover, lattice)
                continue
            if cover.cost > covers[0].cost + _NEAR:
                break
            try:
                found = self._built(cover, lattice)
            except NotUnderstood as error:
                refusal = refusal or error
                if not isinstance(error, Unfit):
                    break
            else:
                return self._with_alternative(found, cover, covers[at + 1 : at + 2], lattice)
        assert refusal is not None  # noqa: S101 - a cover is read or refused
        raise NotUnderstood(
            refusal.message,
            refusal.hint,
            unknown=refusal.unknown,
            suggestions=refusal.suggestions,
            unread=refusal.unread,
        )

    def _unread(self, cover: Cover, lattice: Lattice) -> NotUnderstood:
        """The refusal of a row with words that mean nothing: of what cannot be computed, where it asks for that."""
        if any(slot.name == "cannot" for slot in cover.slots):
            try:
                self._built(cover, lattice)
            except NotUnderstood as refusal:
                return refusal
        return self._unknown(cover, lattice)

    def _with_alternative(self, found: Reading, cover: Cover, others: Sequence[Cover], lattice: Lattice) -> Reading:
        """The reading, and another of nearly its cost where that asks something else."""
        for other in others:
            if other.unknown or other.cost > cover.cost + _ALIKE or found.question.kind in TIMELESS:
                continue
            try:
                question = self._built(other, lattice).question
            except NotUnderstood:
                continue
            if question not in (found.question, *(offered.question for offered in found.alternatives)):
                offered = Alternative(describe(question), question, equal=other.cost <= cover.cost + _EQUAL)
                return replace(found, alternatives=(*found.alternatives, offered))
        return found

    def _built(self, cover: Cover, lattice: Lattice) -> Reading:
        slots = Slots(
            (slot.name, Filling(slot.value, lattice.text.between(slot.start, slot.end), slot.start, slot.end))
            for slot in cover.slots
        )
        customs = self.customs
        clock = Clock(self.today, customs.week_start, self.vocabulary.first_day, fiscal_month=customs.fiscal_month)
        if not cover.slots:
            norms = {token.norm for token in lattice.tokens}
            if norms & _GREETING:
                return _reading(Built(Question(kind="help")), cover, lattice)
            if not norms & _TOTAL:
                raise errors.nothing_asked()
        previous = self.previous
        if previous is not None and (previous.kind not in TIMELESS or previous.kind == "price"):
            built = follow_up(slots, clock, self.vocabulary, previous)
        else:
            built = Builder(
                slots, clock, self.vocabulary, words=frozenset(token.norm for token in lattice.tokens)
            ).build()
        return _reading(built, cover, lattice)

    def _unknown(self, cover: Cover, lattice: Lattice) -> NotUnderstood:
        """The refusal that names the words without a meaning, those side by side as one.

        A word of the grammar that found no place ("vs", "per") is named with what follows it.
        """
        if since := self._since_no_day(cover, lattice):
            return errors.no_such_day(since)
        runs: list[list[int]] = []
        for at, part in enumerate(cover.parts):
            if part.name != "unknown":
                continue
            start, end = self._named(cover, at, lattice)
            if runs and runs[-1][1] >= start:
                runs[-1][1] = max(runs[-1][1], end)
            else:
                runs.append([start, end])
        for start, end in runs:
            if lattice.tokens[start].norm in _OF_DAYS:
                following = (t for t in lattice.tokens[start + 1 : end + 2] if t.norm not in lexicon().function_words)
                if word := next((token.text for token in following if token.word), ""):
                    return errors.no_such_day(word)
        words = [word for start, end in runs for word in self._content(lattice, start, end)]
        return errors.not_understood(list(dict.fromkeys(words)), self.vocabulary, priced=self._asks_a_price())

    def _since_no_day(self, cover: Cover, lattice: Lattice) -> str:
        """As in "since the release on 3 Nov": the word that is no day, where it is the only one without a meaning."""
        unknown = [part for part in cover.parts if part.name == "unknown"]
        if len(unknown) != len(("since", "release")) or lattice.tokens[unknown[0].start].norm != "since":
            return ""
        since, word = unknown
        between = [part for part in cover.parts if since.end <= part.start < word.start]
        return "" if any(part.name != "function" for part in between) else lattice.text.between(word.start, word.end)

    def _named(self, cover: Cover, at: int, lattice: Lattice) -> tuple[int, int]:
        """The tokens that say what was not understood: a bare word of ours and what follows, a number and its name."""
        part = cover.parts[at]
        before = cover.parts[at - 1] if at else None
        if before is not None and lattice.tokens[part.start].norm.isdecimal() and before.name == "include":
            return before.start, part.end
        following = next((other for other in cover.parts[at + 1 :] if other.name != "function"), None)
        if (
            following
            and following.name not in {"unknown", "sign"}
            and lattice.tokens[part.start].norm in lexicon().words
        ):
            return part.start, following.end
        percent = part.end < len(lattice.tokens) and lattice.tokens[part.end].norm == "%"
        return part.start, part.end + percent

    def _content(self, lattice: Lattice, start: int, end: int) -> list[str]:
        """What of a run says something: words of ours around it left out, where there are others."""
        for stop in range(end, start, -1):
            typed = lattice.text.between(start, stop)
            known = stop - start > 1 and lattice.tokens[stop - 1].word and self.vocabulary.names_a_tag(typed)
            if stop in lattice.absent.get(start, ()) or known:
                return [typed]
        units: list[list[int]] = []
        for at in range(start, end):
            token = lattice.tokens[at]
            joined = token.norm in "-_./" and at + 1 < end and token.glued and lattice.tokens[at + 1].glued
            if units and (joined or (token.glued and lattice.tokens[at - 1].norm in "-_./")) and units[-1][1] == at:
                units[-1][1] = at + 1
            elif token.word or token.norm[0] in "@#":
                units.append([at, at + 1])
            elif token.norm == "%" and units and units[-1][1] == at:
                units[-1][1] = at + 1
        own = lexicon()
        strange = [
            (one, two)
            for one, two in units
            if two - one > 1 or not (lattice.tokens[one].norm in own.single or lattice.known_end(one) > one)
        ]
        named: list[list[int]] = []
        for one, two in strange or [(start, end)]:
            if named and named[-1][1] == one:
                named[-1][1] = two
            else:
                named.append([one, two])
        return [lattice.text.between(one, two) for one, two in named]


_PRICED: Final = frozenset(
    ("price", "prices", "pricing", "priced", "cost", "costs", "would", "token", "tokens", "rate")
)


def _commands(lattice: Lattice, *, follows: bool) -> bool:
    """Whether the sentence tells the bot to do something: an imperative at its head."""
    for at, token in enumerate(lattice.tokens):
        ends = [end for end, _, _ in lattice.terminals("order", at)]
        if ends and max(ends) >= lattice.known_end(at) and not (follows and token.norm in _CHANGES_A_THREAD):
            return True
        if not (lattice.function_ends(at) or lattice.is_sign(at)) or token.norm in _REPORTING:
            return False
    return False


def _reading(built: Built, cover: Cover, lattice: Lattice) -> Reading:
    question, text = built.question, lattice.text
    words = tuple(
        Word(
            text.between(part.start, part.end),
            lattice.tokens[part.start].start,
            lattice.tokens[part.end - 1].end,
            _meaning(part),
        )
        for part in cover.parts
    )
    return Reading(
        question,
        alternatives=tuple(Alternative(*offered) for offered in built.alternatives),
        words=words,
        notes=tuple(built.notes),
        text=text.plain,
        tree=tuple(_node(part, text) for part in cover.parts),
    )


def _meaning(part: ChartEdge) -> str:
    """What a part of the sentence became."""
    if part.name == "function":
        return "function word"
    meanings = []
    for slot in part.slots:
        if slot.name == "time":
            meanings.append("period")
        elif slot.name in {"where", "also_none"}:
            meanings.append(filters.spoken(slot.value))
        else:
            meanings.append(slot.name.replace("_", " "))
    return ", ".join(dict.fromkeys(meanings)) or part.name.replace("_", " ")


def _node(edge: ChartEdge, text: TokenizedText) -> Node:
    return Node(edge.name, text.between(edge.start, edge.end), tuple(_node(child, text) for child in edge.children))
