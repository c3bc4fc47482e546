"""Splitting a bill by who used it."""

from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analytics.allocation import BY_PRICE, BY_QUANTITY, UNATTRIBUTED, AllocatedShare, Meters, split, worth
from bot.domain.money import total

AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=18)
WEIGHTS = st.dictionaries(st.text(max_size=3), st.decimals(min_value=0, max_value=10**12, places=6), max_size=12)
WHERE = (date(2026, 11, 20), "proj_1", "gpt-5")
PRICES = {"input": Decimal("0.00125"), "output": Decimal("0.01")}


def metered(**owners):
    """Meters with usage by owner, given as token types and quantities."""
    meters = Meters(lambda _, kind: PRICES.get(kind))
    for owner, kinds in owners.items():
        for kind, quantity in kinds.items():
            meters.add(WHERE, owner.replace("nobody", ""), kind, Decimal(quantity))
    return meters


@settings(derandomize=True, deadline=None)
@given(AMOUNTS, WEIGHTS)
def test_the_parts_add_up_exactly(amount, weights):
    """Whatever the weights, nothing is lost and nothing invented, to the last atto."""
    assert total(list(split(amount, weights).values())) == amount


@settings(derandomize=True, deadline=None)
@given(AMOUNTS, WEIGHTS)
def test_no_part_is_an_atto_from_its_share(amount, weights):
    """Every part is the exact proportion, cut to attos, give or take one."""
    whole = sum(map(Decimal, weights.values()))
    for owner, part in split(amount, weights).items():
        if whole:
            assert abs(part * whole - amount * weights[owner]) <= Decimal("1e-18") * whole


def test_equal_claims_are_settled_by_name():
    """The atto that cannot be halved goes to the first by name, whatever the order of asking."""
    atto = Decimal("0.000000000000000001")
    assert split(atto, {"mei": Decimal(1), "amara": Decimal(1)}) == {"amara": atto, "mei": 0}


def test_a_credit_is_split_like_a_cost():
    """Negative amounts are shared out in the same proportion."""
    assert split(Decimal(-9), {"a": Decimal(2), "b": Decimal(1)}) == {"a": -6, "b": -3}


def test_without_weights_all_is_unattributed():
    """Where nobody is known to have used anything, nobody is made up."""
    assert split(Decimal(5), {}) == {UNATTRIBUTED: 5}
    assert split(Decimal(5), {"a": Decimal(0), "b": Decimal(-1)}) == {UNATTRIBUTED: 5}


def test_a_line_is_split_by_its_own_token_type():
    """Output is shared by output, however much input somebody else sent."""
    meters = metered(amara={"input": 900, "output": 10}, jonas={"input": 100, "output": 30})
    assert meters.shares(WHERE, "output", Decimal(8), Decimal(40)) == [
        AllocatedShare("amara", Decimal(2), Decimal(10), BY_QUANTITY),
        AllocatedShare("jonas", Decimal(6), Decimal(30), BY_QUANTITY),
    ]


def test_a_line_of_mixed_tokens_is_split_at_list_price():
    """Where the line does not say which tokens, all of them count, each at its price."""
    meters = metered(amara={"input": 8000}, jonas={"output": 1000})
    assert [
        (share.owner, share.cost, share.estimate) for share in meters.shares(WHERE, "", Decimal(10), Decimal(0))
    ] == [
        ("amara", Decimal(5), BY_PRICE),
        ("jonas", Decimal(5), BY_PRICE),
    ]


def test_a_model_with_one_measure_is_split_by_it():
    """Seconds of speech need no price to be shared out."""
    meters = metered(amara={"seconds": 30}, jonas={"seconds": 10})
    assert [share.cost for share in meters.shares(WHERE, "", Decimal(4), Decimal(40))] == [3, 1]


def test_what_nobody_metered_stays_unattributed_and_is_no_estimate():
    """Costs without usage, and usage without an owner, keep their amount under no name."""
    cost = Decimal("1.5")
    assert metered().shares(WHERE, "input", cost, Decimal(3)) == [AllocatedShare(UNATTRIBUTED, cost, Decimal(3), "")]
    alone = metered(nobody={"input": 5})
    assert alone.shares(WHERE, "input", cost, Decimal(3)) == [AllocatedShare(UNATTRIBUTED, cost, Decimal(3), "")]


def test_usage_without_an_owner_keeps_its_part():
    """What was used without a key takes its share from those who had one."""
    shares = metered(amara={"input": 1}, nobody={"input": 3}).shares(WHERE, "input", Decimal(8), Decimal(4))
    assert {share.owner: share.cost for share in shares} == {"amara": 2, UNATTRIBUTED: 6}


def test_worth_leaves_out_what_has_no_price():
    """Token types the catalogue does not know count for nothing instead of failing."""
    used = {"input": Decimal(2000), "moonlight": Decimal(7)}
    assert worth(used, "gpt-5", lambda _, kind: PRICES.get(kind)) == Decimal("0.0025")
