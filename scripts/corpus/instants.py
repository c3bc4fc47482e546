"""Every way to write the four instants of a charge on 5 October 2026."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from scripts.corpus.made import BASE, TIMES, TOTAL, Case, at, row, rows, text

_LOST = ("00:00.0", "1.79116E+09", "2026-278", "2026-W41-1", "2026-10-05 00:00:00 PDT")
"""What a spreadsheet leaves of an instant, and forms in which it would be a guess."""
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
        "java": lambda t: t.strftime("%Y-%m-%dT%H:%MZ[UTC]"),
        "java-place": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S+00:00[Europe/London]"),
        "lower-case-rfc-3339": lambda t: t.strftime("%Y-%m-%dt%H:%M:%Sz"),
        "net-json": lambda t: f"/Date({int(t.timestamp()) * 1000})/",
        "apache-log": lambda t: t.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "epoch-with-exponent": lambda t: f"{t.timestamp():.9E}",
        "epoch-float-micros": lambda t: f"{t.timestamp():.6f}",
        "hour-of-one-digit": lambda t: t.strftime("%Y-%m-%d 0:%M"),
        "weekday-named": lambda t: t.strftime("%A, %B %d, %Y"),
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
        charges = [{**charge, **{time: form(at(charge[time])) for time in TIMES}} for charge in rows()]
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
    for n, bad in enumerate(
        ("2026-02-30T00:00:00Z", "soon", "2026-13-01", "1850-01-01", "9999-12-31", "0", "2026-10", *_LOST)
    ):
        charges = [row("1"), row("1", ChargePeriodStart=bad)]
        yield Case(f"refused-instant-{n}.csv", text(charges).encode(), refused="row 3, column ChargePeriodStart: ")
    backwards = text(rows(ChargePeriodEnd="2026-10-04T00:00:00Z"))
    yield Case("instant-backwards.csv", backwards.encode(), refused="row 2, column ChargePeriodEnd: .*before it starts")


def tools_instants() -> Iterator[Case]:
    """The same as databases, programming languages and reporting tools print them."""
    forms: Mapping[str, Callable[[datetime], str]] = {
        "metabase": lambda t: f"{t:%B} {t.day}, {t.year}, 12:00 AM",
        "javascript": lambda t: f"{t:%a %b %d %Y %H:%M:%S} GMT+0000 (Coordinated Universal Time)",
        "net-invariant": lambda t: t.strftime("%m/%d/%Y %H:%M:%S"),
        "net-offset": lambda t: t.strftime("%m/%d/%Y %H:%M:%S +00:00"),
        "polars": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.000000+0000"),
        "sql-server": lambda t: t.strftime("%Y-%m-%d %H:%M:%S.0000000 +00:00"),
        "oracle": lambda t: t.strftime("%d-%b-%y 12.00.00.000000000 AM +00:00").upper(),
        "excel-japan": lambda t: f"{t.year}/{t.month}/{t.day} 0:00",
        "excel-korea": lambda t: f"{t.year}. {t.month}. {t.day}.",
        "excel-japan-words": lambda t: f"{t.year}年{t.month}月{t.day}日",
        "no-zeros": lambda t: f"{t.year}-{t.month}-{t.day}",
        "fourteen-digits": lambda t: t.strftime("%Y%m%d%H%M%S"),
        "comma-before-fraction": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S,000Z"),
        "java-local": lambda t: t.strftime("%Y-%m-%dT%H:%M"),
        "quoted-twice": lambda t: t.strftime('"%Y-%m-%d"'),
        "ctime": lambda t: f"{t:%a %b} {t.day:2} {t:%H:%M:%S} {t.year}",
        "unix-date": lambda t: f"{t:%a %b} {t.day:2} {t:%H:%M:%S} UTC {t.year}",
    }
    day = date(2026, 10, 5)
    for name, form in forms.items():
        charges = [{**charge, **{time: form(at(charge[time])) for time in TIMES}} for charge in rows()]
        yield Case(f"instant-{name}.csv", text(charges).encode(), TOTAL, days=(day, day))
    for name, ends in {
        "hour-24": {"ChargePeriodEnd": "2026-10-05T24:00:00Z", "BillingPeriodEnd": "2026-10-31T24:00:00Z"},
        "last-nanosecond": {"ChargePeriodEnd": "2026-10-05T23:59:59.999999999Z"},
    }.items():
        yield Case(f"instant-{name}.csv", text(rows(**ends)).encode(), TOTAL, days=(day, day))
