"""Slots → Question: by its kind; what that kind has no use for is refused by name."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from bot.domain.errors import NotUnderstood
from bot.domain.labels import dimension
from bot.domain.question import Question
from bot.language.dates.expressions import Ahead, DateRange, Relative, Rolling
from bot.language.dates.resolve import TimeReferences
from bot.language.semantics.kinds import Kinds
from bot.language.semantics.measures import Measures
from bot.language.semantics.prices import Prices
from bot.language.semantics.slots import Unfit

_TAKEN: Final[dict[str, tuple[str, ...]]] = {
    "freshness": ("when", "time", "exist", "asked", "why", "noun", "breakdown", "soft", "list", "direction"),
    "recommendations": ("when", "exist", "asked", "why", "noun", "breakdown", "soft", "list", "direction"),
    "explain": ("multiplied", "ranked", "dearer", "drivers", "compare", "direction", "trend", "change_limit", "asked",
                "separately", "breakdown", "comparative", "exist"),
    "forecast": ("forecast", "asked", "exist", "direction", "when"),
    "anomalies": ("step", "ranked", "asked", "exist", "forecast", "breakdown", "direction"),
    "budgets": ("forecast", "exist", "compare", "asked", "breakdown", "shares", "when"),
    "values": ("exist", "asked", "list", "across"),
    "savings": ("exist", "asked", "change_word", "breakdown"),
    "commitments": ("exist", "asked", "breakdown", "expensive", "when"),
    "credits": ("forecast", "charges", "exist", "when", "asked"),
    "invoice": ("unsupported", "compare", "exist", "asked"),
}  # fmt: skip
"""What words of a question may also be said of a kind, beside what it has a value for."""
TIMELESS: Final = frozenset(("price", "freshness", "help", "unsupported", "recommendations"))
_NOUNS: Final[dict[str, frozenset[str]]] = {
    "freshness": frozenset(("ServiceProviderName", "BillingAccountName", "SubAccountName", "ServiceName")),
    "recommendations": frozenset(("ResourceId", "ServiceName", "SubAccountName", "SkuId", "ServiceCategory")),
}
"""What a noun may be of in a question without amounts."""
_SOON: Final = frozenset(("", "will", "will be", "expected"))
"""Words for what is to come that a question of freshness or advice may hold."""
_OPENINGS: Final = frozenset(
    ("what about", "how about", "and", "now", "what of", "and what about", "and how about", "make it", "try")
)
"""Words that may open a question of its own as well as one that goes on."""
_LATE: Final = frozenset(("list", "lists", "count", "inventory", "catalog", "catalogue", "enumerate", "names"))
"""Words for a list that mean one only at the head of a sentence."""
_ALWAYS_TAKEN: Final = (
    "whole",
    "chart",
    "sorted",
    "also",
    "instead",
    "list",
    "spend",
    "noun_plural",
    "change_word",
    "narrowed",
    "asked_by",
)


class Built(Struct):
    """A question, other readings of its names, and notes for the answer."""

    question: Question
    alternatives: list[tuple[str, Question, bool]] = field(default_factory=list)
    """What to call each, its question, and whether it is as likely."""
    notes: list[str] = field(default_factory=list)


class Builder(Kinds, Measures, Prices):
    """One sentence on its way from slots to a question."""

    def build(self) -> Built:
        """The question, with nothing left over."""
        question = self.question()
        self._refuse_rest()
        return Built(question, self._alternatives(question), self.notes)

    def question(self) -> Question:
        """The question by its kind."""
        slots = self.slots
        slots.flag(*_ALWAYS_TAKEN)
        first = min((filling.start for name, filling in slots.every() if name != "follow"), default=0)
        opens = all(filling.start <= first for filling in slots.peek("follow"))
        if self.previous is not None or (opens and slots.text("follow").casefold() in _OPENINGS):
            slots.flag("follow")
        if slots.has("dropped"):
            self._dropped()
        self._refuse_late_list()
        if slots.has("cannot"):
            self._refuse_cannot()
        if self.kind in {"help", "unsupported"}:
            self._nearest = self._nearest_question() if self.kind == "unsupported" else None
            self._take_all()
            return Question(kind=self.kind)
        if self.kind == "price":
            return self._price()
        if self.kind in {"freshness", "recommendations"}:
            slots.flag(*_TAKEN[self.kind])
            return self._without_amounts()
        if self.kind == "explain" and self._contrasts():
            self.kind = "cost"
            slots.flag("expensive", "cheap", "change", "direction", "comparative", "dearer")
            self._no_change = True
        times = self.times()
        return self._cost(times) if self.kind == "cost" else self._other(times)

    def _refuse_late_list(self) -> None:
        """A "list" is an order at the head of a sentence, and the price of a list elsewhere."""
        before = [filling.start for name, filling in self.slots.every() if name not in {"follow", "time", "list"}]
        for filling in self.slots.peek("list"):
            if filling.text.casefold() in _LATE and min(before, default=filling.end) < filling.start:
                raise self._refusal(
                    "list",
                    f"I can't tell what {filling.text!r} asks for here.",
                    'Begin with it: "list services", or ask "at list price".',
                )

    def _without_amounts(self) -> Question:
        """How current the data is, or what vendors recommend: no amounts of the ledger."""
        slots = self.slots
        if slots.text("forecast").casefold() in _SOON:
            slots.flag("forecast")
        self._refuse_other_nouns()
        if self.kind == "freshness":
            if any(_recurs(filling.value) for filling in slots.peek("time")):
                raise self._refusal(
                    "time", "How current the data is does not depend on the day of the week.", "Leave that out."
                )
            return Question(kind="freshness", where=tuple(self._where()))
        if {filling.value for filling in slots.peek("change")} <= {"decrease"}:
            slots.flag("change")
        period = self.times().period
        top = self._top(None) if slots.has("rank") else None
        where = tuple(self._where())
        return Question(kind="recommendations", where=where, period=period.period if period else None, top=top)

    def _refuse_other_nouns(self) -> None:
        """A noun that says what is fresh or idle is one that data come from, or that can be idle."""
        for filling in self.slots.peek("noun"):
            columns = {column for choices in (filling.value.choices if filling.value else ()) for column in choices}
            if columns and not columns & _NOUNS[self.kind]:
                raise self._refusal(
                    "noun", f"I can't use {filling.text!r} in a question of this kind.", "Leave it out."
                )

    def _dropped(self) -> None:
        """As in "drop staging", which only a thread can mean as leaving out."""
        raise self._refusal(
            "dropped",
            f"{self.slots.text('dropped')!r} has no earlier question to refer to.",
            'Say "except" or "without".',
        )

    def _other(self, times: TimeReferences) -> Question:
        """A question of any kind but cost, price and those without a period."""
        slots, kind = self.slots, self.kind
        slots.flag(*_TAKEN.get(kind, ()))
        by, where = self._by_asked(), self._where()
        if kind == "values" and len(by) > 1 and "Tags" in by:
            raise self._clash(["noun"])
        measured = kind in {"explain", "forecast", "anomalies"}
        metric, unit = self._metric() if measured else ("BilledCost", None)
        charges = slots.one("charges") or "net"
        if (kind == "credits" and charges in {"gross", "tax"}) or (
            kind == "savings" and slots.text("charges").startswith("with ")
        ):
            raise self._clash(["kind", "charges"])
        if (measured or kind == "values") and slots.has("compare", "separately") and not self._two_times():
            by = self._separated(by, where)
        period, against = self._other_periods(times)
        return Question(
            kind=kind,
            metric=metric,
            period=period.period,
            against=against.period if against else None,
            by=tuple(self._two_at_most(by)),
            where=tuple(where),
            charges="net" if kind == "credits" or (kind, charges) == ("anomalies", "gross") else charges,
            top=self._top(None) if measured and slots.has("rank") else None,
            threshold=self._threshold(),
            currency=self._currency(),
            unit=unit,
        )

    def _other_periods(self, times: TimeReferences) -> tuple[DateRange, DateRange | None]:
        """The period by the kind, and what it is compared with where the kind compares."""
        slots, clock = self.slots, self.clock
        period = times.period or self._default_period(None)
        match self.kind:
            case "explain":
                if slots.has("change"):
                    slots.flag("change")
                else:
                    slots.flag("expensive", "cheap")
                return self._explained(times, period)
            case "forecast":
                return self._forecast(times, period)
            case "anomalies" if not {filling.value for filling in slots.peek("change")} & {"decrease", "growth"}:
                slots.flag("change")
            case "credits" if times.period is None:
                period = DateRange(clock.today.replace(month=1, day=1), clock.tomorrow, "year")
        return period, None

    def _forecast(self, times: TimeReferences, period: DateRange) -> tuple[DateRange, DateRange | None]:
        """One period to come, or under way, and the earlier one that it is asked to exceed."""
        slots = self.slots
        if not slots.text("trend").casefold().startswith("hist"):
            slots.flag("trend")
        if times.against is not None and not times.whole_against:
            raise self._refusal(
                "time",
                "I can forecast one period at a time, and not against another.",
                "Ask for the forecast and for what was spent one after the other.",
            )
        if times.period is not None and period.end <= self.clock.today:
            raise self._refusal(
                "time", "I can't forecast days that have passed.", 'Ask what was spent: "spend last month".'
            )
        self._grain_of_period(period)
        if slots.has("ahead"):
            count, unit, _ = slots.one("ahead")
            period = Ahead(unit, count).span(self.clock)
        return period, times.against

    def _cost(self, times: TimeReferences) -> Question:
        slots = self.slots
        where = self._where()
        share_of = self._share(where)
        metric, unit = self._metric()
        metric, charges, beside = self._beside(metric)
        per = self._per(where)
        if per is not None and metric == "ConsumedQuantity":
            raise self._clash(["unit", "unit_of", "quantity", "per"])
        grain, average = self._steps()
        by = self._by_asked()
        by = self._separated(by, where)
        rank = slots.one("rank")
        change, order = self._order(times, by)
        only = slots.one("only")
        drivers = slots.flag("drivers")
        breakdown = slots.flag("breakdown")
        threshold = self._threshold()
        trend = slots.flag("trend")
        cumulative = slots.flag("cumulative")
        pace = slots.one("pace")
        if change is not None and (share_of is not None or (slots.has("shares") and not by)):
            raise self._clash(["share", "shares", "change"])
        shared = slots.flag("shares") and not (by or share_of is not None or breakdown or rank is not None)
        if shared and where:
            share_of = ()
        elif shared and not (self.previous and self.previous.where):
            raise self._refusal(
                "shares",
                "I can't tell a share of what, or by what.",
                'Ask "share of AWS that is EC2" or "share by service".',
            )
        wanted = (
            rank is not None or breakdown or threshold is not None or only is not None or drivers or order != "cost"
        )
        if wanted and not by and grain is None and share_of is None:
            within = [*where, *(self.previous.where if self.previous else ())]
            by = ["SkuId" if any(f.dimension == "ServiceName" and not f.exclude for f in within) else "ServiceName"]
        if trend or cumulative or (pace and (slots.has("chart") or trend)):
            grain = (
                grain
                or ({"day": "day", "week": "week", "month": "month"}.get(pace or "", "quarter") if pace else None)
                or self._trend_grain(times)
            )
        period, against = self._periods(
            times, grain, average, change, order, only, pace if not (trend or slots.has("chart")) else None
        )
        top = self._top(rank)
        unpaid = any(part.exclude and not self._commits(part) for part in where)
        if metric == "ListCost" or charges != "net" or unpaid:
            slots.flag("supposed")
        slots.flag("asked", "direction", "exist" if self._using() else "")
        if slots.has("dearer") and (
            against is not None or slots.has("compare_names", "separately", "compare", "asked")
        ):
            slots.flag("dearer")
        if drivers and not by:
            raise self._clash(["drivers", "grain", "step"])
        by = self._two_at_most(by)
        return Question(
            metric=metric,
            period=period.period,
            against=against.period if against else None,
            grain=grain,
            by=tuple(by),
            where=tuple(where),
            charges=charges,
            top=top,
            order=order,
            threshold=threshold,
            only=only,
            share_of=share_of,
            average=average,
            cumulative=cumulative,
            per=per,
            beside=beside,
            currency=self._currency(),
            unit=unit,
        )

    def _using(self) -> bool:
        """Whether "we use" belongs to a noun that is broken down by."""
        return bool(self.slots.has("noun", "only", "charges", "unit", "unit_of", "metric", "quantity")) and all(
            filling.value != "state" for filling in self.slots.peek("exist")
        )

    def _take_all(self) -> None:
        for name, _ in self.slots.remaining():
            self.slots.flag(name)

    def _nearest_question(self) -> Question | None:
        """What such a sentence is about, as costs; None where not even that can be told."""
        try:
            period = self.times().period or self._default_period(None)
            by = tuple(self._by_asked()[:2]) or ("ServiceName",)
            return Question(period=period.period, by=by, where=tuple(self._where()))
        except NotUnderstood:
            return None

    def _alternatives(self, question: Question) -> list[tuple[str, Question, bool]]:
        from bot.language.describe import describe  # only where names are ambiguous

        found = [(describe(self._nearest), self._nearest, False)] if self._nearest else []
        for offered in self.filters().alternatives if self.kind not in {"help", "unsupported"} else []:
            where = tuple(offered.other if part == offered.chosen else part for part in question.where)
            if where != question.where:
                found.append(
                    (
                        f"{dimension(offered.other.dimension)} {offered.other.values[0]}",
                        question.model_copy(update={"where": where}),
                        offered.equal,
                    )
                )
        return found[:3]

    def _refuse_rest(self) -> None:
        left = self.slots.remaining()
        if left:
            texts = list(dict.fromkeys(filling.text for _, filling in left))
            raise Unfit(
                f"I can't use {' and '.join(repr(text) for text in texts[:3])} in a question of this kind.",
                "Leave it out, or ask for it separately.",
                unknown=texts,
            )

    def _refuse_cannot(self) -> None:
        """Names what is understood and cannot be computed."""
        filling = self.slots.all("cannot")[0]
        what = filling.value[1] if isinstance(filling.value, tuple) else filling.value
        raise NotUnderstood(
            f"I can't compute {what}: {filling.text!r}.",
            "Ask for totals, averages per day, a ranking from the top or a trend.",
            unknown=[filling.text],
            suggestions=["top 5 services this month", "average daily spend last month"],
        )


def _recurs(phrase: tuple[str, tuple[object, ...]]) -> bool:
    """Whether a weekend is named."""
    return any(
        isinstance(moment, Relative | Rolling) and moment.unit == "weekend" for moment in (phrase[1:] or [()])[0]
    )
