"""Replicas over one ledger and one workspace, killed at random while they post alerts.

    python alert_kills.py [KILLS] [SEED] [postgresql]

prints what became of so many kills; the tests make a few.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from chance import seeded
from postgresql_server import fresh_database
from replicas import CONTEXT, Replica, campaign, massacre, trouble
from watch import NOW, rule
from watcher import MESSAGES, done, live

from bot.alerts.service import AlertRule
from bot.ledger import Ledger
from simulators.slack import Workspace

CONTEXT.set_forkserver_preload(["watcher"])


def round_of(place, chance, kills, *, at_work=2):
    """One look, told while replicas are killed; its messages by stamp, and when kills of live ones hit."""
    ledger = Ledger.open(place)
    kept = AlertRule.model_validate(rule(ceiling=3))
    ledger.memory.put("alert_rule", kept.key, kept.model_dump(mode="json"))
    with Workspace(now=NOW.timestamp) as ws:
        trouble(ws, chance, MESSAGES)
        hit = massacre(lambda: Replica(live, place, ws.api_url), kills, chance, lambda: state(ledger), at_work=at_work)
        ledger.close()
        return stamps(ws), hit


def state(ledger):
    """How far what is being said has come."""
    if done(ledger):
        return "done"
    found = [item["state"] for item in ledger.memory.all("alert_said").values()]
    return next((item for item in found if item != "done"), "before" if not found else "between")


def stamps(ws):
    """How often each alert, and the sum of the rest, stands in the channel."""
    found = Counter()
    for message in ws.from_bot("#cloud-costs"):
        payload = message["metadata"]["event_payload"]
        found[payload.get("alert") or payload["rest"]] += 1
    return found


def fault(found):
    """What is not as it should be: a message that is missing, or there more than once."""
    return None if len(found) == MESSAGES and set(found.values()) == {1} else found


def main(kills=100, seed=7, backend="sqlite"):
    """Two replicas over a file, or three over PostgreSQL."""
    chance, shared = seeded(seed), backend == "postgresql"
    with tempfile.TemporaryDirectory() as folder:

        def one(number):
            place = fresh_database() if shared else f"sqlite:///{folder}/{number}.db"
            found, hit = round_of(place, chance, 3, at_work=3 if shared else 2)
            return fault(found), hit

        campaign(one, kills, "looks")


if __name__ == "__main__":
    main(*(int(word) if word.isdigit() else word for word in sys.argv[1:]))
