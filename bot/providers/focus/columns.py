"""The columns of FOCUS files, whole: text as numbered values, amounts as integers, checked and normalized to 1.4."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bot.domain.charge import AMOUNTS, CHARGE_CATEGORIES, DETAILS, SERIES, TELLING, UNKNOWN_COSTS
from bot.domain.errors import InvalidFile
from bot.domain.units import standard
from bot.providers._block import Block, TextColumn
from bot.providers.focus.conventions import Conventions
from bot.providers.focus.header import TIMES, Header
from bot.providers.focus.instants import billing_month, day_number, plausible, read_instant
from bot.providers.focus.labels import distinct, merged, numbered
from bot.providers.focus.nested import distinct_nested
from bot.providers.focus.number_text import MarkNeeded, read_number, shown
from bot.providers.focus.numbers import Amounts, CellError, Ints, Mask, may_be_grouped, read_amounts, scaled
from bot.providers.focus.spelling import NULLS, plain, spelled
from bot.providers.focus.table import RowTable, whole_array
from bot.providers.focus.tags import tag_text, tags_json

_LONGEST_TEXT = 1 << 20
_DETAIL_NUMBERS = frozenset(
    {
        "ListUnitPrice",
        "ContractedUnitPrice",
        "PricingCurrencyContractedUnitPrice",
        "PricingCurrencyEffectiveCost",
        "PricingCurrencyListUnitPrice",
        "CommitmentDiscountQuantity",
    }
)
_PRICES = ("ListCost", "ContractedCost")
_MEND = "Correct it and import the file again."


class ColumnReader:
    """One table of a file."""

    def __init__(self, file: str, table: RowTable, header: Header, conventions: Conventions) -> None:
        self._file, self._header, self._conventions = file, header, conventions
        self._table, self._size = table, table.size
        self._take(table.without_empty_rows(header.columns["BilledCost"]))

    def __len__(self) -> int:
        return self._size

    def _take(self, table: RowTable) -> None:
        self._table, self._size = table, table.size

    def block(self) -> Block:
        """The table, normalized.

        Raises:
            InvalidFile: with row and column.
            MarkNeeded, OrderNeeded: it depends on what the whole file says.
        """
        amounts = self._amounts_without_headers()
        unknown = self._unknown(amounts)
        texts = {name: self._text(name) for name in (*SERIES, *DETAILS) if name in self._header.columns}
        start, seconds = self._instants("ChargePeriodStart")
        end, _ = self._instants("ChargePeriodEnd", up=True)
        self._check(end >= start, "ChargePeriodEnd", "the charge period ends before it starts")
        texts["x_ChargePeriodDays"] = numbered(np.maximum(end - start, 1), lambda days: "" if days == 1 else str(days))
        texts["x_BillingMonth"] = self._billing(start)
        texts["BillingCurrency"] = self._currencies(texts.get("BillingCurrency"))
        self._check_currencies(texts["BillingCurrency"], amounts)
        self._standardize_units(texts, amounts)
        billed = amounts["BilledCost"]
        texts["x_Credit"] = self._credits(texts["ChargeCategory"], billed)
        texts["Tags"] = self._tags()
        self._stand_ins(texts)
        marked = {UNKNOWN_COSTS: self._unknown_costs(texts["ChargeCategory"], unknown)}
        details = {name: texts[name] for name in DETAILS if name in texts} | {"x": self._others(marked)}
        series = {name: texts[name] for name in SERIES if name in texts}
        rounded = sum(amount.rounded for amount in amounts.values())
        return Block(start, seconds, _with_stand_ins(amounts, unknown), series, details, unknown, rounded)

    # --- errors

    def _wrong(self, at: int, column: str, reason: str, hint: str = _MEND) -> InvalidFile:
        where = f"{self._file}, row {self._table.number(at)}, column {self._header.name(column)}"
        return InvalidFile(f"{where}: {reason}.", hint)

    def _check(self, good: NDArray[np.bool_], column: str, reason: str) -> None:
        if not good.all():
            raise self._wrong(int(np.argmin(good)), column, reason)

    def _empty(self, at: int, column: str) -> InvalidFile:
        others = ("ChargePeriodStart", "BillingCurrency", "ServiceName", "ChargeCategory")
        given = [name for name in others if name in self._header.columns]
        sum_of_all = all(self._column(name)[at].as_py() is None for name in given)
        hint = "It looks like a total of the other rows: leave it out." if sum_of_all else _MEND
        return self._wrong(at, column, "it must not be empty", hint)

    # --- columns

    def _column(self, name: str) -> pa.ChunkedArray:
        return self._table.columns[self._header.columns[name]]

    def _array(self, name: str) -> pa.Array:
        return whole_array(self._column(name))

    def _encoded(self, name: str) -> tuple[list[Any], Ints]:
        """The distinct values, None last, and each row's place among them."""
        column = self._column(name)
        if pa.types.is_dictionary(column.type):
            column = column.unify_dictionaries()
        array = whole_array(column)
        if pa.types.is_nested(array.type):
            values, codes = distinct_nested(array)
            return [*(None if value is None else tag_text(value) for value in values.to_pylist()), None], codes
        if not pa.types.is_dictionary(array.type):
            array = array.dictionary_encode()
        codes = array.indices.fill_null(len(array.dictionary)).to_numpy(zero_copy_only=False)
        return [*array.dictionary.to_pylist(), None], codes.astype(np.int64)

    def _text(self, name: str) -> TextColumn:
        values, codes = self._encoded(name)
        column = merged([self._cleaned(name, value) for value in values], codes)
        if max(map(len, column.values), default=0) > _LONGEST_TEXT:
            at = next(at for at, value in enumerate(column.values) if len(value) > _LONGEST_TEXT)
            raise self._wrong(int(np.argmax(column.codes == at)), name, "it is longer than a mebibyte")
        return column

    def _cleaned(self, name: str, value: object) -> str:
        if value is None:
            return ""
        text = value.strip() if isinstance(value, str) else plain(value)
        if text in NULLS:
            return ""
        if name in _DETAIL_NUMBERS:
            return self._detail_number(text)
        return spelled(name, text)

    def _detail_number(self, text: str) -> str:
        """A unit price in plain digits; what is none stays as it is: no sum is made of it."""
        if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) and self._conventions.mark != ",":
            return text
        try:
            number = read_number(text, self._conventions.mark or ".")
        except ValueError:
            return text
        return "" if number is None else f"{Decimal(number.attos).scaleb(-18).normalize():f}"

    # --- amounts

    def _amounts_without_headers(self) -> dict[str, Amounts]:
        """The amounts; where files were put one after the other, the later headers are left out first."""
        try:
            return self._amounts()
        except (InvalidFile, MarkNeeded):
            repeated = self._table.repeated_headers()
            if not repeated.any():
                raise
        self._take(self._table.without(repeated))
        return self._amounts()

    def _amounts(self) -> dict[str, Amounts]:
        amounts: dict[str, Amounts] = {}
        read: list[tuple[pa.Array, Amounts]] = []
        for name in (column for column in AMOUNTS if column in self._header.columns):
            column = self._array(name)
            same = next((found for known, found in read if known.type == column.type and known.equals(column)), None)
            amounts[name] = same or self._amount(name, column)
            read.append((column, amounts[name]))
        return amounts

    def _amount(self, name: str, column: pa.Array) -> Amounts:
        if self._conventions.mark is None and self._table.may_have_commas and may_be_grouped(column):
            raise MarkNeeded
        try:
            amounts = read_amounts(column, self._conventions.mark)
        except CellError as error:
            raise self._wrong(error.at, name, str(error)) from None
        if name == "BilledCost" and amounts.missing.any():
            at = int(np.argmax(amounts.missing))
            value = column[at].as_py()
            if value is not None:
                raise self._wrong(at, name, f"{shown(str(value))} is not a number")
            raise self._empty(at, name)
        return amounts

    def _currencies(self, column: TextColumn | None) -> TextColumn:
        """The billing currency; where it is left out, what the header says: ``BilledCost (USD)``."""
        named = self._header.currency
        if column is None:
            return TextColumn([named], np.zeros(self._size, dtype=np.int64))
        return merged([value or named for value in column.values], column.codes) if named else column

    def _check_currencies(self, column: TextColumn, amounts: Mapping[str, Amounts]) -> None:
        for at, currency in enumerate(column.values):
            if not re.fullmatch("[A-Z]{3}", currency):
                row = int(np.argmax(column.codes == at))
                if not currency:
                    raise self._empty(row, "BillingCurrency")
                raise self._wrong(row, "BillingCurrency", f"{shown(currency)} is not a currency code such as USD")
        for name, possible in self._header.currencies.items():
            for at, currency in enumerate(column.values):
                if currency not in possible:
                    reason = f"its name is not that of a column in {currency}, the BillingCurrency"
                    raise self._wrong(int(np.argmax(column.codes == at)), name, reason)
        for name, found in amounts.items():
            for row, possible in found.currencies.items():
                currency = column.values[column.codes[row]]
                if currency not in possible:
                    raise self._wrong(row, name, f"its currency sign is not that of {currency}, its BillingCurrency")

    def _standardize_units(self, texts: dict[str, TextColumn], amounts: dict[str, Amounts]) -> None:
        """Quantities in the one unit that sums are kept in: 1K tokens are 1,000 Tokens."""
        units = texts.get("ConsumedUnit")
        if units is None or "ConsumedQuantity" not in amounts:
            return
        names, times = zip(*map(standard, units.values), strict=True)
        factors = np.array(times, dtype=np.int64)[units.codes]
        if (factors != 1).any():
            try:
                amounts["ConsumedQuantity"] = scaled(amounts["ConsumedQuantity"], factors)
            except CellError as error:
                raise self._wrong(error.at, "ConsumedQuantity", str(error)) from None
        texts["ConsumedUnit"] = merged(list(names), units.codes)

    def _unknown(self, amounts: Mapping[str, Amounts]) -> dict[str, Mask]:
        """A price of 0 beside a cost is none: generators write it where they know no price. Credits have none."""
        found: dict[str, Mask] = {}
        every = np.ones(self._size, dtype=np.bool_)
        costs = [amounts[name] for name in ("BilledCost", "EffectiveCost") if name in amounts]
        category = self._text("ChargeCategory")
        credit = np.array([value == "Credit" for value in category.values])[category.codes]
        paid = np.any([_nonzero(cost) for cost in costs], axis=0) & ~credit
        noted = self._text(UNKNOWN_COSTS) if UNKNOWN_COSTS in self._header.columns else None
        for name in TELLING:
            if name not in self._header.columns:
                found[name] = every
            elif name in amounts:
                missing = amounts[name].missing
                if name in _PRICES:
                    missing = missing | (paid & ~_nonzero(amounts[name]))
                if noted is not None:  # the ledger's own export says so
                    missing = missing | np.array([name in text for text in noted.values])[noted.codes]
                if missing.any():
                    found[name] = missing
        return found

    def _credits(self, category: TextColumn, billed: Amounts) -> TextColumn:
        for value in category.values:
            if value not in CHARGE_CATEGORIES:
                at = int(np.argmax(category.codes == category.values.index(value)))
                if not value:
                    raise self._empty(at, "ChargeCategory")
                reason = f"{shown(value)} is none of {', '.join(CHARGE_CATEGORIES)}"
                raise self._wrong(at, "ChargeCategory", reason)
        always = np.array([value == "Credit" for value in category.values])
        below = np.array([value == "Adjustment" for value in category.values])
        credit = always[category.codes] | (below[category.codes] & (billed.whole < 0))
        return TextColumn(["", "credit"], credit.astype(np.int64))

    # --- days

    def _instants(self, name: str, *, up: bool = False) -> tuple[Ints, Ints]:
        """Days, and seconds, since 1970; ``up`` counts a part of a day as a whole one (for an exclusive end)."""
        values, codes = self._encoded(name)
        days, seconds = np.zeros(len(values), dtype=np.int64), np.zeros(len(values), dtype=np.int64)
        for n in np.flatnonzero(np.bincount(codes, minlength=len(values))).tolist():
            try:
                instant = self._instant(values[n])
            except ValueError as error:
                at = int(np.argmax(codes == n))
                if values[n] is None:
                    raise self._empty(at, name) from None
                raise self._wrong(at, name, str(error)) from None
            days[n], seconds[n] = day_number(instant, up=up), int(instant.timestamp())
        return days[codes], seconds[codes]

    def _instant(self, value: object) -> datetime:
        match value:
            case datetime():
                return plausible(value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC), str(value))
            case date():
                return plausible(datetime(value.year, value.month, value.day, tzinfo=UTC), str(value))
            case float() if value == value // 1:
                return read_instant(str(int(value)), None)
        return read_instant("" if value is None else str(value), self._conventions.order)

    def _billing(self, day: Ints) -> TextColumn:
        """``""`` where the billing period is the calendar month of the day, else ``start/end``."""
        start, _ = self._instants("BillingPeriodStart")
        end, _ = self._instants("BillingPeriodEnd", up=True)
        self._check(end > start, "BillingPeriodEnd", "the billing period ends before it starts")
        wide = 1 << 20  # days; times two, still within 64 bits
        found, codes = distinct((day * wide + start) * wide + end)
        texts = [billing_month(code // wide // wide, code // wide % wide, code % wide) for code in found]
        return merged(texts, codes)

    # --- the rest

    def _stand_ins(self, texts: dict[str, TextColumn]) -> None:
        column = texts["ServiceProviderName"]
        if "" in column.values and "ProviderName" in self._header.columns:  # 1.3 has both, and some fill the older one
            column = texts["ServiceProviderName"] = self._named(self._text("ProviderName"), column)
        if "" in column.values:
            raise self._empty(int(np.argmax(column.codes == column.values.index(""))), "ServiceProviderName")
        texts.setdefault("InvoiceIssuerName", column)
        nothing = np.zeros(self._size, dtype=np.int64)
        category = texts.get("ServiceCategory", TextColumn([""], nothing))
        texts["ServiceCategory"] = TextColumn([value or "Other" for value in category.values], category.codes)
        account = texts.get("SubAccountName")
        if account is None or "" in account.values:
            texts["SubAccountName"] = self._named(texts.get("SubAccountId"), account)

    def _named(self, ids: TextColumn | None, names: TextColumn | None) -> TextColumn:
        """The name, and the id where there is no name."""
        blank = TextColumn([""], np.zeros(self._size, dtype=np.int64))
        ids, names = ids or blank, names or blank
        found, codes = distinct(names.codes * len(ids.values) + ids.codes)
        chosen = [names.values[pair // len(ids.values)] or ids.values[pair % len(ids.values)] for pair in found]
        return merged(chosen, codes)

    def _tags(self) -> TextColumn:
        if "Tags" not in self._header.columns:
            return TextColumn([""], np.zeros(self._size, dtype=np.int64))
        column = self._array("Tags")
        if pa.types.is_nested(column.type):
            found, codes = distinct_nested(column)
            values: list[Any] = found.to_pylist()
        else:
            values, codes = self._encoded("Tags")
        used = np.bincount(codes, minlength=len(values)) > 0
        texts = [""] * len(values)
        for n in np.flatnonzero(used).tolist():
            value = values[n]
            try:
                texts[n] = tags_json(value)
            except ValueError:
                at = int(np.argmax(codes == n))
                raise self._wrong(at, "Tags", f"{shown(str(value))} is not a JSON object of tags") from None
        return merged(texts, codes)

    def _unknown_costs(self, category: TextColumn, unknown: Mapping[str, Mask]) -> TextColumn:
        """Which costs of usage are not told, a text each combination."""
        names = [name for name in sorted(unknown) if name in AMOUNTS]
        usage = np.array([value == "Usage" for value in category.values], dtype=np.int64)[category.codes]
        codes = sum((unknown[name].astype(np.int64) << n for n, name in enumerate(names)), start=np.zeros_like(usage))
        texts = [", ".join(name for n, name in enumerate(names) if code >> n & 1) for code in range(1 << len(names))]
        return merged(texts, codes * usage)

    def _others(self, marked: Mapping[str, TextColumn]) -> TextColumn:
        """Columns that FOCUS 1.4 does not know, as one JSON object under names that start ``x_``."""
        known = {*SERIES, *DETAILS, *AMOUNTS, *TIMES, "ProviderName", "PublisherName"}
        names = [name for name in self._header.columns if name not in known]
        columns = {**{name: self._text(name) for name in names}, **marked}
        columns = {name: column for name, column in columns.items() if column.values != [""]}
        if not columns or not self._size:
            return TextColumn([""], np.zeros(self._size, dtype=np.int64))
        combined = np.zeros(self._size, dtype=np.int64)
        for column in columns.values():
            _, combined = distinct(combined * len(column.values) + column.codes)
        row_of = np.empty(count := int(combined.max()) + 1, dtype=np.int64)
        row_of[combined[::-1]] = np.arange(self._size - 1, -1, -1)
        parts = {name: column.codes[row_of].tolist() for name, column in columns.items()}
        values = []
        for code in range(count):
            cells = {name: column.values[parts[name][code]] for name, column in columns.items()}
            filled = {name: value for name, value in cells.items() if value}
            values.append(json.dumps(filled, sort_keys=True, ensure_ascii=False) if filled else "")
        return merged(values, combined)


def _with_stand_ins(amounts: Mapping[str, Amounts], unknown: Mapping[str, Mask]) -> dict[str, tuple[Ints, Ints]]:
    """The amounts as the ledger takes them; what was billed stands in for a cost that is not known."""
    found = {name: (amount.whole, amount.attos) for name, amount in amounts.items()}
    billed = amounts["BilledCost"]
    for name in ("EffectiveCost", "ListCost", "ContractedCost"):
        missing = unknown.get(name)
        if missing is not None:
            own = amounts.get(name, billed)
            found[name] = np.where(missing, billed.whole, own.whole), np.where(missing, billed.attos, own.attos)
    return found


def _nonzero(amounts: Amounts) -> Mask:
    return np.asarray((amounts.whole != 0) | (amounts.attos != 0), dtype=np.bool_)
