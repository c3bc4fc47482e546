import csv
import gzip
import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.money import plain, to_attos
from bot.domain.period import Period
from bot.focus.exporter import export
from bot.focus.importer import feed_of, import_files
from bot.ledger import Ledger
from bot.providers import focus

ROW = {
    "BilledCost": "1.5",
    "EffectiveCost": "1.25",
    "ListCost": "2",
    "ContractedCost": "1.5",
    "BillingAccountId": "12",
    "BillingCurrency": "USD",
    "BillingPeriodStart": "2026-10-01T00:00:00Z",
    "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    "ChargePeriodStart": "2026-10-05T00:00:00Z",
    "ChargePeriodEnd": "2026-10-06T00:00:00Z",
    "ChargeCategory": "Usage",
    "ServiceName": "Acme Compute",
    "ServiceCategory": "Compute",
    "ProviderName": "Acme",
    "InvoiceIssuerName": "Acme",
    "SubAccountId": "a-1",
    "SubAccountName": "prod",
    "Tags": '{"team": "core"}',
}
OCTOBER = [date(2026, 10, 1), date(2026, 11, 1)]
ACME = feed_of("Acme")


def text(*rows, names=None):
    out = io.StringIO()
    writer = csv.DictWriter(out, names or list(ROW), lineterminator="\n")
    writer.writeheader()
    writer.writerows({**ROW, **row} for row in rows)
    return out.getvalue()


@pytest.fixture
def put(tmp_path, ledger, now):
    """Writes files and imports them together; what became of each."""

    def put(**files):
        paths = []
        for name, content in files.items():
            paths.append(tmp_path / name.replace("_", "."))
            paths[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
        return import_files(ledger, paths, now=now)

    return put


def refusal(imported):
    """Why the one file that was refused was."""
    (error,) = [str(item.error) for item in imported if item.error]
    return error


def billed(ledger, by=(), feed=ACME, metric="BilledCost"):
    found = ledger.totals(feed, metric, [date(2000, 1, 1), date(2040, 1, 1)], by=by)
    return {(*g.key, g.unit): plain(g.amounts[0]) for g in found}


def test_charges_of_a_file_add_up(ledger, put):
    """A file lands with every metric, filter and tag."""
    put(a_csv=text({}, {"BilledCost": "0.000000000000000001", "ServiceName": "Acme Store"}))

    assert billed(ledger, ["ServiceName"]) == {
        ("Acme Compute", "USD"): "1.5",
        ("Acme Store", "USD"): "0.000000000000000001",
    }
    assert billed(ledger, ["Tags/team"], metric="EffectiveCost") == {("core", "USD"): "2.5"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1E-5", "0.00001"),
        ("1.5e+3", "1500"),
        ("$10,000.00 ", "10000"),
        ("(3.25)", "-3.25"),
        ("-0.5", "-0.5"),
        (" 7 ", "7"),
        ("0.10000000000000000000000", "0.1"),
    ],
)
def test_a_number_that_can_mean_one_thing_is_read_exactly(ledger, put, written, meant):
    """Exponents, signs and money formats are read to the last digit."""
    put(a_csv=text({"BilledCost": written}))

    assert billed(ledger) == {("USD",): meant}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"BilledCost": "abc"}, "row 3, column BilledCost: 'abc' is not a number"),
        ({"BilledCost": "NaN"}, "row 3, column BilledCost: 'NaN' is not a number"),
        ({"BilledCost": ""}, "row 3, column BilledCost: it must not be empty"),
        ({"ChargePeriodStart": "2026-02-30T00:00:00Z"}, "row 3, column ChargePeriodStart: '2026-02-30"),
        ({"ChargePeriodEnd": "2026-10-04T00:00:00Z"}, "row 3, column ChargePeriodEnd: .*ends before it starts"),
        ({"ChargeCategory": "Gift"}, "row 3, column ChargeCategory: 'Gift' is none of"),
        ({"BillingCurrency": "dollars"}, "row 3, column BillingCurrency: 'dollars'"),
        ({"ProviderName": ""}, "row 3, column ProviderName: it must not be empty"),
        ({"Tags": "{broken"}, "row 3, column Tags: .*not a JSON object"),
    ],
)
def test_a_bad_cell_is_named_and_nothing_lands(ledger, put, change, place):
    """File, row, column and reason; the ledger is as it was, rows before the bad one included."""
    assert re.search(f"a.csv, {place}", refusal(put(a_csv=text({}, change))))
    assert ledger.feeds() == []


def test_a_bad_file_leaves_the_good_ones_of_its_command_in(ledger, put):
    """A file lands whole or not at all, whatever becomes of the others."""
    imported = put(a_csv=text({}), b_csv=text({}, {"BilledCost": "x"}), c_csv=text({"ServiceName": "Acme Store"}))

    assert "b.csv, row 3" in refusal(imported)
    assert billed(ledger) == {("USD",): "3"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"name,amount\nx,1\n", "is not a FOCUS file"),
        (text({}, names=[*ROW, "BilledCost"]).encode(), "BilledCost comes twice"),
        (text({}).encode() + b"1,2,3\n", "row 3: it has 3 columns"),
        (text({"ServiceName": "M\xfcnchen"}).encode("latin-1"), "not UTF-8"),
        (text({}, {}).encode()[:-2], "ends inside a quoted cell"),
    ],
)
def test_a_file_that_is_no_bill_is_refused_in_a_sentence(ledger, put, content, said):
    """Empty, cut off, of another kind or encoding: one sentence that says which."""
    assert re.search(said, refusal(put(a_csv=content)))
    assert ledger.feeds() == []


def test_a_file_without_charges_is_fine(ledger, put):
    """A header alone is a delivery in which there is nothing: it brings nothing in and takes nothing away."""
    put(a_csv=text({}))
    (imported,) = put(b_csv=text())

    assert (imported.error, imported.charges, imported.days) == (None, 0, None)
    assert billed(ledger) == {("USD",): "1.5"}


def test_a_truncated_gzip_is_refused(ledger, put):
    """Compressed data that ends early is no bill, whatever could be read of it."""
    whole = gzip.compress(text(*({"SubAccountId": str(n)} for n in range(3000))).encode())

    assert "is truncated or damaged" in refusal(put(a_csv_gz=whole[: len(whole) // 2]))
    assert ledger.feeds() == []


@pytest.mark.parametrize(
    "missing", ["BilledCost", "EffectiveCost", "ChargePeriodEnd", "BillingCurrency", "ServiceName"]
)
def test_a_mandatory_column_may_not_be_missing(put, missing):
    """A header without a mandatory column names it."""
    imported = put(a_csv=text({}).replace(missing, f"x_{missing}", 1))

    assert f"row 1: it lacks mandatory columns: no {missing}" in refusal(imported)


def test_unknown_columns_are_kept(ledger, put):
    """A column that FOCUS does not know is kept under a name that starts x_."""
    put(a_csv=text({"Odd": "seven", "x_Mine": "eight"}, names=[*ROW, "Odd", "x_Mine"]))

    assert ledger.connection().execute("SELECT x_Other FROM focus").fetchall() == [
        ('{"x_Mine": "eight", "x_Odd": "seven"}',)
    ]


def test_a_byte_order_mark_and_windows_line_ends_make_no_difference(ledger, put):
    """A file saved by a spreadsheet reads like any other."""
    put(a_csv=b"\xef\xbb\xbf" + text({}, {}).replace("\n", "\r\n").encode())

    assert billed(ledger) == {("USD",): "3"}


def test_importing_twice_changes_nothing(ledger, put):
    """The same file again, under another name or with a twin, leaves every number as it was."""
    put(a_csv=text({}))
    generation = ledger.generation()

    assert [item.already for item in put(a_csv=text({}), copy_csv=text({}))] == [True, True]
    assert (billed(ledger), ledger.generation()) == ({("USD",): "1.5"}, generation)


def test_currencies_never_mix(ledger, put):
    """A file with two currencies has two totals."""
    put(a_csv=text({}, {"BillingCurrency": "EUR", "BilledCost": "2"}))

    assert billed(ledger) == {("USD",): "1.5", ("EUR",): "2"}


def test_long_charges_and_odd_billing_periods_keep_their_dates(ledger, put):
    """A month-long charge and a billing period that is no calendar month come back as they were told."""
    put(
        a_csv=text(
            {
                "ChargePeriodEnd": "2026-11-05T00:00:00Z",
                "BillingPeriodStart": "2026-10-05T00:00:00Z",
                "BillingPeriodEnd": "2026-11-05T00:00:00Z",
            }
        )
    )
    query = "SELECT ChargePeriodStart, ChargePeriodEnd, BillingPeriodStart, BillingPeriodEnd FROM focus"

    assert ledger.connection().execute(query).fetchall() == [
        ("2026-10-05T00:00:00Z", "2026-11-05T00:00:00Z", "2026-10-05T00:00:00Z", "2026-11-05T00:00:00Z")
    ]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.decimals(-(10**18), 10**18, places=18, allow_nan=False), min_size=1, max_size=30))
def test_decimals_are_split_exactly(tmp_path_factory, amounts):
    """Whole units and attos of any decimal that fits, either sign, put together give it back."""
    path = tmp_path_factory.mktemp("f") / "a.csv"
    path.write_text(text(*({"BilledCost": f"{amount:f}"} for amount in amounts)))
    (member,) = focus.members(path)
    whole, attos = next(focus.read(member)).amounts["BilledCost"]

    assert [int(w) * 10**18 + int(a) for w, a in zip(whole, attos, strict=True)] == [
        to_attos(amount) for amount in amounts
    ]
    assert all(0 <= a < 10**18 for a in attos)


def test_parquet_reads_like_csv(tmp_path, ledger, now):
    """Decimals, doubles, timestamps and maps of a Parquet file mean what they say."""

    def instants(*days):
        return pa.array([datetime(2026, 10, day, tzinfo=UTC) for day in days], pa.timestamp("us", "UTC"))

    columns = {name: pa.array([value, value]) for name, value in ROW.items()}
    columns |= {
        "BilledCost": pa.array([Decimal("1.50"), Decimal("-2.25")], pa.decimal128(20, 2)),
        "EffectiveCost": pa.array([0.1, 1e-7], pa.float64()),
        "ChargePeriodStart": instants(5, 6),
        "ChargePeriodEnd": instants(6, 7),
        "Tags": pa.array([[("team", "core")], None], pa.map_(pa.string(), pa.string())),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    import_files(ledger, [tmp_path / "a.parquet"], now=now)

    assert billed(ledger, ["Tags/team"]) == {("core", "USD"): "1.5", ("", "USD"): "-2.25"}
    assert billed(ledger, metric="EffectiveCost") == {("USD",): "0.1000001"}


def test_a_cut_off_parquet_is_refused(tmp_path, ledger, now):
    """A Parquet file without its end is no bill."""
    pq.write_table(pa.table({"BilledCost": ["1"]}), tmp_path / "a.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[:-20])

    assert "not a complete Parquet file" in refusal(import_files(ledger, [tmp_path / "a.parquet"], now=now))


FOREIGN = [
    "questions/ledger.csv.gz",
    "data/focus-sample-1.0/focus_sample.csv",
    *(f"data/generated-focus/{cloud}-focus-1.{n}.csv.gz" for cloud in ("aws", "azure", "gcp") for n in (2, 3)),
    *(f"data/spec-saas-examples/saas_spend_agreements_{n}.csv" for n in ("a1", "a2", "b1", "b2")),
    *(f"data/spec-saas-examples/simple_saas_agreements_{n}.csv" for n in ("a1", "a2", "a3", "b", "c")),
    *(f"data/spec-saas-examples/virtual_currency_pricing_model_{n}.csv" for n in ("a1", "a2", "b1", "b2", "b3", "c")),
]


VERSIONS = {
    "1.0": {},
    "1.1": {"ServiceSubcategory": "Virtual Machines", "SkuMeter": "vCPU hours", "SkuPriceDetails": '{"x_Size": "m"}'},
    "1.2": {"BillingAccountType": "payer", "InvoiceId": "INV-1", "PricingCurrency": "USD", "SubAccountType": "member"},
    "1.3": {"ServiceProviderName": "Acme", "HostProviderName": "Acme", "AllocatedMethodId": ""},
    "1.4": {"ServiceProviderName": "Acme", "HostProviderName": "Acme", "InvoiceDetailId": "d-1", "ProviderName": None},
}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_of_focus_is_read(ledger, put, version):
    """What a version renamed, added or took away changes nothing of what was charged, by whom and for what."""
    columns = {name: value for name, value in {**ROW, **VERSIONS[version]}.items() if value is not None}
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([columns.keys(), columns.values()])
    put(a_csv=out.getvalue())

    assert billed(ledger, ["ServiceProviderName", "ServiceName"]) == {("Acme", "Acme Compute", "USD"): "1.5"}


@pytest.mark.parametrize("name", FOREIGN)
def test_bills_nobody_here_wrote_equal_a_sum_made_by_other_means(shared, ledger, now, name):
    """DuckDB adds up the same file to the same last digit, for every metric and provider.

    A cost that is not told, and a price of 0 beside a cost, is what was billed.
    """
    path = shared / name
    (imported,) = import_files(ledger, [path], now=now)
    assert imported.rounded == 0

    def amount(metric):
        return f"trim({metric}, '$ ').replace(',', '')::DECIMAL(38, 18)"

    billed_cost, effective = amount("BilledCost"), amount("EffectiveCost")
    paid = f"(({billed_cost} <> 0 OR {effective} <> 0) AND ChargeCategory <> 'Credit')"
    for metric in ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost"):
        price = metric in ("ListCost", "ContractedCost")
        known = (
            f"CASE WHEN {paid} THEN nullif({amount(metric)}, 0) ELSE {amount(metric)} END" if price else amount(metric)
        )
        summed = duckdb.sql(
            f"SELECT ProviderName, BillingCurrency, sum(coalesce({known}, {billed_cost}))"
            f" FROM read_csv('{path}', all_varchar = true, nullstr = ['NULL', '']) GROUP BY 1, 2"
        ).fetchall()

        assert {(p, currency): plain(amount) for p, currency, amount in summed} == {
            (p, currency): amount
            for p in {provider for provider, _, _ in summed}
            for (currency,), amount in billed(ledger, feed=feed_of(p), metric=metric).items()
        }


REFUSED = {
    **{
        f"data/spec-saas-examples/commitment_discount_{what}_scenario_{n}.csv": "row 1: it lacks .*: no ListCost"
        for what, scenarios in (("purchase", (1, 2, 3)), ("usage", (1, 2, 3, 4)))
        for n in scenarios
    },
    **{
        f"data/spec-saas-examples/{share}_percent_utilization_{how}.csv": "row 1: it lacks .*BillingCurrency"
        for share, how in (
            ("zero", "without_commitment_discount_flexibility"),
            ("one_hundred", "without_commitment_discount_flexibility"),
            ("one_hundred", "with_commitment_discount_flexibility_with_1_resource"),
            ("one_hundred", "with_commitment_discount_flexibility_with_2_resources"),
        )
    },
    "data/cur-sample/aws-cur.csv.gz": "row 1: it is AWS's Cost and Usage Report, not FOCUS",
    "data/labelled-series/nyc_taxi.csv": "row 1: it is not a FOCUS file",
    "data/labelled-series/combined_windows.json": "is JSON",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_whole_bill_is_refused_by_name(shared, ledger, now, name):
    """Excerpts without accounts and currencies, other formats and other data: said what they lack, or are."""
    assert re.search(REFUSED[name], refusal(import_files(ledger, [shared / name], now=now)))
    assert ledger.feeds() == []


def test_every_file_of_the_shared_data_is_tried(shared):
    """Each has its right total or its right refusal here."""
    bills = {path.relative_to(shared).as_posix() for path in (shared / "data").rglob("*.*") if path.is_file()}

    assert {path for path in bills if not path.endswith((".txt", ".md"))} == {*FOREIGN, *REFUSED} - {FOREIGN[0]}


def test_units_are_counted_in_one_of_them(ledger, put):
    """Tokens by the thousand and the million, requests and gigabyte hours add up under one name; others stay apart."""
    used = {
        "1K tokens": "2.5",
        "1M Tokens": "0.000001",
        "Tokens": "7",
        "10K Requests": "3",
        "GB-Hrs": "4",
        "GB Hours": "0.5",
        "Hours": "24",
        "GiB.h": "1",
    }
    put(a_csv=text(*({"ConsumedUnit": unit, "ConsumedQuantity": n} for unit, n in used.items()), names=[*ROW, *_USED]))

    assert billed(ledger, metric="ConsumedQuantity") == {
        ("Tokens",): "2508",
        ("Requests",): "30000",
        ("GB-Hours",): "4.5",
        ("Hours",): "24",
        ("GiB.h",): "1",
    }


_USED = ("ConsumedUnit", "ConsumedQuantity")


def test_a_quantity_beyond_the_range_in_its_unit_is_refused(put):
    """A trillion trillions of tokens by the million are named with row and column."""
    row = {"ConsumedUnit": "1M tokens", "ConsumedQuantity": "4000000000000000"}

    assert "row 2, column ConsumedQuantity: " in refusal(put(a_csv=text(row, names=[*ROW, *_USED])))


def test_a_price_of_zero_beside_a_cost_is_not_told(ledger, put):
    """What was billed stands in for it, and is known to: of free usage and of credits a price of 0 is one."""
    free = {"BilledCost": "0", "EffectiveCost": "0", "ListCost": "0", "ContractedCost": "0", "ServiceName": "Free tier"}
    credit = {
        "BilledCost": "-1",
        "EffectiveCost": "-1",
        "ListCost": "0",
        "ContractedCost": "0",
        "ChargeCategory": "Credit",
    }
    put(a_csv=text({"ListCost": "0"}, free, credit))
    october = Period(start=OCTOBER[0], end=OCTOBER[1])

    assert billed(ledger, ["ServiceName"], metric="ListCost") == {
        ("Acme Compute", "USD"): "1.5",
        ("Free tier", "USD"): "0",
    }
    assert ledger.query.unknown_columns(ACME, october) >= {"ListCost"}
    assert "ContractedCost" not in ledger.query.unknown_columns(ACME, october)


def test_an_export_says_which_costs_were_not_told(ledger, put, tmp_path, now):
    """What stood in for a list price is not taken for one when the ledger's export is imported elsewhere."""
    put(a_csv=text({"ListCost": "0"}))
    export(ledger, tmp_path / "out.csv")
    other = Ledger(tmp_path / "other.db")
    import_files(other, [tmp_path / "out.csv"], now=now)

    assert "ListCost" in other.query.unknown_columns(ACME, Period(start=OCTOBER[0], end=OCTOBER[1]))
    other.close()
