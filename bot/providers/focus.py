"""FOCUS files (CSV, CSV.gz, Parquet; versions 1.0 to 1.4), read as columns, a block at a time.

Source: the FOCUS specification; https://focus.finops.org. Read leniently where a value can only mean one thing
(``NULL``, ``$1,000.00``, dates with a space; a cost other than BilledCost left empty adds nothing), refused with file,
row and column where it cannot. Rows are counted as a spreadsheet does: the header is row 1. Days are UTC. Nothing is
rounded, except binary floats (Parquet doubles), which are read as their shortest decimal and cut at 1e-18.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bot.costs.charge import AMOUNTS, CHARGE_CATEGORIES, DETAILS, SERIES
from bot.costs.errors import InvalidFile
from bot.costs.period import month_of

NAME = "focus"
BLOCK_BYTES = 32 << 20
"""How much text is read at once."""

REQUIRED = (
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "BillingAccountId",
    "BillingCurrency",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ServiceName",
    "ServiceProviderName",
)
"""Mandatory columns without which a charge cannot be told; the others the specification lets be, or have a stand-in."""
_FORMER = {"ProviderName": "ServiceProviderName"}
"""Columns of earlier versions that 1.4 has under another name. PublisherName has no heir."""
_TIMES = ("ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingPeriodEnd")
_NOTHING = ["", "NULL", "null"]
_DECIMAL = pa.decimal128(38, 18)

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Text:
    """A column of few distinct strings: ``values[codes[row]]``."""

    values: list[str]
    codes: Ints


@dataclass(frozen=True)
class Block:
    """Some charges of a file, normalised to FOCUS 1.4; ``x`` among the details holds all other columns as JSON."""

    day: Ints
    """Days since 1970-01-01."""
    amounts: Mapping[str, tuple[Ints, Ints]]
    """Amount to (whole units, attos)."""
    series: Mapping[str, Text]
    details: Mapping[str, Text]

    def __len__(self) -> int:
        return len(self.day)


def read(path: Path, progress: Callable[[int], None] = lambda _bytes: None) -> Iterator[Block]:
    """The charges of a file. ``progress`` is told how many bytes of it have been read so far.

    Raises:
        InvalidFile: with file, row, column and reason.
    """
    row = 2
    for table in _tables(path, progress):
        if row == 2:  # noqa: PLR2004 - the first block
            _check_header(path, table.column_names)
        yield _Reader(path, row, table).block()
        row += table.num_rows
    if row == 2:  # noqa: PLR2004 - no block at all
        raise InvalidFile(f"{path.name} holds no charges.", "Export it again; a header alone is not a bill.")


def _check_header(path: Path, names: list[str]) -> None:
    known = {_FORMER.get(name, name) for name in names}
    missing = [name for name in REQUIRED if name not in known]
    if missing:
        what = "is no FOCUS file" if len(missing) > len(REQUIRED) // 2 else "lacks mandatory columns"
        raise InvalidFile(
            f"{path.name}, row 1: it {what}: no {', '.join(missing)}.",
            "Export FOCUS 1.0 or later, with all mandatory columns.",
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidFile(f"{path.name}, row 1: the column {twice[0]} comes twice.", "Remove one of them.")


# --- the file -----------------------------------------------------------------------------------------------


def _tables(path: Path, progress: Callable[[int], None]) -> Iterator[pa.Table]:
    with _explained(path):
        if path.suffix == ".parquet":
            yield from _parquet(path, progress)
        elif path.name.endswith((".csv", ".csv.gz")):
            yield from _csv(path, progress)
        else:
            raise InvalidFile(f"{path.name} is neither .csv, .csv.gz nor .parquet.", "Rename or convert it.")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InvalidFile(f"There is no file {path}.", "Check the path.") from error
    except (pa.ArrowInvalid, OSError, EOFError) as error:
        text = " ".join(str(error).split())
        place = re.search(r"Row #?(\d+)", text)
        where = f", row {place[1]}" if place else ""
        reason = _reason(text)
        raise InvalidFile(f"{path.name}{where}: {reason}.", "It may be cut off; fetch it again.") from error


def _reason(text: str) -> str:
    if "Empty CSV" in text:
        return "the file is empty"
    if any(word in text for word in ("zlib", "gzip", "compressed", "Truncated")):
        return "the compressed data ends early or is damaged"
    if "UTF8" in text or "utf-8" in text.lower():
        return "it is not UTF-8 text"
    if "arquet" in text:
        return "it is not a whole Parquet file"
    return text[:200].rstrip(".")


def _csv(path: Path, progress: Callable[[int], None]) -> Iterator[pa.Table]:
    from pyarrow import csv  # noqa: PLC0415 - Parquet files do without

    with _source(path) as (_raw, stream):
        names = _csv_names(path, stream)
    as_text = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=_NOTHING,
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )
    try:
        with _source(path) as (raw, stream):
            reader = csv.open_csv(
                stream,
                read_options=csv.ReadOptions(block_size=BLOCK_BYTES),
                parse_options=csv.ParseOptions(newlines_in_values=True),
                convert_options=as_text,
            )
            for batch in reader:
                progress(raw.tell())
                yield pa.Table.from_batches([batch])
    except pa.ArrowInvalid as error:
        if "columns, got" not in str(error):
            raise
        raise InvalidFile(f"{path.name}{_ragged(path, len(names))}.", "It may be cut off; fetch it again.") from None


def _ragged(path: Path, width: int) -> str:
    """Where the first row of another width is: looked for slowly, once something is wrong."""
    import csv  # noqa: PLC0415 - only for this

    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8-sig", newline="") as lines:
        for row, cells in enumerate(csv.reader(lines), start=1):
            if cells and len(cells) != width:
                return f", row {row}: it has {len(cells)} columns where the header has {width}"
    return ": its rows do not fit its header"


@contextmanager
def _source(path: Path) -> Iterator[tuple[pa.NativeFile, pa.NativeFile]]:
    with pa.OSFile(str(path)) as raw:
        if path.suffix == ".gz":
            with pa.CompressedInputStream(raw, "gzip") as stream:
                yield raw, stream
        else:
            yield raw, raw


def _csv_names(path: Path, stream: pa.NativeFile) -> list[str]:
    import csv  # noqa: PLC0415 - the standard one, for the header alone

    head = stream.read(1 << 16).split(b"\n", 1)[0].decode("utf-8-sig", errors="replace")
    if not head.strip():
        raise InvalidFile(f"{path.name} is empty.", "Export it again.")
    return next(csv.reader([head.rstrip("\r")]))


def _parquet(path: Path, progress: Callable[[int], None]) -> Iterator[pa.Table]:
    from pyarrow import parquet  # noqa: PLC0415 - CSV files do without

    with parquet.ParquetFile(path) as file:
        size, rows, done = path.stat().st_size, max(file.metadata.num_rows, 1), 0
        for batch in file.iter_batches(batch_size=200_000):
            done += batch.num_rows
            progress(size * done // rows)
            yield pa.Table.from_batches([batch])


# --- the columns --------------------------------------------------------------------------------------------


class _Reader:
    """One table of a file, its first row having the number ``row``."""

    def __init__(self, path: Path, row: int, table: pa.Table) -> None:
        self._path, self._row = path, row
        former = {old: new for old, new in _FORMER.items() if new not in table.column_names}
        self._columns = {
            former.get(name, name): column for name, column in zip(table.column_names, table.columns, strict=True)
        }
        self._size = table.num_rows

    def block(self) -> Block:
        texts = {name: self._text(name) for name in (*SERIES, *DETAILS) if name in self._columns}
        amounts = self._amounts()
        start, end = self._days("ChargePeriodStart"), self._days("ChargePeriodEnd", up=True)
        self._check(end > start, "ChargePeriodEnd", "the charge period ends before it starts")
        texts["x_ChargePeriodDays"] = _numbers(np.maximum(end - start, 1), lambda days: "" if days == 1 else str(days))
        texts["x_BillingMonth"] = self._billing(start)
        texts["x_Credit"] = self._credits(texts["ChargeCategory"], amounts["BilledCost"])
        texts["Tags"] = self._tags(texts.get("Tags"))
        self._stand_ins(texts)
        details = {name: texts[name] for name in DETAILS if name in texts} | {"x": self._others()}
        return Block(start, amounts, {name: texts[name] for name in SERIES if name in texts}, details)

    def _wrong(
        self, at: int, column: str, reason: str, hint: str = "Correct it and import the file again."
    ) -> InvalidFile:
        return InvalidFile(f"{self._path.name}, row {self._row + at}, column {column}: {reason}.", hint)

    def _check(self, good: Any, column: str, reason: str) -> None:  # noqa: ANN401 - an array of truths
        if not good.all():
            raise self._wrong(int(np.argmin(good)), column, reason)

    def _encoded(self, name: str) -> tuple[list[Any], Ints]:
        column = self._columns[name].combine_chunks()
        if pa.types.is_nested(column.type):
            column = pa.array([None if value is None else _plain(value) for value in column.to_pylist()], pa.string())
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode(null_encoding="encode")
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        codes = column.indices.fill_null(len(column.dictionary)).to_numpy(zero_copy_only=False)
        return [*column.dictionary.to_pylist(), None], codes.astype(np.int64)

    def _text(self, name: str) -> Text:
        values, codes = self._encoded(name)
        return _merged([_plain(value) for value in values], codes)

    def _stand_ins(self, texts: dict[str, Text]) -> None:
        for name in ("ServiceProviderName", "BillingCurrency"):
            column = texts[name]
            if "" in column.values:
                self._check(column.codes != column.values.index(""), name, "it is empty, and may not be")
        for currency in texts["BillingCurrency"].values:
            if not re.fullmatch("[A-Z]{3}", currency):
                at = int(np.argmax(texts["BillingCurrency"].codes == texts["BillingCurrency"].values.index(currency)))
                raise self._wrong(at, "BillingCurrency", f"{currency!r} is not a currency code such as USD")
        texts.setdefault("InvoiceIssuerName", texts["ServiceProviderName"])
        nothing = np.zeros(self._size, dtype=np.int64)
        category = texts.get("ServiceCategory", Text([""], nothing))
        texts["ServiceCategory"] = Text([value or "Other" for value in category.values], category.codes)
        account = texts.get("SubAccountName")
        if account is None or "" in account.values:
            texts["SubAccountName"] = self._named(texts.get("SubAccountId"), account)

    def _named(self, ids: Text | None, names: Text | None) -> Text:
        """The name, and the id where there is no name."""
        blank = Text([""], np.zeros(self._size, dtype=np.int64))
        ids, names = ids or blank, names or blank
        found, codes = _distinct(names.codes * len(ids.values) + ids.codes)
        chosen = [names.values[pair // len(ids.values)] or ids.values[pair % len(ids.values)] for pair in found]
        return _merged(chosen, codes)

    # --- amounts

    def _amounts(self) -> dict[str, tuple[Ints, Ints]]:
        amounts: dict[str, tuple[Ints, Ints]] = {}
        read: list[tuple[pa.ChunkedArray, tuple[Ints, Ints]]] = []
        for name in AMOUNTS:
            if name not in self._columns:
                continue
            column = self._columns[name]
            same = next((pair for known, pair in read if known.type == column.type and known.equals(column)), None)
            amounts[name] = same or self._amount(name, column)
            read.append((column, amounts[name]))
        return amounts

    def _amount(self, name: str, column: pa.ChunkedArray) -> tuple[Ints, Ints]:
        if column.null_count and name == "BilledCost":
            at = pc.index(pc.is_null(column), True).as_py()
            raise self._wrong(at, name, "it is empty, and may not be")
        if pa.types.is_floating(column.type):
            column = pa.chunked_array([pa.array([_shortest(value) for value in column.to_pylist()], _DECIMAL)])
        try:
            exact = pc.cast(column, _DECIMAL)
        except pa.ArrowInvalid:
            exact = pa.chunked_array([pa.array(self._carefully(name, column), _DECIMAL)])
        return _halves(exact.fill_null(Decimal(0)).combine_chunks())

    def _carefully(self, name: str, column: pa.ChunkedArray) -> list[Decimal | None]:
        """Cell by cell: what the fast way does not read, or the first cell that cannot be read at all."""
        cells: list[Decimal | None] = []
        for at, value in enumerate(column.to_pylist()):
            try:
                cells.append(None if value is None else _number(str(value)))
            except ValueError as error:
                raise self._wrong(at, name, str(error)) from None
        return cells

    def _credits(self, category: Text, billed: tuple[Ints, Ints]) -> Text:
        for value in category.values:
            if value not in CHARGE_CATEGORIES:
                at = int(np.argmax(category.codes == category.values.index(value)))
                raise self._wrong(at, "ChargeCategory", f"{value!r} is none of {', '.join(CHARGE_CATEGORIES)}")
        always = np.array([value == "Credit" for value in category.values])
        below = np.array([value == "Adjustment" for value in category.values])
        credit = always[category.codes] | (below[category.codes] & (billed[0] < 0))
        return Text(["", "credit"], credit.astype(np.int64))

    # --- days

    def _days(self, name: str, *, up: bool = False) -> Ints:
        """Days since 1970; ``up`` counts a part of a day as a whole one (for an exclusive end)."""
        values, codes = self._encoded(name)
        days = np.zeros(len(values), dtype=np.int64)
        for n in np.unique(codes):
            try:
                days[n] = _day_number(_instant(values[n]), up=up)
            except ValueError as error:
                raise self._wrong(int(np.argmax(codes == n)), name, str(error)) from None
        return days[codes]

    def _billing(self, day: Ints) -> Text:
        """``""`` where the billing period is the calendar month of the day, else ``start/end``."""
        start, end = self._days("BillingPeriodStart"), self._days("BillingPeriodEnd", up=True)
        self._check(end > start, "BillingPeriodEnd", "the billing period ends before it starts")
        wide = 1 << 20  # days; times two, still within 64 bits
        found, codes = _distinct((day * wide + start) * wide + end)
        texts = [_billing_month(each // wide // wide, each // wide % wide, each % wide) for each in found]
        return _merged(texts, codes)

    # --- the rest

    def _tags(self, tags: Text | None) -> Text:
        if tags is None:
            return Text([""], np.zeros(self._size, dtype=np.int64))
        values = []
        for n, text in enumerate(tags.values):
            try:
                values.append(_tag_text(text))
            except ValueError:
                at = int(np.argmax(tags.codes == n))
                raise self._wrong(at, "Tags", f"{text[:40]!r} is not a JSON object of tags") from None
        return _merged(values, tags.codes)

    def _others(self) -> Text:
        """Columns that FOCUS 1.4 does not know, as one JSON object under names that start ``x_``."""
        known = {*SERIES, *DETAILS, *AMOUNTS, *_TIMES, *_FORMER, "PublisherName"}
        names = [name for name in self._columns if name not in known]
        if not names:
            return Text([""], np.zeros(self._size, dtype=np.int64))
        columns = [self._text(name) for name in names]
        titles = [name if name.startswith("x_") else f"x_{name}" for name in names]
        combined = np.zeros(self._size, dtype=np.int64)
        for column in columns:
            _, combined = _distinct(combined * len(column.values) + column.codes)
        row_of = dict(zip(combined[::-1].tolist(), range(self._size - 1, -1, -1), strict=True))
        values = []
        for code in range(len(row_of)):
            cells = {
                title: each.values[int(each.codes[row_of[code]])] for title, each in zip(titles, columns, strict=True)
            }
            said = {title: value for title, value in cells.items() if value}
            values.append(json.dumps(said, sort_keys=True, ensure_ascii=False) if said else "")
        return _merged(values, combined)


def _merged(values: list[str], codes: Ints) -> Text:
    """The same column with equal values numbered once, unused ones dropped."""
    used = np.zeros(len(values), dtype=bool)
    used[codes] = True
    seen: dict[str, int] = {}
    places = [seen.setdefault(value, len(seen)) if used[n] else 0 for n, value in enumerate(values)]
    return Text(list(seen), np.array(places, dtype=np.int64)[codes])


def _numbers(numbers: Ints, say: Callable[[int], str]) -> Text:
    found, codes = _distinct(numbers)
    return Text([say(number) for number in found], codes)


def _distinct(numbers: Ints) -> tuple[list[int], Ints]:
    """The distinct numbers, and each one's place among them; by hashing, where numpy would sort."""
    encoded = pa.array(numbers).dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy().astype(np.int64)


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, list):  # a Parquet map
        return json.dumps({str(key): each for key, each in value}, sort_keys=True, default=str)
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True, default=str)
    return str(value)


def _tag_text(text: str) -> str:
    """Tags as JSON in one spelling. Real files also hold pairs (``"key": "value"``) without braces."""
    if not text:
        return ""
    whole = text if text.lstrip().startswith("{") else f"{{{text}}}"
    tags = json.loads(whole)
    return json.dumps(tags, sort_keys=True, ensure_ascii=False) if tags else ""


def _shortest(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value)).quantize(Decimal(1).scaleb(-18))


def _number(text: str) -> Decimal:
    """A number as people's tools write it: ``1,000.5``, ``$10,000.00``, ``1E-5``, ``(3.00)`` for minus three."""
    bare = text.strip().replace("$", "").replace(",", "")
    negative = bare.startswith("(") and bare.endswith(")")
    try:
        number = Decimal(bare.strip("()"))
    except InvalidOperation:
        msg = f"{text!r} is not a number"
        raise ValueError(msg) from None
    if not number.is_finite():
        msg = f"{text!r} is not a number"
        raise ValueError(msg)
    if number != 0 and int(number.normalize().as_tuple().exponent) < -18:  # noqa: PLR2004 - attos
        msg = f"{text} has more than 18 decimal places; the ledger would have to round it"
        raise ValueError(msg)
    return -number if negative else number


def _halves(column: pa.Array) -> tuple[Ints, Ints]:
    """Whole units (rounded down) and attos of 128-bit decimals, by long division in 32-bit limbs."""
    if not len(column):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    buffer = np.frombuffer(column.buffers()[1], dtype="<u8").reshape(-1, 2)
    pairs = buffer[column.offset : column.offset + len(column)]
    low, high = pairs[:, 0].copy(), pairs[:, 1].copy()
    negative = high >> np.uint64(63) == 1
    low[negative] = ~low[negative] + np.uint64(1)
    high[negative] = ~high[negative] + (low[negative] == 0).astype(np.uint64)
    mask = np.uint64(0xFFFFFFFF)
    limbs = [high >> np.uint64(32), high & mask, low >> np.uint64(32), low & mask]
    limbs, below_nano = _divided(limbs)
    limbs, nanos = _divided(limbs)
    whole = ((limbs[2] << np.uint64(32)) | limbs[3]).astype(np.int64)
    attos = (nanos * np.uint64(10**9) + below_nano).astype(np.int64)
    whole = np.where(negative, -whole - (attos > 0), whole)
    return whole, np.where(negative & (attos > 0), 10**18 - attos, attos)


def _divided(limbs: list[Any]) -> tuple[list[Any], Any]:
    billion, rest, quotient = np.uint64(10**9), np.zeros(len(limbs[0]), dtype=np.uint64), []
    for limb in limbs:
        step = (rest << np.uint64(32)) | limb
        quotient.append(step // billion)
        rest = step % billion
    return quotient, rest


_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})")


def _instant(value: object) -> datetime:
    """An instant in UTC. ``5/1/25`` is read month first, as the specification's own examples are written."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if value is None:
        msg = "it is empty, and may not be"
        raise ValueError(msg)
    text = str(value).strip()
    if found := _US_DATE.fullmatch(text):
        month, day, year = map(int, found.groups())
        return datetime(year + 2000 * (year < 100), month, day, tzinfo=UTC)  # noqa: PLR2004 - "25"
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is not a date such as 2026-11-01T00:00:00Z"
        raise ValueError(msg) from None
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


def _day_number(instant: datetime, *, up: bool) -> int:
    if up:
        instant += timedelta(days=1, microseconds=-1)
    return (instant.date() - date(1970, 1, 1)).days


def _billing_month(day: int, start: int, end: int) -> str:
    first = date(1970, 1, 1)
    month = month_of(first + timedelta(days=day))
    begins, ends = first + timedelta(days=start), first + timedelta(days=end)
    return "" if (begins, ends) == (month.start, month.end) else f"{begins}/{ends}"
