"""Amounts in the currency asked for, each day at that day's rate, with the rates' date and source.

Where a currency has no rate on one of the days, nothing of it is converted: it stands as billed, beside the others.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any, TypeVar

from bot.domain.answer import Answer, Line, Point, Total
from bot.domain.money import plain, total
from bot.domain.parts import unit_cost
from bot.domain.period import Period

Rate = Callable[[date, str, str], tuple[Decimal, date] | None]
"""What one unit of a currency is in another on a day, and the day that rate is of; None where there is none."""

_DIGITS = 60
_WEEKEND = 5
"""A rate may be so many days old on a day without one of its own: weekends and bank holidays."""


class Rates:
    """The rates into one currency on some days; what was taken of them is told by ``notes``."""

    def __init__(self, to: str, rate: Rate, source: str, currencies: Collection[str], days: Sequence[date]) -> None:
        """``currencies`` are all that may have to be converted, ``days`` all those on which (at least one)."""
        self.to, self.source = to, source
        self._rate, self._days, self._taken = rate, days, set[str]()
        self._foreign = frozenset(currencies) - {to}
        self.lacking = frozenset(each for each in self._foreign if any(rate(day, each, to) is None for day in days))
        """Currencies without a rate on some of the days."""

    def converts(self, currency: str | None) -> bool:
        """Whether the currency is another one, and has a rate on every day."""
        return currency in self._foreign - self.lacking

    def edges(self, edges: Sequence[date]) -> list[date]:
        """The edges, and between them every day on which a rate changes: from one to the next all rates hold."""
        able = self._foreign - self.lacking
        days = Period(start=edges[0], end=edges[-1])
        changes = (day for before, day in pairwise(days) if any(self._of(before, c) != self._of(day, c) for c in able))
        return sorted({*edges, *changes})

    def converted(self, currency: str, amounts: Sequence[Decimal], starts: Sequence[date]) -> list[Decimal]:
        """Each amount at the rate of the day on which it starts, to 60 digits; those asked for as they are."""
        if currency == self.to:
            return list(amounts)
        self._taken.add(currency)
        with localcontext(prec=_DIGITS):
            return [amount * self._of(day, currency)[0] for amount, day in zip(amounts, starts, strict=True)]

    def _of(self, day: date, currency: str) -> tuple[Decimal, date]:
        found = self._rate(day, currency, self.to)
        if found is None:
            msg = f"{currency} has no rate on {day}"
            raise ValueError(msg)
        return found

    def latest(self, day: date, currency: str) -> tuple[Decimal, date]:
        """The rate of a day, or the last before it, and the day it is of; 1 for the currency asked for."""
        if currency == self.to:
            return Decimal(1), day
        self._taken.add(currency)
        return self._of(day, currency)

    def last(self, currency: str) -> date:
        """The last of the days whose rates the currency takes."""
        self._taken.add(currency)
        return max(self._of(day, currency)[1] for day in self._days)

    def _used(self) -> dict[date, date]:
        """Each day on which something was converted, and the day whose rate it took."""
        return {day: self._of(day, each)[1] for each in self._taken for day in self._days}

    def notes(self, met: Iterable[str]) -> Iterator[str]:
        """What conversions rest on, and which of the currencies met have no rate, a sentence each."""
        if taken := self._used():
            first, last = (f"{day.day} {day:%b %Y}" for day in (min(taken.values()), max(taken.values())))
            days = first if first == last else f"{first} to {last}"
            carried = sum((day - told).days > _WEEKEND for day, told in taken.items())
            late = f"; {carried} later days at the last rate known" if carried else ""
            yield f"Converted to {self.to} at each day's rate of {days} ({self.source}){late}."
        for each in sorted(self.lacking & set(met)):
            yield f"There is no rate from {each} to {self.to}, so it stands as billed."


def added(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of converted amounts, which have more digits than billed ones, to 60 digits."""
    with localcontext(prec=_DIGITS):
        return sum(amounts, Decimal(0))


def stepped(amounts: Sequence[Decimal], starts: Sequence[date], edges: Sequence[date]) -> list[Decimal]:
    """The converted amounts that start on those days, added up between the edges."""
    sums = [Decimal(0)] * (len(edges) - 1)
    with localcontext(prec=_DIGITS):
        for amount, day in zip(amounts, starts, strict=True):
            sums[bisect(edges, day) - 1] += amount
    return sums


_Figure = TypeVar("_Figure", Total, Line, Point)


def as_asked(answer: Answer) -> Answer:
    """The answer in the currency asked for, as it is shown: what has a rate is one amount, all else as billed."""
    if not any(each.converted for each in answer.totals) and not (answer.forecast or {}).get("converted"):
        return answer
    return answer.model_copy(
        update={
            "totals": _merged(answer.totals, lambda _: ()),
            "lines": _merged(answer.lines, _line),
            "series": _merged(answer.series, lambda each: (each.start, *each.key.items())),
            "forecast": _foretold(answer.forecast),
        }
    )


def _line(line: Line) -> Hashable:
    return (line.other, *line.key.items())


def _merged(figures: Sequence[_Figure], of: Callable[[_Figure], Hashable]) -> tuple[_Figure, ...]:
    """Those of one key added up where they are of one currency, at the place of the first."""
    found: dict[Hashable, list[_Figure]] = {}
    for each in map(_shown, figures):
        found.setdefault((of(each), each.currency, each.unit), []).append(each)
    return tuple(_added(same) for same in found.values())


def _shown(figure: _Figure) -> _Figure:
    told = figure.converted
    if told is None:
        return figure
    update = {"currency": told.currency, "amount": told.amount, "against": told.against, "converted": None}
    update |= {name: part for name in CONVERTED_PARTS if (part := getattr(told, name)) is not None}
    return figure.model_copy(update=update)


def _added(same: Sequence[_Figure]) -> _Figure:
    if len(same) == 1:
        return same[0]
    update: dict[str, Any] = {"amount": added(each.amount for each in same)}
    if any(each.against is not None for each in same):
        update["against"] = total([each.against or Decimal(0) for each in same])
    update |= _parts_added(same)
    if isinstance(same[0], Point):
        update["provisional"] = any(each.provisional for each in same if isinstance(each, Point))
    return same[0].model_copy(update=update)


CONVERTED_PARTS = ("averaged", "beside", "cost", "quantity", "covered", "credited")


def _parts_added(same: Sequence[_Figure]) -> dict[str, Any]:
    """What several figures of one currency say beside their amounts, together."""
    update: dict[str, Any] = {}
    if any(each.beside is not None for each in same):
        update["beside"] = total([each.beside or Decimal(0) for each in same])
    made = [each.averaged for each in same if each.averaged]
    if made:
        update["averaged"] = made[0].model_copy(update={"total": total([each.total for each in made])})
    if all(each.cost is not None and each.quantity is not None for each in same):
        cost, quantity = (added(getattr(each, name) for each in same) for name in ("cost", "quantity"))
        update |= {"cost": cost, "quantity": quantity, "amount": unit_cost(cost, quantity) or Decimal(0)}
    hidden = [each.credited for each in same if each.credited]
    if hidden:
        gross = total([each.credited.gross if each.credited else each.amount for each in same])
        update["credited"] = hidden[0].model_copy(
            update={"gross": gross, "credits": total([each.credits for each in hidden])}
        )
    return update


def _foretold(found: dict[str, Any] | None) -> dict[str, Any] | None:
    if not found:
        return found
    parts = [{**each, **each.get("converted", {})} for each in found.get("parts", ())]
    return {**found, **found.get("converted", {}), "parts": _parts(parts)}


_SUMMED = ("actual", "rest", "total", "low", "high", "correction")


def _parts(parts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of one key and currency added up (bounds hold even if all err alike), then the dearest first."""
    alike: dict[Hashable, list[dict[str, Any]]] = {}
    for each in parts:
        alike.setdefault((each["currency"], *sorted(each["key"].items())), []).append(each)
    if len(alike) == len(parts):
        return list(parts)
    summed = [{**same[0], **{name: _sum(same, name) for name in _SUMMED}} for same in alike.values()]
    return sorted(summed, key=lambda each: -Decimal(each["actual"]))


def _sum(same: Sequence[dict[str, Any]], name: str) -> str | None:
    """Not known where one of them is not."""
    known = [Decimal(each[name]) for each in same if each.get(name) is not None]
    return plain(total(known)) if len(known) == len(same) else None
