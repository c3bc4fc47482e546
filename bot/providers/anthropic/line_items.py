"""A line of Anthropic's bill, whichever API told it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from bot.domain.charge import NOTHING

KINDS = {
    "uncached_input_tokens": "input",
    "cache_read_input_tokens": "cached_input",
    "cache_creation.ephemeral_5m_input_tokens": "cache_write",
    "cache_creation.ephemeral_1h_input_tokens": "cache_write",
    "output_tokens": "output",
}
"""Anthropic's words for token types, in ours; any other stays as it is."""

_PRICED = {
    **{word: kind.replace("_", " ") for word, kind in KINDS.items()},
    "cache_creation.ephemeral_5m_input_tokens": "5m cache write",
    "cache_creation.ephemeral_1h_input_tokens": "1h cache write",
}


@dataclass(frozen=True)
class LineItem:
    """What was billed (``cost``, in dollars) and metered on a day; ``owner`` is a name, ``""`` for none.

    ``unit`` is ``""`` where nothing was metered at the grain of the bill.
    """

    day: date
    workspace: str | None
    model: str
    sku: str
    cost: Decimal
    currency: str = "USD"
    list_cost: Decimal | None = None
    token_type: str = ""
    description: str = ""
    account: str = ""
    """Within the workspace, at which tier and the like: where its usage was metered."""
    owner: str = ""
    quantity: Decimal = Decimal(0)
    unit: str = ""
    estimate: str = ""
    tags: Mapping[str, str] = field(default_factory=lambda: NOTHING)


def sku(model: str | None, cost_type: str | None, token_type: str | None, description: str | None = None) -> str:
    """One name for what is priced alike, the same from both APIs: ``"claude-opus-5, 5m cache write"``."""
    named = _PRICED.get(token_type, token_type) if token_type else (cost_type or "").replace("_", " ")
    if not named or named == "tokens":
        named = description or named
    return f"{model}, {named}" if model and named != description else named


def requests(  # noqa: PLR0913 - a line has this many sides
    day: date, workspace: str | None, model: str | None, count: int, owner: str, tags: Mapping[str, str]
) -> LineItem:
    """How often a model was asked: a quantity that costs nothing of its own."""
    return LineItem(
        day=day,
        workspace=workspace,
        model=model or "",
        sku="requests",
        cost=Decimal(0),
        owner=owner,
        quantity=Decimal(count),
        unit="Requests",
        tags=tags,
    )
