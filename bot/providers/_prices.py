"""List prices of language models, from the catalogue that genai-prices bundles; no network.

No provider: used by adapters only to weigh usage when a bill is split, never to make an amount.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from bot.analytics.allocation import Price

_KINDS: dict[str, dict[str, int]] = {
    "input": {"input_tokens": 1000},
    "cached_input": {"input_tokens": 1000, "cache_read_tokens": 1000},
    "cache_write": {"input_tokens": 1000, "cache_write_tokens": 1000},
    "output": {"output_tokens": 1000},
}
"""A thousand of each token type as the catalogue counts: its input includes what was cached."""


def list_prices(vendor: str) -> Price:
    """From model and token type, the vendor's list price of a thousand tokens; None where it has none."""

    @cache
    def price(model: str, kind: str) -> Decimal | None:
        from genai_prices import Usage, calc_price  # loads its catalogue

        counted: dict[str, Any] = _KINDS.get(kind, {})
        if not counted:
            return None
        try:
            return calc_price(Usage(**counted), model_ref=model, provider_id=vendor).total_price
        except LookupError:
            return None

    return price
