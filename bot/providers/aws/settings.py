"""What may be set about one AWS payer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class AwsSettings(BaseModel):
    """What may be set about one AWS payer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile: str = Field(
        default="",
        description="Named profile of the shared AWS configuration; AWS's own chain (AWS_PROFILE, "
        "AWS_ACCESS_KEY_ID and so on) decides when it is empty.",
    )
    role_arn: str = Field(
        default="",
        description="Role in the payer's account that the bot assumes to read costs.",
        json_schema_extra={"env": "AWS_ROLE_ARN_BILLING"},
    )
    external_id: str = Field(
        default="",
        description="External id that the role's trust policy asks for.",
        json_schema_extra={"env": "AWS_EXTERNAL_ID_BILLING"},
    )
    region: str = Field(
        default="us-east-1",
        description="Where Cost Explorer answers: us-east-1, or cn-northwest-1 for accounts in China. "
        "GovCloud accounts are billed through the commercial account linked to them.",
        json_schema_extra={"env": "AWS_BILLING_REGION"},
    )
    payer: str = Field(
        default="",
        description="What the payer is called in answers; the source's name when it is empty.",
        json_schema_extra={"env": "AWS_PAYER_NAME"},
    )
    feeds: str = Field(
        default="region, usage type, purchase option, tags, models",
        description="Which views are pulled beside the bill itself, comma-separated; each costs a few requests.",
        json_schema_extra={"env": "AWS_FEEDS"},
    )
    tag_keys: str = Field(
        default="*",
        description="Cost allocation tags to tell apart, comma-separated; * takes the first five there are.",
        json_schema_extra={"env": "AWS_TAG_KEYS"},
    )
    cost_categories: str = Field(
        default="",
        description="Cost categories to tell apart, comma-separated; they are asked about like tags.",
        json_schema_extra={"env": "AWS_COST_CATEGORIES"},
    )
    data_export: str = Field(
        default="",
        description="Where a data export lies (FOCUS or CUR 2.0): s3://bucket/prefix/export-name. It tells resources "
        "and all tags apart, and costs no Cost Explorer requests.",
        json_schema_extra={"env": "AWS_DATA_EXPORT"},
    )
    export_region: str = Field(
        default="",
        description="The region of the data export's bucket, where it is not the one above.",
        json_schema_extra={"env": "AWS_DATA_EXPORT_REGION"},
    )
    cost_explorer: bool = Field(
        default=True,
        description="Whether Cost Explorer is asked; off, the data export is all there is.",
        json_schema_extra={"env": "AWS_COST_EXPLORER"},
    )
    attempts: int = Field(
        default=5,
        ge=1,
        description="How often one request is tried before it counts as failed.",
        json_schema_extra={"env": "AWS_MAX_ATTEMPTS"},
    )
    endpoint_url: str = Field(
        default="",
        description="Another base URL for every AWS service asked (tests, the demo, a proxy); without it "
        "boto3 heeds AWS_ENDPOINT_URL_COST_EXPLORER and its like.",
    )
