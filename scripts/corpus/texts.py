"""Headers, encodings, delimiters and quotes: one bill in other letters."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping

from scripts.corpus.made import AMOUNTS, BASE, TOTAL, Case, renamed, rows, snake, spaced, text


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
        yield Case(f"header-{name}.csv", text(renamed(rows(), rename)).encode(), TOTAL, tags={"team": "core"})
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
    hive = text(renamed(rows(), lambda name: f"focus.{name.lower()}"), delimiter="\t")
    yield Case("header-with-table-hive.tsv", hive.encode(), TOTAL)
    first, _, others = text(rows()).partition("\n")
    yield Case("header-below-charges.csv", f"{others}{first}\n".encode(), refused="row 4: it stands before the header")
    broken = text(renamed(rows(), lambda name: name.replace("BilledCost", "Billed\nCost")))
    yield Case("header-cell-of-two-lines-excel.csv", broken.encode(), TOTAL)
    yield Case("header-backquotes.csv", text(renamed(rows(), lambda name: f"`{name}`")).encode(), TOTAL)
    yield Case("header-no-break-space.csv", text(renamed(rows(), lambda name: f"{name}\u00a0")).encode(), TOTAL)
    odd = [{**charge, "": n, "x_Mine": "seven", "Cost Center": "42"} for n, charge in enumerate(rows())]
    yield Case("header-unnamed-index-pandas.csv", text(odd).encode(), TOTAL)


def _twice(name: str) -> str:
    lines = text(rows()).split("\n")
    return "\n".join([f"{lines[0]},{name}", *(f"{line},1" for line in lines[1:] if line), ""])


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
    bom = b"\xef\xbb\xbf"
    marked = [bom + text(rows(some)).encode() for some in (AMOUNTS[:2], AMOUNTS[2:])]
    yield Case("text-two-marked-files-one-after-the-other.csv", b"".join(marked), TOTAL)
    yield Case("text-marked-twice.csv", bom + bom + whole.encode(), TOTAL)
    yield Case("text-control-z-at-end.csv", whole.encode() + b"\x1a", TOTAL)
    yield Case("text-zero-bytes-at-end.csv", whole.encode() + b"\0" * 64, refused="neither text nor Parquet")
    yield Case(
        "text-note-below-blank-line.csv", whole.encode() + b"\nExported by Acme\n", refused="row 7: it has 1 col"
    )
    two_encodings = whole.encode() + whole.partition("\n")[2].replace(" – 東京", "").encode("latin-1")
    yield Case("text-two-encodings.csv", two_encodings, refused="row 6: it is not UTF-8")
    unicode_text = text(charges, delimiter="\t", end="\r\n").encode("utf-16-le")
    yield Case("unicode-text-excel.txt", b"\xff\xfe" + unicode_text, TOTAL)
    yield Case("text-utf-16-cut-off.csv", b"\xff\xfe" + unicode_text[:-1], refused="not UTF-16")
    latin = text(rows(SubAccountName="München")).encode("latin-1")
    yield Case("text-latin-1-undeclared.csv", latin, refused="row 2: it is not UTF-8 .*--encoding")
    yield Case("text-latin-1.csv", latin, TOTAL, options={"encoding": "latin-1"})
    yield Case("text-zero-bytes.csv", b"\0" * 5000, refused="neither text nor Parquet")
    yield Case("text-pdf.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", refused="is a PDF")
    for name, data, what in (
        ("lines.jsonl", b'{"BilledCost": 1}\n{"BilledCost": 2}\n', "JSON"),
        ("array.csv", b'[\n  {"BilledCost": 1}\n]\n', "JSON"),
        ("login.csv", b"<!DOCTYPE html><html><title>Sign in</title></html>", "a web page"),
        ("error.csv", b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "an XML document"),
        ("rows.avro", b"Obj\x01\x04\x14avro.codec" + b"\0" * 64, "an Avro file"),
        ("rows.orc", b"ORC\x08\x01" + b"\0" * 64, "an ORC file"),
        ("rows.arrow", b"ARROW1\0\0" + b"\0" * 64, "an Arrow file"),
        ("locked.parquet", b"PARE" + b"\0" * 64 + b"PARE", "an encrypted Parquet file"),
        ("ledger.csv", b"SQLite format 3\0" + b"\0" * 64, "a SQLite database"),
        ("pointer.csv", b"version https://git-lfs.github.com/spec/v1\noid sha256:4d\n", "a pointer"),
    ):
        yield Case(f"foreign-{name}", data, refused=f"is {what}")
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
