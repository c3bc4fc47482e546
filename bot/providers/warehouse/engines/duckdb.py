"""DuckDB, in this process: over Parquet files (local or on object storage), or over tables of a database file.

Source: DuckDB's documentation, "Parquet metadata", "Prepared statements", "Pragmas".
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from sqlglot import exp

from bot.domain.errors import Misconfigured, Unavailable
from bot.providers.warehouse.engines import AggregateQuery, Kind, Parameters, QueryRun, Row, json_path, kind_of
from bot.providers.warehouse.settings import WarehouseSettings

if TYPE_CHECKING:
    import duckdb

_FETCHED = 10_000
"""Rows fetched at a time."""


class DuckDB:
    """A table or files, read through DuckDB."""

    amount = "DECIMAL(38, 18)"

    def __init__(self, settings: WarehouseSettings) -> None:
        self._settings = settings

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        import duckdb  # an extra

        with _mended():
            path = self._settings.url.get_secret_value().removeprefix("duckdb://")
            connection = duckdb.connect(path, read_only=True) if path else duckdb.connect()
            connection.execute("SET TimeZone = 'UTC'")
        return connection

    def table(self) -> exp.Expr:
        """The table's name, or the files'."""
        if self._settings.is_table:
            return exp.to_table(self._settings.table, dialect="duckdb")
        files = exp.Literal.string(self._settings.table)
        return exp.Table(this=exp.Anonymous(this="read_parquet", expressions=[files, *self._hive()]))

    def _hive(self) -> list[exp.Expr]:
        """Folders such as ``BILLING_PERIOD=2026-10`` are a column, as text."""
        options = {"hive_partitioning": exp.true(), "hive_types_autocast": exp.false(), "union_by_name": exp.true()}
        wanted = options if self._settings.partition else {}
        return [exp.EQ(this=exp.column(name), expression=value) for name, value in wanted.items()]

    def columns(self) -> Mapping[str, Kind]:
        """The columns, described by DuckDB; of files only the footers are read."""
        tree = exp.select("*").from_(self.table())
        with _mended():
            rows = self._connection.execute(f"DESCRIBE {tree.sql('duckdb')}").fetchall()
        return {str(name): _kind(str(type_name)) for name, type_name, *_ in rows}

    def day(self, column: exp.Expr, kind: Kind) -> exp.Expr:
        """Instants are shown in UTC, which the session is in."""
        return exp.cast(column, "DATE")

    def tag(self, column: exp.Expr, kind: Kind, key: str, parameters: Parameters) -> exp.Expr:
        """Of a map by its key, of JSON by its path."""
        if kind == "map":
            return exp.Anonymous(this="map_extract_value", expressions=[column, parameters.bind(key)])
        return exp.Anonymous(this="json_extract_string", expressions=[column, parameters.bind(json_path(key))])

    def estimate(self, statement: AggregateQuery) -> int | None:
        """The packed size of the columns it reads, in the files of its months; None for tables, which tell no sizes."""
        if self._settings.is_table:
            return None
        values: dict[str, object] = {"columns": sorted(statement.columns), "files": self._settings.table}
        sql = (
            "SELECT coalesce(sum(total_compressed_size), 0)::BIGINT FROM parquet_metadata($files) "
            "WHERE list_contains($columns, split_part(path_in_schema, ', ', 1))"
        )
        if statement.months:
            sql += " AND list_contains($folders, regexp_extract(file_name, '.*/([^/]*)/', 1))"
            values["folders"] = [f"{self._settings.partition}={month}" for month in statement.months]
        with _mended():
            row = self._connection.execute(sql, values).fetchone()
        return int(row[0]) if row else None

    def rows(self, statement: AggregateQuery, run: QueryRun) -> Iterator[Row]:
        """The rows; the query is interrupted after the time allowed, or when whoever reads them leaves."""
        cursor = self._connection.cursor()
        cursor.execute("SET TimeZone = 'UTC'")
        clock = threading.Timer(self._settings.timeout, cursor.interrupt)
        clock.start()
        try:
            with _mended():
                run.started = True
                cursor.execute(statement.tree.sql("duckdb"), dict(statement.parameters))
                while found := cursor.fetchmany(_FETCHED):
                    yield from found
        finally:
            clock.cancel()
            cursor.interrupt()
            cursor.close()


def open_engine(settings: WarehouseSettings) -> DuckDB:
    """DuckDB as the settings have it."""
    return DuckDB(settings)


def _kind(type_name: str) -> Kind:
    return "map" if type_name.startswith("MAP") else "pairs" if type_name.endswith("[]") else kind_of(type_name)


@contextmanager
def _mended() -> Iterator[None]:
    """DuckDB's errors as ours.

    Raises:
        Unavailable: it was interrupted, or cannot reach the files.
        Misconfigured: there are no such files or tables.
    """
    import duckdb  # an extra

    try:
        yield
    except duckdb.InterruptException as error:
        raise Unavailable("The warehouse took too long, so the query was canceled.", "Ask for fewer days.") from error
    except (duckdb.CatalogException, duckdb.IOException) as error:
        first = str(error).splitlines()[0]
        raise Misconfigured(f"DuckDB cannot read the table: {first}", "Check table and url in sources.toml.") from error
    except duckdb.Error as error:
        raise Unavailable(f"DuckDB refused the query: {str(error).splitlines()[0]}") from error
