"""What Lumen Robotics uses of OpenAI, and what it costs: a pure function of the day.

The story: ``gpt-5`` takes over from ``gpt-4o`` during October 2026, and the same work costs less. Beside it: a
pilot that ended in February 2026, weekends, growth, a playground used without a key, one promotional credit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from simulators.company import FIRST, chance, level

ORGANIZATION = ("org-lumenrobotics", "Lumen Robotics")
CHAT, SEARCH, VISION, PILOT = "proj_chatapp", "proj_search", "proj_robotvision", "proj_supportpilot"
PROJECTS = {CHAT: "Chat App", SEARCH: "Search", VISION: "Robot Vision", PILOT: "Support Pilot"}
PILOT_ENDED = date(2026, 3, 1)
KEYS = {
    "key_chatprod": ("chat-prod", CHAT),
    "key_chatstaging": ("chat-staging", CHAT),
    "key_searchprod": ("search-prod", SEARCH),
    "key_visionprod": ("vision-prod", VISION),
    "key_visionlabel": ("vision-labelling", VISION),
    "key_pilot": ("support-pilot", PILOT),
}
USERS = {
    "user-amara": ("Amara Obi", "amara@lumen.example"),
    "user-jonas": ("Jonas Weber", "jonas@lumen.example"),
    "user-mei": ("Mei Lin", "mei@lumen.example"),
    "user-priya": ("Priya Nair", "priya@lumen.example"),
    "user-tomas": ("Tomás Silva", "tomas@lumen.example"),
}
SWITCH = (date(2026, 10, 1), date(2026, 10, 31))
"""From all gpt-4o to all gpt-5."""
CREDIT = (date(2026, 3, 2), Decimal("-25.5"))

OLD, NEW, SMALL = "gpt-4o", "gpt-5", "gpt-4o-mini"
EMBEDDING, SPEECH = "text-embedding-3-small", "whisper-1"
PRICES: dict[tuple[str, str], Decimal] = {
    (model, kind): Decimal(price).scaleb(-6)
    for model, kinds in {
        OLD: {"input": "2.5", "cached input": "1.25", "output": "10"},
        NEW: {"input": "1.25", "cached input": "0.125", "output": "10"},
        SMALL: {"input": "0.15", "cached input": "0.075", "output": "0.6"},
        EMBEDDING: {"input": "0.02"},
        SPEECH: {"": "100"},
    }.items()
    for kind, price in kinds.items()
}
_MIX = {
    OLD: {"input": 0.45, "cached input": 0.08, "output": 0.47},
    NEW: {"input": 0.40, "cached input": 0.04, "output": 0.56},
    SMALL: {"input": 0.5, "cached input": 0.1, "output": 0.4},
    EMBEDDING: {"input": 1.0},
    SPEECH: {"": 1.0},
}
SEARCHES = "web search tool calls"
_TOKENS_A_REQUEST = 4_000
_CHEAPER = 0.82
"""What the work of gpt-4o costs when gpt-5 does it."""


@dataclass(frozen=True, slots=True)
class Line:
    """What one key and user cost on one day with one kind of token of one model."""

    day: date
    project: str | None
    key: str | None
    user: str | None
    model: str | None
    kind: str
    item: str
    amount: Decimal
    quantity: int
    unit: str | None
    requests: int = 0

    @property
    def batch(self) -> bool:
        """Labels are made in batches."""
        return self.key == "key_visionlabel"

    @property
    def tier(self) -> str:
        """The tier that served it."""
        return "default"

    @property
    def source(self) -> str:
        """What the Agents API asked; all else is "unlabeled" (``UsageCostsParams.group_by``)."""
        return "agents_api" if self.project == VISION and self.key == "key_visionprod" else "unlabeled"


@dataclass(frozen=True)
class _App:
    project: str
    key: str | None
    user: str
    model: str
    base: float
    growth: float = 0.01
    weekend: float = 0.6


_APPS = (
    _App(CHAT, "key_chatprod", "user-amara", NEW, 68, 0.025),
    _App(CHAT, "key_chatstaging", "user-jonas", NEW, 9, 0, 0.2),
    _App(CHAT, "key_chatprod", "user-amara", SPEECH, 6.5, 0.01),
    _App(SEARCH, "key_searchprod", "user-mei", SMALL, 17, 0.02, 0.8),
    _App(SEARCH, "key_searchprod", "user-mei", EMBEDDING, 7, 0.01, 0.8),
    _App(VISION, "key_visionprod", "user-priya", NEW, 36, 0.03, 0.7),
    _App(VISION, "key_visionlabel", "user-tomas", NEW, 14, 0.01, 0.1),
    _App(VISION, None, "user-tomas", NEW, 2.5, 0, 0.1),
    _App(PILOT, "key_pilot", "user-jonas", SMALL, 6),
)


@lru_cache(maxsize=1024)
def lines(day: date) -> tuple[Line, ...]:
    """The bill of a whole day, every line to the last digit; empty before the company's first."""
    if day < FIRST:
        return ()
    used = (line for app in _APPS for line in _used(app, day))
    return (*used, *_searches(day), *_credit(day))


def switched(day: date) -> float:
    """How much of gpt-4o's work gpt-5 has taken over, from 0 to 1."""
    start, end = SWITCH
    return min(1.0, max(0.0, (day - start).days / (end - start).days))


def _used(app: _App, day: date) -> Iterator[Line]:
    if app.project == PILOT and day >= PILOT_ENDED:
        return
    key = ("openai", app.project, app.key, app.model)
    dollars = level(day, key, base=app.base, growth=app.growth, weekend=app.weekend)
    if app.model != NEW:
        yield from _tokens(app, day, app.model, dollars)
        return
    yield from _tokens(app, day, OLD, dollars * (1 - switched(day)))
    yield from _tokens(app, day, NEW, dollars * switched(day) * _CHEAPER)


def _tokens(app: _App, day: date, model: str, dollars: float) -> Iterator[Line]:
    for kind, share in _MIX[model].items():
        price = PRICES[model, kind]
        quantity = int(dollars * share / float(price))
        if not quantity:
            continue
        counted = kind in {"output", ""} or model == EMBEDDING
        yield Line(
            day,
            app.project,
            app.key,
            app.user,
            model,
            kind,
            f"{model}, {kind}" if kind else model,
            quantity * price,
            quantity,
            "tokens" if kind else "duration_seconds",
            requests=quantity // _TOKENS_A_REQUEST + 1 if counted else 0,
        )


def _searches(day: date) -> Iterator[Line]:
    calls = int(level(day, "openai searches", base=240, growth=0.02))
    yield Line(day, CHAT, "key_chatprod", None, None, "", SEARCHES, calls * Decimal("0.01"), calls, None)


def _credit(day: date) -> Iterator[Line]:
    if day == CREDIT[0]:
        yield Line(day, None, None, None, None, "", "Promotional credit", CREDIT[1], 0, None)


def moderated(day: date) -> int:
    """Free requests to the moderation model: metered, never billed."""
    return int(2_000 + 500 * chance("moderated", day)) if day >= FIRST else 0
