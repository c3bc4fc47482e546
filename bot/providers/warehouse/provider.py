"""The provider: one feed of day × series sums, and questions that the table alone can answer."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_UP, Decimal
from functools import cached_property

from msgspec.structs import replace

from bot.domain.charge import AMOUNTS, Charge, attribute, charge_of
from bot.domain.errors import AccessDenied, CeilingReached, Misconfigured, UnexpectedReply
from bot.domain.feed import WAREHOUSE, Feed
from bot.domain.live_query import LivePrice, LiveQuery, data_size
from bot.domain.period import DAY, Period, add_months
from bot.domain.question import DIMENSIONS
from bot.providers import Check, Clock, Horizon, Meter, RequestKind
from bot.providers._requests import check, metered
from bot.providers.warehouse.engines import AggregateQuery, Engine, QueryRun, Row, open_engine
from bot.providers.warehouse.settings import QUERY_LIMIT, WarehouseSettings
from bot.providers.warehouse.statement import Compiler, Table

HISTORY = 13
"""Whole months before the current one that a first sync asks for."""
MOST_LINES = 200_000
"""A live question of more lines than this is refused: nobody reads them, and all would be held in memory."""
_REST = timedelta(hours=4)
_TIB = Decimal(2**40)
_COSTS = AMOUNTS[:2]
_DIMENSIONS = (
    "ServiceProviderName",
    "InvoiceIssuerName",
    "BillingAccountId",
    "BillingAccountName",
    "SubAccountId",
    "SubAccountName",
    "ServiceName",
    "ServiceCategory",
    "RegionId",
    "RegionName",
    "SkuId",
    "SkuMeter",
    "ChargeCategory",
    "ChargeClass",
    "ChargeFrequency",
    "PricingCategory",
    "PricingUnit",
    "ConsumedUnit",
    "CommitmentDiscountId",
    "CommitmentDiscountStatus",
    "CommitmentDiscountType",
    "x_Model",
    "x_TokenType",
    "x_ApiKeyName",
    "x_UserName",
    "ResourceId",
    "ResourceName",
)
"""Columns of the specification that sums are grouped by."""
_ASKED_ONLY = ("ResourceId", "ResourceName")
"""What is never pulled: there are as many as there are resources."""


class Warehouse:
    """One FOCUS table; see the package for what it promises."""

    filters_by_id = False

    def __init__(self, settings: WarehouseSettings, *, meter: Meter, clock: Clock, source: str = "warehouse") -> None:
        self.source = source
        self._settings, self._meter, self._clock = settings, meter, clock
        self._last: date | None = None
        self._sizes: dict[str, int | None] = {}

    @cached_property
    def _engine(self) -> Engine:
        return open_engine(self._settings)

    @cached_property
    def _table(self) -> Table:
        table = Table.of(self._engine.columns())
        if missing := table.missing():
            raise Misconfigured(
                f"The table of {self.source} is no FOCUS table: it lacks {', '.join(missing)}.",
                "Name a table with the columns of the FOCUS specification.",
            )
        return table

    @cached_property
    def _compiler(self) -> Compiler:
        return Compiler(self._table, self._engine, self._settings.partition)

    def feeds(self) -> Sequence[Feed]:
        """One, of everything that is pulled: it tells apart what the table has columns for."""
        names = ({*DIMENSIONS, *_DIMENSIONS} - {*_ASKED_ONLY}) | {*self._tags()}
        grain = frozenset(name for name in names if self._table.has(name))
        return (Feed(source=self.source, name=WAREHOUSE, grain=grain),)

    def horizon(self, feed: Feed, now: datetime) -> Horizon:
        """From 13 whole months back to tomorrow."""
        known = self._days(now)
        moving = max(known.start, known.last - DAY * self._settings.restated_days)
        return Horizon(deepest=known.start, moving=moving, end=known.end, rest=_REST)

    @staticmethod
    def _days(now: datetime) -> Period:
        today = now.astimezone(UTC).date()
        return Period(start=add_months(today.replace(day=1), -HISTORY), end=today + DAY)

    def editions(self, feed: Feed) -> Mapping[date, str] | None:
        """How many rows each month has and what they add up to: a month for which neither changed is not pulled."""
        found = self._rows(self._compiler.months(self._days(self._clock())))
        return {_day(month): f"{count} rows, {total}" for month, count, total in found}

    def charges(self, feed: Feed, days: Period) -> Iterator[Charge]:
        """The sums of each day and series, costs as they were told."""
        self._last = None
        pulled = [*(name for name in _DIMENSIONS if name not in _ASKED_ONLY), *self._tags()]
        by = [name for name in pulled if self._table.has(name)]
        statement = self._compiler.sums(by, (), days, daily=True, amounts=AMOUNTS)
        for row in self._rows(statement):
            charge = self._charge(row, by, AMOUNTS)
            self._last = max(self._last or charge.day, charge.day)
            yield charge

    def data_through(self, feed: Feed) -> date | None:
        """The last day with a charge in the last pull."""
        return self._last

    def live_price(self, wanted: LiveQuery) -> LivePrice | None:
        """What asking costs, and how many bytes it reads, where the engine can tell; None where the table cannot."""
        if not self._compiler.can(wanted):
            return None
        size = self._size(self._compiler.wanted(wanted, _COSTS))
        cost, most = self._price(size or 0), self._settings.query_limit
        return LivePrice(
            cost, cost, warehouse=True, size=size, limit=most if size is not None and size > most else None
        )

    def live(self, wanted: LiveQuery) -> Iterator[Charge]:
        """The sums wanted; those of a month stand on its first day asked for.

        Raises:
            CeilingReached: it would read more than a query may, or has more lines than anybody reads.
        """
        rows = self._rows(self._compiler.wanted(wanted, _COSTS), pulled=False)
        with closing(rows):
            for number, row in enumerate(rows):
                if number >= MOST_LINES:
                    raise CeilingReached(
                        f"The answer has more than {MOST_LINES:,} lines.", "Add a filter, or fewer days."
                    )
                charge = self._charge(row, wanted.by, _COSTS)
                yield replace(charge, day=max(charge.day, wanted.days.start))

    def requests(self) -> Sequence[RequestKind]:
        """Every kind of request that a sync makes; what a query costs is known once it is priced."""
        return [RequestKind(f"{self._settings.engine} query", "reading the table", feed=WAREHOUSE)]

    def checks(self) -> Iterator[Check]:
        """The table, and a query over a week."""
        yield check(f"{self.source}: table", self._try_table)
        yield check(f"{self.source}: query", self._try_query)

    def _try_table(self) -> str:
        tags = "tags" if self._table.has("Tags/any") else "no tags"
        resources = "resources" if self._table.has("ResourceId") else "no resources"
        return f"{self._settings.table} is a FOCUS table with {resources} and {tags}."

    def _try_query(self) -> str:
        today = self._clock().date()
        statement = self._compiler.months(Period(start=today - 7 * DAY, end=today + DAY))
        rows = sum(int(str(count)) for _, count, _ in self._rows(statement))
        return f"Queries run; the last week has {rows:,} rows."

    def _tags(self) -> list[str]:
        return [f"Tags/{key}" for key in self._settings.tag_keys]

    def _size(self, statement: AggregateQuery) -> int | None:
        """How many bytes it would read, asked once a statement."""
        key = f"{statement.tree.sql()} {sorted(statement.parameters.items())}"
        if key not in self._sizes:
            self._sizes[key] = self._engine.estimate(statement)
        return self._sizes[key]

    def _price(self, size: int) -> Decimal:
        return (self._settings.per_tib * size / _TIB).quantize(Decimal("1e-9"), ROUND_UP)

    def _rows(self, statement: AggregateQuery, *, pulled: bool = True) -> Generator[Row, None, None]:
        """The rows of a statement: priced, then metered, then run; what is stopped half-way may be billed as well.

        Raises:
            CeilingReached: it would read more than the limit of one query, or cost more than the month has left.
        """
        size, most = self._size(statement), self._settings.query_limit
        if pulled:  # what people ask is held to the limit set; what is pulled to no less than the usual one
            most = max(most, QUERY_LIMIT)
        if size is not None and size > most:
            raise CeilingReached(
                f"That would read {data_size(size)} of the warehouse; one query may read {data_size(most)}.",
                "Ask for fewer days, or raise query_limit in sources.toml.",
            )
        operation, cost = f"{self._settings.engine} query", self._price(size or 0)
        run = QueryRun(size + size // 10 if size else most)
        with metered(self._meter, operation, cost) as request:
            try:
                yield from self._engine.rows(statement, run)
            except (AccessDenied, CeilingReached, Misconfigured):
                run.started = False  # refused, not stopped: only what the engine itself says is billed
                raise
            finally:
                if run.billed is not None:
                    request.cost = self._price(run.billed)
                billed = run.started or run.billed is not None
                request.stopped_cost = request.cost if billed else Decimal(0)

    def _charge(self, row: Row, by: Sequence[str], amounts: Sequence[str]) -> Charge:
        """A row of ``Compiler.sums`` as a charge."""
        day, *texts = row[: len(by) + 1]
        currency = str(row[len(by) + 1])
        sums = dict(zip(amounts, row[len(by) + 2 :], strict=True))
        fields: dict[str, str] = {"service_provider_name": "", "service_name": ""}
        tags = {}
        for name, text in zip(by, texts, strict=True):
            if name.startswith("Tags/"):
                tags[name.removeprefix("Tags/")] = str(text)
            elif name in _DIMENSIONS:
                fields[attribute(name)] = str(text)
        try:
            return charge_of(
                {
                    "day": _day(day),
                    "billing_currency": currency,
                    "tags": {key: value for key, value in tags.items() if value},
                    **{attribute(name): Decimal(str(value)) for name, value in sums.items()},
                    **fields,
                }
            )
        except (ArithmeticError, ValueError) as error:
            raise UnexpectedReply(f"The warehouse of {self.source} gave a row that is no charge.") from error


def _day(value: object) -> date:
    """A day as engines give it.

    Raises:
        UnexpectedReply: it is none.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    raise UnexpectedReply("The warehouse gave no day where one was asked for.")
