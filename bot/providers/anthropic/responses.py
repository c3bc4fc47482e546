"""What Anthropic's analytics, reports and management APIs reply, as far as it is used."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from bot.providers._http import VendorModel, exact, no_bool

_WIDE = Context(prec=400)


def _dollars(cents: Decimal) -> Decimal:
    return exact(cents.scaleb(-2, _WIDE))


def _utc_day(start: datetime) -> date:
    return start.astimezone(UTC).date()


Cents = Annotated[Decimal, BeforeValidator(no_bool), AfterValidator(_dollars)]
"""Fractional cents on the wire, exact dollars from here on: the one place where they are divided."""
Day = Annotated[AwareDatetime, AfterValidator(_utc_day)]
"""The day that a bucket starts."""


def _none_is_zero(value: object) -> object:
    return 0 if value is None else no_bool(value)


Count = Annotated[int, BeforeValidator(_none_is_zero)]
"""How many; null counts none."""
Currency = Annotated[str, Field(pattern="^[A-Za-z]{3}$")]


class Actor(VendorModel):
    """Who made a request: a person, a service account, a federated identity or a bare API key."""

    type: str = ""
    user_id: str | None = None
    email_address: str | None = None
    api_key_id: str | None = None
    name: str | None = None
    subject: str | None = None
    service_account_id: str | None = None

    @property
    def identity(self) -> str:
        """What tells this person or account from all others."""
        identities = (self.user_id, self.service_account_id, self.email_address, self.subject)
        return next((identity for identity in identities if identity), "")


class AnalyticsGroup(VendorModel):
    """What a row of the analytics belongs to; None where it was not told apart."""

    workspace_id: str | None = None
    api_key_id: str | None = None
    actor: Actor | None = None
    model: str | None = None
    cost_type: str | None = None
    token_type: str | None = None
    product: str | None = None
    service_tier: str | None = None
    speed: str | None = None
    context_window: str | None = None
    inference_geo: str | None = None


class _Cost(VendorModel):
    amount: Cents
    list_amount: Cents | None = None
    currency: Currency


class CacheCreation(VendorModel):
    """Tokens written to the cache, by how long they are kept."""

    ephemeral_5m_input_tokens: Count = 0
    ephemeral_1h_input_tokens: Count = 0


class TokenCounts(VendorModel):
    """What was metered."""

    uncached_input_tokens: Count = 0
    cache_read_input_tokens: Count = 0
    cache_creation: CacheCreation | None = None
    output_tokens: Count = 0
    requests: int | None = None

    def metered(self) -> dict[str, int]:
        """By Anthropic's own word for the token type, as bills have it."""
        created = self.cache_creation or CacheCreation()
        kinds = {
            "uncached_input_tokens": self.uncached_input_tokens,
            "cache_read_input_tokens": self.cache_read_input_tokens,
            "cache_creation.ephemeral_5m_input_tokens": created.ephemeral_5m_input_tokens,
            "cache_creation.ephemeral_1h_input_tokens": created.ephemeral_1h_input_tokens,
            "output_tokens": self.output_tokens,
        }
        return {kind: amount for kind, amount in kinds.items() if amount}


class AnalyticsCost(VendorModel):
    """A row of /analytics/cost."""

    starting_at: Day
    group: AnalyticsGroup
    cost: _Cost


class AnalyticsUsage(VendorModel):
    """A row of /analytics/usage."""

    starting_at: Day
    group: AnalyticsGroup
    usage: TokenCounts


class AnalyticsPage(VendorModel):
    """A page of rows of either; when the data was last refreshed."""

    data: list[dict[str, object]]
    data_refreshed_at: AwareDatetime | None = None


class Where(VendorModel):
    """What rows of the older reports have in common: a bill and a meter agree where all of it agrees."""

    workspace_id: str | None = None
    model: str | None = None
    service_tier: str | None = None
    context_window: str | None = None
    inference_geo: str | None = None

    @property
    def account(self) -> str:
        """Everything but the model, as one word."""
        parts = (self.workspace_id, self.service_tier, self.context_window, self.inference_geo)
        return "|".join(part or "" for part in parts)


class ReportCost(Where):
    """A row of /cost_report."""

    amount: Cents
    currency: Currency
    cost_type: str | None = None
    token_type: str | None = None
    description: str | None = None


class ReportUsage(Where, TokenCounts):
    """A row of /usage_report/messages."""

    api_key_id: str | None = None
    account_id: str | None = None


class ReportDay(VendorModel):
    """One day of a report."""

    starting_at: Day
    results: list[dict[str, object]]


class ReportPage(VendorModel):
    """A page of days."""

    data: list[ReportDay]


class _CodeTokens(VendorModel):
    input: Count = 0
    output: Count = 0
    cache_read: Count = 0
    cache_creation: Count = 0

    def metered(self) -> dict[str, int]:
        """By token type."""
        kinds = {
            "input": self.input,
            "cached_input": self.cache_read,
            "cache_write": self.cache_creation,
            "output": self.output,
        }
        return {kind: amount for kind, amount in kinds.items() if amount}


class _CodeModel(VendorModel):
    model: str
    tokens: _CodeTokens | None = None


class ClaudeCode(VendorModel):
    """What one person did with Claude Code on one day."""

    actor: Actor
    customer_type: str | None = "api"
    model_breakdown: tuple[_CodeModel, ...] | None = None


class CodePage(VendorModel):
    """A page of them."""

    data: list[ClaudeCode]


class NamedResource(VendorModel):
    """A workspace, an API key, a user, or the organization."""

    id: str
    name: str | None = None
    email: str | None = None
