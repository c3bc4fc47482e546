"""ClickHouse over its HTTP interface, read-only, with a bound on bytes read.

``sum(Decimal(38, 18))`` wraps silently past 1.7e20, so that amounts are summed as Decimal(76, 18).

Source: ClickHouse's documentation, "HTTP interface" (``param_name``, ``X-ClickHouse-Exception-Code``), "Restrictions on
query complexity" (``max_bytes_to_read``), "JSONCompactEachRow".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlglot import exp

from bot.domain.errors import AccessDenied, CeilingReached, Misconfigured, Unavailable
from bot.providers.warehouse.engines import AggregateQuery, Kind, Parameters, QueryRun, Row, Value, http_faults, kind_of
from bot.providers.warehouse.settings import WarehouseSettings

if TYPE_CHECKING:
    import httpx

_TOO_MANY_BYTES, _TIMED_OUT = ("307",), ("159", "160")
_UNKNOWN = ("60", "81", "47")
_REFUSED = ("516", "497", "192", "193", "194")
"""Codes of ErrorCodes.cpp: TOO_MANY_BYTES; TIMEOUT_EXCEEDED, TOO_SLOW; UNKNOWN_TABLE, _DATABASE, _IDENTIFIER;
AUTHENTICATION_FAILED, ACCESS_DENIED, UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD."""


class ClickHouse:
    """A table of a ClickHouse server."""

    amount = "Nullable(Decimal(76, 18))"

    def __init__(self, settings: WarehouseSettings) -> None:
        self._settings = settings

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx  # answers from the ledger need none

        password = self._settings.password.get_secret_value()
        headers = {"X-ClickHouse-User": self._settings.user or "default", "X-ClickHouse-Key": password}
        url = self._settings.url.get_secret_value()
        return httpx.Client(base_url=url, headers=headers, timeout=self._settings.timeout + 10)

    def table(self) -> exp.Expr:
        """The table's name."""
        return exp.to_table(self._settings.table, dialect="clickhouse")

    def columns(self) -> Mapping[str, Kind]:
        """The columns, described by the server."""
        rows = self._asked(f"DESCRIBE TABLE {self.table().sql('clickhouse')}", {}, 0)
        return {str(name): kind_of(str(type_name)) for name, type_name, *_ in rows}

    def day(self, column: exp.Expr, kind: Kind) -> exp.Expr:
        """The day in UTC, whatever timezone the column or the server has."""
        return (
            column if kind == "date" else exp.Anonymous(this="toDate", expressions=[column, exp.Literal.string("UTC")])
        )

    def tag(self, column: exp.Expr, kind: Kind, key: str, parameters: Parameters) -> exp.Expr:
        """Of a map by its key, of JSON by its member."""
        if kind == "map":
            return exp.Anonymous(this="arrayElement", expressions=[column, parameters.bind(key)])
        document = exp.Anonymous(this="toString", expressions=[column])
        return exp.Anonymous(this="JSONExtractString", expressions=[document, parameters.bind(key)])

    def estimate(self, statement: AggregateQuery) -> int | None:
        """EXPLAIN ESTIMATE tells rows and marks, not bytes; the server stops at the limit instead."""
        return None

    def rows(self, statement: AggregateQuery, run: QueryRun) -> Iterator[Row]:
        """The rows; the server stops beyond the limit in bytes, and when whoever reads them leaves."""
        tree = statement.tree.transform(lambda node: _typed(node, statement.parameters))
        run.started = True
        yield from self._asked(tree.sql("clickhouse"), statement.parameters, run.limit)

    def _asked(self, sql: str, values: Mapping[str, Value], limit: int) -> Iterator[Row]:
        bounds = {"max_bytes_to_read": str(limit)} if limit else {}
        query = {
            **{f"param_{name}": _escaped(value) for name, value in values.items()},
            **bounds,
            "query_id": str(uuid4()),
            "readonly": "1" if not bounds else "2",
            "max_execution_time": str(self._settings.timeout),
            "cancel_http_readonly_queries_on_client_close": "1",
            "wait_end_of_query": "1",  # else an error may come after half a result
            "output_format_json_quote_decimals": "1",
            "output_format_json_quote_64bit_integers": "0",
        }
        if not limit:
            query = {"query_id": query["query_id"]}
        body = f"{sql} FORMAT JSONCompactEachRowWithNamesAndTypes"
        faults = http_faults("ClickHouse", StopIteration)
        with faults, self._client.stream("POST", "/", params=query, content=body.encode()) as reply:
            if reply.status_code != HTTPStatus.OK:
                reply.read()
                raise _refusal(reply)
            lines = reply.iter_lines()
            next(lines)
            types = json.loads(next(lines))
            for line in lines:
                yield [_read(value, type_name) for value, type_name in zip(json.loads(line), types, strict=True)]


def open_engine(settings: WarehouseSettings) -> ClickHouse:
    """ClickHouse as the settings have it."""
    return ClickHouse(settings)


def _typed(node: exp.Expr, values: Mapping[str, Value]) -> exp.Expr:
    """Placeholders carry their types: ``{v0:String}``."""
    if not isinstance(node, exp.Placeholder):
        return node
    value = values[node.this]
    kind = "DateTime64(3, 'UTC')" if isinstance(value, datetime) else "Date" if isinstance(value, date) else "String"
    return exp.Var(this=f"{{{node.this}:{kind}}}")


def _escaped(value: Value) -> str:
    """As the interface reads parameters: TSV's escapes."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _read(value: object, type_name: str) -> object:
    if value is None:
        return None
    if "Decimal" in type_name:
        return Decimal(str(value))
    return date.fromisoformat(str(value)[:10]) if "Date" in type_name else value


def _refusal(reply: httpx.Response) -> AccessDenied | CeilingReached | Misconfigured | Unavailable:
    """What an error reply says; its text may hold parts of the data, so that it is not shown."""
    code = reply.headers.get("X-ClickHouse-Exception-Code", "")
    if code in _TOO_MANY_BYTES:
        return CeilingReached(
            "The question would read more than query_limit allows.", "Raise it, or ask for fewer days."
        )
    if code in _TIMED_OUT:
        return Unavailable("The warehouse took too long, so the query was canceled.", "Ask for fewer days.")
    if code in _REFUSED or reply.status_code in (401, 403):
        return AccessDenied(
            "ClickHouse refuses this user the table.", "GRANT SELECT on it to the user in sources.toml."
        )
    if code in _UNKNOWN:
        return Misconfigured("ClickHouse knows no such table or column.", "Check table in sources.toml.")
    return Unavailable(f"ClickHouse refused the query (code {code or reply.status_code}).")
