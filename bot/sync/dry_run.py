"""What a sync would ask, with the permission and the price of each request, before any is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.domain.money import plain
from bot.ledger import Ledger
from bot.providers import ListsRequests, Meter, Provider, RequestKind
from bot.sync.pull import pulled
from bot.sync.selection import on_the_clock
from bot.sync.service import Open


class _AsksNobody:
    """A meter that lets nothing pass."""

    def allow(self, operation: str, cost: Decimal) -> None:
        """Refuses: a dry run sends nothing."""
        del cost
        msg = f"a dry run must not ask {operation}"
        raise RuntimeError(msg)

    def made(self, operation: str, *, seconds: float, status: str, cost: Decimal) -> None:
        """Never called."""


@dataclass(frozen=True)
class PlannedRequest:
    """A kind of request of a source; ``most`` is what it cost the last time, None where that is not known."""

    source: str
    kind: RequestKind
    most: Decimal | None = None


@dataclass(frozen=True)
class DryRun:
    """Every request that would be made."""

    requests: Sequence[PlannedRequest]

    def text(self, *, as_json: bool = False) -> str:
        """A line a request, and what they come to; or the same as JSON."""
        if as_json:
            return json.dumps({"requests": [_json(request) for request in self.requests]}, ensure_ascii=False)
        lines = [_line(request) for request in self.requests]
        least = sum((request.most or request.kind.price for request in self.requests), Decimal(0))
        return "\n".join([*lines, f"About ${least:.2f} together. Nothing was sent."])


def planned(
    sources: Mapping[str, Open], ledger: Ledger, now: datetime, ceiling: Decimal | None, *, due: bool
) -> DryRun:
    """What a sync by hand would ask, or, if ``due``, one on the clock."""
    meter: Meter = _AsksNobody()
    found: list[PlannedRequest] = []
    for name, opens in sources.items():
        provider = opens(meter)
        if isinstance(provider, ListsRequests):
            found += _of(provider, ledger, now, ceiling, due=due, name=name)
    return DryRun(found)


def _of(  # noqa: PLR0913 - what a plan depends on
    provider: Provider, ledger: Ledger, now: datetime, ceiling: Decimal | None, *, due: bool, name: str
) -> list[PlannedRequest]:
    known = {feed.name: feed for feed in ledger.feeds() if feed.source == provider.source}
    kinds = provider.requests() if isinstance(provider, ListsRequests) else ()
    if due and known:
        chosen = on_the_clock(ledger, provider, now, ceiling, lambda: list(known.values()))
        turns = {turn.feed.name for turn in chosen.turns}
        if not turns:
            return []
        kinds = [kind for kind in kinds if (kind.feed in turns if kind.feed else chosen.looked or not kind.price)]
    costs = {feed_name: (pulled(ledger, feed) or {}).get("cost") for feed_name, feed in known.items()}
    return [
        PlannedRequest(name, kind, Decimal(cost) if (cost := costs.get(kind.feed)) and kind.price else None)
        for kind in kinds
    ]


def _line(request: PlannedRequest) -> str:
    price = f"${plain(request.kind.price)} a page" if request.kind.price else "free"
    last = f", ${plain(request.most)} the last time" if request.most else ""
    feed = f" for {request.kind.feed}" if request.kind.feed else ""
    return f"{request.source}: {request.kind.operation}{feed}: needs {request.kind.permission}; {price}{last}"


def _json(request: PlannedRequest) -> dict[str, str]:
    return {
        "source": request.source,
        "operation": request.kind.operation,
        "feed": request.kind.feed,
        "permission": request.kind.permission,
        "price": plain(request.kind.price),
        "last": plain(request.most) if request.most else "",
    }
