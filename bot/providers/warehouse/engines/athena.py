"""Athena: bounded by its workgroup's limit on bytes, with results reused for an hour; sums are DECIMAL(38, 18).

Athena tells no price beforehand: what a query may cost at most is what the workgroup lets it read. A cancelled query is
billed for what it has read. Not run against AWS here: held to botocore's request models and to the dialect.

Source: botocore 1.44 (athena-2017-05-18); Athena's documentation, "Use parameterized queries", "Reuse query results".
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from sqlglot import exp

from bot.domain.errors import AccessDenied, CeilingReached, Misconfigured, Unavailable
from bot.providers.warehouse.engines import AggregateQuery, Kind, Parameters, QueryRun, Row, Value, json_path, kind_of
from bot.providers.warehouse.settings import WarehouseSettings

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

_REUSED = 60
"""Minutes for which Athena may give the result of the same query again, without reading anything."""
_PAUSE = 0.3
"""Seconds between two looks at a query's state."""


class Athena:
    """A table of Athena."""

    amount = "DECIMAL(38, 18)"

    def __init__(self, settings: WarehouseSettings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> AthenaClient:
        import boto3

        endpoint = self._settings.url.get_secret_value() or None
        return boto3.client("athena", region_name=self._settings.region or None, endpoint_url=endpoint)

    def table(self) -> exp.Expr:
        """``catalog.database.table``, quoted as Athena wants names in queries."""
        return exp.to_table(self._settings.table, dialect="athena")

    def columns(self) -> Mapping[str, Kind]:
        """The columns, from the catalog; free."""
        parts = self._settings.table.split(".")
        catalog, database = ["AwsDataCatalog", *parts[:-1]][-2:]
        with _mended():
            found = self._client.get_table_metadata(CatalogName=catalog, DatabaseName=database, TableName=parts[-1])
        table = found["TableMetadata"]
        listed = [*table.get("Columns", []), *table.get("PartitionKeys", [])]
        return {one["Name"]: kind_of(one.get("Type", "")) for one in listed}

    def day(self, column: exp.Expr, kind: Kind) -> exp.Expr:
        """Data Exports are in UTC, and their instants name no timezone."""
        return exp.cast(column, "DATE")

    def tag(self, column: exp.Expr, kind: Kind, key: str, parameters: Parameters) -> exp.Expr:
        """As Trino's dialect has it."""
        return trino_tag(column, kind, key, parameters)

    def estimate(self, statement: AggregateQuery) -> int | None:
        """What the workgroup lets a query read; None where it sets no limit."""
        with _mended():
            group = self._client.get_work_group(WorkGroup=self._settings.workgroup)["WorkGroup"]
        cutoff = group.get("Configuration", {}).get("BytesScannedCutoffPerQuery")
        return None if cutoff is None else int(cutoff)

    def rows(self, statement: AggregateQuery, run: QueryRun) -> Iterator[Row]:
        """The rows, page after page; the query is stopped when whoever reads them leaves."""
        sql, values = positional(statement)
        output = {"ResultConfiguration": {"OutputLocation": self._settings.output}} if self._settings.output else {}
        with _mended():
            started = self._client.start_query_execution(
                QueryString=sql,
                ExecutionParameters=values,
                WorkGroup=self._settings.workgroup,
                ResultReuseConfiguration={
                    "ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": _REUSED}
                },
                **output,  # type: ignore[arg-type]  # a typed dictionary of one key
            )["QueryExecutionId"]
            run.started, done = True, False
            try:
                self._wait(started)
                yield from self._results(started)
                done = True
            finally:
                if not done:
                    self._client.stop_query_execution(QueryExecutionId=started)
                run.billed = self._scanned(started)

    def _scanned(self, query: str) -> int | None:
        """The bytes that are billed, also of a query that was stopped; None where Athena does not say."""
        execution = self._client.get_query_execution(QueryExecutionId=query)["QueryExecution"]
        return execution.get("Statistics", {}).get("DataScannedInBytes")

    def _wait(self, query: str) -> None:
        end = time.monotonic() + self._settings.timeout
        while time.monotonic() < end:
            status = self._client.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            match status.get("State"):
                case "SUCCEEDED":
                    return
                case "FAILED" | "CANCELLED":
                    if "exceeded limit" in status.get("StateChangeReason", "").casefold():
                        raise CeilingReached(
                            "The question would read more than the workgroup allows.", "Ask for fewer days."
                        )
                    raise Unavailable(
                        "Athena could not answer the query.", "Its console says why, under Query history."
                    )
            time.sleep(_PAUSE)
        raise Unavailable("The warehouse took too long, so the query was canceled.", "Ask for fewer days.")

    def _results(self, query: str) -> Iterator[Row]:
        first = True
        for page in self._client.get_paginator("get_query_results").paginate(QueryExecutionId=query):
            types = [one["Type"] for one in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
            rows = page["ResultSet"]["Rows"][1 if first else 0 :]  # the first row of the first page names the columns
            first = False
            for row in rows:
                yield [_read(one.get("VarCharValue"), kind) for one, kind in zip(row["Data"], types, strict=True)]


def open_engine(settings: WarehouseSettings) -> Athena:
    """Athena as the settings have it."""
    return Athena(settings)


def trino_tag(column: exp.Expr, kind: Kind, key: str, parameters: Parameters) -> exp.Expr:
    """The value of a tag in Trino's dialect: of a map by its key, of JSON by its path."""
    if kind == "map":
        return exp.Anonymous(this="element_at", expressions=[column, parameters.bind(key)])
    return exp.Anonymous(this="json_extract_scalar", expressions=[column, parameters.bind(json_path(key))])


def positional(statement: AggregateQuery, dialect: str = "athena") -> tuple[str, list[str]]:
    """The statement with ``?`` for each value, and the values as the literals of the dialect, in that order."""
    values: list[str] = []

    def replaced(node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Placeholder):
            return node
        value = statement.parameters[node.this]
        values.append(_literal(value))
        bare = exp.Placeholder()
        if isinstance(value, datetime):
            return exp.cast(bare, "TIMESTAMP")
        return exp.cast(bare, "DATE") if isinstance(value, date) else bare

    tree = statement.tree.copy()
    for node in list(tree.find_all(exp.Placeholder, bfs=False)):
        node.replace(replaced(node))
    return tree.sql(dialect), values


def _literal(value: Value) -> str:
    text = f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)
    return "'" + text.replace("'", "''") + "'"


def _read(text: str | None, kind: str) -> object:
    if text is None:
        return None
    if kind in ("date", "timestamp"):
        return date.fromisoformat(text[:10])
    return Decimal(text) if kind in ("decimal", "bigint", "integer", "double") else text


@contextmanager
def _mended() -> Iterator[None]:
    """AWS's errors as ours.

    Raises:
        AccessDenied: no credentials, or they lack a permission.
        Misconfigured: there is no such table or workgroup.
        Unavailable: everything else.
    """
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

    try:
        yield
    except NoCredentialsError as error:
        raise AccessDenied("There are no AWS credentials for Athena.", "Set AWS_PROFILE, or a role.") from error
    except NoRegionError as error:
        raise Misconfigured("Athena's region is not set.", "Set region in sources.toml, or AWS_REGION.") from error
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in ("AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException"):
            raise AccessDenied(
                "Athena refuses the query.",
                "Allow athena:StartQueryExecution, GetQueryExecution, GetQueryResults, "
                "StopQueryExecution, GetWorkGroup, GetTableMetadata, and reading the table's bucket.",
            ) from error
        if code in ("MetadataException", "InvalidRequestException"):
            raise Misconfigured("Athena knows no such table or workgroup.", "Check sources.toml.") from error
        raise Unavailable(f"Athena refused the request ({code}).") from error
    except BotoCoreError as error:
        raise Unavailable("Athena cannot be reached.") from error
