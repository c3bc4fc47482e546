"""Google Cloud on loopback: BigQuery that runs the SQL it is given, Cloud Billing, and the Budget API.

The billing export is generated (``gcp_bill``) and loaded into DuckDB; a query arrives in BigQuery's dialect, is
translated by sqlglot and run for real, so that an adapter's SQL is held to what it says. What BigQuery
refuses is refused: unknown tables, the wrong location, more bytes than allowed. Rows appear when their export
time has come.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import count
from typing import Any, Literal

import duckdb
import pyarrow as pa
import sqlglot

from bot.domain.period import DAY, Period
from simulators.company import FIRST
from simulators.gcp import bill, duck, keys, recommendations
from simulators.gcp.catalogue import billing
from simulators.gcp.schema import arrow_schema, bigquery_schema, focus_row, standard_row, view_row
from simulators.http_server import Reply, Request, Simulator, json_reply

Kind = Literal["detailed", "standard", "focus", "focus_view"]
Bill = Callable[[date], Iterable[bill.Export]]

PROJECT, DATASET = "lumen-billing", "billing_export"
_SUFFIX = bill.ACCOUNT.replace("-", "_")
TABLES: Mapping[Kind, str] = {
    "detailed": f"gcp_billing_export_resource_v1_{_SUFFIX}",
    "standard": f"gcp_billing_export_v1_{_SUFFIX}",
    "focus": f"gcp_billing_export_focus_{_SUFFIX}",
    "focus_view": "focus_v1_0",
}
_SHAPES: Mapping[Kind, Callable[[bill.Export], bill.Export]] = {
    "detailed": lambda row: row,
    "standard": standard_row,
    "focus": focus_row,
    "focus_view": view_row,
}
_OUT = (
    "(SELECT *, date_trunc('day', export_time) AS _PARTITIONTIME FROM export "
    "WHERE export_time <= CAST($now AS TIMESTAMPTZ))"
)
_PLANNED: set[tuple[Kind, str]] = set()
"""Statements that DuckDB has taken before: planning one takes as long as running it."""
_RESULTS_KEPT = 64
"""Older jobs are never asked for again."""
_ROW_BYTES = 420
_LEAST = 10 * 2**20


@dataclass(frozen=True)
class _Result:
    schema: list[dict[str, str]]
    rows: Sequence[Sequence[Any]]
    scanned: int


class GcpSimulator(Simulator):
    """One billing account's export. ``kind`` says which; ``rate`` turns USD into its ``currency``.

    ``page_rows`` is the most rows of a page; ``unfinished`` is how many further queries say "not yet" at first.
    ``spares``: whether ``_PARTITIONTIME >= x OR … IS NULL`` still spares partitions, of which the documentation is
    silent. ``sorts`` is how many days' rows one query can sort: beyond, BigQuery says resourcesExceeded
    (openprescribing#698, great_expectations#7286, PostHog/posthog#67914).
    """

    def __init__(  # noqa: PLR0913 - what may differ between accounts, by keyword
        self,
        clock: Callable[[], datetime],
        *,
        kind: Kind = "detailed",
        currency: str = "USD",
        rate: str = "1",
        location: str = "EU",
        page_rows: int = 10_000,
        spares: bool = True,
        sorts: int = 10_000,
        rows_of: Bill | None = None,
    ) -> None:
        super().__init__(clock)
        self.spares, self.sorts = spares, sorts
        self.kind: Kind = kind
        self.location = location
        self.page_rows = page_rows
        self.unfinished = 0
        self._currency = currency
        self._rate = Decimal(rate)
        self._rows_of = rows_of or self._lumen
        self._have = set[date]()
        self._results: OrderedDict[str, _Result] = OrderedDict()
        self._numbers = count(1)
        self._database = duck.database(kind)
        self._busy = threading.Lock()

    @property
    def table(self) -> str:
        """``project.dataset.table``, for ``GCP_BILLING_TABLE``."""
        return f"{PROJECT}.{DATASET}.{TABLES[self.kind]}"

    @property
    def recommendations_table(self) -> str:
        """``project.dataset.table`` of Recommender's export, for ``GCP_RECOMMENDATIONS_TABLE``."""
        return f"{PROJECT}.{recommendations.DATASET}.{recommendations.NAME}"

    def rows(self, days: Period) -> list[bill.Export]:
        """The export's rows about usage of those days that are out by now, as Google's detailed export says them."""
        now = self.clock()
        return [row for day in days for row in self._rows_of(day) if row["export_time"] <= now]

    def truth(self, days: Period) -> Mapping[str, Decimal]:
        """What those days cost net of every credit, by currency."""
        result = self.truth_by(days, lambda row: str(row["currency"]))
        return result or {self._currency: Decimal(0)}

    def truth_by(self, days: Period, key: Callable[[bill.Export], Any]) -> dict[Any, Decimal]:
        """The same by whatever ``key`` says of a row."""
        totals: dict[Any, Decimal] = {}
        for row in self.rows(days):
            totals[key(row)] = totals.get(key(row), Decimal(0)) + net(row)
        return totals

    def change(self, rows_of: Bill) -> None:
        """From now on the export says this."""
        with self._busy:
            self._rows_of = rows_of
            self._database.execute("DELETE FROM export")
            self._have.clear()

    def restate(self, day: date) -> None:
        """From now on the export has a further row about a day: the first one's cost a tenth again."""
        before = self._rows_of
        self.change(lambda asked: [*before(asked), *(_again(row) for row in [*before(asked)][: asked == day])])

    def vanish(self, day: date, service: str) -> None:
        """From now on the export has nothing of a service on a day."""
        before = self._rows_of
        self.change(
            lambda asked: [row for row in before(asked) if asked != day or row["service"]["description"] != service]
        )

    def _lumen(self, day: date) -> tuple[bill.Export, ...]:
        return _exported(day, self._rate, self._currency)

    def close(self) -> None:
        """Stops listening and forgets the export."""
        super().close()
        self._database.close()

    def answer(self, request: Request) -> Reply:
        """BigQuery under ``/bigquery/v2``, the other APIs under ``/v1``; tokens for the key it knows."""
        parts = request.path.strip("/").split("/")
        if parts == ["token"]:
            return keys.token(request)
        if not keys.admits(request):
            return _error(401, "authError", "Request had invalid authentication credentials.")
        match parts:
            case ["bigquery", "v2", "projects", project, _, *_]:
                return self._bigquery(request, project, parts[4:])
        return billing(request, parts) or _error(404, "notFound", f"Not found: {request.path}")

    def _bigquery(self, request: Request, project: str, path: list[str]) -> Reply:
        found = _error(404, "notFound", f"Not found: {request.path}")
        match request.method, path:
            case "GET", ["datasets", dataset]:
                found = json_reply(self._dataset(project, dataset))
            case "GET", ["datasets", dataset, "tables", table]:
                found = self._table(project, dataset, table)
            case "POST", ["queries"]:
                found = self._query(project, request.json())
            case "POST", ["jobs"]:
                result = request.json()
                found = self._job(project, result["configuration"], result.get("jobReference", {}))
            case "GET", ["queries", job] if job in self._results:
                found = json_reply(self._page(project, job, request.query))
            case "GET", ["jobs", job] if job in self._results:
                found = json_reply(self._done(project, job, {}))
        return found

    def _dataset(self, project: str, dataset: str) -> dict[str, Any]:
        reference = {"projectId": project, "datasetId": dataset}
        return {"kind": "bigquery#dataset", "datasetReference": reference, "location": self.location}

    def _table(self, project: str, dataset: str, table: str) -> Reply:
        if f"{project}.{dataset}.{table}" != self.table:
            return _error(404, "notFound", f"Not found: Table {project}:{dataset}.{table}")
        reference = {"projectId": project, "datasetId": dataset, "tableId": table}
        # The FOCUS table is partitioned too: a live view selects _PARTITIONDATE from it. A view is not.
        partitions = {} if self.kind == "focus_view" else {"timePartitioning": {"type": "DAY"}}
        return json_reply(
            {
                "kind": "bigquery#table",
                "type": "VIEW" if self.kind == "focus_view" else "TABLE",
                "tableReference": reference,
                "location": self.location,
                "schema": {"fields": bigquery_schema(self.kind)},
                **partitions,
            }
        )

    def _query(self, project: str, body: Mapping[str, Any]) -> Reply:
        found = self._run(body)
        if isinstance(found, Reply):
            return found
        job = self._keep(found)
        if self.unfinished > 0:
            self.unfinished -= 1
            reference = {"projectId": project, "jobId": job, "location": self.location}
            return json_reply({"kind": "bigquery#queryResponse", "jobReference": reference, "jobComplete": False})
        return json_reply(self._page(project, job, {"maxResults": [str(body.get("maxResults", ""))]}))

    def _job(self, project: str, configuration: Mapping[str, Any], reference: Mapping[str, str]) -> Reply:
        query = dict(configuration["query"]) | {"location": reference.get("location", "")}
        found = self._run(query, dry_run=bool(configuration.get("dryRun")))
        if isinstance(found, Reply):
            return found
        job = self._keep(found, reference.get("jobId", ""))
        return json_reply(self._done(project, job, configuration))

    def _run(self, query: Mapping[str, Any], *, dry_run: bool = False) -> _Result | Reply:
        where = query.get("location") or self.location
        if where != self.location:
            return _error(404, "notFound", f"Not found: Dataset {PROJECT}:{DATASET} was not found in location {where}")
        try:
            statement = _translated(query["query"], self.table, self.recommendations_table)
        except LookupError as error:
            return _error(404, "notFound", f"Not found: Table {error.args[0]} was not found in location {where}")
        parameters = dict(map(duck.parameter, query.get("queryParameters", ()))) | {"now": self.clock()}
        with self._busy:
            self._fill(parameters)
            self._recommend()
            scanned = self._scanned(parameters, query["query"])
            billed = max(_LEAST, scanned)
            if billed > int(query.get("maximumBytesBilled") or billed):
                allowed = query["maximumBytesBilled"]
                return _error(400, "bytesBilledLimitExceeded", f"Query exceeded limit for bytes billed: {allowed}. "
                              f"{billed} or higher required.")  # fmt: skip
            if not dry_run and "ORDER BY" in statement and self._days(parameters) > self.sorts:
                return _error(400, "resourcesExceeded", "Resources exceeded during query execution: The query could "
                              "not be executed in the allotted memory. Top memory consumer(s): ORDER BY.")  # fmt: skip
            return self._execute(statement, parameters, scanned, dry_run=dry_run)

    @staticmethod
    def _days(parameters: Mapping[str, Any]) -> int:
        return (parameters["end"] - parameters["start"]).days if "end" in parameters else 0

    def lose_results(self) -> None:
        """From now on, no page of a result handed out before can be had."""
        self._results.clear()

    def _execute(
        self, statement: str, parameters: Mapping[str, Any], scanned: int, *, dry_run: bool
    ) -> _Result | Reply:
        if dry_run and (self.kind, statement) in _PLANNED:
            return _Result([], [], scanned)
        used = {name: value for name, value in parameters.items() if f"${name}" in statement}
        try:
            found = self._database.execute(f"EXPLAIN {statement}" if dry_run else statement, used)
        except duckdb.Error as error:
            return _error(400, "invalidQuery", str(error))
        _PLANNED.add((self.kind, statement))
        if dry_run:
            return _Result([], [], scanned)
        fields = [
            {"name": item[0], "type": duck.type_of(str(item[1])), "mode": "NULLABLE"} for item in found.description
        ]
        return _Result(fields, found.fetchall(), scanned)

    def _scanned(self, parameters: Mapping[str, Any], query: str) -> int:
        """About the bytes of the partitions that a query touches."""
        since: datetime = datetime.combine(FIRST, datetime.min.time(), UTC)
        if "_PARTITIONTIME" in query and (self.spares or "_PARTITIONTIME IS NULL" not in query):
            since = parameters.get("loaded", since)
        return max(0, (self.clock() - since).days + 1) * len(bill.METERS) * _ROW_BYTES

    def _fill(self, parameters: Mapping[str, Any]) -> None:
        """Loads the days that a query is about (else the last forty) and that are not there yet."""
        tomorrow = self.clock().date() + DAY
        first = parameters["start"].date() if "start" in parameters else tomorrow - 40 * DAY
        end = min(parameters["end"].date() if "end" in parameters else tomorrow, tomorrow)
        days = [day for day in (first + n * DAY for n in range((end - first).days)) if day not in self._have]
        shape = _SHAPES[self.kind]
        rows = [shape(row) | {"export_time": row["export_time"]} for day in days for row in self._rows_of(day)]
        if rows:
            self._database.register("arriving", pa.Table.from_pylist(rows, schema=arrow_schema(self.kind)))
            self._database.execute("INSERT INTO export SELECT * FROM arriving")
            self._database.unregister("arriving")
        self._have.update(days)

    def _recommend(self) -> None:
        """Loads Recommender's export as it is by now."""
        now = self.clock()
        self._database.execute("DELETE FROM recommendation")
        rows = recommendations.rows(now.date(), now)
        self._database.executemany(recommendations.INSERT, rows)

    def _keep(self, result: _Result, job: str = "") -> str:
        job = job or f"job_{next(self._numbers)}"
        self._results[job] = result
        while len(self._results) > _RESULTS_KEPT:
            self._results.popitem(last=False)
        return job

    def _page(self, project: str, job: str, query: Mapping[str, list[str]]) -> dict[str, Any]:
        result = self._results[job]
        start = int(query.get("pageToken", ["0"])[0] or 0)
        asked = query.get("maxResults", [""])[0]
        end = start + min(self.page_rows, int(asked) if asked else self.page_rows)
        page: dict[str, Any] = {
            "kind": "bigquery#queryResponse",
            "schema": {"fields": result.schema},
            "jobReference": {"projectId": project, "jobId": job, "location": self.location},
            "totalRows": str(len(result.rows)),
            "totalBytesProcessed": str(result.scanned),
            "jobComplete": True,
            "cacheHit": False,
        }
        if rows := result.rows[start:end]:
            page["rows"] = [{"f": [{"v": duck.wire(value)} for value in row]} for row in rows]
        if end < len(result.rows):
            page["pageToken"] = str(end)
        return page

    def _done(self, project: str, job: str, configuration: Mapping[str, Any]) -> dict[str, Any]:
        scanned = str(self._results[job].scanned)
        return {
            "kind": "bigquery#job",
            "id": f"{project}:{self.location}.{job}",
            "jobReference": {"projectId": project, "jobId": job, "location": self.location},
            "configuration": {"jobType": "QUERY", "query": {}, **configuration},
            "statistics": {
                "totalBytesProcessed": scanned,
                "query": {"totalBytesProcessed": scanned, "totalBytesBilled": "0", "statementType": "SELECT"},
            },
            "status": {"state": "DONE"},
        }


@lru_cache(maxsize=2048)
def _exported(day: date, rate: Decimal, currency: str) -> tuple[bill.Export, ...]:
    return tuple(bill.exported(day, rate, currency))


@lru_cache(maxsize=256)
def _translated(query: str, name: str, recommended: str) -> str:
    """The query in DuckDB's dialect, reading only rows that are out by ``$now``.

    Raises:
        LookupError: it names another table.
    """
    tree = sqlglot.parse_one(query, read="bigquery")
    for table in tree.find_all(sqlglot.exp.Table):
        named = ".".join(part.name for part in table.parts)
        if named not in (name, recommended):
            raise LookupError(named)
        out = sqlglot.parse_one(_OUT if named == name else recommendations.OUT, read="duckdb")
        out.set("alias", sqlglot.exp.TableAlias(this=sqlglot.exp.to_identifier(table.alias_or_name)))
        table.replace(out)
    return str(tree.sql(dialect="duckdb"))


def _again(row: bill.Export) -> bill.Export:
    return row | {"cost": round(row["cost"] / 10, 6), "credits": []}


def net(row: bill.Export) -> Decimal:
    """What a row comes to, credits and all; its numbers have six decimal places."""
    return sum((_exact(credit["amount"]) for credit in row["credits"]), _exact(row["cost"]))


def refusal(code: int, reason: str, message: str) -> Reply:
    """An error as Google words it, for ``fail``."""
    return _error(code, reason, message)


def _error(code: int, reason: str, message: str) -> Reply:
    result = {"message": message, "domain": "global", "reason": reason}
    return json_reply({"error": {"code": code, "message": message, "errors": [result]}}, code)


def _exact(number: float) -> Decimal:
    return Decimal(repr(number))
