"""Lumen Robotics' Azure bill as a FOCUS table: a line an hour and resource, in Parquet files by month.

It is the demo's warehouse: its sums are pulled into the ledger, its resources stay here and are asked for.

The story: the simulation machine ``vm-sim-07`` runs at weekends too since 9 November.

Columns as in Microsoft's FOCUS export (learn.microsoft.com, "Cost and usage details FOCUS"); partitioned by
``BILLING_PERIOD`` as AWS's and Google's tables are.
"""

from __future__ import annotations

from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

from bot.domain.period import Period

PARTITION = "BILLING_PERIOD"
NAME = "azure-lake"
"""What the source is called."""
QUERY_LIMIT = 1_000_000
"""Bytes that one query may read: some months of all resources, no year."""
_RESOURCES = (
    # how many, name, service, category, SKU, subscription, region, cost an hour in millionths of a dollar, at weekends
    (24, "vm-sim-%02d", "Virtual Machines", "Compute", "D8as v5", "lumen-simulation", "westeurope", 96_000, False),
    (8, "vm-fleet-%02d", "Virtual Machines", "Compute", "B4ms", "lumen-fleet", "northeurope", 41_000, True),
    (6, "lumentelemetry%02d", "Storage", "Storage", "Hot LRS data stored", "lumen-fleet", "northeurope", 18_500, True),
    (3, "sql-fleet-%02d", "SQL Database", "Databases", "vCore", "lumen-fleet", "northeurope", 152_000, True),
    (2, "cosmos-maps-%02d", "Azure Cosmos DB", "Databases", "100 RU/s", "lumen-simulation", "westeurope", 88_000, True),
    (3, "pip-gateway-%02d", "Virtual Network", "Networking", "Standard static IP", "lumen-fleet", "northeurope", 5_000,
     True),
)  # fmt: skip
_LEFT_RUNNING, _SINCE = "vm-sim-07", "2026-11-09T00:00:00Z"
_SQL = """
COPY (
    SELECT
        hour AS ChargePeriodStart, hour + INTERVAL 1 HOUR AS ChargePeriodEnd, 'USD' AS BillingCurrency,
        (micros * (9400000 + (number * 7919 + epoch(hour)::BIGINT // 3600 * 1299709) % 1200007))::DECIMAL(25, 0)
            * 0.0000000000001::DECIMAL(13, 13) AS BilledCost,
        'Microsoft' AS ServiceProviderName, service AS ServiceName, category AS ServiceCategory, sku AS SkuMeter,
        md5(subscription) AS SubAccountId, subscription AS SubAccountName,
        region AS RegionId, 'Usage' AS ChargeCategory,
        name AS ResourceId,
        1::DECIMAL(28, 10) AS ConsumedQuantity, 'Hours' AS ConsumedUnit,
        CASE WHEN subscription = 'lumen-fleet' THEN '{"team":"fleet"}' ELSE '{"team":"simulation"}' END AS Tags
    FROM resources, range($start::TIMESTAMPTZ, $end::TIMESTAMPTZ, INTERVAL 1 HOUR) AS hours(hour)
    WHERE weekends OR isodow(hour) < 6 OR (name = $left AND hour >= $since::TIMESTAMPTZ)
) TO '$file' (FORMAT parquet, COMPRESSION zstd)
"""


def lay(folder: Path, days: Period) -> str:
    """Writes the table of those days, a month a file; files that are there stay. Returns what the table is called."""
    import duckdb  # noqa: PLC0415 - an extra

    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        database.execute(
            "CREATE TABLE resources (number INT, name TEXT, service TEXT, category TEXT, sku TEXT, subscription TEXT, "
            "region TEXT, micros BIGINT, weekends BOOL)"
        )
        rows = [(number, name % number, *more) for count, name, *more in _RESOURCES for number in range(1, count + 1)]
        database.executemany("INSERT INTO resources VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        for start, end in pairwise(days.edges("month")):
            file = folder / f"{PARTITION}={start:%Y-%m}" / "part-0.parquet"
            if not file.is_file():
                file.parent.mkdir(parents=True, exist_ok=True)
                partial = file.with_suffix(".partial")
                hours = {"start": start.isoformat(), "end": end.isoformat(), "left": _LEFT_RUNNING, "since": _SINCE}
                database.execute(_SQL.replace("$file", str(partial).replace("'", "''")), hours)
                partial.rename(file)
    return f"{folder.resolve()}/**/*.parquet"


def source(table: str) -> str:
    """The table as a source in ``sources.toml``."""
    return (
        f'[[source]]\nprovider = "warehouse"\nname = "{NAME}"\nengine = "duckdb"\ntable = "{table}"\n'
        f'partition = "{PARTITION}"\ntag_keys = ["team"]\nprice_per_tib = 5\nquery_limit = {QUERY_LIMIT}\n'
    )


def version() -> str:
    """Changes with what this module makes."""
    return blake2b(Path(__file__).read_bytes(), digest_size=4).hexdigest()
