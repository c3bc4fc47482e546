"""What the tests of adapters over HTTP share."""

import time
from decimal import Decimal

from simulators.company import NOW
from simulators.http_server import Reply, Simulator, json_reply


class Counter:
    """A meter that lets everything pass and remembers it."""

    def __init__(self):
        self.asked = []

    def allow(self, _operation, cost):
        """Asking these vendors is free."""
        assert cost == 0

    def made(self, operation, *, status, **_):
        """Remembers operation and status."""
        self.asked.append((operation, status))


class Canned(Simulator):
    """Answers every request under one path with the same body, and others with nothing."""

    def __init__(self, body, path):
        super().__init__(lambda: NOW)
        self.body, self.path = body, path

    def answer(self, request):
        """The body, whatever was asked."""
        if not request.path.endswith(self.path):
            return json_reply({"data": []})
        return Reply(200, self.body.encode(), {"Content-Type": "application/json"})

    def truth(self, _days):
        """Nothing was billed."""
        return {}


def late(reply):
    """The true reply after 0.3 seconds."""
    time.sleep(0.3)
    return reply


def sums(charges, *fields):
    """Billed cost by fields of a charge, leaving out what came to nothing."""
    totals = {}
    for charge in charges:
        key = tuple(getattr(charge, field) for field in fields)
        totals[key] = totals.get(key, Decimal(0)) + charge.billed_cost
    return {key: amount for key, amount in totals.items() if amount}
