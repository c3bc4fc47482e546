"""What a month of asking AWS costs, by size of company: ``python -m scripts.aws_month [accounts …]``.

Runs what the scheduler runs, every third hour of a simulated month, against the simulated Cost Explorer with three cost
allocation tags; the month in which the bot is set up, then the two after it. Prints requests and dollars by
operation, and for how many hours the bill was older than a day and a half.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import structlog

from bot.ledger import Ledger
from bot.ledger.month_plan import month_plan
from bot.providers.aws import Aws, AwsSettings
from bot.sync.service import sync
from simulators.aws import bill
from simulators.aws.server import ACCESS_KEY, SECRET_KEY, AwsSimulator

CEILING = Decimal(10)
STALE, STEP = timedelta(hours=36), timedelta(hours=3)
_DEMO = len(bill.ACCOUNTS)
_TAGS = "team, environment, cost-center"


def company(accounts: int) -> Iterator[str]:
    """Account ids: of the demo's company first, then made up."""
    names = list(bill.ACCOUNTS)
    for number in range(accounts):
        id_ = names[number] if number < len(names) else f"9{number:011}"
        bill.ACCOUNTS.setdefault(id_, f"team-{number}")
        yield id_


def lines_of(accounts: list[str]) -> Callable[[date], tuple[bill.Line, ...]]:
    """The demo's bill of a day, its usage spread over so many accounts in turn."""
    demo = list(bill.ACCOUNTS)[:_DEMO]

    @lru_cache(maxsize=512)
    def lines(day: date) -> tuple[bill.Line, ...]:
        own = [line for line in bill.lines(day) if len(accounts) > 1 or line.account == demo[0]]
        copies = max(1, len(accounts) // _DEMO)
        return tuple(
            replace(line, account=accounts[(demo.index(line.account) + _DEMO * copy) % len(accounts)])
            for copy in range(copies)
            for line in own
        )

    return lines


def measure(accounts: int, ceiling: Decimal = CEILING) -> None:
    """Prints two months of a company."""
    now = [datetime(2026, 9, 1, 6, 0, tzinfo=UTC)]
    chosen = list(company(accounts))
    with AwsSimulator(lambda: now[0], lines=lines_of(chosen)) as simulator, tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.db")
        settings = AwsSettings(endpoint_url=simulator.url, tag_keys=_TAGS)
        opens = {"aws": lambda meter: Aws(settings, meter=meter, clock=lambda: now[0])}
        for month in ("of setting up", "after it", "after that"):
            first, stale, worst = now[0], 0, timedelta(0)
            asked = Counter[str]()
            simulator.log.clear()
            while now[0].month == first.month:
                sync(opens, ledger, now=lambda: now[0], by_hand=False, ceiling=ceiling)
                fresh = {item.source: item.synced for item in ledger.freshness()}
                age = now[0] - fresh["aws"] if fresh else timedelta(0)
                stale, worst = stale + (age > STALE), max(worst, age)
                asked.update(_operation(request.headers) for request in simulator.log)
                simulator.log.clear()
                now[0] += STEP
            last = now[0] - STEP
            cost = ledger.requests.spent(last.date())
            paid = int(cost / Decimal("0.01"))
            plan = month_plan(ledger.memory, ledger.requests, last)
            worst_hours = worst.total_seconds() / 3600
            text = [
                f"{accounts} accounts, the month {month}: {paid} paid requests, ${cost:.2f};",
                f"the bill at most {worst_hours:.0f} hours old, {stale * 3} hours over a day and a half.",
                plan.sentence() if plan else "",
                str(dict(asked)),
            ]
            sys.stdout.write(" ".join(text) + "\n")
        days = {feed.name: ledger.covered(feed) for feed in ledger.feeds()}
        sys.stdout.write(f"    known from {', '.join(f'{name}: {day.start}' for name, day in days.items() if day)}\n")
        ledger.close()


def _operation(headers: Mapping[str, str]) -> str:
    return headers.get("x-amz-target", "sts").rpartition(".")[2]


if __name__ == "__main__":
    os.environ |= {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    for size in sys.argv[1:] or ("1", "20", "200"):
        measure(int(size))
