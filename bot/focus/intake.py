"""One file's way into the ledger: what it holds by slices, what it replaces, what is noted of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
from msgspec.structs import replace

from bot.domain.errors import InvalidFile
from bot.domain.feed import ANY_TAG, Feed, Freshness
from bot.domain.imported import Imported, ReplacedDelivery
from bot.domain.money import from_attos
from bot.domain.period import DAY, Period, month_of, numbered_day
from bot.domain.question import DIMENSIONS
from bot.focus.bill import Bill
from bot.focus.origin import Content, Origin, Relation, Sketch, delivered_again, relation, sketch_of
from bot.ledger import Ledger
from bot.ledger.backend import Connection
from bot.ledger.columns import Columns, Ints, Labels, combined_hashes
from bot.ledger.deliveries import FileDelivery, Slice, slice_condition
from bot.ledger.restatements import RestatedDay
from bot.ledger.writer import Writer, extend_days
from bot.providers import focus

FEED = "FOCUS file"
_IDENTITY = (
    "BillingAccountId",
    "SubAccountId",
    "ServiceName",
    "RegionId",
    "SkuId",
    "SkuPriceId",
    "ChargeCategory",
    "ChargeFrequency",
    "ConsumedUnit",
    "BillingCurrency",
    "CommitmentDiscountId",
    "CommitmentDiscountStatus",
    "ResourceId",
    "ChargeDescription",
    "x_Model",
)
"""What two runs of an export say alike of one charge, whatever became of its amounts."""


@dataclass(frozen=True)
class Options:
    """How files are read and taken in."""

    encoding: str | None = None
    """Of text without a byte order mark; UTF-8 where it is left out."""
    force: bool = False
    """Take in older runs too, in place of what stands."""
    dry_run: bool = False
    """Do all but keep it."""


def feed_of(provider: str) -> Feed:
    """The feed that files of a provider land in; it tells everything apart."""
    return Feed(source=provider, name=FEED, grain=frozenset({*DIMENSIONS, "CommitmentDiscountStatus", ANY_TAG}))


def note_freshness(ledger: Ledger, connection: Connection, feed: int, source: str, now: datetime) -> None:
    """How current a source is after its charges changed."""
    last = connection.execute('SELECT "end" FROM feed WHERE id = ?', (feed,)).fetchone()[0]
    if last is None:
        connection.execute("DELETE FROM freshness WHERE source = ?", (source,))
        return
    through = numbered_day(last - 1)
    final = through if (through + DAY).day == 1 else month_of(through).start - timedelta(days=1)
    ledger.fresh(Freshness(source=source, synced=now, data_through=through, final_through=final))


class Unconventional(Exception):
    """A member has to be read again, with its conventions."""

    def __init__(self, member: focus.Member) -> None:
        super().__init__()
        self.member = member


@dataclass
class _Part:
    """A slice while it is read."""

    days: set[int] = field(default_factory=set)
    charges: int = 0
    attos: dict[str, int] = field(default_factory=dict)
    sub_accounts: set[str] = field(default_factory=set)
    sketch: Sketch = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))


_Key = tuple[str, str, str]
"""Provider, billing account, billing period."""


class Intake:
    """One bill's writing: a writer a provider, and what its slices are."""

    def __init__(self, ledger: Ledger, connection: Connection, command: int, now: datetime, options: Options) -> None:
        self._ledger, self._connection, self._now = ledger, connection, now
        self._command, self._options = command, options
        self._writers: dict[str, Writer] = {}
        self._parts: dict[_Key, _Part] = {}
        self._delivery = 0

    def take(
        self, bill: Bill, conventions: Mapping[str, focus.Conventions], progress: Callable[[int], None]
    ) -> Imported:
        """Write the bill's charges, and take away what they replace.

        Raises:
            InvalidFile: with file, row, column and reason, or because a newer run stands.
            OutOfRange: amounts add up to more than the ledger can hold.
        """
        if self.stands(bill.name, bill.digest):
            return Imported(bill.name, already=True)
        origin = (bill.origin.export, bill.origin.as_text())
        self._delivery = self._ledger.deliveries.new(self._command, self._now, bill.name, bill.digest, origin)
        rounded, member = 0, bill.member
        blocks = focus.read(
            member,
            encoding=self._options.encoding,
            conventions=conventions.get(member.name),
            progress=progress,
        )
        try:
            for columns, identity, cut in focus.prefetched(map(_prepared, blocks)):
                self._add(columns, identity)
                rounded += cut
        except focus.ConventionsNeeded:
            raise Unconventional(member) from None
        return self._settled(bill, rounded)

    def stands(self, name: str, digest: str) -> bool:
        """Whether the same bytes are in the ledger already.

        Raises:
            InvalidFile: they were, until a newer run replaced them.
        """
        for delivery in self._ledger.deliveries.of_digest(digest):
            if all(part.replaced_by is None for part in delivery.slices):
                return True
            by = next(part.replaced_by for part in delivery.slices if part.replaced_by)
            newer = self._ledger.deliveries.one(by)
            if newer.command == self._command:
                return True  # of the same archive, which holds it in its newer run too
            if not self._options.force:
                raise _older(name, newer)
        return False

    # --- reading

    def _add(self, columns: Columns, hashes: Sketch) -> None:
        providers = columns.series["ServiceProviderName"]
        for code, provider in enumerate(providers.values):
            alone = len(providers.values) == 1
            chosen = np.ones(len(columns), dtype=np.bool_) if alone else providers.codes == code
            if not chosen.any():
                continue
            own = columns if alone else columns.take(chosen)
            self._measure(provider, own, hashes[chosen])
            writer = self._writer(provider)
            writer.add(own, self._delivery)
            extend_days(self._connection, writer.feed, int(own.day.min()), int(own.day.max()) + 1)

    def _writer(self, provider: str) -> Writer:
        if provider not in self._writers:
            self._writers[provider] = Writer(self._connection, feed_of(provider))
        return self._writers[provider]

    def _measure(self, provider: str, columns: Columns, hashes: Sketch) -> None:
        """Note of each slice what it holds."""
        account, billing = columns.series["BillingAccountId"], columns.series["x_BillingMonth"]
        months = _months(columns.day)
        wide = len(months.values) * len(billing.values)
        codes = (account.codes * len(billing.values) + billing.codes) * len(months.values) + months.codes
        for code in np.unique(codes).tolist():
            rows = codes == code
            period = (
                billing.values[code // len(months.values) % len(billing.values)]
                or months.values[code % len(months.values)]
            )
            key = (provider, account.values[code // wide], period)
            _measured(self._parts.setdefault(key, _Part()), columns, rows, hashes)

    # --- settling

    def _settled(self, bill: Bill, rounded: int) -> Imported:
        slices = {key: self._slice(key, part) for key, part in self._parts.items()}
        replaced: dict[int, ReplacedDelivery] = {}
        for key, new in slices.items():
            self._replace(bill, new, self._writers[key[0]], replaced)
            self._replace_former(new, self._writers[key[0]], self._parts[key].days, replaced)
        for provider, writer in self._writers.items():
            writer.close()
            note_freshness(self._ledger, self._connection, writer.feed, provider, self._now)
        for new in slices.values():
            self._ledger.deliveries.add(new)
        self._note_restated()
        days = [day for part in self._parts.values() for day in part.days]
        totals: dict[str, int] = {}
        for part in self._parts.values():
            for currency, attos in part.attos.items():
                totals[currency] = totals.get(currency, 0) + attos
        return Imported(
            bill.name,
            sum(part.charges for part in self._parts.values()),
            Period(start=numbered_day(min(days)), end=numbered_day(max(days)) + DAY) if days else None,
            {currency: from_attos(attos) for currency, attos in totals.items()},
            rounded,
            tuple(replaced.values()),
        )

    def _slice(self, key: _Key, part: _Part) -> Slice:
        provider, account, period = key
        first, last = min(part.days), max(part.days)
        return Slice(
            self._delivery,
            self._writers[provider].feed,
            account,
            period,
            first,
            last,
            part.charges,
            {currency: from_attos(attos) for currency, attos in part.attos.items()},
            frozenset(part.sub_accounts),
            part.sketch,
        )

    def _replace(self, bill: Bill, new: Slice, writer: Writer, replaced: dict[int, ReplacedDelivery]) -> None:
        """Take away what a slice replaces of other deliveries."""
        for delivery, old, found in self._relations(bill, new):
            if found is Relation.BESIDE:
                continue
            if found is Relation.OLDER and not self._options.force:
                raise _older(bill.name, delivery)
            covered = new.sub_accounts if found is Relation.NEWER_IN_PART else None
            charges, totals = self._ledger.deliveries.measure(old, covered)
            before = replaced.get(delivery.id, ReplacedDelivery(delivery.file, delivery.at, 0, {}))
            replaced[delivery.id] = replace(
                before, charges=before.charges + charges, totals=_added(before.totals, totals)
            )
            where, arguments = slice_condition(old, covered)
            writer.remove(old.first, old.last + 1, where, arguments, delivery=delivery.id, replaced_by=self._delivery)
            if covered is None:
                self._ledger.deliveries.mark_replaced(old, self._delivery)

    def _relations(self, bill: Bill, new: Slice) -> list[tuple[FileDelivery, Slice, Relation]]:
        """What a slice is to each delivery that stands of it."""
        content = Content(new.sub_accounts, new.sketch)
        found: list[tuple[FileDelivery, Slice, Relation]] = []
        earlier: list[tuple[int, Content]] = []
        for delivery, old in self._ledger.deliveries.standing(new.feed, new.account, new.period):
            origin, known = Origin.of_text(delivery.export, delivery.run), Content(old.sub_accounts, old.sketch)
            found.append((delivery, old, relation(bill.origin, content, origin, known)))
            if delivery.command < self._command and bill.origin.export == origin.export != "":
                earlier.append((delivery.id, known))
        again = delivered_again(content, earlier)
        return [
            (delivery, old, Relation.NEWER if what is Relation.BESIDE and delivery.id in again else what)
            for delivery, old, what in found
        ]

    def _replace_former(
        self, new: Slice, writer: Writer, days: Iterable[int], replaced: dict[int, ReplacedDelivery]
    ) -> None:
        """Take away what a version without deliveries imported of a slice's days."""
        where, arguments = slice_condition(new)
        former = replace(new, delivery=0)
        charges, totals = self._ledger.deliveries.measure(former)
        if not charges:
            return
        for start, end in _runs(sorted(days)):
            writer.remove(start, end, where, arguments, delivery=0, replaced_by=self._delivery)
        left, rest = self._ledger.deliveries.measure(former)
        gone = _added(totals, {currency: -amount for currency, amount in rest.items()})
        before = replaced.get(0, ReplacedDelivery("an earlier version of spend", self._now, 0, {}))
        replaced[0] = replace(before, charges=before.charges + charges - left, totals=_added(before.totals, gone))

    def _note_restated(self) -> None:
        """Remember which days are billed differently than before, as a sync does."""
        query = (
            "SELECT f.day, s.BillingCurrency, sum(f.BilledCost >> 32), sum(f.BilledCost & 4294967295),"
            " sum(f.BilledCostAttos / 1000000000), sum(f.BilledCostAttos % 1000000000) FROM {table} f"
            " JOIN series s ON s.id = f.series WHERE s.feed = ? AND {chosen} = ? GROUP BY 1, 2"
        )

        def daily(table: str, chosen: str, *arguments: int) -> dict[tuple[int, str], Decimal]:
            rows = self._connection.execute(query.format(table=table, chosen=chosen), (*arguments, self._delivery))
            return {
                (day, currency): from_attos(((above << 32) + below) * 10**18 + high * 10**9 + low)
                for day, currency, above, below, high, low in rows
            }

        for provider, writer in self._writers.items():
            before = daily("replaced_fact", "f.replaced_by", writer.feed)
            if not before:
                continue
            first, last = min(day for day, _ in before), max(day for day, _ in before)
            now = daily("fact", "f.day BETWEEN ? AND ? AND f.delivery", writer.feed, first, last)
            total = self._ledger.daily(
                feed_of(provider), Period(start=numbered_day(first), end=numbered_day(last) + DAY)
            )
            restated = []
            for (day, currency), gone in sorted(before.items()):
                came = now.get((day, currency), Decimal(0))
                if came != gone:
                    stands = total.get((numbered_day(day), currency), Decimal(0))
                    restated.append(RestatedDay(numbered_day(day), currency, _plus(stands, gone, -came), stands))
            self._ledger.restatements.add(feed_of(provider), restated, self._now)


def _older(name: str, newer: FileDelivery) -> InvalidFile:
    return InvalidFile(
        f"{name} is older than {newer.file}, which was imported on {newer.at:%Y-%m-%d} and is in the ledger.",
        "To replace that one, use --force.",
    )


def _plus(*amounts: Decimal) -> Decimal:
    from bot.domain.money import total  # exact, whatever the context

    return total(list(amounts))


def _added(one: Mapping[str, Decimal], other: Mapping[str, Decimal]) -> dict[str, Decimal]:
    zero = Decimal(0)
    return {name: _plus(one.get(name, zero), other.get(name, zero)) for name in sorted({*one, *other})}


def _runs(days: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Consecutive days as (first, end)."""
    start = 0
    for n, day in enumerate(days, start=1):
        if n == len(days) or days[n] != day + 1:
            yield days[start], day + 1
            start = n


def _months(days: Ints) -> Labels:
    """The calendar month of each day."""
    found, codes = np.unique(days, return_inverse=True)
    names = [f"{numbered_day(day):%Y-%m}" for day in found.tolist()]
    values = sorted(set(names))
    return Labels(values, np.array([values.index(name) for name in names], dtype=np.int64)[codes])


def _measured(part: _Part, columns: Columns, rows: np.ndarray[tuple[int], np.dtype[np.bool_]], hashes: Sketch) -> None:
    """Add some rows to what is known of their slice."""
    part.days.update(np.unique(columns.day[rows]).tolist())
    part.charges += int(rows.sum())
    whole, attos = (amount[rows] for amount in columns.amounts["BilledCost"])
    currency = columns.series["BillingCurrency"]
    codes = currency.codes[rows]
    for code in np.unique(codes).tolist():
        own = codes == code
        name = currency.values[code]
        part.attos[name] = part.attos.get(name, 0) + _sum(whole[own], attos[own])
    ids, names = _column(columns, "SubAccountId"), _column(columns, "SubAccountName")
    pairs = np.unique(ids.codes[rows] * len(names.values) + names.codes[rows]).tolist()
    part.sub_accounts |= {ids.values[n // len(names.values)] or names.values[n % len(names.values)] for n in pairs}
    part.sketch = sketch_of(hashes[rows], part.sketch)


def _sum(whole: Ints, attos: Ints) -> int:
    """The exact sum in attos, however large."""
    units = (int((whole >> 32).sum()) << 32) + int((whole & 0xFFFFFFFF).sum())
    return units * 10**18 + int((attos // 10**9).sum()) * 10**9 + int((attos % 10**9).sum())


def _column(columns: Columns, name: str) -> Labels:
    found = columns.series.get(name) or columns.details.get(name)
    return found or Labels([""], np.zeros(len(columns), dtype=np.int64))


def _prepared(block: focus.Block) -> tuple[Columns, Sketch, int]:
    """The charges as columns, a hash of what each of them is, and how many amounts were rounded."""

    def labelled(texts: Mapping[str, focus.TextColumn]) -> dict[str, Labels]:
        return {name: Labels(text.values, text.codes) for name, text in texts.items()}

    columns = Columns(block.day, block.amounts, labelled(block.series), labelled(block.details), block.unknown)
    identity = combined_hashes({name: _column(columns, name) for name in _IDENTITY}, block.seconds)
    return columns.with_hashes(), identity, block.rounded
