"""Public holidays of a country by name, from the ``holidays`` package: loaded only for a sentence that may name one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final

from bot.domain.period import DAY
from bot.language.dates.cursor import DateMatch
from bot.language.dates.expressions import Clock, DateRange, Moment, no_such_date

if TYPE_CHECKING:
    from bot.language.dates.reader import DateReader

Named = Mapping[tuple[str, ...], tuple[date, ...]]
"""Days by the words of a holiday's name."""
NATIONAL: Final = frozenset(("thanksgiving", "labor day", "memorial day", "independence day"))
"""Feasts that countries keep on days of their own."""
_AROUND: Final = 2
"""Years before and after today's whose holidays are known."""
_WORD: Final = re.compile(r"[^\W_]+")
_ALSO: Final = {
    "thanksgiving day": ("thanksgiving",),
    "labour day": ("labor day",),
    "martin luther king jr day": ("mlk day", "martin luther king day"),
    "washington birthday": ("presidents day",),
    "juneteenth national independence day": ("juneteenth",),
    "german unity day": ("unity day",),
}
"""What people say for a holiday whose name in law is longer."""


class PublicHoliday(Moment, frozen=True):
    """A day that a country's calendar names; without a year the latest that has begun, or the next to come."""

    name: str
    days: tuple[date, ...]

    def span(self, clock: Clock) -> DateRange:
        """Its day.

        Raises:
            NotUnderstood: there was none in the year that is named.
        """
        if self.year is not None:
            found = [day for day in self.days if day.year == self.year]
        elif clock.ahead:
            found = [day for day in self.days if day >= clock.today]
        else:
            found = [day for day in reversed(self.days) if day <= clock.today]
        if not found:
            raise no_such_date(f"{self.name} {self.year or ''}".strip())
        return DateRange(found[0], found[0] + DAY, "day")


@cache
def named(country: str, year: int) -> Named:
    """The holidays of a country in the years around one: their days by the words of their English names."""
    import holidays  # 180 ms, for sentences that nothing else reads

    years = range(year - _AROUND, year + _AROUND + 1)
    known = getattr(holidays, country, None)
    kinds = getattr(known, "supported_categories", ("public",))
    try:
        calendar = holidays.country_holidays(country, years=years, language="en_US", categories=kinds)
    except (NotImplementedError, ValueError):
        return {}
    found: dict[tuple[str, ...], list[date]] = {}
    for day in sorted(calendar):
        for title in calendar.get_list(day):
            words = _words(title)
            for spoken in (words, *(tuple(also.split()) for also in _ALSO.get(" ".join(words), ()))):
                found.setdefault(spoken, []).append(day)
    return {words: tuple(days) for words, days in found.items()}


def _words(title: str) -> tuple[str, ...]:
    """The words of a name, without what stands in brackets: ``Christmas Day (observed)``."""
    plain = re.sub(r"\([^)]*\)|['’]s\b", "", title).replace("'", "").casefold()
    return tuple(_WORD.findall(plain))


def public_holiday(reader: DateReader, at: int) -> Iterator[DateMatch]:
    """Diwali, Canada Day 2025, the last Veterans Day."""
    start = reader.skip(at, "the")
    start = reader.step(start) if reader.norm(start) == "last" else start
    for words, days in reader.holidays.items():
        after = start
        for word in words:
            if reader.norm(after) != word:
                break
            after = reader.step(after)
            after = reader.step(after) if reader.norm(after) == "." else after
        else:
            holiday = PublicHoliday(name=" ".join(words).title(), days=days)
            year = reader.year(reader.skip(reader.skip(after, "of"), "in"))
            if year:
                end = reader.step(reader.skip(reader.skip(after, "of"), "in"))
                yield DateMatch(end, PublicHoliday(name=holiday.name, days=days, year=year))
            yield DateMatch(after, holiday)
