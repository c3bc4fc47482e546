"""The types that warehouses and exports give their columns."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from scripts.corpus.made import AMOUNTS, BASE, COSTS, TIMES, TOTAL, Case, Rows, at, costed, row, rows, table, timed

_TENTH = {"USD": Decimal("0.1")}


def written(charges: Rows, kinds: Mapping[str, pa.DataType], **options: Any) -> bytes:  # noqa: ANN401 - the writer's
    """The charges as Parquet, with options of the writer."""
    out = io.BytesIO()
    columns = {name: pa.array([charge[name] for charge in charges], kind) for name, kind in kinds.items()}
    parquet.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def parquets() -> Iterator[Case]:
    """The types that warehouses and exports give their columns."""
    utc, naive = pa.timestamp("us", "UTC"), pa.timestamp("ns")
    for name, kind in {
        "decimal-38-18": pa.decimal128(38, 18),
        "decimal-20-6-litellm": pa.decimal128(20, 6),
        "decimal-38-9-bigquery": pa.decimal128(38, 9),
        "decimal-76-38-bignumeric": pa.decimal256(76, 38),
        "decimal-60-20": pa.decimal256(60, 20),
    }.items():
        types = dict.fromkeys((*COSTS, "ConsumedQuantity"), kind)
        yield Case(f"parquet-{name}.parquet", table(costed(rows()), **types), TOTAL)
    doubles = dict.fromkeys((*COSTS, "ConsumedQuantity"), pa.float64())
    yield Case("parquet-double-aws.parquet", table(costed(rows(), float), **doubles), TOTAL)
    whole = dict.fromkeys((*COSTS, "ConsumedQuantity"), pa.int64())
    yield Case("parquet-integer.parquet", table(costed(rows(["5", "7"]), int), **whole), {"USD": Decimal(12)})
    singles = dict.fromkeys((*COSTS, "ConsumedQuantity"), pa.float32())
    yield Case("parquet-float.parquet", table(costed(rows(["0.1"]), float), **singles), {"USD": Decimal("0.1")})
    fine = [row("1", BilledCost=Decimal("0.12345678901234567895"))]
    yield Case(
        "parquet-decimal-20-digits.parquet",
        table(fine, BilledCost=pa.decimal128(38, 20)),
        {"USD": Decimal("0.123456789012345679")},
        rounded=1,
    )
    for name, value in {"nan": float("nan"), "infinity": float("inf"), "1e300": 1e300}.items():
        charges = [row("1", BilledCost=1.0), row("1", BilledCost=value)]
        yield Case(
            f"parquet-billed-{name}.parquet",
            table(charges, BilledCost=pa.float64()),
            refused="row 3, column BilledCost",
        )
    missing = [row("1", ListCost=float("nan"), ConsumedQuantity=None)]
    yield Case("parquet-nan-list-cost.parquet", table(missing, ListCost=pa.float64()), {"USD": Decimal(1)})
    wide = [row("1", BilledCost=Decimal(10) ** 40)]
    yield Case("parquet-1e40.parquet", table(wide, BilledCost=pa.decimal256(60, 2)), refused="row 2, column BilledCost")
    for name, kind, read in (
        ("us-utc", utc, at),
        ("ns-naive", naive, lambda text_: at(text_).replace(tzinfo=None)),
        ("ms", pa.timestamp("ms"), lambda text_: at(text_).replace(tzinfo=None)),
        ("s-new-york", pa.timestamp("s", "America/New_York"), at),
        ("date32", pa.date32(), lambda text_: at(text_).date()),
        ("epoch-int64", pa.int64(), lambda text_: int(at(text_).timestamp())),
        ("epoch-millis-int64", pa.int64(), lambda text_: int(at(text_).timestamp()) * 1000),
    ):
        day = date(2026, 10, 5)
        data = table(timed(rows(), read), **dict.fromkeys(TIMES, kind))
        yield Case(f"parquet-instants-{name}.parquet", data, TOTAL, days=(day, day))
    both = {"team": "core", "env": "prod"}
    text_map = pa.map_(pa.string(), pa.string())
    pair = pa.list_(pa.struct({"key": pa.string(), "value": pa.string()}))
    pairs = [{"key": "team", "value": "core"}, {"key": "env", "value": "prod"}, {"key": "none", "value": None}]
    struct = pa.struct({"team": pa.string(), "env": pa.string(), "owner": pa.string()})
    typed = pa.struct({"on": pa.bool_(), "n": pa.int64(), "d": pa.decimal128(10, 2)})
    shapes: tuple[tuple[str, Any, Any, Mapping[str, str]], ...] = (
        ("map-aws", text_map, list(both.items()), both),
        ("list-of-structs-bigquery", pair, pairs, both),
        ("struct", struct, both, both),
        ("typed-struct", typed, {"on": True, "n": 7, "d": Decimal("1.50")}, {"on": "true", "n": "7", "d": "1.50"}),
        ("list-of-texts", pa.list_(pa.string()), None, {}),
    )
    for name, shape, tagged, meant in shapes:
        yield Case(f"parquet-tags-{name}.parquet", table(rows(Tags=tagged), Tags=shape), TOTAL, tags=meant)
    words = pa.dictionary(pa.int32(), pa.string())
    names = ("ServiceName", "BillingCurrency", "ChargeCategory", "ProviderName", "BilledCost")
    yield Case("parquet-dictionaries.parquet", table(rows(), **dict.fromkeys(names, words)), TOTAL)
    yield Case("parquet-large-strings.parquet", table(rows(), **dict.fromkeys(BASE, pa.large_string())), TOTAL)
    lower = [{name.lower(): value for name, value in charge.items()} for charge in rows()]
    yield Case("parquet-lower-case-athena.parquet", table(lower), TOTAL)
    empty = io.BytesIO()
    parquet.write_table(pa.table({name: pa.array([], pa.string()) for name in BASE}), empty)
    yield Case("parquet-empty.parquet", empty.getvalue(), {})
    yield Case("parquet-named-csv.csv", table(rows()), TOTAL)
    yield Case("parquet-cut-off.parquet", table(rows())[:-20], refused="not a complete Parquet file")
    yield Case(
        "parquet-billed-bool.parquet",
        table([row("1", BilledCost=True)], BilledCost=pa.bool_()),
        refused="row 2, column BilledCost",
    )
    nulls = io.BytesIO()
    parquet.write_table(pa.table({name: pa.nulls(2) for name in BASE}), nulls)
    yield Case("parquet-nothing-but-nulls.parquet", nulls.getvalue(), {})


def parquet_types() -> Iterator[Case]:
    """Types that older engines, gateways and newer versions of Parquet give them."""
    day, both = date(2026, 10, 5), {"team": "core", "env": "prod"}
    texts = pa.list_(pa.string())
    yield Case("parquet-tags-texts.parquet", table(rows(Tags=["team:core", "env:prod"]), Tags=texts), TOTAL, tags=both)
    keyed = pa.list_(pa.struct({"Key": pa.string(), "Value": pa.string()}))
    upper = [{"Key": "team", "Value": "core"}]
    yield Case("parquet-tags-upper-case.parquet", table(rows(Tags=upper), Tags=keyed), TOTAL, tags={"team": "core"})
    yield Case("parquet-tags-null.parquet", table(rows(Tags=None), Tags=pa.null()), TOTAL, tags={})
    unmarked = [{name: value.encode() for name, value in charge.items()} for charge in rows()]
    yield Case(
        "parquet-text-unmarked-impala.parquet",
        table(unmarked, **dict.fromkeys(BASE, pa.binary())),
        TOTAL,
        tags={"team": "core"},
    )
    for name, types, charges in (
        ("date64", dict.fromkeys(TIMES, pa.date64()), timed(rows(), lambda text_: at(text_).date())),
        ("epoch-double", dict.fromkeys(TIMES, pa.float64()), timed(rows(), lambda text_: at(text_).timestamp())),
        ("ns-tokyo", dict.fromkeys(TIMES, pa.timestamp("ns", "Asia/Tokyo")), timed(rows())),
    ):
        yield Case(f"parquet-instants-{name}.parquet", table(charges, **types), TOTAL, days=(day, day))
    spark = timed(rows(), lambda text_: at(text_).replace(tzinfo=None))
    kinds = {**dict.fromkeys(BASE, pa.string()), **dict.fromkeys(TIMES, pa.timestamp("ns"))}
    yield Case("parquet-int96-spark.parquet", written(spark, kinds, use_deprecated_int96_timestamps=True), TOTAL)
    for codec in ("brotli", "lz4", "gzip", "zstd", "none"):
        data = written(rows(), dict.fromkeys(BASE, pa.string()), compression=codec)
        yield Case(f"parquet-packed-{codec}.parquet", data, TOTAL)
    yield Case(
        "parquet-groups-of-one-row.parquet", written(rows(), dict.fromkeys(BASE, pa.string()), row_group_size=1), TOTAL
    )
    numbered = [{**charge, "BillingAccountId": 123456789012} for charge in rows()]
    yield Case("parquet-account-int64.parquet", table(numbered, BillingAccountId=pa.int64()), TOTAL)
    unsigned = dict.fromkeys((*COSTS, "ConsumedQuantity"), pa.uint64())
    yield Case("parquet-uint64.parquet", table(costed(rows(["5", "7"]), int), **unsigned), {"USD": Decimal(12)})
    short = dict.fromkeys((*COSTS, "ConsumedQuantity"), pa.decimal32(9, 2))
    yield Case("parquet-decimal32.parquet", table(costed(rows(["5.25", "7"])), **short), {"USD": Decimal("12.25")})
    halves = [{**charge, **dict.fromkeys(COSTS, 0.5)} for charge in rows()]
    yield Case("parquet-half.parquet", table(halves, **dict.fromkeys(COSTS, pa.float16())), {"USD": Decimal(2)})
    widest = dict.fromkeys(COSTS, pa.decimal256(76, 56))
    tenth = costed(rows(["0.1"]))
    yield Case("parquet-decimal-76-56.parquet", table(tenth, **widest, ConsumedQuantity=pa.decimal128(9, 2)), _TENTH)
    yield Case("parquet-string-view.parquet", table(rows(), **dict.fromkeys(BASE, pa.string_view())), TOTAL)


def parquet_extensions() -> Iterator[Case]:
    """Extension types, nested further columns, and instants that are not there."""
    extended = {
        "x_Discounts": (pa.struct({"a": pa.float64()}), {"a": 1.5}),
        "x_Labels": (pa.list_(pa.struct({"k": pa.int64()})), [{"k": 1}]),
        "x_When": (pa.timestamp("us"), at("2026-10-05T00:00:00Z").replace(tzinfo=None)),
        "x_Bytes": (pa.binary(), b"\xff\x00"),
        "x_Long": (pa.duration("s"), timedelta(days=1)),
    }
    nested = table(
        [{**charge, **{name: value for name, (_, value) in extended.items()}} for charge in rows()],
        **{name: kind for name, (kind, _) in extended.items()},
    )
    yield Case("parquet-further-columns-nested.parquet", nested, TOTAL)
    json_tags = pa.ExtensionArray.from_storage(pa.json_(), pa.array(['{"team": "core"}'] * len(AMOUNTS)))
    accounts = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([bytes(15) + b"7"] * len(AMOUNTS), pa.binary(16)))
    plain = pa.table({name: [charge[name] for charge in rows()] for name in BASE})
    for name, column, values in (("json", "Tags", json_tags), ("uuid", "BillingAccountId", accounts)):
        out = io.BytesIO()
        parquet.write_table(plain.set_column(plain.schema.get_field_index(column), column, values), out)
        yield Case(f"parquet-{name}-type.parquet", out.getvalue(), TOTAL, tags={"team": "core"})
    no_start = [*timed(rows(["1"])), {**timed(rows(["1"]))[0], "ChargePeriodStart": None}]
    yield Case(
        "parquet-instant-null.parquet",
        table(no_start, **dict.fromkeys(TIMES, pa.timestamp("us", "UTC"))),
        refused="row 3, column ChargePeriodStart",
    )
