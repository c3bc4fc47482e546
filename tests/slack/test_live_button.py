"""The button that asks a vendor for money, with the price on it."""

import json
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from slack_app import NOW, running

from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.feed import Feed, Freshness
from bot.domain.live_query import LivePrice, LiveResult
from bot.domain.period import DAY, Period
from simulators.slack import MEMBER

DAYS = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
ACCOUNTS = Feed(source="aws", name="bill", grain=frozenset({"ServiceProviderName", "ServiceName", "SubAccountName"}))
REGIONS = Feed(source="aws", name="region", grain=frozenset({"ServiceProviderName", "ServiceName", "RegionId"}))


def charge(day=DAYS.start, **columns):
    """What one account paid in one region."""
    return Charge(
        day=day,
        billed_cost=Decimal("123.45"),
        billing_currency="USD",
        service_provider_name="AWS",
        service_name="Amazon S3",
        **columns,
    )


class Vendor:
    """A vendor that can be asked live, for a cent."""

    def __init__(self):
        self.asked = []
        self.told = {}

    def price(self, source, wanted):
        """A cent, ten at most."""
        assert (source, wanted.by) == ("aws", ("SubAccountName", "RegionId"))
        return LivePrice(Decimal("0.01"), Decimal("0.10"))

    def console_url(self, *_asked):
        """No page."""

    def known(self, source, wanted):
        """What was asked before."""
        return self.told.get((source, wanted))

    def ask(self, source, wanted):
        """One account in one region."""
        self.asked.append((source, wanted))
        result = [charge(sub_account_name="production", region_id="us-east-1")]
        return LiveResult(result, wanted.days, NOW, 1, Decimal("0.01"))


@pytest.fixture
def vendor():
    """Nothing asked yet."""
    return Vendor()


@pytest.fixture
def run(ledger, vendor):
    """The app at work on two views of a bill that overlap."""
    ledger.replace(ACCOUNTS, DAYS, [charge(sub_account_name="production")], synced=NOW)
    ledger.replace(REGIONS, DAYS, [charge(region_id="us-east-1")], synced=NOW)
    ledger.fresh(Freshness(source="aws", synced=NOW, data_through=DAYS.end, final_through=DAYS.start - DAY))
    asker = AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=ZoneInfo("UTC")), live=lambda: vendor)
    with running(asker, ledger.memory) as office:
        yield office


def buttons(message):
    """Every button by what it says."""
    rows = (block["elements"] for block in message["blocks"] if block["type"] == "actions")
    return {item["text"]["text"]: item for row in rows for item in row if item["type"] == "button"}


def test_a_gap_that_a_paid_request_would_fill_has_a_button_with_its_price(run, vendor):
    """Asking costs nothing; the button names the price; pressed, the answer is whole and says what it cost."""
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "last month by account and region")
    message = run.answer("#cloud-costs", MEMBER)
    assert "Ask AWS now ($0.01)" in buttons(message)
    assert vendor.asked == []
    pressed = buttons(message)["Ask AWS now ($0.01)"]
    run.ws.click(MEMBER, message["ts"], pressed["action_id"], pressed["value"])
    answer = run.answer("#cloud-costs", MEMBER, count=2)
    assert len(vendor.asked) == 1
    assert "$123.45" in answer["text"]
    assert "This answer made 1 paid request ($0.01)." in json.dumps(answer["blocks"])
    assert not any("Ask AWS" in words for words in buttons(answer))


def test_an_answer_without_such_a_gap_offers_nothing(run, vendor):
    """What the ledger tells is never offered for money."""
    run.ws.slash(MEMBER, "#cloud-costs", "/spend", "last month by region")
    assert not any("Ask" in words for words in buttons(run.answer("#cloud-costs", MEMBER)))
    assert vendor.asked == []
