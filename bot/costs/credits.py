"""Credits that a vendor granted: what is left of them, and when they run out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from bot.costs.money import plain, total

_RECENT = 28


@dataclass(frozen=True)
class Grant:
    """Credits that a vendor granted, as far as it tells."""

    source: str
    name: str
    currency: str
    left: Decimal
    expires: date | None = None


@dataclass(frozen=True)
class Outlook:
    """When a grant is used up at the pace of late, or expires before; what is ``lost`` then is an estimate."""

    grant: Grant
    used_up: date | None
    lost: Decimal

    def as_json(self) -> dict[str, Any]:
        """Keys ``source``, ``name``, ``currency``, ``left``, ``expires``, ``used_up``, ``lost``."""
        return {
            "source": self.grant.source,
            "name": self.grant.name,
            "currency": self.grant.currency,
            "left": plain(self.grant.left),
            "expires": self.grant.expires.isoformat() if self.grant.expires else None,
            "used_up": self.used_up.isoformat() if self.used_up else None,
            "lost": plain(self.lost),
        }


def outlook(grant: Grant, today: date, used: Sequence[Decimal]) -> Outlook:
    """What becomes of a grant, if it is used as on the last four weeks' days (``used``, positive amounts)."""
    recent = used[-_RECENT:]
    pace = total(list(recent)) / len(recent) if recent else Decimal(0)
    if grant.left <= 0:
        return Outlook(grant, today, Decimal(0))
    until = today + timedelta(days=ceil(grant.left / pace)) if pace > 0 else None
    if grant.expires is None or (until and until <= grant.expires):
        return Outlook(grant, until, Decimal(0))
    lost = grant.left - pace * (grant.expires - today).days
    return Outlook(grant, None, max(lost, Decimal(0)).quantize(Decimal("0.01")))
