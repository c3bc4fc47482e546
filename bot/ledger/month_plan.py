"""What paid requests have cost this month and are expected to cost yet, as the last syncs have planned it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from msgspec import Struct

from bot.domain.money import plain
from bot.domain.period import month_of
from bot.ledger.kv_store import KeyValueStore
from bot.ledger.request_log import RequestLog

PLAN = "plan"
"""Kind of memory: by source, what its syncs have spent this month, and what they are expected to spend yet."""


class MonthPlan(Struct, frozen=True):
    """What paid requests have cost this month, and are expected to cost yet."""

    spent: Decimal
    ceiling: Decimal | None
    expected: Decimal
    last_day: int

    @property
    def nearly_spent(self) -> bool:
        """Whether four fifths of the ceiling are spent."""
        return self.ceiling is not None and self.spent >= self.ceiling * 4 / 5

    def sentence(self) -> str:
        """For people: ``"$3.12 of $10 used for paid requests, $2.60 planned through the 30th."``."""
        of = f" of ${plain(self.ceiling)}" if self.ceiling is not None else ""
        return (
            f"${self.spent:.2f}{of} used for paid requests, ${self.expected:.2f} planned through the"
            f" {self.last_day}{_ORDINALS.get(self.last_day, 'th')}."
        )


_ORDINALS = {1: "st", 21: "st", 31: "st", 2: "nd", 22: "nd", 3: "rd", 23: "rd"}


def month_plan(memory: KeyValueStore, requests: RequestLog, now: datetime) -> MonthPlan | None:
    """The plan of all sources together; None where no source's requests are paid."""
    plans = memory.all(PLAN).values()
    if not plans:
        return None
    today = now.astimezone(UTC).date()
    used = requests.spent(today)
    ceiling = next((Decimal(plan["ceiling"]) for plan in plans if "ceiling" in plan), None)
    expected = sum((Decimal(plan.get("expected", "0")) for plan in plans), Decimal(0))
    return MonthPlan(used, ceiling, expected, month_of(today).last.day)
