"""What may be set for a warehouse; it is declared in ``sources.toml``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

EngineName = Literal["duckdb", "postgresql", "clickhouse", "trino", "spark", "bigquery", "athena"]
QUERY_LIMIT = 200 * 2**30
"""Bytes that one query may read where nothing is set."""
_PER_TIB: dict[EngineName, Decimal] = {"bigquery": Decimal("6.25"), "athena": Decimal("5.00")}
"""USD for each TiB read, at list price. The others bill time or nothing."""
_NAME = re.compile(r"[^\W\d][\w$-]*(\.[^\W\d][\w$-]*){0,2}")


def _column(name: str) -> str:
    if name and not re.fullmatch(r"\w+", name):
        raise ValueError("must be the name of a column")
    return name


class WarehouseSettings(BaseModel):
    """One FOCUS table, and how it may be asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: EngineName = Field(
        description="Which engine answers: duckdb, postgresql, clickhouse, trino, spark, bigquery or athena."
    )
    table: str = Field(
        min_length=1,
        description="The table (`catalog.schema.table`); for DuckDB also Parquet files, `s3://bucket/focus/**/*.parquet`.",
    )
    url: SecretStr = Field(
        default=SecretStr(""),
        description="Where it is: `postgresql://…`, ClickHouse's and Trino's `https://host:8443`, Spark's `sc://host` "
        "or `spark://host`; of BigQuery and Athena only another address than the vendor's.",
    )
    user: str = Field(default="", description="The user for ClickHouse or Trino; read-only rights suffice.")
    password: SecretStr = Field(default=SecretStr(""), description='Its password: write "env:NAME".')
    project: str = Field(default="", description="BigQuery: the project that runs and pays for the queries.")
    region: str = Field(default="", description="Athena: the region, if AWS_REGION is not set.")
    workgroup: str = Field(
        default="primary", description="Athena: the workgroup; its own limit on bytes read also applies."
    )
    output: str = Field(default="", description="Athena: `s3://…` for results, if the workgroup has no location.")
    partition: Annotated[str, AfterValidator(_column)] = Field(
        default="",
        description="A text column that holds the billing month, YYYY-MM, by which the table is partitioned.",
    )
    tag_keys: tuple[str, ...] = Field(
        default=(), description="Tags to sync into the ledger; other tags can be queried in the warehouse."
    )
    restated_days: int = Field(default=45, ge=0, le=400, description="How many days back may still change.")
    query_limit: int = Field(
        default=QUERY_LIMIT,
        gt=0,
        description="The most bytes that a question may read, if the engine reports it; a sync may read 200 GiB.",
    )
    price_per_tib: Decimal | None = Field(
        default=None, ge=0, description="USD per TiB read; by default the engine's list price."
    )
    timeout: int = Field(default=60, gt=0, description="Seconds before a query is canceled.")

    @property
    def per_tib(self) -> Decimal:
        """USD for each TiB read."""
        return _PER_TIB.get(self.engine, Decimal(0)) if self.price_per_tib is None else self.price_per_tib

    @property
    def is_table(self) -> bool:
        """Whether ``table`` is a name, rather than the place of files."""
        return _NAME.fullmatch(self.table) is not None
