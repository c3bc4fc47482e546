"""Days, half-open: the start is in, the end is out. A day is the biller's (UTC)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

Grain = Literal["hour", "day", "week", "month", "quarter"]
DAY = timedelta(days=1)

EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01, as the ledger counts them."""
    return day.toordinal() - EPOCH


def numbered_day(number: int) -> date:
    """The day of such a number."""
    return date.fromordinal(int(number) + EPOCH)


class Period(BaseModel):
    """The days from ``start`` up to but without ``end``."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    start: date
    end: date

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end <= self.start:
            msg = f"the period ends ({self.end}) before it starts ({self.start})"
            raise ValueError(msg)
        return self

    @property
    def days(self) -> int:
        """How many days."""
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day in it."""
        return self.end - DAY

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __iter__(self) -> Iterator[date]:  # type: ignore[override]  # days, not pydantic's fields
        return (self.start + DAY * n for n in range(self.days))

    def meet(self, other: Period) -> Period | None:
        """The days in both, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start=start, end=end) if start < end else None

    def before(self) -> Period:
        """The period of equal length just before."""
        return Period(start=self.start - DAY * self.days, end=self.start)

    def edges(self, grain: Grain | None, week_start: int = 0) -> list[date]:
        """Where the steps of a series begin, and the end; first and last step may be cut short.

        ``week_start`` is 0 for Monday to 6 for Sunday.
        """
        edges, day = [self.start], self.start
        while grain and (day := _next(day, grain, week_start)) < self.end:
            edges.append(day)
        return [*edges, self.end]


def month_of(day: date) -> Period:
    """The calendar month around a day."""
    start = day.replace(day=1)
    return Period(start=start, end=add_months(start, 1))


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(first + DAY * (day.day - 1), following - DAY)


def _next(day: date, grain: Grain, week_start: int) -> date:
    match grain:
        case "week":
            return day + DAY * (7 - (day.weekday() - week_start) % 7)
        case "month":
            return add_months(day.replace(day=1), 1)
        case "quarter":
            return add_months(date(day.year, (day.month - 1) // 3 * 3 + 1, 1), 3)
        case _:
            return day + DAY
