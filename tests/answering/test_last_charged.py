"""What came to nothing says when it last came to something, so that a wrong filter is not taken for a saving."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from seen import text

from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.feed import Feed
from bot.domain.period import Period
from bot.domain.question import DIMENSIONS, Filter, Question
from bot.ledger import Ledger

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAYS = Period(start=date(2026, 9, 1), end=date(2026, 11, 22))
OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
SEPTEMBER = Period(start=date(2026, 9, 1), end=date(2026, 10, 1))


@pytest.fixture(scope="module")
def asker(tmp_path_factory):
    """Disks were charged until 12 September, servers every day; no disk is of the category Compute."""
    ledger = Ledger(tmp_path_factory.mktemp("last") / "ledger.db")
    feed = Feed(source="acme", name="fine", grain=frozenset(DIMENSIONS))
    charges = [_charge(day, "Servers", "Compute") for day in DAYS]
    charges += [_charge(day, "Disks", "Storage") for day in DAYS if day <= date(2026, 9, 12)]
    ledger.replace(feed, DAYS, charges, synced=NOW)
    yield AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))
    ledger.close()


def _charge(day, service, category):
    return Charge(day=day, service_provider_name="Acme", service_name=service, service_category=category,
                  billing_currency="USD", billed_cost=Decimal(5))  # fmt: skip


def _on(service, category=None):
    wanted = {"ServiceName": service, "ServiceCategory": category}
    return tuple(Filter(dimension=name, values=(value,)) for name, value in wanted.items() if value)


@pytest.mark.parametrize(
    ("where", "period", "sentence"),
    [
        (_on("Disks"), OCTOBER, "$0.00 on Disks, October 2026. Last charged: 12 Sep 2026."),
        (_on("Disks", "Compute"), OCTOBER, "$0.00 on Disks on Compute, October 2026. No charge ever matched"),
        (_on("Disks"), SEPTEMBER, "$60.00 on Disks, September 2026."),
    ],
)
def test_a_zero_says_when_it_was_last_more(asker, where, period, sentence):
    """The last day with charges that match; or that none ever did; nothing beside what is no zero."""
    reply = asker.answer(Question(period=period, where=where))
    assert text(reply).startswith(sentence)
    assert ("Last charged" in text(reply)) == ("Last charged" in sentence)
