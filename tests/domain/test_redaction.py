"""What is struck out of words before they are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.redaction import redacted

STRUCK = [
    ("services over $5,000 last month", "services over [amount] last month"),
    ("spend above 750", "spend above [amount]"),
    ("is it really 1,234.56?", "is it really [amount]?"),
    ("a 10k usd budget, or 12 euros", "a [amount] budget, or [amount]"),
    ("ask ann.lee@example.com", "ask [address]"),
    ("spend of <@U012AB|Ann Lee> since 2026-10-01", "spend of [person] since 2026-10-01"),
    ("key sk-ant-api03-abcdefgh12345", "key sk-ant-…"),
    ("token A1b2C3d4E5f6G7h8I9j0K1l2", "token …"),
]


@pytest.mark.parametrize(("words", "kept"), STRUCK)
def test_amounts_people_and_keys_are_struck_out(words, kept):
    """Neither an amount nor a person nor a key is left; the words around them are."""
    assert redacted(words) == kept


@pytest.mark.parametrize(
    "words", ["q3 2026 vs q3 2025", "the last 30 days of gpt-4.1 by day", "price of claude-opus-5", "10 Oct to 3 Nov"]
)
def test_dates_counts_and_versions_stay(words):
    """What names days, lines or models is no amount."""
    assert redacted(words) == words


@given(st.decimals(min_value=1000, max_value=10**9, places=2), st.sampled_from("$€£"))
def test_no_amount_with_a_sign_survives(amount, sign):
    """However an amount of money is written, none of its digits is kept."""
    assert redacted(f"cost over {sign}{amount:,f} in all") == "cost over [amount] in all"
