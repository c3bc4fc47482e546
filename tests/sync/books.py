"""A provider whose bill is a table in memory: what a sync is tested with where no vendor's manners matter."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from bot.domain.charge import Charge
from bot.domain.feed import Feed
from bot.domain.period import DAY, Period, add_months
from bot.providers import Check, Horizon


class Vendor:
    """The vendor's side: what it would tell, what goes wrong, what it was asked."""

    def __init__(self, first=date(2026, 7, 1)):
        self.first = first
        self.changed = {}
        self.faults = []
        """Called before each charge with (feed, day); may raise."""
        self.asked = []
        """(feed, days) of every ask."""

    def amount(self, feed, day):
        """What a feed tells of a day: the same in all feeds, unless changed."""
        return self.changed.get((feed, day), self.changed.get(day, Decimal(100 + day.day)))


class Books:
    """The adapter. ``ordered`` feeds come day by day; ``price`` is what a month of one costs to ask."""

    def __init__(  # noqa: PLR0913 - what tests vary
        self, vendor, meter, *, source="books", feeds=("bill",), ordered=False, price="0", floor=None, rests=None
    ):
        self.source, self._vendor, self._meter = source, vendor, meter
        self._names, self._ordered = feeds, ordered
        self._price, self._floor = Decimal(price), floor
        self._through = {}
        self._rests = rests or {}

    def feeds(self):
        """One for each name."""
        return [Feed(source=self.source, name=name, grain=frozenset({"ServiceName"})) for name in self._names]

    def horizon(self, feed, now):
        """Four months and the current one, which moves."""
        month = now.date().replace(day=1)
        return Horizon(
            deepest=add_months(month, -4),
            moving=month,
            end=now.date() + DAY,
            floor=self._floor,
            in_day_order=self._ordered,
            rest=timedelta(hours=self._rests.get(feed.name, 8)),
        )

    def charges(self, feed, days):
        """Two charges a day."""
        self._vendor.asked.append((feed.name, days))
        month = None
        for day in days:
            if day.replace(day=1) != month:
                month = day.replace(day=1)
                self._meter.allow("books:read", self._price)
                self._meter.made("books:read", seconds=0.01, status="200", cost=self._price)
            for fault in self._vendor.faults:
                fault(feed.name, day)
            if day < self._vendor.first:
                continue
            amount = self._vendor.amount(feed.name, day)
            self._through[feed.name] = day
            for service, part in (("paper", amount / 4), ("ink", amount - amount / 4)):
                yield Charge(
                    day=day,
                    billed_cost=part,
                    billing_currency="USD",
                    service_provider_name="Books",
                    service_name=service,
                )

    def data_through(self, feed):
        """The last day told of."""
        return self._through.get(feed.name)

    def checks(self):
        """All is well."""
        yield Check("Books", ok=True, message="Open.")


def once(error: Exception, when: Callable[[str, date], bool]):
    """A fault that strikes the first time ``when`` holds."""
    left = [error]

    def strike(feed, day):
        if left and when(feed, day):
            raise left.pop()

    return strike


def every(error: Exception, when: Callable[[str, date], bool]):
    """A fault that strikes whenever ``when`` holds."""

    def strike(feed, day):
        if when(feed, day):
            raise error

    return strike


def total(vendor, days: Period, feed="bill"):
    """What the ledger should hold."""
    return {(day, "USD"): vendor.amount(feed, day) for day in days if day >= vendor.first}
