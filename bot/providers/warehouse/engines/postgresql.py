"""PostgreSQL 14 and later, by psycopg; read-only transactions.

Source: PostgreSQL's documentation, "EXPLAIN", "SET TRANSACTION", ``statement_timeout``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlglot import exp

from bot.domain.errors import AccessDenied, Misconfigured, Unavailable
from bot.providers.warehouse.engines import AggregateQuery, Kind, Parameters, QueryRun, Row, kind_of
from bot.providers.warehouse.settings import WarehouseSettings

if TYPE_CHECKING:
    import psycopg

_FETCHED = 10_000
"""Rows fetched at a time."""


class PostgreSQL:
    """A table of a PostgreSQL database."""

    amount = "NUMERIC"

    def __init__(self, settings: WarehouseSettings) -> None:
        self._settings = settings

    @contextmanager
    def _session(self) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
        import psycopg  # an extra

        milliseconds = self._settings.timeout * 1000
        options = f"-c default_transaction_read_only=on -c statement_timeout={milliseconds} -c timezone=UTC"
        with _mended(), psycopg.connect(self._settings.url.get_secret_value(), options=options) as connection:
            yield connection

    def table(self) -> exp.Expr:
        """The table's name."""
        return exp.to_table(self._settings.table, dialect="postgres")

    def columns(self) -> Mapping[str, Kind]:
        """The columns, as an empty result describes them."""
        tree = exp.select("*").from_(self.table()).limit(0)
        with self._session() as connection:
            cursor = connection.execute(_sql(tree))
            types = {info.oid: info.name for info in connection.adapters.types}
            return {one.name: kind_of(types.get(one.type_code, "")) for one in cursor.description or ()}

    def day(self, column: exp.Expr, kind: Kind) -> exp.Expr:
        """Instants are shown in UTC, which the session is in."""
        return exp.cast(column, "DATE")

    def tag(self, column: exp.Expr, kind: Kind, key: str, parameters: Parameters) -> exp.Expr:
        """A member of JSON, also of JSON kept as text."""
        document = exp.cast(column, "JSONB") if kind != "json" else column
        return exp.Anonymous(
            this="jsonb_extract_path_text", expressions=[exp.cast(document, "JSONB"), parameters.bind(key)]
        )

    def estimate(self, statement: AggregateQuery) -> int | None:
        """PostgreSQL tells pages and costs of a plan, not bytes read."""
        return None

    def rows(self, statement: AggregateQuery, run: QueryRun) -> Iterator[Row]:
        """The rows, by a cursor at the server, so that no result is held here."""
        with self._session() as connection, connection.cursor("spend") as cursor:
            cursor.itersize = _FETCHED
            run.started = True
            cursor.execute(_sql(statement.tree), dict(statement.parameters))
            yield from cursor


def open_engine(settings: WarehouseSettings) -> PostgreSQL:
    """PostgreSQL as the settings have it."""
    return PostgreSQL(settings)


def _sql(tree: exp.Select) -> bytes:
    """The statement, in which no value stands."""
    return tree.sql("postgres").encode()


@contextmanager
def _mended() -> Iterator[None]:
    """PostgreSQL's errors as ours; none carries the URL.

    Raises:
        AccessDenied: the user may not read the table.
        Misconfigured: there is no such table.
        Unavailable: no connection, or cancelled after the time allowed.
    """
    import psycopg  # an extra

    try:
        yield
    except psycopg.errors.QueryCanceled as error:
        raise Unavailable("The warehouse took too long, so the query was canceled.", "Ask for fewer days.") from error
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidAuthorizationSpecification) as error:
        raise AccessDenied(
            "PostgreSQL refuses this user the table.", "GRANT SELECT on it to the user in url."
        ) from error
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        raise Misconfigured(f"PostgreSQL: {error.diag.message_primary}.", "Check table in sources.toml.") from error
    except psycopg.OperationalError as error:
        raise Unavailable("The warehouse (PostgreSQL) cannot be reached.", "Check url in sources.toml.") from error
    except psycopg.Error as error:
        raise Unavailable(f"PostgreSQL refused the query: {error.diag.message_primary}.") from error
