"""Follow-ups: what a text changes of the question before it. What is not named stays."""

from __future__ import annotations

from typing import Any

from bot.domain.period import Period
from bot.domain.question import Filter, Question
from bot.language.dates.arithmetic import just_before, paced
from bot.language.dates.expressions import Clock, DateRange, unit_around
from bot.language.entities import Vocabulary
from bot.language.semantics.question import TIMELESS, Builder, Built
from bot.language.semantics.slots import Slots


def follow_up(slots: Slots, clock: Clock, vocabulary: Vocabulary, previous: Question) -> Built:
    """The question before, with what is named now.

    Raises:
        NotUnderstood: parts that disagree, or that have no part in such a question.
    """
    return _FollowUp(slots, clock, vocabulary, previous).build()


class _FollowUp(Builder):
    """A builder whose defaults are those of the question before."""

    def __init__(self, slots: Slots, clock: Clock, vocabulary: Vocabulary, previous: Question) -> None:
        super().__init__(slots, clock, vocabulary, previous=previous)
        self._before = previous
        self._also = slots.flag("also")
        self._switched = slots.has("instead")
        self._everything = slots.flag("everything")
        self._unbroken = slots.flag("unbroken")
        slots.flag("narrowed", "instead", "replaced")
        self._all_of: set[str] = set()

    def question(self) -> Question:
        """What is named now, merged into the question before."""
        old, slots = self._before, self.slots
        if self.kind == "price" or (old.kind == "price" and self._prices_still()):
            return self._price_after()
        if self.kind in TIMELESS or old.kind in TIMELESS:
            return super().question()
        named = {
            name: slots.has(name)
            for name in (
                "metric",
                "unit",
                "unit_of",
                "quantity",
                "charges",
                "rank",
                "threshold",
                "change",
                "change_limit",
                "average",
                "grain",
                "step",
                "currency",
                "compare",
                "pace",
                "beside",
                "per",
                "share",
                "share_of",
                "only",
                "trend",
                "cumulative",
            )
        }
        for filling in slots.all("across"):
            self._all_of.update(self._columns(filling.value))
        new = super().question()
        costs = slots.has("spend") and old.kind not in {"cost", "explain", "forecast", "anomalies"}
        kind = old.kind if new.kind == "cost" and not (costs or self._only_costs()) else new.kind
        period = self._period(new, old, kind)
        beside = self._set_beside(new, old)
        where = self._merged(new.where, old.where, beside)
        if new.kind == "values" and old.kind == "cost" and not slots.has("exist", "list"):
            kind = "cost"
        by = (beside,) if beside else self._breakdown(new, old, kind)
        grain = None if new.average else new.grain or old.grain
        against = self._against(old, period, kind, named)
        if kind == "explain" and old.kind != "explain" and slots.has("why"):
            return Question(
                kind=kind,
                metric=old.metric,
                unit=old.unit,
                period=period,
                against=against,
                by=new.by if slots.has("by", "noun") else (),
                where=where,
                charges=old.charges,
                currency=new.currency or old.currency,
            )
        quantity = named["unit"] or named["unit_of"] or named["quantity"]
        metric = new.metric if named["metric"] or quantity or named["beside"] else old.metric
        return old.model_copy(
            update={
                "kind": kind,
                "metric": metric,
                "unit": None if self._switched else new.unit if quantity or named["metric"] else old.unit,
                "period": period,
                "against": against,
                "grain": grain if kind == "cost" else None,
                "by": by,
                "where": where,
                "charges": new.charges if named["charges"] or named["beside"] else old.charges,
                "top": None if self._everything else (new.top if named["rank"] and new.top else old.top),
                "order": new.order if named["change"] else old.order,
                "threshold": new.threshold
                if named["threshold"] or named["change_limit"]
                else (None if self._everything else old.threshold),
                "only": new.only if named["only"] else old.only,
                "share_of": new.share_of if named["share"] or named["share_of"] else self._share_after(old),
                "average": new.average if named["average"] else (None if named["grain"] else old.average),
                "cumulative": new.cumulative or old.cumulative,
                "per": new.per if named["per"] else old.per,
                "beside": new.beside
                if named["beside"]
                else (None if named["metric"] or named["charges"] else old.beside),
                "currency": new.currency if named["currency"] else old.currency,
            }
        )

    def _only_costs(self) -> bool:
        """Whether "costs" alone is said, which makes costs of a question of another kind."""
        return {name for name, _ in self.slots.every()} <= {"spend", "whole", "follow"} and self.slots.has("spend")

    def _share_after(self, old: Question) -> tuple[Filter, ...] | None:
        """As in "as a percentage of the total", said of filters that a thread had."""
        return () if self.slots.has("shares") and old.where and not old.by else old.share_of

    def _dropped(self) -> None:
        for filling in self.slots.all("dropped"):
            self.slots.add("where", filling)

    def _prices_still(self) -> bool:
        slots = self.slots
        own = slots.has(
            "time",
            "by",
            "noun",
            "grain",
            "charges",
            "threshold",
            "spend",
            "change",
            "rank",
            "why",
            "forecast",
            "kind",
            "metric",
            "trend",
        )
        return not own and slots.has("where", "quantity_of", "unit_of", "unit")

    def _price_after(self) -> Question:
        """The price asked before, of what is named now: "and on haiku?", "20M tokens?"."""
        old = self._before
        self.slots.flag("follow", "sorted", "also", "whole", "chart", "list", "spend", "spend", "exist", "asked")
        if self.slots.has("usage"):
            return self._price()
        quantities = []
        where = self._where()
        quantities = self._quantities(where)
        self.slots.flag("unit", "unit_of", "price", "supposed", "metric", "per", "grain")
        by = self._by_asked()
        merged = tuple(self._merged(tuple(where), old.where)) if old.kind == "price" else tuple(where)
        return Question(
            kind="price",
            by=() if merged else tuple(self._two_at_most(by)) or old.by,
            where=merged,
            quantities=tuple(quantities) or (old.quantities if old.kind == "price" else ()),
            usage=old.usage if old.kind == "price" else None,
        )

    def _set_beside(self, new: Question, old: Question) -> str:
        """As in "compare that with azure" after a question of AWS: the dimension that both are values of."""
        if not self.slots.has("compare") or self._two_times():
            return ""
        known = {part.dimension for part in old.where if not part.exclude}
        return next((part.dimension for part in new.where if part.dimension in known and not part.exclude), "")

    def _merged(self, fresh: tuple[Filter, ...], before: tuple[Filter, ...], beside: str = "") -> tuple[Filter, ...]:
        """A filter replaces the one on its dimension and joins the others; "also gcp" adds to it."""
        if self.slots.has("charges") and "tax" in self.slots.text("charges").casefold():
            before = tuple(part for part in before if not (part.exclude and part.values == ("Tax",)))
        fresh = tuple(_with(part, before) if self._also or part.dimension == beside else part for part in fresh)
        named = {(part.dimension, part.exclude) for part in fresh}
        included = {part.dimension for part in fresh if not part.exclude} | self._all_of
        left_out = {(part.dimension, value) for part in fresh if part.exclude for value in part.values}
        kept = [
            part
            for part in before
            if (part.dimension, part.exclude) not in named
            and part.dimension not in included
            and (part.exclude or not {(part.dimension, value) for value in part.values} <= left_out)
        ]
        return (*kept, *fresh)

    def _breakdown(self, new: Question, old: Question, kind: str) -> tuple[str, ...]:
        if self._unbroken:
            return ()
        asked = self.slots.has("by", "noun", "separately", "compare")
        if not asked and (old.by or kind != "cost"):
            return old.by
        if self._also:
            return tuple(self._two_at_most(list(dict.fromkeys([*old.by, *new.by]))))
        return new.by or old.by

    def _period(self, new: Question, old: Question, kind: str) -> Period:
        times = self._named_times
        if times is not None and times.period is not None and not times.only_against:
            return times.period.period
        if old.period is None:
            assert new.period is not None  # noqa: S101 - a kind with a period
            return new.period
        if kind == "forecast" and old.period.end <= self.clock.tomorrow:
            return self._under_way(old.period)
        return old.period

    def _under_way(self, period: Period) -> Period:
        """All of the calendar unit under way that a period began; this month for what is over."""
        clock = self.clock
        for unit in ("year", "quarter", "month", "week"):
            start, end = unit_around(clock.today, unit, clock.week_start)
            if (period.start, period.end) == (start, clock.tomorrow):
                return Period(start=start, end=end)
        start, end = unit_around(clock.today, "month", clock.week_start)
        return Period(start=start, end=end)

    def _against(self, old: Question, period: Period, kind: str, named: dict[str, bool]) -> Period | None:
        if kind not in {"cost", "explain"}:
            return None
        span, times = DateRange(period.start, period.end), self._named_times
        if times is not None and times.against is not None:
            return times.against.period
        pace: Any = next((filling.value for filling in self.slots.all("pace")), None)
        if pace and not named["trend"]:
            return paced(span, pace, self.clock)[1].period
        if old.against is not None and period == old.period:
            return old.against
        changed = named["change"] or kind == "explain" or named["only"]
        if old.against is not None or changed:
            return just_before(span, self.clock).period
        return None


def _with(part: Filter, old: tuple[Filter, ...]) -> Filter:
    same = next((o for o in old if (o.dimension, o.exclude) == (part.dimension, part.exclude)), None)
    return part.model_copy(update={"values": tuple(dict.fromkeys([*same.values, *part.values]))}) if same else part
