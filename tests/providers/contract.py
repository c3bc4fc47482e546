"""What a provider hands in to be held to the contract (``test_contract.py``): a ``Case``, in ``case_<name>.py``.

To join: write ``case_<name>.py`` with a ``CASE``, and add the name to ``NAMES``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module

from bot.domain.period import Period
from bot.providers import Clock, Meter, Provider
from simulators.http_server import Reply, Request, Simulator

NAMES = ("aws", "gcp", "openai", "anthropic", "anthropic_reports")
"""Every provider that is held to the contract."""
INVOICING = ("aws",)
"""Those whose vendors tell what they have invoiced."""

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAYS = Period(start=date(2026, 10, 28), end=date(2026, 11, 6))
"""Over the end of a month."""
FEW = Period(start=date(2026, 10, 30), end=date(2026, 11, 3))


@dataclass(frozen=True)
class Case:
    """How one provider is set up against its simulator."""

    simulate: Callable[[Clock], Simulator]
    """The vendor, with pages small enough that ``FEW`` days take several."""
    empty: Callable[[Clock], Simulator]
    """The vendor, for an account that never bought anything."""
    provider: Callable[..., Provider]
    """The adapter, with a key that the simulator knows: of simulator, meter, clock and perhaps ``source``. It should
    not itself try again for long."""
    stranger: Callable[[Simulator, Meter, Clock], Provider]
    """The adapter, with a key that the simulator refuses."""
    secrets: tuple[str, ...]
    """Both keys (and the secrets with them): in no error, hint or check."""
    throttled: Reply
    """What the vendor sends when asked too often."""
    forbidden: Reply
    """What the vendor sends a key that it knows and that may not read costs."""
    permission: str
    """What such a key lacks, as the error or its hint must name it."""
    cursor_lost: Reply
    """What the vendor sends when it no longer knows the way to the next page."""
    paged: Callable[[Request], bool]
    """Whether a request asks for a further page."""
    restate: Callable[[Simulator, date], None]
    """From now on, the vendor tells more for that day."""
    vanish: Callable[[Simulator, date], None]
    """From now on, the vendor tells nothing any more of something that day had."""
    module: str
    """The adapter's module, and below what it must not load when imported."""
    sdk: tuple[str, ...]


def load(name: str) -> Case:
    """The case of a provider."""
    case: Case = import_module(f"case_{name}").CASE
    return case


@dataclass
class Tally:
    """A meter that lets everything pass, or nothing, and remembers."""

    refuse: Exception | None = None
    allowed: int = 0
    made_: list[tuple[str, str]] = field(default_factory=list)
    cost: Decimal = Decimal(0)

    def allow(self, operation: str, cost: Decimal) -> None:
        """Refuses if so told."""
        assert operation
        assert cost >= 0
        if self.refuse:
            raise self.refuse
        self.allowed += 1

    def made(self, operation: str, *, seconds: float, status: str, cost: Decimal) -> None:
        """Remembers."""
        assert seconds >= 0
        self.made_.append((operation, status))
        self.cost += cost
