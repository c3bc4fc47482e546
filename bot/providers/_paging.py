"""Pages of a report, read as rows: each once, and on from where a cursor expired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeVar

from bot.domain.errors import Unavailable, UnexpectedReply
from bot.domain.period import DAY, Period
from bot.providers._http import PageExpired

_Row = TypeVar("_Row")
_RESTARTS = 3


def resumed(
    days: Period, ask: Callable[[Period], Iterator[tuple[date, _Row]]], vendor: str
) -> Iterator[tuple[date, _Row]]:
    """What ``ask`` yields for the days (each page with its last day), to the end though cursors expire.

    After one does, ``ask`` is called again for the days from the first one not yet read.

    Raises:
        Unavailable: cursors expire faster than a page can be read.
    """
    left, restarts = days, 0
    while restarts <= _RESTARTS:
        try:
            for last, page in ask(left):
                yield last, page
                if last >= left.start:
                    left, restarts = Period(start=min(last + DAY, days.last), end=days.end), 0
        except PageExpired:
            restarts += 1
        else:
            return
    raise Unavailable(f"{vendor}'s pages expired faster than they could be read.", "The bot will retry.")


def once(pages: Iterable[Sequence[_Row]], identity: Callable[[_Row], object]) -> Iterator[_Row]:
    """The rows of all pages, each once although a page may begin with what ended the one before.

    A row whose ``identity`` is None is one of several that the vendor does not tell apart: equal ones are different
    rows, unless they come again beside rows to break costs down by.

    Raises:
        UnexpectedReply: a row came again and said something else.
    """
    before: Sequence[_Row] = ()
    for page in pages:
        known: dict[object, list[_Row]] = {}
        for row in before:
            known.setdefault(identity(row), []).append(row)
        for row in page[_overlap(before, page, identity) :]:
            same = known.get(name) if known and (name := identity(row)) is not None else None
            if same is None:
                yield row
            elif row not in same:
                raise UnexpectedReply(
                    "The provider returned the same row on two pages with different amounts.",
                    "Nothing from this sync was saved; the next sync retries.",
                )
        before = page


def _overlap(before: Sequence[_Row], page: Sequence[_Row], identity: Callable[[_Row], object]) -> int:
    """With how many rows that ended the page before a page begins again, at least one of them of its own identity."""
    for length in range(min(len(before), len(page)), 0, -1):
        if before[-length] != page[0]:
            continue
        again = page[:length]
        if list(before[-length:]) == list(again) and any(identity(row) is not None for row in again):
            return length
    return 0


def labels(row: Mapping[str, object]) -> frozenset[tuple[str, object]]:
    """What tells a row from others of its day: everything in it that measures nothing."""
    words = ((name, value) for name, value in row.items() if isinstance(value, str | bool | None))
    return frozenset((name, value) for name, value in words if name not in {"amount", "quantity"})


def windows(days: Period, most: int) -> Iterator[Period]:
    """The days in stretches of at most so many, in order."""
    start = days.start
    while start < days.end:
        end = min(start + DAY * most, days.end)
        yield Period(start=start, end=end)
        start = end
