"""Models that only price lists know: their prices may be asked for, and nothing else."""

from datetime import date

import pytest

from bot.domain.errors import NotUnderstood
from bot.language import Vocabulary, read

TODAY = date(2026, 11, 22)
LISTED = {"gpt-4.1": "gpt-4.1", "gpt-4.1-mini": "gpt-4.1-mini", "o3": "o3", "claude-sonnet-4-6": "claude-sonnet-4-6"}


@pytest.fixture
def ledger():
    """A ledger with one model, where a list names four others."""
    return Vocabulary([("x_Model", "gpt-5", 5, ())], listed=lambda: LISTED)


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("price of gpt-4.1", "gpt-4.1"),
        ("what would 10M tokens of gpt 4.1 mini cost", "gpt-4.1-mini"),
        ("sonnet 4.6 pricing", "claude-sonnet-4-6"),
        ("what does o3 cost per token", "o3"),
        ("price of gpt-5", "gpt-5"),
    ],
)
def test_the_price_of_a_model_nobody_used_may_be_asked(text, model, ledger):
    """By its id or by what people call it."""
    question = read(text, today=TODAY, vocabulary=ledger).question
    assert (question.kind, [item.values for item in question.where]) == ("price", [(model,)])


@pytest.mark.parametrize(
    ("text", "unknown"), [("gpt-4.1 spend", "gpt-4.1"), ("price of gpt-9", "gpt-9"), ("o3 tokens", "o3")]
)
def test_its_spend_may_not(text, unknown, ledger):
    """What was never bought is an unknown word there, and so is what no list knows."""
    with pytest.raises(NotUnderstood) as refusal:
        read(text, today=TODAY, vocabulary=ledger)
    assert refusal.value.unknown == (unknown,)


def test_a_meter_that_several_skus_share_is_no_name_of_theirs_before_another_ones():
    """Every model's SKU is metered as "output"; the token type is called so."""
    skus = [("SkuId", f"{model}, output", 5, ("output",)) for model in ("gpt-5", "claude-opus-5")]
    vocabulary = Vocabulary([*skus, ("x_TokenType", "output", 3, ())])
    question = read("output last month", today=TODAY, vocabulary=vocabulary).question
    assert [(item.dimension, item.values) for item in question.where] == [("x_TokenType", ("output",))]
