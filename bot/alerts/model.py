"""What is watched and for whom: a rule; what was found: a finding; what has become of it: a case. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator

from bot.digests.model import DigestScope
from bot.domain.answers import Anomaly, BudgetStatus
from bot.domain.answers.budgets import ROLLING
from bot.domain.money import Exact, plain
from bot.domain.period import DAY, Period, add_months
from bot.domain.question import Filter, Question
from bot.domain.scope import Named

Watched = Literal["anomalies", "budgets"]
Status = Literal["open", "ended", "snoozed", "expected", "gone"]
_TIME = r"^(([01]\d|2[0-3]):[0-5]\d)?$"
_APART = timedelta(days=2)
"""Days between two findings about one thing that still make one cause."""
_LOUDER = 2
"""What was expected is posted again when it has become so many times as much."""


class AlertRule(Named, BaseModel):
    """What is posted where, from which size on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    channel: str
    """The id of a channel or a person."""
    watches: tuple[Watched, ...] = ("anomalies", "budgets")
    min_amount: Exact = Field(default=Decimal(10), ge=0)
    """A day, in whatever currency it is billed."""
    min_percent: Exact = Field(default=Decimal(20), ge=0)
    """Of what is usual."""
    scope: DigestScope = Field(default_factory=DigestScope)
    quiet_from: str = Field(default="", pattern=_TIME)
    quiet_to: str = Field(default="", pattern=_TIME)
    timezone: str = "UTC"
    ceiling: int = Field(default=10, ge=1, le=100)
    """New alerts a day; what is beyond is summed up in one message."""
    paused: bool = False
    team: str = ""
    owner: str = ""
    id: str = ""
    """What tells it from another one of that name, where whoever made it was not told of that."""

    @field_validator("timezone")
    @classmethod
    def _zoned(cls, value: str) -> str:
        ZoneInfo(value)
        return value

    @property
    def zone(self) -> ZoneInfo:
        """Its timezone."""
        return ZoneInfo(self.timezone)

    def quiet(self, now: datetime) -> bool:
        """Whether nothing new is said at this instant."""
        if not self.quiet_from or not self.quiet_to or self.quiet_from == self.quiet_to:
            return False
        start, end = time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_to)
        local = now.astimezone(self.zone).time()
        return start <= local < end if start < end else local >= start or local < end

    def tells(self, finding: Finding) -> bool:
        """Whether it is large enough."""
        if finding.watched == "budgets":
            return bool(finding.passed)
        share = finding.share
        return abs(finding.change) >= self.min_amount and (share is None or abs(share) * 100 >= self.min_percent)


class Finding(BaseModel):
    """One cause, as the ledger tells it now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    watched: Watched
    subjects: tuple[str, ...]
    """What it is about; two findings with one in common may be one cause."""
    key: Mapping[str, str] = Field(default_factory=dict)
    name: str = ""
    """Of a budget; anomalies are called by their key."""
    currency: str
    kind: str = ""
    start: date
    end: date
    ongoing: bool = True
    provisional: bool = False
    amount: Exact = Decimal(0)
    """A day; of a budget what is spent."""
    usual: Exact = Decimal(0)
    """A day; of a budget its limit."""
    change: Exact = Decimal(0)
    share: Exact | None = None
    per_month: Exact | None = None
    passed: tuple[str, ...] = ()
    """The thresholds of a budget that are passed: ``actual 0.8``, ``forecast 1``."""
    partial: bool = False
    """Whether a budget's spend lacks something, so that it is at least ``amount``."""
    owner: str = ""
    """Whom to ask about a budget: a name, or a person's id."""
    channel: str = ""
    """Where a budget says that its alerts go, by id or ``#name``; ``""`` for where the rule's go."""
    note: str = ""
    """Of a budget, how it stands, in the words of the answer."""

    @property
    def id(self) -> str:
        """The name of the cause as first found: the same on every replica."""
        return f"{self.start.isoformat()}-{self.subjects[0]}"

    @property
    def size(self) -> Decimal:
        """How much it is, to be told from the like: the spend of a budget, else how far a day is from the usual."""
        return self.amount if self.watched == "budgets" else abs(self.change)

    @property
    def period(self) -> Period:
        """Its days."""
        return Period(start=self.start, end=max(self.end, self.start + DAY))

    def why(self) -> Question:
        """The question that looks into it."""
        where = tuple(Filter(dimension=name, values=(value,)) for name, value in self.key.items())
        return Question(kind="explain", period=self.period, against=self.period.before(), where=where)


class Case(BaseModel):
    """One cause and what has become of it."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_by_name=True)

    id: str
    rule: str
    channel: str
    finding: Finding
    status: Status = "open"
    until: datetime | None = None
    """When a snooze ends."""
    by: str = ""
    note: str = ""
    ts: str = ""
    place: str = ""
    """The id of the channel that its message stands in."""
    shown: str = ""
    """A mark of what its message shows."""
    summed: bool = False
    """Whether it was posted in the day's summary alone."""
    announced: tuple[str, ...] = Field(default=(), validation_alias=AliasChoices("announced", "told"))
    """The thresholds of a budget that were posted; version 0.1 stored them as ``told``."""
    opened: datetime

    def mark(self) -> str:
        """A mark of what there is to show."""
        shown = self.model_dump_json(include={"finding", "status", "until", "by", "note", "channel"})
        return blake2b(shown.encode(), digest_size=8).hexdigest()


def subject(watched: Watched, key: Mapping[str, str], currency: str, *, up: bool) -> str:
    """A short name for what something is about, and in which direction."""
    identity = json.dumps([watched, sorted(key.items()), currency, up], ensure_ascii=False)
    return blake2b(identity.encode(), digest_size=9).hexdigest()


def same_cause(case: Case, finding: Finding) -> bool:
    """Whether a finding is the case's cause, grown, moved or ended."""
    before = case.finding
    if before.watched != finding.watched or not set(before.subjects) & set(finding.subjects):
        return False
    return finding.watched == "budgets" or (
        finding.start - _APART <= before.end and before.start - _APART <= finding.end
    )


def expected(known: Mapping[str, Mapping[str, Any]], finding: Finding) -> Mapping[str, Any] | None:
    """What somebody said of it before, unless it has become much more since."""
    for about in finding.subjects:
        judgment = known.get(about)
        if judgment and finding.size <= _LOUDER * Decimal(judgment["size"]):
            return judgment
    return None


def snoozed_until(choice: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of a snooze: ``1d``, ``7d`` or ``month`` (to the end of the month where the rule is).

    Raises:
        ValueError: it is none of these.
    """
    if choice in {"1d", "7d"}:
        return now + timedelta(days=int(choice[0]))
    if choice == "month":
        first = add_months(now.astimezone(zone).date().replace(day=1), 1)
        return datetime.combine(first, time(0), tzinfo=zone).astimezone(UTC)
    msg = f"{choice!r} is no snooze"
    raise ValueError(msg)


# --- from answers -----------------------------------------------------------------------------------------------


def anomaly_finding(found: Anomaly) -> Finding:
    """The finding of an answer's anomaly."""
    keys = [found.key, *found.also]
    return Finding(
        watched="anomalies",
        subjects=tuple(subject("anomalies", key, found.currency, up=found.change >= 0) for key in keys),
        key=found.key,
        currency=found.currency,
        kind=found.kind,
        start=found.period.start,
        end=found.period.end,
        ongoing=found.ongoing,
        provisional=found.provisional,
        amount=found.amount,
        usual=found.expected,
        change=found.change,
        share=found.share,
        per_month=found.per_month,
    )


def budget_findings(status: BudgetStatus, today: date, spent: str, ahead: str) -> tuple[Finding, ...]:
    """What there is to alert of an answer's budget: what is spent, and apart from it that it is forecast to be passed.

    ``spent`` says how it stands and ``ahead`` what is forecast: they are kept, since the next look may find it
    otherwise.
    """
    on_spend = _budget_finding(status, today, "actual", spent)
    on_forecast = _budget_finding(status, today, "forecast", ahead)
    return (on_spend, on_forecast) if on_forecast.passed and status.state != "over" else (on_spend,)


def _budget_finding(status: BudgetStatus, today: date, on: Literal["actual", "forecast"], sentence: str) -> Finding:
    start, end = status.period.start, status.period.end
    key = {"name": status.name, "start": start.isoformat()}
    if status.every in ROLLING:
        key["start"] = today.replace(day=1).isoformat()
    whole = status.forecast or status.spent if on == "forecast" else status.spent
    return Finding(
        watched="budgets",
        subjects=(subject("budgets", key if on == "actual" else {**key, "on": on}, status.currency, up=True),),
        name=status.name,
        currency=status.currency,
        start=start,
        end=end,
        ongoing=start <= today < end,
        amount=status.spent,
        usual=status.limit,
        change=whole - status.limit,
        share=status.share,
        passed=tuple(f"{kind} {plain(at)}" for kind, at in status.passed if kind == on),
        partial=bool(status.missing),
        owner=status.owner,
        channel=status.channel,
        note=sentence,
    )
