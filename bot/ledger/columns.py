"""Charges as columns of plain arrays: the one shape in which facts enter the star."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.costs.charge import AMOUNTS, DETAILS, SERIES, Charge, is_credit
from bot.costs.money import ATTOS, to_attos

Ints = NDArray[np.int64]
EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01, as the ledger counts them."""
    return day.toordinal() - EPOCH


def day_of(number: int) -> date:
    """The day of such a number."""
    return date.fromordinal(int(number) + EPOCH)


@dataclass(frozen=True)
class Labels:
    """A column of few distinct strings: ``values[codes[row]]``."""

    values: list[str]
    codes: Ints


@dataclass(frozen=True)
class Columns:
    """Some charges of one feed. Columns left out are ``""`` (or 0) throughout."""

    day: Ints
    amounts: Mapping[str, tuple[Ints, Ints]]
    """Metric to (whole units, attos)."""
    series: Mapping[str, Labels]
    details: Mapping[str, Labels]
    """``DETAILS`` and, in JSON, further columns under ``x``."""

    def __len__(self) -> int:
        return len(self.day)

    def take(self, rows: NDArray[Any]) -> Columns:
        """Only those rows (a mask or indices)."""

        def cut(labels: Mapping[str, Labels]) -> dict[str, Labels]:
            return {name: Labels(each.values, each.codes[rows]) for name, each in labels.items()}

        amounts = {name: (whole[rows], attos[rows]) for name, (whole, attos) in self.amounts.items()}
        return Columns(self.day[rows], amounts, cut(self.series), cut(self.details))


def labels(values: Iterable[str]) -> Labels:
    """Number the distinct strings in order of first sight."""
    seen: dict[str, int] = {}
    codes = [seen.setdefault(value, len(seen)) for value in values]
    return Labels(list(seen), np.array(codes, dtype=np.int64))


def from_charges(charges: Iterable[Charge]) -> Columns:
    """The same charges as columns; amounts a charge leaves out equal its billed cost."""
    rows = list(charges)
    texts: dict[str, list[str]] = {name: [] for name in (*SERIES, *DETAILS, "x")}
    for charge in rows:
        for name, value in _texts(charge).items():
            texts[name].append(value)
    return Columns(
        day=np.array([day_number(charge.day) for charge in rows], dtype=np.int64),
        amounts={name: _split([_amount(charge, name) for charge in rows]) for name in AMOUNTS},
        series={name: labels(texts[name]) for name in SERIES},
        details={name: labels(texts[name]) for name in (*DETAILS, "x")},
    )


def _split(amounts: list[Decimal]) -> tuple[Ints, Ints]:
    pairs = [divmod(to_attos(amount), ATTOS) for amount in amounts]
    whole = np.array([pair[0] for pair in pairs], dtype=np.int64)
    return whole, np.array([pair[1] for pair in pairs], dtype=np.int64)


_SNAKE = {
    name: "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_").replace("x__", "x_")
    for name in (*SERIES, *DETAILS, *AMOUNTS)
}
_FIELDS = {name: snake for name, snake in _SNAKE.items() if snake in Charge.model_fields}


def _amount(charge: Charge, name: str) -> Decimal:
    value: Decimal | None = getattr(charge, _FIELDS[name])
    return charge.billed_cost if value is None else value


def _texts(charge: Charge) -> dict[str, str]:
    texts = {name: getattr(charge, _FIELDS[name]) if name in _FIELDS else "" for name in (*SERIES, *DETAILS)}
    texts["Tags"] = tags_json(charge.tags)
    texts["x_Credit"] = "credit" if is_credit(charge.charge_category, charge.billed_cost) else ""
    texts["x"] = tags_json(charge.x)
    return texts


def tags_json(tags: Mapping[str, str]) -> str:
    """Tags in one spelling, ``""`` for none."""
    return json.dumps(dict(sorted(tags.items())), ensure_ascii=False) if tags else ""
