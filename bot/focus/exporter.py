"""The ledger as a FOCUS file (CSV or Parquet), for every tool that reads FOCUS.

Amounts are exact: plain digits in CSV, ``decimal128(38, 18)`` in Parquet. Null is null, instants are UTC, ends are
exclusive. Source: FOCUS 1.2 and 1.4, dataset "Cost and Usage". Feeds of one source overlap, so that one of them
is written for each day: the one that tells most apart.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from bot.domain.charge import AMOUNTS, DETAILS, SERIES
from bot.domain.errors import InvalidFile, Misconfigured
from bot.domain.feed import ANY_TAG, Feed
from bot.domain.money import ATTOS, plain, plain_attos
from bot.domain.period import DAY, EPOCH, Period, month_of
from bot.ledger import Ledger
from bot.ledger.connection import create_private
from bot.ledger.row_reader import Batch, Texts, batches, further_columns

Version = Literal["1.2", "1.4"]
Column = list[Any]
Write = Callable[[pa.Table], None]

_TIMES = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
_INTERNAL = frozenset({"x_Credit", "x_BillingMonth", "x_ChargePeriodDays"})
"""Follow from other columns when the file is read again."""
_OWN = tuple(name for name in SERIES if name.startswith("x_") and name not in _INTERNAL)
_NUMBERS = frozenset(
    {
        *AMOUNTS,
        "ListUnitPrice",
        "ContractedUnitPrice",
        "CommitmentDiscountQuantity",
        "PricingCurrencyContractedUnitPrice",
        "PricingCurrencyEffectiveCost",
        "PricingCurrencyListUnitPrice",
    }
)
_SINCE_1_3 = frozenset(
    {
        "AllocatedMethodDetails",
        "AllocatedMethodId",
        "AllocatedResourceId",
        "AllocatedResourceName",
        "AllocatedTags",
        "CommitmentProgramEligibilityDetails",
        "ContractApplied",
        "HostProviderName",
        "InvoiceDetailId",
        "ServiceProviderName",
    }
)
_UNTIL_1_3 = ("ProviderName", "PublisherName")
_DECIMAL = pa.decimal128(38, 18)
_INSTANT = pa.timestamp("us", tz="UTC")
_WIDE, _ATTO = Context(prec=60, rounding=ROUND_HALF_EVEN), Decimal("1e-18")
_UNITS = {"ConsumedQuantity": "ConsumedUnit", "PricingQuantity": "PricingUnit"}
_SPELT = {"Mo": "Months", "mo": "Months", "Hrs": "Hours", "Hr": "Hours", "h": "Hours", "s": "Seconds"}
_ABBREVIATED = re.compile(rf"(?:([A-Za-z]+)[-.]|)({'|'.join(_SPELT)})")


def columns(version: Version) -> list[str]:
    """The Column IDs of a version's Cost and Usage dataset."""
    named = {*_TIMES, *AMOUNTS, *SERIES, *DETAILS} - _INTERNAL - set(_OWN)
    return sorted({*(named - _SINCE_1_3), *_UNTIL_1_3} if version == "1.2" else named)


def export(
    ledger: Ledger,
    path: Path,
    *,
    days: Period | None = None,
    version: Version = "1.4",
    progress: Callable[[int], None] = lambda _rows: None,
) -> int:
    """Write the charges of those days (all, when left out); the file appears whole or not at all.

    ``progress`` is told how many rows are written so far.

    Returns:
        how many rows were written.

    Raises:
        InvalidFile: the name ends in none of .csv, .csv.gz and .parquet, or cannot be written.
        Misconfigured: the ledger has nothing for those days.
    """
    parts = list(chosen(ledger, days))
    if not parts:
        raise Misconfigured(
            "The ledger has no charges for those days.", "Run spend sync or spend import first, or name other days."
        )
    connection = ledger.connection()
    further = set[str]().union(*(further_columns(connection, feed, part) for feed, part in parts))
    names = [*columns(version), *_OWN, *sorted(further - set(_OWN))]
    written = 0
    with _writing(path, version, names) as write:
        for feed, part in parts:
            for batch in batches(connection, feed, part):
                write(_Rows(batch, feed, as_text=path.suffix != ".parquet").table(names))
                written += len(batch)
                progress(written)
    return written


def chosen(ledger: Ledger, days: Period | None = None) -> Iterator[tuple[Feed, Period]]:
    """Which feed is written for which days: for each source and day, the one that tells most apart."""
    for _, feeds in groupby(ledger.feeds(), key=lambda feed: feed.source):
        missing = [days] if days else [_EVER]
        for feed in sorted(feeds, key=_worth, reverse=True):
            covered = ledger.covered(feed)
            for part in list(missing) if covered else ():
                if both := part.meet(covered or part):
                    yield feed, both
                    missing.remove(part)
                    missing += _without(part, both)


_EVER = Period(start=date.min, end=date.max)


def _worth(feed: Feed) -> tuple[bool, ...]:
    """Sorting is stable: of feeds worth the same, the source's first is its bill."""
    return tuple(name in feed.grain for name in (ANY_TAG, "ChargeCategory", "SubAccountName"))


def _without(whole: Period, part: Period) -> list[Period]:
    edges = ((whole.start, part.start), (part.end, whole.end))
    return [Period(start=start, end=end) for start, end in edges if start < end]


# --- the columns --------------------------------------------------------------------------------------------


class _Texts:
    """What the series, or the details, of a batch say: a column of texts for its distinct rows, and which is whose."""

    def __init__(self, names: Sequence[str], texts: Texts, rows: Sequence[int]) -> None:
        index = {number: at for at, number in enumerate(texts)}
        self._columns = dict(zip(names, zip(*texts.values(), strict=True), strict=True))
        self._codes = pa.array([index[number] for number in rows], pa.int32())

    def __contains__(self, name: str) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self._columns[name]

    def spread(self, distinct: Iterable[Any], type_: pa.DataType | None = None) -> pa.Array:
        """One value for each row, from one for each distinct row."""
        return pa.array(distinct, type_ or pa.string()).take(self._codes)


class _Rows:
    """A batch of the ledger, turned into columns of a FOCUS file; ``as_text`` as CSV has them."""

    def __init__(self, batch: Batch, feed: Feed, *, as_text: bool) -> None:
        self._batch, self._feed, self._as_text = batch, feed, as_text
        self._series = _Texts(SERIES, batch.series_texts, batch.series)
        self._details = _Texts((*DETAILS, "x"), batch.detail_texts, batch.detail)
        self._further = [json.loads(text) if text else {} for text in self._details["x"]]
        self._made: dict[int, pa.Array] = {}

    def table(self, names: Sequence[str]) -> pa.Table:
        """The columns named."""
        return pa.table({name: self._array(name) for name in names})

    def _array(self, name: str) -> pa.Array:
        if name in _TIMES:
            return self._instants(_TIMES.index(name))
        if name in _NUMBERS:
            return self._amount(name) if name in AMOUNTS else self._number(name)
        if name in _STAND_INS:
            return self._series.spread(_STAND_INS[name](self._series))
        return self._text(name)

    def _text(self, name: str) -> pa.Array:
        if name == "BillingAccountId":
            return self._series.spread(self._account())
        if name == "ChargeDescription":
            texts = self._details.spread(text or None for text in self._details[name])
            return pc.coalesce(texts, self._series.spread(self._description()))
        texts = self._series if name in self._series else self._details
        if name in texts:
            return texts.spread(text or None for text in texts[name])
        return self._details.spread(further.get(name) for further in self._further)

    def _instants(self, which: int) -> pa.Array:
        lengths = dict(zip(self._batch.series_texts, self._series["x_ChargePeriodDays"], strict=True))
        billing = dict(zip(self._batch.series_texts, self._series["x_BillingMonth"], strict=True))
        spans = zip(self._batch.day, self._batch.series, strict=True)
        found = [_instants(day, lengths[series], billing[series])[which] for day, series in spans]
        if self._as_text:
            return pa.array([_written(instant) for instant in found], pa.string())
        return pa.array(found, _INSTANT)

    def _amount(self, name: str) -> pa.Array:
        """Exact; a quantity without unit is no quantity."""
        made = self._exact(*self._batch.amounts[name])
        if name not in _UNITS:
            return made
        given = self._series.spread((bool(unit) for unit in self._series[_UNITS[name]]), pa.bool_())
        return pc.if_else(given, made, pa.scalar(None, made.type))

    def _exact(self, whole: tuple[int, ...], attos: tuple[int, ...]) -> pa.Array:
        key = hash((whole, attos))  # most amounts of a bill are the same four times over
        if key not in self._made:
            texts = [plain_attos(units * ATTOS + rest) for units, rest in zip(whole, attos, strict=True)]
            self._made[key] = self._numeric(pa.array(texts, pa.string()))
        return self._made[key]

    def _number(self, name: str) -> pa.Array:
        known = self._numeric(self._details.spread(_plain_number(text) for text in self._details[name]))
        if name != "PricingCurrencyEffectiveCost":
            return known
        pairs = zip(self._series["PricingCurrency"], self._series["BillingCurrency"], strict=True)
        same = self._series.spread((given in {"", own} for given, own in pairs), pa.bool_())
        otherwise = pc.if_else(same, self._amount("EffectiveCost"), pa.scalar(None, known.type))
        return pc.coalesce(known, otherwise)

    def _numeric(self, texts: pa.Array) -> pa.Array:
        return texts if self._as_text else texts.cast(_DECIMAL)

    def _account(self) -> Iterator[str]:
        """May not be null: else the sub account, else the source's name."""
        for account, sub in zip(self._series["BillingAccountId"], self._series["SubAccountId"], strict=True):
            yield account or sub or self._feed.source

    def _description(self) -> Iterator[str]:
        """What a charge is for, where nothing says so: the service, and the SKU or the category."""
        named = (self._series[name] for name in ("ServiceName", "SkuId", "ChargeCategory"))
        for service, sku, category in zip(*named, strict=True):
            yield f"{service} {sku or category}"


def _provider(texts: _Texts) -> Column:
    """FOCUS 1.2's name for ServiceProviderName; for PublisherName the nearest that is known."""
    return list(texts["ServiceProviderName"])


def _issuer(texts: _Texts) -> Column:
    """Whoever sends the invoice: the provider where nothing else is given."""
    pairs = zip(texts["InvoiceIssuerName"], texts["ServiceProviderName"], strict=True)
    return [issuer or provider for issuer, provider in pairs]


def _account_type(texts: _Texts) -> Column:
    return [text or "Billing account" for text in texts["BillingAccountType"]]


def _meter(texts: _Texts) -> Column:
    """What a SKU meters, for which its own name stands in."""
    return [text or sku or None for text, sku in zip(texts["SkuMeter"], texts["SkuId"], strict=True)]


def _sub_account_type(texts: _Texts) -> Column:
    """May not be null where there is a sub account."""
    pairs = zip(texts["SubAccountType"], texts["SubAccountId"], strict=True)
    return [text or ("Sub account" if account else None) for text, account in pairs]


def _units(name: str) -> Callable[[_Texts], Column]:
    """Units in FOCUS's spelling: ``GB-Mo`` is "GB-Months"."""
    return lambda texts: [_unit(text) or None for text in texts[name]]


def _unit(text: str) -> str:
    found = _ABBREVIATED.fullmatch(text)
    return f"{found[1] or ''}-{_SPELT[found[2]]}".lstrip("-") if found else text


def _frequency(texts: _Texts) -> Column:
    """Usage goes by usage; all else came once."""
    pairs = zip(texts["ChargeFrequency"], texts["ChargeCategory"], strict=True)
    return [text or ("Usage-Based" if category == "Usage" else "One-Time") for text, category in pairs]


def _subcategory(texts: _Texts) -> Column:
    """FOCUS has an "Other" for each category."""
    pairs = zip(texts["ServiceSubcategory"], texts["ServiceCategory"], strict=True)
    return [text or f"Other ({category})" for text, category in pairs]


def _pricing_currency(texts: _Texts) -> Column:
    """Prices are in the currency of the bill where nothing else is given."""
    pairs = zip(texts["PricingCurrency"], texts["BillingCurrency"], strict=True)
    return [given or own for given, own in pairs]


_STAND_INS: Mapping[str, Callable[[_Texts], Column]] = {
    "ProviderName": _provider,
    "PublisherName": _provider,
    "InvoiceIssuerName": _issuer,
    "BillingAccountType": _account_type,
    "ChargeFrequency": _frequency,
    "ServiceSubcategory": _subcategory,
    "PricingCurrency": _pricing_currency,
    "SubAccountType": _sub_account_type,
    "SkuMeter": _meter,
    "ConsumedUnit": _units("ConsumedUnit"),
    "PricingUnit": _units("PricingUnit"),
    "CommitmentDiscountUnit": _units("CommitmentDiscountUnit"),
}
"""Columns that FOCUS does not let be null, where a source gives nothing, and units, for which it has a spelling."""


@lru_cache(maxsize=8192)
def _instants(number: int, length: str, billing: str) -> tuple[datetime, datetime, datetime, datetime]:
    """Billing period and charge period of a day: their starts and their ends, exclusive."""
    day = datetime.fromordinal(number + EPOCH).replace(tzinfo=UTC)
    month = month_of(day.date())
    start, _, end = billing.partition("/")
    first = datetime.combine(date.fromisoformat(start) if start else month.start, time(), UTC)
    after = datetime.combine(date.fromisoformat(end) if end else month.end, time(), UTC)
    return first, after, day, day + DAY * int(length or 1)


@lru_cache(maxsize=8192)
def _written(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=8192)
def _plain_number(text: str) -> str | None:
    """A number in plain digits, to 1e-18; null for no number."""
    try:
        number = Decimal(text) if text else Decimal("NaN")
        return plain(number.quantize(_ATTO, context=_WIDE)) if number.is_finite() else None
    except InvalidOperation:
        return None


# --- the file -----------------------------------------------------------------------------------------------


def _type(name: str) -> pa.DataType:
    if name in _TIMES:
        return _INSTANT
    return _DECIMAL if name in _NUMBERS else pa.string()


@contextmanager
def _writing(path: Path, version: Version, names: Sequence[str]) -> Iterator[Write]:
    """Takes tables; at the end, without an error, the file is there."""
    opened = _opener(path)
    part = path.with_name(f".{path.name}.part")
    try:
        create_private(part)
        with opened(part, version, names) as write:
            yield write
        part.replace(path)
    except OSError as error:
        raise InvalidFile(f"{path} cannot be written: {error.strerror or error}.", "Choose another path.") from error
    finally:
        part.unlink(missing_ok=True)


def _opener(path: Path) -> Callable[[Path, Version, Sequence[str]], AbstractContextManager[Write]]:
    if path.suffix == ".parquet":
        return _parquet
    if path.name.endswith((".csv", ".csv.gz")):
        return _csv
    raise InvalidFile(f"{path.name} does not end in .csv, .csv.gz or .parquet.", "Use one of these endings.")


@contextmanager
def _parquet(part: Path, version: Version, names: Sequence[str]) -> Iterator[Write]:
    from pyarrow import parquet  # CSV does without

    metadata = {"FocusVersion": version, "DataGenerator": "spend"}
    schema = pa.schema([(name, _type(name)) for name in names], metadata=metadata)
    with parquet.ParquetWriter(part, schema, compression="zstd") as file:
        yield lambda table: file.write_table(table.replace_schema_metadata(metadata))


@contextmanager
def _csv(part: Path, _version: Version, names: Sequence[str]) -> Iterator[Write]:
    import csv  # Parquet does without

    opened = gzip.open if ".gz" in part.suffixes else open
    with opened(part, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        yield lambda table: writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
