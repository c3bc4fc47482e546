"""What commitments, discounts and credits saved."""

from decimal import Decimal

from bot.analytics.savings import CREDIT, Costs, savings, together
from bot.render.answer_json import savings_json

BY = ("ChargeCategory", "CommitmentDiscountStatus", "PricingCategory", "ServiceName")
KNOWN = ("ListCost", "ContractedCost", "EffectiveCost", "CommitmentDiscountStatus", CREDIT)


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
    [result] = savings("aws", BY, ROWS, KNOWN)
    assert (result.negotiated, result.commitments, result.unused) == (40, 70, 20)
    assert (result.discounts, result.credits, result.refunds) == (30, 15, 5)
    assert result.total == 160
    assert result.unknown == {}


def test_coverage_and_utilisation():
    """270 of 360 of what commitments could cover are covered; 180 of 200 of the commitments were used."""
    [result] = savings("aws", BY, ROWS, KNOWN)
    assert (result.coverage, result.utilization) == (Decimal("0.75"), Decimal("0.9"))


def test_what_a_feed_does_not_know_is_not_said_to_be_zero():
    """Cost Explorer has no list cost and, by service, no commitments: both are unknown, credits are known."""
    rows = [Costs(("Usage",), "USD", *[Decimal(9)] * 4), Costs(("Credit",), "USD", *[Decimal(-2)] * 4)]
    [result] = savings("aws", ("ChargeCategory",), rows, ("EffectiveCost", CREDIT))
    assert (result.negotiated, result.commitments, result.credits, result.total) == (None, None, 2, 2)
    assert savings_json(result) == {
        "currency": "USD", "negotiated": None, "commitments": None, "unused": None, "discounts": None,
        "credits": "2", "refunds": "0", "total": "2", "coverage": None, "utilisation": None,
        "unknown": {"negotiated": ["aws"], "commitments": ["aws"], "discounts": ["aws"]},
    }  # fmt: skip


def test_without_commitments_there_is_nothing_to_use():
    """No commitment: coverage and utilisation are null, not zero and not an error."""
    [result] = savings("aws", BY, [ROWS[0]], KNOWN)
    assert (result.coverage, result.utilization, result.commitments) == (None, None, 0)


def test_currencies_are_apart():
    """One entry a currency, none for no rows."""
    euros = row("Credit", "", "", "x", "-1", "-1", "-1", "-1", currency="EUR")
    result = savings("aws", BY, [*ROWS, euros], KNOWN)
    assert [(item.currency, item.credits) for item in result] == [("EUR", 1), ("USD", 15)]
    assert savings("aws", BY, [], KNOWN) == ()


def test_each_part_is_added_up_over_the_sources_that_tell_it():
    """One source's silence is neither a zero nor the end of what others tell; whose it is, is named."""
    silent = savings("openai", BY, [row("Usage", "", "Standard", "OpenAI API", "9", "9", "9", "9")], ("EffectiveCost",))
    credited = savings("gcp", BY[:1], [Costs(("Credit",), "USD", *[Decimal("-0.1")] * 4)], (CREDIT,))
    [result] = together([*savings("aws", BY, ROWS, KNOWN), *silent, *credited])
    assert (result.negotiated, result.credits, result.total) == (40, Decimal("15.1"), Decimal("160.1"))
    assert (result.coverage, result.utilization) == (Decimal("0.75"), Decimal("0.9"))
    assert result.unknown == {
        "negotiated": ("openai", "gcp"), "commitments": ("openai", "gcp"), "discounts": ("openai", "gcp"),
        "credits": ("openai",), "refunds": ("openai",),
    }  # fmt: skip
    assert together([]) == ()


def test_discounts_are_known_where_commitments_are_not_told_apart():
    """What no list of commitments explains is still what was taken off: told as discounts, commitments as unknown."""
    known = [item for item in KNOWN if item != "CommitmentDiscountStatus"]
    [result] = savings("gcp", BY, [row("Usage", "", "", "Compute", "10", "8", "5", "5")], known)
    assert (result.negotiated, result.discounts, result.commitments) == (2, 3, None)
