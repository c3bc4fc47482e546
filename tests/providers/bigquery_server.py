"""BigQuery's REST API over a table of DuckDB: what a client of jobs and tables needs.

Evidence: google-cloud-bigquery 3.47 sends ``POST …/jobs`` with ``configuration.query`` (``dryRun``,
``maximumBytesBilled``, ``queryParameters``) and reads ``GET …/queries/JOB``; BigQuery's REST reference, "Job"
(``statistics.query.totalBytesProcessed``, ``totalBytesBilled``) and "getQueryResults". The SQL arrives in BigQuery's
dialect.
"""

from datetime import UTC, datetime

import duckdb
import sqlglot

from simulators.gcp import duck
from simulators.http_server import Simulator, json_reply

SIZE = 3 * 2**30
"""Bytes that every query reads."""
_KINDS = {"text": "STRING", "amount": "BIGNUMERIC", "instant": "TIMESTAMP", "json": "JSON"}


class BigQueryServer(Simulator):
    """One table, ``project.bills.focus``; ``queries`` are the configurations of all jobs, dry runs included."""

    def __init__(self, clock, columns, files):
        super().__init__(clock)
        self.queries, self.results, self.cancelled = [], {}, []
        self._columns, self._database = columns, duckdb.connect()
        self._database.execute("SET TimeZone = 'UTC'")
        self._database.execute(f"CREATE TABLE focus AS SELECT * FROM read_parquet('{files}')")

    def truth(self, _days):
        """Whoever asks knows better."""
        return {}

    def answer(self, request):
        """The table, a job, its result."""
        match request.method, request.path.strip("/").split("/")[2:]:
            case "GET", ["projects", "project", "datasets", "bills", "tables", "focus"]:
                fields = [
                    {"name": name, "type": _KINDS[kind], "mode": "NULLABLE"} for name, kind in self._columns.items()
                ]
                return json_reply({"schema": {"fields": fields}, **_reference()})
            case "POST", ["projects", "project", "jobs"]:
                return self._job(request.json())
            case "POST", ["projects", "project", "jobs", job, "cancel"]:
                self.cancelled.append(job)
                return json_reply({"job": self._told(job)})
            case "GET", ["projects", "project", "queries", job]:
                return json_reply({**self.results[job], "jobComplete": True, "jobReference": _job(job)})
            case "GET", ["projects", "project", "jobs", job]:
                return json_reply(self._told(job))
        return json_reply({"error": {"code": 404, "message": "Not found", "errors": [{"reason": "notFound"}]}}, 404)

    def _job(self, result):
        query = result["configuration"]["query"]
        dry = result["configuration"].get("dryRun", False)
        self.queries.append({**query, "dryRun": dry})
        job = result.get("jobReference", {}).get("jobId", f"job-{len(self.queries)}")
        if not dry:
            if int(query["maximumBytesBilled"]) < SIZE:
                reason = {"reason": "bytesBilledLimitExceeded", "message": "Query exceeded limit for bytes billed"}
                return json_reply({"error": {"code": 400, "message": reason["message"], "errors": [reason]}}, 400)
            self.results[job] = self._run(query)
        return json_reply(self._told(job, dry=dry))

    def _told(self, job, *, dry=False):
        billed = {} if dry else {"totalBytesBilled": str(SIZE)}
        statistics = {"totalBytesProcessed": str(SIZE), "query": {"totalBytesProcessed": str(SIZE), **billed}}
        return {
            "kind": "bigquery#job",
            "jobReference": _job(job),
            "configuration": {"jobType": "QUERY", "dryRun": dry, "query": {}},
            "status": {"state": "DONE"},
            "statistics": statistics,
        }

    def _run(self, query):
        tree = sqlglot.parse_one(query["query"], read="bigquery")
        for table in tree.find_all(sqlglot.exp.Table):
            table.replace(sqlglot.exp.to_table("focus"))
        for kind in tree.find_all(sqlglot.exp.DataType):
            if kind.this == sqlglot.exp.DataType.Type.BIGDECIMAL:
                kind.replace(sqlglot.exp.DataType.build("DECIMAL(38, 18)"))
        given = dict(duck.parameter(one) for one in query.get("queryParameters", []))
        given = {name: v.replace(tzinfo=UTC) if hasattr(v, "hour") else v for name, v in given.items()}
        found = self._database.execute(tree.sql("duckdb"), given)
        # BigQuery's DATE_TRUNC of a DATE is a DATE, DuckDB's is an instant.
        kinds = {"DATE": "DATE", "TIMESTAMP": "DATE", "VARCHAR": "STRING", "BIGINT": "INTEGER"}
        fields = [
            {"name": name, "type": kinds.get(str(kind), "BIGNUMERIC"), "mode": "NULLABLE"}
            for name, kind, *_ in found.description
        ]
        days = ([value.date() if isinstance(value, datetime) else value for value in row] for row in found.fetchall())
        rows = [{"f": [{"v": duck.wire(value)} for value in row]} for row in days]
        return {"schema": {"fields": fields}, "rows": rows, "totalRows": str(len(rows))}


def _job(job):
    return {"projectId": "project", "jobId": job, "location": "EU"}


def _reference():
    return {"tableReference": {"projectId": "project", "datasetId": "bills", "tableId": "focus"}}
