"""Questions after list prices: of a model or SKU, of so much of a unit, of a consumption at another model's price."""

from __future__ import annotations

from typing import Any, Final

from bot.domain.errors import NotUnderstood
from bot.domain.question import Filter, Quantity, Question, Usage
from bot.domain.units import is_size
from bot.language.dates.expressions import MONTHS_IN, Rolling
from bot.language.dates.resolve import TimePhrase, resolve
from bot.language.semantics import filters
from bot.language.semantics.breakdowns import Breakdowns
from bot.language.semantics.defaults import PeriodDefaults
from bot.language.semantics.values import FilterSpec, JoinedNames

_PRICED: Final = frozenset(("x_Model", "x_TokenType", "SkuId", "ServiceName"))
_STORED: Final = frozenset(("storage", "store", "storing", "stored", "keep", "keeping"))


class Prices(Breakdowns, PeriodDefaults):
    """Makes price questions."""

    def _price(self) -> Question:
        slots = self.slots
        usage = slots.one("usage")
        if usage is not None:
            return self._usage(usage)
        if slots.has("exist") and not slots.has("quantity_of"):
            slots.flag("exist")
        if {filling.value for filling in slots.peek("metric")} <= {"ListCost"}:
            slots.flag("metric")
        slots.flag("price", "supposed", "asked", "forecast", "compare", "separately", "unit_cost", "unit_of")
        if slots.has("grain") and slots.peek("grain")[0].value == "hour":
            slots.flag("grain")
        where = self._where()
        for _, _, names in (filling.value for filling in slots.all("per")):
            if names is not None:
                where += [
                    named
                    for named in filters.settle([FilterSpec("include", names)], self.vocabulary).where
                    if named not in where
                ]
        quantities = self._quantities(where)
        slots.flag("unit", "unit_of")
        by = self._priced_by(where)
        if quantities:
            slots.flag("grain")
            quantities = self._stored(quantities)
        if not where and not by and not quantities:
            by = ["x_Model"]
        if quantities and not where:
            raise self._of_what(quantities[0])
        by = [] if where else self._two_at_most(by)
        return Question(kind="price", by=tuple(by), where=tuple(where), quantities=tuple(quantities))

    def _priced_by(self, where: list[Filter]) -> list[str]:
        """What prices are asked by; beside a name only what a price is of."""
        if all(filling.value[0] == "current" for filling in self.slots.peek("time")):
            self.slots.flag("time")
        by = self._by_asked()
        if where and not set(by) <= _PRICED:
            raise self._clash(["by", "noun"])
        return by

    def _quantities(self, where: list[Filter]) -> list[Quantity]:
        found: list[Quantity] = []
        for filling in self.slots.all("quantity_of"):
            if filling.value[0] == "quantity_pair":
                _, amounts, names = filling.value
                pairs = [(amount, "Tokens", name) for amount, name in zip(amounts, names, strict=True)]
            else:
                _, amount, unit, named = filling.value
                pairs = [(amount, unit, named)]
            for amount, unit, named in pairs:
                if amount <= 0:
                    raise self._refusal(
                        "quantity_of",
                        f"{filling.text!r} has no price.",
                        'Say how many: "what do 10M tokens cost?".',
                    )
                kind = None
                if named is not None:
                    for settled in filters.settle([FilterSpec("include", named)], self.vocabulary).where:
                        kind = settled.values[0] if settled.dimension == "x_TokenType" else kind
                        _merge(where, settled)
                found.append(Quantity(amount=amount, unit=unit, token_type=kind if len(pairs) > 1 else None))
        types = [quantity.token_type for quantity in found]
        if len(found) > 1 and (None in types or len(set(types)) < len(types)):
            texts = [filling.text for filling in self.slots.all("quantity_of")]
            raise NotUnderstood(
                f"I can price one quantity at a time, not {' and '.join(repr(text) for text in texts)}.",
                'Input and output may stand together: "3M input and 1M output tokens of gpt-5".',
                unknown=texts,
                suggestions=["price of 10M tokens of gpt-5"],
            )
        return found

    def _stored(self, quantities: list[Quantity]) -> list[Quantity]:
        """Sizes that are kept are priced by the month: "2 TB of storage for 3 months" are 6 TB-Months."""
        if not (self._words & _STORED) or not all(is_size(quantity.unit) for quantity in quantities):
            return quantities
        months = 1
        for filling in self.slots.all("time"):
            moment = filling.value[1][0] if len(filling.value) > 1 else None
            months = MONTHS_IN.get(moment.unit, 0) * moment.count if isinstance(moment, Rolling) else 0
            if not months:
                raise self._refusal("time", "For how many months?", 'Ask for example: "1 TB of storage for 3 months".')
        if self.slots.flag("yearly"):
            months = 12
        return [
            quantity.model_copy(update={"unit": f"{quantity.unit}-Months", "amount": quantity.amount * months})
            for quantity in quantities
        ]

    def _of_what(self, quantity: Quantity) -> NotUnderstood:
        from bot.language.describe import quantity as spoken  # only in this refusal

        dimension = "x_Model" if quantity.unit == "Tokens" else "ServiceName"
        examples = [f"price of {spoken(quantity)} of {name}" for name in self.vocabulary.values(dimension)[:3]]
        return NotUnderstood(
            f"{spoken(quantity)} of what?",
            f'Name a model, a SKU or a service: "{examples[0]}".' if examples else "Name a model, a SKU or a service.",
            unknown=[spoken(quantity)],
            suggestions=examples,
        )

    def _usage(self, usage: tuple[str, tuple[Any, ...], JoinedNames]) -> Question:
        """The same consumption at another model's list price."""
        _, items, target = usage
        self.slots.flag("spend", "price", "supposed")
        if {filling.value for filling in self.slots.peek("metric")} <= {"ListCost"}:
            self.slots.flag("metric")
        specs = [FilterSpec("include", item[1]) for item in items if item[0] == "include"]
        specs += [filling.value for filling in self.slots.all("where")]
        of = filters.settle(specs, self.vocabulary).where
        dates = [item[1] for item in items if item[0] == "when"]
        pairs = [stretch if isinstance(stretch[0], str) else ("when", stretch) for stretch in dates]
        phrases = [TimePhrase(sense, of, "") for sense, of in pairs]
        phrases += [TimePhrase(filling.value[0], filling.value[1], filling.text) for filling in self.slots.all("time")]
        times = resolve(phrases, self.clock, changing=False, comparing=False)
        period = times.period or self._default_period(None)
        where = filters.settle([FilterSpec("include", target)], self.vocabulary).where
        return Question(kind="price", where=tuple(where), usage=Usage(where=tuple(of), period=period.period))


def _merge(where: list[Filter], new: Filter) -> None:
    for at, old in enumerate(where):
        if (old.dimension, old.exclude) == (new.dimension, new.exclude):
            where[at] = old.model_copy(update={"values": tuple(dict.fromkeys([*old.values, *new.values]))})
            return
    where.append(new)
