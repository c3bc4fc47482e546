"""One engine a file: how a statement is spelled for it, priced, run and cancelled.

Importing an engine imports no driver. An engine never retries and never writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import import_module
from typing import Literal, Protocol

from sqlglot import exp

from bot.domain.errors import Unavailable, UnexpectedReply
from bot.providers.warehouse.settings import WarehouseSettings

Value = str | datetime | date
"""What a bound parameter may be."""
Kind = Literal["text", "number", "instant", "date", "map", "json", "pairs", "other"]
"""What a column holds; tags are a map, JSON, or repeated pairs of key and value."""
Row = Sequence[object]


@dataclass
class Parameters:
    """The values of a statement, each under the name of its placeholder."""

    values: dict[str, Value] = field(default_factory=dict)

    def bind(self, value: Value) -> exp.Expr:
        """A placeholder that stands for the value."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return exp.Placeholder(this=name)


@dataclass(frozen=True)
class AggregateQuery:
    """One query: a tree without any value in it, and the values."""

    tree: exp.Select
    parameters: Mapping[str, Value]
    columns: frozenset[str] = frozenset()
    """The columns of the table that it reads."""
    months: tuple[str, ...] = ()
    """The partitions that it reads, YYYY-MM, where the table has such."""


@dataclass
class QueryRun:
    """One run of a query: how much it may read, and what is known of how much it has read, in bytes."""

    limit: int
    started: bool = False
    """Whether the engine has begun: from here on it may bill, also if the query is stopped."""
    billed: int | None = None
    """What the engine says that it bills; None while it has not said."""


class Engine(Protocol):
    """What every engine promises. All methods raise ``CostError``s whose text carries no secret."""

    amount: str
    """The type in which amounts are summed: at least 38 digits, 18 of them decimals."""

    def columns(self) -> Mapping[str, Kind]:
        """The columns of the table, as they are spelled there; reads no rows."""

    def table(self) -> exp.Expr:
        """The table, to select from."""

    def day(self, column: exp.Expr, kind: Kind) -> exp.Expr:
        """The UTC day of an instant."""

    def tag(self, column: exp.Expr, kind: Kind, key: str, parameters: Parameters) -> exp.Expr:
        """The value of a tag; NULL where a row has none."""

    def estimate(self, statement: AggregateQuery) -> int | None:
        """How many bytes it would read at most, asked without cost; None where the engine cannot tell."""

    def rows(self, statement: AggregateQuery, run: QueryRun) -> Iterator[Row]:
        """Its rows, with decimals as Decimal and days as date.

        The engine itself stops beyond ``run.limit`` bytes where it can, and notes on it when it starts and what it
        bills; closing the iterator cancels the query.
        """


def open_engine(settings: WarehouseSettings) -> Engine:
    """The engine that the settings name; connects to nothing yet."""
    module = import_module(f"{__name__}.{settings.engine}")
    engine: Engine = module.open_engine(settings)
    return engine


@contextmanager
def http_faults(engine: str, *shapes: type[Exception]) -> Iterator[None]:
    """Faults of a connection over HTTP as ours; ``shapes``, beside ValueError, come of replies that are cut short.

    Raises:
        Unavailable: no connection, or it was cut.
        UnexpectedReply: what came is not what was asked for.
    """
    import httpx  # an engine is imported without its driver

    misshapen: tuple[type[Exception], ...] = (ValueError, *shapes)
    try:
        yield
    except httpx.HTTPError as error:
        raise Unavailable(f"The warehouse ({engine}) cannot be reached.", "Check url in sources.toml.") from error
    except misshapen as error:
        raise UnexpectedReply(f"{engine}'s reply is cut short or no JSON.") from error


def kind_of(type_name: str) -> Kind:
    """What a column holds, by the name of its type in any of the engines."""
    name = type_name.casefold()
    for wrapper in ("nullable(", "lowcardinality("):
        name = name.removeprefix(wrapper)
    for start, kind in _KINDS:
        if name.startswith(start):
            return kind
    return "other"


_KINDS: tuple[tuple[str, Kind], ...] = (
    ("timestamp", "instant"),
    ("datetime", "instant"),
    ("date", "date"),
    ("map", "map"),
    ("json", "json"),
    ("array<struct", "pairs"),
    ("struct", "other"),
    ("varchar", "text"),
    ("char", "text"),
    ("text", "text"),
    ("string", "text"),
    ("fixedstring", "text"),
    ("decimal", "number"),
    ("numeric", "number"),
    ("bignumeric", "number"),
    ("double", "number"),
    ("float", "number"),
    ("real", "number"),
    ("int", "number"),
    ("uint", "number"),
    ("bigint", "number"),
    ("hugeint", "number"),
    ("smallint", "number"),
    ("tinyint", "number"),
    ("integer", "number"),
)


def json_path(key: str) -> str:
    """A JSON path to a member of any name, hyphens and quotes included."""
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'$."{escaped}"'


def cast(column: exp.Expr, type_name: str) -> exp.Expr:
    """A column as another type, spelled as the engine spells it."""
    return exp.Cast(this=column, to=exp.DataType.build(type_name, udt=True))
