"""Another reading is offered where it would give another number, and only there."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from seen import seen

from bot.answering.service import AnswerService, Defaults
from bot.domain.charge import Charge
from bot.domain.errors import NotUnderstood
from bot.domain.feed import Feed
from bot.domain.period import Period

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
GRAIN = frozenset(
    {"ServiceProviderName", "BillingAccountName", "ServiceName", "SubAccountName", "Tags/team", "Tags/product"}
)
DAYS = Period(start=date(2026, 11, 1), end=date(2026, 11, 22))


def charge(day, account, team, product=""):
    """A dollar of S3."""
    return Charge(
        day=day,
        billed_cost=Decimal(1),
        billing_currency="USD",
        billing_account_id="1",
        billing_account_name="aws",
        sub_account_id=account,
        sub_account_name=account,
        service_name="Amazon S3",
        service_category="Storage",
        service_provider_name="AWS",
        tags={"team": team, "product": product},
    )


@pytest.fixture
def asker(ledger):
    """Who answers from a bill whose payer is called as its provider, and where an account is called as a team."""
    whose = (("kepler", "orbit"), ("web", "kepler", "orbit"), ("web", "kepler", "orbit"), ("web", "mars", "mars"))
    result = [charge(day, *who) for day in DAYS for who in whose]
    ledger.replace(Feed(source="aws", name="bill", grain=GRAIN), DAYS, result, synced=NOW)
    return AnswerService(ledger, clock=lambda: NOW, defaults=Defaults(zone=UTC))


def test_what_gives_the_same_number_is_not_offered(asker):
    """The payer "aws" is all of AWS: asking which was meant would be noise."""
    assert asker.read("aws this month").alternatives
    assert asker.ask("aws this month").alternatives == ()


def test_what_gives_another_number_is_offered(asker):
    """The account and the team are two sums: one is answered, the other is a button."""
    reply = asker.ask("kepler this month")
    assert seen(reply).totals[0].amount == 21
    (other,) = reply.alternatives
    assert seen(asker.answer(other.question)).totals[0].amount == 42


def test_what_may_as_well_be_the_one_as_the_other_is_asked(asker):
    """A team and a product of one name: nothing says which is meant, so both are offered and neither is answered."""
    with pytest.raises(NotUnderstood, match="can mean 2 questions") as refusal:
        asker.ask("orbit this month")
    amounts = [seen(asker.ask(choice)).totals[0].amount for choice in refusal.value.choices]
    assert sorted(amounts) == [21, 42]
    assert refusal.value.suggestions == refusal.value.choices


def test_names_of_the_same_charges_are_not_asked(asker):
    """Where team and product are the same charges, there is one number and nothing to ask."""
    assert seen(asker.ask("mars this month")).totals[0].amount == 21


def test_the_noun_beside_a_name_says_which_is_meant(asker):
    """With the key of the tag beside it, a name means one thing."""
    assert seen(asker.ask("product orbit this month")).totals[0].amount == 42
