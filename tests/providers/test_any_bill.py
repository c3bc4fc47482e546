"""Whatever OpenAI and Anthropic bill, every feed adds up to it: bills made at random."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from wires import Counter, sums

from bot.domain.period import Period
from bot.providers.anthropic import Anthropic, AnthropicSettings
from bot.providers.openai import OpenAI, OpenAISettings
from simulators.anthropic import bill as anthropic_bill
from simulators.anthropic import server as claude
from simulators.company import NOW
from simulators.openai import bill as openai_bill
from simulators.openai import server

DAY = timedelta(days=1)
DAYS = Period(start=date(2026, 10, 30), end=date(2026, 11, 3))
QUICK = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # to shrink a bill takes minutes and explains little
    suppress_health_check=[HealthCheck.too_slow],
)
AMOUNTS = st.decimals(min_value=-(10**6), max_value=10**6, places=14)
CENTS = st.decimals(min_value=-(10**6), max_value=10**6, places=12)
TOKENS = st.integers(min_value=0, max_value=10**9)


def maybe(*values):
    """One of these, or none."""
    return st.sampled_from((None, *values))


OPENAI_LINES = st.builds(
    openai_bill.Line,
    day=st.sampled_from(list(DAYS)),
    project=maybe(openai_bill.CHAT, "proj_deleted"),
    key=maybe("key_chatprod", "key_deleted"),
    user=maybe("user-amara", "user-gone"),
    model=maybe(openai_bill.NEW, openai_bill.SPEECH, "gpt-9-nova"),
    kind=st.sampled_from(["input", "output", "cached input", ""]),
    item=st.sampled_from(["gpt-5, input", "gpt-5, output", "gpt-9-nova", "Promotional credit", "a, b | c", ""]),
    amount=AMOUNTS,
    quantity=TOKENS,
    unit=maybe("tokens", "1000_tokens", "images"),
    requests=TOKENS,
)
CLAUDE_LINES = st.builds(
    anthropic_bill.Line,
    day=st.sampled_from(list(DAYS)),
    workspace=st.sampled_from([anthropic_bill.DEFAULT, anthropic_bill.CODE, "wrkspc_deleted"]),
    key=maybe("apikey_docs", "apikey_deleted"),
    user=maybe("user_amara", "user_mei"),
    model=maybe(anthropic_bill.OPUS, "claude-nova-9"),
    cost_type=st.sampled_from(["tokens", "web_search", "session_usage"]),
    token_type=maybe(anthropic_bill.INPUT, anthropic_bill.OUTPUT, anthropic_bill.WRITE_HOUR, "dream_tokens"),
    list_cents=CENTS,
    tokens=TOKENS,
    requests=TOKENS,
    context=maybe("0-200k", "200k-1M"),
)


def adds_up(sim, provider):
    """Every feed comes to the bill of every day."""
    truth = {
        (day,): amount for day in DAYS if (amount := sim.truth(Period(start=day, end=day + DAY)).get("USD", Decimal(0)))
    }
    for feed in provider.feeds():
        assert sums(provider.charges(feed, DAYS), "day") == truth, feed.name


def clock():
    """The instant of every request."""
    return NOW


def on(lines, day):
    """The bill of a day."""
    return [line for line in lines if line.day == day]


@QUICK
@given(st.lists(OPENAI_LINES, max_size=12), st.integers(1, 4), st.booleans(), st.booleans())
def test_any_bill_of_openai(lines, page, repeat, tells_users):
    """Any projects, keys, users, signs and units, on pages of any size: nothing is lost, nothing made up."""
    of = partial(on, lines)
    with server.OpenAISimulator(clock, page=page, repeat=repeat, tells_users=tells_users, lines=of) as sim:
        result = OpenAISettings(admin_key=server.ADMIN_KEY, base_url=f"{sim.url}/v1")
        adds_up(sim, OpenAI(result, meter=Counter(), clock=clock))


@QUICK
@given(st.lists(CLAUDE_LINES, max_size=12), st.integers(1, 4), st.booleans())
def test_any_bill_of_anthropic(lines, page, analytics):
    """Any workspaces, keys, people, signs and token types, from either series: the same holds."""
    with claude.AnthropicSimulator(clock, page=page, analytics=analytics, lines=partial(on, lines)) as sim:
        result = AnthropicSettings(admin_key=claude.ADMIN_KEY, base_url=sim.url)
        adds_up(sim, Anthropic(result, meter=Counter(), clock=clock))
