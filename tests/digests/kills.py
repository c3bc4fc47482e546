"""Replicas over one ledger and one workspace, killed at random while a digest is being posted.

    python kills.py [KILLS] [SEED] [postgresql]

prints what became of so many kills; the tests make a few.
"""

import shutil
import sys
import tempfile
from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from bills import NOW, fill
from chance import seeded
from postgresql_server import fresh_database
from replica import live
from replicas import CONTEXT, Replica, campaign, massacre, trouble

from bot.digests.service import KIND
from bot.ledger import Ledger
from simulators.slack import Workspace

PARTS = 5
"""The digest's own message, and its thread's."""

CONTEXT.set_forkserver_preload(["replica"])


def copied(path, number):
    """The address of a copy of the filled ledger, in a file."""
    shutil.copy(path / "filled.db", path / f"{number}.db")
    return f"sqlite:///{path / f'{number}.db'}"


def round_of(place, chance, kills, number, *, at_work=2):
    """One digest, posted while replicas are killed; its messages by stamp, and when kills of live ones hit."""
    now = NOW + timedelta(days=7 * number)
    ledger = Ledger.open(place)
    with Workspace(now=now.timestamp) as ws:
        trouble(ws, chance, PARTS)
        make = partial(Replica, live, place, ws.api_url, now.isoformat())
        hit = massacre(make, kills, chance, lambda: state(ledger), at_work=at_work)
        ledger.close()
        return stamps(ws), hit


def state(ledger):
    """How far the digest has come."""
    found = [item["state"] for item in ledger.memory.all(KIND).values()]
    return found[0] if found else "before"


def stamps(ws):
    """How often each part of each digest stands in the channel and its threads."""
    found = Counter()
    for message in ws.from_bot("#cloud-costs"):
        for item in [message, *ws.from_bot("#cloud-costs", message["ts"])]:
            if item["ts"] != message["ts"] or item is message:
                payload = item["metadata"]["event_payload"]
                found[payload["digest"], payload["period"], payload.get("part", 0)] += 1
    return found


def fault(found):
    """What is not as it should be: a part that is missing, or there more than once."""
    whole = sorted(part for _, _, part in found) == list(range(PARTS)) and set(found.values()) == {1}
    return None if whole else found


def filled(place):
    """A ledger to copy for every round."""
    ledger = Ledger.open(place)
    fill(ledger, through=(NOW + timedelta(days=300)).date())
    ledger.close()


def main(kills=100, seed=7, backend="sqlite"):
    """Two replicas over a file, or three over PostgreSQL."""
    chance, shared = seeded(seed), backend == "postgresql"
    with tempfile.TemporaryDirectory() as folder:
        place = fresh_database() if shared else f"sqlite:///{folder}/filled.db"
        filled(place)

        def one(number):
            mine = fresh_database(like=place) if shared else copied(Path(folder), number % 40)
            found, hit = round_of(mine, chance, 3, number % 40, at_work=3 if shared else 2)
            return fault(found), hit

        campaign(one, kills, "digests")


if __name__ == "__main__":
    main(*(int(word) if word.isdigit() else word for word in sys.argv[1:]))
