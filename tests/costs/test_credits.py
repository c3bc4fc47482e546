"""What is left of credits, and when they run out."""

from datetime import date
from decimal import Decimal

from bot.costs.credits import Grant, outlook

TODAY = date(2026, 11, 22)


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
