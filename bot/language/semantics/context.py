"""What every step from slots to a question needs: the slots, names and days of one sentence, and how it is refused."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from bot.domain.errors import NotUnderstood
from bot.domain.question import Kind, Question
from bot.language.dates.expressions import Clock, DateRange
from bot.language.dates.resolve import TimePhrase, TimeReferences, resolve
from bot.language.entities import Vocabulary
from bot.language.errors import not_understood as unknown_words
from bot.language.semantics import filters
from bot.language.semantics.slots import Slots, Unfit
from bot.language.semantics.values import Dims, FilterSpec, JoinedNames

_UNMEASURED: Final = frozenset(
    ("recommendations", "budgets", "savings", "freshness", "credits", "invoice", "commitments")
)
"""Kinds that know no unit of consumption."""


class Context:
    """One sentence: its slots, and what they mean in this ledger on this day."""

    kind: Kind
    clock: Clock

    def __init__(
        self,
        slots: Slots,
        clock: Clock,
        vocabulary: Vocabulary,
        *,
        previous: Question | None = None,
        words: frozenset[str] = frozenset(),
    ) -> None:
        self.slots, self.vocabulary, self.previous = slots, vocabulary, previous
        self._words = words
        self._today, self._whole_clock = clock.today, replace(clock, ahead=True)
        self.kind: Kind = self._kind()
        self.clock = replace(clock, ahead=self.kind == "forecast")
        self._settled: filters.SettledFilters | None = None
        self._named_times: TimeReferences | None = None
        self._no_change = False
        self._nearest: Question | None = None
        self.notes: list[str] = []

    def _kind(self) -> Kind:
        """The kind of the question."""
        raise NotImplementedError

    def filters(self) -> filters.SettledFilters:
        """The filters that the names make."""
        if self._settled is None:
            self._refuse_split_exclusion()
            placed = [(filling.start, filling.value) for filling in self.slots.all("where")]
            placed += [(filling.start, filling.value) for filling in self.slots.all("also_none")]
            measured = self.kind not in _UNMEASURED
            for filling in self.slots.all("unit_of") if measured else ():
                placed.append((filling.start, FilterSpec("include", filling.value[2])))
            for filling in self.slots.peek("shares"):
                placed += [(filling.start, self._spec(item)) for item in filling.value[1]]
            specs = [spec for _, spec in sorted(placed, key=lambda entry: entry[0])]
            if self.kind == "freshness":
                specs = [spec for spec in specs if not _is_data(spec)]
            preferred = [f.dimension for f in self.previous.where] + list(self.previous.by) if self.previous else []
            self._settled = filters.settle(specs, self.vocabulary, preferred=preferred)
        return self._settled

    def _refuse_split_exclusion(self) -> None:
        """As in "except aws compute": which of the two is left out is not said."""
        fillings = sorted(self.slots.peek("where"), key=lambda filling: filling.start)
        for one, other in pairwise(fillings):
            if one.value.sense == "exclude" and other.value.sense == "include" and one.end == other.start:
                raise NotUnderstood(
                    f"I can't tell what {one.text + ' ' + other.text!r} leaves out.",
                    'Name both parts: "in AWS, except compute".',
                    unknown=[one.text, other.text],
                )

    def _columns(self, dims: Dims) -> list[str]:
        found = filters.column(dims, self.vocabulary)
        if "Tags" in found and self.kind != "values":
            keys = self.vocabulary.tag_keys
            raise NotUnderstood(
                "By which tag?",
                f"Name one of {', '.join(keys[:8])}." if keys else "This ledger has no tags.",
                unknown=["tag"],
                suggestions=[f"by {key}" for key in keys[:3]],
            )
        return found

    def _two_times(self) -> bool:
        return any(
            filling.value[0] in {"pair", "versus", "from_to", "versus_range", "versus_whole"}
            for filling in self.slots.peek("time")
        )

    def times(self) -> TimeReferences:
        """What the sentence says of time."""
        slots = self.slots
        phrases = [
            TimePhrase(
                self._sense(filling.value[0]),
                filling.value[1] if len(filling.value) > 1 else (),
                filling.text,
            )
            for filling in slots.all("time")
        ]
        if not slots.has("change", "why") and self.kind != "anomalies":
            for phrase in phrases:
                if phrase.text.casefold() == "overnight":
                    raise self._unknown([phrase.text])
        base = (
            DateRange(self.previous.period.start, self.previous.period.end)
            if self.previous and self.previous.period
            else None
        )
        self._named_times = resolve(
            phrases,
            self.clock,
            changing=slots.has("change", "why") or self.kind == "explain",
            comparing=slots.has("compare"),
            base=base,
        )
        return self._named_times

    def _sense(self, sense: str) -> str:
        """How a time phrase is meant here: a forecast goes through a date, what is new since one is held against it."""
        if self.kind == "forecast" and sense in {"until", "to"}:
            return "when"
        return "versus" if self.slots.has("only") and sense == "since" else sense

    def _spec(self, item: FilterSpec | JoinedNames) -> FilterSpec:
        return item if isinstance(item, FilterSpec) else FilterSpec("include", item)

    def _unknown(self, words: list[str]) -> NotUnderstood:
        refusal = unknown_words(words, self.vocabulary)
        return Unfit(refusal.message, refusal.hint, unknown=words, suggestions=refusal.suggestions, unread=True)

    def _refusal(self, slot: str, message: str, hint: str) -> NotUnderstood:
        return Unfit(message, hint, unknown=[self.slots.text(slot) or slot])

    def _clash(self, names: list[str]) -> NotUnderstood:
        texts = list(dict.fromkeys(filling.text for name in names for filling in self.slots.peek(name)))
        return Unfit(
            f"I can't answer {' and '.join(repr(text) for text in texts)} at once.",
            "Ask one after the other.",
            unknown=texts,
        )


def _is_data(spec: FilterSpec) -> bool:
    """Whether only "data" is named, which in a question of freshness is no filter."""
    return isinstance(spec.value, JoinedNames) and [name.text.casefold() for name in spec.value.names] == ["data"]
