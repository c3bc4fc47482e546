"""Amounts as people's tools write them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext

from scripts.corpus.made import TOTAL, Case, row, rows, text


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
        "accounting-zero": (" $-   ", "0"),
        "accounting-zero-bare": (" -   ", "0"),
        "code-lower-case": ("12.5 usd", "12.5"),
        "exponent-whole": ("2e3", "2000"),
        "exponent-negative": ("-7E-2", "-0.07"),
        "float-17-digits": ("0.30000000000000004", "0.30000000000000004"),
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
        "-",
        "0x1F",
        "1_000",
        "\uff11\uff12.\uff15",
        "12.5 abc",
        "1E+400",
        "\ufeff",
    )
    for n, written in enumerate((*bad, *worse)):
        charges = [row("1.5"), row("1.5", BilledCost=written)]
        yield Case(f"refused-amount-{n:02}.csv", text(charges).encode(), refused="row 3, column BilledCost: ")
    for name in ("NaN", "null", "NULL", "None", "N/A", "\\N", "-"):
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
    for name, amounts, value in (
        ("groups-and-comma", ("1.234", "2,5"), "1236.5"),
        ("groups-and-point", ("1.234", "2.5"), "3.734"),
        ("groups-and-less-than-one", ("1.234", "0.500"), "1.734"),
        ("groups-twice", ("1.234.567", "2.500"), "1237067"),
        ("exponent", ("1,5E-03", "12,5"), "12.5015"),
    ):
        yield Case(f"semicolons-{name}.csv", text(rows(amounts), delimiter=";").encode(), {"USD": Decimal(value)})
    open_ = text(rows(["7", "1.234", "2.500"]), delimiter=";")
    yield Case("semicolons-groups-or-points.csv", open_.encode(), refused="row 3, column BilledCost: '1.234'")
    yield Case("commas-three-decimals.csv", text(rows(["1.234", "2.500"])).encode(), {"USD": Decimal("3.734")})
    german_bytes = text(rows(comma), delimiter=";", end="\r\n").encode()
    yield Case("excel-germany-marked-with-sep.csv", b"\xef\xbb\xbfsep=;\r\n" + german_bytes, TOTAL)
    french = rows(["1\u202f234,56", "12,50 €", "-0,25 €"], BillingCurrency="EUR")
    yield Case("comma-france.csv", text(french, delimiter=";").encode(), {"EUR": Decimal("1246.81")})
    yen = rows(["￥1,234,500", "¥120"], BillingCurrency="JPY")
    yield Case("yen-wide-sign.csv", text(yen).encode(), {"JPY": Decimal(1234620)})
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
