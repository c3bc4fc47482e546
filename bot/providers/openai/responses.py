"""What OpenAI's Costs, Usage and management APIs reply, as far as it is used."""

from __future__ import annotations

from pydantic import Field

from bot.providers._http import Amount, Told


class Money(Told):
    """An amount in dollars or, by the shape of it, any currency."""

    value: Amount
    currency: str = Field(pattern="^[A-Za-z]{3}$")


class Owned(Told):
    """What a row of costs or usage belongs to; None where it is not told apart."""

    project_id: str | None = None
    user_id: str | None = None
    api_key_id: str | None = None


class Cost(Owned):
    """A row of the Costs API."""

    amount: Money
    line_item: str | None = None
    quantity: Amount | None = None
    quantity_unit: str | None = None
    organization_id: str | None = None
    organization_name: str | None = None


class Usage(Owned):
    """A row of any endpoint of the Usage API."""

    model: str | None = None
    input_tokens: int = 0
    input_cached_tokens: int | None = None
    input_cache_write_tokens: int | None = None
    output_tokens: int | None = None
    images: int | None = None
    characters: int | None = None
    seconds: int | None = None
    num_model_requests: int | None = None

    def metered(self) -> dict[str, int]:
        """By token type (or the word of another measure); ``input`` without what the cache held or took."""
        cached, written = self.input_cached_tokens or 0, self.input_cache_write_tokens or 0
        measures = {
            "input": self.input_tokens - cached - written,
            "cached_input": cached,
            "cache_write": written,
            "output": self.output_tokens,
            "images": self.images,
            "characters": self.characters,
            "seconds": self.seconds,
        }
        return {kind: amount for kind, amount in measures.items() if amount}


class Bucket(Told):
    """One day of a report."""

    start_time: int = Field(ge=0, lt=2**33)
    results: list[dict[str, object]]


class Page(Told):
    """A page of a report."""

    data: list[Bucket]


class Named(Told):
    """A project, an API key or a user."""

    id: str
    name: str | None = None
    email: str | None = None
