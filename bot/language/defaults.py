"""The contract's defaults: periods, grains and comparisons that are not said but implied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.period import Grain, Period
from bot.domain.question import Filter, Kind, Question
from bot.language import breakdowns
from bot.language.meanings import Role
from bot.language.moments import Clock, Rolling, Span, unit_around
from bot.language.sentence import Sentence, asks
from bot.language.timing import Timing, just_before, paced

_SERIES: Final[dict[str, int]] = {"month": 6, "week": 8, "quarter": 4}
"""How many complete steps a series shows when no period is named, beside the current one."""
_STEPS: Final[dict[str, Grain]] = {"day": "day", "week": "week", "month": "month"}
_THAN: Final = (" than", " then", "up from", "up on", "down from", "down on")
"""How a comparison ends that says which way."""
TIMELESS: Final = frozenset(("price", "freshness", "help", "unsupported"))
_DAYS, _WEEKS = 31, 92
"""A trend is by day up to the one, by week up to the other."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A sentence after all passes: what it says and what it is about."""

    sentence: Sentence
    timing: Timing
    kind: Kind
    clock: Clock

    @property
    def trend(self) -> bool:
        """Whether a series over time is asked for."""
        chart = self.timing.pace is not None and self.sentence.any(Role.CHART)
        return self.sentence.any(Role.TREND) or chart

    @property
    def changes(self) -> bool:
        """Whether a change is spoken of."""
        return bool(self.sentence.having(Role.CHANGE)) and not self.trend

    @property
    def moves(self) -> bool:
        """Whether what changed is ranked by how much: "what changed", and not "how did it change"."""
        draft = self.sentence.draft
        if self.kind != "cost" or not (self.changes or self._dearer):
            return False
        movers = any(meaning.value == "movers" for _, meaning in self.sentence.having(Role.CHANGE))
        return movers or draft.ranked or draft.asked or self._what_moved()

    @property
    def _dearer(self) -> bool:
        """As in "which services are more expensive than last month"."""
        versus = (item for item in self.sentence.items if item.has(Role.VERSUS))
        return self.sentence.draft.asked and any(item.said.endswith(_THAN) for item in versus)

    def _what_moved(self) -> bool:
        which = next((item for item in self.sentence.items if item.has(Role.WHICH)), None)
        after = self.sentence.beside(which, 1) if which else None
        return after is not None and after.has(Role.CHANGE) and asks(which)


def question(understood: Understood) -> Question:
    """A question of its own, with every default filled in."""
    draft, kind = understood.sentence.draft, understood.kind
    where = tuple(draft.where)
    if kind in TIMELESS:
        if kind != "price":
            return Question(kind=kind, where=where)
        return Question(kind=kind, by=() if where else ("x_Model",), where=where, quantities=tuple(draft.quantities))
    if kind == "cost":
        breakdowns.imply(understood.sentence, moves=understood.moves)
    steps = grain(understood)
    period, against = periods(understood, steps)
    return Question(
        kind=kind,
        metric=draft.metric or "BilledCost",
        period=period,
        against=against,
        grain=steps if kind == "cost" else None,
        by=tuple(draft.by),
        where=where,
        charges="net" if kind in {"credits", "invoice"} else draft.charges or "net",
        top=breakdowns.top(understood.sentence) if kind == "cost" else draft.top,
        order="change" if understood.moves and against else "cost",
        threshold=draft.threshold,
    )


def grain(understood: Understood) -> Grain | None:
    """The steps of a series, as said or as a trend of this length has them."""
    draft, timing = understood.sentence.draft, understood.timing
    if draft.grain or understood.kind != "cost" or not understood.trend:
        return draft.grain
    if timing.pace:
        return _STEPS.get(timing.pace, "quarter")
    return "day" if timing.period is None else trend_grain(timing.period.period)


def trend_grain(period: Period) -> Grain:
    """By day up to a month, by week up to a quarter, by month beyond."""
    return "day" if period.days <= _DAYS else "week" if period.days <= _WEEKS else "month"


def periods(understood: Understood, steps: Grain | None) -> tuple[Period, Period | None]:
    """The period and what it is compared with."""
    timing, clock = understood.timing, understood.clock
    period, against = timing.period, timing.against
    if timing.pace and not understood.trend and against is None:
        period, against = paced(period, timing.pace, clock)
    period = period or _default(understood, steps)
    if against is None and compares(understood):
        against = just_before(period, clock)
    if understood.kind not in {"cost", "explain"}:
        against = None
    return period.period, against.period if against else None


def compares(understood: Understood) -> bool:
    """Whether a comparison is implied."""
    change = understood.kind == "cost" and understood.changes and not understood.sentence.draft.grain
    return understood.kind == "explain" or change


def _default(understood: Understood, steps: Grain | None) -> Span:
    clock, kind = understood.clock, understood.kind
    if kind == "forecast":
        return Span(*unit_around(clock.today, "month", 0), "month")
    if kind == "invoice":
        return Span(*unit_around(clock.today, "month", 0, -1), "month")
    if kind == "credits":
        return Span(clock.today.replace(month=1, day=1), clock.tomorrow, "year")
    if kind in {"anomalies", "values"} or (kind == "cost" and steps in {"hour", "day"}):
        return Rolling("day", 30).span(clock)
    if kind == "cost" and steps in {"week", "month", "quarter"}:
        start, _ = unit_around(clock.today, steps, clock.week_start, -_SERIES[steps])
        return Span(start, clock.tomorrow)
    return Span(clock.today.replace(day=1), clock.tomorrow, "month")


def alternatives(understood: Understood, asked: Question) -> list[tuple[Filter, Question]]:
    """Other plausible readings: names in another dimension, the filter they make and the question it is of."""
    found = []
    for choice in understood.sentence.draft.choices:
        other = Filter(dimension=choice.other, values=choice.values, exclude=choice.exclude)
        where = tuple(
            other if (each.dimension, each.exclude) == (choice.dimension, choice.exclude) else each
            for each in asked.where
        )
        if where != asked.where:
            found.append((other, asked.model_copy(update={"where": where})))
    return found[:3]
