"""The contract's defaults: what is not said, and what the kinds imply."""

from __future__ import annotations

from typing import Final

from bot.costs.period import Grain, Period
from bot.costs.question import Filter, Question
from bot.language.compose import Composer
from bot.language.meanings import Role
from bot.language.moments import Clock, Rolling, Span, unit_around
from bot.language.timing import Timing, just_before, paced
from bot.language.vocabulary import Vocabulary

_SERIES: Final[dict[str, int]] = {"month": 6, "week": 8, "quarter": 4}
_RANKED: Final = frozenset(
    "cost driver mover expense charge spender item thing bill change increase contributor gainer jump decrease offender "
    "culprit consumer expenditure drop hog loser swing one growth rise contributor mover reason saving".split()
)
_TIMELESS: Final = frozenset({"price", "freshness", "help", "unsupported"})


class Finisher:
    """Makes the question of a draft, a timing and a kind."""

    def __init__(
        self,
        composer: Composer,
        timing: Timing,
        kind: str,
        clock: Clock,
        previous: Question | None,
        vocabulary: Vocabulary,
    ) -> None:
        self._composer, self._draft, self._timing = composer, composer.draft, timing
        self._kind, self._clock, self._previous, self._vocabulary = kind, clock, previous, vocabulary

    def question(self) -> Question:
        """The question with every default filled in."""
        if self._previous is not None:
            from bot.language.threads import follow_up  # noqa: PLC0415

            return follow_up(self, self._previous)
        return self.fresh()

    def fresh(self) -> Question:
        """As a question of its own."""
        draft, kind = self._draft, self._kind
        where = tuple(draft.where)
        if kind in _TIMELESS:
            return Question(kind=kind, where=where)  # type: ignore[arg-type]
        self.imply_breakdown(where)
        grain = self.grain()
        period, against = self.periods(grain)
        return Question(
            kind=kind,  # type: ignore[arg-type]
            metric=draft.metric or "BilledCost",  # type: ignore[arg-type]
            period=period,
            against=against,
            grain=grain if kind == "cost" else None,
            by=tuple(draft.by),
            where=where,
            charges=draft.charges or "net",  # type: ignore[arg-type]
            top=self.top(),
            order="change" if self.moves else "cost",
            threshold=draft.threshold,
        )

    # -- what is implied -----------------------------------------------------------------------------------

    @property
    def changes(self) -> bool:
        """Whether a change is spoken of."""
        return any(item.has(Role.CHANGE) and item.free for item in self._composer.items) and not self.trend

    @property
    def trend(self) -> bool:
        """Whether a series over time is asked for."""
        return self._composer.any(Role.TREND) or (self._timing.pace is not None and self._composer.any(Role.CHART))

    @property
    def moves(self) -> bool:
        """Whether what moved is ranked by how much."""
        composer = self._composer
        if self._kind != "cost" or not (self.changes or self._spiked):
            return False
        if any((m := item.get(Role.CHANGE)) and m.value == "movers" for item in composer.items):
            return True
        if self._draft.ranked or self._draft.asked:
            return True
        return self._what_moved()

    @property
    def _spiked(self) -> bool:
        return False

    def _what_moved(self) -> bool:
        """ "What changed", and not "how did it change"."""
        items = self._composer.items
        for item in items:
            which = item.get(Role.WHICH)
            if which:
                after = self._composer.beside(item, 1)
                return after is not None and after.has(Role.CHANGE)
        return False

    def imply_breakdown(self, where: tuple[Filter, ...]) -> None:
        """A ranking, a breakdown or "what changed" that names no dimension is by service, or by SKU within one."""
        draft, composer = self._draft, self._composer
        if draft.by or draft.grain or self._kind != "cost":
            return
        wanted = (
            draft.ranked
            or draft.top is not None
            or self.moves
            or draft.threshold is not None
            or self._broken_down()
            or composer.any(Role.DRIVERS)
        )
        if wanted:
            inside = any(each.dimension == "ServiceName" and not each.exclude for each in where)
            draft.by.append("SkuId" if inside else "ServiceName")

    def _broken_down(self) -> bool:
        """ "Break down"; "what are we spending on", unless it goes on with what on."""
        for item in self._composer.items:
            if item.has(Role.BREAKDOWN):
                after = self._composer.beside(item, 1)
                open_end = item.text.casefold().endswith((" on", " for"))
                if not open_end or after is None or after.used.startswith("period") or after.has(Role.IN):
                    return True
        return False

    def top(self) -> int | None:
        """How many lines: as said, else by the number of the noun."""
        draft = self._draft
        if draft.top is not None or not draft.ranked or self._kind not in {"cost"}:
            return draft.top
        texts = {item.text.casefold() for item in self._composer.items if item.used == "ranked"}
        if draft.named:
            plural = draft.plural
        else:
            nouns = self._nouns()
            plural = any(noun.endswith("s") for noun in nouns) if nouns else not self._costs_most()
        if not plural:
            return 1
        return 10 if "top" in texts else 5

    def _nouns(self) -> list[str]:
        """What is ranked, where it is no dimension: costs, drivers, the expense."""
        words = [item.text.casefold().split()[-1] for item in self._composer.items]
        return [word for word in words if word.removesuffix("s") in _RANKED or word in _RANKED]

    def _costs_most(self) -> bool:
        """ "What costs the most" asks for one."""
        return self._composer.says("costs")

    def grain(self) -> Grain | None:
        """The steps of a series."""
        if self._draft.grain:
            return self._draft.grain  # type: ignore[return-value]
        if self._kind != "cost" or not self.trend:
            return None
        if self._timing.pace:
            return {"year": "quarter"}.get(self._timing.pace, self._timing.pace)  # type: ignore[return-value]
        if self._timing.period is None:
            return "day"
        days = self._timing.period.period.days
        return "day" if days <= 31 else "week" if days <= 92 else "month"

    # -- time ----------------------------------------------------------------------------------------------

    def periods(self, grain: Grain | None) -> tuple[Period | None, Period | None]:
        """The period and what it is compared with."""
        timing, clock = self._timing, self._clock
        period, against = timing.period, timing.against
        if timing.pace and not self.trend and against is None:
            period, against = paced(period, timing.pace, clock, relative=timing.relative)
        if period is None:
            period = self._default(grain)
        if against is None and self.compares:
            against = just_before(period, clock)
        if self._kind not in {"cost", "explain"}:
            against = None
        return period.period, against.period if against else None

    @property
    def compares(self) -> bool:
        """Whether a comparison is implied."""
        return self._kind == "explain" or (self._kind == "cost" and self.changes and not self._draft.grain)

    def _default(self, grain: Grain | None) -> Span:
        clock = self._clock
        if self._kind == "forecast":
            return Span(*unit_around(clock.today, "month", 0), "month")
        if self._kind in {"anomalies", "values"}:
            return Rolling("day", 30).span(clock)
        if self._kind == "cost" and grain in {"hour", "day"} and (self.trend or self._draft.grain):
            return Rolling("day", 30).span(clock)
        if self._kind == "cost" and grain in _SERIES:
            start, _ = unit_around(clock.today, grain, clock.week_start, -_SERIES[grain])  # type: ignore[arg-type]
            return Span(start, clock.tomorrow)
        return Span(clock.today.replace(day=1), clock.tomorrow, "month")

    def alternatives(self, question: Question) -> tuple[object, ...]:
        """Other plausible readings."""
        from bot.language.reading import Alternative  # noqa: PLC0415

        found = []
        for chosen, other, values, exclude in self._draft.ambiguous:
            where = tuple(
                Filter(dimension=other, values=values, exclude=exclude)
                if each.dimension == chosen and each.exclude == exclude
                else each
                for each in question.where
            )
            if where != question.where:
                found.append(
                    Alternative(f"{other} {', '.join(values[:2])}", question.model_copy(update={"where": where}))
                )
        return tuple(found[:3])
