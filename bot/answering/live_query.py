"""Figures that no feed has, asked of the vendor where somebody allowed it; else offered, with their price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property, reduce
from itertools import pairwise
from typing import Protocol

from bot.domain.answers.figures import Requests
from bot.domain.charge import Charge, attribute
from bot.domain.live_query import LivePrice, LiveQuery, LiveResult
from bot.domain.money import total
from bot.domain.question import Question

_EFFECTIVE = "EffectiveCost"


class LiveQueries(Protocol):
    """Whoever can ask vendors."""

    def price(self, source: str, wanted: LiveQuery) -> LivePrice | None:
        """What asking would cost; None where the vendor cannot tell it. Makes no request that costs money."""

    def known(self, source: str, wanted: LiveQuery) -> LiveResult | None:
        """What was told of it a short while ago."""

    def console_url(self, source: str, question: Question, feed: str) -> str | None:
        """The vendor's own page for what a question asks of one source; None where there is none."""

    def ask(self, source: str, wanted: LiveQuery) -> LiveResult | None:
        """What the vendor tells now; what went wrong stands in it. None where the vendor cannot tell it."""


class Counter:
    """Where one answer asks: nothing twice, and only what was allowed."""

    def __init__(self, live: Callable[[], LiveQueries], *, allowed: bool) -> None:
        """``live`` is called when it is first needed: few answers need it."""
        self._made, self._allowed = live, allowed
        self._results: dict[tuple[str, LiveQuery], LiveResult | None] = {}

    @cached_property
    def _live(self) -> LiveQueries:
        return self._made()

    def result(self, source: str, wanted: LiveQuery) -> LiveResult | None:
        """What the vendor says; None where nobody allowed to ask, or it cannot tell."""
        key = (source, wanted)
        if key not in self._results:
            known = self._live.known(source, wanted)
            self._results[key] = self._live.ask(source, wanted) if self._allowed and not known else known
        return self._results[key]

    def offer(self, source: str, wanted: Sequence[LiveQuery], *, times: int) -> LivePrice | None:
        """What asking all of this so many times would cost; None where it is no use."""
        prices = []
        for query in wanted:
            price = self._live.price(source, query)
            if price is None:
                return None
            prices.append(price.times(times))
        return reduce(LivePrice.beside, prices)

    @property
    def requests(self) -> Requests:
        """What was asked of vendors for this answer."""
        made = [result for result in self._results.values() if result]
        return Requests(made=sum(result.requests for result in made), cost=total([result.cost for result in made]))


def grouped(
    charges: Iterable[Charge], metric: str, edges: Sequence[date], by: Sequence[str]
) -> dict[tuple[tuple[str, ...], str], list[list[Decimal]]]:
    """The amounts of each combination and currency, between consecutive edges."""
    steps = list(pairwise(edges))
    found: dict[tuple[tuple[str, ...], str], list[list[Decimal]]] = defaultdict(lambda: [[] for _ in steps])
    for charge in charges:
        key = tuple(_value(charge, name) for name in by)
        step = next(n for n, (start, end) in enumerate(steps) if start <= charge.day < end)
        found[key, charge.billing_currency][step].append(_amount(charge, metric))
    return found


def _value(charge: Charge, dimension: str) -> str:
    if dimension.startswith("Tags/"):
        return charge.tags.get(dimension.removeprefix("Tags/"), "")
    return str(getattr(charge, attribute(dimension)) or "")


def _amount(charge: Charge, metric: str) -> Decimal:
    if metric == _EFFECTIVE and charge.effective_cost is not None:
        return charge.effective_cost
    return charge.billed_cost
