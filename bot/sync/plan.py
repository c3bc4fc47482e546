"""When to ask a vendor whose answers cost money, so that a month's ceiling lasts the month.

Every kind of request has a natural rhythm, no faster than the vendor's own refresh, and a price, measured when it was
made last. Where the natural rhythms cost more than is left for the rest of the month, all are stretched, what matters
least the most, until they fit: money is spent evenly, and there is some for the last day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal

from bot.domain.errors import CeilingReached
from bot.domain.feed import Feed
from bot.domain.money import plain
from bot.domain.period import month_of
from bot.ledger import Ledger
from bot.ledger.month_plan import PLAN
from bot.providers import Horizon
from bot.sync.pull import pulled

Task = Literal["insights", "views", "history", "commitments", "commitments by account"]
"""What is asked for beside the feeds."""

_CEILING = Decimal(10)
"""USD a month for which the amounts below are meant; a higher ceiling raises them."""
_BASE, _ACCOUNT = Decimal("0.68"), Decimal("0.24")
"""USD a month that suffice for a payer, and for each of its accounts."""
_RESERVE = Decimal("0.05")
"""The share of the ceiling that is left to questions asked live and to doctor."""
_NATURAL: Mapping[str, tuple[timedelta, float]] = {
    "bill": (timedelta(hours=12), 0.35),
    "view": (timedelta(hours=24), 0.7),
    "insights": (timedelta(hours=72), 1.0),
    "views": (timedelta(days=7), 0.5),
    "history": (timedelta(hours=24), 1.2),
    "commitments": (timedelta(days=7), 0.5),
    "commitments by account": (timedelta(days=30), 0.5),
}
"""How often each is worth asking for, and how readily it waits where money is short (0: never)."""
_MOVING, _MOVING_MOST, _MOVING_WAITS = timedelta(days=2), timedelta(days=8), 1.2
"""The whole of what may still be restated is asked for between these, by how much of it was restated."""
_TOLERANCE = timedelta(minutes=10)
"""A cron job that runs a little early is not to wait for its next turn."""
_REQUEST = Decimal("0.01")
_REPORTS = 8
"""Requests that reports of commitments take where nothing is known of them."""
_LONGEST = 10_000.0
"""Hours that nothing is stretched beyond."""
_BILL_AT_LEAST = 36.0
"""Hours between pulls of the bill for which money is kept, whatever else is wanted."""


@dataclass(frozen=True)
class Rhythm:
    """A kind of request: what one costs, how often it is worth it, how readily it waits."""

    price: Decimal
    every: timedelta
    waits: float

    def stretched(self, factor: float) -> timedelta:
        """The interval where money is that short."""
        hours = self.every.total_seconds() / 3600 * float(factor**self.waits)
        return timedelta(hours=min(hours, _LONGEST))


def stretch(rhythms: Sequence[Rhythm], hourly: Decimal) -> float:
    """The least factor, 1 or more, at which the rhythms cost no more than so many USD an hour."""

    def cost(factor: float) -> float:
        return sum(float(rhythm.price) / (rhythm.stretched(factor).total_seconds() / 3600) for rhythm in rhythms)

    money = float(hourly)
    if cost(1.0) <= money or not rhythms:
        return 1.0
    low, high = 1.0, 1e9
    for _ in range(60):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if cost(middle) > money else (low, middle)
    return high


class RequestPlan:
    """The plan of one source at an instant, from what the ledger remembers of its pulls."""

    def __init__(  # noqa: PLR0913 - what a plan depends on
        self,
        ledger: Ledger,
        source: str,
        feeds: Mapping[Feed, Horizon],
        now: datetime,
        ceiling: Decimal | None,
        *,
        lasts: Mapping[str, datetime | None],
        costs: Mapping[str, Decimal] | None = None,
    ) -> None:
        """``feeds`` are those whose requests are paid, the bill first.

        ``lasts`` says when each other task was done, ``costs`` what it cost then.
        """
        self._ledger, self._source, self._feeds, self._now = ledger, source, feeds, now
        self._lasts, self._costs = lasts, costs or {}
        self._ceiling = ceiling
        self.allowance = self._allowance()
        self.left = max(Decimal(0), self.allowance - spent(ledger, source, now))
        if ceiling is not None:
            self.left = min(self.left, max(Decimal(0), ceiling - ledger.requests.spent(now.astimezone(UTC).date())))
        self._rhythms = self._all()
        self._factor = stretch(list(self._rhythms.values()), self.left / Decimal(self._hours()))

    def due(self, feed: Feed) -> bool:
        """Whether a paid feed's open days are worth a request now; if so, its price is set aside."""
        return self._is_due(feed.name, _at(pulled(self._ledger, feed), "at"))

    def whole(self, feed: Feed) -> bool:
        """Whether all of its days that may still be restated are; so always where that costs about the same."""
        last = pulled(self._ledger, feed)
        if last is None or feed.name + _WHOLE not in self._rhythms:
            return True
        return self._is_due(feed.name + _WHOLE, _at(last, "whole_at"))

    def task(self, name: Task) -> bool:
        """Whether one of the other tasks is."""
        return name in self._rhythms and self._is_due(name, self._lasts.get(name))

    def check(self) -> None:
        """Says why nothing is asked, where not even the bill can be paid for this month and it is time for it.

        Raises:
            CeilingReached: with what is spent, and what to do.
        """
        bill = next(iter(self._feeds))
        last = _at(pulled(self._ledger, bill), "at")
        overdue = last is not None and self._now - last >= timedelta(hours=_BILL_AT_LEAST)
        if overdue and self._rhythms[bill.name].price > self.left:
            used = self._ledger.requests.spent(self._now.astimezone(UTC).date())
            of = f" of {plain(self._ceiling)}" if self._ceiling is not None else ""
            raise CeilingReached(
                f"Paid requests have cost {plain(used)}{of} USD this month; the rest does not cover syncing the bill.",
                "Raise API_SPEND_CEILING, or wait for next month; spend sync without --due syncs anyway.",
            )

    def expected(self) -> Decimal:
        """USD that will be spent from now to the end of the month."""
        hours = self._hours()
        costs = (
            rhythm.price * Decimal(hours / (rhythm.stretched(self._factor).total_seconds() / 3600))
            for rhythm in self._rhythms.values()
        )
        return min(sum(costs, Decimal(0)), self.left).quantize(_REQUEST)

    def keep(self) -> None:
        """Remembers what is expected, for whoever wants to know without opening a vendor."""
        known = self._ledger.memory.get(PLAN, self._source) or {}
        ceiling = {"ceiling": plain(self._ceiling)} if self._ceiling is not None else {}
        value = {**known, **ceiling, "expected": plain(self.expected()), "at": self._now.isoformat()}
        self._ledger.memory.put(PLAN, self._source, value)

    def _is_due(self, name: str, last: datetime | None) -> bool:
        rhythm, bill = self._rhythms[name], self._bill()
        kept = Decimal(0) if name == bill else self._rhythms[bill].price * Decimal(self._hours() / _BILL_AT_LEAST)
        waits = last is not None and self._now - last < rhythm.stretched(self._factor) - _TOLERANCE
        if waits or rhythm.price > self.left - kept:
            return False
        self.left -= rhythm.price  # what is chosen at once is paid for together
        return True

    def _bill(self) -> str:
        return next(iter(self._feeds)).name

    def _hours(self) -> float:
        """To the end of the month, at the least one."""
        end = datetime.combine(month_of(self._now.astimezone(UTC).date()).end, datetime.min.time(), UTC)
        return max(1.0, (end - self._now).total_seconds() / 3600)

    def _allowance(self) -> Decimal:
        """USD for this month's syncs of the source."""
        wanted = _BASE + _ACCOUNT * self._accounts()
        if self._ceiling is None:
            return wanted
        sharing = len({self._source, *self._ledger.memory.all(PLAN)})
        return min(wanted * max(Decimal(1), self._ceiling / _CEILING), self._ceiling * (1 - _RESERVE) / sharing)

    def _accounts(self) -> int:
        bill = next(iter(self._feeds), None)
        return max(1, len(self._ledger.query.labels(bill, "SubAccountId"))) if bill else 1

    def _all(self) -> dict[str, Rhythm]:
        rhythms: dict[str, Rhythm] = {}
        behind, month = False, Decimal(0)
        for number, (feed, horizon) in enumerate(self._feeds.items()):
            last = pulled(self._ledger, feed) or {}
            every, waits = _NATURAL["view" if number else "bill"]
            price = Decimal(str(last.get("cost", "0.06" if number == 0 else "0.02")))
            whole = Decimal(str(last.get("whole_cost", price * 2)))
            month += whole
            if whole > price * 3 / 2:
                rhythms[feed.name + _WHOLE] = Rhythm(whole - price, _moving_every(last), _MOVING_WAITS)
            else:
                price = whole
            rhythms[feed.name] = Rhythm(price, every, waits)
            covered = self._ledger.covered(feed)
            behind = behind or (covered is not None and covered.start > horizon.deepest)
        rhythms["insights"] = Rhythm(_REQUEST * 2, *_NATURAL["insights"])
        rhythms["views"] = Rhythm(_REQUEST * 2, *_NATURAL["views"])
        expected = {"commitments": _REQUEST * _REPORTS, "commitments by account": _REQUEST * self._accounts()}
        for name, price in expected.items():
            rhythms[name] = Rhythm(self._costs.get(name, price), *_NATURAL[name])
        if behind:
            rhythms["history"] = Rhythm(month, *_NATURAL["history"])
        return rhythms


_WHOLE = " (moving)"


def _moving_every(last: Mapping[str, object]) -> timedelta:
    """Twice as long after each pull of the window in which nothing was restated; short again where something was."""
    return min(_MOVING * float(2 ** int(str(last.get("quiet", 0)))), _MOVING_MOST)


def _at(last: Mapping[str, object] | None, name: str) -> datetime | None:
    return datetime.fromisoformat(str(last[name])) if last and last.get(name) else None


def spent(ledger: Ledger, source: str, now: datetime) -> Decimal:
    """USD that syncs of the source have spent this month; live questions and doctor are not among them."""
    known = ledger.memory.get(PLAN, source) or {}
    return Decimal(known["spent"]) if known.get("month") == _month(now) else Decimal(0)


def add_spent(ledger: Ledger, source: str, cost: Decimal, now: datetime) -> None:
    """Notes what a sync has spent."""
    known = ledger.memory.get(PLAN, source) or {}
    total = spent(ledger, source, now) + cost
    ledger.memory.put(PLAN, source, {**known, "month": _month(now), "spent": plain(total)})


def _month(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y-%m}"
