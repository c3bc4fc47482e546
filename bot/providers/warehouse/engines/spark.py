"""Spark 3.4 and later, by Spark Connect (``sc://``) or as the driver of a cluster (``spark://``); ANSI mode.

A sum that does not fit DECIMAL(38, 18) is an error in ANSI mode, never a wrapped number.

Source: Spark's documentation, "ANSI Compliance", "Parameterized queries" (``SparkSession.sql(args=…)``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from sqlglot import exp

from bot.domain.errors import Misconfigured, Unavailable
from bot.providers.warehouse.engines import AggregateQuery, Kind, Parameters, QueryRun, Row, kind_of
from bot.providers.warehouse.settings import WarehouseSettings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Spark:
    """A table of a Spark cluster, or Parquet files that its workers can read."""

    amount = "DECIMAL(38, 18)"

    def __init__(self, settings: WarehouseSettings) -> None:
        self._settings = settings

    @cached_property
    def _session(self) -> SparkSession:
        from pyspark.sql import SparkSession

        url = self._settings.url.get_secret_value() or "local[2]"
        builder = SparkSession.builder.appName("spend")
        builder = builder.remote(url) if url.startswith("sc://") else builder.master(url)
        with _mended():
            session: SparkSession = builder.getOrCreate()
            session.conf.set("spark.sql.session.timeZone", "UTC")
            session.conf.set("spark.sql.ansi.enabled", "true")
        return session

    def table(self) -> exp.Expr:
        """The table's name, or the files'."""
        if self._settings.is_table:
            return exp.to_table(self._settings.table, dialect="spark")
        return exp.table_(self._settings.table, db="parquet", quoted=True)

    def columns(self) -> Mapping[str, Kind]:
        """The columns, as Spark describes them."""
        tree = exp.select("*").from_(self.table()).limit(0)
        with _mended():
            return {name: kind_of(type_name) for name, type_name in self._session.sql(tree.sql("spark")).dtypes}

    def day(self, column: exp.Expr, kind: Kind) -> exp.Expr:
        """The day in the session's timezone, which is UTC."""
        return exp.cast(column, "DATE")

    def tag(self, column: exp.Expr, kind: Kind, key: str, parameters: Parameters) -> exp.Expr:
        """Of a map by its key, of JSON by its path: ``$['cost-center']``, for ``$["…"]`` finds nothing."""
        if kind == "map":
            return exp.Anonymous(this="try_element_at", expressions=[column, parameters.bind(key)])
        path = "$['" + key.replace("'", "\\'") + "']"
        return exp.Anonymous(this="get_json_object", expressions=[column, parameters.bind(path)])

    def estimate(self, statement: AggregateQuery) -> int | None:
        """Spark tells no bytes before it runs."""
        return None

    def rows(self, statement: AggregateQuery, run: QueryRun) -> Iterator[Row]:
        """The rows, partition after partition."""
        with _mended():
            frame = self._session.sql(statement.tree.sql("spark"), args=dict(statement.parameters))
            run.started = True
            yield from frame.toLocalIterator()


def open_engine(settings: WarehouseSettings) -> Spark:
    """Spark as the settings have it."""
    return Spark(settings)


@contextmanager
def _mended() -> Iterator[None]:
    """Spark's errors as ours.

    Raises:
        Misconfigured: there is no such table, or no Java.
        Unavailable: everything else.
    """
    from pyspark.errors import AnalysisException, PySparkException

    try:
        yield
    except AnalysisException as error:
        raise Misconfigured("Spark knows no such table or column.", "Check table in sources.toml.") from error
    except PySparkException as error:
        raise Unavailable(f"Spark refused the query ({error.getCondition() or type(error).__name__}).") from error
    except (OSError, RuntimeError) as error:
        raise Unavailable("The warehouse (Spark) cannot be reached.", "Check url in sources.toml.") from error
