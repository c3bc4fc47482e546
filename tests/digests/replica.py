"""One replica of the bot, for tests that kill it: runs what is due until it is done, or dead."""

from datetime import datetime
from importlib import import_module
from types import SimpleNamespace

from bills import Clock, daily, office

from bot.coordination.exactly_once import settled
from bot.digests.service import KIND
from bot.ledger import Ledger

for name in ("bot.answering.dispatch", "bot.answering.kinds.explain"):
    import_module(name)  # once, before replicas are forked


def live(place, url, now, line):
    """Says ``ready`` on the line, waits for a word, and ticks until everything is settled."""
    ledger = Ledger.open(place)
    _, digests = office(ledger, SimpleNamespace(api_url=url), Clock(datetime.fromisoformat(now)), daily())
    line.send("ready")
    line.recv()
    while not (found := ledger.memory.all(KIND)) or not all(map(settled, found.values())):
        digests.tick()
        if line.poll(0.02):  # whoever made it is gone
            return
