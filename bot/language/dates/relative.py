"""Date phrases told from another date: the month before, the same day last year, week 45, the first half of October."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from bot.language.dates.calendar_words import LAST, ORDINALS, THIS
from bot.language.dates.cursor import DateMatch
from bot.language.dates.expressions import Anchored, Back, Day, Hours, Moment, Part, Relative, Rolling, SoFar, Unit
from bot.language.dates.fiscal import Fiscal
from bot.language.dates.holidays import Feast
from bot.language.dates.within import EdgeOf, Half, WeekOf

if TYPE_CHECKING:
    from bot.language.dates.reader import DateReader

_WEEKS: Final = 53
_COUNTED_BY: Final = frozenset(("iso", "calendar"))
_THROUGH: Final = frozenset(("to", "through", "thru", "until", "till", "-"))
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


def week(reader: DateReader, at: int) -> Iterator[DateMatch]:
    """Week of Nov 3, week 45, w45."""
    start = reader.over(reader.skip(at, "the"), _COUNTED_BY)
    word, after = reader.norm(start), reader.step(start)
    if reader.unit(start) == "week":
        for form in ("of the", "of", "starting", "beginning", "commencing", "ending"):
            there = reader.skip(after, form)
            found = reader.at(there) if there != after else None
            if found and isinstance(found.moment, Day | Feast):
                yield DateMatch(found.end, WeekOf(found.moment))
        number = reader.norm(after)
        if number.isdecimal() and 1 <= int(number[:3]) <= _WEEKS:
            yield _week_dated(reader, reader.step(after), int(number))
            yield from _weeks_through(reader, after, int(number))
    counted = reader.norm(after)
    if word in {"cw", "kw"} and counted.isdecimal() and 1 <= int(counted[:3]) <= _WEEKS:
        yield _week_dated(reader, reader.step(after), int(counted))
    if re.fullmatch(r"(?:w|wk|cw|kw)\d\d", word):
        yield _week_dated(reader, after, int(word[-2:]))


def nth_week(reader: DateReader, at: int) -> Iterator[DateMatch]:
    """The first week of October, the last week of last month."""
    start = reader.skip(at, "the")
    nth = ORDINALS.get(reader.norm(start), -1 if reader.norm(start) in LAST else 0)
    after = reader.step(start)
    if nth and reader.unit(after) == "week" and reader.norm(reader.step(after)) in {"of", "in"}:
        of = reader.at(reader.step(after, 2))
        if of and isinstance(of.moment, Part | Relative):
            yield DateMatch(of.end, EdgeOf(of.moment, first=nth > 0, days=7, nth=max(nth - 1, 0)))


def half(reader: DateReader, at: int) -> Iterator[DateMatch]:
    """The second half of October, the first half of this year."""
    start = reader.skip(at, "the")
    nth = ORDINALS.get(reader.norm(start), 2 if reader.norm(start) in LAST else 0)
    after = reader.step(start)
    if nth in {1, 2} and reader.norm(after) == "half" and reader.norm(reader.step(after)) in {"of", "in"}:
        of = reader.at(reader.skip(reader.step(after, 2), "the"))
        if of and isinstance(of.moment, Part | Relative | Fiscal):
            yield DateMatch(of.end, Half(of.moment, first=nth == 1))


def edge_days(reader: DateReader, at: int) -> Iterator[DateMatch]:
    """The first 10 days of November, the last two weeks of Q3."""
    start = reader.skip(at, "the")
    word = reader.norm(start)
    counted = reader.counted(reader.step(start)) if word == "first" or word in LAST or word == "final" else None
    if counted is None or counted[1] not in {"day", "week"} or reader.norm(counted[0]) not in {"of", "in"}:
        return
    of = reader.at(reader.step(counted[0]))
    if of and not isinstance(of.moment, Rolling | Hours):
        days = counted[2] * (7 if counted[1] == "week" else 1)
        yield DateMatch(of.end, EdgeOf(of.moment, first=word == "first", days=days))


def _weeks_through(reader: DateReader, at: int, first: int) -> Iterator[DateMatch]:
    """Weeks 40 to 44."""
    joint = at + 1
    last = reader.norm(joint + 1)
    if reader.norm(joint) in _THROUGH and last.isdecimal() and first < int(last[:3]) <= _WEEKS:
        dated = _week_dated(reader, joint + 2, int(last))
        yield DateMatch(dated.end, WeekOf(number=first, last=int(last), year=dated.moment.year))


def _week_dated(reader: DateReader, at: int, number: int) -> DateMatch:
    year = reader.year(reader.skip(at, "of"))
    return DateMatch(reader.step(reader.skip(at, "of")) if year else at, WeekOf(number=number, year=year))


def edge(reader: DateReader, at: int) -> Iterator[DateMatch]:
    """The beginning of the year, the first day of October; end of month, rest of the quarter: all of it."""
    start = reader.skip(at, "the")
    word, after = reader.norm(start), reader.step(start)
    first = word in {"beginning", "start", "first"}
    if not (first or word in {"end", "rest", "remainder", "close", "last"}):
        return
    if word in {"first", "last"}:
        after = reader.skip(reader.skip(after, "day"), "days")
    of = reader.step(after)
    if reader.norm(after) != "of" or (word in {"first", "last"} and after == reader.step(start)):
        return
    rest = word in {"rest", "remainder"}
    unit = reader.unit(of)
    found = DateMatch(reader.step(of), Relative(unit, 0)) if unit else reader.at(of)
    if found and not first and word != "last" and found.moment == Relative(_unit_of(found.moment), 0):
        yield DateMatch(found.end, replace(found.moment, whole=True))
    elif found and rest:
        yield found
    elif found:
        yield DateMatch(found.end, EdgeOf(found.moment, first=first, closing=word in {"end", "close"}))


def _unit_of(moment: Moment) -> Unit:
    return moment.unit if isinstance(moment, Relative) else "span"
