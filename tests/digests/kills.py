"""Two replicas over one ledger and one workspace, killed at random while a digest is being posted.

    python kills.py [KILLS] [SEED]

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
from replica import live
from replicas import CONTEXT, Replica, campaign, massacre, trouble

from bot.digests.service import KIND
from bot.ledger import Ledger
from simulators.slack import Workspace

PARTS = 5
"""The digest's own message, and its thread's."""

CONTEXT.set_forkserver_preload(["replica"])


def round_of(path, chance, kills, number):
    """One digest, posted while replicas are killed; its messages by stamp, and when kills of live ones hit."""
    now = NOW + timedelta(days=7 * number)
    shutil.copy(path / "filled.db", path / f"{number}.db")
    ledger = Ledger(path / f"{number}.db")
    with Workspace(now=now.timestamp) as ws:
        trouble(ws, chance, PARTS)
        make = partial(Replica, live, ledger.name, ws.api_url, now.isoformat())
        hit = massacre(make, kills, chance, lambda: state(ledger))
        ledger.close()
        return stamps(ws), hit


def state(ledger):
    """How far the digest has come."""
    found = [each["state"] for each in ledger.memory.all(KIND).values()]
    return found[0] if found else "before"


def stamps(ws):
    """How often each part of each digest stands in the channel and its threads."""
    found = Counter()
    for message in ws.from_bot("#cloud-costs"):
        for each in [message, *ws.from_bot("#cloud-costs", message["ts"])]:
            if each["ts"] != message["ts"] or each is message:
                payload = each["metadata"]["event_payload"]
                found[payload["digest"], payload["period"], payload.get("part", 0)] += 1
    return found


def fault(found):
    """What is not as it should be: a part that is missing, or there more than once."""
    whole = sorted(part for _, _, part in found) == list(range(PARTS)) and set(found.values()) == {1}
    return None if whole else found


def filled(path):
    """A ledger to copy for every round."""
    ledger = Ledger(path / "filled.db")
    fill(ledger, through=(NOW + timedelta(days=300)).date())
    ledger.close()


def main(kills=100, seed=7):
    chance = seeded(seed)
    with tempfile.TemporaryDirectory() as folder:
        filled(Path(folder))

        def one(number):
            found, hit = round_of(Path(folder), chance, 3, number % 40)
            return fault(found), hit

        campaign(one, kills, "digests")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
