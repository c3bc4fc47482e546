"""Date phrases told from another date: the month before, the same day last year, last mtd, this month last year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bot.language.dates.calendar_words import LAST, THIS
from bot.language.dates.cursor import DateMatch
from bot.language.dates.expressions import Anchored, Back, Relative, SoFar, Unit

if TYPE_CHECKING:
    from bot.language.dates.reader import DateReader

_SO_FAR: Final[dict[str, Unit]] = {"wtd": "week", "mtd": "month", "qtd": "quarter", "ytd": "year"}
_TODAY: Final = {"today": 0, "yesterday": -1}
_STRETCHES: Final = frozenset(("period", "time", "timeframe", "dates", "span", "days", "point", "stage", "date"))
_LONGER: Final[dict[Unit, frozenset[Unit]]] = {
    "day": frozenset(("week", "month", "quarter", "year")), "week": frozenset(("month", "quarter", "year")),
    "month": frozenset(("quarter", "year")), "quarter": frozenset(("year",)), "half": frozenset(("year",)),
    "weekend": frozenset(), "year": frozenset(), "span": frozenset(),
}  # fmt: skip
"""The units that a unit may be of the last one of: "this month last year"."""


def bare(reader: DateReader, at: int) -> Iterator[DateMatch]:
    """How does this week compare to last (one)?"""
    after = reader.step(reader.skip(at, "the"))
    end = reader.skip(after, "one")
    if reader.norm(reader.skip(at, "the")) in LAST and not reader.norm(end)[:1].isalnum():
        yield DateMatch(end, Anchored("span", unit_of=True))


def before_last(reader: DateReader, at: int) -> Iterator[DateMatch]:
    """The month before last; the week before (the one beside it); week before that."""
    start = reader.skip(at, "the")
    unit = reader.unit(start)
    after = reader.step(start)
    if unit and reader.norm(after) in {"before", "prior", "earlier"}:
        end = reader.skip(after, "before last")
        if end != after:
            yield DateMatch(end, Relative(unit, -2))
        after = reader.step(after)
        if reader.unit(after) is None:
            yield DateMatch(reader.skip(reader.skip(after, "that"), "it"), Anchored(unit))


def same(reader: DateReader, at: int) -> Iterator[DateMatch]:
    """The same period last year; the same month of the previous year; the same days a month ago."""
    start = reader.skip(at, "the")
    after = reader.step(start)
    if reader.norm(start) != "same" or not (reader.unit(after) or reader.norm(after) in _STRETCHES):
        return
    of = "month" if reader.norm(after) == "days" else reader.unit(after) or "month"
    after = reader.step(after)
    for word in ("in", "of", "from", "the", "a"):
        after = reader.skip(after, word)
    unit = reader.unit(after)
    if unit and reader.norm(reader.step(after)) in {"before", "earlier", "ago"}:
        yield DateMatch(reader.step(after, 2), Anchored(unit, same=True, of=of))
    found = None if unit else reader.at(after)
    if found and isinstance(found.moment, Relative):
        yield DateMatch(found.end, Anchored(found.moment.unit, same=True, of=of))


def so_far(reader: DateReader, at: int) -> Iterator[DateMatch]:
    """Last mtd; ytd last year, month to date of last year."""
    if reader.norm(at) in LAST and reader.norm(reader.step(at)) in _SO_FAR:
        unit = _SO_FAR[reader.norm(reader.step(at))]
        yield DateMatch(reader.step(at, 2), SoFar(unit, unit))
    length, after = _SO_FAR.get(reader.norm(at)), reader.step(at)
    for match in reader.to_date(at):
        if isinstance(match.moment, Relative):
            length, after = match.moment.unit, match.end
    found = reader.at(reader.skip(reader.skip(after, "of"), "in")) if length else None
    before = found.moment if found else None
    if (
        length
        and found
        and isinstance(before, Relative)
        and before.offset == -1
        and before.unit in {length, *_LONGER[length]}
    ):
        yield DateMatch(found.end, SoFar(length, before.unit))


def back(reader: DateReader, at: int) -> Iterator[DateMatch]:
    """This day last year, today a year ago, this month last year."""
    unit, offset, after = reader.unit(reader.step(at)), 0, reader.step(at, 2)
    if reader.norm(at) in _TODAY:
        unit, offset, after = "day", _TODAY[reader.norm(at)], reader.step(at)
    elif reader.norm(at) not in THIS:
        return
    found = reader.at(reader.skip(reader.skip(after, "of"), "in")) if unit else None
    before = found.moment if found else None
    if unit and found and isinstance(before, Relative) and before.offset == -1 and before.unit in _LONGER[unit]:
        yield DateMatch(found.end, Back(Relative(unit, offset), before.unit))
