"""Charges as columns of plain arrays: the one shape in which facts enter the star."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace
from numpy.typing import NDArray

from bot.domain.charge import AMOUNTS, DETAILS, SERIES, TELLING, UNKNOWN_COSTS, Charge, is_credit
from bot.domain.errors import OutOfRange
from bot.domain.money import ATTOS, LARGEST, to_attos
from bot.domain.period import day_number, numbered_day

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Hashes = NDArray[np.uint64]


class Labels(Struct, frozen=True):
    """A column of few distinct strings: ``values[codes[row]]``."""

    values: list[str]
    codes: Ints


class Columns(Struct, frozen=True):
    """Some charges of one feed. Columns left out are ``""`` (or 0) throughout."""

    day: Ints
    amounts: Mapping[str, tuple[Ints, Ints]]
    """Metric to (whole units, attos)."""
    series: Mapping[str, Labels]
    details: Mapping[str, Labels]
    """``DETAILS`` and, in JSON, further columns under ``x``."""
    unknown: Mapping[str, Mask] = field(default_factory=dict)
    """Of ``TELLING`` what some rows do not tell, and which."""
    hashed: tuple[Hashes, Hashes] | None = None
    """The hashes of the rows' series and details, where they are known already."""

    def __len__(self) -> int:
        return len(self.day)

    def check_range(self) -> None:
        """Passes where every amount is one that the ledger holds.

        Raises:
            OutOfRange: naming the first row, from 1, its column and day.
        """
        for name, (whole, _) in self.amounts.items():
            if len(whole) and not -LARGEST <= int(whole.min()) <= int(whole.max()) < LARGEST:
                row = int(np.argmax((whole < -LARGEST) | (whole >= LARGEST)))
                raise _out_of_range(row, name, numbered_day(int(self.day[row])), f"about {int(whole[row]):,}")

    def series_hashes(self) -> Hashes:
        """What tells the rows' series apart."""
        return hashes(self.series, len(self)) if self.hashed is None else self.hashed[0]

    def detail_hashes(self) -> Hashes:
        """What tells the rows' details apart."""
        return hashes(self.details, len(self)) if self.hashed is None else self.hashed[1]

    def with_hashes(self) -> Columns:
        """The same, hashed already: by whoever has a thread to spare."""
        return replace(self, hashed=(self.series_hashes(), self.detail_hashes()))

    def take(self, rows: NDArray[Any]) -> Columns:
        """Only those rows (a mask or indices)."""

        def cut(labels: Mapping[str, Labels]) -> dict[str, Labels]:
            return {name: Labels(column.values, column.codes[rows]) for name, column in labels.items()}

        pairs = {id(whole): (whole[rows], attos[rows]) for whole, attos in self.amounts.values()}
        amounts = {name: pairs[id(whole)] for name, (whole, _) in self.amounts.items()}
        unknown = {name: mask[rows] for name, mask in self.unknown.items()}
        hashed = None if self.hashed is None else (self.hashed[0][rows], self.hashed[1][rows])
        return Columns(self.day[rows], amounts, cut(self.series), cut(self.details), unknown, hashed)

    def unknown_days(self) -> dict[str, list[int]]:
        """Of ``TELLING`` what usage that was paid for does not tell, and on which days."""
        category, billed = self.series.get("ChargeCategory"), self.amounts["BilledCost"]
        paid = (billed[0] != 0) | (billed[1] != 0)
        if category is not None:
            paid &= np.array([value == "Usage" for value in category.values], dtype=np.bool_)[category.codes]
        return {name: np.unique(self.day[mask & paid]).tolist() for name, mask in self.unknown.items()}


def labels(values: Iterable[str]) -> Labels:
    """Number the distinct strings in order of first sight."""
    rows = list(values)
    seen = {value: number for number, value in enumerate(dict.fromkeys(rows))}
    if len(seen) == 1:
        return Labels(list(seen), np.zeros(len(rows), dtype=np.int64))
    return Labels(list(seen), np.fromiter(map(seen.__getitem__, rows), dtype=np.int64, count=len(rows)))


def from_charges(charges: Iterable[Charge]) -> Columns:
    """The same charges as columns; amounts a charge leaves out equal its billed cost."""
    rows = list(charges)
    billed = _split(rows, "BilledCost", [charge.billed_cost for charge in rows])
    unknown = {name: _left(rows, name) for name in TELLING}
    credit = ["credit" if is_credit(charge.charge_category, charge.billed_cost) else "" for charge in rows]
    return Columns(
        day=np.array([day_number(charge.day) for charge in rows], dtype=np.int64),
        amounts={name: _amounts(rows, name, billed) for name in AMOUNTS},
        series=_labelled(rows, SERIES) | {"x_Credit": labels(credit), "Tags": _json_labels(rows, "tags")},
        details=_labelled(rows, DETAILS) | {"x": _further(rows, unknown)},
        unknown=unknown,
    )


def _left(rows: Sequence[Charge], name: str) -> Mask:
    """Which charges leave a column out, or have a stand-in there."""
    values = map(attrgetter(_FIELDS[name]), rows)
    left = (value is None or name in charge.unknown_columns for value, charge in zip(values, rows, strict=True))
    return np.fromiter(left, dtype=np.bool_, count=len(rows))


def _labelled(rows: Sequence[Charge], names: Iterable[str]) -> dict[str, Labels]:
    """The columns that any charge tells; what is not told of one is ``""``."""
    found = {}
    for name in names:
        if name in _FIELDS and name != "Tags":
            column = labels(map(attrgetter(_FIELDS[name]), rows))
            if column.values not in ([""], [None]):
                found[name] = column if None not in column.values else _merged(column)
    return found


def _merged(column: Labels) -> Labels:
    """The same, where a column may be None or ``""`` and that is one."""
    places = labels(value or "" for value in column.values)
    return Labels(places.values, places.codes[column.codes])


def _json_labels(rows: Sequence[Charge], field: str) -> Labels:
    """A column of mappings; equal ones are mostly the same object, and written once."""
    texts: dict[int, str] = {}
    found = [getattr(charge, field) for charge in rows]
    for value in found:
        if id(value) not in texts:
            texts[id(value)] = tags_json(value)
    return labels(texts[id(value)] for value in found)


def _further(rows: Sequence[Charge], unknown: Mapping[str, Mask]) -> Labels:
    """Further columns as JSON; of usage also which costs are not known, as imported files note it."""
    plain = _json_labels(rows, "x")
    costs = [name for name in sorted(unknown) if name in AMOUNTS]
    usage = np.fromiter((charge.charge_category == "Usage" for charge in rows), dtype=np.int64, count=len(rows))
    marks = sum((unknown[name].astype(np.int64) << n for n, name in enumerate(costs)), start=np.zeros_like(usage))
    found, codes = np.unique(plain.codes << len(costs) | marks * usage, return_inverse=True)
    texts = []
    for number in found.tolist():
        text = plain.values[number >> len(costs)]
        names = ", ".join(name for n, name in enumerate(costs) if number >> n & 1)
        texts.append(tags_json({**(json.loads(text) if text else {}), UNKNOWN_COSTS: names}) if names else text)
    return Labels(texts, codes.astype(np.int64))


def _amounts(rows: Sequence[Charge], name: str, billed: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    if name == "BilledCost":
        return billed
    found = list(map(attrgetter(_FIELDS[name]), rows))
    distinct = set(map(id, found))
    if distinct == {id(None)}:
        return billed
    if len(distinct) == 1:
        whole, attos = _split(rows[:1], name, found[:1])
        return np.repeat(whole, len(rows)), np.repeat(attos, len(rows))
    amounts = [charge.billed_cost if value is None else value for value, charge in zip(found, rows, strict=True)]
    return _split(rows, name, amounts)


def _split(rows: Sequence[Charge], name: str, amounts: list[Decimal]) -> tuple[Ints, Ints]:
    pairs = [divmod(to_attos(amount), ATTOS) for amount in amounts]
    for row, (units, _) in enumerate(pairs):
        if not -LARGEST <= units < LARGEST:
            raise _out_of_range(row, name, rows[row].day, f"{amounts[row]:.6e}")
    whole = np.array([pair[0] for pair in pairs], dtype=np.int64)
    return whole, np.array([pair[1] for pair in pairs], dtype=np.int64)


def _out_of_range(row: int, name: str, day: date, amount: str) -> OutOfRange:
    return OutOfRange(
        f"Row {row + 1} ({day}), column {name}: {amount} is more than the ledger can hold.",
        f"It holds amounts and totals up to {LARGEST:,} in either direction: correct the bill.",
    )


_SNAKE = {
    name: "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_").replace("x__", "x_")
    for name in (*SERIES, *DETAILS, *AMOUNTS)
}
_FIELDS = {name: snake for name, snake in _SNAKE.items() if snake in Charge.__struct_fields__}


def tags_json(tags: Mapping[str, str]) -> str:
    """Tags in one spelling, ``""`` for none."""
    return json.dumps(dict(sorted(tags.items())), ensure_ascii=False) if tags else ""


def hashes(columns: Mapping[str, Labels], rows: int) -> Hashes:
    """A 64-bit hash of each row's combination; 2^32 combinations in one import would collide, not before."""
    found = np.zeros(rows, dtype=np.uint64)
    for name, column in sorted(columns.items()):
        values = np.array([_hash(name, value) for value in column.values], dtype=np.uint64)
        found = found * np.uint64(0x9E3779B97F4A7C15) + values[column.codes]
        found ^= found >> np.uint64(29)
    return found


def combined_hashes(columns: Mapping[str, Labels], seconds: Ints) -> Hashes:
    """A hash of each row's texts and instant."""
    found = hashes(columns, len(seconds)) + seconds.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F)
    found ^= found >> np.uint64(31)
    found *= np.uint64(0x9E3779B97F4A7C15)
    mixed: Hashes = found ^ (found >> np.uint64(29))
    return mixed


@lru_cache(maxsize=1 << 17)
def _hash(name: str, value: str) -> int:
    if not value:
        return 0
    return int.from_bytes(blake2b(f"{name}\0{value}".encode(), digest_size=8).digest(), "big")
