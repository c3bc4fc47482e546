"""What must be known to ask Anthropic."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class AnthropicSettings(BaseModel):
    """How to ask Anthropic for an organization's costs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    admin_key: SecretStr = Field(
        description="An admin key of the organization (sk-ant-admin…), or in Claude Enterprise a key with"
        " read:analytics; two, separated by a comma, while rotating.",
        json_schema_extra={"env": "ANTHROPIC_ADMIN_KEY"},
    )
    base_url: str = Field(
        default="https://api.anthropic.com",
        description="Base URL of the Anthropic API, without /v1, for a proxy or simulator.",
        json_schema_extra={"env": "ANTHROPIC_BASE_URL"},
    )
    timeout: float = Field(
        default=60,
        gt=0,
        description="How many seconds to wait for a reply from Anthropic.",
        json_schema_extra={"env": "ANTHROPIC_TIMEOUT"},
    )
