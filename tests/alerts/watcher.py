"""One replica of the bot that alerts, for tests that kill it: looks until everything is said, or it is dead."""

from types import SimpleNamespace

from watch import Clock, FindingsBook, anomaly, budget, replica

from bot.coordination.exactly_once import settled
from bot.ledger import Ledger

FOUND = (("Amazon Bedrock", "540"), ("Amazon EC2", "300"), ("Amazon S3", "120"), ("AWS Lambda", "60"))
MESSAGES = 4
"""Three told one by one (the ceiling of the rule), and one for the two beyond."""


def book():
    """Four unusual costs and a budget that has passed a threshold."""
    found = FindingsBook()
    found.anomalies = [anomaly(service, change=change) for service, change in FOUND]
    found.budgets = [budget("0.85")]
    return found


def live(place, url, line):
    """Says ``ready`` on the line, waits for a word, and looks until everything is said."""
    ledger = Ledger.open(place)
    _, alerts = replica(ledger, SimpleNamespace(api_url=url), Clock(), book())
    line.send("ready")
    line.recv()
    while not done(ledger):
        alerts.tick()
        if line.poll(0.02):  # whoever made it is gone
            return


def done(ledger):
    """Whether all of it has been said."""
    found = ledger.memory.all("alert_said")
    shown = [item for item in ledger.memory.all("alert").values() if item["ts"] or item["summed"]]
    rest = ledger.memory.all("alert_rest")
    return len(found) == MESSAGES and all(map(settled, found.values())) and len(shown) == len(FOUND) + 1 and bool(rest)
