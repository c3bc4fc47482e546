"""What must be known to ask OpenAI."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class OpenAISettings(BaseModel):
    """How to ask OpenAI for an organization's costs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    admin_key: SecretStr = Field(
        description="An admin key of the organization (sk-admin-…); two, separated by a comma, while rotating.",
        json_schema_extra={"env": "OPENAI_ADMIN_KEY"},
    )
    base_url: str = Field(
        default="https://api.openai.com/v1",
        description="Base URL of the OpenAI API, ending in /v1, for a proxy or simulator.",
        json_schema_extra={"env": "OPENAI_BASE_URL"},
    )
    timeout: float = Field(
        default=60,
        gt=0,
        description="How many seconds to wait for a reply from OpenAI.",
        json_schema_extra={"env": "OPENAI_TIMEOUT"},
    )
