"""A FOCUS table where the line items already lie: BigQuery, Athena, ClickHouse, PostgreSQL, Spark, DuckDB over Parquet.

Line items by the billion never enter the ledger. Sums of the table by day and series are pulled like any other feed;
questions on what no feed breaks down (resources, rare tags) become one aggregate query there, priced before it runs.
Every value is a bound parameter, and every sum is a decimal wide enough not to wrap. Days are UTC.

Source: the FOCUS specification; each engine names the documentation that it follows.
"""

from bot.providers.warehouse.provider import Warehouse
from bot.providers.warehouse.settings import WarehouseSettings

__all__ = ["Warehouse", "WarehouseSettings"]
