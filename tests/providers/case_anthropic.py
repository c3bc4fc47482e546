"""Anthropic's cost analytics, held to the contract."""

from contract import Case

from bot.demo import anthropic_bill as bill
from bot.demo.anthropic import ADMIN_KEY, THROTTLED, AnthropicSimulator
from bot.providers.anthropic import Anthropic, AnthropicSettings

STRANGER = "sk-ant-admin01-nobodyknows0123456789abcdef"


def adapter(simulator, meter, clock, key=ADMIN_KEY):
    """The adapter, pointed at a simulator."""
    return Anthropic(AnthropicSettings(admin_key=key, base_url=simulator.url), meter=meter, clock=clock)


def case(**more):
    """The case of one organization."""
    return Case(
        simulate=lambda clock: AnthropicSimulator(clock, **more),
        empty=lambda clock: AnthropicSimulator(clock, lines=lambda _: (), **more),
        provider=adapter,
        stranger=lambda simulator, meter, clock: adapter(simulator, meter, clock, STRANGER),
        secrets=(ADMIN_KEY, STRANGER),
        throttled=THROTTLED,
        restate=lambda simulator, day: simulator.restate(day),
        vanish=lambda simulator, day: simulator.vanish(day, bill.ASSISTANT),
        module="bot.providers.anthropic",
        sdk=("httpx", "anthropic", "genai_prices"),
    )


CASE = case(page=8)
