"""OpenAI and Anthropic, pulled into a real ledger from their simulators."""

from datetime import date
from decimal import Decimal

import pytest

from bot.domain.money import total
from bot.domain.period import DAY, Period
from bot.providers.anthropic import Anthropic, AnthropicSettings
from bot.providers.openai import OpenAI, OpenAISettings
from bot.sync.service import Patience, sync
from simulators.anthropic import bill as anthropic_bill
from simulators.anthropic import server as claude
from simulators.company import NOW
from simulators.openai import bill as openai_bill
from simulators.openai import server

KEPT = Period(start=date(2025, 10, 1), end=date(2026, 11, 23))
AT_ONCE = Patience(attempts=3, seconds=10)


def thinned(bill):
    """The bill of two days a month, and of the last days."""
    return lambda day: bill.lines(day) if day.day in (1, 17) or day >= date(2026, 11, 20) else ()


@pytest.fixture
def vendors():
    """Both vendors, two days a month."""
    with (
        server.OpenAISimulator(lambda: NOW, lines=thinned(openai_bill)) as first,
        claude.AnthropicSimulator(lambda: NOW, lines=thinned(anthropic_bill)) as second,
    ):
        yield {"openai": first, "anthropic": second}


def pull(vendors, ledger):
    """One sync of both."""

    def opened(meter):
        settings = OpenAISettings(admin_key=server.ADMIN_KEY, base_url=f"{vendors['openai'].url}/v1")
        return OpenAI(settings, meter=meter, clock=lambda: NOW)

    def other(meter):
        settings = AnthropicSettings(admin_key=claude.ADMIN_KEY, base_url=vendors["anthropic"].url)
        return Anthropic(settings, meter=meter, clock=lambda: NOW)

    return sync({"openai": opened, "anthropic": other}, ledger, now=lambda: NOW, patience=AT_ONCE)


def agree(vendors, ledger):
    """Every feed in the ledger comes to the vendor's truth of every day that it reaches back to."""
    for feed in ledger.feeds():
        days = ledger.covered(feed)
        assert days.start == (date(2026, 1, 1) if {"Tags/speed", "Tags/context window"} & feed.grain else KEPT.start)
        result = {key: amount for key, amount in ledger.daily(feed, days).items() if amount}
        truth = {
            (day, "USD"): amount
            for day in days
            if (amount := vendors[feed.source].truth(Period(start=day, end=day + DAY)).get("USD", Decimal(0)))
        }
        assert result == truth, feed.name
    assert len(ledger.feeds()) == 10


def whole(vendors, ledger):
    """The breakdown of each feed by what it adds comes to the vendor's total."""
    for feed in ledger.feeds():
        by = next((name for name in ("x_ApiKeyName", "x_UserName") if name in feed.grain), "SubAccountName")
        days = ledger.covered(feed)
        groups = ledger.totals(feed, "BilledCost", [days.start, days.end], by=[by], where=())
        assert len(groups) > 2
        assert total([group.amounts[0] for group in groups]) == vendors[feed.source].truth(days)["USD"]


def test_the_ledger_equals_the_truth_of_14_months(vendors, ledger):
    """The first sync takes all that is kept, to the last digit; the next one a window, and changes nothing."""
    first = pull(vendors, ledger)
    assert [(source.status, source.warnings) for source in first.sources] == [("ok", []), ("ok", [])]
    agree(vendors, ledger)
    whole(vendors, ledger)
    again = pull(vendors, ledger)
    assert sum(feed.restated for source in again.sources for feed in source.feeds) == 0
    assert all(after.requests < before.requests / 4 for before, after in zip(first.sources, again.sources, strict=True))
    agree(vendors, ledger)


def test_a_throttled_vendor_is_asked_again_and_restatements_land(vendors, ledger):
    """Throttled twice then well; a day told anew and a project gone are so in the ledger after the next sync."""
    pull(vendors, ledger)
    vendors["openai"].restate(date(2026, 11, 17))
    vendors["openai"].vanish(date(2026, 11, 20), openai_bill.VISION)
    vendors["anthropic"].restate(date(2026, 11, 1), Decimal("0.5"))
    vendors["openai"].fail(server.failure(429, "Rate limit reached", retry_after=0), times=2)
    vendors["anthropic"].fail(claude.OVERLOADED, after=2)
    report = pull(vendors, ledger)
    assert [source.status for source in report.sources] == ["ok", "ok"]
    agree(vendors, ledger)
