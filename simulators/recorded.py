"""A vendor that says again what a recording has of it: ``spend doctor --record`` given back as a test.

Replies are matched by path, or by AWS's operation, and given in the order recorded; the last one again and again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.domain.period import Period
from simulators.http_server import Reply, Request, Simulator, json_reply


class RecordedSimulator(Simulator):
    """The replies of one vendor in a recording; of what it does not have, 404."""

    def __init__(self, clock: Callable[[], datetime], recording: Path, vendor: str) -> None:
        super().__init__(clock)
        self._replies: defaultdict[str, list[Any]] = defaultdict(list)
        for line in recording.read_text().splitlines():
            entry = json.loads(line)
            if entry["vendor"] == vendor:
                self._replies[entry["operation"].rpartition(":")[2]].append(entry["reply"])

    def answer(self, request: Request) -> Reply:
        """The next reply recorded of what is asked."""
        target = request.headers.get("x-amz-target", "").rpartition(".")[2]
        known = [name for name in self._replies if name == target or request.path.endswith(name)]
        if not known:
            return json_reply({"error": {"message": "not recorded"}}, 404)
        replies = self._replies[known[0]]
        return json_reply(replies.pop(0) if len(replies) > 1 else replies[0])

    def truth(self, days: Period) -> Mapping[str, Decimal]:
        """Not known: amounts are scaled."""
        raise NotImplementedError
