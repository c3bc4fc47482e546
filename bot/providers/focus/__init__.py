"""FOCUS files (CSV, CSV.gz, Parquet; versions 1.0 to 1.4), read as columns, a block at a time.

Source: the FOCUS specification; https://focus.finops.org. Read leniently where a value can only mean one thing
(``NULL``, ``$1,000.00``, dates with a space; a cost other than BilledCost left empty adds nothing), refused with file,
row and column where it cannot. Rows are counted as a spreadsheet does: the header is row 1. Days are UTC. Nothing is
rounded, except binary floats (Parquet doubles), which are read as their shortest decimal and cut at 1e-18.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from bot.domain.errors import InvalidFile
from bot.providers.focus.columns import FORMER, Block, Reader, Text
from bot.providers.focus.files import tables

__all__ = ["Block", "Text", "read"]

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


def read(path: Path, progress: Callable[[int], None] = lambda _bytes: None) -> Iterator[Block]:
    """The charges of a file. ``progress`` is told how many bytes of it have been read so far.

    Raises:
        InvalidFile: with file, row, column and reason.
    """
    row = 2
    for table in tables(path, progress):
        if row == 2:  # noqa: PLR2004 - the first block
            _check_header(path, table.column_names)
        yield Reader(path, row, table).block()
        row += table.num_rows
    if row == 2:  # noqa: PLR2004 - no block at all
        raise InvalidFile(f"{path.name} holds no charges.", "Export it again; a header alone is not a bill.")


def _check_header(path: Path, names: list[str]) -> None:
    known = {FORMER.get(name, name) for name in names}
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
