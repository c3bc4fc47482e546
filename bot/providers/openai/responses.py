"""What OpenAI's Costs, Usage and management APIs reply, as far as it is used."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from bot.providers._http import Amount, VendorModel


class CostAmount(VendorModel):
    """An amount in dollars or, by the shape of it, any currency; every part of it may be null, as in the SDK."""

    value: Amount | None = None
    currency: Annotated[str, Field(pattern="^([A-Za-z]{3})?$")] | None = None


class Owned(VendorModel):
    """What a row of costs or usage belongs to; None where it is not told apart."""

    project_id: str | None = None
    user_id: str | None = None
    api_key_id: str | None = None
    api_source: str | None = None


class Cost(Owned):
    """A row of the Costs API."""

    amount: CostAmount | None = None
    line_item: str | None = None
    quantity: Amount | None = None
    quantity_unit: str | None = None
    organization_id: str | None = None
    organization_name: str | None = None

    @property
    def value(self) -> Decimal:
        """Dollars; 0 where OpenAI left the amount out, which whoever pulls has to say."""
        return (self.amount and self.amount.value) or Decimal(0)

    @property
    def currency(self) -> str:
        """OpenAI bills in dollars alone ("Currently, only ``USD`` is supported")."""
        return ((self.amount and self.amount.currency) or "USD").upper()

    @property
    def has_nulls(self) -> bool:
        """Whether there is a row and no amount in it."""
        return self.amount is None or self.amount.value is None


class UsageRow(Owned):
    """A row of any endpoint of the Usage API."""

    model: str | None = None
    input_tokens: int | None = None
    input_cached_tokens: int | None = None
    input_cache_write_tokens: int | None = None
    output_tokens: int | None = None
    images: int | None = None
    characters: int | None = None
    seconds: int | None = None
    num_model_requests: int | None = None
    num_requests: int | None = None
    num_sessions: int | None = None
    service_tier: str | None = None
    batch: bool | None = None

    @property
    def tier(self) -> str:
        """The service tier; "batch" for what was asked in a batch, ``""`` where neither is told apart."""
        return "batch" if self.batch else self.service_tier or ""

    def metered(self) -> dict[str, int]:
        """By token type (or the word of another measure); ``input`` without what the cache held or took."""
        cached, written = self.input_cached_tokens or 0, self.input_cache_write_tokens or 0
        measures = {
            "input": (self.input_tokens or 0) - cached - written,
            "cached_input": cached,
            "cache_write": written,
            "output": self.output_tokens,
            "images": self.images,
            "characters": self.characters,
            "seconds": self.seconds,
        }
        return {kind: amount for kind, amount in measures.items() if amount}


class PageDay(VendorModel):
    """One day of a report."""

    start_time: int = Field(ge=0, lt=2**33)
    results: list[dict[str, object]]


class Page(VendorModel):
    """A page of a report."""

    data: list[PageDay]


class _User(VendorModel):
    name: str | None = None
    email: str | None = None


class NamedItem(VendorModel):
    """A project, an API key or a user, whose name and address may be nested (``OrganizationUser.user``)."""

    id: str
    name: str | None = None
    email: str | None = None
    user: _User | None = None

    @property
    def known_as(self) -> str:
        """The name, ``""`` where there is none."""
        return self.name or (self.user.name if self.user else None) or ""

    @property
    def address(self) -> str:
        """The e-mail address, ``""`` where there is none."""
        return self.email or (self.user.email if self.user else None) or ""
