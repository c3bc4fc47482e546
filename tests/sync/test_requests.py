"""What a full sync of the simulated company costs in Cost Explorer requests, and that it comes out right."""

import json
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal

import boto3
import pytest

from bot.domain.period import DAY, Period
from bot.ledger import Ledger
from bot.providers.aws import Aws, AwsSettings
from bot.providers.aws.groupings import charge_category
from bot.sync.service import sync
from simulators.aws.server import ACCESS_KEY, SECRET_KEY, AwsSimulator

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ALL = Period(start=date(2025, 10, 1), end=date(2026, 11, 23))
WINDOW = Period(start=date(2026, 11, 1), end=date(2026, 11, 23))


class Synced:
    """Two syncs of 14 months in a row, and what each asked for."""

    def __init__(self, path):
        self.simulator = AwsSimulator(lambda: NOW, page=1_000).start()
        self.ledger = Ledger(path)
        settings = AwsSettings(endpoint_url=self.simulator.url, feeds="region, tags, models")
        session = boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)
        opens = {"aws": lambda meter: Aws(settings, meter=meter, clock=lambda: NOW, session=lambda: session)}
        self.asked = []
        self.reports = []
        for _ in range(2):
            before = self.simulator.count
            self.reports.append(sync(opens, self.ledger, now=lambda: NOW).sources[0])
            fresh = list(self.simulator.log)[before - self.simulator.count :]
            self.asked.append([json.loads(item.body) for item in fresh if b"Granularity" in item.body])

    def close(self):
        """Ends both."""
        self.simulator.close()
        self.ledger.close()


@pytest.fixture(scope="module")
def synced(tmp_path_factory):
    """The company, synced twice."""
    both = Synced(tmp_path_factory.mktemp("ledger") / "ledger.db")
    yield both
    both.close()


def costs(asked):
    """The pulls of costs among the requests."""
    return [item for item in asked if "Metrics" in item]


def test_a_full_first_sync_makes_no_more_requests_than_pages_exist(synced):
    """14 months: one ask a feed and charge category, each of its pages once, none twice."""
    pulls = costs(synced.asked[0])
    assert len({json.dumps(pull, sort_keys=True) for pull in pulls}) == len(pulls)
    asks = {json.dumps({**pull, "NextPageToken": ""}, sort_keys=True): pull for pull in pulls}
    pages = sum(pages_of(synced.simulator, ask) for ask in asks.values())
    assert len(pulls) == pages
    assert len(asks) == 6 + 1 + 1 + 3  # record types and five categories; regions; teams; models


def pages_of(simulator, ask):
    """How many pages the vendor has for an ask, from its own books."""
    rows = simulator._told({**ask, "NextPageToken": ""}, period(ask), first=True)
    return -(-len(rows) // simulator.page)


def period(ask):
    """The days asked for."""
    days = ask["TimePeriod"]
    return Period(start=date.fromisoformat(days["Start"]), end=date.fromisoformat(days["End"]))


def test_a_second_sync_right_after_asks_for_one_window_at_most(synced):
    """Only days that may have moved, each once."""
    pulls = costs(synced.asked[1])
    assert all(WINDOW.start <= period(pull).start and period(pull).end <= WINDOW.end for pull in pulls)
    assert len(pulls) <= 11
    assert synced.reports[1].cost <= Decimal("0.15")


def test_totals_by_day_and_service_are_the_simulators_truth(synced):
    """Every feed comes to the truth: by day, by service, by account and charge category, to the last digit."""
    truth = {(day, "USD"): synced.simulator.truth(Period(start=day, end=day + DAY))["USD"] for day in ALL}
    by_service, by_account = defaultdict(Decimal), defaultdict(Decimal)
    for line in (line for day in ALL for line in synced.simulator.lines(day)):
        by_service[line.service] += line.net_unblended
        by_account[line.account, charge_category(line.record_type)] += line.net_unblended
    for feed in synced.ledger.feeds():
        days = synced.ledger.covered(feed)
        assert synced.ledger.daily(feed, days) == {key: item for key, item in truth.items() if key[0] in days}
        if days == ALL:
            assert totals(synced.ledger, feed, "ServiceName") == {
                (name,): amount for name, amount in by_service.items() if amount
            }
    bill = synced.ledger.feeds()[0]
    found = totals(synced.ledger, bill, "SubAccountId", "ChargeCategory")
    assert found == {key: amount for key, amount in by_account.items() if amount}


def totals(ledger, feed, *by):
    """Billed cost over all days, by some dimensions, zeros left out."""
    groups = ledger.totals(feed, "BilledCost", [ALL.start, ALL.end], by=by)
    return {group.key: sum(group.amounts) for group in groups if sum(group.amounts)}
