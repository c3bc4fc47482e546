"""What may be set for Google Cloud."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

TABLE = re.compile(r"[a-z0-9.:-]+\.[A-Za-z0-9_]+\.[A-Za-z0-9_-]+")


def _table(name: str) -> str:
    """``project.dataset.table``, also written ``project:dataset.table`` or in backticks."""
    plain = name.strip().strip("`")
    if TABLE.fullmatch(plain) is None and (legacy := re.fullmatch(r"([^:]+):([^:]+)", plain)):
        plain = f"{legacy[1]}.{legacy[2]}"
    if TABLE.fullmatch(plain) is None:
        raise ValueError("must be project.dataset.table, as on the billing export settings page")
    return plain


def _table_or_none(name: str) -> str:
    return _table(name) if name.strip() else ""


def _env(name: str) -> dict[str, Any]:
    return {"env": name}


class GcpSettings(BaseModel):
    """One billing account's export, and how it may be read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    billing_table: Annotated[str, AfterValidator(_table)] = Field(
        description="The billing export in BigQuery, `project.dataset.table`: detailed (best), standard or FOCUS.",
        json_schema_extra=_env("GCP_BILLING_TABLE"),
    )
    recommendations_table: Annotated[str, AfterValidator(_table_or_none)] = Field(
        default="",
        description="What Google recommends: Recommender's export, `project.dataset.recommendations_export`.",
        json_schema_extra=_env("GCP_RECOMMENDATIONS_TABLE"),
    )
    job_project: str = Field(
        default="",
        description="The project that runs and pays for the queries; by default the table's project.",
        json_schema_extra=_env("GCP_JOB_PROJECT"),
    )
    credentials_file: str = Field(
        default="",
        description="JSON file of a service account or workload identity; by default, application default credentials.",
        json_schema_extra=_env("GOOGLE_APPLICATION_CREDENTIALS"),
    )
    emulator_host: str = Field(
        default="",
        description="A BigQuery emulator, with its scheme; anonymous if no credentials are found.",
        json_schema_extra=_env("BIGQUERY_EMULATOR_HOST"),
    )
    api_endpoint: str = Field(
        default="",
        description="Base URL for the Cloud Billing and Budget APIs (tests, the demo, a proxy).",
        json_schema_extra=_env("GCP_API_ENDPOINT"),
    )
    query_limit: int = Field(
        default=200 * 2**30,
        gt=0,
        description="The most bytes a query may read; BigQuery refuses larger queries.",
        json_schema_extra=_env("GCP_QUERY_LIMIT_BYTES"),
    )
    page_size: int = Field(
        default=20_000,
        gt=0,
        description="Rows per page of results.",
        json_schema_extra=_env("GCP_PAGE_SIZE"),
    )
    project_labels: bool = Field(
        default=False,
        description="Whether to use a project's labels for resources that lack the label.",
        json_schema_extra=_env("GCP_PROJECT_LABELS"),
    )

    @property
    def project(self) -> str:
        """The project that runs the queries."""
        return self.job_project or self.billing_table.rsplit(".", 2)[0]

    @property
    def dataset(self) -> str:
        """``project.dataset``."""
        return self.billing_table.rsplit(".", 1)[0]
