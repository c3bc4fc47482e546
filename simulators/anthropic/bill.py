"""What Lumen Robotics uses of Claude, and what it costs: a pure function of the day.

The story: since 9 November 2026 everyone uses Claude Code, and the bill doubles. Beside it: an assistant, a pipeline
that reads long documents at night, a workbench without a key, web searches and code execution. Amounts are in cents,
as Anthropic tells them, after a discount of 5 %.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from simulators.company import FIRST, level

ORGANIZATION = ("8d1a2f0c-5b7e-4f3a-9c61-lumenrobotics", "Lumen Robotics")
DEFAULT, ASSISTANT, DOCS, CODE = "wrkspc_default01", "wrkspc_assistant", "wrkspc_docs01", "wrkspc_code01"
WORKSPACES = {DEFAULT: "Default", ASSISTANT: "Assistant", DOCS: "Docs Pipeline", CODE: "Claude Code"}
USERS = {
    "user_amara": ("Amara Obi", "amara@lumen.example"),
    "user_jonas": ("Jonas Weber", "jonas@lumen.example"),
    "user_mei": ("Mei Lin", "mei@lumen.example"),
    "user_priya": ("Priya Nair", "priya@lumen.example"),
    "user_tomas": ("Tomás Silva", "tomas@lumen.example"),
}
KEYS = {
    "apikey_assistant": ("assistant-prod", ASSISTANT),
    "apikey_staging": ("assistant-staging", ASSISTANT),
    "apikey_docs": ("docs-batch", DOCS),
    **{f"apikey_code_{user}": (f"claude_code_key_{user}", CODE) for user in USERS},
}
DOUBLES = date(2026, 11, 9)
DISCOUNTED = Decimal("0.95")

OPUS, SONNET, HAIKU = "claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5"
INPUT, READ, OUTPUT = "uncached_input_tokens", "cache_read_input_tokens", "output_tokens"
WRITE, WRITE_HOUR = "cache_creation.ephemeral_5m_input_tokens", "cache_creation.ephemeral_1h_input_tokens"
PRICES: dict[str, dict[str, Decimal]] = {
    model: {kind: Decimal(price).scaleb(-4) for kind, price in zip(kinds, prices.split(), strict=True)}
    for kinds in [(INPUT, READ, WRITE, WRITE_HOUR, OUTPUT)]
    for model, prices in {OPUS: "5 0.5 6.25 10 25", SONNET: "2 0.2 2.5 4 10", HAIKU: "1 0.1 1.25 2 5"}.items()
}
"""List prices in cents a token."""
LONG = Decimal(2)
"""How many times as dear a token is in a long context."""

_MIXES = {
    "chat": {INPUT: 0.38, READ: 0.06, WRITE: 0.08, OUTPUT: 0.48},
    "read": {INPUT: 0.7, WRITE_HOUR: 0.05, OUTPUT: 0.25},
    "code": {INPUT: 0.14, READ: 0.38, WRITE: 0.2, OUTPUT: 0.28},
}
_TOKENS_A_REQUEST = 2_000


@dataclass(frozen=True, slots=True)
class Line:
    """What one key and person cost on one day with one kind of token of one model."""

    day: date
    workspace: str
    key: str | None
    user: str | None
    model: str | None
    cost_type: str
    token_type: str | None
    list_cents: Decimal
    tokens: int = 0
    requests: int = 0
    context: str | None = None

    @property
    def cents(self) -> Decimal:
        """What is billed."""
        return self.list_cents * DISCOUNTED

    @property
    def product(self) -> str | None:
        """The surface it was used through; code execution has none (``BetaAnalyticsCostMetrics.requests``)."""
        if not self.token_type:
            return None
        return "claude_code" if self.workspace == CODE else "other"

    @property
    def service_tier(self) -> str | None:
        """Documents are read in batches; what is no token has no tier (``BetaAnalyticsCostGroup.service_tier``)."""
        if not self.token_type:
            return None
        return "batch" if self.key == "apikey_docs" else "standard"

    @property
    def speed(self) -> str | None:
        """Nobody paid for the fast mode."""
        return "standard" if self.token_type else None

    @property
    def inference_geo(self) -> str | None:
        """Nobody asked for a region."""
        return "global" if self.token_type else None


@dataclass(frozen=True)
class _App:
    workspace: str
    key: str | None
    user: str | None
    model: str
    mix: str
    base: float
    growth: float = 0.02
    weekend: float = 0.6
    long: bool = False


_APPS = (
    _App(ASSISTANT, "apikey_assistant", None, OPUS, "chat", 17, 0.02),
    _App(ASSISTANT, "apikey_assistant", None, HAIKU, "chat", 6, 0.02),
    _App(ASSISTANT, "apikey_staging", None, HAIKU, "chat", 1.5, 0, 0.1),
    _App(DOCS, "apikey_docs", None, SONNET, "read", 9, 0.01, 0.9),
    _App(DOCS, "apikey_docs", None, SONNET, "read", 5, 0.01, 0.9, long=True),
    _App(DEFAULT, None, "user_priya", OPUS, "chat", 1.8, 0, 0.0),
)
_CODERS = {"user_amara": 1.4, "user_jonas": 1.0, "user_mei": 0.7, "user_priya": 1.2, "user_tomas": 0.9}
"""How much of Claude Code each uses."""
_PIONEERS = ("user_amara", "user_priya")
"""Who used it, a little, before everyone did."""


@lru_cache(maxsize=1024)
def lines(day: date) -> tuple[Line, ...]:
    """The bill of a whole day, every line to the last digit; empty before the company's first."""
    if day < FIRST:
        return ()
    return tuple(line for app in (*_APPS, *_coding(day)) for line in _tokens(app, day)) + tuple(_tools(day))


def _coding(day: date) -> Iterator[_App]:
    everyone = day >= DOUBLES
    for user, share in _CODERS.items():
        if everyone or user in _PIONEERS:
            base = 14.0 if everyone else 1.8
            yield _App(CODE, f"apikey_code_{user}", user, OPUS, "code", base * share, 0, 0.25)


def _tokens(app: _App, day: date) -> Iterator[Line]:
    key = ("anthropic", app.workspace, app.key, app.model, app.long)
    dollars = level(day, key, base=app.base, growth=app.growth, weekend=app.weekend) / float(DISCOUNTED)
    for kind, share in _MIXES[app.mix].items():
        price = PRICES[app.model][kind] * (LONG if app.long else 1)
        tokens = int(dollars * 100 * share / float(price))
        if not tokens:
            continue
        yield Line(
            day,
            app.workspace,
            app.key,
            app.user,
            app.model,
            "tokens",
            kind,
            price * tokens,
            tokens,
            requests=tokens // _TOKENS_A_REQUEST + 1 if kind == OUTPUT else 0,
            context="200k-1M" if app.long else "0-200k",
        )


def _tools(day: date) -> Iterator[Line]:
    searches = int(level(day, "claude searches", base=90, growth=0.02))
    yield Line(day, ASSISTANT, "apikey_assistant", None, None, "web_search", None, Decimal(searches))
    hours = int(level(day, "claude sandboxes", base=8))
    yield Line(day, ASSISTANT, "apikey_assistant", None, None, "code_execution", None, hours * Decimal(5))
