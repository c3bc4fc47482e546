"""One currency without an exchange rate changes nothing for those that have one, and is never added to them."""

from decimal import Decimal

import pytest
from seen import text
from test_conversion import EUROS, SEPTEMBER, amount, both, dollars, near, reply, tell, worth

from bot.answering.reference_data import ecb
from bot.domain.errors import NotUnderstood
from bot.domain.question import Filter, Threshold

__all__ = ["both", "dollars"]  # fixtures

_YEN = {"Compute": "100"}


@pytest.fixture
def many(both):
    """Dollars, euros, yen, and pesos, which no bank here gives a rate for."""
    tell(both, "focus", "JPY", _YEN)
    tell(both, "pesos", "ARS", {"Corral": "90000"})
    return both


def services(reply):
    """The services of the lines, in order."""
    return [line.key["ServiceName"] for line in reply.answer.lines]


def provider(name):
    """Only that provider."""
    return (Filter(dimension="ServiceProviderName", values=(name,)),)


def test_one_line_without_a_rate_leaves_the_ranking_by_what_others_are_worth(many):
    """A hundred yen stay below a dollar, whether there are pesos or not; the pesos come after what can be compared."""
    ranked = services(reply(many, currency=None, by=("ServiceName",)))

    assert ranked.index("EC2") < ranked.index("BigQuery") < ranked.index("Compute")
    assert "ARS" in text(reply(many, currency=None, by=("ServiceName",)))


def test_a_limit_is_held_against_what_is_worth_that_much(many):
    """Three thousand yen are not over a hundred dollars."""
    over = Threshold(op=">", amount=Decimal(100))

    found = reply(many, currency=None, by=("ServiceName",), threshold=over).answer
    assert "Compute" not in {line.key["ServiceName"] for line in found.lines if not line.other}


def test_a_share_adds_up_no_two_currencies_bare(many):
    """The part and the whole are worth of one currency at each day's rate; pesos are in neither."""
    share = reply(many, currency=None, share_of=(), where=provider("Google Cloud")).answer.share
    euros = sum(worth(*item, SEPTEMBER, "EUR", "USD") for item in EUROS.items())
    yen = sum(amount("Compute", _YEN["Compute"], day) * ecb(day, "JPY", "USD")[0] for day in SEPTEMBER)

    assert share.currency == "USD"
    assert near(share.part, euros)
    plain = reply(many, currency=None, where=provider("AWS")).answer.totals[0].amount
    assert near(share.whole, euros + yen + plain)


def test_a_share_of_what_has_no_rate_is_refused(many):
    """It is no zero: which rate there is none of is said."""
    with pytest.raises(NotUnderstood, match="no exchange rate from ARS to USD"):
        reply(many, currency=None, share_of=(), where=provider("Pampa"))
