"""Spans of what is under way: question → read → ledger → render → slack, and vendors' requests.

Off until ``switch_on``: until then a span costs one comparison, and nothing of OpenTelemetry is imported. A span has
kinds, methods and statuses, never a name from a bill, a text that somebody wrote, or an amount.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class TraceBackend(Protocol):
    """Where spans go."""

    def span(self, name: str, attributes: dict[str, str]) -> AbstractContextManager[None]:
        """A span around a block, below the one that is open on this thread; an error is named by its type alone."""

    def finished(self, name: str, seconds: float, attributes: dict[str, str]) -> None:
        """A span that ends now and began so many seconds ago."""


_backend: TraceBackend | None = None
_NOTHING = nullcontext()


def switch_on(backend: TraceBackend | None) -> None:
    """Sends spans there from now on; None sends none."""
    global _backend  # noqa: PLW0603 - one a process, set when it starts
    _backend = backend


def span(name: str, **attributes: str) -> AbstractContextManager[None]:
    """A span around a block; nothing while tracing is off."""
    return _NOTHING if _backend is None else _backend.span(name, attributes)


def finished(name: str, seconds: float, **attributes: str) -> None:
    """Records what has just ended after so many seconds; nothing while tracing is off."""
    if _backend is not None:
        _backend.finished(name, seconds, attributes)
