"""What is one thing however a bill spells it, and what is not."""

import pytest

from bot.answering.scoped_sources import folded, same


@pytest.mark.parametrize(
    ("dimension", "one", "other"),
    [
        ("x_Model", "Claude Sonnet 5", "claude-sonnet-5"),
        ("x_Model", "anthropic.claude-sonnet-5-v1:0", "claude-sonnet-5"),
        ("x_Model", "us.anthropic.claude-haiku-4.5", "claude-haiku-4-5"),
        ("x_Model", "openai/gpt-5", "GPT 5"),
        ("ServiceProviderName", "Amazon Web Services", "AWS"),
        ("ServiceName", "Compute Engine", "compute-engine"),
    ],
)
def test_spellings_of_one_thing_are_the_same(dimension, one, other):
    """Case, spaces, hyphens, dots, who resells it and the revision's number make no other thing of it."""
    assert folded(dimension, one) == folded(dimension, other)


@pytest.mark.parametrize(
    ("dimension", "one", "other"),
    [
        ("x_Model", "gpt-5", "gpt-5-mini"),
        ("x_Model", "claude-opus-5", "claude-opus-4-5"),
        ("x_Model", "gpt-4o", "o4"),
        ("x_Model", "claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
        ("ServiceName", "Cloud SQL", "Cloud Run"),
        ("SubAccountName", "Web", "web"),
    ],
)
def test_different_things_stay_apart(dimension, one, other):
    """Sizes, versions and dates tell models apart, and accounts are what they are called."""
    assert folded(dimension, one) != folded(dimension, other)


def test_a_thing_is_told_by_its_readable_spelling():
    """A model by its id, a provider by its full name; what names nothing is no spelling of anything."""
    assert same("x_Model", ["Claude Sonnet 5", "claude-sonnet-5", "gpt-5", ""]) == [
        ("claude-sonnet-5", "Claude Sonnet 5")
    ]
    assert same("ServiceProviderName", ["AWS", "Amazon Web Services"]) == [("Amazon Web Services", "AWS")]
