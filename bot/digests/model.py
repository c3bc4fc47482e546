"""A digest: questions with a clock, a place and a scope. Declared in ``digests.toml`` or made in Slack."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bot.digests.holidays import countries
from bot.digests.schedule import Every, Schedule, cron, on_days
from bot.domain.errors import Misconfigured
from bot.domain.question import Filter, Question
from bot.domain.scope import Named

_NAME = re.compile(r"[^\s/:#<>@|]([^/:#<>@|]{0,60}[^\s/:#<>@|])?")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_USUAL_TIME = time(9)
_MOST_QUESTIONS = 8


class DigestScope(BaseModel):
    """What a digest is about; names as people write them, ``()`` for no restriction."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accounts: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    providers: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    """Filters in full, as a question or a modal gives them."""

    @property
    def bare(self) -> bool:
        """Whether it restricts nothing."""
        return self == DigestScope()


class Asked(BaseModel):
    """A question as it was asked on a day; on another day its period is another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Question
    on: date

    @model_validator(mode="before")
    @classmethod
    def _currency_of_before(cls, value: object) -> object:
        """Version 0.1 kept the currency beside the question, which holds it now."""
        if not isinstance(value, Mapping) or "currency" not in value:
            return value
        kept = {name: part for name, part in value.items() if name != "currency"}
        question = kept.get("question")
        if value["currency"] and isinstance(question, Mapping):
            kept["question"] = {**question, "currency": value["currency"]}
        return kept


class Digest(Named, BaseModel):
    """One digest."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    channel: str
    """``#name`` or the id of a channel, or of a person."""
    at: str = ""
    cron: str = ""
    days: str = ""
    timezone: str = ""
    holidays: str = ""
    """The ISO code of a country on whose public holidays it is not posted; ``""`` for none."""
    questions: tuple[str | Asked, ...] = Field(default=(), max_length=_MOST_QUESTIONS)
    """In words, or as they were asked before; each is answered in full in the thread."""
    canvas: bool = False
    """Whether a canvas in its channel is kept that always holds the newest of it."""
    overview: bool = True
    """Whether it opens with the period's cost, its movers, the month, forecast, budgets and what is unusual."""
    review: bool = False
    """Whether it is a review of its month: some ten facts, the most money first, and nothing else."""
    scope: DigestScope = Field(default_factory=DigestScope)
    wait_until: str = ""
    """The time of day until which it waits for late data; without one it does not wait."""
    paused: bool = False
    team: str = ""
    """The workspace whose it is; ``""`` for those of the file where there is one workspace only."""
    id: str = ""
    """What tells it from another one of that name, where whoever made it was not told of that."""
    owner: str = ""
    """Who made it in Slack; ``""`` for those of the file."""
    since: datetime | None = None
    """When it was made or last resumed; runs before that were never due."""
    origin: Literal["file", "slack"] = "slack"

    @field_validator("name")
    @classmethod
    def _named(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            msg = f"{value!r} is not a valid name; use up to 60 characters without / : # < > @ |"
            raise ValueError(msg)
        return value

    @field_validator("at", "wait_until")
    @classmethod
    def _timed(cls, value: str) -> str:
        if value and not _TIME.fullmatch(value):
            msg = f"{value!r} is not a time of day; use one like 09:00"
            raise ValueError(msg)
        return value

    @field_validator("timezone")
    @classmethod
    def _zoned(cls, value: str) -> str:
        try:
            ZoneInfo(value or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError):
            msg = f"{value!r} is not a time zone; use one like Europe/Berlin"
            raise ValueError(msg) from None
        return value

    @field_validator("cron")
    @classmethod
    def _recurring(cls, value: str) -> str:
        if value:
            cron(value)
        return " ".join(value.split())

    @field_validator("days")
    @classmethod
    def _on_days(cls, value: str) -> str:
        if value:
            on_days(value, _USUAL_TIME)
        return value

    @field_validator("holidays")
    @classmethod
    def _of_a_country(cls, value: str) -> str:
        if value and value.upper() not in countries():
            msg = f"{value!r} is not a supported country code; use one like US or DE"
            raise ValueError(msg)
        return value.upper()

    @model_validator(mode="after")
    def _one_clock(self) -> Digest:
        if self.cron and (self.at or self.days):
            msg = "cron already sets the days and time; leave out at and days, or cron"
            raise ValueError(msg)
        if not self.overview and not self.questions and not self.review:
            msg = "without the overview, add questions"
            raise ValueError(msg)
        return self

    @cached_property
    def schedule(self) -> Schedule:
        """When it runs."""
        found = cron(self.cron) if self.cron else on_days(self.days or "daily", _time(self.at) or _USUAL_TIME)
        return replace(found, country=self.holidays)

    @property
    def every(self) -> Every:
        """What one digest is about: a day, a week, a month."""
        return self.schedule.every

    @property
    def key(self) -> str:
        """What it is kept under; those of the file without their workspace, which the file may come to name."""
        return f"{'' if self.origin == 'file' else self.team}:{self.handle}"

    def zone(self, usual: ZoneInfo) -> ZoneInfo:
        """Its own timezone, else the usual one."""
        return ZoneInfo(self.timezone) if self.timezone else usual

    def period(self, usual: ZoneInfo, run: datetime) -> str:
        """What the run at that instant is known by."""
        return self.schedule.period(self.zone(usual), run)

    def next_run(self, usual: ZoneInfo, after: datetime) -> datetime | None:
        """The instant (UTC) of its next run; None while it is paused."""
        return None if self.paused else self.schedule.next_run(self.zone(usual), after)

    def deadline(self, usual: ZoneInfo, run: datetime) -> datetime:
        """Until when (UTC) a run waits for late data."""
        wall = _time(self.wait_until)
        if wall is None:
            return run
        zone = self.zone(usual)
        local = run.astimezone(zone)
        day = local.date() + timedelta(days=local.time() >= wall)
        return datetime.combine(day, wall, tzinfo=zone).astimezone(UTC)

    def when(self) -> str:
        """Its clock in words: ``Monday to Friday at 09:00``, ``cron 0 9 * * 1-5``; the timezone where it has one."""
        words = (
            f"cron {self.cron}"
            if self.cron
            else f"{_days_in_words(self.days)} at {_time(self.at) or _USUAL_TIME:%H:%M}"
        )
        off = f", except public holidays ({countries().get(self.holidays, self.holidays)})" if self.holidays else ""
        return f"{words}{off} ({self.timezone})" if self.timezone else f"{words}{off}"


_WEEKDAYS = {name[:3].lower(): name for name in calendar.day_name}


def _days_in_words(days: str) -> str:
    if not days or days in {"daily", "mon-sun"}:
        return "every day"
    if days == "last":
        return "last day of the month"
    if days.replace(",", "").replace(" ", "").isdigit():
        return f"day {days} of the month"
    return re.sub("[a-z]+", lambda found: _WEEKDAYS.get(found[0], found[0]), days).replace("-", " to ")


def _time(text: str) -> time | None:
    found = _TIME.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None


def day_of(period: str) -> date:
    """The first day of a period by its name.

    Raises:
        ValueError: it names none.
    """
    if "W" in period:
        year, _, week = period.partition("-W")
        return date.fromisocalendar(int(year), int(week), 1)
    return date.fromisoformat(f"{period}-01" if len(period) == len("YYYY-MM") else period[:10])


def declared(parsed: Mapping[str, Any], file: str = "digests.toml") -> list[Digest]:
    """The digests of a parsed ``digests.toml``.

    Raises:
        Misconfigured: naming the file, the digest and the key.
    """
    unknown = sorted(set(parsed) - {"digest"})
    tables = parsed.get("digest", [])
    if unknown or not isinstance(tables, list):
        about = f"it has a key {unknown[0]!r}" if unknown else "digest is not a list of tables"
        raise Misconfigured(f"{file}: {about}, but only [[digest]] is known.", "Start each digest with [[digest]].")
    found = [_one(table, number, file) for number, table in enumerate(tables, start=1)]
    names = [digest.name.casefold() for digest in found]
    for digest in found:
        if names.count(digest.name.casefold()) > 1:
            raise Misconfigured(f"{file}: two digests are called {digest.name!r}.", "Give each a different name.")
    return found


def _one(table: object, number: int, file: str) -> Digest:
    if not isinstance(table, Mapping):
        raise Misconfigured(f"{file}, digest {number}: it is no table.", "Start each digest with [[digest]].")
    where = f"{file}, digest {table.get('name') or number!r}"
    kept = sorted({"id", "owner", "since", "origin"} & set(table))
    if kept:
        raise Misconfigured(f"{where}: {kept[0]} is not a key of a digest.", _KNOWN)
    try:
        return Digest.model_validate({**table, "origin": "file"})
    except ValidationError as error:
        raise _explained(error, where) from None


_KNOWN = (
    "The keys are name, channel, at, cron, days, timezone, holidays, questions, overview, scope (accounts, tags,"
    " providers, sources), wait_until, paused and team (the id of a workspace)."
)


def _explained(error: ValidationError, where: str) -> Misconfigured:
    first = error.errors(include_input=False, include_url=False)[0]
    at = [str(part) for part in first["loc"] if part not in {"str", "Asked"}]
    key = ".".join(at)
    if first["type"] == "missing":
        return Misconfigured(f"{where}: {key} is not set.", _MISSING.get(key, _KNOWN))
    if first["type"] == "extra_forbidden":
        return Misconfigured(f"{where}: {key} is not a key of a digest.", _KNOWN)
    reason = str(first["msg"]).removeprefix("Value error, ")
    return Misconfigured(f"{where}: {f'{key}: ' if key else ''}{reason}.", "Correct the line.")


_MISSING = {
    "name": 'Add a name, like name = "daily".',
    "channel": 'Add a channel, like channel = "#cloud-costs", or a channel or user ID.',
}


def reason(error: ValidationError) -> tuple[str, str]:
    """The field and the reason of the first thing wrong with a digest made in Slack."""
    first = error.errors(include_input=False, include_url=False)[0]
    return str(first["loc"][0]) if first["loc"] else "", str(first["msg"]).removeprefix("Value error, ")


def names(found: Sequence[Digest]) -> str:
    """Their names, for a hint."""
    return ", ".join(sorted(digest.name for digest in found)) or "none"
