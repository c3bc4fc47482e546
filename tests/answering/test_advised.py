"""What vendors say themselves stands beside our answers, always as theirs."""

from contextlib import ExitStack
from datetime import UTC, date, datetime

import pytest
from seen import seen

from bot.answering.service import AnswerService, Defaults
from bot.app.container import Container
from bot.domain.period import Period, month_of
from bot.domain.question import Filter, Question
from bot.domain.scope import Scope
from bot.ledger import Ledger
from bot.sync.service import sync
from simulators import company
from simulators.demo import providers

NOW = company.NOW
NOVEMBER = month_of(date(2026, 11, 1))
LATELY = Period(start=date(2026, 11, 10), end=date(2026, 11, 22))


@pytest.fixture(scope="module")
def asker(tmp_path_factory):
    """Two vendors that have words of their own, synced for a few weeks."""
    patch = pytest.MonkeyPatch()
    with ExitStack() as stack:
        stack.callback(patch.undo)
        environment = {**providers(stack, lambda: NOW), "PROVIDERS": "aws,gcp", "SPEND_NOW": NOW.isoformat()}
        for name, value in environment.items():
            if name.startswith("AWS_"):
                patch.setenv(name, value)
        ledger = Ledger(tmp_path_factory.mktemp("ledger") / "ledger.db")
        stack.callback(ledger.close)
        assert sync(Container(lambda: environment).sources(), ledger, now=lambda: NOW, since=date(2026, 10, 25)).ok
        yield AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))


def worded(asker, scope=None, **parts):
    """The sentences that are a vendor's own."""
    notes = seen(asker.answer(Question(**parts), scope=scope or Scope())).notes
    return [note for note in notes if "'s own" in note]


def test_the_vendors_own_budgets_stand_beside_ours(asker):
    """Each says whose it is, its limit, and what of it is spent where the vendor tells."""
    assert worded(asker, kind="budgets", period=NOVEMBER) == [
        "AWS's own budget “AWS, all accounts”: $29,927 of $48,000 a month spent.",
        "Google Cloud's own budget “BigQuery”: $9,001 a quarter for BigQuery, team=data.",
        "Google Cloud's own budget “Google Cloud”: $20,000 a month.",
    ]


def test_awss_own_forecast_stands_beside_ours(asker):
    """Of the month that was asked about, and only where the whole bill was."""
    aws = Filter(dimension="ServiceProviderName", values=("AWS",))
    (sentence,) = worded(asker, kind="forecast", period=NOVEMBER, where=(aws,))
    assert sentence.startswith(
        "AWS's own forecast for 22 Nov to 30 Nov: $15,376, 80% likely between $13,838 and $16,914."
    )
    s3 = Filter(dimension="ServiceName", values=("Amazon Simple Storage Service",))
    assert worded(asker, kind="forecast", period=NOVEMBER, where=(s3,)) == []
    google = Filter(dimension="ServiceProviderName", values=("Google Cloud",))
    assert worded(asker, kind="forecast", period=NOVEMBER, where=(google,)) == []
    assert worded(asker, kind="forecast", period=month_of(date(2026, 12, 1)), where=(aws,)) == []


def test_awss_own_anomalies_stand_beside_ours(asker):
    """Those of the days asked about, as far as the filters let them pass."""
    (sentence,) = worded(asker, kind="anomalies", period=LATELY)
    assert sentence.startswith("AWS's own anomaly detection: Amazon SageMaker in data-platform · us-west-2, 17–19 Nov")
    assert "$2,513 more than expected" in sentence
    staging = Filter(dimension="SubAccountName", values=("staging",))
    assert worded(asker, kind="anomalies", period=LATELY, where=(staging,)) == []
    assert worded(asker, kind="anomalies", period=Period(start=date(2026, 11, 1), end=date(2026, 11, 10))) == []


def test_list_prices_of_skus_come_from_googles_catalogue(asker):
    """A SKU's list price, with its unit and where it is from, beside what was paid."""
    sku = asker.read("price of N2 Instance Core running in Americas").question
    result = [value for value in seen(asker.answer(sku)).values if value["kind"] == "list"]
    assert [(item["amount"], item["unit"], item["source"]) for item in result] == [
        ("0.031611", "hour", "gcp's own price list")
    ]
    assert not [
        value for value in seen(asker.answer(sku, scope=Scope(sources=("aws",)))).values if value["kind"] == "list"
    ]


def test_so_much_of_a_sku_is_priced_by_the_list_too(asker):
    """1,000 hours at Google's own list price, and at what was paid; so too where the service is named alone."""
    sku = "N2 Instance Core running in Americas"
    for text in (f"price of 1000 hours of {sku}", "what would 1000 hours of compute engine cost"):
        result = [value for value in seen(asker.ask(text)).values if value["what"] == {"SkuId": sku}]
        assert {item["kind"] for item in result} == {"list", "paid"}
        assert next(item["total"] for item in result if item["kind"] == "list") == "31.611"


def test_who_sees_a_part_is_told_none_of_it(asker):
    """None of this can be narrowed to a scope, so it is not told within one."""
    narrow = Scope(where=(Filter(dimension="SubAccountName", values=("staging",)),))
    assert worded(asker, scope=narrow, kind="budgets", period=NOVEMBER) == []
    assert worded(asker, scope=Scope(sources=("gcp",)), kind="anomalies", period=LATELY) == []


def test_it_is_dated_by_the_sync_that_learnt_it(asker):
    """A list price carries the day it was read."""
    sku = asker.read("price of N2 Instance Core running in Americas").question
    days = {value["as_of"] for value in seen(asker.answer(sku)).values if value["kind"] == "list"}
    assert days == {datetime.date(NOW).isoformat()}
