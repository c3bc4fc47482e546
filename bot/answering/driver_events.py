"""What is known to have happened to a driver: a model that is new, a commitment that began or lapsed, another price."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from bot.analytics.driver_dimension import named_dimensions
from bot.analytics.known_events import ended, first_charged, price_step
from bot.answering.query import LedgerReader
from bot.domain.answers.explanations import USAGE_KINDS, Driver, DriverEvent, DriverEventKind, Explanation
from bot.domain.period import DAY, Period
from bot.domain.question import Filter, Question

_DRIVERS = 3
"""Of so many drivers events are looked for."""
_MUCH = 0.2
"""What came or went is at least this part of the driver's change."""
_COMING: dict[str, tuple[DriverEventKind, DriverEventKind]] = {
    "x_Model": ("new model", "model gone"),
    "CommitmentDiscountId": ("commitment began", "commitment lapsed"),
}


class EventReader(Struct, frozen=True):
    """Reads events of a question's drivers; ``days`` are those that are known and complete."""

    question: Question
    period: Period
    days: Sequence[date]
    reader: LedgerReader

    def with_events(self, explanation: Explanation) -> Explanation:
        """The same, its largest drivers with what is known to have happened, and when."""
        named = [
            driver for driver in explanation.drivers if None not in driver.key.values() and driver.kind in USAGE_KINDS
        ]
        largest = sorted(named, key=lambda driver: -abs(driver.change))[:_DRIVERS]
        found = {id(driver): tuple(self._events(driver)) for driver in largest}
        drivers = [replace(driver, events=found.get(id(driver), ())) for driver in explanation.drivers]
        return replace(explanation, drivers=tuple(drivers))

    def _events(self, driver: Driver) -> Iterator[DriverEvent]:
        narrowed = self._narrowed(driver)
        for dimension in _COMING:
            if self.reader.tells(narrowed, (dimension,)) and len(self.reader.values_of(dimension)) > 1:
                yield from self._came_or_went(narrowed, dimension, driver)
        if driver.kind == "price" and (day := self._price_changed(narrowed, driver)):
            yield DriverEvent("price changed", day, "")

    def _narrowed(self, driver: Driver) -> Question:
        """The question about what the driver is: its key, and the places that hold its change."""
        names = named_dimensions(driver.key)
        filters = [Filter(dimension=name, values=(driver.key[name] or "",)) for name in names]
        filters += [Filter(dimension=place.dimension, values=(place.value,)) for place in driver.places]
        narrowed = self.question.model_copy(update={"where": (*self.question.where, *filters)})
        dimensions = [condition.dimension for condition in filters]
        if self.reader.tells(narrowed, dimensions):
            return narrowed
        return self.question.model_copy(update={"where": (*self.question.where, *filters[: len(names)])})

    def _came_or_went(self, question: Question, dimension: str, driver: Driver) -> Iterator[DriverEvent]:
        """Values that were first charged in the period, or last charged before its end."""
        began, lapsed = _COMING[dimension]
        for name, amounts in self._daily(question, (dimension,), driver.currency):
            if not name or abs(amounts).sum() < _MUCH * abs(float(driver.change)):
                continue
            start, end = first_charged(amounts), ended(amounts)
            if start and self.days[start] in self.period:
                yield DriverEvent(began, self.days[start], name)
            elif end is not None and self.days[end - 1] + DAY >= self.period.start:
                yield DriverEvent(lapsed, self.days[end], name)

    def _price_changed(self, question: Question, driver: Driver) -> date | None:
        """The day of a step of the unit price, within the period."""
        metered = question.model_copy(update={"metric": "ConsumedQuantity"})
        cost = [amounts for _, amounts in self._daily(question, (), driver.currency)]
        quantity = [amounts for _, amounts in self._daily(metered, (), None)]
        if len(cost) != 1 or len(quantity) != 1:
            return None
        at = price_step(cost[0], quantity[0])
        return self.days[at] if at is not None and self.days[at] in self.period else None

    def _daily(
        self, question: Question, by: Sequence[str], unit: str | None
    ) -> Iterator[tuple[str, NDArray[np.float64]]]:
        """Each value's amounts by the day, in a currency, or of any unit."""
        edges = [*self.days, self.days[-1] + DAY]
        for courses in self.reader.courses(question, edges, by)[0]:
            for key, amounts in zip(courses.split.keys(), courses.amounts, strict=True):
                if unit in {None, key[-1]} and key[-1] and amounts.any():
                    yield key[0] if by else "", amounts
