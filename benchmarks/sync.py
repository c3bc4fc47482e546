"""``spend sync`` of 14 months beside its bare limit: parsing the JSON of the same replies; and what is asked.

The simulated AWS answers from memory the second time, so that what is measured is the adapter, the ledger and HTTP.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import boto3
import structlog

from bot.app.container import Container
from bot.ledger import Ledger
from bot.providers.aws import Aws, AwsSettings
from bot.sync.service import sync
from simulators.aws.server import ACCESS_KEY, SECRET_KEY, AwsSimulator
from simulators.company import NOW
from simulators.demo import providers
from simulators.http_server import Reply, Request


class Replayed(AwsSimulator):
    """Answers what it was asked before from memory."""

    def __init__(self, page: int) -> None:
        super().__init__(lambda: NOW, page=page)
        self.told: dict[bytes, Reply] = {}

    def answer(self, request: Request) -> Reply:
        """The reply given before, or a new one."""
        key = request.headers.get("x-amz-target", "").encode() + request.body
        if key not in self.told:
            self.told[key] = super().answer(request)
        return self.told[key]


def run(page: int = 3_000) -> None:
    """Print charges per second and the ratio."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with Replayed(page) as aws, tempfile.TemporaryDirectory() as folder:
        settings, session = AwsSettings(endpoint_url=aws.url), boto3.Session(ACCESS_KEY, SECRET_KEY)
        synced(settings, session, Path(folder) / "first.db")
        ours, charges = synced(settings, session, Path(folder) / "second.db")
        bodies = [reply.body for reply in aws.told.values()]
    bare = timed(lambda: [json.loads(body) for body in bodies if body.startswith(b"{")])
    print(f"{charges:,} charges in {len(bodies)} replies, {sum(map(len, bodies)) / 1e6:.1f} MB")
    print(f"spend sync        {ours:6.2f} s  {charges / ours:10,.0f} charges/s")
    print(f"json.loads alone  {bare:6.2f} s  {charges / bare:10,.0f} charges/s")
    print(f"ratio             {ours / bare:6.1f} x")
    _requests()


def _requests() -> None:
    """What all four providers are asked by a first sync of 14 months, and by a second one right after."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        ledger = f"sqlite:///{folder}/ledger.db"
        environment = {**providers(stack, lambda: NOW), "SPEND_NOW": NOW.isoformat(), "LEDGER_URL": ledger}
        os.environ.update({name: value for name, value in environment.items() if name.startswith("AWS_")})
        container = Container(lambda: environment)
        for which in ("first", "second"):
            began = time.monotonic()
            report = sync(container.sources(), container.ledger, now=container.clock)
            for source in report.sources:
                charges = sum(feed.charges for feed in source.feeds)
                print(
                    f"{which:<7} {source.source:<10} {source.requests:5} requests {source.cost:>12f} USD "
                    f"{charges:8,} charges"
                )
            print(f"{which:<7} all four   {time.monotonic() - began:5.0f} s, side by side, simulators included")
        container.ledger.close()


def synced(settings: AwsSettings, session: boto3.Session, path: Path) -> tuple[float, int]:
    """Processor seconds of a first sync into a new ledger, and how many charges came."""
    ledger = Ledger(path)
    began = time.process_time()
    report = sync(
        {"aws": lambda meter: Aws(settings, meter=meter, clock=lambda: NOW, session=lambda: session)},
        ledger,
        now=lambda: NOW,
    )
    took = time.process_time() - began
    ledger.close()
    return took, sum(feed.charges for feed in report.sources[0].feeds)


def timed(work: Callable[[], object]) -> float:
    """Processor seconds of the work."""
    began = time.process_time()
    work()
    return time.process_time() - began
