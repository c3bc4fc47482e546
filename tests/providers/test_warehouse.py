"""A FOCUS table in a warehouse: exact sums on every engine that can be run here, priced before they run."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import clickhouse_server
import postgresql_server
import psycopg
import pyarrow as pa
import pytest
from bigquery_server import SIZE, BigQueryServer
from contract import Tally
from pyarrow import parquet
from trino_server import TrinoServer
from warehouse_bill import COLUMNS, DAYS, rows, truth

from bot.domain.errors import AccessDenied, CeilingReached, CostError, Misconfigured, Unavailable
from bot.domain.live_query import LiveQuery
from bot.domain.question import Filter
from bot.providers.warehouse import Warehouse, WarehouseSettings

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def duckdb_settings(folder):
    """The bill as two Parquet files."""
    types = {
        "instant": pa.timestamp("us", "UTC"),
        "amount": pa.decimal128(38, 18),
        "text": pa.string(),
        "json": pa.string(),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    for number, part in enumerate((rows()[::2], rows()[1::2])):
        columns = [pa.array(values, field.type) for values, field in zip(zip(*part, strict=True), schema, strict=True)]
        parquet.write_table(pa.table(columns, schema=schema), folder / f"part-{number}.parquet")
    return {"engine": "duckdb", "table": f"{folder}/*.parquet"}


@pytest.fixture(scope="module")
def parquet_table(tmp_path_factory):
    """DuckDB over Parquet files."""
    return duckdb_settings(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="module")
def postgresql_table():
    """A table of a real PostgreSQL."""
    url = postgresql_server.fresh_database()
    types = {"instant": "timestamptz", "amount": "numeric(38,18)", "text": "text", "json": "jsonb"}
    columns = ", ".join(f'"{name}" {types[kind]}' for name, kind in COLUMNS.items())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE focus ({columns})")
        with connection.cursor() as cursor:
            marks = ", ".join(["%s"] * len(COLUMNS))
            cursor.executemany(f"INSERT INTO focus VALUES ({marks})", rows())
    return {"engine": "postgresql", "table": "focus", "url": url}


@pytest.fixture(scope="module")
def clickhouse_table(parquet_table):
    """A table of ClickHouse's own engine, over HTTP."""
    kinds = {
        "instant": "DateTime64(3, 'America/Los_Angeles')",
        "amount": "Nullable(Decimal(38, 18))",
        "text": "Nullable(String)",
        "json": "Nullable(String)",
    }
    columns = ", ".join(f"`{name}` {kinds[kind]}" for name, kind in COLUMNS.items())
    make = (
        "CREATE DATABASE IF NOT EXISTS bills",
        "DROP TABLE IF EXISTS bills.focus",
        f"CREATE TABLE bills.focus ({columns}) ENGINE = MergeTree ORDER BY ChargePeriodStart",
        f"INSERT INTO bills.focus SELECT * FROM file('{parquet_table['table']}', Parquet)",
        (
            "CREATE OR REPLACE TABLE bills.large ENGINE = MergeTree ORDER BY ChargePeriodStart AS "
            "SELECT toDateTime('2026-10-01 00:00:00', 'UTC') AS ChargePeriodStart, 'USD' AS BillingCurrency, "
            "toDecimal128('99999999999999999999.000000000000000001', 18) AS BilledCost FROM numbers(4)"
        ),
    )
    with clickhouse_server.clickhouse(*make) as url:
        yield {"engine": "clickhouse", "table": "bills.focus", "url": url, "password": clickhouse_server.PASSWORD}


@pytest.fixture(scope="module")
def bigquery(parquet_table):
    """BigQuery's API over the same files; its SQL is translated and run."""
    with BigQueryServer(lambda: NOW, COLUMNS, parquet_table["table"]) as server:
        yield server


@pytest.fixture
def bigquery_table(bigquery):
    """The table there, with nothing asked yet."""
    bigquery.queries.clear()
    bigquery.cancelled.clear()
    return {"engine": "bigquery", "table": "project.bills.focus", "url": bigquery.url}


@pytest.fixture(scope="module")
def trino(parquet_table):
    """Trino's protocol over the same files; its SQL is translated and run."""
    with TrinoServer(lambda: NOW, COLUMNS, parquet_table["table"]) as server:
        yield server


@pytest.fixture
def trino_table(trino):
    """The table there."""
    trino.canceled.clear()
    return {"engine": "trino", "table": "lake.bills.focus", "url": trino.url, "user": "ann"}


@pytest.fixture(params=["parquet_table", "postgresql_table", "clickhouse_table", "bigquery_table", "trino_table"])
def table(request):
    """The same bill on each engine."""
    return request.getfixturevalue(request.param)


def warehouse(table, meter=None, **more):
    """The provider over a table."""
    return Warehouse(WarehouseSettings(**{**table, **more}), meter=meter or Tally(), clock=lambda: NOW, source="lake")


def told(provider, by=(), where=(), *, daily=False, days=DAYS):
    """What it answers, by the values of the dimensions and the currency."""
    names = {"ResourceId": "resource_id", "ServiceName": "service_name", "RegionId": "region_id"}
    found = {}
    for charge in provider.live(LiveQuery(tuple(by), tuple(where), days, daily)):
        texts = [charge.tags.get(n[5:], "") if n.startswith("Tags/") else getattr(charge, names[n]) for n in by]
        found[(*([charge.day] if daily else [charge.day.replace(day=1)]), *texts, charge.billing_currency)] = charge
    return found


def month(row):
    """The UTC month of a row."""
    return row["ChargePeriodStart"].date().replace(day=1)


def amounts(found):
    """Billed cost by key."""
    return {key: charge.billed_cost for key, charge in found.items()}


def test_resources_add_up_exactly(table):
    """By resource and month, to 1e-18, unnamed and null resources as one; hostile names are names."""
    assert amounts(told(warehouse(table), ["ResourceId"])) == truth(lambda row: (month(row), row["ResourceId"] or ""))


def test_days_are_utc(table):
    """A row of the last hour of a UTC day is on that day, whatever the timezone of the column or the server."""
    found = told(warehouse(table), daily=True)
    assert amounts(found) == truth(lambda row: (row["ChargePeriodStart"].date(),))


@pytest.mark.parametrize("key", ["cost-center", "team", "no such tag"])
def test_tags_of_any_name_are_found(table, key):
    """Keys with a hyphen and values with both quotes; a row without the tag has none."""

    def value(row):
        return json.loads(row["Tags"] or "{}").get(key, "")

    assert amounts(told(warehouse(table), [f"Tags/{key}"])) == truth(lambda row: (month(row), value(row)))


@pytest.mark.parametrize("exclude", [False, True])
def test_filters_hold_whatever_stands_in_them(table, exclude):
    """Quotes, semicolons, tabs, backslashes and "names none" are bound values; excluding keeps rows without a value."""
    wanted = ('it\'s; DROP TABLE "x" --', "")
    where = [
        Filter(dimension="ResourceId", values=wanted, exclude=exclude),
        Filter(dimension="ServiceName", values=("Amazon \\ Tab\tService", "AmazonS3")),
    ]

    def passes(row):
        return ((row["ResourceId"] or "") in wanted) != exclude and row["ServiceName"] != "AmazonEC2"

    assert amounts(told(warehouse(table), ["ServiceName"], where)) == truth(
        lambda row: (month(row), row["ServiceName"]), where=passes
    )


def test_effective_cost_is_billed_where_a_row_does_not_tell_it(table):
    """As everywhere in the ledger: a cost left out equals the billed one."""
    found = {key: charge.effective_cost for key, charge in told(warehouse(table)).items()}
    assert found == truth(lambda row: (month(row),), metric="EffectiveCost")


def test_before_credits(table):
    """Credits, and adjustments in the customer's favor, are told apart as the ledger tells them apart."""
    where = [Filter(dimension="x_Credit", values=("credit",), exclude=True)]

    def gross(row):
        return not (
            row["ChargeCategory"] == "Credit" or (row["ChargeCategory"] == "Adjustment" and row["BilledCost"] < 0)
        )

    assert amounts(told(warehouse(table), where=where)) == truth(lambda row: (month(row),), where=gross)


def test_pulled_sums_add_up_to_the_bill(table):
    """Day × series sums of a pull, tags as asked for, are the table's total to the last digit."""
    provider = warehouse(table, tag_keys=["team"])
    charges = list(provider.charges(provider.feeds()[0], DAYS))
    for currency in ("USD", "EUR"):
        whole = sum(charge.billed_cost for charge in charges if charge.billing_currency == currency)
        assert whole == sum(v for (c,), v in truth(lambda _row: ()).items() if c == currency)
    assert provider.data_through(provider.feeds()[0]) == date(2026, 10, 31)
    assert {charge.tags.get("team", "") for charge in charges} == {"", "data"}
    assert not any(charge.resource_id for charge in charges)


def test_a_sum_is_exact_where_38_digits_wrap(clickhouse_table):
    """ClickHouse's own sum of Decimal(38, 18) wraps silently past 1.7e20; ours is exact there."""
    found = told(warehouse({**clickhouse_table, "table": "bills.large"}))
    assert [str(charge.billed_cost) for charge in found.values()] == ["399999999999999999996.000000000000000004"]


def test_a_month_keeps_its_edition_until_a_row_changes(postgresql_table):
    """Only the month in which a row was added is pulled again."""
    provider = warehouse(postgresql_table)
    before = provider.editions(provider.feeds()[0])
    assert set(before) == {date(2026, 9, 1), date(2026, 10, 1)}
    row = rows()[-1]
    with psycopg.connect(postgresql_table["url"], autocommit=True) as connection:
        connection.execute(f"INSERT INTO focus VALUES ({', '.join(['%s'] * len(row))})", row)
        after = warehouse(postgresql_table).editions(provider.feeds()[0])
        where = '"ChargePeriodStart" = %s AND "ResourceId" IS NULL AND ctid = (SELECT max(ctid) FROM focus)'
        connection.execute(f"DELETE FROM focus WHERE {where}", row[:1])
    assert {month for month in after if after[month] != before[month]} == {date(2026, 10, 1)}


def test_the_price_is_known_before(parquet_table):
    """Bytes of the columns that are read, at the price set; asking for more columns reads more."""
    provider = warehouse(parquet_table, price_per_tib="1000000")
    few, more = (LiveQuery(by, (), DAYS, daily=False) for by in [(), ("ResourceId", "Tags/team")])
    cheap, dear = provider.live_price(few), provider.live_price(more)
    assert 0 < cheap.size < dear.size
    assert dear.least == dear.most == (Decimal(dear.size) * 10**6 / 2**40).quantize(Decimal("1e-9"), "ROUND_UP")


def test_a_query_that_is_priced_and_run_is_priced_once(bigquery, bigquery_table):
    """One dry run, then the query with its own limit of bytes; what Google says it bills is what is metered."""
    meter = Tally()
    provider = warehouse(bigquery_table, meter)
    wanted = LiveQuery(("ResourceId",), (), DAYS, daily=False)
    price = provider.live_price(wanted)
    assert list(provider.live(wanted))
    assert [query["dryRun"] for query in bigquery.queries] == [True, False]
    assert int(bigquery.queries[1]["maximumBytesBilled"]) == SIZE + SIZE // 10
    assert meter.cost == price.most == Decimal("0.018310547")


def test_a_query_that_is_stopped_is_no_free_one(bigquery, bigquery_table):
    """Whoever leaves half-way has the query canceled, and its price is metered: Google may bill it."""
    meter = Tally()
    charges = warehouse(bigquery_table, meter).live(LiveQuery(("ResourceId",), (), DAYS, daily=True))
    next(charges)
    charges.close()
    assert len(bigquery.cancelled) == 1
    assert (meter.made_, meter.cost) == ([("bigquery query", "stopped")], Decimal("0.018310547"))


def test_trino_is_told_its_limit_and_when_nobody_listens(trino, trino_table):
    """The server stops at the limit and after the time allowed; who leaves half-way has the query canceled."""
    with pytest.raises(CeilingReached, match="query_limit"):
        told(warehouse(trino_table, query_limit=1000))
    charges = warehouse(trino_table, timeout=30).live(LiveQuery(("ResourceId",), (), DAYS, daily=True))
    next(charges)
    charges.close()
    assert trino.sessions[-1] == f"query_max_scan_physical_bytes={200 * 2**30}B,query_max_run_time=30s"
    assert len(trino.canceled) == 1


def test_a_query_that_is_refused_is_free(bigquery_table):
    """Beyond its limit BigQuery refuses it: a sentence, and nothing is metered."""
    meter = Tally()
    with pytest.raises(CeilingReached, match="one query may read"):
        told(warehouse(bigquery_table, meter, query_limit=SIZE - 1))
    assert meter.cost == 0


def test_the_feed_tells_apart_what_the_table_has(table):
    """A column that the table lacks is no dimension of the feed: asking for it is a gap, not "names none"."""
    (feed,) = warehouse(table, tag_keys=["team"]).feeds()
    assert {"ServiceProviderName", "ServiceName", "RegionId", "Tags/team"} <= feed.grain
    assert feed.missing(["x_Model", "SkuId", "Tags/other", "ResourceId"]) == [
        "ResourceId",
        "SkuId",
        "Tags/other",
        "x_Model",
    ]


def test_what_the_table_cannot_tell_is_not_offered(table):
    """A dimension without a column has no price, so that nobody is offered it."""
    assert warehouse(table).live_price(LiveQuery(("x_Model",), (), DAYS, daily=False)) is None


def test_a_query_past_its_limit_is_refused_before_it_runs(parquet_table):
    """The limit of one query holds, in a sentence that names both sizes, and nothing is metered."""
    meter = Tally()
    with pytest.raises(CeilingReached, match="one query may read"):
        told(warehouse(parquet_table, meter, query_limit=100))
    assert meter.allowed == 0


def test_a_limit_on_questions_does_not_stop_a_sync(parquet_table):
    """A small one refuses what people ask; what the admin has declared is pulled all the same."""
    provider = warehouse(parquet_table, query_limit=100)
    assert set(provider.editions(provider.feeds()[0])) == {date(2026, 9, 1), date(2026, 10, 1)}
    assert list(provider.charges(provider.feeds()[0], DAYS))
    with pytest.raises(CeilingReached):
        told(provider)


def test_clickhouse_itself_stops_at_the_limit(clickhouse_table):
    """Where no size is known beforehand, the server is told where to stop."""
    with pytest.raises(CeilingReached, match="query_limit"):
        told(warehouse(clickhouse_table, query_limit=1000))


def test_a_wrong_password_is_a_sentence_without_it(clickhouse_table):
    """Whoever may not ask reads what to grant, and no secret."""
    with pytest.raises(AccessDenied, match="GRANT SELECT") as refused:
        told(warehouse(clickhouse_table, password="hunter2-wrong"))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("engine", "table", "url", "error"),
    [
        ("duckdb", "/nowhere/*.parquet", "", Misconfigured),
        ("postgresql", "focus", "postgresql://u:hunter2@127.0.0.1:1/x", Unavailable),
        ("clickhouse", "focus", "http://127.0.0.1:1", Unavailable),
        ("trino", "lake.bills.focus", "http://127.0.0.1:1", Unavailable),
    ],
)
def test_what_is_not_there_is_a_sentence(engine, table, url, error):
    """No file, no server: one sentence each, in doctor's checks too, without the password."""
    provider = warehouse({"engine": engine, "table": table, "url": url})
    with pytest.raises(error) as refused:
        told(provider)
    assert "hunter2" not in str(refused.value)
    assert all(not check.ok and check.message == refused.value.message for check in provider.checks())


def test_a_missing_table_is_named_in_a_sentence(postgresql_table, clickhouse_table, trino_table):
    """Another table than there is: which setting to check."""
    for there in (postgresql_table, clickhouse_table, trino_table):
        with pytest.raises(CostError, match=r"sources\.toml"):
            told(warehouse({**there, "table": "nothing_here"}))


def test_a_table_that_is_no_focus_table_is_refused(tmp_path):
    """What is missing is named."""
    parquet.write_table(pa.table({"BilledCost": [1.0]}), tmp_path / "a.parquet")
    with pytest.raises(Misconfigured, match="lacks ChargePeriodStart, BillingCurrency"):
        told(warehouse({"engine": "duckdb", "table": f"{tmp_path}/*.parquet"}))


def test_doctor_tries_the_table_and_a_query(table):
    """Both checks pass on a table that is there."""
    checks = list(warehouse(table).checks())
    assert [check.message for check in checks if not check.ok] == []
    assert "resources and tags" in checks[0].message
