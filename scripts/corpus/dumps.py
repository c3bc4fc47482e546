"""What databases and data tools write when a table of charges is taken out of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from scripts.corpus.made import BASE, COSTS, TIMES, TOTAL, Case, at, costed, renamed, row, rows, table, text, timed
from scripts.corpus.parquets import written

_DAY = (date(2026, 10, 5), date(2026, 10, 5))


def dumps() -> Iterator[Case]:
    """Text as databases write it."""
    both = {"team": "core", "env": "prod"}
    for name, tags in {
        "duckdb-struct": "{'team': core, 'env': prod}",
        "duckdb-map": "{team=core, env=prod}",
        "clickhouse-map": "{'team':'core','env':'prod'}",
        "presto-json": '{"team":"core","env":"prod"}',
        "snowflake-variant": '{\n  "env": "prod",\n  "team": "core"\n}',
        "spark-map": "{team -> core, env -> prod}",
        "scala-map": "Map(team -> core, env -> prod)",
        "yaml-flow": "{team: core, env: prod}",
        "query-string": "team=core&env=prod",
        "kubecost-labels": "team=core,env=prod",
        "opencost-quotes": 'team="core",env="prod"',
    }.items():
        yield Case(f"dump-tags-{name}.csv", text(rows(Tags=tags)).encode(), TOTAL, tags=both)
    nothing = rows(SubAccountName="\\N", RegionId="\\N", ListCost="\\N", Tags="\\N")
    yield Case(
        "dump-postgresql-copy.tsv",
        text(nothing, delimiter="\t", quoting=csv.QUOTE_NONE, escape="\\").replace("\\\\N", "\\N").encode(),
        TOTAL,
    )
    null = rows(SubAccountName="NULL", RegionId="NULL", ListCost="NULL", Tags="NULL")
    yield Case("dump-mysql-batch.tsv", text(null, delimiter="\t").encode(), TOTAL, tags={})
    missing = rows(SubAccountName="NA", ListCost="NA", ConsumedQuantity="NA", Tags="NA")
    numbered = [{"": str(n), **charge} for n, charge in enumerate(missing, start=1)]
    yield Case("dump-r-row-names.csv", text(numbered, quoting=csv.QUOTE_NONNUMERIC).encode(), TOTAL)
    r_numbers = [row("1e+05"), row("1e-06")]
    yield Case("dump-r-exponents.csv", text(r_numbers).encode(), {"USD": Decimal("100000.000001")})
    pandas = [
        {"Unnamed: 0": n, **charge, **{t: charge[t].replace("T", " ").replace("Z", "+00:00") for t in TIMES}}
        for n, charge in enumerate(rows())
    ]
    yield Case("dump-pandas-index.csv", text(pandas).encode(), TOTAL, days=_DAY)
    trailing = [{**charge, **{name: f"{Decimal(charge[name]):.18f}" for name in COSTS}} for charge in rows()]
    yield Case("dump-decimal-18-places.csv", text(trailing).encode(), TOTAL)
    wide = [{**charge, **{name: f"{Decimal(charge[name]):+028.10f}" for name in COSTS}} for charge in rows()]
    yield Case("dump-zoned-decimals-db2.csv", text(wide).encode(), TOTAL)
    no_header = "\n".join(text(rows()).splitlines()[1:]).encode()
    yield Case("dump-without-header-snowflake.csv", no_header, refused="not a FOCUS file")
    lower = renamed(rows(), str.lower)
    yield Case("dump-redshift-pipes.csv", text(lower, delimiter="|").encode(), TOTAL)
    booleans = [{**charge, "x_Estimated": "t", "x_Flag": "f"} for charge in rows()]
    yield Case("dump-further-booleans.csv", text(booleans).encode(), TOTAL)
    single = text(rows()).replace("Acme Compute", "'Acme Compute'")
    yield Case("dump-single-quotes-within.csv", single.encode(), TOTAL)
    quoted = "\n".join(
        ",".join(f"'{cell}'" for cell in line) for line in ([*BASE], *(c.values() for c in rows(Tags="")))
    )
    yield Case("dump-single-quotes-mysql.csv", quoted.encode(), refused="row 2, column ")
    lines = "".join(f"{json.dumps(charge)}\n" for charge in rows())
    yield Case("dump-lines.ndjson", lines.encode(), refused="is JSON")


def columnar() -> Iterator[Case]:
    """Parquet as engines write it: encodings, versions, nested types."""
    text_of_all = dict.fromkeys(BASE, pa.string())
    exact = {**text_of_all, **dict.fromkeys(COSTS, pa.decimal128(38, 18))}
    charges = costed(rows(), names=COSTS)
    charges = [{**charge, "ConsumedQuantity": "24"} for charge in charges]
    writers: Mapping[str, Mapping[str, Any]] = {
        "pages-2": {"data_page_version": "2.0"},
        "no-dictionaries": {"use_dictionary": False},
        "delta-lengths": {
            "use_dictionary": False,
            "column_encoding": dict.fromkeys(["ServiceName", "Tags"], "DELTA_LENGTH_BYTE_ARRAY"),
        },
        "delta-bytes": {"use_dictionary": False, "column_encoding": {"ServiceName": "DELTA_BYTE_ARRAY"}},
        "version-1": {"version": "1.0"},
        "checksums": {"write_page_checksum": True},
        "page-index": {"write_page_index": True},
        "sorted": {"sorting_columns": [parquet.SortingColumn(0)]},
        "small-pages": {"data_page_size": 1},
    }
    for name, options in writers.items():
        yield Case(f"columnar-{name}.parquet", written(charges, exact, **options), TOTAL, tags={"team": "core"})
    split = {**text_of_all, **dict.fromkeys(COSTS, pa.float64())}
    floats = [{**charge, **{name: float(charge[name]) for name in COSTS}} for charge in rows()]
    data = written(floats, split, use_dictionary=False, column_encoding=dict.fromkeys(COSTS, "BYTE_STREAM_SPLIT"))
    yield Case("columnar-streams-split.parquet", data, TOTAL)
    both = {"team": "core", "env": "prod"}
    shapes: Mapping[str, tuple[pa.DataType, Any, Mapping[str, str]]] = {
        "large-list": (
            pa.large_list(pa.struct({"key": pa.string(), "value": pa.string()})),
            [{"key": "team", "value": "core"}, {"key": "env", "value": "prod"}],
            both,
        ),
        "map-of-null": (pa.map_(pa.string(), pa.string()), [("team", "core"), ("env", "prod"), ("owner", None)], both),
        "map-of-lists": (pa.map_(pa.string(), pa.list_(pa.string())), [("team", ["core"])], {"team": '["core"]'}),
        "list-of-maps": (pa.list_(pa.map_(pa.string(), pa.string())), [[("team", "core")], [("env", "prod")]], both),
        "map-of-numbers": (pa.map_(pa.string(), pa.int64()), [("team", 7)], {"team": "7"}),
        "struct-of-struct": (
            pa.struct({"user": pa.struct({"team": pa.string()})}),
            {"user": {"team": "core"}},
            {"user": '{"team": "core"}'},
        ),
        "fixed-list": (pa.list_(pa.string(), 2), ["team=core", "env=prod"], both),
    }
    for name, (kind, value, meant) in shapes.items():
        yield Case(f"columnar-tags-{name}.parquet", table(rows(Tags=value), Tags=kind), TOTAL, tags=meant)
    categories = dict.fromkeys(
        ("ServiceName", "BillingCurrency", "ChargeCategory"), pa.dictionary(pa.int8(), pa.string())
    )
    index = [{**charge, "__index_level_0__": n} for n, charge in enumerate(rows())]
    yield Case("columnar-pandas-categories.parquet", table(index, **categories, __index_level_0__=pa.int64()), TOTAL)
    flagged = [{**charge, "CommitmentDiscountStatus": None, "x_On": True} for charge in rows()]
    yield Case("columnar-further-bool.parquet", table(flagged, x_On=pa.bool_()), TOTAL)
    times = timed(rows(), lambda text_: at(text_).replace(tzinfo=None))
    yield Case("columnar-naive-us.parquet", table(times, **dict.fromkeys(TIMES, pa.timestamp("us"))), TOTAL, days=_DAY)
    seconds = timed(rows(), lambda text_: int(at(text_).timestamp()))
    yield Case("columnar-epoch-int32.parquet", table(seconds, **dict.fromkeys(TIMES, pa.uint32())), TOTAL, days=_DAY)
    compact = timed(rows(), lambda text_: int(at(text_).strftime("%Y%m%d")))
    yield Case("columnar-date-as-number.parquet", table(compact, **dict.fromkeys(TIMES, pa.int32())), TOTAL, days=_DAY)
    within = io.BytesIO()
    parquet.write_table(pa.table({"focus": pa.array(rows())}), within)
    yield Case("columnar-rows-in-one-struct.parquet", within.getvalue(), refused="row 1: .*not a FOCUS file")
    two = pa.table([pa.array(["1"]), pa.array(["2"])], names=["BilledCost", "billedcost"])
    doubled = io.BytesIO()
    parquet.write_table(two, doubled)
    yield Case("columnar-two-spellings.parquet", doubled.getvalue(), refused="row 1: .*one column")


def vendors() -> Iterator[Case]:
    """Exports of vendors and gateways, with the columns that are theirs alone."""
    aws = [
        {
            **charge,
            **{t: charge[t].replace("Z", ".000Z") for t in TIMES},
            "InvoiceIssuerName": "",
            "ListUnitPrice": "",
            "x_Discounts": "{}",
            "x_CostCategories": "{}",
            "x_Operation": "RunInstances",
            "x_UsageType": "EUW1-BoxUsage",
            "x_ServiceCode": "AmazonEC2",
        }
        for charge in rows()
    ]
    yield Case("vendor-aws-1.0.csv", text(aws, quoting=csv.QUOTE_ALL).encode(), TOTAL, days=_DAY)
    maps = pa.map_(pa.string(), pa.string())
    typed = [
        {
            **charge,
            "Tags": [("user:team", "core")],
            "x_Discounts": [("edp", 0.5)],
            "SkuPriceDetails": [("a", "b")],
            "InvoiceId": None,
        }
        for charge in timed(costed(rows(), float), lambda text_: at(text_).replace(tzinfo=None))
    ]
    kinds = {
        **dict.fromkeys((*COSTS, "ConsumedQuantity"), pa.float64()),
        **dict.fromkeys(TIMES, pa.timestamp("ms")),
        "Tags": maps,
        "SkuPriceDetails": maps,
        "x_Discounts": pa.map_(pa.string(), pa.float64()),
    }
    yield Case("vendor-aws-1.2.parquet", table(typed, **kinds), TOTAL, tags={"user:team": "core"}, days=_DAY)
    azure = [
        {
            **charge,
            **{t: charge[t].replace(":00Z", "Z") for t in TIMES},
            "Tags": '"team": "core"',
            "PricingCurrency": "USD",
            "ListCost": "0",
            "x_BilledCostInUsd": "999",
            "x_SkuMeterCategory": "VM",
            "x_BillingExchangeRate": "1",
            "x_InvoiceSectionName": "",
        }
        for charge in rows()
    ]
    yield Case(
        "vendor-azure.csv", b"\xef\xbb\xbf" + text(azure, end="\r\n").encode(), TOTAL, tags={"team": "core"}, days=_DAY
    )
    oci = [
        {
            **charge,
            "ChargePeriodStart": "2026-10-05T18:00Z",
            "ChargePeriodEnd": "2026-10-06T00:00Z",
            "BillingAccountName": "",
            "ListCost": "",
            "oci_ReferenceNumber": f"r{n}",
            "oci_CompartmentName": "root",
            "oci_OverageFlag": "N",
            "Tags": '{"Oracle-Tags.CreatedBy":"me"}',
        }
        for n, charge in enumerate(rows())
    ]
    yield Case("vendor-oci-six-hours.csv", text(oci).encode(), TOTAL, tags={"Oracle-Tags.CreatedBy": "me"}, days=_DAY)
    google = [
        {
            **charge,
            **{t: at(charge[t]).strftime("%Y-%m-%d %H:%M:%S UTC") for t in TIMES},
            "Tags": '[{"key":"team","value":"core","inherited":"false","namespace":"acme"}]',
            "x_Credits": "[]",
            "x_ProjectNumber": "123",
            "x_ExportTime": "2026-10-06 04:00:00.000001 UTC",
        }
        for charge in rows(["1.25E1", "1234.56", "1.0E-6", "-3.25"])
    ]
    yield Case("vendor-google-view.csv", text(google).encode(), TOTAL, tags={"team": "core"}, days=_DAY)
    litellm = [
        {
            **charge,
            "ConsumedUnit": "Tokens",
            "ConsumedQuantity": 24,
            "Tags": '{"team_id": "t1", "user_email": "a@b.c"}',
            "ResourceName": "gpt-5",
            "ChargeClass": None,
        }
        for charge in timed(costed(rows(), names=COSTS))
    ]
    kinds = {
        **dict.fromkeys(COSTS, pa.decimal128(18, 6)),
        "ConsumedQuantity": pa.decimal128(18, 6),
        **dict.fromkeys(TIMES, pa.timestamp("us", "UTC")),
    }
    yield Case(
        "vendor-litellm.parquet",
        table(litellm, **kinds),
        TOTAL,
        tags={"team_id": "t1", "user_email": "a@b.c"},
        days=_DAY,
    )
    anycost = b"lineitem/id,lineitem/type,cost/cost,time/usage_start,resource/service\n1,Usage,1.5,2026-10-05,x\n"
    yield Case("vendor-cloudzero-anycost.csv", anycost, refused="row 1: .*not a FOCUS file")
    kubecost = b"Cluster,Namespace,CPU Cost,RAM Cost,Total Cost\na,b,1,2,3\n"
    yield Case("vendor-kubecost-allocation.csv", kubecost, refused="row 1: .*not a FOCUS file")
