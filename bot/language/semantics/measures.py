"""What is measured: the metric, its unit, charges, unit costs, shares, averages, limits, the currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from bot.domain.errors import NotUnderstood
from bot.domain.question import Beside, Charges, Filter, Metric, Threshold, UnitCost
from bot.language.semantics import filters
from bot.language.semantics.context import Context
from bot.language.semantics.values import FilterSpec, JoinedNames, Limit


class Measures(Context):
    """Reads measures from slots."""

    def _metric(self) -> tuple[Any, str | None]:
        slots = self.slots
        metric = slots.one("metric") if not slots.has("beside") else None
        typed = bool(slots.all("unit_of")) and all(
            self._of_token_type(filling.value[2]) for filling in slots.all("unit_of")
        )
        of_tokens = all(filling.value[1] == "Tokens" for filling in slots.peek("unit_of"))
        if typed and of_tokens and not slots.has("unit") and self._money():
            return metric or "BilledCost", None
        units = [filling.value for filling in slots.all("unit")] + [
            filling.value[1] for filling in slots.all("unit_of")
        ]
        units = list(dict.fromkeys(units))
        if len(units) > 1:
            raise NotUnderstood(
                f"I can show one unit at a time, not {' and '.join(units)}.", "Ask for one of them.", unknown=units
            )
        quantity = slots.flag("quantity")
        if slots.has("money_of"):
            raise self._money_of(slots.text("money_of"), "Tokens" if "oken" in slots.text("money_of") else "")
        if units and not {"cost", "costs", "spend", "spending", "bill"}.isdisjoint(
            slots.text("whole").casefold().split()
        ):
            raise self._clash(["unit", "unit_of", "whole"])
        if units or quantity:
            if metric not in {None, "BilledCost"} or (metric == "BilledCost"):
                raise self._clash(["metric", "unit", "quantity"])
            if (
                (self._money() or any(word in slots.text("rank") for word in ("cost", "spen")))
                and units
                and self.kind == "cost"
                and not slots.has("threshold", "sorted")
            ):
                raise self._money_of(f"{slots.text('spend')} … {slots.text('unit')}{slots.text('unit_of')}", units[0])
            return "ConsumedQuantity", units[0] if units else None
        return metric or "BilledCost", None

    def _of_token_type(self, names: JoinedNames) -> bool:
        return all({"x_TokenType", "x_Model"} & set(filters.best(name)) for name in names.names)

    def _money(self) -> bool:
        texts = {filling.text.casefold() for filling in self.slots.peek("spend")}
        if any(word in self.slots.text("unit").casefold() for word in ("how many", "number of")):
            texts -= {"spend", "spent"}
        return bool(
            texts
            - {
                "usage",
                "consumption",
                "use",
                "uses",
                "consume",
                "consumed",
                "consumes",
                "burn",
                "burned",
                "burnt",
                "eat",
                "eats",
                "ate",
            }
        )

    def _money_of(self, text: str, unit: str) -> NotUnderstood:
        return NotUnderstood(
            f"I can't tell what was paid for {unit.lower() or 'a unit'} alone: {text!r}.",
            "Ask for the quantity, or for the cost per unit.",
            unknown=[text],
            suggestions=["tokens by model this month", "cost per million tokens this month", "ai spend this month"],
        )

    def _beside(self, metric: Metric) -> tuple[Metric, Charges, Beside | None]:
        slots = self.slots
        pair = slots.one("beside")
        charges = slots.one("charges")
        if pair is None:
            return metric, charges or "net", None
        if any(filling.value not in pair for filling in slots.peek("metric")):
            raise self._clash(["metric", "beside"])
        slots.flag("metric", "compare", "spend")
        if set(pair) <= {"gross", "net"}:
            return metric, "gross", "net"
        first, second = pair
        if set(pair) & {"gross", "net"}:
            raise self._refusal(
                "beside",
                "Those two measures can't be shown side by side.",
                'Ask "gross vs net" or "amortized vs billed".',
            )
        return first, charges or "net", second

    def _per(self, where: list[Filter]) -> UnitCost | None:
        slots = self.slots
        given = [filling.value for filling in slots.all("per")]
        slots.flag("unit_cost")
        if given or not slots.has("spend"):
            slots.flag("price")
        if not given:
            if slots.has("unit_cost"):
                raise self._refusal(
                    "unit_cost", "Unit cost per what?", 'Name the unit: "cost per million tokens", "cost per hour".'
                )
            return None
        units = list(dict.fromkeys(unit for _, unit, _ in given if unit))
        names = [names for _, _, names in given if names is not None]
        for group in names:
            for settled in filters.settle([FilterSpec("include", group)], self.vocabulary).where:
                if settled not in where:
                    where.append(settled)
        if len(units) != 1:
            raise self._refusal(
                "per", "Unit cost per what?", 'Name one unit: "cost per million tokens", "cost per hour".'
            )
        slots.flag("average")
        return UnitCost(unit=units[0])

    def _steps(self) -> tuple[Any, Any]:
        """The grain of a series, or the length that an average is of."""
        slots = self.slots
        if slots.has("yearly"):
            slots.flag("yearly")
            raise self._refusal(
                "yearly", "I can't show steps of a year.", "Ask by quarter or by month, or name one year."
            )
        average = slots.flag("average")
        grain = slots.one("grain")
        step = slots.one("step")
        if slots.has("when") and slots.has("change"):
            grain = grain or "day"
        if step is not None:
            if grain is None and (slots.has("asked", "rank", "threshold", "ranked", "change") or average):
                grain = step
            elif grain != step:
                raise self._refusal(
                    "step",
                    f"I can't tell what {slots.text('step')!r} asks for.",
                    'Say "by day", "by week" or "by month", or name the days.',
                )
        if not average:
            return grain, None
        if slots.has("per"):
            return grain, None
        if grain not in {"day", "week", "month"}:
            raise self._refusal(
                "average", "Average per day, week or month?", 'Ask for example: "average daily spend last month".'
            )
        return None, grain

    def _threshold(self) -> Threshold | None:
        slots = self.slots
        limit: Limit | None = slots.one("threshold")
        changed: Limit | None = slots.one("change_limit")
        if limit is not None and changed is not None:
            raise self._clash(["threshold", "change_limit"])
        found = changed or limit or self._multiplied()
        changed = changed or (found if limit is None else None)
        if found is None or self.kind == "explain":
            return None
        if found.share is not None and self.kind != "anomalies":
            raise self._clash(["threshold"])
        of: Literal["change", "cost"] = "change" if changed else "cost"
        return Threshold(op=found.op, amount=found.amount, share=found.share, of=of, percent=found.percent)

    def _multiplied(self) -> Limit | None:
        """As in "which teams doubled": what at least rose, or fell, by so many percent."""
        percent = self.slots.one("multiplied")
        if percent is None or not self.slots.has("asked", "noun", "by", "rank"):
            return None
        return Limit(">=", abs(Decimal(percent)), percent=True)

    def _currency(self) -> str | None:
        if self.slots.has("currencies"):
            codes = [code for filling in self.slots.all("currencies") for code in filling.value]
            raise self._refusal(
                "currencies",
                f"I can convert into one currency at a time, not into {' and '.join(codes)}.",
                "Ask for one of them.",
            )
        limits = [filling.value.currency for name in ("threshold", "change_limit") for filling in self.slots.peek(name)]
        asked = self.slots.one("currency")
        foreign = next((code for code in limits if code not in {None, "USD"}), None)
        if asked and foreign and asked != foreign:
            raise self._clash(["currency", "threshold"])
        return asked or foreign

    def _share_of_percent(self, where: list[Filter]) -> tuple[Filter, ...] | None:
        """As in "openai: what % of AI spend": what stands after the percentage is the whole of what else is named."""
        filling = next(
            (filling for filling in self.slots.peek("shares") if len(filling.value) > 1 and filling.value[1]), None
        )
        if filling is None or self.slots.has("by", "noun", "rank", "breakdown"):
            return None
        whole = filters.settle([self._spec(item) for item in filling.value[1]], self.vocabulary).where
        if not whole or all(part in whole for part in where):
            return None
        if not any(word in filling.text.casefold() for word in ("%", "percent", "pct")):
            raise self._clash(["shares", "where"])
        where[:] = [part for part in where if part not in whole]
        return tuple(whole)

    def _share(self, where: list[Filter]) -> tuple[Filter, ...] | None:
        slots = self.slots
        share, rest = slots.one("share"), slots.one("share_of")
        if rest is not None:
            return tuple(filters.settle([self._spec(item) for item in rest[1]], self.vocabulary).where)
        if share is None:
            return self._share_of_percent(where)
        _, part, whole = share
        settled = filters.settle([self._spec(item) for item in part], self.vocabulary)
        where += [part for part in settled.where if part not in where]
        self.filters().alternatives.extend(settled.alternatives)
        return tuple(filters.settle([self._spec(item) for item in whole], self.vocabulary).where)
