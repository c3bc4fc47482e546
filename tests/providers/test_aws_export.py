"""AWS data exports, from a real S3 (moto's server): FOCUS and CUR 2.0, Parquet and CSV, by manifest."""

import csv
import gzip
import io
import json
import re
from collections import defaultdict
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from pathlib import Path

import boto3
import pyarrow as pa
import pytest
from contract import NOW, Tally
from moto.server import ThreadedMotoServer
from pyarrow import parquet

from bot.domain.charge import AMOUNTS
from bot.domain.errors import AccessDenied, Misconfigured, Unavailable, UnexpectedReply
from bot.domain.period import DAY, Period, month_of
from bot.ledger import Ledger
from bot.ledger.columns import from_charges
from bot.providers.aws import Aws, AwsSettings
from bot.sync.pull import _columns
from bot.sync.service import Patience, sync
from simulators.aws.server import AwsSimulator

BUCKET, ROOT = "lumen-bills", "finops/all-costs"
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
SAMPLES = Path(__file__).with_name("data")


@pytest.fixture(scope="module")
def server():
    """S3 on loopback."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@cache
def session():
    """Any keys will do."""
    return boto3.Session(aws_access_key_id="AKIAEXPORT", aws_secret_access_key="export")


@pytest.fixture
def s3(server):
    """An S3 with an empty bucket."""
    client = session().client("s3", endpoint_url=server, region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    yield client
    for item in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=item["Key"])
    client.delete_bucket(Bucket=BUCKET)


def adapter(server, meter=None, **more):
    """The adapter, told of the export and nothing else."""
    settings = AwsSettings(
        **{
            "endpoint_url": server,
            "attempts": 1,
            "cost_explorer": False,
            "data_export": f"s3://{BUCKET}/{ROOT}",
            **more,
        }
    )
    return Aws(settings, meter=meter or Tally(), clock=lambda: NOW, session=session)


def pulled(provider, days):
    """All charges of the export on some days."""
    return list(provider.charges(provider.feeds()[0], days))


def deliver(s3, month, files):
    """What AWS does: the data files, then the manifest that lists them."""
    partition = f"BILLING_PERIOD={month:%Y-%m}"
    keys = []
    for name, body in files.items():
        keys.append(f"{ROOT}/data/{partition}/{name}")
        s3.put_object(Bucket=BUCKET, Key=keys[-1], Body=body)
    manifest = {"dataFiles": [f"s3://{BUCKET}/{key}" for key in keys], "executionId": str(len(keys))}
    s3.put_object(
        Bucket=BUCKET,
        Key=f"{ROOT}/metadata/{partition}/all-costs-Manifest.json",
        Body=json.dumps(manifest).encode(),
    )


def focus_row(day, cost, **more):
    """A row of a FOCUS 1.2 export."""
    return {
        "BilledCost": cost,
        "EffectiveCost": cost,
        "ListCost": cost,
        "ContractedCost": cost,
        "BillingAccountId": "999988887777",
        "BillingAccountName": "lumen-payer",
        "BillingCurrency": "USD",
        "ChargeCategory": "Usage",
        "ChargePeriodStart": f"{day}T00:00:00Z",
        "ServiceName": "Amazon Elastic Compute Cloud",
        "ServiceCategory": "Compute",
        "SubAccountId": "111122223333",
        "SubAccountName": "production",
        "RegionId": "eu-central-1",
        "SkuId": "BoxUsage",
        "ResourceId": "i-0abc",
        "Tags": {"user:team": "platform"},
        **more,
    }


def as_csv(rows):
    """Rows as CSV.gz; maps are JSON."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow({key: json.dumps(item) if isinstance(item, dict) else item for key, item in row.items()})
    return gzip.compress(text.getvalue().encode())


def as_parquet(rows, **options):
    """Rows as Parquet the way AWS types them: doubles, timestamps, maps."""
    columns = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        if name.endswith("Cost"):
            columns[name] = pa.array([float(value) for value in values])
        elif name == "Tags":
            columns[name] = pa.array([list(value.items()) for value in values], pa.map_(pa.string(), pa.string()))
        elif name == "ChargePeriodStart":
            columns[name] = pa.array([datetime.fromisoformat(value) for value in values], pa.timestamp("ms", tz="UTC"))
        else:
            columns[name] = pa.array(values, pa.string())
    sink = io.BytesIO()
    parquet.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


def beyond_its_words():
    """A Parquet file whose columns of one word have the number of a second one in each of eight rows."""
    plain = as_parquet([focus_row("2026-11-05", "2")] * 8, compression="none", write_statistics=False)
    numbers = bytes([1, 8 << 1, 0])  # a bit each, a run of eight: the first word
    assert plain.count(bytes([8 << 1, 1]) + numbers)
    return plain.replace(bytes([8 << 1, 1]) + numbers, bytes([8 << 1, 1, 1, 8 << 1, 1]))


FILES = {"parquet": ("all-costs-00001.snappy.parquet", as_parquet), "csv": ("all-costs-00001.csv.gz", as_csv)}


@pytest.mark.parametrize("kind", FILES)
def test_focus_exports_are_read_exactly_with_resources_and_tags(s3, server, kind):
    """Parquet's doubles are their shortest decimal, CSV's digits stand; hours become days; tags lose AWS's prefix."""
    name, written = FILES[kind]
    rows = [
        focus_row("2026-11-02", "0.1"),
        focus_row("2026-11-02", "0.2"),
        focus_row("2026-11-03", "-3.0000000001", ChargeCategory="Credit", ResourceId="", Tags={}),
    ]
    deliver(s3, NOVEMBER, {name: written(rows)})
    first, credit = pulled(adapter(server), month_of(NOVEMBER))
    assert (first.day, first.billed_cost, first.effective_cost) == (date(2026, 11, 2), Decimal("0.3"), Decimal("0.3"))
    assert (first.resource_id, dict(first.tags), first.region_id) == ("i-0abc", {"team": "platform"}, "eu-central-1")
    assert (first.sub_account_name, first.billing_account_name) == ("production", "lumen-payer")
    assert (credit.billed_cost, credit.charge_category) == (Decimal("-3.0000000001"), "Credit")


def test_every_file_of_the_manifest_is_read_and_no_other(s3, server):
    """Parts add up; files that the manifest does not list (left from an earlier delivery) do not count."""
    stray = f"{ROOT}/data/BILLING_PERIOD=2026-11/all-costs-00099.csv.gz"
    s3.put_object(Bucket=BUCKET, Key=stray, Body=as_csv([focus_row("2026-11-02", "1000")]))
    parts = {f"all-costs-{n:05}.csv.gz": as_csv([focus_row("2026-11-02", f"{n}.5")]) for n in range(1, 4)}
    deliver(s3, NOVEMBER, parts)
    (charge,) = pulled(adapter(server), month_of(NOVEMBER))
    assert charge.billed_cost == Decimal("7.5")


def test_a_charge_dated_outside_its_bill_stands_on_the_nearest_day_of_it(s3, server):
    """Late usage and yearly fees are on the bill that has them, and are never lost."""
    rows = [focus_row("2026-10-28", "5"), focus_row("2026-11-02", "7"), focus_row("2026-12-01", "9")]
    deliver(s3, NOVEMBER, {"all-costs-00001.csv.gz": as_csv(rows)})
    charges = pulled(adapter(server), month_of(NOVEMBER))
    assert {charge.day: charge.billed_cost for charge in charges} == {
        date(2026, 11, 1): Decimal(5),
        date(2026, 11, 2): Decimal(7),
        date(2026, 11, 30): Decimal(9),
    }


@pytest.fixture
def ledger(tmp_path):
    """An empty ledger."""
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.close()


def run(ledger, server):
    """One sync; the report of the source and the S3 objects that were read for it."""
    meter = []

    def opens(real):
        class Watched:
            def allow(self, operation, cost):
                real.allow(operation, cost)

            def made(self, operation, **more):
                meter.append(operation)
                real.made(operation, **more)

        return adapter(server, Watched())

    report = sync({"aws": opens}, ledger, now=lambda: NOW, patience=Patience(attempts=1)).sources[0]
    return report, meter.count("s3:GetObject")


def test_only_months_that_were_delivered_anew_are_read_again(s3, server, ledger):
    """The first sync reads every month; the second none; after a new delivery, that month alone."""
    deliver(s3, OCTOBER, {"a.csv.gz": as_csv([focus_row("2026-10-05", "1")])})
    deliver(s3, NOVEMBER, {"a.csv.gz": as_csv([focus_row("2026-11-05", "2")])})
    first, read = run(ledger, server)
    assert (first.status, first.feeds[0].charges, first.cost) == ("ok", 2, 0)
    assert read >= 4
    _, read = run(ledger, server)
    assert read == 0
    deliver(s3, NOVEMBER, {"b.csv.gz": as_csv([focus_row("2026-11-05", "3"), focus_row("2026-11-06", "4")])})
    again, read = run(ledger, server)
    assert (again.feeds[0].charges, again.feeds[0].restated) == (2, 1)
    feed = ledger.feeds()[0]
    days = Period(start=OCTOBER, end=NOW.date() + DAY)
    assert {day: amount for (day, _), amount in ledger.daily(feed, days).items()} == {
        date(2026, 10, 5): 1,
        date(2026, 11, 5): 3,
        date(2026, 11, 6): 4,
    }
    assert ledger.freshness()[0].data_through == date(2026, 11, 6)


def test_a_delivery_while_it_is_read_is_noticed(s3, server):
    """Files of two editions are never mixed: the pull fails, and is made good by the next."""
    deliver(s3, NOVEMBER, {"a.csv.gz": as_csv([focus_row("2026-11-05", "2")])})

    class Meddler(Tally):
        def made(self, operation, **more):
            super().made(operation, **more)
            if operation == "s3:GetObject" and len(self.made_) == 2:
                deliver(s3, NOVEMBER, {"a.csv.gz": as_csv([focus_row("2026-11-05", "3")]), "b.csv.gz": b""})

    with pytest.raises(Unavailable, match="redelivered"):
        pulled(adapter(server, Meddler()), month_of(NOVEMBER))


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.csv.gz", as_csv([focus_row("2026-11-05", "2")])[:-30]),
        ("a.csv.gz", gzip.compress(b"What,Is,This\n1,2,3\n")),
        ("a.csv.gz", as_csv([focus_row("2026-11-05", "many")])),
        ("a.csv.gz", as_csv([focus_row("someday", "2")])),
        ("a.parquet", as_parquet([focus_row("2026-11-05", "2")])[:-30]),
        ("a.parquet", beyond_its_words()),
    ],
    ids=["cut off", "another table", "no number", "no day", "half a Parquet", "words that are not there"],
)
def test_a_file_that_cannot_be_read_is_said_to_be_one(s3, server, name, body):
    """Nothing of a damaged or foreign file gets in."""
    deliver(s3, NOVEMBER, {name: body})
    with pytest.raises(UnexpectedReply):
        pulled(adapter(server), month_of(NOVEMBER))


def test_a_bucket_that_is_not_there_is_named_by_doctor(server):
    """Doctor tries the export for real."""
    checks = list(adapter(server, data_export="s3://no-such-bucket/finops/all-costs").checks())
    failed = [check for check in checks if not check.ok]
    assert [check.what for check in failed] == ["AWS data export (aws)"]
    assert "no-such-bucket" in failed[0].message or "NoSuchBucket" in failed[0].message


def test_an_export_that_was_never_delivered_says_so(s3, server):
    """An empty place is no bill of nothing."""
    failed = [check for check in adapter(server).checks() if not check.ok]
    assert "manifest" in failed[0].message


@pytest.mark.parametrize("place", ["lumen-bills/finops", "s3://lumen-bills", "https://lumen-bills/x/y"])
def test_a_place_that_is_none_is_refused(server, place):
    """The message shows how to write one."""
    with pytest.raises(Misconfigured) as caught:
        pulled(adapter(server, data_export=place), month_of(NOVEMBER))
    assert "s3://bucket/prefix/export-name" in caught.value.hint


def test_without_keys_for_s3_it_is_access_denied(server):
    """A refusal by S3 names the action and the policy."""
    with AwsSimulator(lambda: NOW) as elsewhere, pytest.raises((AccessDenied, UnexpectedReply, Unavailable)):
        pulled(adapter(elsewhere.url), month_of(NOVEMBER))


# Samples of real and generated exports ---------------------------------------------------------------------


def sample(name):
    """A file among the samples."""
    with gzip.open(SAMPLES / name, "rt", newline="") as lines:
        return list(csv.DictReader(lines))


def cut(text):
    """An amount as the ledger keeps it."""
    return Decimal(text or 0).quantize(Decimal("1e-18"), ROUND_HALF_EVEN)


def test_a_generated_focus_export_adds_up(s3, server):
    """2,000 rows of FOCUS 1.2: every service comes to the sum of its rows, to the last digit."""
    rows = sample("aws-focus-1.2.csv.gz")
    month = month_of(date.fromisoformat(rows[0]["BillingPeriodStart"][:10]))
    deliver(s3, month.start, {"a.csv.gz": as_csv(rows)})
    found, truth = defaultdict(Decimal), defaultdict(Decimal)
    for charge in pulled(adapter(server), month):
        found[charge.service_name, charge.charge_category] += charge.billed_cost
    for row in rows:
        truth[row["ServiceName"], row["ChargeCategory"]] += cut(row["BilledCost"])
    assert found == truth


def test_a_real_cur_adds_up(s3, server):
    """1,281 lines of an anonymised cost and usage report, its columns named as CUR 2.0 names them."""
    rows = [{_cur2(name): value for name, value in row.items()} for row in sample("aws-cur.csv.gz")]
    month = Period(start=date(2023, 11, 1), end=date(2023, 12, 1))
    deliver(s3, month.start, {"a.csv.gz": as_csv(rows)})
    charges = pulled(adapter(server), month)
    found, truth = defaultdict(Decimal), defaultdict(Decimal)
    for charge in charges:
        found[charge.sku_id] += charge.billed_cost
    for row in rows:
        truth[row["line_item_usage_type"]] += cut(row["line_item_unblended_cost"])
    assert found == truth
    assert {"Usage", "Tax"} <= {charge.charge_category for charge in charges}


def _cur2(name):
    """``lineItem/UsageType`` is ``line_item_usage_type`` in CUR 2.0."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("/", "_").lower()


CUR = {
    "line_item_usage_start_date": "2026-11-02T05:00:00Z",
    "line_item_line_item_type": "Usage",
    "line_item_product_code": "AmazonEC2",
    "line_item_usage_type": "EUC1-BoxUsage:c6i.2xlarge",
    "line_item_unblended_cost": "10",
    "line_item_net_unblended_cost": "",
    "line_item_currency_code": "USD",
    "line_item_usage_amount": "24",
    "line_item_usage_account_id": "111122223333",
    "line_item_usage_account_name": "production",
    "line_item_resource_id": "i-0abc",
    "bill_payer_account_id": "999988887777",
    "pricing_unit": "Hrs",
    "pricing_term": "OnDemand",
    "pricing_public_on_demand_cost": "12",
    "product": {"product_name": "Amazon Elastic Compute Cloud", "region": "eu-central-1"},
    "product_region_code": "eu-central-1",
    "resource_tags": {"user_team": "platform"},
    "cost_category": {"Stage": "live"},
    "savings_plan_savings_plan_effective_cost": "",
    "savings_plan_total_commitment_to_date": "",
    "savings_plan_used_commitment": "",
    "reservation_effective_cost": "",
    "reservation_unused_amortized_upfront_fee_for_billing_period": "",
    "reservation_unused_recurring_fee": "",
    "reservation_reservation_a_r_n": "",
}


def cur_charge(s3, server, **more):
    """The one charge of an export with one line of CUR 2.0."""
    deliver(s3, NOVEMBER, {"a.csv.gz": as_csv([{**CUR, **more}])})
    (charge,) = pulled(adapter(server), month_of(NOVEMBER))
    return charge


def test_cur_lines_become_focus_charges(s3, server):
    """Names, quantities, list price, region, tags and cost categories of a line."""
    charge = cur_charge(s3, server, line_item_net_unblended_cost="9.5")
    assert (charge.billed_cost, charge.list_cost, charge.consumed_quantity) == (Decimal("9.5"), 12, 24)
    assert (charge.service_name, charge.service_category) == ("Amazon Elastic Compute Cloud", "Compute")
    assert (charge.region_id, charge.region_name) == ("eu-central-1", "Europe (Frankfurt)")
    assert (charge.pricing_category, charge.consumed_unit, charge.sku_id) == (
        "Standard",
        "Hrs",
        CUR["line_item_usage_type"],
    )
    assert dict(charge.tags) == {"team": "platform", "Stage": "live"}


@pytest.mark.parametrize(
    ("kind", "more", "charged"),
    [
        ("Usage", {}, ("10", "Usage", "Standard")),
        ("SavingsPlanCoveredUsage", {"savings_plan_savings_plan_effective_cost": "7"}, ("7", "Usage", "Committed")),
        ("SavingsPlanNegation", {}, ("0", "Usage", "Standard")),
        ("SavingsPlanUpfrontFee", {}, ("0", "Purchase", "Standard")),
        (
            "SavingsPlanRecurringFee",
            {"savings_plan_total_commitment_to_date": "8", "savings_plan_used_commitment": "6"},
            ("2", "Purchase", "Standard"),
        ),
        ("DiscountedUsage", {"reservation_effective_cost": "6"}, ("6", "Usage", "Committed")),
        (
            "RIFee",
            {
                "reservation_unused_amortized_upfront_fee_for_billing_period": "1.5",
                "reservation_unused_recurring_fee": "0.5",
            },
            ("2", "Purchase", "Standard"),
        ),
        ("Fee", {"reservation_reservation_a_r_n": "arn:aws:ec2:…"}, ("0", "Purchase", "Standard")),
        ("Fee", {}, ("10", "Purchase", "Standard")),
        ("Credit", {}, ("10", "Credit", "Standard")),
        ("Refund", {}, ("10", "Adjustment", "Standard")),
        ("Tax", {}, ("10", "Tax", "Standard")),
    ],
)
def test_line_item_types_are_amortized_as_aws_says(s3, server, kind, more, charged):
    """EffectiveCost, charge category and pricing category of each kind of line."""
    effective, category, pricing = charged
    charge = cur_charge(s3, server, line_item_line_item_type=kind, **more)
    assert charge.effective_cost == Decimal(effective)
    assert (charge.charge_category, charge.pricing_category) == (category, pricing)


def test_the_feed_tells_resources_and_every_tag_apart(server):
    """Its grain covers what Cost Explorer cannot; models it does not claim."""
    (feed,) = adapter(server).feeds()
    assert feed.missing(["ResourceId", "Tags/anything", "SubAccountName", "ChargeCategory"]) == []
    assert feed.missing(["x_Model"]) == ["x_Model"]


def test_the_export_stands_beside_cost_explorer(server):
    """With both, the bill comes first, and the export is the last and finest feed of the same source."""
    feeds = adapter(server, cost_explorer=True, feeds="").feeds()
    assert [feed.name for feed in feeds] == ["account × service × charge category", "data export"]
    assert {feed.source for feed in feeds} == {"aws"}
    assert adapter(server).horizon(feeds[1], NOW).in_day_order is False


PRINCIPALS = {
    "arn:aws:iam::111122223333:user/alice": "alice",
    "arn:aws:sts::111122223333:assumed-role/Developers/bob@lumen.example": "Developers/bob@lumen.example",
}


@pytest.mark.parametrize("arn", PRINCIPALS)
def test_who_asked_bedrock_is_told_where_the_export_includes_it(s3, server, arn):
    """CUR 2.0 with caller identities names the user, or the role and its session."""
    assert cur_charge(s3, server, line_item_iam_principal=arn).x_user_name == PRINCIPALS[arn]


def test_cost_categories_of_a_focus_export_are_used_like_tags(s3, server):
    """FOCUS 1.0 has them in a column of AWS's own."""
    deliver(
        s3, NOVEMBER, {"a.csv.gz": as_csv([{**focus_row("2026-11-02", "1"), "x_CostCategories": {"Stage": "live"}}])}
    )
    (charge,) = pulled(adapter(server), month_of(NOVEMBER))
    assert dict(charge.tags) == {"team": "platform", "Stage": "live"}


# The same as columns ---------------------------------------------------------------------------------------


def typed(rows):
    """Rows as Parquet the way AWS types them, whichever export they are of."""
    maps = {"Tags", "product", "resource_tags", "cost_category", "x_CostCategories"}
    columns = {}
    for name in rows[0]:
        values = [row[name] for row in rows]
        if name in maps:
            found = [value if isinstance(value, dict) else json.loads(value or "{}") for value in values]
            pairs = [[(key, str(value)) for key, value in tags.items()] for tags in found]
            columns[name] = pa.array(pairs, pa.map_(pa.string(), pa.string()))
        elif name in {"ChargePeriodStart", "line_item_usage_start_date"}:
            columns[name] = pa.array([datetime.fromisoformat(value) for value in values], pa.timestamp("ms", tz="UTC"))
        elif AMOUNT.search(name):
            columns[name] = pa.array([float(value) if value else None for value in values], pa.float64())
        else:
            columns[name] = pa.array([str(value) if value else None for value in values], pa.string())
    sink = io.BytesIO()
    parquet.write_table(pa.table(columns), sink)
    return sink.getvalue()


AMOUNT = re.compile(r"Cost$|Quantity$|_cost$|_amount$|commitment|unused_|_amortized_|_fee$")


def summed(columns):
    """What columns come to, by everything that they tell: sums of amounts, and what of them is not known."""
    sums = defaultdict(lambda: [0] * len(AMOUNTS))
    unknown = defaultdict(set)
    texts = {**columns.series, **columns.details}
    for at in range(len(columns)):
        text = {name: column.values[column.codes[at]] for name, column in texts.items()}
        key = (int(columns.day[at]), *sorted((name, value) for name, value in text.items() if value))
        for place, name in enumerate(AMOUNTS):
            whole, attos = columns.amounts[name]
            sums[key][place] += int(whole[at]) * 10**18 + int(attos[at])
        unknown[key] |= {name for name, mask in columns.unknown.items() if mask[at]}
    return {key: (tuple(amounts), frozenset(unknown[key])) for key, amounts in sums.items()}


def test_blocks_say_what_charges_say(s3, server):
    """Columns of a real CUR 2.0 and a generated FOCUS export come to the same as their charges, to the last digit."""
    cur = [{_cur2(name): value for name, value in row.items()} for row in sample("aws-cur.csv.gz")]
    kinds = [
        {**CUR, "line_item_line_item_type": kind, "reservation_reservation_a_r_n": arn, "line_item_usage_type": kind}
        for kind in ("Usage", "SavingsPlanCoveredUsage", "SavingsPlanRecurringFee", "RIFee", "Fee", "Refund", "Credit")
        for arn in ("", "arn:aws:ec2:1")
    ]
    result = {
        "savings_plan_savings_plan_effective_cost": "7.25",
        "savings_plan_total_commitment_to_date": "8.1",
        "savings_plan_used_commitment": "6.3",
        "reservation_unused_recurring_fee": "0.1",
        "reservation_unused_amortized_upfront_fee_for_billing_period": "0.2",
    }
    cases = [
        (sample("aws-focus-1.2.csv.gz"), None),
        (cur, Period(start=date(2023, 11, 1), end=date(2023, 12, 1))),
        ([*kinds, *({**row, **result} for row in kinds)], month_of(NOVEMBER)),
        (
            [
                {**focus_row("2026-11-02", cost), "x_CostCategories": {"Stage": stage}}
                for cost, stage in (("1", "live"), ("2", ""), ("4", "live"))
            ],
            month_of(NOVEMBER),
        ),
        ([{**CUR, "line_item_iam_principal": arn} for arn in ("", *PRINCIPALS)], month_of(NOVEMBER)),
        ([focus_row("2026-10-28", "5", Tags={}), focus_row("2026-11-02", "-0.1", ListCost=None)], month_of(NOVEMBER)),
    ]
    for rows, known in cases:
        month = known or month_of(date.fromisoformat(rows[0]["BillingPeriodStart"][:10]))
        deliver(s3, month.start, {"a.parquet": typed(rows)})
        provider = adapter(server)
        [feed] = provider.feeds()
        blocks = [summed(_columns(block)) for block in provider.blocks(feed, month)]
        through = provider.data_through(feed)
        expected = summed(from_charges(provider.charges(feed, month)))
        assert len(blocks) == 1
        assert blocks[0] == expected
        assert through == provider.data_through(feed)


def test_a_sync_takes_columns_and_nothing_where_a_delivery_changes(s3, server, ledger):
    """Parquet lands as columns, days adding up to the rows; one redelivered meanwhile leaves the ledger as it was."""
    deliver(s3, NOVEMBER, {"a.parquet": as_parquet([focus_row("2026-11-05", "2.1"), focus_row("2026-11-05", "1.2")])})
    first, _ = run(ledger, server)
    assert (first.status, first.feeds[0].charges) == ("ok", 2)
    feed, days = ledger.feeds()[0], Period(start=NOVEMBER, end=NOW.date() + DAY)
    assert ledger.daily(feed, days) == {(date(2026, 11, 5), "USD"): Decimal("3.3")}
    rows = as_parquet([focus_row("2026-11-05", "9")])
    deliver(s3, NOVEMBER, {"a.parquet": rows, "b.parquet": rows[:-30]})
    again, _ = run(ledger, server)
    assert again.status != "ok"
    assert ledger.daily(feed, days) == {(date(2026, 11, 5), "USD"): Decimal("3.3")}
