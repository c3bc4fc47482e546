"""Bills as generators and people's tools write them, one small file an oddity, each with its exact total.

``python -m scripts.corpus FOLDER`` writes the files and ``expected.json``. The files are made from facts about formats
(the FOCUS specification, vendors' documentation, what spreadsheets and data tools do when they save), with invented
charges; so each total is known by construction. The tests import all of them.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from functools import cache
from pathlib import Path
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


# --- spelling of the header ------------------------------------------------------------------------------------


def headers() -> Iterator[Case]:
    """One column name, many spellings."""
    spellings: Mapping[str, Callable[[str], str]] = {
        "lower-case": str.lower,
        "upper-case-snowflake": str.upper,
        "snake-case-databricks": snake,
        "upper-snake-case": lambda name: snake(name).upper(),
        "spaced": spaced,
        "kebab-case": lambda name: snake(name).replace("_", "-"),
        "blanks-around": lambda name: f"  {name} ",
        "camel-case": lambda name: name[0].lower() + name[1:],
        "provider-0.5": lambda name: {"ProviderName": "Provider", "InvoiceIssuerName": "InvoiceIssuer"}.get(name, name),
        "usage-quantity-1.0-preview": lambda name: {
            "ConsumedQuantity": "UsageQuantity",
            "ConsumedUnit": "UsageUnit",
        }.get(name, name),
        "region-1.0-preview": lambda name: {"RegionId": "Region"}.get(name, name),
        "amortized-cost-0.5": lambda name: {"EffectiveCost": "AmortizedCost", "ChargeCategory": "ChargeType"}.get(
            name, name
        ),
        "billed-currency-0.5": lambda name: {"BillingCurrency": "BilledCurrency"}.get(name, name),
        "service-provider-1.3": lambda name: {"ProviderName": "ServiceProviderName"}.get(name, name),
    }
    for name, rename in spellings.items():
        renamed = [{rename(column): cell for column, cell in charge.items()} for charge in rows()]
        yield Case(f"header-{name}.csv", text(renamed).encode(), TOTAL, tags={"team": "core"})
    twice = [{**charge, "billedcost": "7"} for charge in rows()]
    yield Case("header-two-spellings.csv", text(twice).encode(), refused="row 1: .*BilledCost and billedcost")
    yield Case("header-twice.csv", _twice("BilledCost").encode(), refused="row 1: .*BilledCost comes twice")
    both = [{"Provider": "Other", **charge} for charge in rows()]
    yield Case("header-old-and-new.csv", text(both).encode(), refused="row 1: .*Provider")
    for missing in ("BilledCost", "BillingCurrency", "ChargePeriodStart", "ServiceName"):
        without = [{name: value for name, value in charge.items() if name != missing} for charge in rows()]
        yield Case(f"header-without-{snake(missing)}.csv", text(without).encode(), refused=f"row 1: .*no {missing}")
    yield Case("header-alone.csv", text([]).encode(), {})
    yield Case("empty.csv", b"", refused="is empty")
    yield Case("blank.csv", b"\n\n  \n", refused="is empty")
    yield Case("no-bill.csv", b"name,amount\nx,1\n", refused="is not a FOCUS file")
    odd = [{**charge, "": n, "x_Mine": "seven", "Cost Center": "42"} for n, charge in enumerate(rows())]
    yield Case("header-unnamed-index-pandas.csv", text(odd).encode(), TOTAL)


def _twice(name: str) -> str:
    lines = text(rows()).split("\n")
    return "\n".join([f"{lines[0]},{name}", *(f"{line},1" for line in lines[1:] if line), ""])


# --- encodings, delimiters, quotes ------------------------------------------------------------------------------


def encodings() -> Iterator[Case]:
    """The same text in other bytes."""
    charges = rows(SubAccountName="München – 東京")
    whole = text(charges)
    for name, data in {
        "utf-8-bom": b"\xef\xbb\xbf" + whole.encode(),
        "utf-16-le-powershell": b"\xff\xfe" + whole.replace("\n", "\r\n").encode("utf-16-le"),
        "utf-16-be": b"\xfe\xff" + whole.encode("utf-16-be"),
        "utf-16-le-unmarked": text(rows()).encode("utf-16-le"),
        "utf-32": whole.encode("utf-32"),
        "windows-line-ends": whole.replace("\n", "\r\n").encode(),
        "old-mac-line-ends": whole.replace("\n", "\r").encode(),
        "doubled-returns": whole.replace("\n", "\r\r\n").encode(),
        "no-last-line-end": whole.rstrip("\n").encode(),
        "blank-lines": whole.replace("\n", "\n\n").encode(),
        "empty-rows-at-end": whole.encode() + b"," * (len(BASE) - 1) + b"\n" + b"," * (len(BASE) - 1) + b"\n",
    }.items():
        yield Case(f"text-{name}.csv", data, TOTAL)
    latin = text(rows(SubAccountName="München")).encode("latin-1")
    yield Case("text-latin-1-undeclared.csv", latin, refused="row 2: it is not UTF-8 .*--encoding")
    yield Case("text-latin-1.csv", latin, TOTAL, options={"encoding": "latin-1"})
    yield Case("text-zero-bytes.csv", b"\0" * 5000, refused="neither text nor Parquet")
    yield Case("text-pdf.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", refused="is a PDF")
    for name, delimiter in {"semicolon": ";", "tab": "\t", "pipe": "|"}.items():
        yield Case(f"delimited-by-{name}.csv", text(rows(), delimiter=delimiter).encode(), TOTAL)
    yield Case("tab.TSV", text(rows(), delimiter="\t").encode(), TOTAL)
    yield Case("excel-sep-line.csv", b"sep=;\n" + text(rows(), delimiter=";").encode(), TOTAL)
    yield Case(
        "powershell-type-line.csv", b"#TYPE System.Object\n" + text(rows(), quoting=csv.QUOTE_ALL).encode(), TOTAL
    )
    yield Case("title-lines-before-header.csv", b"Acme cost report\n\nOctober 2026\n" + text(rows()).encode(), TOTAL)
    yield Case("quoted-all.csv", text(rows(), quoting=csv.QUOTE_ALL).encode(), TOTAL)
    spark = text(rows(), quoting=csv.QUOTE_ALL, escape="\\")
    yield Case("backslash-quotes-spark.csv", spark.encode(), TOTAL, tags={"team": "core"})
    inches = text(rows(ServiceName="x")).replace("production", '27" monitors')
    yield Case("quote-within-cell.csv", inches.encode(), TOTAL)
    yield Case("blank-before-quote.csv", text(rows()).replace(',"{', ', "{').encode(), TOTAL)
    yield Case("line-end-within-cell.csv", text(rows(SubAccountName='two\nlines, "quoted"\n')).encode(), TOTAL)
    yield Case("delimiter-at-line-end.csv", text(rows()).replace("\n", ",\n").encode(), TOTAL)
    yield Case("delimiter-at-row-end.csv", text(rows()).replace("\n", ",\n").replace(",\n", "\n", 1).encode(), TOTAL)
    yield Case("short-row.csv", text(rows()).encode() + b"1,2,3\n", refused="row 6: it has 3 columns")
    yield Case(
        "cell-too-many.csv", text(rows()).replace(",eu-1,", ",eu-1,eu-2,", 1).encode(), refused="row 2: it has 24"
    )
    yield Case("open-quote.csv", text(rows()).encode()[:-2], refused="ends inside a quoted cell")
    unescaped = text(rows()).replace('""', '"')
    yield Case("unescaped-quotes.csv", unescaped.encode(), refused="row 2: a quoted cell continues")
    total_row = text([*rows(), {**dict.fromkeys(BASE, ""), "BillingAccountId": "Total", "BilledCost": "1243.810001"}])
    yield Case("row-of-totals.csv", total_row.encode(), refused="row 6, column .*empty")
    two = text(rows(AMOUNTS[:2])) + text(rows(AMOUNTS[2:]))
    yield Case("two-files-one-after-the-other.csv", two.encode(), TOTAL)
    long = text(rows(ServiceName="x" * (2 << 20)))
    yield Case("cell-of-two-mebibytes.csv", long.encode(), refused="row 2.*longer")


# --- numbers ----------------------------------------------------------------------------------------------------


def _sum(*amounts: str) -> Decimal:
    with localcontext(prec=60):
        return sum(map(Decimal, amounts), Decimal(0))


def numbers() -> Iterator[Case]:
    """Amounts as people's tools write them, each file with 1.5 beside the amount in question."""
    meant = {
        "exponent": ("1E-5", "0.00001"),
        "exponent-plus": ("1.5e+3", "1500"),
        "dollars-grouped": ("$10,000.00 ", "10000"),
        "grouped-twice": ("1,234,567.5", "1234567.5"),
        "in-parentheses": ("(3.25)", "-3.25"),
        "minus-behind": ("3.25-", "-3.25"),
        "plus": ("+7", "7"),
        "true-minus": ("\u22127.25", "-7.25"),
        "blanks": (" 7 ", "7"),
        "no-zero-before": (".5", "0.5"),
        "point-at-end": ("5.", "5"),
        "many-zeros": ("0.10000000000000000000000", "0.1"),
        "one-atto": ("0.000000000000000001", "0.000000000000000001"),
        "code-before": ("USD 12.5", "12.5"),
        "code-behind": ("12.5 USD", "12.5"),
        "apostrophes-switzerland": ("1'234.5", "1234.5"),
        "thin-space": ("1\u202f234.5", "1234.5"),
        "india": ("12,34,567.5", "1234567.5"),
        "spreadsheet-text": ('="12.5"', "12.5"),
        "negative-zero": ("-0.0", "0"),
        "us-dollars": ("US$12.50", "12.5"),
        "accounting": ("$ (3.25)", "-3.25"),
        "dollars-in-parentheses": ("($3.25)", "-3.25"),
        "minus-before-dollars": ("-$3.25", "-3.25"),
        "large": ("999999999999999.999999999999999999", "999999999999999.999999999999999999"),
    }
    for name, (written, value) in meant.items():
        charges = [row("1.5"), row("1.5", BilledCost=written)]
        yield Case(f"number-{name}.csv", text(charges).encode(), {"USD": _sum("1.5", value)})
    rounded = {
        "azure-22-digits": ("0.000000735545672254533022", "0.000000735545672255"),
        "azure-28-digits": ("12.3456789012345678901234567890", "12.345678901234567890"),
        "float-text": ("4.1999999999999995e-07", "0.00000042"),
        "half-down-to-even": ("0.0000000000000000005", "0"),
        "half-up-to-even": ("0.0000000000000000015", "0.000000000000000002"),
        "tiny": ("1e-400", "0"),
    }
    for name, (written, value) in rounded.items():
        charges = [row("1.5"), row("1.5", BilledCost=written)]
        total = {"USD": _sum("1.5", value)}
        yield Case(f"rounded-{name}.csv", text(charges).encode(), total, rounded=1)
    bad = ("abc", "NaN", "nan", "Infinity", "-inf", "1E999999", "9e40", "9223372036854775807", "5e18", "-5e18", "")
    worse = (
        "1.2.3",
        "1-2",
        "12.5%",
        "--5",
        "$",
        "=1+1",
        "#REF!",
        "true",
        "9" * 400,
        "1,2,3",
        "€5",
        "CA$5",
        "+-5",
        "(-5)",
        "5 kr",
    )
    for n, written in enumerate((*bad, *worse)):
        charges = [row("1.5"), row("1.5", BilledCost=written)]
        yield Case(f"refused-amount-{n:02}.csv", text(charges).encode(), refused="row 3, column BilledCost: ")
    for name in ("NaN", "null", "NULL", "None", "N/A", "\\N"):
        charges = [row("1.5", ListCost=name, ConsumedQuantity=name)]
        title = name.strip("\\").replace("/", "").lower()
        yield Case(
            f"no-amount-{title}-{len(name)}{name[0]}.csv".replace("\\", "b"),
            text(charges).encode(),
            {"USD": Decimal("1.5")},
        )
    comma = {"12,5": "12.5", "1.234,56": "1234.56", "0,000001": "0.000001", "-3,25": "-3.25"}
    german = text(rows(comma), delimiter=";")
    yield Case("comma-germany.csv", german.encode(), TOTAL)
    yield Case("comma-quoted.csv", text(rows(comma)).encode(), TOTAL)
    yield Case("comma-with-points-grouped.csv", text(rows(["12,5", "1.500"])).encode(), {"USD": Decimal("1512.5")})
    yield Case("comma-grouped-with-points.csv", text(rows(["12.5", "1,500"])).encode(), {"USD": Decimal("1512.5")})
    yield Case(
        "comma-against-point.csv",
        text([row("1.50"), row("1.50", BilledCost="1,50")]).encode(),
        refused="row 3, column BilledCost: .*decimal comma",
    )
    yield Case(
        "comma-or-group.csv",
        text([row("2"), row("2", BilledCost="1,500")]).encode(),
        refused="row 3, column BilledCost: '1,500'",
    )
    late = [row("3")] * 2000 + [row("0,25")]
    yield Case("comma-only-in-the-last-row.csv", text(late).encode(), {"USD": Decimal("6000.25")})
    two = [row("15000", BillingCurrency="JPY"), row("120.5", BillingCurrency="gbp")]
    yield Case("two-currencies.csv", text(two).encode(), {"JPY": Decimal(15000), "GBP": Decimal("120.5")})
    yield Case(
        "currency-in-words.csv", text(rows(BillingCurrency="dollars")).encode(), refused="row 2, column BillingCurrency"
    )
    sums = [row("1.5", BilledCost="900000000000000000")] * 3
    yield Case("large-sums.csv", text(sums).encode(), {"USD": Decimal(2700000000000000000)})


# --- instants ---------------------------------------------------------------------------------------------------

_STARTS = {name: BASE[name] for name in TIMES}


def instants() -> Iterator[Case]:
    """Every way to write the four instants of a charge on 5 October 2026."""
    forms: Mapping[str, Callable[[datetime], str]] = {
        "aws-milliseconds": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "azure-no-seconds": lambda t: t.strftime("%Y-%m-%dT%H:%MZ"),
        "net-seven-digits": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.0000000Z"),
        "nine-digits": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.000000000Z"),
        "athena": lambda t: t.strftime("%Y-%m-%d %H:%M:%S.000"),
        "athena-utc": lambda t: t.strftime("%Y-%m-%d %H:%M:%S.000 UTC"),
        "bigquery": lambda t: t.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "snowflake": lambda t: t.strftime("%Y-%m-%d %H:%M:%S.000 +0000"),
        "snowflake-z": lambda t: t.strftime("%Y-%m-%d %H:%M:%S.000 Z"),
        "pandas": lambda t: t.strftime("%Y-%m-%d %H:%M:%S+00:00"),
        "postgres": lambda t: t.strftime("%Y-%m-%d %H:%M:%S+00"),
        "go": lambda t: t.strftime("%Y-%m-%d %H:%M:%S +0000 UTC"),
        "offset-india": lambda t: t.strftime("%Y-%m-%dT05:30:%S+05:30"),
        "offset-compact": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "date-alone": lambda t: t.strftime("%Y-%m-%d"),
        "slashes-iso": lambda t: t.strftime("%Y/%m/%d %H:%M:%S"),
        "compact": lambda t: t.strftime("%Y%m%d"),
        "compact-time": lambda t: t.strftime("%Y%m%dT%H%M%SZ"),
        "us-excel": lambda t: f"{t.month}/{t.day}/{t.year} 0:00",
        "us-date": lambda t: f"{t.month}/{t.day}/{t.year}",
        "us-short-year": lambda t: f"{t.month}/{t.day}/{t:%y}",
        "us-powershell": lambda t: f"{t.month}/{t.day}/{t.year} 12:00:00 AM",
        "british": lambda t: t.strftime("%d/%m/%Y %H:%M"),
        "german": lambda t: t.strftime("%d.%m.%Y %H:%M"),
        "dutch": lambda t: f"{t.day}-{t.month}-{t.year}",
        "month-named": lambda t: t.strftime("%d-%b-%Y"),
        "month-named-upper-oracle": lambda t: t.strftime("%d-%b-%y").upper(),
        "month-first-named": lambda t: t.strftime("%B %d, %Y"),
        "http": lambda t: t.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "epoch-seconds": lambda t: str(int(t.timestamp())),
        "epoch-float": lambda t: f"{int(t.timestamp())}.0",
        "epoch-millis": lambda t: str(int(t.timestamp()) * 10**3),
        "epoch-micros": lambda t: str(int(t.timestamp()) * 10**6),
        "epoch-nanos": lambda t: str(int(t.timestamp()) * 10**9),
        "excel-serial": lambda t: str((t.date() - date(1899, 12, 30)).days),
        "excel-serial-fraction": lambda t: f"{(t.date() - date(1899, 12, 30)).days}.0",
    }
    day = date(2026, 10, 5)
    for name, form in forms.items():
        charges = [{**charge, **{each: form(at(charge[each])) for each in TIMES}} for charge in rows()]
        yield Case(f"instant-{name}.csv", text(charges).encode(), TOTAL, days=(day, day))
    hours = {"ChargePeriodStart": "2026-10-05T22:00:00Z", "ChargePeriodEnd": "2026-10-05T23:00:00Z"}
    yield Case("instant-hours.csv", text(rows(**hours)).encode(), TOTAL, days=(day, day))
    inclusive = {"ChargePeriodEnd": "2026-10-05T23:59:59Z", "BillingPeriodEnd": "2026-10-31T23:59:59Z"}
    yield Case("instant-inclusive-ends.csv", text(rows(**inclusive)).encode(), TOTAL, days=(day, day))
    last = {"ChargePeriodEnd": "2026-10-05", "BillingPeriodEnd": "2026-10-31"}
    yield Case("instant-last-days.csv", text(rows(**last)).encode(), TOTAL, days=(day, day))
    mixed = [row("1"), row("2", **{n: f"{at(t).month}/{at(t).day}/2026 0:00" for n, t in _STARTS.items()})]
    yield Case("instant-two-forms.csv", text(mixed).encode(), {"USD": Decimal(3)}, days=(day, day))
    british = [
        row(
            "1",
            **{n: at(t).strftime("%d/%m/%Y") for n, t in _STARTS.items()},
        )
        for _ in range(3)
    ]
    british.append({**british[0], "ChargePeriodStart": "25/10/2026", "ChargePeriodEnd": "26/10/2026"})
    yield Case("instant-british-late.csv", text(british).encode(), {"USD": Decimal(4)}, days=(day, date(2026, 10, 25)))
    vague = {"BillingPeriodStart": "5/6/2026", "BillingPeriodEnd": "6/7/2026", "ChargePeriodStart": "6/6/2026"}
    yield Case(
        "instant-day-or-month.csv",
        text(
            rows(
                **vague,
            )
        ).encode(),
        refused="row 2, column .*'5/6/2026'",
    )
    for n, bad in enumerate(("2026-02-30T00:00:00Z", "soon", "2026-13-01", "1850-01-01", "9999-12-31", "0", "2026-10")):
        charges = [row("1"), row("1", ChargePeriodStart=bad)]
        yield Case(f"refused-instant-{n}.csv", text(charges).encode(), refused="row 3, column ChargePeriodStart: ")
    backwards = text(rows(ChargePeriodEnd="2026-10-04T00:00:00Z"))
    yield Case("instant-backwards.csv", backwards.encode(), refused="row 2, column ChargePeriodEnd: .*before it starts")


# --- tags and other columns -------------------------------------------------------------------------------------


def tags() -> Iterator[Case]:
    """Tags in every shape."""
    both = {"team": "core", "env": "prod"}
    shapes: Mapping[str, tuple[str, Mapping[str, str]]] = {
        "object": ('{"team": "core", "env": "prod"}', both),
        "list-of-pairs": ('[{"key": "team", "value": "core"}, {"key": "env", "value": "prod"}]', both),
        "list-upper-case": ('[{"Key": "team", "Value": "core"}, {"Key": "env", "Value": "prod"}]', both),
        "list-of-objects": ('[{"team": "core"}, {"env": "prod"}]', both),
        "without-braces-azure": ('"team": "core","env": "prod"', both),
        "athena-map": ("{team=core, env=prod}", both),
        "assignments": ("team=core;env=prod", both),
        "colons": ("team:core;env:prod", both),
        "python-dict": ("{'team': 'core', 'env': 'prod'}", both),
        "python-pairs": ("[('team', 'core'), ('env', 'prod')]", both),
        "json-within-json": ('"{\\"team\\": \\"core\\", \\"env\\": \\"prod\\"}"', both),
        "null-value": ('{"team": "core", "owner": null, "empty": ""}', {"team": "core"}),
        "typed": (
            '{"on": true, "off": false, "n": 1.50, "i": 7}',
            {"on": "true", "off": "false", "n": "1.50", "i": "7"},
        ),
        "nested": ('{"team": {"a": [1, 2]}}', {"team": '{"a": [1, 2]}'}),
        "pretty-snowflake": ('{\n  "team": "core",\n  "env": "prod"\n}', both),
        "none": ("{}", {}),
        "null": ("null", {}),
        "empty-list": ("[]", {}),
    }
    for name, (written, meant) in shapes.items():
        yield Case(f"tags-{name}.csv", text(rows(Tags=written)).encode(), TOTAL, tags=meant)
    for n, bad in enumerate(("{broken", "core", "[1, 2]", '{"a": "b"', "[" * 9000)):
        yield Case(f"refused-tags-{n}.csv", text(rows(Tags=bad)).encode(), refused="row 2, column Tags: ")
    yield Case("category-lower-case-gcp.csv", text(rows(ChargeCategory="usage")).encode(), TOTAL)
    yield Case(
        "category-unknown.csv", text(rows(ChargeCategory="Gift")).encode(), refused="row 2, column ChargeCategory"
    )
    yield Case("provider-empty.csv", text(rows(ProviderName="")).encode(), refused="row 2, column ProviderName")
    older = [{"ServiceProviderName": "", **charge} for charge in rows()]
    yield Case("provider-in-the-older-column-1.3.csv", text(older).encode(), TOTAL)
    yield Case("account-as-float-pandas.csv", text(rows(BillingAccountId="123456789012.0")).encode(), TOTAL)


# --- packed -----------------------------------------------------------------------------------------------------


def packed() -> Iterator[Case]:
    """The same text in archives."""
    whole = text(rows()).encode()
    parts = [text(rows(AMOUNTS[:2])).encode(), text(rows(AMOUNTS[2:])).encode()]
    zstd = pa.compress(whole, codec="zstd", asbytes=True)
    yield Case("packed.csv.gz", gzip.compress(whole), TOTAL)
    yield Case("PACKED.CSV.GZ", gzip.compress(whole), TOTAL)
    yield Case("packed-without-its-name.csv", gzip.compress(whole), TOTAL)
    yield Case("plain-with-a-packed-name.csv.gz", whole, TOTAL)
    yield Case("two-gzips-one-after-the-other.csv.gz", gzip.compress(parts[0]) + gzip.compress(parts[1]), TOTAL)
    yield Case("padded.csv.gz", gzip.compress(whole) + b"\0" * 512, TOTAL)
    yield Case("packed-twice.csv.gz", gzip.compress(gzip.compress(whole)), TOTAL)
    yield Case("packed.csv.zst", zstd, TOTAL)
    yield Case("two-frames.csv.zst", b"".join(pa.compress(p, codec="zstd", asbytes=True) for p in parts), TOTAL)
    yield Case("packed.csv.bz2", bz2.compress(whole), TOTAL)
    yield Case("packed.csv.xz", lzma.compress(whole), TOTAL)
    yield Case("alone.zip", zipped({"bill.csv": whole}), TOTAL)
    junk = {"__MACOSX/._bill.csv": b"\0\5\x16\7", ".DS_Store": b"\0\0", "manifest.json": b"{}", "README.md": b"# hello"}
    yield Case("several-and-junk.zip", zipped({"a/part_0.csv": parts[0], "a/part_1.csv": parts[1], **junk}), TOTAL)
    yield Case("gzips-within.zip", zipped({"part_0.csv.gz": gzip.compress(parts[0]), "part_1.csv": parts[1]}), TOTAL)
    yield Case("parquet-within.zip", zipped({"bill.parquet": table(rows())}), TOTAL)
    yield Case("parquet.parquet.gz", gzip.compress(table(rows())), TOTAL)
    yield Case("one-bad-within.zip", zipped({"a.csv": parts[0], "b.csv": b"x,y\n1,2\n"}), refused="b.csv, row 1")
    yield Case("nothing-within.zip", zipped(junk), refused="has no bill in it")
    yield Case(
        "zip-within.zip", zipped({"inner.zip": zipped({"bill.csv": whole})}), refused="archive within an archive"
    )
    yield Case(
        "workbook.xlsx", zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), refused="Excel workbook"
    )
    big = gzip.compress(text(rows(str(n) for n in range(2000))).encode())
    yield Case("cut-off.csv.gz", big[: len(big) // 2], refused="is truncated or damaged")
    flipped = bytearray(big)
    flipped[len(big) // 2] ^= 255
    yield Case("damaged.csv.gz", bytes(flipped), refused="damaged|row")
    cut = pa.compress(text(rows(str(n) for n in range(2000))).encode(), codec="zstd", asbytes=True)[:-40]
    yield Case("cut-off.csv.zst", cut, refused="is truncated or damaged")
    yield Case("cut-off.zip", zipped({"bill.csv": whole})[:-40], refused="is truncated or damaged")
    yield Case("cell-that-expands.csv.gz", bomb(text([row("1")]).encode() + b'"', b"x"), refused="row 3.*longer")
    yield Case("zeros-that-expand.csv.gz", bomb(text([row("1")]).encode(), b"\0"), refused="row 3|zero")
    yield Case(
        "line-ends-that-expand.csv.gz", bomb(text([row("1")]).encode(), b"\n", 300), refused="unpacks to more data"
    )


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip of files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def bomb(start: bytes, letter: bytes, mebibytes: int = 64) -> bytes:
    """A small gzip that unpacks to many of one letter."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9) as file:
        file.write(start)
        for _ in range(mebibytes):
            file.write(letter * (1 << 20))
    return out.getvalue()


# --- Parquet ----------------------------------------------------------------------------------------------------


def parquets() -> Iterator[Case]:
    """The types that warehouses and exports give their columns."""
    utc, naive = pa.timestamp("us", "UTC"), pa.timestamp("ns")
    for name, kind in {
        "decimal-38-18": pa.decimal128(38, 18),
        "decimal-20-6-litellm": pa.decimal128(20, 6),
        "decimal-38-9-bigquery": pa.decimal128(38, 9),
        "decimal-76-38-bignumeric": pa.decimal256(76, 38),
        "decimal-60-20": pa.decimal256(60, 20),
    }.items():
        types = dict.fromkeys((*COSTS, "ConsumedQuantity"), kind)
        yield Case(f"parquet-{name}.parquet", table(costed(rows()), **types), TOTAL)
    doubles = dict.fromkeys((*COSTS, "ConsumedQuantity"), pa.float64())
    yield Case("parquet-double-aws.parquet", table(costed(rows(), float), **doubles), TOTAL)
    whole = dict.fromkeys((*COSTS, "ConsumedQuantity"), pa.int64())
    yield Case("parquet-integer.parquet", table(costed(rows(["5", "7"]), int), **whole), {"USD": Decimal(12)})
    singles = dict.fromkeys((*COSTS, "ConsumedQuantity"), pa.float32())
    yield Case("parquet-float.parquet", table(costed(rows(["0.1"]), float), **singles), {"USD": Decimal("0.1")})
    fine = [row("1", BilledCost=Decimal("0.12345678901234567895"))]
    yield Case(
        "parquet-decimal-20-digits.parquet",
        table(fine, BilledCost=pa.decimal128(38, 20)),
        {"USD": Decimal("0.123456789012345679")},
        rounded=1,
    )
    for name, value in {"nan": float("nan"), "infinity": float("inf"), "1e300": 1e300}.items():
        charges = [row("1", BilledCost=1.0), row("1", BilledCost=value)]
        yield Case(
            f"parquet-billed-{name}.parquet",
            table(charges, BilledCost=pa.float64()),
            refused="row 3, column BilledCost",
        )
    missing = [row("1", ListCost=float("nan"), ConsumedQuantity=None)]
    yield Case("parquet-nan-list-cost.parquet", table(missing, ListCost=pa.float64()), {"USD": Decimal(1)})
    wide = [row("1", BilledCost=Decimal(10) ** 40)]
    yield Case("parquet-1e40.parquet", table(wide, BilledCost=pa.decimal256(60, 2)), refused="row 2, column BilledCost")
    for name, kind, read in (
        ("us-utc", utc, at),
        ("ns-naive", naive, lambda text_: at(text_).replace(tzinfo=None)),
        ("ms", pa.timestamp("ms"), lambda text_: at(text_).replace(tzinfo=None)),
        ("s-new-york", pa.timestamp("s", "America/New_York"), at),
        ("date32", pa.date32(), lambda text_: at(text_).date()),
        ("epoch-int64", pa.int64(), lambda text_: int(at(text_).timestamp())),
        ("epoch-millis-int64", pa.int64(), lambda text_: int(at(text_).timestamp()) * 1000),
    ):
        day = date(2026, 10, 5)
        data = table(timed(rows(), read), **dict.fromkeys(TIMES, kind))
        yield Case(f"parquet-instants-{name}.parquet", data, TOTAL, days=(day, day))
    both = {"team": "core", "env": "prod"}
    text_map = pa.map_(pa.string(), pa.string())
    pair = pa.list_(pa.struct({"key": pa.string(), "value": pa.string()}))
    pairs = [{"key": "team", "value": "core"}, {"key": "env", "value": "prod"}, {"key": "none", "value": None}]
    struct = pa.struct({"team": pa.string(), "env": pa.string(), "owner": pa.string()})
    typed = pa.struct({"on": pa.bool_(), "n": pa.int64(), "d": pa.decimal128(10, 2)})
    shapes: tuple[tuple[str, Any, Any, Mapping[str, str]], ...] = (
        ("map-aws", text_map, list(both.items()), both),
        ("list-of-structs-bigquery", pair, pairs, both),
        ("struct", struct, both, both),
        ("typed-struct", typed, {"on": True, "n": 7, "d": Decimal("1.50")}, {"on": "true", "n": "7", "d": "1.50"}),
        ("list-of-texts", pa.list_(pa.string()), None, {}),
    )
    for name, shape, tagged, meant in shapes:
        yield Case(f"parquet-tags-{name}.parquet", table(rows(Tags=tagged), Tags=shape), TOTAL, tags=meant)
    words = pa.dictionary(pa.int32(), pa.string())
    names = ("ServiceName", "BillingCurrency", "ChargeCategory", "ProviderName", "BilledCost")
    yield Case("parquet-dictionaries.parquet", table(rows(), **dict.fromkeys(names, words)), TOTAL)
    yield Case("parquet-large-strings.parquet", table(rows(), **dict.fromkeys(BASE, pa.large_string())), TOTAL)
    lower = [{name.lower(): value for name, value in charge.items()} for charge in rows()]
    yield Case("parquet-lower-case-athena.parquet", table(lower), TOTAL)
    empty = io.BytesIO()
    parquet.write_table(pa.table({name: pa.array([], pa.string()) for name in BASE}), empty)
    yield Case("parquet-empty.parquet", empty.getvalue(), {})
    yield Case("parquet-named-csv.csv", table(rows()), TOTAL)
    yield Case("parquet-cut-off.parquet", table(rows())[:-20], refused="not a complete Parquet file")
    yield Case(
        "parquet-billed-bool.parquet",
        table([row("1", BilledCost=True)], BilledCost=pa.bool_()),
        refused="row 2, column BilledCost",
    )
    nulls = io.BytesIO()
    parquet.write_table(pa.table({name: pa.nulls(2) for name in BASE}), nulls)
    yield Case("parquet-nothing-but-nulls.parquet", nulls.getvalue(), {})


@cache
def cases() -> tuple[Case, ...]:
    """Every file of the corpus."""
    groups = (headers, encodings, numbers, instants, tags, packed, parquets)
    return tuple(case for group in groups for case in group())


def write(folder: Path) -> int:
    """Write the files and what is expected of each; how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    expected = []
    for case in cases():
        (folder / case.name).write_bytes(case.data)
        totals = None if case.totals is None else {code: str(amount) for code, amount in case.totals.items()}
        told = {"file": case.name, "totals": totals, "refused": case.refused or None, "rounded": case.rounded}
        expected.append(told | ({"options": dict(case.options)} if case.options else {}))
    (folder / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
    return len(expected)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("corpus")
    print(f"{target}: {write(target)} files")
