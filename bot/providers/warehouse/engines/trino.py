"""Trino over its HTTP protocol, with a bound on bytes read; sums are DECIMAL(38, 18), which raise when they overflow.

Held to the protocol and the dialect by a server of our own that runs the SQL; not run against Trino here.

Source: Trino's documentation, "Trino client REST API", "EXECUTE IMMEDIATE" (418 and later), "Query management
properties" (``query_max_scan_physical_bytes``, ``query_max_run_time``).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from bot.domain.errors import AccessDenied, CeilingReached, CostError, Misconfigured, Unavailable
from bot.providers.warehouse.engines import AggregateQuery, Kind, Parameters, QueryRun, Row, http_faults, kind_of
from bot.providers.warehouse.engines.athena import positional, trino_tag
from bot.providers.warehouse.settings import WarehouseSettings

if TYPE_CHECKING:
    import httpx

_ERRORS: Mapping[str, CostError] = {
    "EXCEEDED_SCAN_LIMIT": CeilingReached(
        "The question would read more than query_limit allows.", "Raise it, or ask for fewer days."
    ),
    "EXCEEDED_TIME_LIMIT": Unavailable(
        "The warehouse took too long, so the query was canceled.", "Ask for fewer days."
    ),
    "PERMISSION_DENIED": AccessDenied("Trino refuses this user the table.", "GRANT SELECT on it to the user."),
    **{
        name: Misconfigured("Trino knows no such table or column.", "Check table in sources.toml.")
        for name in ("TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND", "COLUMN_NOT_FOUND")
    },
}
"""By ``errorName`` of a failed query (StandardErrorCode)."""
_OK, _REFUSED = 200, (401, 403)


class Trino:
    """A table of a Trino server: ``catalog.schema.table``."""

    amount = "DECIMAL(38, 18)"

    def __init__(self, settings: WarehouseSettings) -> None:
        self._settings = settings

    def _opened(self) -> httpx.Client:
        """A client for one query."""
        import httpx  # answers from the ledger need none

        user = self._settings.user or "spend"
        headers = {"X-Trino-User": user, "X-Trino-Source": "spend", "X-Trino-Time-Zone": "UTC"}
        password = self._settings.password.get_secret_value()
        if password:
            basic = base64.b64encode(f"{user}:{password}".encode()).decode()
            headers["Authorization"] = f"Basic {basic}"
        return httpx.Client(
            base_url=self._settings.url.get_secret_value(), headers=headers, timeout=self._settings.timeout + 10
        )

    def table(self) -> exp.Expr:
        """The table's name."""
        return exp.to_table(self._settings.table, dialect="trino")

    def columns(self) -> Mapping[str, Kind]:
        """The columns, described by the server."""
        rows = self._asked(f"SHOW COLUMNS FROM {self.table().sql('trino')}", {})
        return {str(name): kind_of(str(type_name)) for name, type_name, *_ in rows}

    def day(self, column: exp.Expr, kind: Kind) -> exp.Expr:
        """The day in the session's timezone, which is UTC."""
        return exp.cast(column, "DATE")

    def tag(self, column: exp.Expr, kind: Kind, key: str, parameters: Parameters) -> exp.Expr:
        """As Trino's dialect has it."""
        return trino_tag(column, kind, key, parameters)

    def estimate(self, statement: AggregateQuery) -> int | None:
        """Trino tells estimates of rows, no bound on bytes; the server stops at the limit instead."""
        return None

    def rows(self, statement: AggregateQuery, run: QueryRun) -> Iterator[Row]:
        """The rows, page after page; the query is canceled when whoever reads them leaves."""
        sql, values = positional(statement, "trino")
        quoted = sql.replace("'", "''")
        using = f" USING {', '.join(values)}" if values else ""
        limits = f"query_max_scan_physical_bytes={run.limit}B,query_max_run_time={self._settings.timeout}s"
        run.started = True
        yield from self._asked(f"EXECUTE IMMEDIATE '{quoted}'{using}", {"X-Trino-Session": limits})

    def _asked(self, sql: str, headers: Mapping[str, str]) -> Iterator[Row]:
        with http_faults("Trino", KeyError, AttributeError), self._opened() as client:
            page = _json(client.post("/v1/statement", content=sql.encode(), headers=dict(headers)))
            try:
                while True:
                    if error := page.get("error"):
                        name = str(error.get("errorName"))
                        raise _ERRORS.get(name) or Unavailable(f"Trino refused the query ({name}).")
                    types = [str(one["type"]) for one in page.get("columns") or ()]
                    for row in page.get("data") or ():
                        yield [_read(value, kind) for value, kind in zip(row, types, strict=True)]
                    if "nextUri" not in page:
                        return
                    page = _json(client.get(page["nextUri"]))
            finally:
                if "nextUri" in page:
                    with suppress(Exception):  # it ends by itself after the time allowed
                        client.delete(page["nextUri"])


def open_engine(settings: WarehouseSettings) -> Trino:
    """Trino as the settings have it."""
    return Trino(settings)


def _read(value: object, kind: str) -> object:
    if value is None:
        return None
    if kind.startswith(("date", "timestamp")):
        return date.fromisoformat(str(value)[:10])
    return Decimal(str(value)) if kind.startswith("decimal") else value


def _json(reply: httpx.Response) -> dict[str, Any]:
    """A page of a query's result; its text may hold parts of the data, so that it is not shown.

    Raises:
        AccessDenied: the server wants other credentials.
        Unavailable: it refused the request.
    """
    if reply.status_code in _REFUSED:
        raise AccessDenied("Trino refuses this user.", "Correct user and password in sources.toml.")
    if reply.status_code != _OK:
        raise Unavailable(f"Trino refused the request ({reply.status_code}).")
    found: dict[str, Any] = reply.json()
    return found
