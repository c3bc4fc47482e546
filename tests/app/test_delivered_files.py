"""FOCUS exports in a folder or bucket are taken in as they arrive, run by run, each file once."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import boto3
import pytest
from moto.server import ThreadedMotoServer

from bot.app.deliveries import DeliveredFiles
from bot.domain.period import Period
from bot.ledger.kv_store import notes_of
from bot.providers.focus.settings import FocusSettings
from bot.sync.service import Patience, sync

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HEAD = (
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingCurrency,BillingPeriodStart,"
    "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,ServiceProviderName\n"
)
AZURE = "exports/focus/20261101-20261130"
RUNS = ("2f0cb0a1-5f0c-4d4f-9d2f-0d7f3b1c0001", "2f0cb0a1-5f0c-4d4f-9d2f-0d7f3b1c0002")


def bill(*amounts, day=3, provider="Microsoft", service="Virtual Machines"):
    """A FOCUS file with a charge an amount."""
    rows = (
        f"{amount},{amount},{amount},{amount},1,USD,2026-11-01T00:00Z,2026-12-01T00:00Z,2026-11-{day:02}T00:00Z,"
        f"2026-11-{day + 1:02}T00:00Z,Usage,{service} {number},{provider}\n"
        for number, amount in enumerate(amounts)
    )
    return HEAD + "".join(rows)


def manifest(run, at, *names):
    """What Azure writes beside the parts of a run."""
    blobs = [{"blobName": f"{AZURE}/{run}/{name}", "byteCount": 1} for name in names]
    return json.dumps(
        {"runInfo": {"runId": run, "submittedTime": at}, "exportConfig": {"exportName": "focus"}, "blobs": blobs}
    )


@pytest.fixture
def place(tmp_path):
    """An empty folder, apart from the ledger's."""
    (tmp_path / "place").mkdir()
    return tmp_path / "place"


def write(folder, files):
    """Files below a folder, by path."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def billed(ledger):
    """What each source billed, in all."""
    days = Period(start=date(2026, 11, 1), end=date(2026, 12, 1))
    return {
        feed.source: sum(group.amounts[0] for group in ledger.totals(feed, "BilledCost", [days.start, days.end], by=[]))
        for feed in ledger.feeds()
    }


def run(ledger, url, *, by_hand=True, now=NOW, **settings):
    """A sync of one place."""
    chosen = FocusSettings(url=str(url), **settings)
    opens = {"azure": lambda meter: DeliveredFiles(chosen, meter=meter, clock=lambda: now, source="azure")}
    return sync(opens, ledger, now=lambda: now, by_hand=by_hand, patience=Patience(1, 1)).sources[0]


def test_of_azures_runs_the_newest_that_is_whole_counts(ledger, place):
    """Month to date comes anew each day: a newer run takes the older one's place, once its manifest is there."""
    first, second = (f"{AZURE}/{name}" for name in RUNS)
    write(place, {f"{first}/part_0_0001.csv": bill(1, 2), f"{first}/part_1_0001.csv": bill(4, day=4)})
    assert run(ledger, place).status == "ok"
    whole = manifest(RUNS[0], "2026-11-05T02:00:00Z", "part_0_0001.csv", "part_1_0001.csv")
    write(place, {f"{first}/manifest.json": whole})
    run(ledger, place)
    (amount,) = billed(ledger).values()
    assert amount == 7

    write(place, {f"{second}/part_0_0001.csv": bill("1.5", 2), f"{second}/part_1_0001.csv": bill(4, day=4)})
    run(ledger, place)
    assert list(billed(ledger).values()) == [7]
    newer = manifest(RUNS[1], "2026-11-06T02:00:00Z", "part_0_0001.csv", "part_1_0001.csv")
    write(place, {f"{second}/manifest.json": newer})
    report = run(ledger, place)
    assert report.status == "ok"
    assert list(billed(ledger).values()) == [Decimal("7.5")]


def test_a_file_is_read_once_until_it_changes(ledger, place):
    """Nothing new is nothing read; a file that was written again takes the place of what it brought."""
    write(place, {"nov/bill.csv": bill(5, 6), "readme.md": "not a bill"})
    first, second = run(ledger, place), run(ledger, place)
    assert [feed.charges for feed in first.feeds] == [2]
    assert second.feeds == []
    write(place, {"nov/bill.csv": bill(5, 60)})
    assert len(run(ledger, place).feeds) == 1
    assert list(billed(ledger).values()) == [65]


def test_a_file_that_is_no_bill_is_a_note_and_the_others_land(ledger, place):
    """It is named with its reason, and once it is mended the note is gone."""
    write(place, {"a.csv": bill(5), "b.csv": "Cost,Day\n1,2\n"})
    report = run(ledger, place)
    assert report.status == "partial"
    assert [feed.feed for feed in report.feeds] == ["a.csv"]
    assert ["b.csv" in note.view for note in notes_of(ledger.memory, "azure")] == [True]
    write(place, {"b.csv": bill(7, day=5)})
    assert run(ledger, place).status == "ok"
    assert notes_of(ledger.memory, "azure") == []
    assert list(billed(ledger).values()) == [12]


def test_on_the_clock_a_place_is_looked_at_once_a_day(ledger, place):
    """What arrives meanwhile waits for the next day, or for a sync by hand."""
    write(place, {"a.csv": bill(5)})
    run(ledger, place, by_hand=False)
    write(place, {"b.csv": bill(7, day=5)})
    assert run(ledger, place, by_hand=False).feeds == []
    assert len(run(ledger, place, by_hand=False, now=NOW.replace(day=23)).feeds) == 1


@pytest.fixture(scope="module")
def bucket():
    """A real S3 on loopback, as OCI's compatible endpoint is one."""
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"access_key": "OCIKEY", "secret_key": "secret"}
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id=keys["access_key"],
        aws_secret_access_key=keys["secret_key"],
    )
    client.create_bucket(Bucket="bling")
    yield client, {"endpoint_url": f"http://{host}:{port}", "region": "us-east-1", **keys}
    server.stop()


def test_oci_delivers_a_file_a_day_through_an_s3_compatible_bucket(ledger, bucket):
    """Daily files stand beside each other; a second sync fetches only what came since."""
    client, settings = bucket
    for day, amount in ((3, 10), (4, 20)):
        body = bill(amount, day=day, provider="Oracle", service="Compute")
        client.put_object(Bucket="bling", Key=f"FOCUS Reports/2026/11/{day:02}/000{day}.csv", Body=body.encode())
    assert [feed.charges for feed in run(ledger, "s3://bling/FOCUS Reports", **settings).feeds] == [1, 1]
    body = bill(5, day=5, provider="Oracle", service="Compute")
    client.put_object(Bucket="bling", Key="FOCUS Reports/2026/11/05/0005.csv", Body=body.encode())
    assert len(run(ledger, "s3://bling/FOCUS Reports", **settings).feeds) == 1
    assert list(billed(ledger).values()) == [35]


def test_a_place_that_is_not_there_is_said_without_its_signature(ledger, place):
    """The error and doctor's check name the place, never what follows the question mark."""
    assert run(ledger, place / "nowhere").status in ("ok", "failed")
    provider = DeliveredFiles(FocusSettings(url=f"file://{place}/nowhere?sig=SECRET"), meter=None, clock=None)
    (check,) = provider.checks()
    assert not check.ok
    assert "SECRET" not in f"{check.what} {check.message} {check.hint}"
