"""What is left of credits, and when they run out."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from bot.analytics.credits import balances, pace, read_declared_credits
from bot.domain.answers import CreditGrant
from bot.domain.answers.credits import UsePace
from bot.domain.errors import Misconfigured

TODAY = date(2026, 11, 22)
TEN = UsePace(Decimal(280), 28)


def grant(left, expires=None):
    """A grant of dollars."""
    return CreditGrant("gcp", "migration", "USD", Decimal(left), expires=expires)


def test_credits_left_run_out_at_the_pace_of_late():
    """A hundred at ten a day last ten days."""
    (result,) = balances([grant(100, date(2026, 12, 31))], TODAY, TEN)
    assert (result.used_up, result.lost) == (date(2026, 12, 2), 0)


def test_credits_that_expire_first_are_lost():
    """What is not used by the last day is said to be lost."""
    (result,) = balances([grant(100, date(2026, 11, 27))], TODAY, TEN)
    assert (result.used_up, result.lost) == (None, 50)


def test_credits_nobody_uses():
    """Without use there is no day on which they run out, and all is lost where they end; used up is used up."""
    nobody = pace([Decimal(0)] * 28)
    assert [balance.used_up for balance in balances([grant(100)], TODAY, nobody)] == [None]
    assert [balance.lost for balance in balances([grant(100, TODAY)], TODAY, nobody)] == [100]
    assert [balance.used_up for balance in balances([grant(0)], TODAY, TEN)] == [TODAY]


def test_where_no_bill_tells_what_is_used_no_end_is_made_up():
    """Neither a day on which they run out nor a loss is known, which is no zero."""
    (result,) = balances([grant(100, date(2026, 12, 31))], TODAY, pace([]))
    assert (result.used_up, result.lost) == (None, None)


def test_of_a_grant_that_has_expired_nothing_is_left():
    """On its last day it still is; the day after, what was left is lost, and the next is used at the whole pace."""
    yesterday = TODAY - timedelta(days=1)
    gone, next_ = balances([grant(100, yesterday), grant(100)], TODAY, TEN)
    assert (gone.grant.left, gone.used_up, gone.lost) == (0, None, 100)
    assert next_.used_up == date(2026, 12, 2)
    assert balances([grant(100, TODAY)], TODAY, TEN)[0].grant.left == 100


def test_grants_are_used_one_after_the_other():
    """The first to expire takes all the pace; the next waits for it, and what it has too little time for is lost."""
    first, second, third = balances(
        [grant(100), grant(50, date(2026, 12, 1)), grant(100, date(2026, 12, 4))], TODAY, TEN
    )
    assert (first.grant.left, first.used_up) == (50, date(2026, 11, 27))
    assert (second.used_up, second.lost) == (None, 30)
    assert (third.used_up, third.lost) == (date(2026, 12, 14), 0)


def test_credits_that_come_with_the_month_are_paced_over_two_months():
    """Use on many days is that of the last four weeks; a lump a month would be all or nothing there."""
    assert pace([Decimal(99)] * 40 + [Decimal(10)] * 28) == UsePace(Decimal(280), 28)
    lumps = [Decimal(0)] * 61
    lumps[3] = lumps[33] = Decimal(2000)
    assert pace(lumps) == UsePace(Decimal(4000), 61)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"source": "gcp", "amount": "25000 USD"}, "'start'"),
        ({"source": "gcp", "amount": "much", "start": date(2026, 3, 1)}, "not an amount"),
        ({"source": "gcp", "amount": 1, "start": "soon"}, "soon"),
        ({"source": "gcp", "amount": 1, "start": date(2026, 3, 1), "expires": date(2026, 2, 1)}, "before it starts"),
        ({"source": "gcp", "amount": 1, "start": date(2026, 3, 1), "colour": "red"}, "colour"),
    ],
)
def test_a_credit_that_is_not_clear_is_refused(table, why):
    """Naming the file, which one it is, and what is wrong."""
    with pytest.raises(Misconfigured, match=f"sources.toml, credit 1.*{why}") as refused:
        read_declared_credits([table], "sources.toml")
    assert "amount" in refused.value.hint
