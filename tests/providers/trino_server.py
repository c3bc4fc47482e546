"""Trino's HTTP protocol over a table of DuckDB: statements, pages, errors and cancellation.

Evidence: Trino's documentation, "Trino client REST API": ``POST /v1/statement``, ``nextUri`` until there is none,
``columns`` with ``name`` and ``type``, ``data``, ``error.errorName``, ``DELETE`` to cancel; decimals and dates are
strings; "EXECUTE IMMEDIATE". The SQL arrives in Trino's dialect.
"""

import re
from datetime import date, datetime
from decimal import Decimal

import duckdb
import sqlglot

from simulators.http_server import Simulator, json_reply

PAGE = 7
"""Rows of a page."""
_KINDS = {"text": "varchar", "amount": "decimal(38,18)", "instant": "timestamp(6) with time zone", "json": "varchar"}
_TYPES = {"DATE": "date", "TIMESTAMP": "date", "VARCHAR": "varchar", "BIGINT": "bigint"}
_IMMEDIATE = re.compile(r"EXECUTE IMMEDIATE '((?:[^']|'')*)'(?: USING (.*))?", re.DOTALL)


class TrinoServer(Simulator):
    """One table, ``lake.bills.focus``; ``sessions`` are the session properties of all queries."""

    def __init__(self, clock, columns, files):
        super().__init__(clock)
        self.sessions, self.canceled, self.results = [], [], {}
        self._columns, self._database = columns, duckdb.connect()
        self._database.execute("SET TimeZone = 'UTC'")
        self._database.execute(f"CREATE TABLE focus AS SELECT * FROM read_parquet('{files}')")

    def truth(self, _days):
        """Whoever asks knows better."""
        return {}

    def answer(self, request):
        """A statement's first page, a further one, or its end."""
        parts = request.path.strip("/").split("/")
        if request.method == "POST":
            assert request.headers["x-trino-user"]
            return self._begun(request.body.decode(), request.headers.get("x-trino-session", ""))
        query, number = parts[-2], int(parts[-1])
        if request.method == "DELETE":
            self.canceled.append(query)
            return json_reply({}, 204)
        return self._page(query, number)

    def _begun(self, sql, session):
        query = f"q{len(self.results)}"
        if sql.startswith("SHOW COLUMNS FROM"):
            if not sql.endswith("lake.bills.focus"):
                return json_reply({"id": query, "error": {"errorName": "TABLE_NOT_FOUND", "message": "no such table"}})
            rows = [[name, _KINDS[kind], "", ""] for name, kind in self._columns.items()]
            self.results[query] = [{"name": n, "type": "varchar"} for n in ("Column", "Type", "Extra", "Comment")], rows
        else:
            self.sessions.append(session)
            if re.search(r"query_max_scan_physical_bytes=\d{1,4}B", session):
                return json_reply({"id": query, "error": {"errorName": "EXCEEDED_SCAN_LIMIT", "message": "exceeded"}})
            self.results[query] = self._run(sql)
        return json_reply({"id": query, "nextUri": f"{self.url}/v1/statement/executing/{query}/0"})

    def _page(self, query, number):
        columns, rows = self.results[query]
        after = (number + 1) * PAGE
        further = {"nextUri": f"{self.url}/v1/statement/executing/{query}/{number + 1}"} if after < len(rows) else {}
        return json_reply({"id": query, "columns": columns, "data": rows[number * PAGE : after], **further})

    def _run(self, sql):
        text, values = _IMMEDIATE.fullmatch(sql).groups()
        tree = sqlglot.parse_one(text.replace("''", "'"), read="trino")
        given = sqlglot.parse_one(f"SELECT {values}", read="trino").expressions if values else []
        marks = list(tree.find_all(sqlglot.exp.Placeholder, bfs=False))
        assert len(marks) == len(given)
        for mark, value in zip(marks, given, strict=True):
            mark.replace(value)
        for table in tree.find_all(sqlglot.exp.Table):
            table.replace(sqlglot.exp.to_table("focus"))
        found = self._database.execute(sqlglot.parse_one(tree.sql("trino"), read="trino").sql("duckdb"))
        columns = [
            {"name": name, "type": _TYPES.get(str(kind), "decimal(38,18)")} for name, kind, *_ in found.description
        ]
        return columns, [[_wire(value) for value in row] for row in found.fetchall()]


def _wire(value):
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value) if isinstance(value, (date, Decimal)) else value
