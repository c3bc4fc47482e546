"""Exchange rates and list prices that kept libraries ship: no network, no key, loaded when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, localcontext
from functools import cache, lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from bot.domain.prices import Price, Tiers

if TYPE_CHECKING:
    from currency_converter import CurrencyConverter

_DIGITS = 60
_CLOSED = 10
"""Banks are never closed for longer."""
_TOKEN_TYPES = {
    "input_mtok": "input",
    "cache_read_mtok": "cached_input",
    "cache_write_mtok": "cache_write",
    "output_mtok": "output",
}
_MILLION = 1_000_000
_MAKERS = ("anthropic", "openai", "google", "mistral", "x-ai", "deepseek", "cohere", "perplexity", "moonshotai")
"""Whose models may be asked for by name alone, the library's ids: others resell these."""


def ecb_source() -> str:
    """Whose rates they are, and by which library."""
    return f"European Central Bank, CurrencyConverter {version('currencyconverter')}"


@lru_cache(maxsize=4096)
def ecb(day: date, currency: str, to: str) -> tuple[Decimal, date] | None:
    """The European Central Bank's reference rate of a day, and the day that rate is of.

    A day without one takes the last before it; a day after the library's last takes the library's last. None
    where either currency has none (any more).
    """
    from currency_converter import RateNotFoundError  # only when asked for

    rates = _rates()
    if not {currency, to} <= rates.currencies:
        return None
    ends = min(rates.bounds[code].last_date for code in (currency, to))
    latest = max(bounds.last_date for bounds in rates.bounds.values())
    if day > ends and latest - ends > timedelta(days=_CLOSED):
        return None
    start = min(day, ends)
    for back in range(_CLOSED):
        rate_day = start - timedelta(days=back)
        try:
            with localcontext(prec=_DIGITS):
                return rates.convert(Decimal(1), currency, to, date=rate_day), rate_day
        except RateNotFoundError:
            continue
    return None


@cache
def _rates() -> CurrencyConverter:
    from currency_converter import CurrencyConverter  # loads for a fifth of a second

    return CurrencyConverter(decimal=True)


def list_prices(model: str, day: date, provider: str | None = None) -> tuple[Price, ...]:
    """A model's list prices per million tokens on a day; none where the library does not know the model.

    ``provider`` is the library's id (``openai``, ``anthropic``, ``google``, ``aws``); without it the model's
    own name decides.
    """
    from genai_prices.data_snapshot import get_snapshot  # loads for most of a second

    try:
        _, found = get_snapshot().find_provider_model(model, None, provider, None)
    except LookupError:
        return ()
    listed = found.get_prices(datetime.combine(day, time.min, UTC))
    source = f"genai-prices {version('genai-prices')}"
    return tuple(
        Price(
            what={"x_Model": found.id, "x_TokenType": word},
            kind="list",
            currency="USD",
            amount=Decimal(getattr(price, "base", price)),
            unit="Tokens",
            source=source,
            as_of=day,
            per=_MILLION,
            note=_tiers(price),
        )
        for name, word in _TOKEN_TYPES.items()
        if (price := getattr(listed, name, None)) is not None
    )


@cache
def models() -> Mapping[str, str]:
    """Every model whose maker's list prices are known: its id, by id and by name."""
    from genai_prices.data_snapshot import get_snapshot  # loads for a third of a second

    makers = {provider.id: provider for provider in get_snapshot().providers}
    found: dict[str, str] = {}
    for maker in _MAKERS:
        for model in makers[maker].models if maker in makers else ():
            found.setdefault(model.id, model.id)
            found.setdefault(model.name or model.id, model.id)
    return found


def _tiers(price: object) -> Tiers | None:
    """What changes with the length of a prompt."""
    tiers = tuple((tier.price, tier.start) for tier in getattr(price, "tiers", ()))
    return Tiers(tiers) if tiers else None
