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


def focus_file(rows: int, suffix: str = "csv") -> Path:
    """A FOCUS file of about so many charges, made once."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"focus-{rows}.{suffix}"
    if not path.exists():
        connection = duckdb.connect()
        connection.execute(_SERIES.format(series=rows // DAYS))
        form = "FORMAT parquet" if suffix == "parquet" else "FORMAT csv, HEADER"
        connection.execute(_CHARGES.format(days=DAYS, last=LAST, path=path, form=form))
    return path
