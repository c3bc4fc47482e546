"""The simulated BigQuery's engine: DuckDB's tables, types and values in BigQuery's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from simulators.gcp import recommendations
from simulators.gcp.schema import arrow_schema

_TYPES = {"VARCHAR": "STRING", "DOUBLE": "FLOAT", "DATE": "DATE", "BIGINT": "INTEGER", "INTEGER": "INTEGER",
          "HUGEINT": "INTEGER", "BOOLEAN": "BOOLEAN", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP"}  # fmt: skip


def database(kind: str) -> duckdb.DuckDBPyConnection:
    """An empty export of a kind, and an empty table of recommendations."""
    made = duckdb.connect(":memory:", config={"threads": "1"})
    made.execute("SET TimeZone = 'UTC'")
    empty = arrow_schema(kind).empty_table()
    made.register("empty", empty)
    made.execute("CREATE TABLE export AS SELECT * FROM empty")
    made.unregister("empty")
    made.execute(recommendations.SCHEMA)
    return made


def type_of(duck: str) -> str:
    """BigQuery's name of one of DuckDB's types."""
    return _TYPES.get(duck, "NUMERIC" if duck.startswith("DECIMAL") else "STRING")


def parameter(given: Mapping[str, Any]) -> tuple[str, Any]:
    """The name and value of a query's parameter."""
    value = given["parameterValue"]["value"]
    match given["parameterType"]["type"]:
        case "TIMESTAMP":
            return given["name"], datetime.fromisoformat(value).replace(tzinfo=UTC)
        case "DATE":
            return given["name"], date.fromisoformat(value)
        case _:
            return given["name"], value


def wire(value: object) -> str | None:
    """A cell as BigQuery writes it: everything a string, instants as microseconds."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return str(round(value.timestamp() * 1_000_000))
    return repr(value) if isinstance(value, float) else str(value)
