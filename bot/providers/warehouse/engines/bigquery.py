"""BigQuery: priced by a dry run, bounded by ``maximum_bytes_billed``; sums are BIGNUMERIC (38 digits after the point).

Not run against Google here: held to the library's request classes and to the dialect.

Source: google-cloud-bigquery 3.47 (``QueryJobConfig``, ``ScalarQueryParameter``); BigQuery's documentation, "Run
parameterized queries", "Estimate and control costs".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlglot import exp

from bot.domain.errors import AccessDenied, CeilingReached, Misconfigured, Unavailable
from bot.providers.warehouse.engines import AggregateQuery, Kind, Parameters, QueryRun, Row, Value, json_path, kind_of
from bot.providers.warehouse.settings import WarehouseSettings

if TYPE_CHECKING:
    from google.cloud import bigquery

_LEAST = 10 * 2**20
"""Bytes billed for a query however little it reads."""


class BigQueryEngine:
    """A table of BigQuery."""

    amount = "BIGNUMERIC"

    def __init__(self, settings: WarehouseSettings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> bigquery.Client:
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import bigquery

        project, url = self._settings.project or self._settings.table.split(".")[0], self._settings.url
        endpoint = url.get_secret_value()
        if not endpoint:
            return bigquery.Client(project=project)
        nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # the library's
        return bigquery.Client(project=project, credentials=nobody, client_options={"api_endpoint": endpoint})

    def table(self) -> exp.Expr:
        """``project.dataset.table``."""
        return exp.to_table(self._settings.table, dialect="bigquery")

    def columns(self) -> Mapping[str, Kind]:
        """The columns of the table's schema; free."""
        with _mended():
            schema = self._client.get_table(self._settings.table, timeout=self._settings.timeout).schema
        return {one.name: "pairs" if one.mode == "REPEATED" else kind_of(one.field_type) for one in schema}

    def day(self, column: exp.Expr, kind: Kind) -> exp.Expr:
        """The day in UTC, which BigQuery converts instants in."""
        return exp.cast(column, "DATE")

    def tag(self, column: exp.Expr, kind: Kind, key: str, parameters: Parameters) -> exp.Expr:
        """Of repeated pairs of key and value, of JSON by its path."""
        if kind != "pairs":
            return exp.Anonymous(this="JSON_VALUE", expressions=[column, parameters.bind(json_path(key))])
        pair = exp.select(exp.column("value", "pair")).from_(
            exp.Unnest(expressions=[column], alias=exp.TableAlias(columns=[exp.to_identifier("pair")]))
        )
        return exp.Subquery(this=pair.where(exp.column("key", "pair").eq(parameters.bind(key))).limit(1))

    def estimate(self, statement: AggregateQuery) -> int:
        """What the dry run says, at least the ten megabytes that are always billed."""
        from google.cloud import bigquery

        config = bigquery.QueryJobConfig(
            query_parameters=_typed(statement.parameters), dry_run=True, use_query_cache=False
        )
        with _mended():
            job = self._client.query(statement.tree.sql("bigquery"), job_config=config, timeout=self._settings.timeout)
            return max(_LEAST, int(job.total_bytes_processed or 0))

    def rows(self, statement: AggregateQuery, run: QueryRun) -> Iterator[Row]:
        """The rows, page after page; BigQuery refuses beyond the limit in bytes."""
        from google.cloud import bigquery

        config = bigquery.QueryJobConfig(
            query_parameters=_typed(statement.parameters),
            maximum_bytes_billed=max(run.limit, _LEAST),
            labels={"app": "spend"},
        )
        with _mended():
            job = self._client.query(statement.tree.sql("bigquery"), job_config=config, timeout=self._settings.timeout)
            done = False
            try:
                run.started = True
                found = job.result(timeout=self._settings.timeout)
                run.billed = job.total_bytes_billed  # nothing, where Google had the result kept
                for row in found:
                    yield row.values()
                done = True
            finally:
                if not done:
                    job.cancel()


def open_engine(settings: WarehouseSettings) -> BigQueryEngine:
    """BigQuery as the settings have it."""
    return BigQueryEngine(settings)


def _typed(values: Mapping[str, Value]) -> list[bigquery.ScalarQueryParameter]:
    from google.cloud import bigquery

    kinds = {
        name: "TIMESTAMP" if isinstance(value, datetime) else "DATE" if isinstance(value, date) else "STRING"
        for name, value in values.items()
    }
    return [bigquery.ScalarQueryParameter(name, kinds[name], value) for name, value in values.items()]


@contextmanager
def _mended() -> Iterator[None]:
    """Google's errors as ours.

    Raises:
        AccessDenied: no credentials, or they may not read the table.
        CeilingReached: more bytes than allowed.
        Misconfigured: there is no such table.
        Unavailable: everything else that waiting may help.
    """
    from concurrent.futures import TimeoutError as TooLong

    from google.api_core import exceptions
    from google.auth.exceptions import GoogleAuthError

    try:
        yield
    except (exceptions.Forbidden, exceptions.Unauthorized, GoogleAuthError) as error:
        raise AccessDenied(
            "BigQuery refuses the table.", "Grant roles/bigquery.jobUser and roles/bigquery.dataViewer."
        ) from error
    except exceptions.NotFound as error:
        raise Misconfigured("BigQuery knows no such table.", "Check table in sources.toml.") from error
    except TooLong as error:
        raise Unavailable("The warehouse took too long, so the query was canceled.", "Ask for fewer days.") from error
    except exceptions.GoogleAPICallError as error:
        if "bytesBilledLimitExceeded" in str(error.errors):
            raise CeilingReached(
                "The question would read more than query_limit allows.", "Raise it, or ask for fewer days."
            ) from error
        raise Unavailable(f"BigQuery refused the query ({error.code}).") from error
