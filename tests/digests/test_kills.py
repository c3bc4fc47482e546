import pytest
from chance import seeded
from kills import copied, fault, filled, round_of


@pytest.mark.parametrize("seed", [1, 2])
def test_posted_once_whichever_replica_dies_and_when(tmp_path, seed):
    """Two replicas, killed five times while they post: the digest and each part of its thread come exactly once."""
    filled(f"sqlite:///{tmp_path}/filled.db")
    chance = seeded(seed)
    found, hit = round_of(copied(tmp_path, seed), chance, 5, seed)
    assert hit
    assert fault(found) is None
