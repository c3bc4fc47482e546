"""What a sync did, as ``spend sync --json`` prints it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from bot.domain.errors import CostError
from bot.domain.money import plain
from bot.domain.period import Period

Status = Literal["ok", "partial", "failed", "ceiling", "busy"]


@dataclass(frozen=True)
class Progress:
    """How far a pull has come."""

    source: str
    feed: str
    days: Period
    through: date
    """The last day read so far; ``days.last`` when the feed is done."""
    charges: int

    @property
    def share(self) -> float:
        """From 0 to 1, by days."""
        return ((self.through - self.days.start).days + 1) / self.days.days


OnProgress = Callable[[Progress], None]


@dataclass
class FeedReport:
    """What one feed was told."""

    feed: str
    days: Period
    charges: int = 0
    restated: int = 0

    def json(self) -> Mapping[str, Any]:
        """As it is printed."""
        return {
            "feed": self.feed,
            "from": str(self.days.start),
            "to": str(self.days.end),
            "charges": self.charges,
            "restated": self.restated,
        }


@dataclass
class SourceReport:
    """What one source was asked and told. ``warnings`` and ``notes`` (what optional views lack) are sentences."""

    source: str
    status: Status = "ok"
    requests: int = 0
    cost: Decimal = Decimal(0)
    feeds: list[FeedReport] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: dict[str, str] | None = None

    def json(self) -> Mapping[str, Any]:
        """As it is printed."""
        return {
            "source": self.source,
            "status": self.status,
            "requests": self.requests,
            "cost": f"{plain(self.cost)} USD",
            "feeds": [feed.json() for feed in self.feeds],
            "warnings": self.warnings,
            "notes": self.notes,
            "error": self.error,
        }


@dataclass(frozen=True)
class Report:
    """What a sync did, source by source."""

    sources: list[SourceReport]

    @property
    def ok(self) -> bool:
        """Whether every source landed whole: the exit code."""
        return all(source.status == "ok" for source in self.sources)

    def json(self) -> Mapping[str, Any]:
        """As ``spend sync --json`` prints it."""
        return {"sources": [source.json() for source in self.sources]}


def as_json(error: Exception) -> dict[str, str]:
    """An error as reports and the ledger keep it: its kind, what happened, what to do."""
    if isinstance(error, CostError):
        return {"type": type(error).__name__, "message": error.message, "hint": error.hint}
    return {
        "type": "Bug",
        "message": f"This is a bug in spend ({type(error).__name__}).",
        "hint": "The log has its traceback; please report it.",
    }
