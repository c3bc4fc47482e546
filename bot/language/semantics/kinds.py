"""Which kind of question a sentence asks."""

from __future__ import annotations

from typing import Any, Final

from bot.domain.question import Kind
from bot.language.dates.expressions import Ahead, Day, Moment, Part, Relative, Year
from bot.language.dates.fiscal import Fiscal
from bot.language.semantics import filters
from bot.language.semantics.breakdowns import Breakdowns
from bot.language.semantics.values import FilterSpec, JoinedNames

_HELD: Final = ("cover", "utili", "used", "expir", "wast")
"""Parts of words that ask how well commitments are held to."""

_DOCUMENT: Final = frozenset(("send", "download", "pdf", "export", "email", "print", "attach", "forward"))
"""Words that ask for an invoice itself."""
_AHEAD: Final = 183
"""Days up to which a month that is named "by" is the next, and not the last."""
_PAID: Final = frozenset(("pay", "pays", "paid", "paying"))
"""Verbs that ask what was paid, and not what a list says."""
_ANY_TENSE: Final = frozenset(("freshness", "recommendations"))
"""Kinds in which words for reasons and for what is expected change nothing."""


class Kinds(Breakdowns):
    """Decides the kind."""

    def _kind(self) -> Kind:
        slots = self.slots
        kinds = {filling.value for filling in slots.all("kind")}
        if slots.flag("invoice_named"):
            if self._words & _DOCUMENT:
                return "unsupported"
            kinds.add("invoice")
        documents = kinds & {"invoice", "commitments"}
        if any(not documents or "invoice" not in filling.text.casefold() for filling in slots.peek("unsupported")):
            return "unsupported"
        if slots.has("usage") and kinds:
            raise self._clash(["usage", "kind"])
        if slots.has("usage") or self._prices(kinds):
            return "price"
        why = slots.flag("why")
        kinds = self._narrowed(kinds, why=why)
        forecast = self._forecasts(kinds, why=why)
        if len(kinds) > 1 or (why and forecast) or (kinds - _ANY_TENSE and (why or forecast)):
            raise self._clash(["kind", "why", "forecast"])
        if kinds:
            kind: Kind = kinds.pop()
            if kind == "help":
                slots.flag("where", "time", "by", "noun")
            return kind
        if why or forecast:
            return "explain" if why else "forecast"
        return "values" if self._lists() else "cost"

    def _narrowed(self, kinds: set[Any], *, why: bool) -> set[Any]:
        """Without the kinds that another one says more exactly."""
        slots = self.slots
        if "recommendations" in kinds and slots.has("charges"):
            raise self._clash(["kind", "charges"])
        if "recommendations" in kinds:
            kinds = kinds - {"savings", "commitments"}
        if kinds >= {"savings", "commitments"}:
            text = slots.text("kind").casefold()
            kinds = kinds - {"savings" if any(part in text for part in _HELD) else "commitments"}
        return set() if why and kinds == {"anomalies"} else kinds

    def _forecasts(self, kinds: set[Any], *, why: bool) -> bool:
        """Whether days to come are asked about, in so many words or by the days that are named."""
        slots = self.slots
        forecast = slots.has("forecast") and not kinds & {"budgets", "credits"}
        if kinds == {"anomalies"} and "expected" in slots.text("forecast"):
            forecast = False
        for filling in slots.all("by_date"):
            if not forecast and not self._soon(filling.value[1][0]):
                raise self._refusal(
                    "by_date",
                    f"I can't break down by {filling.text.split(maxsplit=1)[-1]!r}.",
                    'Say "until" for a last day, or "by day", "by month".',
                )
            forecast = True
            slots.add("time", filling)
        return forecast or (
            not kinds and not why and any(self._to_come(filling.value) for filling in slots.peek("time"))
        )

    def _soon(self, moment: Moment) -> bool:
        """Whether a date that something is asked "by" is one to come, and not the last October."""
        span = moment.span(self._whole_clock)
        named = isinstance(moment, Part | Day) and moment.year is None
        return span.end > self._today and not (named and (span.start - self._today).days > _AHEAD)

    def _contrasts(self) -> bool:
        """As in "why is production more expensive than staging": what each costs can be told, not why they differ."""
        if not self.slots.has("separately") or self._two_times():
            return False
        return any(len(part.values) > 1 and not part.exclude for part in self.filters().where)

    def _to_come(self, phrase: tuple[str, tuple[object, ...]]) -> bool:
        """Whether days are named that are to come: "next month", "by the end of the quarter", "eom"."""
        if phrase[0] not in {"when", "range", "from_to"}:
            return False
        moment = phrase[1][-1]
        if isinstance(moment, Relative):
            return moment.whole or moment.offset > 0
        return isinstance(moment, Ahead) or (
            isinstance(moment, Year | Part | Fiscal)
            and (moment.year is not None or (isinstance(moment, Fiscal) and bool(moment.offset)))
            and moment.span(self._whole_clock).start > self._today
        )

    def _prices(self, kinds: set[str]) -> bool:
        """Whether a list price is asked for."""
        slots = self.slots
        if kinds or slots.has("why", "threshold"):
            return False
        named = slots.has("where", "unit_of")
        if slots.has("quantity_of"):
            return True
        if slots.flag("how_dear") and any(self._is_model(filling.value) for filling in slots.peek("where")):
            return not slots.has("time", "change", "rank", "trend", "grain", "by")
        if slots.has("price"):
            dated = any(filling.value[0] != "current" for filling in slots.peek("time"))
            return self._priceable() and not dated and not slots.has("change", "rank", "trend", "grain")
        model = any(self._is_model(filling.value) for filling in slots.peek("where"))
        if (
            slots.has("per")
            and model
            and not slots.has(
                "time", "by", "noun", "grain", "trend", "metric", "charges", "unit", "unit_of", "quantity"
            )
        ):
            paid = any(filling.text.casefold() in _PAID for filling in slots.peek("spend"))
            return not paid and not slots.has("average", "unit_cost", "asked")
        listed = slots.has("metric") and {filling.value for filling in slots.peek("metric")} == {"ListCost"}
        return listed and named and (model or self._is_sku()) and not slots.has("spend", "time", "by", "noun")

    def _priceable(self) -> bool:
        """Whether what is named has a list price: a model, a SKU, a unit of something; or all models are meant."""
        named = [filling.value for filling in self.slots.peek("where")]
        if not named:
            return True
        columns = {
            dimension
            for spec in named
            if isinstance(spec.value, JoinedNames)
            for name in spec.value.names
            for dimension in filters.best(name)
        }
        return bool(columns & {"x_Model", "SkuId"}) or self.slots.has("per", "unit", "unit_of")

    def _is_model(self, spec: object) -> bool:
        if not isinstance(spec, FilterSpec) or not isinstance(spec.value, JoinedNames):
            return False
        return any("x_Model" in filters.best(name) for name in spec.value.names)

    def _is_sku(self) -> bool:
        """Whether a SKU is named by its whole name, and nothing else stands for these words."""
        named = [filling.value.value for filling in self.slots.peek("where") if isinstance(filling.value, FilterSpec)]
        return any(
            set(filters.best(name)) == {"SkuId"}
            for names in named
            if isinstance(names, JoinedNames)
            for name in names.names
        )

    def _lists(self) -> bool:
        slots = self.slots
        money = [
            filling
            for filling in slots.peek("spend")
            if "usage" not in filling.text and filling.text.casefold() not in {"use", "uses"}
        ]
        if money or slots.has(
            "threshold",
            "rank",
            "metric",
            "charges",
            "change",
            "by",
            "breakdown",
            "compare",
            "only",
            "trend",
            "grain",
            "share",
            "average",
            "per",
            "sorted",
        ):
            return False
        if not slots.has("noun"):
            return False
        if slots.has("list") or (slots.has("exist") and slots.has("asked")):
            return True
        using = any(filling.text.casefold() in {"use", "uses"} for filling in slots.peek("spend"))
        return slots.has("asked") and (using or not slots.has("spend", "time")) and self._plural()
