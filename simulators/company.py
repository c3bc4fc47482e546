"""Lumen Robotics, an invented company: the same bills every day, with stories to find.

Everything is a pure function of the calendar day, so a simulated provider tells the same today and
tomorrow. The demo's clock stands at ``NOW``.

The stories: a spike (AWS, Amazon SageMaker in ``data-platform``, 17–19 November: a training job left running);
a new service (AWS, Amazon Bedrock, from 20 October, growing); one that vanished (AWS, Amazon Redshift, last
seen 31 October); credits (AWS, a migration credit on the first of the months from August 2026); a support fee on
the first of each month; weekends at about 60 % on weekdays' use; tax on the last day of the month; Google BigQuery a
third dearer since 3 November; OpenAI's ``gpt-5`` replacing ``gpt-4o`` during October; Anthropic doubling since
9 November because of the ``Claude Code`` workspace.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import blake2b

NAME = "Lumen Robotics"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
"""The demo's present."""
FIRST = date(2025, 10, 1)
"""The first day anything was bought."""

_SATURDAY = 5


def chance(*key: object) -> float:
    """A number in [0, 1) that is always the same for the same key."""
    digest = blake2b(repr(key).encode(), digest_size=7).digest()
    return int.from_bytes(digest, "big") / 2**56


def weekly(day: date, weekend: float = 0.6) -> float:
    """How busy a day is: 1 on weekdays, ``weekend`` on Saturdays and Sundays."""
    return weekend if day.weekday() >= _SATURDAY else 1.0


def level(day: date, key: object, *, base: float, growth: float = 0.0, weekend: float = 0.6) -> float:
    """What a steady thing costs on a day: a base, monthly growth, the week's rhythm, some noise."""
    months = (day - FIRST).days / 30.44
    noise = 0.94 + 0.12 * chance(key, day)
    grown: float = base * (1 + growth) ** months
    return grown * weekly(day, weekend) * noise


def exact(amount: float, places: int = 10) -> Decimal:
    """The amount as a decimal of so many places, as a vendor would print it."""
    return Decimal(f"{amount:.{places}f}")
