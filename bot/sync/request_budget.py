"""What asking vendors costs: counted, logged, and stopped at the monthly ceiling."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import structlog

from bot.domain.errors import CeilingReached
from bot.domain.money import plain
from bot.ledger import Ledger
from bot.tracing import finished

_IDENTIFIER = re.compile(r"[^/:.]*\d{4,}[^/:.]*")
"""The part of an operation that names an account or project, which traces do not carry."""


class Stopped(Exception):
    """The bot is shutting down."""


class RequestBudget:
    """The month's money for requests, shared by all sources of a sync."""

    def __init__(
        self, ledger: Ledger, ceiling: Decimal | None, now: Callable[[], datetime], stop: threading.Event
    ) -> None:
        self.ledger, self.ceiling, self.now, self.stop = ledger, ceiling, now, stop
        self._lock = threading.Lock()
        self._pending: dict[str, Decimal] = {}

    def reserve(self, source: str, cost: Decimal) -> None:
        """Sets money aside for the source's next request.

        Raises:
            CeilingReached: there is not enough left this month.
        """
        with self._lock:
            self._pending[source] = cost
            if self.ceiling is None or not cost:
                return
            spent = self.ledger.requests.spent(self.now().date())
            if spent + sum(self._pending.values()) > self.ceiling:
                self._pending[source] = Decimal(0)
                raise CeilingReached(
                    f"Paid requests have cost {plain(spent)} USD this month; the ceiling is {plain(self.ceiling)} USD.",
                    "Raise API_SPEND_CEILING, or wait for next month.",
                )

    def spend(self, source: str, operation: str, cost: Decimal) -> None:
        """Notes a request made."""
        with self._lock:
            if cost:
                self._pending[source] = Decimal(0)
            self.ledger.requests.add(source, operation, cost, self.now())


class SourceMeter:
    """The meter of one source during one sync."""

    def __init__(self, source: str, budget: RequestBudget) -> None:
        self.requests = 0
        self.cost = Decimal(0)
        self._source, self._budget = source, budget
        self._log = structlog.get_logger("spend.sync")

    def allow(self, operation: str, cost: Decimal) -> None:
        """Called before each vendor request with its price in USD.

        Raises:
            CeilingReached: this month's spending on requests would pass the ceiling.
            Stopped: the bot is shutting down.
        """
        del operation
        if self._budget.stop.is_set():
            raise Stopped
        self._budget.reserve(self._source, cost)

    def made(self, operation: str, *, seconds: float, status: str, cost: Decimal) -> None:
        """Called after each vendor request, failed ones included."""
        self.requests += 1
        self.cost += cost
        self._budget.spend(self._source, operation, cost)
        finished("vendor request", seconds, operation=_IDENTIFIER.sub("*", operation), status=status)
        self._log.info(
            "vendor request",
            source=self._source,
            operation=operation,
            seconds=round(seconds, 3),
            status=status,
            cost=plain(cost),
        )
