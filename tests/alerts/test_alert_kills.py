import random

from alert_kills import fault, round_of


def test_told_once_whichever_replica_dies_and_when(tmp_path):
    """Two replicas, killed three times while they post: each cause, and the sum of the rest, is told exactly once."""
    chance = random.Random(1)  # noqa: S311 - chance, not secrecy
    found, hit = round_of(tmp_path, chance, 3, 1)
    assert hit
    assert fault(found) is None
