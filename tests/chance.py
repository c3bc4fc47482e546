"""Chance that is the same in every run."""

import random


def seeded(seed):
    """A generator of numbers that follow from the seed; nothing secret is made of them."""
    return random.Random(seed)  # noqa: S311 - no secret
