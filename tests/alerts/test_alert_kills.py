from alert_kills import fault, round_of
from chance import seeded


def test_told_once_whichever_replica_dies_and_when(tmp_path):
    """Two replicas, killed three times while they post: each cause, and the sum of the rest, is told exactly once."""
    chance = seeded(1)
    found, hit = round_of(f"sqlite:///{tmp_path}/alerts.db", chance, 3)
    assert hit
    assert fault(found) is None
