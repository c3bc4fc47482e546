"""The columns of FOCUS files, whole: text as numbered values, amounts as integers, checked and normalised to 1.4."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bot.domain.charge import AMOUNTS, CHARGE_CATEGORIES, DETAILS, SERIES, TELLING
from bot.domain.errors import InvalidFile
from bot.providers.focus.cells import (
    Ints,
    billing_month,
    day_number,
    halves,
    instant,
    number,
    plain,
    shortest,
    tag_text,
)

FORMER = {"ProviderName": "ServiceProviderName"}
"""Columns of earlier versions that 1.4 has under another name. PublisherName has no heir."""
_TIMES = ("ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingPeriodEnd")
_DECIMAL = pa.decimal128(38, 18)


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
    untold: Mapping[str, Any]
    """Of ``TELLING`` what some rows leave empty or the file has no column for, and which rows."""

    def __len__(self) -> int:
        return len(self.day)


class Reader:
    """One table of a file, its first row having the number ``row``."""

    def __init__(self, path: Path, row: int, table: pa.Table) -> None:
        self._path, self._row = path, row
        former = {old: new for old, new in FORMER.items() if new not in table.column_names}
        self._columns = {
            former.get(name, name): column for name, column in zip(table.column_names, table.columns, strict=True)
        }
        self._size = table.num_rows

    def block(self) -> Block:
        """The table, normalised."""
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
        series = {name: texts[name] for name in SERIES if name in texts}
        return Block(start, amounts, series, details, self._untold())

    def _untold(self) -> dict[str, Any]:
        found = {name: self._columns.get(name) for name in TELLING}
        costs = {name: column for name, column in found.items() if column is not None and name in AMOUNTS}
        empty = {name: pc.is_null(column).to_numpy() for name, column in costs.items() if column.null_count}
        missing = {name: np.ones(self._size, dtype=np.bool_) for name, column in found.items() if column is None}
        return empty | missing

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
            column = pa.array([None if value is None else plain(value) for value in column.to_pylist()], pa.string())
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode(null_encoding="encode")
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        codes = column.indices.fill_null(len(column.dictionary)).to_numpy(zero_copy_only=False)
        return [*column.dictionary.to_pylist(), None], codes.astype(np.int64)

    def _text(self, name: str) -> Text:
        values, codes = self._encoded(name)
        return _merged([plain(value) for value in values], codes)

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
            column = pa.chunked_array([pa.array([shortest(value) for value in column.to_pylist()], _DECIMAL)])
        try:
            exact = pc.cast(column, _DECIMAL)
        except pa.ArrowInvalid:
            exact = pa.chunked_array([pa.array(self._carefully(name, column), _DECIMAL)])
        return halves(exact.fill_null(Decimal(0)).combine_chunks())

    def _carefully(self, name: str, column: pa.ChunkedArray) -> list[Decimal | None]:
        """Cell by cell: what the fast way does not read, or the first cell that cannot be read at all."""
        cells: list[Decimal | None] = []
        for at, value in enumerate(column.to_pylist()):
            try:
                cells.append(None if value is None else number(str(value)))
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
                days[n] = day_number(instant(values[n]), up=up)
            except ValueError as error:
                raise self._wrong(int(np.argmax(codes == n)), name, str(error)) from None
        return days[codes]

    def _billing(self, day: Ints) -> Text:
        """``""`` where the billing period is the calendar month of the day, else ``start/end``."""
        start, end = self._days("BillingPeriodStart"), self._days("BillingPeriodEnd", up=True)
        self._check(end > start, "BillingPeriodEnd", "the billing period ends before it starts")
        wide = 1 << 20  # days; times two, still within 64 bits
        found, codes = _distinct((day * wide + start) * wide + end)
        texts = [billing_month(each // wide // wide, each // wide % wide, each % wide) for each in found]
        return _merged(texts, codes)

    # --- the rest

    def _tags(self, tags: Text | None) -> Text:
        if tags is None:
            return Text([""], np.zeros(self._size, dtype=np.int64))
        values = []
        for n, text in enumerate(tags.values):
            try:
                values.append(tag_text(text))
            except ValueError:
                at = int(np.argmax(tags.codes == n))
                raise self._wrong(at, "Tags", f"{text[:40]!r} is not a JSON object of tags") from None
        return _merged(values, tags.codes)

    def _others(self) -> Text:
        """Columns that FOCUS 1.4 does not know, as one JSON object under names that start ``x_``."""
        known = {*SERIES, *DETAILS, *AMOUNTS, *_TIMES, *FORMER, "PublisherName"}
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
