"""How the sources are doing, for whoever looks after them: the last pull of each, and what asking it has cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from bot.ledger import Ledger
from bot.ledger.kv_store import notes_of
from bot.ledger.month_plan import month_plan
from bot.sync.service import STATE


@dataclass(frozen=True)
class SourceHealth:
    """One source. ``trouble`` says what is wrong and what to do, ``""`` where nothing is; ``notes`` what it lacks."""

    source: str
    tried: datetime | None
    through: date | None
    trouble: str
    requests: int
    """Made this calendar month (UTC), and what they cost in USD."""
    cost: Decimal
    notes: tuple[str, ...] = ()
    """What optional views could not bring, a sentence each."""


@dataclass(frozen=True)
class Health:
    """Reads it from the ledger whenever it is asked."""

    ledger: Ledger
    ceiling: Decimal | None
    """USD that requests may cost in a month; None for no ceiling."""
    now: Callable[[], datetime]

    def plan(self) -> str:
        """What paid requests have cost and will this month, with a warning from four fifths on; ``""`` for none."""
        plan = month_plan(self.ledger.memory, self.ledger.requests, self.now())
        if plan is None:
            return ""
        return f"⚠️ {plan.sentence()}" if plan.nearly_spent else plan.sentence()

    def sources(self) -> list[SourceHealth]:
        """Every source that was ever pulled or imported, by name."""
        outcomes = self.ledger.memory.all(STATE)
        fresh = {freshness.source: freshness for freshness in self.ledger.freshness()}
        today = self.now().astimezone(UTC).date()
        return [
            SourceHealth(
                source=name,
                tried=_tried(outcomes.get(name), fresh[name].synced if name in fresh else None),
                through=fresh[name].data_through if name in fresh else None,
                trouble=_trouble(outcomes.get(name)),
                requests=self.ledger.requests.made(today, name),
                cost=self.ledger.requests.spent(today, name),
                notes=tuple(dict.fromkeys(note.sentence(name) for note in notes_of(self.ledger.memory, name))),
            )
            for name in sorted({*outcomes, *fresh})
        ]


def _tried(outcome: Mapping[str, object] | None, synced: datetime | None) -> datetime | None:
    return datetime.fromisoformat(str(outcome["at"])) if outcome else synced


def _trouble(outcome: Mapping[str, object] | None) -> str:
    """What the last pull came to, where it was not all well."""
    if outcome is None:
        return ""
    error = outcome.get("error")
    texts = [f"{error.get('message', '')} {error.get('hint', '')}".strip()] if isinstance(error, dict) else []
    warnings = outcome.get("warnings")
    return " ".join([*texts, *(warnings if isinstance(warnings, list) else ())])
