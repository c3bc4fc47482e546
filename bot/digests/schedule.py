"""When a digest runs: days and a time in its own timezone, or cron, through every change of the clocks.

A wall time that does not exist on a day (clocks go forward) becomes the first instant after the gap; one that comes
twice (clocks go back) is the first of the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from bot.domain.period import DAY, add_months

Every = Literal["day", "week", "month"]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LAST, _LONGEST_MONTH = 31, 28
_HORIZON = timedelta(days=400)


class Schedule(Protocol):
    """Wall times at which something runs, in order."""

    def walls(self, after: datetime) -> Iterator[datetime]:
        """The naive local times from ``after`` (included) on."""

    @property
    def every(self) -> Every:
        """What a run stands for."""

    @property
    def dense(self) -> bool:
        """Whether it may run more than once a day."""


@dataclass(frozen=True)
class Daily:
    """At one time on some weekdays, or on some days of the month (31 is the last one)."""

    at: time
    weekdays: frozenset[int] = frozenset(range(7))
    month_days: frozenset[int] = frozenset()

    @property
    def every(self) -> Every:
        """A month for one day of the month, a week for one weekday, else a day."""
        if self.month_days:
            return "month" if len(self.month_days) == 1 else "day"
        return "week" if len(self.weekdays) == 1 else "day"

    @property
    def dense(self) -> bool:
        """It never does."""
        return False

    def walls(self, after: datetime) -> Iterator[datetime]:
        """The naive local times from ``after`` on."""
        day = after.date()
        while True:
            wall = datetime.combine(day, self.at)
            if self._on(day) and wall >= after:
                yield wall
            day += DAY

    def _on(self, day: date) -> bool:
        if not self.month_days:
            return day.weekday() in self.weekdays
        last = (add_months(day.replace(day=1), 1) - DAY).day
        return day.day in {min(each, last) for each in self.month_days}


class Cron:
    """A crontab line of five fields; Sunday is 0 or 7; a day of either field counts where both are limited."""

    def __init__(self, line: str) -> None:
        """Reads the line.

        Raises:
            ValueError: it is no crontab line, or never comes.
        """
        fields = line.split()
        if len(fields) != 5:  # noqa: PLR2004 - of crontab
            msg = f"{line!r} has {len(fields)} fields where cron has five: minute, hour, day, month, weekday"
            raise ValueError(msg)
        self.line = " ".join(fields)
        minute, hour, day, month, weekday = fields
        names = ",".join(WEEKDAYS[each] for each in sorted(_weekdays(weekday)))
        limited = [{"day": day, "day_of_week": names}]
        if day != "*" and weekday != "*":
            limited = [{"day": day}, {"day_of_week": names}]
        self._triggers = [_trigger(self.line, minute=minute, hour=hour, month=month, **each) for each in limited]
        self._every = _every(day, weekday)
        self._single = minute.isdigit() and hour.isdigit()
        if next(self.walls(datetime(2024, 1, 1)), None) is None:  # noqa: DTZ001 - a wall time
            msg = f"{line!r} never comes"
            raise ValueError(msg)

    @property
    def every(self) -> Every:
        """A month for one day of the month, a week for one weekday, else a day."""
        return self._every

    @property
    def dense(self) -> bool:
        """Whether it may run more than once a day."""
        return not self._single

    def walls(self, after: datetime) -> Iterator[datetime]:
        """The naive local times from ``after`` on."""
        moment = after.replace(tzinfo=UTC)
        while True:
            found = [each.get_next_fire_time(None, moment) for each in self._triggers]
            due = min((each for each in found if each), default=None)
            if due is None:
                return
            yield due.replace(tzinfo=None)
            moment = due + timedelta(seconds=1)


def _trigger(line: str, **fields: str) -> Any:  # noqa: ANN401 - APScheduler ships no types
    from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - only with a cron line

    try:
        # Wall times are counted as if they were UTC: which instants they are is decided here, not there.
        return CronTrigger(timezone=UTC, **fields)
    except ValueError as error:
        msg = f"{line!r} is no cron line: {error}"
        raise ValueError(msg) from None


def _weekdays(field: str) -> set[int]:
    """The weekdays of crontab's fifth field, Monday being 0 here."""
    found: set[int] = set()
    for part in field.lower().split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = 0 if span == "*" else _weekday(first)
        stop = 6 if span == "*" else _weekday(last or first)
        stop += 7 if stop < start else 0
        found |= {(day - 1) % 7 for day in range(start, stop + 1, int(step or 1))}
    return found


def _weekday(name: str) -> int:
    """Its number in crontab: Sunday is 0 or 7."""
    if name.isdigit() and int(name) <= 7:  # noqa: PLR2004 - Sunday again
        return int(name)
    if name[:3] in WEEKDAYS:
        return WEEKDAYS.index(name[:3]) + 1
    msg = f"{name!r} is no weekday"
    raise ValueError(msg)


def _every(day: str, weekday: str) -> Every:
    if weekday == "*" and (day.isdigit() or day == "last"):
        return "month"
    return "week" if day == "*" and weekday.isalnum() else "day"


def days(text: str) -> Daily:
    """The days of ``mon-fri``, ``mon,thu``, ``daily``, ``weekends``, ``1`` (of the month), ``1,15``, ``last``.

    Raises:
        ValueError: saying what days there are.
    """
    told = re.sub(r"\s+", "", text.lower())
    named = {
        "daily": "mon-sun",
        "everyday": "mon-sun",
        "weekdays": "mon-fri",
        "weekends": "sat-sun",
        "weekend": "sat-sun",
    }
    parts = named.get(told, told).split(",")
    if all(re.fullmatch(r"last|[1-9]|[12][0-9]|3[01]", part) for part in parts):
        return Daily(time(9), month_days=frozenset(_LAST if part == "last" else int(part) for part in parts))
    try:
        return Daily(time(9), frozenset(day for part in parts for day in _weekdays(part)))
    except ValueError:
        msg = f"{text!r} are no days; write mon-fri, mon, sat,sun, or a day of the month: 1, last"
        raise ValueError(msg) from None


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a wall time; the first after the gap where there is none, the first of two."""
    found = wall.replace(tzinfo=zone, fold=0)
    back = found.astimezone(UTC).astimezone(zone)
    if back.replace(tzinfo=None) == wall:
        return found.astimezone(UTC)
    # In a gap the two folds read the clock before and after it; the earlier one is where the gap ends, less what
    # of the wall time had passed since it began.
    before, after = wall.replace(tzinfo=zone, fold=0).utcoffset(), wall.replace(tzinfo=zone, fold=1).utcoffset()
    assert before is not None  # noqa: S101 - zoneinfo knows every offset
    assert after is not None  # noqa: S101
    low, high = (wall - max(before, after)).replace(tzinfo=UTC), (wall - min(before, after)).replace(tzinfo=UTC)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        moved = middle.astimezone(zone).utcoffset() == max(before, after)
        low, high = (low, middle) if moved else (middle, high)
    return high.replace(microsecond=0) + timedelta(seconds=high.microsecond > 0)


def runs(schedule: Schedule, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """The instants (UTC) after ``after`` and up to ``until`` at which it runs, each once, in order."""
    previous = after
    for wall in schedule.walls((after.astimezone(zone) - timedelta(hours=3)).replace(tzinfo=None)):
        found = instant(wall, zone)
        if found > until:
            return
        if found > previous:
            yield found
            previous = found


def next_run(schedule: Schedule, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first instant after ``after`` at which it runs, within 400 days."""
    return next(runs(schedule, zone, after, after + _HORIZON), None)


def period(schedule: Schedule, zone: ZoneInfo, run: datetime) -> str:
    """What a run is known by: ``2026-11-23``, ``2026-W48``, ``2026-11``; with the time where a day has several."""
    local = run.astimezone(zone)
    if schedule.every == "month":
        return f"{local:%Y-%m}"
    if schedule.every == "week":
        year, week, _ = local.isocalendar()
        return f"{year}-W{week:02d}"
    return f"{local:%Y-%m-%dT%H:%M}" if schedule.dense else f"{local:%Y-%m-%d}"
