"""Replicas of the bot as processes of their own, to be killed at random while they post."""

import multiprocessing
import sys
import time
from collections import Counter

CONTEXT = multiprocessing.get_context("forkserver")


class Replica:
    """A process that says ``ready``, waits for a word, and works until it is done, or dead."""

    def __init__(self, live, *args):
        self._line, theirs = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=live, args=(*args, theirs))
        self.process.start()
        theirs.close()

    def ready(self):
        """Waits until it is."""
        assert self._line.recv() == "ready"
        return self

    def go(self):
        """Lets it work."""
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


def trouble(ws, chance, posts):
    """What may go wrong on the way to Slack beside the kills."""
    kind = chance.random()
    if kind < 0.2:
        ws.lose_reply("chat.postMessage")
    elif kind < 0.4:
        ws.fail("chat.postMessage", "internal_error", status=500)
    for _ in range(posts):
        ws.slow("chat.postMessage", chance.uniform(0, 0.2))


def massacre(make, kills, chance, stage, *, at_work=2):
    """So many replicas at work at a time until so many were killed, at random stages; how many died live in which.

    ``make`` makes one; ``stage`` says how far the work has come (``claimed``, ``saying``, ``said``, ``done``).
    """
    hit = Counter()
    replicas = [item.ready() for item in [make() for _ in range(kills + at_work)]]
    alive, spares = replicas[:at_work], replicas[at_work:]
    for item in alive:
        item.go()
    while spares:
        _wait_for(chance.choice(["claimed", "saying", "said"]), stage)
        time.sleep(chance.uniform(0, 0.05))
        for _ in range(min(len(spares), chance.choice([1, 2]))):
            reached = stage()
            if alive.pop(chance.randrange(len(alive))).kill():
                hit[reached] += 1
        while len(alive) < at_work and spares:
            alive.append(spares.pop())
            alive[-1].go()
    for item in alive:
        item.end(timeout=60)
    return hit


def _wait_for(wanted, stage, timeout=3):
    """Until the work has come so far, or at least for a while."""
    until = time.monotonic() + timeout
    while stage() not in {wanted, "done"} and time.monotonic() < until:
        time.sleep(0.002)


def campaign(one_round, kills, what):
    """Rounds until so many live replicas were killed; prints what became of them."""
    hits, number, wrong = Counter(), 0, []
    while hits.total() < kills:
        fault, hit = one_round(number)
        number, hits = number + 1, hits + hit
        wrong += [(number, fault)] if fault else []
        report = f"{number} {what}, {hits.total()} live replicas killed {dict(hits)}, {len(wrong)} wrong"
        sys.stdout.write(f"{report}\n")
        sys.stdout.flush()
    sys.stdout.writelines(f"{item}\n" for item in wrong)
