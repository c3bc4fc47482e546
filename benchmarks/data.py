"""Made-up FOCUS files of any size: 400 days of an invented company with thousands of series.

It has 295 accounts with 16 of 150 services each, 59 regions, 4,000 SKUs and 40 teams, spread without any pattern.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

FOLDER = Path(".benchmarks")
DAYS = 400
LAST = "2026-11-21"

_SERIES = """
CREATE TABLE series AS SELECT
    i, ['AWS', 'Google Cloud', 'OpenAI', 'Anthropic'][1 + (i % 10 >= 6)::INT + (i % 10 >= 8)::INT + (i % 10 >= 9)::INT]
        AS provider,
    hash(i * 7) % 295 AS payee, hash(payee * 100 + hash(i) % 16) % 150 AS kind,
    'Service ' || kind AS service,
    ['Compute', 'Storage', 'Databases', 'Networking', 'AI and Machine Learning'][(1 + kind % 5)::INT] AS category,
    'account-' || payee AS account,
    'region-' || (hash(i * 13) % 59) AS region,
    'SKU-' || (hash(i * 17) % 4000) AS sku,
    ['Usage', 'Usage', 'Usage', 'Purchase', 'Tax'][(1 + hash(i * 19) % 5)::INT] AS charge,
    '{{"environment": "' || ['prod', 'staging', 'dev'][(1 + hash(i * 23) % 3)::INT] || '", "team": "team-'
        || (hash(i * 29) % 40) || '"}}' AS tags,
    0.5 + (hash(i * 31) % 100000) / 1000 AS level
FROM range({series}) r(i)
"""
_CHARGES = """
COPY (
    SELECT
        amount AS BilledCost, amount AS EffectiveCost, amount AS ListCost, amount AS ContractedCost,
        'USD' AS BillingCurrency,
        strftime(day, '%Y-%m-%dT00:00:00Z') AS ChargePeriodStart,
        strftime(day + INTERVAL 1 DAY, '%Y-%m-%dT00:00:00Z') AS ChargePeriodEnd,
        strftime(date_trunc('month', day), '%Y-%m-%dT00:00:00Z') AS BillingPeriodStart,
        strftime(date_trunc('month', day) + INTERVAL 1 MONTH, '%Y-%m-%dT00:00:00Z') AS BillingPeriodEnd,
        charge AS ChargeCategory, provider AS ProviderName, provider AS InvoiceIssuerName,
        service AS ServiceName, category AS ServiceCategory, account AS SubAccountId, account AS SubAccountName,
        'payer' AS BillingAccountId, 'Payer' AS BillingAccountName, region AS RegionId, sku AS SkuId, tags AS Tags,
        round(amount * 3, 4) AS ConsumedQuantity, 'Hours' AS ConsumedUnit
    FROM (
        SELECT s.*, d.day::TIMESTAMP AS day,
            round(level * (0.9 + (hash(i * 1000 + n) % 1000) / 5000.0), 8)::DECIMAL(18, 8) AS amount
        FROM range({days}) r(n), LATERAL (SELECT DATE '{last}' - ({days} - 1 - n)::INT AS day) d, series s
        ORDER BY n, i
    )
) TO '{path}' ({form})
"""
_HOURLY = """
COPY (
    SELECT
        amount AS BilledCost, amount AS EffectiveCost, round(amount * 1.25, 10) AS ListCost, amount AS ContractedCost,
        'USD' AS BillingCurrency,
        strftime(hour, '%Y-%m-%dT%H:00:00Z') AS ChargePeriodStart,
        strftime(hour + INTERVAL 1 HOUR, '%Y-%m-%dT%H:00:00Z') AS ChargePeriodEnd,
        strftime(date_trunc('month', hour), '%Y-%m-%dT00:00:00Z') AS BillingPeriodStart,
        strftime(date_trunc('month', hour) + INTERVAL 1 MONTH, '%Y-%m-%dT00:00:00Z') AS BillingPeriodEnd,
        'Usage' AS ChargeCategory, NULL AS ChargeClass, service || ' usage in ' || region AS ChargeDescription,
        'Usage-Based' AS ChargeFrequency, NULL AS CommitmentDiscountCategory, NULL AS CommitmentDiscountId,
        NULL AS CommitmentDiscountStatus, round(amount * 3, 4) AS ConsumedQuantity, 'Hours' AS ConsumedUnit,
        0.3333 AS ContractedUnitPrice, provider AS InvoiceIssuerName, 0.4166 AS ListUnitPrice,
        'Standard' AS PricingCategory, round(amount * 3, 4) AS PricingQuantity, 'Hours' AS PricingUnit,
        provider AS ProviderName, provider AS PublisherName, region AS RegionId, region AS RegionName,
        'arn:aws:ec2:' || region || ':' || payee || ':instance/i-' || lpad(i::VARCHAR, 17, '0') AS ResourceId,
        'node-' || i AS ResourceName, 'Instance' AS ResourceType, service AS ServiceName, category AS ServiceCategory,
        sku AS SkuId, sku || '.H' AS SkuPriceId, account AS SubAccountId, account AS SubAccountName,
        'payer' AS BillingAccountId, 'Payer' AS BillingAccountName, tags AS Tags
    FROM (
        SELECT s.*, h.hour,
            round(level * (0.9 + (hash(i * 1000 + n) % 1000) / 5000.0) / 24, 10)::DECIMAL(18, 10) AS amount
        FROM range({hours}) r(n), LATERAL (SELECT TIMESTAMP '{last}' - INTERVAL (n) HOUR AS hour) h, series s
        ORDER BY n DESC, i
    )
) TO '{path}' ({form})
"""
_LINES = _CHARGES.replace(
    """FROM range({days}) r(n), LATERAL (SELECT DATE '{last}' - ({days} - 1 - n)::INT AS day) d, series s
        ORDER BY n, i
""",
    """FROM (
            SELECT l, l % {series} AS i, l * {days} // {charges} AS n, DATE '{last}' - ({days} - 1 - n)::INT AS day
            FROM range({first}, {charges}) r(l)
        ) d JOIN series s USING (i)
""",
).replace("hash(i * 1000 + n)", "hash(l + {seed})")
_HOURS = 60 * 24


def focus_file(rows: int, suffix: str = "csv", *, hourly: bool = False) -> Path:
    """A FOCUS file of about so many charges, made once.

    ``hourly`` ones are as exports are: an hour and resource a line, in all columns that a vendor fills; 24 lines of a
    day become one fact. The others are as hard as can be: every line is a fact of its own.
    """
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{'hourly' if hourly else 'focus'}-{rows}.{suffix}"
    if not path.exists():
        connection = duckdb.connect()
        connection.execute(_SERIES.format(series=rows // (_HOURS if hourly else DAYS)))
        form = "FORMAT parquet" if suffix == "parquet" else "FORMAT csv, HEADER"
        query = _HOURLY if hourly else _CHARGES
        connection.execute(query.format(days=DAYS, hours=_HOURS, last=LAST, path=path, form=form))
    return path


def lines_file(charges: int, series: int, *, last: int = 0) -> Path:
    """A Parquet file of so many lines of so many series, a day after the other, made once.

    With ``last`` only those of so many days at the end, restated: with other amounts.
    """
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"lines-{charges}-{series}-{last or 'all'}.parquet"
    if not path.exists():
        connection = duckdb.connect(config={"preserve_insertion_order": "true"})
        connection.execute(_SERIES.format(series=series))
        first = charges * (DAYS - last) // DAYS if last else 0
        values = {"days": DAYS, "last": LAST, "charges": charges, "series": series, "first": first, "seed": last}
        partial = path.with_suffix(".partial")
        connection.execute(_LINES.format(**values, path=partial, form="FORMAT parquet, COMPRESSION zstd"))
        partial.rename(path)
    return path
