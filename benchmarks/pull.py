"""How many charges a second are pulled, each vendor's simulator in a process of its own: ``python -m benchmarks pull``.

Seconds are the bot's own processor seconds, into a ledger on disk; beside them, in the same run, what no program could
do without: ``json.loads`` of the same replies, or Arrow reading the same file.
"""

from __future__ import annotations

import io
import json
import logging
import resource
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import boto3
import numpy as np
import pyarrow as pa
import structlog
from moto.server import ThreadedMotoServer
from pyarrow import parquet

from benchmarks.sync import Replayed, synced, timed
from bot.providers.aws import AwsSettings
from simulators.aws.server import ACCESS_KEY, SECRET_KEY
from simulators.company import NOW

_BUCKET, _EXPORT = "lumen-bills", "finops/all-costs"
_PAGE = 3_000


def run(rows: int = 500_000) -> None:
    """Print charges per second from Cost Explorer's JSON and from an export of so many rows."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with _served(_cost_explorer) as url:
        bodies: list[bytes] = []
        _synced(AwsSettings(endpoint_url=url), _watched(bodies))
        seconds, charges = _synced(AwsSettings(endpoint_url=url), boto3.Session(ACCESS_KEY, SECRET_KEY))
        _say("Cost Explorer, JSON", seconds, charges)
        _say("  json.loads alone", timed(lambda: [json.loads(body) for body in bodies]), charges)
    with _served(_s3) as url:
        session, body = boto3.Session(ACCESS_KEY, SECRET_KEY, region_name="us-east-1"), _export(rows)
        _deliver(session.client("s3", endpoint_url=url), body)
        settings = AwsSettings(endpoint_url=url, cost_explorer=False, data_export=f"s3://{_BUCKET}/{_EXPORT}")
        seconds, charges = _synced(settings, session)
        _say(f"Data export, Parquet of {len(body) / 1e6:.0f} MB", seconds, charges)
        _say("  Arrow alone", timed(lambda: parquet.read_table(io.BytesIO(body))), charges)
    print(f"most memory held: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _say(what: str, seconds: float, charges: int) -> None:
    print(f"{what:<32} {seconds:7.2f} s  {charges:9,} charges  {charges / seconds:11,.0f} charges/s")


def _synced(settings: AwsSettings, session: boto3.Session) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as folder:
        return synced(settings, session, Path(folder) / "ledger.db")


def _watched(bodies: list[bytes]) -> boto3.Session:
    """A session that keeps what Cost Explorer sends."""
    session = boto3.Session(ACCESS_KEY, SECRET_KEY)
    session.events.register_first(
        "before-parse.cost-explorer", lambda response_dict, **_: bodies.append(response_dict["body"])
    )
    return session


# The vendors ----------------------------------------------------------------------------------------------


@contextmanager
def _served(vendor: Callable[[Connection], None]) -> Iterator[str]:
    """The address of a vendor in another process."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=vendor, args=(there,))
    process.start()
    try:
        yield here.recv()
    finally:
        here.send("stop")
        process.join()


def _cost_explorer(pipe: Connection) -> None:
    with Replayed(_PAGE) as aws:
        pipe.send(aws.url)
        pipe.recv()


def _s3(pipe: Connection) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    pipe.send("http://{}:{}".format(*server.get_host_and_port()))
    pipe.recv()
    server.stop()


def _deliver(s3: object, body: bytes) -> None:
    month = f"BILLING_PERIOD={NOW:%Y-%m}"
    key = f"{_EXPORT}/data/{month}/all-costs-00001.snappy.parquet"
    manifest = json.dumps({"dataFiles": [f"s3://{_BUCKET}/{key}"]}).encode()
    s3.create_bucket(Bucket=_BUCKET)  # type: ignore[attr-defined]  # a client of any service
    for name, content in {key: body, f"{_EXPORT}/metadata/{month}/all-costs-Manifest.json": manifest}.items():
        s3.put_object(Bucket=_BUCKET, Key=name, Body=content)  # type: ignore[attr-defined]  # as above


def _export(rows: int) -> bytes:
    """A month of FOCUS 1.2 as AWS types it: 40 services, 30 accounts, 20,000 resources, tags on each, doubles."""
    dice = np.random.default_rng(7)
    days = dice.integers(1, 23, rows)
    cost = np.round(dice.lognormal(-2, 2, rows), 10)
    resources = dice.integers(0, 20_000, rows)
    service, account = resources % 40, resources % 30

    def words(name: str, numbers: np.ndarray) -> pa.Array:
        found, codes = np.unique(numbers, return_inverse=True)
        return pa.array([f"{name}{number}" for number in found]).take(pa.array(codes))

    instants = np.datetime64("2026-10-31T00:00:00", "ms") + days * np.timedelta64(1, "D")
    keys = pa.array(["user:team", "user:env"] * rows)
    values = pa.array([f"team-{number}" for number in range(20)]).take(pa.array(np.repeat(resources % 20, 2)))
    table = pa.table(
        {
            "BilledCost": cost,
            "EffectiveCost": cost,
            "ListCost": cost * 1.25,
            "ContractedCost": cost,
            "ConsumedQuantity": np.round(dice.random(rows) * 24, 6),
            "ConsumedUnit": words("Hrs", service * 0),
            "BillingAccountId": words("99998888777", service * 0),
            "BillingCurrency": pa.array(["USD"]).take(pa.array(service * 0)),
            "ChargeCategory": pa.array(["Usage"]).take(pa.array(service * 0)),
            "ChargePeriodStart": pa.array(instants + dice.integers(0, 24, rows) * np.timedelta64(1, "h")),
            "ServiceName": words("Amazon Service ", service),
            "SubAccountId": words("1111222233", account),
            "RegionId": words("eu-central-", account % 5),
            "SkuId": words("BoxUsage:", resources % 500),
            "ResourceId": words("i-0", resources),
            "ChargeDescription": words("per hour of box ", resources % 500),
            "Tags": pa.MapArray.from_arrays(pa.array(np.arange(0, 2 * rows + 1, 2), pa.int32()), keys, values),
        }
    )
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    return sink.getvalue()
