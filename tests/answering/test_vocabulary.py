"""The words of the language are the ledger's own, as of the last sync."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.errors import NotUnderstood
from bot.domain.feed import Feed
from bot.domain.period import Period
from bot.domain.question import Filter
from bot.domain.scope import Scope

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
DAY = date(2026, 11, 3)
FEED = Feed(source="aws", name="bill", grain=frozenset({"ServiceProviderName", "ServiceName", "SubAccountName"}))


def fill(ledger, *pairs):
    charges = [
        Charge(
            day=DAY,
            billed_cost=Decimal(10),
            billing_currency="USD",
            service_provider_name="AWS",
            service_name=service,
            sub_account_name=account,
            charge_category="Usage",
        )
        for service, account in pairs
    ]
    ledger.replace(FEED, Period(start=date(2026, 11, 1), end=date(2026, 11, 22)), charges, synced=NOW)


@pytest.fixture
def asker(ledger):
    fill(ledger, ("Amazon Redshift", "production"))
    return AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))


def test_new_names_are_known_after_a_sync_and_old_ones_gone(ledger, asker):
    """What a sync brings can be asked for at once, what it took away is unknown again."""
    with pytest.raises(NotUnderstood):
        asker.read("bedrock this month")
    assert asker.read("redshift this month").question.where[0].values == ("Amazon Redshift",)

    fill(ledger, ("Amazon Bedrock", "production"))

    assert asker.read("bedrock this month").question.where[0].values == ("Amazon Bedrock",)
    with pytest.raises(NotUnderstood):
        asker.read("redshift this month")


def test_the_words_are_gathered_once_between_syncs(ledger, asker):
    """Asking again builds nothing anew; a sync does."""
    first = asker.vocabulary()
    assert asker.vocabulary() is first
    fill(ledger, ("Amazon Bedrock", "production"))
    assert asker.vocabulary() is not first


def test_a_name_that_may_not_be_seen_is_an_unknown_word(ledger, asker):
    """Whoever may not see an account does not learn from a refusal, or a suggestion, that it exists."""
    fill(ledger, ("Amazon Redshift", "production"), ("Amazon Redshift", "skunkworks"))
    scope = Scope(where=(Filter(dimension="SubAccountName", values=("production",)),))
    assert asker.read("skunkworks this month").question.where[0].values == ("skunkworks",)
    with pytest.raises(NotUnderstood) as refusal:
        asker.read("skunkwork this month", scope=scope)
    assert "skunkworks" not in str(refusal.value)
