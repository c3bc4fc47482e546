"""The ledger's tables, their numbered migrations, and the public view ``focus``.

The star is the truth: ``series`` (one row per distinct combination of a feed's dimensions), ``detail`` (what a
charge carries but nobody sums by) and ``fact`` (integers only). An amount is two columns: whole units, and attos
(1e-18) from 0 up to a unit. ``cube``, ``dictionary`` and ``memory`` are described where they are used.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bot.domain.charge import AMOUNTS, DETAILS, SERIES
from bot.ledger.vendor_reports import TABLES

if TYPE_CHECKING:
    from sqlite_utils import Database

NULLABLE = {"ConsumedQuantity": "ConsumedUnit", "PricingQuantity": "PricingUnit"}
"""Quantities that are null where their unit is."""
ALSO_OLD = {"ProviderName": "ServiceProviderName"}
"""Columns that FOCUS 1.4 dropped and that queries for older versions still name."""


def _m001_star(db: Database) -> None:
    text = ", ".join(f'"{name}" TEXT NOT NULL' for name in SERIES)
    details = ", ".join(f'"{name}" TEXT NOT NULL' for name in DETAILS)
    amounts = ", ".join(f'"{name}" INTEGER NOT NULL, "{name}Attos" INTEGER NOT NULL' for name in AMOUNTS)
    for statement in (
        """CREATE TABLE feed (
            id INTEGER PRIMARY KEY, source TEXT NOT NULL, name TEXT NOT NULL, grain TEXT NOT NULL,
            start INTEGER, "end" INTEGER, UNIQUE (source, name))""",
        f"""CREATE TABLE series (
            id INTEGER PRIMARY KEY, feed INTEGER NOT NULL REFERENCES feed, position INTEGER NOT NULL,
            digest BLOB NOT NULL, {text}, UNIQUE (feed, digest), UNIQUE (feed, position))""",
        f"""CREATE TABLE detail (
            id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, {details}, x TEXT NOT NULL)""",
        f"""CREATE TABLE fact (
            day INTEGER NOT NULL, series INTEGER NOT NULL REFERENCES series,
            detail INTEGER NOT NULL REFERENCES detail, charges INTEGER NOT NULL, {amounts},
            PRIMARY KEY (day, series, detail)) WITHOUT ROWID""",
        """CREATE TABLE cube (
            feed INTEGER NOT NULL, metric TEXT NOT NULL, day INTEGER NOT NULL, sums BLOB,
            PRIMARY KEY (feed, metric, day))""",
        """CREATE TABLE dictionary (
            feed INTEGER NOT NULL, dimension TEXT NOT NULL, labels TEXT NOT NULL, codes BLOB NOT NULL,
            PRIMARY KEY (feed, dimension))""",
        "CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
        "INSERT INTO state VALUES ('generation', 0)",
        _focus_view(),
    ):
        db.execute(statement)


def _m002_sync(db: Database) -> None:
    for statement in (
        """CREATE TABLE freshness (
            source TEXT PRIMARY KEY, synced TEXT NOT NULL, data_through TEXT, final_through TEXT)""",
        """CREATE TABLE request (
            at TEXT NOT NULL, source TEXT NOT NULL, operation TEXT NOT NULL, attos TEXT NOT NULL)""",
        "CREATE INDEX request_at ON request (at)",
        """CREATE TABLE restated (
            at TEXT NOT NULL, source TEXT NOT NULL, feed TEXT NOT NULL, day TEXT NOT NULL,
            currency TEXT NOT NULL, was TEXT NOT NULL, now TEXT NOT NULL)""",
        "CREATE INDEX restated_day ON restated (day)",
        """CREATE TABLE imported (
            digest TEXT PRIMARY KEY, file TEXT NOT NULL, at TEXT NOT NULL, charges INTEGER NOT NULL,
            generation INTEGER NOT NULL)""",
    ):
        db.execute(statement)


def _m003_memory(db: Database) -> None:
    db.execute(
        """CREATE TABLE memory (
            kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (kind, key))"""
    )


def _m004_unknown(db: Database) -> None:
    """What usage does not tell, by day. Of charges from before: costs that never differ are held to be copies."""
    db.execute(
        """CREATE TABLE untold (
            feed INTEGER NOT NULL, day INTEGER NOT NULL, column TEXT NOT NULL,
            PRIMARY KEY (feed, day, column)) WITHOUT ROWID"""
    )
    differs = """max(f."{0}" <> f.BilledCost OR f."{0}Attos" <> f.BilledCostAttos)"""
    tells = (differs.format("ListCost"), differs.format("ContractedCost"), "max(s.CommitmentDiscountStatus <> '')")
    names = ("ListCost", "ContractedCost", "CommitmentDiscountStatus")
    found = db.execute(
        f"SELECT s.feed, {', '.join(tells)} FROM fact f JOIN series s ON s.id = f.series GROUP BY 1"
    ).fetchall()
    for feed, *parts in found:
        for name in (name for name, tells in zip(names, parts, strict=True) if not tells):
            db.execute("INSERT INTO untold SELECT DISTINCT feed, day, ? FROM cube WHERE feed = ?", (name, feed))


def _m005_deliveries(db: Database) -> None:
    """Which delivery of a file a fact came with, and what each delivery replaced; 0 is what was synced."""
    amounts = ", ".join(f'"{name}" INTEGER NOT NULL, "{name}Attos" INTEGER NOT NULL' for name in AMOUNTS)
    columns = ", ".join(f'"{name}", "{name}Attos"' for name in AMOUNTS)
    kept = f"""day INTEGER NOT NULL, series INTEGER NOT NULL REFERENCES series,
        detail INTEGER NOT NULL REFERENCES detail, delivery INTEGER NOT NULL DEFAULT 0,
        charges INTEGER NOT NULL, {amounts}"""
    for statement in (
        "DROP VIEW focus",
        "ALTER TABLE fact RENAME TO former_fact",
        f"CREATE TABLE fact ({kept}, PRIMARY KEY (day, series, detail, delivery)) WITHOUT ROWID",
        f"INSERT INTO fact SELECT day, series, detail, 0, charges, {columns} FROM former_fact",
        "DROP TABLE former_fact",
        _focus_view(),
        "ALTER TABLE untold RENAME TO former_untold",
        """CREATE TABLE untold (
            feed INTEGER NOT NULL, day INTEGER NOT NULL, column TEXT NOT NULL, delivery INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (feed, day, column, delivery)) WITHOUT ROWID""",
        "INSERT INTO untold SELECT feed, day, column, 0 FROM former_untold",
        "DROP TABLE former_untold",
        "DROP TABLE imported",
        """CREATE TABLE delivery (
            id INTEGER PRIMARY KEY, command INTEGER NOT NULL, at TEXT NOT NULL, file TEXT NOT NULL,
            digest TEXT NOT NULL, export TEXT NOT NULL, run TEXT NOT NULL, undone INTEGER NOT NULL DEFAULT 0)""",
        """CREATE TABLE delivery_slice (
            delivery INTEGER NOT NULL REFERENCES delivery, feed INTEGER NOT NULL REFERENCES feed,
            account TEXT NOT NULL, period TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            charges INTEGER NOT NULL, totals TEXT NOT NULL, sub_accounts TEXT NOT NULL, sketch BLOB NOT NULL,
            replaced_by INTEGER, PRIMARY KEY (delivery, feed, account, period))""",
        f"CREATE TABLE replaced_fact ({kept}, replaced_by INTEGER NOT NULL)",
        "CREATE INDEX replaced_fact_by ON replaced_fact (replaced_by)",
    ):
        db.execute(statement)


def _m006_vendor_reports(db: Database) -> None:
    """What vendors report of commitments and recommend (``vendor_reports``)."""
    for statement in TABLES:
        db.execute(statement)


def _m007_taught(db: Database) -> None:
    """Sentences that were refused, read by a model or reported as wrong; and names that a team has taught."""
    for statement in (
        """CREATE TABLE correction (
            key TEXT PRIMARY KEY, at TEXT NOT NULL, team TEXT NOT NULL, person TEXT NOT NULL, kind TEXT NOT NULL,
            words TEXT NOT NULL, unread TEXT NOT NULL, reading TEXT NOT NULL, question TEXT NOT NULL,
            times INTEGER NOT NULL)""",
        "CREATE INDEX correction_at ON correction (at)",
        """CREATE TABLE alias (
            key TEXT PRIMARY KEY, team TEXT NOT NULL, phrase TEXT NOT NULL, expression TEXT NOT NULL,
            filters TEXT NOT NULL, person TEXT NOT NULL, at TEXT NOT NULL, removed TEXT, removed_by TEXT)""",
        "INSERT INTO state VALUES ('aliases', 0)",
    ):
        db.execute(statement)


MIGRATIONS: tuple[Callable[[Database], None], ...] = (
    _m001_star,
    _m002_sync,
    _m003_memory,
    _m004_unknown,
    _m005_deliveries,
    _m006_vendor_reports,
    _m007_taught,
)
"""In order; a ledger's version is how many of them it has had. Never change one that has shipped."""


def _focus_view() -> str:
    """FOCUS 1.4 Column IDs for any SQL tool. Its amounts are SQLite's REAL: near, for exact use the ledger."""

    def amount(name: str) -> str:
        value = f'(f."{name}" + f."{name}Attos" / 1e18)'
        unit = NULLABLE.get(name)
        return f"CASE s.\"{unit}\" WHEN '' THEN NULL ELSE {value} END" if unit else value

    day = "date(f.day * 86400, 'unixepoch')"
    length = "CASE s.x_ChargePeriodDays WHEN '' THEN 1 ELSE CAST(s.x_ChargePeriodDays AS INTEGER) END"
    billing, midnight = "s.x_BillingMonth", " || 'T00:00:00Z'"
    first, next_first = f"date({day}, 'start of month')", f"date({day}, 'start of month', '+1 month')"
    columns = [
        f"{day} || 'T00:00:00Z' AS ChargePeriodStart",
        f"date((f.day + {length}) * 86400, 'unixepoch') || 'T00:00:00Z' AS ChargePeriodEnd",
        f"CASE {billing} WHEN '' THEN {first} ELSE substr({billing}, 1, 10) END{midnight} AS BillingPeriodStart",
        f"CASE {billing} WHEN '' THEN {next_first} ELSE substr({billing}, 12) END{midnight} AS BillingPeriodEnd",
        *(f'{amount(name)} AS "{name}"' for name in AMOUNTS),
        *(f'nullif(s."{name}", \'\') AS "{name}"' for name in SERIES if not internal(name)),
        *(f'nullif(s."{column}", \'\') AS "{old}"' for old, column in ALSO_OLD.items()),
        *(f'nullif(d."{name}", \'\') AS "{name}"' for name in DETAILS),
        "d.x AS x_Other, feed.source AS x_Source, feed.name AS x_Feed, f.charges AS x_Charges",
    ]
    return (
        f"CREATE VIEW focus AS SELECT {', '.join(columns)} FROM fact f JOIN series s ON s.id = f.series"
        " JOIN detail d ON d.id = f.detail JOIN feed ON feed.id = s.feed"
    )


def internal(name: str) -> bool:
    """Whether a column of series is our own bookkeeping, which the view leaves out."""
    return name in ("x_Credit", "x_BillingMonth", "x_ChargePeriodDays")


def version(connection: sqlite3.Connection) -> int:
    """How many migrations the file has had."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: Database, steps: Sequence[Callable[[Database], None]] = MIGRATIONS) -> None:
    """Bring a ledger to the newest schema, each step in a transaction together with its number.

    The version is read again under the write lock, so that of two processes only one does each step.
    """
    connection = db.conn
    for number, step in enumerate(steps, start=1):
        if version(connection) >= number:
            continue
        connection.execute("BEGIN IMMEDIATE")
        try:
            if version(connection) < number:
                step(db)
                connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
