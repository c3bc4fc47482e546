"""What reporting tools and people make of a bill: remarks in its header, lines around it, other packings."""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal

import pyarrow as pa

from scripts.corpus.made import (
    AMOUNTS,
    BASE,
    COSTS,
    TIMES,
    TOTAL,
    Case,
    Rows,
    renamed,
    row,
    rows,
    snake,
    spaced,
    table,
    text,
)

_EUROS = {"EUR": TOTAL["USD"]}


def _without(charges: Rows, *names: str) -> list[dict[str, object]]:
    return [{name: cell for name, cell in charge.items() if name not in names} for charge in charges]


def remarks() -> Iterator[Case]:
    """Names of columns with a currency, a type, a time zone or a sum around them."""
    bare = _without(rows(), "BillingCurrency")
    spellings: Mapping[str, Callable[[str], str]] = {
        "in-parentheses": lambda name: f"{name} (USD)",
        "in-brackets": lambda name: f"{spaced(name)} [USD]",
        "snake-case": lambda name: f"{snake(name)}_usd",
        "upper-snake-case": lambda name: f"{snake(name).upper()}_USD",
        "camel-case": lambda name: f"{name[0].lower()}{name[1:]}Usd",
        "microsoft": lambda name: f"{name}InUsd",
        "in-words": lambda name: f"{spaced(name).lower()} in usd",
        "two-lines": lambda name: f"{spaced(name)}\n(USD)",
        "starred": lambda name: f"{name} (USD)*",
        "sign-of-one-currency": lambda name: f"{name} (US$)",
        "sums-power-bi": lambda name: f"Sum of {name} (USD)",
    }
    for name, rename in spellings.items():
        costs = renamed(bare, _of_costs(rename))
        yield Case(f"remark-currency-{name}.csv", text(costs).encode(), TOTAL)
    named = renamed(rows(), lambda column: f"{column} (USD)" if column in COSTS else column)
    yield Case("remark-currency-as-in-its-column.csv", text(named).encode(), TOTAL)
    half = [{**charge, "BillingCurrency": "USD" if n % 2 else ""} for n, charge in enumerate(named)]
    yield Case("remark-currency-column-filled-in-part.csv", text(half).encode(), TOTAL)
    euros = [{**charge, "BillingCurrency": "EUR"} for charge in named]
    yield Case(
        "remark-currency-of-another.csv", text(euros).encode(), refused=r"row 2, column BilledCost \(USD\): .*EUR"
    )
    euro_sign = renamed(rows(), lambda column: f"{column} €" if column in COSTS else column)
    yield Case("remark-sign-of-another.csv", text(euro_sign).encode(), refused="row 2, column BilledCost €: .*USD")
    dollars = [{**charge, "BillingCurrency": "AUD"} for charge in renamed(rows(), _in_dollars)]
    yield Case("remark-sign-of-several.csv", text(dollars).encode(), {"AUD": TOTAL["USD"]})
    open_ = _without(renamed(rows(), _in_dollars), "BillingCurrency")
    yield Case("remark-sign-that-leaves-it-open.csv", text(open_).encode(), refused="row 1: .*no BillingCurrency")
    mixed = renamed(bare, lambda column: f"{column} ({'USD' if column == 'BilledCost' else 'EUR'})")
    mixed = [
        {name.removesuffix(" (EUR)") if name[:-6] not in COSTS else name: cell for name, cell in c.items()}
        for c in mixed
    ]
    yield Case("remark-two-currencies.csv", text(mixed).encode(), refused="row 1: .*no BillingCurrency")
    both = [{**charge, "BilledCost (EUR)": "999"} for charge in rows()]
    yield Case("remark-converted-beside.csv", text(both).encode(), TOTAL)
    twice = [{**_without([charge], "BilledCost")[0], "BilledCost (USD)": 1, "BilledCost (EUR)": 2} for charge in rows()]
    yield Case("remark-converted-alone.csv", text(twice).encode(), refused="row 1: .*one column")
    for name, rename in {
        "sql-sums": lambda column: f"SUM({column})" if column in COSTS else column,
        "pivot-sums": lambda column: f"Sum of {column}" if column in COSTS else column,
        "types-colon": lambda column: f"{column}:{'decimal' if column in COSTS else 'string'}",
        "types-glue": lambda column: f"{column.lower()} ({'double' if column in COSTS else 'string'})",
        "time-zone": lambda column: f"{column} (UTC)" if column in TIMES else column,
        "time-zone-snake-case": lambda column: f"{snake(column)}_utc" if column in TIMES else snake(column),
        "table-dax": lambda column: f"Costs[{column}]",
        "table-and-measures-dax": lambda column: f"[Sum{column}]" if column in COSTS else f"'All Costs'[{column}]",
        "view-looker": lambda column: f"Focus {spaced(column)}",
        "view-snake-case": lambda column: f"focus_{snake(column)}",
        "numbered-sign": lambda column: f"#{column}",
    }.items():
        yield Case(f"remark-{name}.csv", text(renamed(rows(), rename)).encode(), TOTAL)
    hive = [{f"focus.{name.lower()}": cell for name, cell in charge.items()} for charge in rows()]
    yield Case("remark-table-hive.parquet", table(hive), TOTAL)
    parts = [text([{f"f.{name}": cell for name, cell in charge.items()} for charge in rows(some)]) for some in _HALVES]
    yield Case("remark-table-hive-two-parts.csv", "".join(parts).encode(), TOTAL)
    for name, refused in {
        "BilledCost (thousands)": "no BilledCost",
        "BilledCost (cents)": "no BilledCost",
        "Average of BilledCost": "no BilledCost",
        "Count of BilledCost": "no BilledCost",
        "billed_cost_all": "no BilledCost",
    }.items():
        others = renamed(rows(), _of_billed(name))
        title = "".join(letter for letter in name.lower().replace(" ", "-") if letter not in "()")
        yield Case(f"remark-{title}.csv", text(others).encode(), refused=f"row 1: .*{refused}")
    elsewhere = renamed(rows(), lambda column: f"{column} (PST)" if column == "ChargePeriodStart" else column)
    yield Case("remark-another-time-zone.csv", text(elsewhere).encode(), refused="row 1: .*no ChargePeriodStart")


_HALVES = (AMOUNTS[:2], AMOUNTS[2:])


def _of_costs(rename: Callable[[str], str]) -> Callable[[str], str]:
    return lambda column: rename(column) if column in COSTS else column


def _of_billed(name: str) -> Callable[[str], str]:
    return lambda column: name if column == "BilledCost" else column


def _in_dollars(column: str) -> str:
    return f"{column} ($)" if column in COSTS else column


def reports() -> Iterator[Case]:
    """Lines around the table, cells as tools format them."""
    whole, day = text(rows()), date(2026, 10, 5)
    names, _, others = whole.partition("\n")
    groups = "Costs,,,,Account,,,Period,,,,Charge,,Service,,Who,,Where,,,Usage,,Tags"
    yield Case("report-groups-above-header.csv", f"{groups[: groups.index('Tags')]}\n{whole}".encode(), TOTAL)
    units = ",".join("USD" if name in COSTS else "" for name in BASE)
    yield Case(
        "report-units-below-header.csv", f"{names}\n{units}\n{others}".encode(), refused="row 2, column BilledCost"
    )
    types = ",".join("Decimal(9;2)" if name in COSTS else "String" for name in BASE)
    typed = f"{names}\n{types}\n{others}".encode()
    yield Case("report-types-below-header-clickhouse.csv", typed, refused="row 2, column BilledCost")
    yield Case("report-count-below-psql.csv", f"{whole}(4 rows)\n".encode(), refused="row 6: it has 1 columns")
    filters = f"{whole}\nApplied filters:\nProviderName is Acme\n".encode()
    yield Case("report-filters-below-power-bi.csv", filters, refused="row 7: it has 1 columns")
    comments = f"# made by a tool\n# 2026-11-02\n{whole}".encode()
    yield Case("report-comments-above.csv", comments, TOTAL)
    yield Case("report-header-alone-commented.csv", f"# {whole}".encode(), TOTAL)
    widths = "\n".join("  ".join(str(cell).ljust(24) for cell in charge.values()) for charge in rows())
    yield Case(
        "report-fixed-width.txt",
        f"{'  '.join(name.ljust(24) for name in BASE)}\n{widths}\n".encode(),
        refused="not a FOCUS file",
    )
    pivot = [
        {**{n: c for n, c in row("1").items() if n not in COSTS}, "Measure Names": "BilledCost", "Measure Values": "1"}
    ]
    yield Case("report-measures-as-rows-tableau.csv", text(pivot).encode(), refused="row 1: .*no BilledCost")
    point = rows(ChargePeriodEnd=BASE["ChargePeriodStart"])
    yield Case("report-period-of-no-length-gateway.csv", text(point).encode(), TOTAL, days=(day, day))
    doubled = [*rows(), *rows()]
    yield Case("report-every-charge-twice.csv", text(doubled).encode(), {"USD": 2 * TOTAL["USD"]})
    for name, written, amount, currency in (
        ("zero-width", "12.5\u200b", "12.5", "USD"),
        ("mark-within", "\ufeff12.5", "12.5", "USD"),
        ("code-touching", "USD1,234.50", "1234.5", "USD"),
        ("brazil", "R$ 1.234,56", "1234.56", "BRL"),
        ("switzerland", "CHF 1’234.50", "1234.5", "CHF"),
        ("poland", "1 234,50 zł", "1234.5", "PLN"),
        ("denmark", "kr. 12,50", "12.5", "DKK"),
        ("exponent-true-minus", "1.5E\u22123", "0.0015", "USD"),
        ("quoted-twice", '"12.5"', "12.5", "USD"),
        ("tab-before", "\t12.5", "12.5", "USD"),
    ):
        charges = rows([written], BillingCurrency=currency)
        yield Case(f"report-amount-{name}.csv", text(charges, delimiter=";").encode(), {currency: Decimal(amount)})
    for n, written in enumerate(
        ("12.50CR", "<0.01", "$1.2M", "1.2k", "12.5/mo", "1/2", "~5", "12.5;", "5 of 7", "1 2")
    ):
        charges = [row("1.5"), row("1.5", BilledCost=written)]
        yield Case(f"report-refused-amount-{n}.csv", text(charges).encode(), refused="row 3, column BilledCost: ")


def packings() -> Iterator[Case]:
    """Archives and delimiters that few tools write."""
    whole = text(rows()).encode()
    for name, method in {"bzip2": zipfile.ZIP_BZIP2, "lzma": zipfile.ZIP_LZMA, "stored": zipfile.ZIP_STORED}.items():
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", method) as archive:
            archive.writestr("bill.csv", whole)
        yield Case(f"packing-{name}.zip", out.getvalue(), TOTAL)
    yield Case("packing.csv.lz4", pa.compress(whole, codec="lz4", asbytes=True), TOTAL)
    yield Case("packing.csv.Z", b"\x1f\x9d\x90" + whole[:300], refused="is compressed with compress")
    yield Case("packing.7z", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(64), refused="is a 7-Zip archive")
    yield Case("packing.rar", b"Rar!\x1a\x07\x01\0" + bytes(64), refused="is a RAR archive")
    yield Case("packing.csv.sz", b"\xff\x06\0\0sNaPpY" + bytes(64), refused="is compressed with Snappy")
    ods = io.BytesIO()
    with zipfile.ZipFile(ods, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    yield Case("packing.ods", ods.getvalue(), refused="is an OpenDocument spreadsheet")
    for name, mark in {"control-a-hive": "\x01", "caret": "^", "tilde": "~"}.items():
        yield Case(f"delimited-by-{name}.csv", text(rows(), delimiter=mark).encode(), TOTAL)
    inner = bz2.compress(gzip.compress(whole))
    yield Case("packing-gzip-in-bzip2.csv.gz.bz2", inner, TOTAL)
