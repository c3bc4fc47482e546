"""What commitments, discounts and credits saved."""

from datetime import date
from decimal import Decimal

from bot.costs.savings import Costs, Grant, outlook, savings

BY = ("ChargeCategory", "CommitmentDiscountStatus", "PricingCategory", "ServiceName")
KNOWN = ("ListCost", "ContractedCost", "EffectiveCost")
TODAY = date(2026, 11, 22)


def row(category, status, pricing, service, *costs, currency="USD"):
    """List, contracted, effective and billed cost of one key."""
    return Costs((category, status, pricing, service), currency, *map(Decimal, costs))


ROWS = [
    row("Usage", "", "Standard", "EC2", "100", "90", "90", "90"),
    row("Usage", "Used", "Committed", "EC2", "300", "270", "180", "0"),
    row("Usage", "Unused", "Committed", "EC2", "0", "0", "20", "0"),
    row("Usage", "", "Dynamic", "EC2", "50", "50", "20", "20"),
    row("Usage", "", "Standard", "S3", "40", "40", "40", "40"),
    row("Purchase", "", "", "Savings Plans", "200", "200", "0", "200"),
    row("Credit", "", "", "EC2", "-15", "-15", "-15", "-15"),
    row("Adjustment", "", "", "EC2", "-5", "-5", "-5", "-5"),
    row("Adjustment", "", "", "EC2", "3", "3", "3", "3"),
    row("Tax", "", "", "Tax", "30", "30", "30", "30"),
]


def test_every_part_is_told_and_adds_up():
    """Negotiated rates, commitments less what nobody used, discounts, credits, refunds; charges are no savings."""
    [told] = savings(BY, ROWS, KNOWN)
    assert (told.negotiated, told.commitments, told.unused) == (40, 70, 20)
    assert (told.discounts, told.credits, told.refunds) == (30, 15, 5)
    assert told.total == 160
    assert told.unknown == ()


def test_coverage_and_utilisation():
    """270 of 360 of what commitments could cover are covered; 180 of 200 of the commitments were used."""
    [told] = savings(BY, ROWS, KNOWN)
    assert (told.coverage, told.utilisation) == (Decimal("0.75"), Decimal("0.9"))
    assert told.sentence(lambda amount, _: f"${amount:.0f}") == (
        "$160 saved: $40 by negotiated rates, $70 by commitments, $30 by discounts, $15 by credits, $5 by refunds; "
        "90 % of the commitments used"
    )


def test_what_a_feed_does_not_know_is_not_said_to_be_zero():
    """Cost Explorer has no list cost and, by service, no commitments: both are unknown, credits are known."""
    rows = [Costs(("Usage",), "USD", *[Decimal(9)] * 4), Costs(("Credit",), "USD", *[Decimal(-2)] * 4)]
    [told] = savings(("ChargeCategory",), rows, ("EffectiveCost",))
    assert (told.negotiated, told.commitments, told.credits, told.total) == (None, None, 2, 2)
    assert told.as_json() == {
        "currency": "USD", "negotiated": None, "commitments": None, "unused": None, "discounts": None,
        "credits": "2", "refunds": "0", "total": "2", "coverage": None, "utilisation": None,
        "unknown": ["negotiated", "commitments", "discounts"],
    }  # fmt: skip
    assert told.sentence().endswith("not known: negotiated, commitments, discounts")


def test_without_commitments_there_is_nothing_to_use():
    """No commitment: coverage and utilisation are null, not zero and not an error."""
    [told] = savings(BY, [ROWS[0]], KNOWN)
    assert (told.coverage, told.utilisation, told.commitments) == (None, None, 0)


def test_currencies_are_apart():
    """One entry a currency, none for no rows."""
    euros = row("Credit", "", "", "x", "-1", "-1", "-1", "-1", currency="EUR")
    assert [(each.currency, each.credits) for each in savings(BY, [*ROWS, euros], KNOWN)] == [("EUR", 1), ("USD", 15)]
    assert savings(BY, [], KNOWN) == ()


def grant(left, expires=None):
    """A grant of dollars."""
    return Grant("gcp", "migration", "USD", Decimal(left), expires)


def test_credits_left_run_out_at_the_pace_of_late():
    """A hundred at ten a day last ten days."""
    told = outlook(grant(100, date(2026, 12, 31)), TODAY, [Decimal(99)] * 5 + [Decimal(10)] * 28)
    assert told.as_json() == {
        "source": "gcp", "name": "migration", "currency": "USD", "left": "100", "expires": "2026-12-31",
        "used_up": "2026-12-02", "lost": "0",
    }  # fmt: skip


def test_credits_that_expire_first_are_lost():
    """What is not used by the last day is said to be lost."""
    told = outlook(grant(100, date(2026, 11, 27)), TODAY, [Decimal(10)] * 28)
    assert (told.used_up, told.lost) == (None, 50)


def test_credits_nobody_uses():
    """Without use there is no day on which they run out; used up is used up."""
    assert outlook(grant(100), TODAY, []).used_up is None
    assert outlook(grant(0), TODAY, [Decimal(1)]).used_up == TODAY
