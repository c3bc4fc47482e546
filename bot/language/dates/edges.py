"""Date phrases of parts of something: week 45, weeks 40 to 44, the first week, half or days of October, its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from bot.language.dates.calendar_words import LAST, ORDINALS
from bot.language.dates.cursor import DateMatch
from bot.language.dates.expressions import Day, Hours, Moment, Part, Relative, Rolling, Unit
from bot.language.dates.fiscal import Fiscal
from bot.language.dates.holidays import Feast
from bot.language.dates.within import EdgeOf, Half, WeekOf

if TYPE_CHECKING:
    from bot.language.dates.reader import DateReader

_WEEKS: Final = 53
_COUNTED_BY: Final = frozenset(("iso", "calendar"))
_THROUGH: Final = frozenset(("to", "through", "thru", "until", "till", "-"))


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
