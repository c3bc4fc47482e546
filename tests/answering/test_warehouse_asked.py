"""Questions that only a warehouse answers: what is asked of it, and that it agrees with the ledger."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet
from seen import seen

from bot.answering.service import AnswerService, Defaults
from bot.domain.period import month_of
from bot.domain.question import Filter, Question
from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.providers.warehouse import Warehouse, WarehouseSettings
from bot.sync.live_query import LiveQueryService
from bot.sync.service import sync

NOW = datetime(2026, 11, 5, 9, tzinfo=UTC)
OCTOBER = month_of(date(2026, 10, 1))
BUCKET = Filter(dimension="ResourceId", values=("bucket-1",))
ROW = {"ServiceProviderName": "AWS", "ServiceName": "Amazon S3", "RegionId": "eu-central-1", "BillingCurrency": "USD"}


def lay(folder, name, amounts):
    """A file of the lake: what each resource cost on one day of October."""
    rows = [
        {**ROW, "ChargePeriodStart": datetime(2026, 10, 3, 5, tzinfo=UTC), "ResourceId": resource, "BilledCost": cost}
        for resource, cost in amounts.items()
    ]
    schema = pa.schema([
        ("ChargePeriodStart", pa.timestamp("us", "UTC")),
        ("BilledCost", pa.decimal128(38, 18)),
        *((column, pa.string()) for column in (*ROW, "ResourceId")),
    ])  # fmt: skip
    parquet.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{name}.parquet")


class Lake:
    """Parquet files as a warehouse, pulled once, and who answers."""

    def __init__(self, folder):
        self.folder, self.ledger = folder, Ledger(folder / "ledger.db")
        lay(folder, "first", {"bucket-1": Decimal("10.000000000000000001"), "bucket-2": Decimal("5.5")})
        settings = WarehouseSettings(engine="duckdb", table=f"{folder}/*.parquet", price_per_tib=Decimal(5))
        self.opens = {"lake": lambda meter: Warehouse(settings, meter=meter, clock=lambda: NOW, source="lake")}
        assert sync(self.opens, self.ledger, now=lambda: NOW).ok

    def ask(self, *, scope=None, live=True, **parts):
        """The answer about October, with nothing asked lately."""
        asked = LiveQueryService(lambda: self.opens, self.ledger, now=lambda: NOW, ceiling=Decimal(10))
        service = AnswerService(self.ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC), live=lambda: asked)
        return seen(service.answer(Question(period=OCTOBER, **parts), live=live, scope=scope or Scope()))


@pytest.fixture
def lake(tmp_path):
    """Two buckets, pulled."""
    lake = Lake(tmp_path)
    yield lake
    lake.ledger.close()


def notes(answer):
    """What is said of the ledger."""
    return [note for note in answer.notes if "ledger has" in note]


def test_one_resource_is_exact_and_checked_against_the_ledger(lake):
    """The bucket's cost to the last digit; the whole agrees, so nothing is said; both queries are counted."""
    answer = lake.ask(where=(BUCKET,))
    assert answer.totals[0].amount == Decimal("10.000000000000000001")
    assert notes(answer) == []
    assert answer.requests.made == 2


def test_a_resource_is_compared_without_its_filter(lake):
    """The ledger knows no resources: what it can check, all of these days, no longer agrees, and both are named."""
    lay(lake.folder, "late", {"bucket-2": Decimal("0.25")})
    answer = lake.ask(where=(BUCKET,))
    assert answer.totals[0].amount == Decimal("10.000000000000000001")
    assert notes(answer) == ["lake reports $15.75 for these days without that filter; the ledger has $15.50 (+$0.25)."]


def test_a_breakdown_is_compared_as_it_is(lake):
    """By resource the answer itself must add up to what the ledger has."""
    lay(lake.folder, "late", {"bucket-2": Decimal("0.25")})
    (note,) = notes(lake.ask(by=("ResourceId",)))
    assert note.startswith("lake reports $15.75 in total; the ledger has $15.50")


def test_whoever_may_see_one_resource_is_told_of_no_total(lake):
    """The whole is not theirs to see, not even as a difference."""
    lay(lake.folder, "late", {"bucket-2": Decimal("0.25")})
    answer = lake.ask(scope=Scope(where=(BUCKET,)))
    assert answer.totals[0].amount == Decimal("10.000000000000000001")
    assert (notes(answer), answer.requests.made) == ([], 1)


def test_the_offer_names_the_price_of_the_question_and_its_check(lake):
    """Bytes of both queries, before either is run."""
    (broken_down,) = lake.ask(by=("ResourceId",), live=False).gaps
    (filtered,) = lake.ask(where=(BUCKET,), live=False).gaps
    assert filtered.price > broken_down.price > 0
