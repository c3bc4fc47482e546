"""Anthropic's cost analytics, held to the contract."""

from contract import Case

from bot.providers.anthropic import Anthropic, AnthropicSettings
from simulators.anthropic import bill
from simulators.anthropic.server import ADMIN_KEY, THROTTLED, AnthropicSimulator, failure

STRANGER = "sk-ant-admin01-nobodyknows0123456789abcdef"


def adapter(simulator, meter, clock, key=ADMIN_KEY, source="anthropic"):
    """The adapter, pointed at a simulator."""
    settings = AnthropicSettings(admin_key=key, base_url=simulator.url)
    return Anthropic(settings, meter=meter, clock=clock, source=source)


def case(**more):
    """The case of one organization."""
    return Case(
        simulate=lambda clock: AnthropicSimulator(clock, **more),
        empty=lambda clock: AnthropicSimulator(clock, lines=lambda _: (), **more),
        provider=adapter,
        stranger=lambda simulator, meter, clock: adapter(simulator, meter, clock, STRANGER),
        secrets=(ADMIN_KEY, STRANGER),
        throttled=THROTTLED,
        forbidden=failure(403, "This key may not read reports."),
        permission="read:analytics",
        cursor_lost=failure(410, "page has expired"),
        paged=lambda request: "page" in request.query,
        restate=lambda simulator, day: simulator.restate(day),
        vanish=lambda simulator, day: simulator.vanish(day, bill.ASSISTANT),
        module="bot.providers.anthropic",
        sdk=("httpx", "anthropic", "genai_prices"),
    )


CASE = case(repeat=True, page=8)
