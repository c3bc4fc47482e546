"""What the corpus is made of: charges, the ways to write them down, and what importing a file must come to."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa
from pyarrow import parquet

Row = dict[str, Any]
Rows = Sequence[Row]

BASE: Mapping[str, str] = {
    "BilledCost": "0",
    "EffectiveCost": "0",
    "ListCost": "0",
    "ContractedCost": "0",
    "BillingAccountId": "123456789012",
    "BillingAccountName": "Acme",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    "ChargePeriodStart": "2026-10-05T00:00:00Z",
    "ChargePeriodEnd": "2026-10-06T00:00:00Z",
    "ChargeCategory": "Usage",
    "ChargeFrequency": "Usage-Based",
    "ServiceName": "Acme Compute",
    "ServiceCategory": "Compute",
    "ProviderName": "Acme Cloud",
    "InvoiceIssuerName": "Acme Cloud",
    "SubAccountId": "acct-1",
    "SubAccountName": "production",
    "RegionId": "eu-1",
    "ConsumedQuantity": "24",
    "ConsumedUnit": "Hours",
    "Tags": '{"team": "core"}',
}
COSTS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")
TIMES = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
AMOUNTS = ("12.5", "1234.56", "0.000001", "-3.25")
"""What the charges of most files cost; their sum is 1,243.810001."""
TOTAL = {"USD": Decimal("1243.810001")}
SERVICES = ("Acme Compute", "Acme Storage", "Acme Database", "Acme Network")


@dataclass(frozen=True)
class Case:
    """A file, and what importing it must come to."""

    name: str
    data: bytes
    totals: Mapping[str, Decimal] | None = None
    """Billed cost by currency; None where the file must be refused."""
    refused: str = ""
    """A pattern of the refusal: what it must name."""
    rounded: int = 0
    """How many amounts had digits beyond 1e-18."""
    tags: Mapping[str, str] | None = None
    """The tags of every charge."""
    days: tuple[date, date] | None = None
    """The first and last day with charges."""
    options: Mapping[str, str] = field(default_factory=dict)


def row(cost: str | None = None, **columns: object) -> Row:
    """A charge; all four costs are the same unless named."""
    costs = dict.fromkeys(COSTS, cost) if cost is not None else {}
    return {**BASE, **costs, **columns}


def rows(amounts: Iterable[str] = AMOUNTS, **columns: object) -> list[Row]:
    """A charge an amount, each of another service."""
    return [row(amount, **{"ServiceName": SERVICES[n % 4], **columns}) for n, amount in enumerate(amounts)]


def text(
    charges: Rows,
    *,
    delimiter: str = ",",
    end: str = "\n",
    quoting: Literal[0, 1, 2, 3] = csv.QUOTE_MINIMAL,
    escape: str | None = None,
) -> str:
    """The charges as delimited text."""
    out = io.StringIO()
    names = list(charges[0]) if charges else list(BASE)
    writer = csv.writer(
        out, delimiter=delimiter, lineterminator=end, quoting=quoting, escapechar=escape, doublequote=escape is None
    )
    writer.writerow(names)
    writer.writerows([charge[name] for name in names] for charge in charges)
    return out.getvalue()


def renamed(charges: Rows, name: Callable[[str], str]) -> list[Row]:
    """The charges with other names of their columns."""
    return [{name(column): cell for column, cell in charge.items()} for charge in charges]


def snake(name: str) -> str:
    """``BilledCost`` as ``billed_cost``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def spaced(name: str) -> str:
    """``BilledCost`` as ``Billed Cost``."""
    return "".join(f" {letter}" if letter.isupper() else letter for letter in name).strip()


def table(charges: Rows, **types: pa.DataType) -> bytes:
    """The charges as Parquet; columns without a type are text."""
    names = list(charges[0])
    arrays = [pa.array([charge[name] for charge in charges], types.get(name, pa.string())) for name in names]
    out = io.BytesIO()
    parquet.write_table(pa.table(dict(zip(names, arrays, strict=True))), out)
    return out.getvalue()


def at(text_: str) -> datetime:
    """An instant from its ISO text."""
    return datetime.fromisoformat(text_).astimezone(UTC)


def timed(charges: Rows, read: Callable[[str], Any] = at) -> list[Row]:
    """The charges with their instants as values rather than texts."""
    return [{**charge, **{name: read(charge[name]) for name in TIMES}} for charge in charges]


def costed(charges: Rows, read: Callable[[str], Any] = Decimal, names: Sequence[str] = COSTS) -> list[Row]:
    """The charges with their amounts as values."""
    return [{**charge, **{name: read(charge[name]) for name in (*names, "ConsumedQuantity")}} for charge in charges]
