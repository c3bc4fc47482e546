"""Two replicas over one ledger and one workspace, killed at random while they post alerts.

    python alert_kills.py [KILLS] [SEED]

prints what became of so many kills; the tests make a few.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from chance import seeded
from replicas import CONTEXT, Replica, campaign, massacre, trouble
from watch import NOW, rule
from watcher import MESSAGES, done, live

from bot.alerts.service import AlertRule
from bot.ledger import Ledger
from simulators.slack import Workspace

CONTEXT.set_forkserver_preload(["watcher"])


def round_of(path, chance, kills, number):
    """One look, told while replicas are killed; its messages by stamp, and when kills of live ones hit."""
    ledger = Ledger(path / f"{number}.db")
    kept = AlertRule.model_validate(rule(ceiling=3))
    ledger.memory.put("alert_rule", kept.key, kept.model_dump(mode="json"))
    with Workspace(now=NOW.timestamp) as ws:
        trouble(ws, chance, MESSAGES)
        hit = massacre(lambda: Replica(live, ledger.name, ws.api_url), kills, chance, lambda: state(ledger))
        ledger.close()
        return stamps(ws), hit


def state(ledger):
    """How far what is being said has come."""
    if done(ledger):
        return "done"
    found = [each["state"] for each in ledger.memory.all("alert_said").values()]
    return next((each for each in found if each != "done"), "before" if not found else "between")


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


def main(kills=100, seed=7):
    chance = seeded(seed)
    with tempfile.TemporaryDirectory() as folder:

        def one(number):
            found, hit = round_of(Path(folder), chance, 3, number)
            return fault(found), hit

        campaign(one, kills, "looks")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
