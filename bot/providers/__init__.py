"""One source kind a file: aws, gcp, openai, anthropic, focus.

A provider tells its feeds and yields exact charges for days asked. It never retries on a clock of its
own making beyond what its transport does, never reads the environment, never writes the ledger. It is found
by its module's name; importing the module imports no vendor SDK.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from bot.domain.charge import Charge
from bot.domain.commitments import CommitmentStatement, RecommendationReport
from bot.domain.feed import Feed, Note
from bot.domain.live_query import LivePrice, LiveQuery
from bot.domain.period import Period
from bot.domain.question import Question

if TYPE_CHECKING:
    from bot.providers._block import Block

Clock = Callable[[], datetime]
"""The present instant, aware, in UTC."""


class Meter(Protocol):
    """Counts what asking costs, and refuses when the ceiling is reached."""

    def allow(self, operation: str, cost: Decimal) -> None:
        """Called before each vendor request with its price in USD.

        Raises:
            CeilingReached: this month's spending on requests would pass the ceiling.
        """

    def made(self, operation: str, *, seconds: float, status: str, cost: Decimal) -> None:
        """Called after each vendor request, failed ones included (``cost`` 0 where failures are free)."""


@dataclass(frozen=True)
class Horizon:
    """Which days a feed can tell of, and which of them still move."""

    deepest: date
    """The first day the vendor keeps free of charge, at most 13 whole months before this one."""
    moving: date
    """The first day that may still be restated."""
    end: date
    """Exclusive; tomorrow (UTC) where the vendor gives today's partial data."""
    floor: date | None = None
    """The first day the vendor tells of at all, where it refuses what lies before; None where it just has none."""
    in_day_order: bool = False
    """Whether charges come day by day, so that one ask may span months and still land month by month."""
    rest: timedelta = timedelta(hours=1)
    """How long a pull stays good for syncs on the clock; those by hand always pull."""
    open: date | None = None
    """Where asking costs money: the first day that the vendor still fills in. Days from there on are asked for often,
    those before as rarely as they are restated. None where asking is free."""


@dataclass(frozen=True)
class Check:
    """One thing that ``spend doctor`` tried for real."""

    what: str
    ok: bool
    message: str
    hint: str = ""


class Provider(Protocol):
    """What every provider promises; the contract suite in ``tests/providers`` holds it to it."""

    source: str
    """The name of this payer or organisation in the ledger."""

    def feeds(self) -> Sequence[Feed]:
        """Its feeds, coarsest first."""

    def horizon(self, feed: Feed, now: datetime) -> Horizon:
        """What may be asked of a feed at this instant."""

    def charges(self, feed: Feed, days: Period) -> Iterator[Charge]:
        """Every charge of the feed on those days, to the last page.

        Raises:
            AccessDenied: the vendor refused the key; its text never carries it.
            Unavailable: throttled, down or cut off.
            UnexpectedReply: a body of a shape not known.
            CeilingReached: from the meter.
        """

    def data_through(self, feed: Feed) -> date | None:
        """The last day the vendor has told anything of, as learnt by the last ``charges``."""

    def checks(self) -> Iterator[Check]:
        """Tries every credential and permission for real."""


@runtime_checkable
class Editioned(Protocol):
    """A provider with feeds that come in monthly editions, as data exports do: a new edition is pulled."""

    def editions(self, feed: Feed) -> Mapping[date, str] | None:
        """What identifies the present edition of each month, by the month's first day; None for all other feeds."""


@runtime_checkable
class ReadsColumns(Protocol):
    """A provider with feeds so large that their charges come as columns."""

    def blocks(self, feed: Feed, days: Period) -> Iterator[Block] | None:
        """The same charges as ``charges`` gives, some at a time, hours not yet added up; None where only those come.

        Raises:
            CostError: as ``charges``.
        """


@runtime_checkable
class HasNotes(Protocol):
    """A provider that asks for more than the bill, and says what of it the vendor would not tell."""

    def notes(self) -> Sequence[Note]:
        """What the pulls since it was opened could not bring; a feed's are replaced by its next ``charges``."""


@dataclass(frozen=True)
class RequestKind:
    """A request that pulls make: its operation, the permission or scope it needs, and USD for each page of its reply.

    ``feed`` names the feed that it is made for, ``""`` where it serves all, or says what exists.
    """

    operation: str
    permission: str
    price: Decimal = Decimal(0)
    feed: str = ""


@runtime_checkable
class ListsRequests(Protocol):
    """A provider that says what it will ask before it asks anything."""

    def requests(self) -> Sequence[RequestKind]:
        """Every kind of request of a sync, as the settings have it. Asks nobody."""


@runtime_checkable
class StatesPermissions(Protocol):
    """A provider that says what the identity it runs as has to be allowed, and no more."""

    def least_privilege(self) -> str:
        """What to paste or to choose for exactly what the settings make it call. Asks nobody."""


class Notes:
    """Notes as they are learnt, at most one a feed and view. An adapter keeps one."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Note] = {}

    def begin(self, feed: str) -> None:
        """A new pull of the feed: what was noted of the last one is over."""
        self._known = {key: note for key, note in self._known.items() if key[0] != feed}

    def add(self, note: Note) -> None:
        """Keeps the first note of a view."""
        self._known.setdefault((note.feed, note.view), note)

    def all(self) -> Sequence[Note]:
        """Every note kept, in the order learnt."""
        return list(self._known.values())


@runtime_checkable
class Dated(Protocol):
    """A provider whose vendor dates what it tells, so that what is new can be asked for."""

    def first_changed(self, feed: Feed, days: Period, since: datetime) -> date | None:
        """The first of those days of which anything was told after an instant; None where nothing was."""


InsightKind = Literal["budget", "forecast", "anomaly", "price", "credit"]
"""Kinds of things that vendors say beside their bills."""


@dataclass(frozen=True)
class Advice:
    """What a vendor itself says beside its bill, to be shown as the vendor's own.

    ``details`` holds exact amounts and ISO days as text. A budget: limit, currency, every (monthly, …), spent,
    expected, and what it is about where not all: services, projects, labels, regions, filter. A price, by SKU: amount,
    currency, unit, service, sku, since, above (the amount used in a month from which it holds).
    A forecast: start, end (exclusive), amount, low, high, currency. An anomaly: start, last, impact, service, region,
    account, usage_type. A credit: title, granted, left, currency, start, expires, only (what it is good for, where not
    everything). ``asked``, by the kind asked for: message and hint of a refusal, ``""`` where the vendor answered.
    """

    kind: InsightKind | Literal["asked"]
    name: str
    details: Mapping[str, str]


@runtime_checkable
class Advising(Protocol):
    """A provider whose vendor has budgets, forecasts or anomalies of its own, or tells what credits are left."""

    def advice(self, *, paid: bool = True) -> Iterator[Advice]:
        """What the vendor says now, and for each kind asked for what came of it; unless ``paid``, what is free.

        What was said before of a kind that it answers is over; of all others it stands.

        Raises:
            CeilingReached: from the meter.
        """


@dataclass(frozen=True)
class Invoice:
    """What a vendor invoiced, tax included: a credit memo is below zero."""

    id: str
    amount: Decimal
    currency: str
    issued: date | None = None
    issuer: str = ""


@runtime_checkable
class Invoicing(Protocol):
    """A provider whose vendor tells what it has invoiced."""

    def invoices(self, month: Period) -> Sequence[Invoice]:
        """Everything invoiced for a calendar month, each once; nothing where nothing has been written yet.

        Raises:
            CostError: as ``charges``.
        """


@dataclass(frozen=True)
class BillContext:
    """What the ledger knows of a source's bill, for asking what only its vendor reports."""

    accounts: Sequence[str]
    """Ids of its sub-accounts."""
    services: Sequence[str]
    currency: str


@runtime_checkable
class ReportsCommitments(Protocol):
    """A provider whose vendor reports how far commitments reach and are used, where its bill does not say so."""

    def commitments(self, bill: BillContext, *, accounts: bool) -> Iterator[CommitmentStatement]:
        """What the vendor reports now, by account too if ``accounts``; what it refuses is in ``notes``.

        Raises:
            CeilingReached: from the meter.
        """


@runtime_checkable
class Recommends(Protocol):
    """A provider whose vendor recommends how to save, free of charge."""

    def recommendations(self) -> RecommendationReport | None:
        """What the vendor recommends now; None where it is not asked.

        Raises:
            CostError: as ``charges``.
        """


@runtime_checkable
class LinksToConsole(Protocol):
    """A provider whose vendor has a page of its own for a question."""

    def console_url(self, question: Question, feed: str) -> str | None:
        """The page with the same days and filters as the question, answered from this feed; None where there is none.

        Filters speak of accounts by ``SubAccountId`` where ``filters_by_id`` is set. Makes no request.
        """


@runtime_checkable
class SupportsLiveQuery(Protocol):
    """A provider that can be asked, for money, what none of its feeds tells apart together."""

    filters_by_id: bool
    """Whether filters must speak of accounts by ``SubAccountId``, and never of categories of services."""

    def live_price(self, wanted: LiveQuery) -> LivePrice | None:
        """What asking costs; None where the vendor cannot tell it. Makes no request that costs money."""

    def live(self, wanted: LiveQuery) -> Iterator[Charge]:
        """The charges wanted; those of a month stand on its first day asked for.

        Raises:
            CostError: as ``charges``.
        """
