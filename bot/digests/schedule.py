"""When a digest runs: days and a time in its own timezone, or a cron line, through every change of the clocks.

``cronsim`` computes the times as Debian's cron does: a time that does not exist on a day (clocks go forward) becomes
the first one after the gap; one that comes twice (clocks go back) is the first of the two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.domain.period import DAY, add_months

Every = Literal["day", "week", "month"]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SETS = {
    "daily": "*",
    "everyday": "*",
    "mon-sun": "*",
    "weekdays": "mon-fri",
    "weekends": "sat,sun",
    "weekend": "sat,sun",
}
_LAST_OF_SHORTEST_MONTH = 28
_HORIZON = timedelta(days=400)
_CRON_FIELDS = 5


@dataclass(frozen=True)
class Schedule:
    """A cron line, and on which of its days nothing runs."""

    line: str
    every: Every = "day"
    """What one run stands for."""
    dense: bool = False
    """Whether it may run more than once a day."""
    month_days: frozenset[int] = frozenset()
    """Days of the month, where some months lack one of them: there it runs on their last day."""
    country: str = ""
    """Whose public holidays are left out; ``""`` for none."""

    def runs(self, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
        """The instants (UTC) after ``after`` and up to ``until`` at which it runs, each once, in order."""
        from cronsim import CronSim  # only with a digest

        previous = after
        # A day earlier, so that a time in a gap that ends after ``after`` is not missed.
        for run in CronSim(self.line, (after - DAY).astimezone(zone)):
            instant = run.astimezone(UTC)
            if instant > until:
                return
            if instant > previous and self._on(run.date()):
                yield instant
                previous = instant

    def next_run(self, zone: ZoneInfo, after: datetime) -> datetime | None:
        """The first instant (UTC) after ``after`` at which it runs, within 400 days."""
        return next(self.runs(zone, after, after + _HORIZON), None)

    def period(self, zone: ZoneInfo, run: datetime) -> str:
        """What a run is known by: ``2026-11-23``, ``2026-W48``, ``2026-11``; with the time where a day has several."""
        local = run.astimezone(zone)
        if self.every == "month":
            return f"{local:%Y-%m}"
        if self.every == "week":
            year, week, _ = local.isocalendar()
            return f"{year}-W{week:02d}"
        return f"{local:%Y-%m-%dT%H:%M}" if self.dense else f"{local:%Y-%m-%d}"

    def _on(self, day: date) -> bool:
        if self.country:
            from bot.digests.holidays import is_holiday  # only where one is named

            if is_holiday(day, self.country):
                return False
        if not self.month_days:
            return True
        last = (add_months(day.replace(day=1), 1) - DAY).day
        return day.day in {min(wanted, last) for wanted in self.month_days}


def on_days(text: str, at: time) -> Schedule:
    """At one time on ``mon-fri``, ``mon,thu``, ``daily``, ``weekends``, ``1`` (of the month), ``1,15`` or ``last``.

    Raises:
        ValueError: they are none; the text says what days there are.
    """
    days = re.sub(r"\s+", "", text.lower())
    parts = _SETS.get(days, days).split(",")
    clock = f"{at.minute} {at.hour}"
    if all(re.fullmatch(r"last|[1-9]|[12][0-9]|3[01]", part) for part in parts):
        numbers = frozenset(31 if part == "last" else int(part) for part in parts)
        every: Every = "month" if len(numbers) == 1 else "day"
        if max(numbers) <= _LAST_OF_SHORTEST_MONTH:
            return Schedule(f"{clock} {','.join(map(str, sorted(numbers)))} * *", every)
        return Schedule(f"{clock} * * *", every, month_days=numbers)
    try:
        weekdays = ",".join(map(_weekday_range, parts))
        schedule = cron(f"{clock} * * {weekdays}")
    except ValueError:
        msg = f"{text!r} are not days; use mon-fri, mon, sat,sun or a day of the month: 1, last"
        raise ValueError(msg) from None
    return replace(schedule, every="week" if weekdays.isdigit() else "day")


def cron(line: str) -> Schedule:
    """A crontab line of five fields; Sunday is 0 or 7; where day and weekday are both limited, either counts.

    Raises:
        ValueError: it is not a crontab line, or never comes.
    """
    from cronsim import CronSim, CronSimError  # only with a digest

    fields = line.split()
    if len(fields) != _CRON_FIELDS:
        msg = f"{line!r} has {len(fields)} fields where cron has five: minute, hour, day, month, weekday"
        raise ValueError(msg)
    minute, hour, day, month, weekday = fields
    day = "L" if day.lower() == "last" else day
    weekday = ",".join(map(_weekday_range, weekday.split(",")))
    normal = f"{minute} {hour} {day} {month} {weekday}"
    try:
        comes = next(CronSim(normal, datetime(2024, 1, 1, tzinfo=UTC)), None) is not None
    except CronSimError as error:
        msg = f"{line!r} is not a cron line: {error}"
        raise ValueError(msg) from None
    if not comes:
        msg = f"{line!r} never occurs"
        raise ValueError(msg)
    return Schedule(normal, _stands_for(day, weekday), dense=not (minute.isdigit() and hour.isdigit()))


def _stands_for(day: str, weekday: str) -> Every:
    if weekday == "*" and (day.isdigit() or day == "L"):
        return "month"
    return "week" if day == "*" and weekday.isdigit() else "day"


def _weekday_range(text: str) -> str:
    """Weekdays as numbers, Sunday being 0; a range may go past Saturday: ``fri-mon`` is 5-6,0-1."""
    days, slash, step = text.partition("/")
    first, dash, last = days.partition("-")
    if not dash or slash:
        return "-".join(map(_weekday, filter(None, (first, last)))) + slash + step
    start, end = _weekday(first), _weekday(last)
    if not (start.isdigit() and end.isdigit()) or int(start) <= int(end):
        return f"{start}-{end}"
    return f"{start}-6,0-{end}" if end != "0" else f"{start}-6,0"


def _weekday(text: str) -> str:
    name = text.lower()[:3]
    if name in WEEKDAYS:
        return str((WEEKDAYS.index(name) + 1) % 7)
    return text
