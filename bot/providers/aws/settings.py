"""What may be set about one AWS payer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class AwsSettings(BaseModel):
    """What may be set about one AWS payer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: str = Field(
        default="",
        description="Named profile in the shared AWS configuration. If empty, the default credential chain decides "
        "(AWS_PROFILE, AWS_ACCESS_KEY_ID …).",
    )
    role_arn: str = Field(
        default="",
        description="Role in the payer's account that the bot assumes to read costs.",
        json_schema_extra={"env": "AWS_ROLE_ARN_BILLING"},
    )
    external_id: str = Field(
        default="",
        description="External ID that the role's trust policy requires.",
        json_schema_extra={"env": "AWS_EXTERNAL_ID_BILLING"},
    )
    region: str = Field(
        default="us-east-1",
        description="Region of Cost Explorer: us-east-1, or cn-northwest-1 for accounts in China. "
        "GovCloud accounts are billed through the commercial account linked to them.",
        json_schema_extra={"env": "AWS_BILLING_REGION"},
    )
    payer: str = Field(
        default="",
        description="Name of the payer in answers; defaults to the source's name.",
        json_schema_extra={"env": "AWS_PAYER_NAME"},
    )
    feeds: str = Field(
        default="region, usage type, purchase option, tags, models",
        description="Breakdowns to sync besides the bill itself, comma-separated; each costs a few requests. Also: "
        "model providers (Bedrock by provider and feature).",
        json_schema_extra={"env": "AWS_FEEDS"},
    )
    tag_keys: str = Field(
        default="*",
        description="Cost allocation tags to break costs down by, comma-separated; * takes the first five.",
        json_schema_extra={"env": "AWS_TAG_KEYS"},
    )
    cost_categories: str = Field(
        default="",
        description="Cost categories to break costs down by, comma-separated; they are used like tags.",
        json_schema_extra={"env": "AWS_COST_CATEGORIES"},
    )
    billing_view: str = Field(
        default="",
        description="ARN of a billing view, own or shared, to read costs through instead of the whole bill.",
        json_schema_extra={"env": "AWS_BILLING_VIEW"},
    )
    data_export: str = Field(
        default="",
        description="A data export (FOCUS or CUR 2.0): s3://bucket/prefix/export-name. It has resources and all tags, "
        "and needs no Cost Explorer requests.",
        json_schema_extra={"env": "AWS_DATA_EXPORT"},
    )
    export_region: str = Field(
        default="",
        description="The region of the data export's bucket, if it differs.",
        json_schema_extra={"env": "AWS_DATA_EXPORT_REGION"},
    )
    cost_explorer: bool = Field(
        default=True,
        description="Whether to use Cost Explorer; if off, only the data export is used.",
        json_schema_extra={"env": "AWS_COST_EXPLORER"},
    )
    attempts: int = Field(
        default=5,
        ge=1,
        description="How many times a request is tried before it fails.",
        json_schema_extra={"env": "AWS_MAX_ATTEMPTS"},
    )
    endpoint_url: str = Field(
        default="",
        description="Base URL for every AWS service used (tests, the demo, a proxy); without it, boto3 uses "
        "AWS_ENDPOINT_URL_COST_EXPLORER and similar variables.",
    )

    @property
    def asks_for_all(self) -> bool:
        """Whether the whole bill is asked about: only then does what AWS tells of whole accounts belong to it."""
        return self.cost_explorer and not self.billing_view
