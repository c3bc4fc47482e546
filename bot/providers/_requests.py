"""What adapters share around a request: it is metered, and doctor tries it for real."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from bot.domain.errors import AccessDenied, CostError
from bot.providers import Check, Meter, RequestKind


@dataclass
class MeteredRequest:
    """A request under way: what it costs in USD once it is done, and what if it is stopped or fails before."""

    cost: Decimal
    stopped_cost: Decimal = Decimal(0)


@contextmanager
def metered(meter: Meter, operation: str, cost: Decimal = Decimal(0)) -> Iterator[MeteredRequest]:
    """Asks the meter before a request and reports to it after, failed and stopped requests included.

    A failed one costs nothing unless whoever makes it says otherwise, while it runs, on the request that is yielded.
    """
    meter.allow(operation, cost)
    began = time.monotonic()
    request, status = MeteredRequest(cost), "stopped"
    try:
        yield request
        status = "ok"
    except Exception as error:
        status = type(error).__name__
        raise
    finally:
        paid = request.cost if status == "ok" else request.stopped_cost
        meter.made(operation, seconds=time.monotonic() - began, status=status, cost=paid)


def check(what: str, attempt: Callable[[], str], grant: str = "") -> Check:
    """What came of trying it: its message, or the error with, where access is refused, what to grant."""
    try:
        return Check(what=what, ok=True, message=attempt())
    except CostError as error:
        hint = f"{error.hint} {grant}".strip() if isinstance(error, AccessDenied) else error.hint
        return Check(what=what, ok=False, message=error.message, hint=hint)


def tried(what: str, attempt: Callable[[], str], hint: str = "") -> Check:
    """A check that passes with what the attempt says, or fails with its error; ``hint`` goes before the error's."""
    try:
        return Check(what, ok=True, message=attempt())
    except CostError as error:
        return Check(what, ok=False, message=error.message, hint=f"{hint} {error.hint}".strip())


def by_permission(requests: Iterable[RequestKind]) -> dict[str, list[str]]:
    """The operations that each permission is needed for, in the order given."""
    found: dict[str, list[str]] = {}
    for kind in requests:
        if kind.operation not in found.setdefault(kind.permission, []):
            found[kind.permission].append(kind.operation)
    return found


def distinct_failures(checks: Iterable[Check]) -> Iterator[Check]:
    """The checks, without those that fail for the very reason that an earlier one failed for."""
    reasons: set[str] = set()
    for check in checks:
        if check.ok or check.message not in reasons:
            yield check
        if not check.ok:
            reasons.add(check.message)


def count(number: int, noun: str) -> str:
    """``"1 row"``, ``"2 rows"``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
