"""Two replicas over one ledger and one workspace, killed at random while a digest is being posted.

    python kills.py [KILLS] [SEED]

prints what became of so many kills; the tests make a few.
"""

import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from bills import NOW, fill
from replica import live

from bot.demo.workspace import Workspace
from bot.digest import KIND
from bot.ledger import Ledger

PARTS = 5
"""The digest's own message, and its thread's."""


CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["replica"])


class Replica:
    """A process of its own, with a ledger object of its own."""

    def __init__(self, ledger, ws, now):
        self._line, theirs = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=live, args=(ledger, ws.api_url, now.isoformat(), theirs))
        self.process.start()
        theirs.close()

    def ready(self):
        """Waits until it is."""
        assert self._line.recv() == "ready"
        return self

    def go(self):
        """Lets it tick."""
        self._line.send("go")

    def kill(self):
        """Whether it was still at work."""
        alive = self.process.is_alive()
        self.process.kill()
        self.end()
        return alive

    def end(self, timeout=None):
        """Waits until it is gone."""
        self.process.join(timeout)
        assert not self.process.is_alive()
        self.process.close()
        self._line.close()


def trouble(ws, chance):
    """What may go wrong on the way to Slack beside the kills."""
    kind = chance.random()
    if kind < 0.2:
        ws.lose_reply("chat.postMessage")
    elif kind < 0.4:
        ws.fail("chat.postMessage", "internal_error", status=500)
    for _ in range(PARTS):
        ws.slow("chat.postMessage", chance.uniform(0, 0.2))


def round_of(path, chance, kills, number):
    """One digest, posted while replicas are killed; its messages by stamp, and when kills of live ones hit."""
    now = NOW + timedelta(days=7 * number)
    shutil.copy(path / "filled.db", path / f"{number}.db")
    ledger = Ledger(path / f"{number}.db")
    hit = Counter()
    with Workspace(now=now.timestamp) as ws:
        trouble(ws, chance)
        replicas = [each.ready() for each in [Replica(ledger.path, ws, now) for _ in range(kills + 2)]]
        alive, spares = replicas[:2], replicas[2:]
        for each in alive:
            each.go()
        while spares:
            wait_for(chance.choice(["claimed", "saying", "said"]), ledger)
            time.sleep(chance.uniform(0, 0.05))
            for _ in range(min(len(spares), chance.choice([1, 2]))):
                stage = state(ledger)
                if alive.pop(chance.randrange(len(alive))).kill():
                    hit[stage] += 1
            while len(alive) < 2 and spares:
                alive.append(spares.pop())
                alive[-1].go()
        for each in alive:
            each.end(timeout=60)
        ledger.close()
        return stamps(ws), hit


def wait_for(stage, ledger, timeout=3):
    """Until the digest has come so far, or at least for a while."""
    until = time.monotonic() + timeout
    while state(ledger) not in {stage, "done"} and time.monotonic() < until:
        time.sleep(0.002)


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


def filled(path):
    """A ledger to copy for every round."""
    ledger = Ledger(path / "filled.db")
    fill(ledger, through=(NOW + timedelta(days=300)).date())
    ledger.close()


def main(kills=100, seed=7):
    chance = random.Random(seed)  # noqa: S311 - chance, not secrecy
    hits, number, wrong = Counter(), 0, []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        filled(path)
        while hits.total() < kills:
            found, hit = round_of(path, chance, 3, number % 40)
            number, hits = number + 1, hits + hit
            if sorted(part for _, _, part in found) != list(range(PARTS)) or set(found.values()) != {1}:
                wrong.append((number, found))
            print(f"{number} digests, {hits.total()} live replicas killed {dict(hits)}, {len(wrong)} wrong", flush=True)  # noqa: T201
    for each in wrong:
        print(each)  # noqa: T201


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
