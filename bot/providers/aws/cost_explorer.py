"""What Cost Explorer tells, read: exact rows, day by day, each once.

Source: ``GetCostAndUsage`` of the Cost Explorer API (2017-10-25). It pages at its own size, may split a day over
pages and repeat a group; accounts' names come beside the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.domain.errors import CostError, RequestRefused, UnexpectedReply
from bot.domain.period import DAY, Period
from bot.providers.aws.client import AwsClient
from bot.providers.aws.groupings import COSTS, PRICES, QUANTITY, Group, dimension

Row = tuple[date, list[str], dict[str, object]]
"""Day, group keys, and amounts by metric."""
Filter = Mapping[str, Any]
_SHAPE = "Please report it: this version of the bot does not support this reply."


def only(key: str, values: Sequence[str]) -> Filter:
    """The charges that have one of these values."""
    return {"Dimensions": {"Key": key, "Values": list(values)}}


def none_of(key: str, values: Sequence[str]) -> Filter | None:
    """The charges that have none of them; no filter where there are none to leave out."""
    return {"Not": only(key, values)} if values else None


class Explorer:
    """Cost Explorer of one payer."""

    def __init__(self, wire: AwsClient, on_refusal: Callable[[CostError], None] = lambda _: None) -> None:
        """``on_refusal`` is called where AWS does not know the metrics of prices."""
        self._wire, self._on_refusal = wire, on_refusal
        self._prices: Sequence[str] = PRICES
        self.accounts: dict[str, str] = {}
        """Names of linked accounts, as far as they were told."""

    def rows(  # noqa: PLR0913 - what a request has
        self,
        groups: Sequence[Group],
        metrics: Sequence[str],
        days: Period,
        only: Filter | None,
        *,
        granularity: str = "DAILY",
        pages_at_most: int | None = None,
        priced: bool = False,
    ) -> Iterator[Row]:
        """(day, keys, metrics) of every group, to the last page; a group that pages repeat counts once.

        ``priced`` asks for what it would have cost at list and at contracted prices too, where AWS tells that.

        Raises:
            UnexpectedReply: a page says something else than before, or has another shape.
            TooLong: there are more pages than wanted.
        """
        params = {
            "TimePeriod": {"Start": str(days.start), "End": str(days.end)},
            "Granularity": granularity,
            "Metrics": list(metrics),
            "GroupBy": [dict(group) for group in groups],
            **({"Filter": only} if only else {}),
        }
        pages = _at_most(pages_at_most, self._pages(params, priced=priced))
        return _once(_in_order(self._read(page, days, len(groups)) for page in pages))

    def record_types(self, days: Period) -> tuple[dict[str, Period], set[str]]:
        """Which record types come to anything, from which day to which; and on which accounts."""
        found: dict[str, set[date]] = defaultdict(set)
        accounts: set[str] = set()
        groups = (dimension("RECORD_TYPE"), dimension("LINKED_ACCOUNT"))
        for day, (record_type, account), metrics in self.rows(groups, COSTS, days, None):
            if anything(metrics):
                found[record_type].add(day)
                accounts.add(account)
        return {name: Period(start=min(on), end=max(on) + DAY) for name, on in found.items()}, accounts

    def _pages(self, params: Mapping[str, Any], *, priced: bool) -> Iterator[Mapping[str, Any]]:
        """Pages with the prices; without them from the first refusal on."""
        if priced and self._prices:
            pages = self._wire.pages("GetCostAndUsage", {**params, "Metrics": [*params["Metrics"], *self._prices]})
            try:
                first = next(pages)
            except RequestRefused as refused:
                self._prices = ()
                self._on_refusal(refused)
            else:
                yield first
                yield from pages
                return
        yield from self._wire.pages("GetCostAndUsage", params)

    def _read(self, page: Mapping[str, Any], days: Period, dimensions: int) -> list[Row]:
        self._learn(page)
        return sorted(_groups(page, days, dimensions), key=lambda row: row[0])

    def _learn(self, page: Mapping[str, Any]) -> None:
        for value in page.get("DimensionValueAttributes") or ():
            name = (value.get("Attributes") or {}).get("description")
            if name:
                self.accounts[value["Value"]] = name


class TooLong(CostError):
    """A reply has more pages than anybody would pay for."""


def _at_most(number: int | None, pages: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for count, page in enumerate(pages, start=1):
        yield page
        if count == number and page.get("NextPageToken"):
            raise TooLong(f"AWS's reply has more than {number} pages.", "Ask for fewer days, or for one service.")


def _groups(page: Mapping[str, Any], days: Period, dimensions: int) -> Iterator[Row]:
    """The groups on a page.

    Raises:
        UnexpectedReply: it has another shape, or tells of other days.
    """
    try:
        for result in page["ResultsByTime"]:
            day = date.fromisoformat(result["TimePeriod"]["Start"])
            if day not in days:
                raise UnexpectedReply(f"AWS reported {day}, which was not asked for.", _SHAPE)
            for group in result.get("Groups") or ():
                if len(group["Keys"]) != dimensions:
                    raise UnexpectedReply("AWS grouped by other dimensions than requested.", _SHAPE)
                yield day, group["Keys"], group["Metrics"]
    except (KeyError, TypeError, ValueError) as error:
        raise UnexpectedReply(f"AWS's page has an unexpected format ({type(error).__name__}).", _SHAPE) from None


def _in_order(pages: Iterator[list[Row]]) -> Iterator[Row]:
    """All rows, day by day. A page is let go once the next one is seen to follow it.

    Raises:
        UnexpectedReply: a day came after later ones had been let go.
    """
    held: list[Row] = []
    gone = date.min
    for page in pages:
        if held and page and page[0][0] < held[-1][0]:
            rest = [row for following in pages for row in following]
            held = sorted(held + page + rest, key=lambda row: row[0])
            break
        yield from held
        gone = held[-1][0] if held else gone
        held = page
    if held and held[0][0] < gone:
        raise UnexpectedReply("AWS's pages are not in order of days.", _SHAPE)
    yield from held


def _once(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows, each (day, keys) once: pages may repeat a group.

    Raises:
        UnexpectedReply: it was repeated with other amounts.
    """
    seen: dict[tuple[str, ...], Mapping[str, Any]] = {}
    today = date.min
    for day, keys, amounts in rows:
        if day > today:
            seen, today = {}, day
        before = seen.setdefault(tuple(keys), amounts)
        if before is amounts:
            yield day, keys, amounts
        elif before != amounts:
            raise UnexpectedReply(f"AWS reported {day} twice, with different amounts.", _SHAPE)


def _amount(metric: Mapping[str, Any]) -> Decimal:
    try:
        amount = Decimal(metric["Amount"])
    except (KeyError, TypeError, InvalidOperation):
        raise UnexpectedReply("AWS sent an amount that is not a number.", _SHAPE) from None
    if not amount.is_finite():
        raise UnexpectedReply("AWS sent an amount that is not a number.", _SHAPE)
    return amount


def anything(metrics: Mapping[str, Any]) -> bool:
    """Whether any metric is not zero."""
    return any(_amount(metric) for metric in metrics.values())


def money(metrics: Mapping[str, Any], *names: str) -> tuple[Decimal, str]:
    """The first of these metrics that AWS told: accounts without discounts may have no Net ones."""
    for name in names:
        if name in metrics:
            return _amount(metrics[name]), str(metrics[name].get("Unit") or "USD")
    raise UnexpectedReply(f"AWS returned none of {', '.join(names)}.", _SHAPE)


def price(metrics: Mapping[str, Any], name: str) -> Decimal | None:
    """What it would have cost at such a price; None where AWS does not tell."""
    return _amount(metrics[name]) if name in metrics else None


def quantity(metrics: Mapping[str, Any]) -> dict[str, object]:
    """What was consumed, where AWS gives one unit for it; mixed units add up to nothing."""
    metric = metrics.get(QUANTITY)
    unit = str(metric.get("Unit") or "") if metric else ""
    if not metric or unit in ("", "N/A"):
        return {}
    return {"consumed_quantity": _amount(metric), "consumed_unit": unit}


def around(periods: Sequence[Period]) -> Period:
    """The days from the first to the last of several periods."""
    return Period(start=min(period.start for period in periods), end=max(period.end for period in periods))
