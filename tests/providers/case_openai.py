"""OpenAI, held to the contract."""

from contract import Case

from bot.providers.openai import OpenAI, OpenAISettings
from simulators.openai import bill
from simulators.openai.server import ADMIN_KEY, THROTTLED, OpenAISimulator, failure

STRANGER = "sk-admin-nobodyknows0123456789abcdef"


def adapter(simulator, meter, clock, key=ADMIN_KEY, source="openai"):
    """The adapter, pointed at a simulator."""
    settings = OpenAISettings(admin_key=key, base_url=f"{simulator.url}/v1")
    return OpenAI(settings, meter=meter, clock=clock, source=source)


CASE = Case(
    simulate=lambda clock: OpenAISimulator(clock, page=2, repeat=True),
    empty=lambda clock: OpenAISimulator(clock, lines=lambda _: ()),
    provider=adapter,
    stranger=lambda simulator, meter, clock: adapter(simulator, meter, clock, STRANGER),
    secrets=(ADMIN_KEY, STRANGER),
    throttled=THROTTLED,
    forbidden=failure(403, "You have insufficient permissions for this operation. Missing scopes: api.usage.read."),
    permission="api.usage.read",
    cursor_lost=failure(400, "Invalid page"),
    paged=lambda request: "page" in request.query,
    restate=lambda simulator, day: simulator.restate(day),
    vanish=lambda simulator, day: simulator.vanish(day, bill.VISION),
    module="bot.providers.openai",
    sdk=("httpx", "openai", "genai_prices"),
)
