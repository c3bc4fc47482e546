"""The ledger's tables in PostgreSQL: the same as in SQLite, with the same numbered migrations."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Protocol

from sqlite_utils import Database

from bot.domain.charge import AMOUNTS, DETAILS, SERIES
from bot.ledger import schema
from bot.ledger.backend import Cursor
from bot.ledger.postgresql.translate import definition

_FIRST = 5
"""The version at which ledgers in PostgreSQL began."""
_LOCK = 7_305_480_001
"""The advisory lock under which a schema is changed."""
_FUNCTIONS = (
    # SQLite's two JSON functions that the ledger's statements use, for text that holds JSON.
    """CREATE FUNCTION json_extract(doc TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS
        $$ SELECT jsonb_path_query_first(doc::jsonb, path::jsonpath) #>> '{}' $$""",
    """CREATE FUNCTION json_each(doc TEXT) RETURNS TABLE (value BIGINT) LANGUAGE sql IMMUTABLE AS
        $$ SELECT element::bigint FROM json_array_elements_text(doc::json) AS element $$""",
)


class Raw(Protocol):
    """A psycopg connection, as far as migrations need it."""

    def execute(self, query: str, params: Sequence[object] | None = None, /) -> Cursor:
        """Runs a statement."""


class _Definitions:
    """Stands for the SQLite database in a migration: runs its statements with PostgreSQL's types."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw

    def execute(self, sql: str) -> Cursor | None:
        """Runs a statement; the view is left out, since PostgreSQL has its own."""
        return None if "VIEW" in sql.split("(", 1)[0] else self._raw.execute(definition(sql))


def _first(raw: Raw) -> None:
    """Every table and index as SQLite's first migrations leave them; no ledger in PostgreSQL is older."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        schema.migrate(Database(model), schema.MIGRATIONS[:_FIRST])
        wanted = "type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        for (sql,) in model.execute(f"SELECT sql FROM sqlite_master WHERE {wanted} ORDER BY type DESC, rootpage"):
            raw.execute(definition(sql))
    raw.execute("INSERT INTO state VALUES ('generation', 0)")
    raw.execute("ALTER TABLE cube ALTER COLUMN sums SET STORAGE EXTERNAL")  # vectors do not compress
    for statement in (*_FUNCTIONS, focus_view()):
        raw.execute(statement)


def version(raw: Raw) -> int:
    """How many migrations the ledger has had; 0 where there is none."""
    # A scan, not to_regclass: that one may still believe what was so before another replica made the table.
    query = "SELECT count(*) FROM pg_class WHERE relname = 'schema_version' AND pg_table_is_visible(oid)"
    there = raw.execute(query).fetchone()[0]
    return int(raw.execute("SELECT number FROM schema_version").fetchone()[0]) if there else 0


def migrate(raw: Raw, newest: int = len(schema.MIGRATIONS)) -> None:
    """Bring a ledger to the newest schema, each step in a transaction together with its number.

    The version is read again under a lock, so that of several replicas only one does each step.
    """
    for number in range(max(version(raw) + 1, _FIRST), newest + 1):
        raw.execute("BEGIN")
        try:
            raw.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            if version(raw) < number:
                if number == _FIRST:
                    raw.execute("CREATE TABLE schema_version (number BIGINT NOT NULL)")
                    raw.execute("INSERT INTO schema_version VALUES (0)")
                    _first(raw)
                else:
                    schema.MIGRATIONS[number - 1](_Definitions(raw))  # type: ignore[arg-type]  # it only executes
                raw.execute(f"UPDATE schema_version SET number = {number}")
            raw.execute("COMMIT")
        except BaseException:
            raw.execute("ROLLBACK")
            raise


def focus_view() -> str:
    """FOCUS 1.4 Column IDs for any SQL tool; its amounts are numeric, and exact."""
    day = "(DATE '1970-01-01' + f.day::int)"
    length = 'CASE s."x_ChargePeriodDays" WHEN \'\' THEN 1 ELSE s."x_ChargePeriodDays"::int END'
    first = f"date_trunc('month', {day})::date"
    next_first = f"({first} + INTERVAL '1 month')::date"
    start, end = '"BillingPeriodStart"', '"BillingPeriodEnd"'
    billing, midnight = 's."x_BillingMonth"', " || 'T00:00:00Z'"

    def amount(name: str) -> str:
        value = f'(f."{name}"::numeric + f."{name}Attos"::numeric / 1000000000000000000)'
        unit = schema.NULLABLE.get(name)
        return f"CASE s.\"{unit}\" WHEN '' THEN NULL ELSE {value} END" if unit else value

    columns = [
        f'{day}::text{midnight} AS "ChargePeriodStart"',
        f'({day} + {length})::text{midnight} AS "ChargePeriodEnd"',
        f"CASE {billing} WHEN '' THEN {first}::text ELSE substr({billing}, 1, 10) END{midnight} AS {start}",
        f"CASE {billing} WHEN '' THEN {next_first}::text ELSE substr({billing}, 12) END{midnight} AS {end}",
        *(f'{amount(name)} AS "{name}"' for name in AMOUNTS),
        *(f'nullif(s."{name}", \'\') AS "{name}"' for name in SERIES if not schema.internal(name)),
        *(f'nullif(s."{column}", \'\') AS "{old}"' for old, column in schema.ALSO_OLD.items()),
        *(f'nullif(d."{name}", \'\') AS "{name}"' for name in DETAILS),
        'd.x AS "x_Other", feed.source AS "x_Source", feed.name AS "x_Feed", f.charges AS "x_Charges"',
    ]
    return (
        f"CREATE VIEW focus AS SELECT {', '.join(columns)} FROM fact f JOIN series s ON s.id = f.series"
        " JOIN detail d ON d.id = f.detail JOIN feed ON feed.id = s.feed"
    )
